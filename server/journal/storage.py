"""Where segments lie: a small interface over named files in one directory, and the real one.

Rules: a name is a plain file name; errors are the operating system's (`OSError`) and are judged by the caller; `append`
either takes the whole content or raises, and then part of it may be there. Tests and the simulator
give another storage that fails on purpose.
"""

import os
import sys
from pathlib import Path
from typing import Final, Protocol

_BINARY: Final = getattr(os, "O_BINARY", 0)
_sync_data = getattr(os, "fdatasync", os.fsync)


def _write_there(file: int, content: bytes, offset: int) -> int:
    """`os.pwrite`, which Windows lacks; the file has one writer."""
    if sys.platform == "win32":
        os.lseek(file, offset, os.SEEK_SET)
        return os.write(file, content)
    return os.pwrite(file, content, offset)


def sync_folder(directory: Path) -> None:
    """Return when the names in a directory would survive a power cut; Windows does that on its own. Raises OSError."""
    if sys.platform == "win32":
        return
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


class Storage(Protocol):
    """Named append-only files, plus one small file that is overwritten in place (the commit mark)."""

    def names(self) -> list[str]:
        """All file names, sorted."""

    def size(self, name: str) -> int:
        """Bytes in the file; 0 if there is none."""

    def read(self, name: str, offset: int = 0, count: int = -1) -> bytes:
        """Up to `count` bytes (-1: all) from `offset` on. Raises FileNotFoundError."""

    def append(self, name: str, content: bytes) -> None:
        """Add `content` at the end; the file is made if it is not there."""

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        """Overwrite in place; the file is made and grown if need be."""

    def replace(self, name: str, content: bytes) -> None:
        """Make `content` the file, durably; whoever reads sees the old one or the new one whole."""

    def allocate(self, name: str, size: int) -> None:
        """Make a new file of `size` zeros that are on the disk; if that fails there is no such file."""

    def rename(self, name: str, new_name: str) -> None:
        """Give a file that is not open another name."""

    def truncate(self, name: str, size: int) -> None:
        """Cut the file to `size` bytes."""

    def remove(self, name: str) -> None:
        """Delete the file."""

    def sync(self, name: str) -> None:
        """Return when the file's content would survive a power cut."""

    def descriptor(self, name: str) -> int:
        """The open file to which `name` is appended, for a sync by the kernel; -1: there is `sync` alone."""

    def release(self, name: str) -> None:
        """Let go of a file that will not be appended to again; unknown names are ignored."""

    def sync_names(self) -> None:
        """Return when the making and deleting of files would survive a power cut."""

    def close(self) -> None:
        """Let go of all files."""


class FileStorage:
    """`Storage` over a directory."""

    def __init__(self, directory: Path, *, create: bool = True) -> None:
        """Makes the directory unless told not to; raises OSError where that is not possible."""
        if create and not directory.is_dir():
            directory.mkdir(parents=True)
            sync_folder(directory.parent)
        self._directory = directory
        self._appending: dict[str, int] = {}
        self._overwriting: dict[str, int] = {}

    def names(self) -> list[str]:
        """All file names, sorted."""
        return sorted(entry.name for entry in os.scandir(self._directory) if entry.is_file())

    def size(self, name: str) -> int:
        """Bytes in the file; 0 if there is none."""
        try:
            return (self._directory / name).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, name: str, offset: int = 0, count: int = -1) -> bytes:
        """Up to `count` bytes (-1: all) from `offset` on."""
        with (self._directory / name).open("rb", buffering=0) as file:
            file.seek(offset)
            return file.read() if count < 0 else file.read(count)

    def append(self, name: str, content: bytes) -> None:
        """Add `content` at the end."""
        file = self._appending.get(name)
        if file is None:
            file = self._open(name)
        written = os.write(file, content)
        while written < len(content):
            written += os.write(file, content[written:])

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        """Overwrite in place, unbuffered."""
        file = self._overwriting.get(name)
        if file is None:
            file = os.open(self._directory / name, os.O_RDWR | os.O_CREAT | _BINARY, 0o640)
            self._overwriting[name] = file
        if _write_there(file, content, offset) != len(content):
            raise OSError(f"{self._directory / name}: short write")

    def replace(self, name: str, content: bytes) -> None:
        """Write beside it, flush, and rename over it."""
        fresh = self._directory / f"{name}.new"
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._directory / name)
        self.sync_names()

    def allocate(self, name: str, size: int) -> None:
        """Zeros are written, not only promised: a promise may need space when it is kept."""
        path = self._directory / name
        try:
            with path.open("wb", buffering=0) as file:
                written = 0
                while written < size:
                    written += file.write(bytes(size - written))
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self.sync_names()

    def rename(self, name: str, new_name: str) -> None:
        """Give a file that is not open another name."""
        (self._directory / name).rename(self._directory / new_name)

    def truncate(self, name: str, size: int) -> None:
        """Cut the file to `size` bytes."""
        os.truncate(self._directory / name, size)

    def remove(self, name: str) -> None:
        """Delete the file."""
        self._forget(name)
        (self._directory / name).unlink()

    def sync(self, name: str) -> None:
        """Flush the file's data to the disk."""
        file = self._appending.get(name, self._overwriting.get(name, -1))
        if file >= 0:
            _sync_data(file)
            return
        file = os.open(self._directory / name, os.O_RDWR | _BINARY)
        try:
            _sync_data(file)
        finally:
            os.close(file)

    def descriptor(self, name: str) -> int:
        """The file that is open for appending, -1 if it is not."""
        return self._appending.get(name, -1)

    def release(self, name: str) -> None:
        """Close a file that will not be appended to again."""
        self._forget(name)

    def sync_names(self) -> None:
        """Flush the directory itself; Windows does that on its own."""
        sync_folder(self._directory)

    def close(self) -> None:
        """Close all files."""
        for name in [*self._appending, *self._overwriting]:
            self._forget(name)

    def _open(self, name: str) -> int:
        file = os.open(self._directory / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o640)
        self._appending[name] = file
        return file

    def _forget(self, name: str) -> None:
        for files in (self._appending, self._overwriting):
            file = files.pop(name, None)
            if file is not None:
                os.close(file)
