"""The commit mark: up to where the journal is known to be on the disk.

Two slots, a disk sector or more apart, are written in turn, so that a torn write leaves the other one. Rules: the
mark is written after the fsync that it tells of; it may lag and never leads. Recovery cuts nothing at or below it.
"""

import struct
import zlib
from typing import Final, NamedTuple

from server.journal.errors import JournalDamaged
from server.journal.framing import NO_CHAIN
from server.journal.storage import Storage

FILE_NAME: Final = "commit"
_SLOT_STEP: Final = 4096
_SLOT: Final = struct.Struct("<8sHHIQ8sQ20s")
_MAGIC: Final = b"TPCOMMIT"


class CommitMark(NamedTuple):
    """Epoch, last durable sequence, the chain value of its frame, and how many marks were written before."""

    epoch: int = 0
    sequence: int = 0
    chain: bytes = NO_CHAIN
    writes: int = 0


def encode_slot(mark: CommitMark) -> bytes:
    """One slot, 64 bytes."""
    body = _SLOT.pack(_MAGIC, 1, 0, mark.epoch, mark.sequence, mark.chain, mark.writes, bytes(20))
    return body + zlib.crc32(body).to_bytes(4, "little")


def decode_slot(content: bytes) -> CommitMark | None:
    """The mark in a slot, or None if it is torn or was never written."""
    body = content[: _SLOT.size]
    if len(content) < _SLOT.size + 4 or zlib.crc32(body).to_bytes(4, "little") != content[_SLOT.size : _SLOT.size + 4]:
        return None
    magic, version, _, epoch, sequence, chain, writes, _ = _SLOT.unpack(body)
    return CommitMark(epoch, sequence, chain, writes) if magic == _MAGIC and version == 1 else None


class CommitFile:
    """Reads and writes the mark of one journal."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.mark = CommitMark()

    def load(self, *, journal_exists: bool) -> CommitMark:
        """The newer good slot. Raises JournalDamaged if a journal exists without any: what may be cut is unknown."""
        content = self._storage.read(FILE_NAME) if FILE_NAME in self._storage.names() else b""
        marks = [decode_slot(content[offset : offset + 64]) for offset in (0, _SLOT_STEP)]
        good = [mark for mark in marks if mark is not None]
        if not good and journal_exists:
            raise JournalDamaged(FILE_NAME, 0, 1, "no commit mark can be read, but there are segments")
        self.mark = max(good, key=lambda mark: mark.writes, default=CommitMark())
        return self.mark

    def store(self, epoch: int, sequence: int, chain: bytes) -> None:
        """Write the next mark into the older slot. Raises OSError."""
        mark = CommitMark(epoch, sequence, chain, self.mark.writes + 1)
        self._storage.write_at(FILE_NAME, _SLOT_STEP * (mark.writes % 2), encode_slot(mark))
        self.mark = mark

    def store_durably(self, epoch: int, sequence: int, chain: bytes) -> None:
        """Write both slots and flush them: after this no older mark can be found. Raises OSError."""
        for _ in range(2):
            self.store(epoch, sequence, chain)
            self._storage.sync(FILE_NAME)
        self._storage.sync_names()
