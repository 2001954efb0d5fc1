"""In a server process under test: writes down what of its data directory a power cut could not take.

Rules: it stands around the calls that make things durable (fsync of a file, fsync of a directory) and those that move
names, of the whole process, so that no file escapes by not being a `Storage`. What was synced is written to a log
beside the data directory after the real call returned: a process that is killed in between knew of nothing either. The
log is records of msgpack behind length and CRC-32; a last one that is cut off did not happen. SQLite and child
processes call the system by themselves and are not seen.
"""

import fcntl
import os
import stat
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

HEAD: Final = struct.Struct("<II")
Link = str | bytes | os.PathLike[str]


class Synced(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The content of a file, by its inode, from `offset` on to its end: this survives."""

    inode: int
    offset: int
    content: bytes


class Named(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """All names of a folder (relative to the data directory) with their inodes: these survive."""

    folder: str
    names: dict[str, int]


class Moved(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A file was renamed; that survives when the folder is synced."""

    inode: int
    old_name: str


class Gone(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A file lost its name, so that its inode may come again as another file."""

    inode: int


Record = Synced | Named | Moved | Gone


class DiskWitness:
    """Watches the data directory `data` from within the process."""

    def __init__(self, data: Path, log: Path) -> None:
        self._root = os.path.realpath(data)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._lock = threading.RLock()
        self._sizes: dict[int, int] = {}
        self._encoder = msgspec.msgpack.Encoder()

    def install(self) -> None:
        """Put itself around the functions of `os`; before the server is imported, which binds some of them."""
        os.fsync = self._syncing(os.fsync)
        os.fdatasync = self._syncing(os.fdatasync)
        os.rename = self._renaming(os.rename)
        os.replace = self._renaming(os.replace)
        os.unlink = self._removing(os.unlink)
        os.remove = os.unlink
        self._watch_kernel(import_module("server.journal.kernel_sync").KernelSync)

    def _watch_kernel(self, syncs: type) -> None:
        """Stand around the syncs that the kernel carries out by itself: what was there when one began survives it."""
        begin, taken = syncs.begin, syncs._taken
        begun: dict[object, Synced] = {}

        def beginning(sync: Any, file: int) -> None:
            with self._lock:
                begun[sync] = self._content(file)
            begin(sync, file)

        def taking(sync: Any, count: int) -> bool:
            ended = taken(sync, count)
            if ended:
                with self._lock:
                    record = begun.pop(sync)
                    self._write(record)
                    self._sizes[record.inode] = record.offset + len(record.content)
            return ended

        syncs.begin, syncs._taken = beginning, taking

    def _syncing(self, sync: Callable[[Any], None]) -> Callable[[Any], None]:
        def synced(file: Any) -> None:
            number = file if isinstance(file, int) else file.fileno()
            path = os.readlink(f"/proc/self/fd/{number}")
            if not self._is_watched(path):
                sync(file)
                return
            with self._lock:
                record = self._named(path) if stat.S_ISDIR(os.fstat(number).st_mode) else self._content(number)
                sync(file)
                self._write(record)
                if isinstance(record, Synced):
                    self._sizes[record.inode] = record.offset + len(record.content)

        return synced

    def _renaming(self, rename: Callable[[Link, Link], None]) -> Callable[[Link, Link], None]:
        def renamed(old: Link, new: Link) -> None:
            if not self._is_watched(os.fspath(new)):
                rename(old, new)
                return
            with self._lock:
                inode, replaced = os.stat(old).st_ino, inode_of(new)
                rename(old, new)
                self._write(Moved(inode, os.path.basename(os.fsdecode(old))))
                self._forget(replaced)

        return renamed

    def _removing(self, remove: Callable[..., None]) -> Callable[..., None]:
        def removed(path: Link, **options: Any) -> None:
            if options or not self._is_watched(os.fspath(path)):
                remove(path, **options)
                return
            with self._lock:
                inode = inode_of(path)
                remove(path)
                self._forget(inode)

        return removed

    def _forget(self, inode: int) -> None:
        if inode:
            self._sizes.pop(inode, None)
            self._write(Gone(inode))

    def _is_watched(self, path: str | bytes) -> bool:
        return os.path.realpath(os.fsdecode(path)).startswith(self._root)

    def _named(self, path: str) -> Named:
        folder = os.path.relpath(path, self._root)
        return Named(folder, {entry.name: entry.inode() for entry in os.scandir(path)})

    def _content(self, number: int) -> Synced:
        """What the file holds now; of one that is only appended to, what was not told before."""
        inode = os.fstat(number).st_ino
        grows = bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)
        offset = self._sizes.get(inode, 0) if grows else 0
        with open(f"/proc/self/fd/{number}", "rb", buffering=0) as file:
            file.seek(offset)
            return Synced(inode, offset, file.read())

    def _write(self, record: Record) -> None:
        body = self._encoder.encode(record)
        os.write(self._log, HEAD.pack(len(body), zlib.crc32(body)) + body)


def inode_of(path: Link) -> int:
    """The file's inode, 0 if there is none."""
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def records_of(log: Path) -> Iterator[Record]:
    """What a witness wrote down, in order, up to a record that is cut off."""
    content = log.read_bytes() if log.exists() else b""
    decoder = msgspec.msgpack.Decoder(Record)
    place = 0
    while place + HEAD.size <= len(content):
        length, crc = HEAD.unpack_from(content, place)
        body = content[place + HEAD.size : place + HEAD.size + length]
        if len(body) < length or zlib.crc32(body) != crc:
            return
        yield decoder.decode(body)
        place += HEAD.size + length
