"""Every check of the engine, disabled, makes a scenario fail; so does every path to the book without the risk entry."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.differential
@pytest.mark.timeout(600)
def test_each_check_that_is_disabled_is_noticed() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.engine.mutations"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
