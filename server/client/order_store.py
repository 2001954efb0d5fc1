"""The client's commands on its own disk, so that one that was killed goes on as the same client instance.

Rules: a directory for each (server, user), in it a file for each client instance, which one process has at a time; it
is appended to before a command leaves and after it is answered, and written anew when it has grown. A torn tail is cut:
what it was about to say has not left. `fsync`: a command survives the power too.
"""

import hashlib
import logging
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from itertools import pairwise
from pathlib import Path
from struct import Struct
from typing import Final, Self

import numpy as np

from server.client.file_lock import FileLock
from server.client.order_entry import OrderEntry
from server.protocol.enums import CommandKind
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND

MAGIC: Final = b"TPORDER1"
GROWN_BYTES: Final = 4 << 20
"""From this size on the file is written anew, when it is mostly about what is answered."""
SUFFIX: Final = ".orders"
_HEAD: Final = Struct("<8sQ")
_RECORD: Final = Struct("<IIB3x")
"""Checksum of what follows it, bytes of the content, kind."""
_NUMBER: Final = Struct("<Q")
_SENT, _SETTLED, _COUNTER = 1, 2, 3
_CONTINUATIONS: Final = (int(CommandKind.ORDER_TERMS), int(CommandKind.QUOTE_ENTRY))

_log = logging.getLogger(__name__)


class OrderStore:
    """One client instance's file, locked. Made by `open`; `entry` is what goes on from it."""

    def __init__(self, path: Path, lock: FileLock, instance: int, *, fsync: bool) -> None:
        self.path = path
        self._lock = lock
        self._fsync = fsync
        self._unanswered: dict[int, bytes] = {}
        self._counter = 0
        self._size = 0
        self._read(instance)
        self._file = self._written_anew(instance)
        self.entry = OrderEntry(
            instance, self._sent, self._settled, counter=self._counter, unanswered=self._unanswered.values()
        )

    @classmethod
    def open(cls, root: Path, server_key: bytes, user: str, *, fsync: bool = False, anew: bool = False) -> Self:
        """The instance that was used last and that no other process has, or (`anew`: always) a new one.

        Raises OSError.
        """
        name = hashlib.sha256(server_key + b"\0" + user.encode()).hexdigest()[:24]
        directory = root / name
        directory.mkdir(parents=True, exist_ok=True)
        found = [] if anew else directory.glob(f"*{SUFFIX}")
        for path in sorted(found, key=lambda one: one.stat().st_mtime_ns, reverse=True):
            instance = _instance_of(path)
            lock = FileLock.take(path.with_suffix(".lock")) if instance else None
            if lock is not None:
                return cls(path, lock, instance, fsync=fsync)
        while True:
            instance = secrets.randbits(63) | 1
            path = directory / f"{instance:016x}{SUFFIX}"
            lock = FileLock.take(path.with_suffix(".lock"))
            if lock is not None:
                return cls(path, lock, instance, fsync=fsync)

    @property
    def unanswered(self) -> bytes:
        """What was sent in an earlier life and not answered in it, by counter, as COMMAND rows."""
        return b"".join(self._unanswered[first] for first in sorted(self._unanswered))

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if not self._file.closed:
            self._file.close()
        self._lock.release()

    # ---- what the order entry says ----

    def _sent(self, rows: bytes) -> None:
        """A batch is about to leave. Raises `LocalProtocolError` if it cannot be kept: then it must not leave."""
        try:
            self._append(_SENT, rows)
            if self._fsync:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise LocalProtocolError(f"the order cannot be stored before it is sent: {error.strerror}") from error
        for group in groups_of(rows):
            self._unanswered[_first_counter(group)] = group
            self._counter = max(self._counter, _last_counter(group))

    def _settled(self, counter: int) -> None:
        """A command is answered. If that cannot be kept it will be asked about once more, no harm done."""
        self._unanswered.pop(counter, None)
        try:
            self._append(_SETTLED, _NUMBER.pack(counter))
            if self._size > GROWN_BYTES and self._size > 4 * sum(map(len, self._unanswered.values())):
                self._file.close()
                self._file = self._written_anew(self.entry.client_instance)
        except OSError as error:
            _log.warning("an answer could not be stored: %s", error)

    # ---- the file ----

    def _append(self, kind: int, content: bytes) -> None:
        record = _record(kind, content)
        try:
            written = self._file.write(record)
            if written != len(record):
                raise OSError(28, "no space for all of it")
        except OSError:
            with suppress(OSError):  # half a record in front of others would make them unreadable
                self._file.truncate(self._size)
                self._file.seek(self._size)
            raise
        self._size += len(record)

    def _read(self, instance: int) -> None:
        content = self.path.read_bytes() if self.path.exists() else b""
        if content[: _HEAD.size] != _HEAD.pack(MAGIC, instance):
            return
        for kind, payload in records_in(content):
            if kind == _SENT:
                for group in groups_of(payload):
                    self._unanswered[_first_counter(group)] = group
                    self._counter = max(self._counter, _last_counter(group))
            elif kind == _SETTLED:
                self._unanswered.pop(_NUMBER.unpack(payload)[0], None)
            elif kind == _COUNTER:
                self._counter = max(self._counter, _NUMBER.unpack(payload)[0])

    def _written_anew(self, instance: int) -> FileIO:
        """The open file, with no more in it than is still open."""
        parts = [_HEAD.pack(MAGIC, instance), _record(_COUNTER, _NUMBER.pack(self._counter))]
        parts += [_record(_SENT, rows) for rows in self._unanswered.values()]
        content = b"".join(parts)
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self._size = len(content)
        opened = FileIO(self.path, "r+b")
        opened.seek(self._size)
        return opened


def records_in(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of each record up to the first that is torn."""
    place = _HEAD.size
    while place + _RECORD.size <= len(content):
        checksum, size, kind = _RECORD.unpack_from(content, place)
        end = place + _RECORD.size + size
        if end > len(content) or zlib.crc32(content[place + 4 : end]) != checksum:
            return
        yield kind, content[place + _RECORD.size : end]
        place = end


def groups_of(rows: bytes) -> list[bytes]:
    """COMMAND rows as groups: each of one command, or of the records that are applied together."""
    counts = np.frombuffer(rows, COMMAND)["group_count"]
    starts = [*np.flatnonzero(counts).tolist(), len(counts)]
    size = COMMAND.itemsize
    return [rows[begin * size : end * size] for begin, end in pairwise(starts)]


def _record(kind: int, content: bytes) -> bytes:
    head = _RECORD.pack(0, len(content), kind)[4:]
    return _NUMBER.pack(zlib.crc32(head + content))[:4] + head + content


def _first_counter(group: bytes) -> int:
    return int(np.frombuffer(group, COMMAND, 1)["counter"][0])


def _last_counter(group: bytes) -> int:
    records = np.frombuffer(group, COMMAND)
    return int(records["counter"][~np.isin(records["kind"], _CONTINUATIONS)][-1])


def _instance_of(path: Path) -> int:
    """The client instance that a file name says, 0 if it says none."""
    try:
        return int(path.stem, 16)
    except ValueError:
        return 0
