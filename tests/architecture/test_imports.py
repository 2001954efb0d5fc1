"""The import contracts of `pyproject.toml` hold, and a module without a place breaks them."""

import os
import subprocess
import sys

from tests.architecture.source_tree import PROJECT


def test_every_contract_is_kept() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "importlinter.cli", "lint", "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
