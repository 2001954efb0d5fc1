"""`python3 -m installer.relock`: writes the lock files anew from `pyproject.toml`, for each Python minor.

Rule: needs `uv` on the path, and only here; nothing else of the project does. No index address gets into a file.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from installer.locks import LOCK_DIRECTORY, PYTHON_MINORS, LockSet, lock_file

PROJECT: Final = Path(__file__).resolve().parents[1]
EXTRAS: Final = {LockSet.RUN: ("server", "workstation"), LockSet.TEST: ("server", "workstation", "test")}


def compile_lock(minor: int, lock_set: LockSet) -> None:
    """Resolves one set for Python 3.`minor` and writes its file. The test set keeps the versions of the run set."""
    target = lock_file(minor, lock_set)
    command = [
        "uv", "pip", "compile", "pyproject.toml", "--quiet", "--upgrade", "--generate-hashes", "--no-header",
        "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--no-config", "--only-binary", ":all:",
        "--python-version", f"3.{minor}", "--python-platform", "x86_64-manylinux_2_34", "--output-file", str(target),
    ]  # fmt: skip
    for extra in EXTRAS[lock_set]:
        command += ["--extra", extra]
    if lock_set is LockSet.TEST:
        command += ["--constraint", str(lock_file(minor, LockSet.RUN))]
    subprocess.run(command, check=True, cwd=PROJECT)


def main() -> int:
    """Writes all lock files. Returns the exit status."""
    if shutil.which("uv") is None:
        sys.stderr.write("This needs uv: pip install uv\n")
        return 2
    LOCK_DIRECTORY.mkdir(exist_ok=True)
    for minor in PYTHON_MINORS:
        for lock_set in LockSet:
            compile_lock(minor, lock_set)
            sys.stdout.write(f"{lock_file(minor, lock_set).relative_to(PROJECT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
