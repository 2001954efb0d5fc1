"""One process a data directory: an operating system lock that ends with its holder, however that ends."""

import os
import sys
from pathlib import Path

from server.journal.errors import DataDirectoryLocked, JournalUnreadable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class DirectoryLock:
    """Holds `directory/lock` until `release`. Raises DataDirectoryLocked, or JournalUnreadable without permission."""

    def __init__(self, directory: Path, name: str = "lock") -> None:
        path = directory / name
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
        except OSError as error:
            raise JournalUnreadable(f"Cannot use the data directory {directory}: {error.strerror}.") from error
        try:
            _lock(self._file)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            raise DataDirectoryLocked(
                f"Another server (process {holder or 'unknown'}) already works on {directory}; stop it first, or choose"
                " another data directory."
            ) from error
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        """Give the directory free."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, 1 << 20, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
