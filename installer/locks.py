"""The lock files: which there are, what they pin, and a digest that changes when they do."""

import hashlib
from enum import Enum
from pathlib import Path
from typing import Final

from installer.python_version import MINOR_MAX, MINOR_MIN

LOCK_DIRECTORY: Final = Path(__file__).resolve().parent / "requirements"
PYTHON_MINORS: Final = tuple(range(MINOR_MIN, MINOR_MAX + 1))


class LockSet(Enum):
    """What the libraries are for. The test set holds the run set."""

    RUN = "run"
    TEST = "test"


def lock_file(minor: int, lock_set: LockSet) -> Path:
    """The file for Python 3.`minor`."""
    return LOCK_DIRECTORY / f"py3{minor}-{lock_set.value}.txt"


def pinned(text: str) -> dict[str, str]:
    """Name (in lower case) to version of each library that a lock file pins."""
    versions: dict[str, str] = {}
    for line in text.splitlines():
        if line[:1].isalnum() and "==" in line:
            name, _, rest = line.partition("==")
            versions[name.lower()] = rest.split(" ")[0].split(";")[0].strip()
    return versions


def digest(path: Path) -> str:
    """A short hash of the file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
