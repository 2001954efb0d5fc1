"""Writing and flushing the history's files: these calls alone decide what a power cut leaves."""

import os
from pathlib import Path

from server.journal import storage


def write_at(path: Path, offset: int, content: bytes) -> None:
    """Write over what is at an offset of a file, which is made if it is not there. Raises OSError."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o640)
    try:
        os.lseek(file, offset, os.SEEK_SET)
        view = memoryview(content)
        while view:
            view = view[os.write(file, view) :]
    finally:
        os.close(file)


def sync(path: Path) -> None:
    """Return when the file's bytes would survive a power cut. Raises OSError."""
    file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder would survive a power cut. Raises OSError."""
    storage.sync_folder(folder)
