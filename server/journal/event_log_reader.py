"""Following the event log from another process: new groups since the last poll, by a cursor that can be stored.

Rules: never blocks, never locks, never writes. A group is given whole; what is half written is looked at again at the
next poll. If the log was cut behind the cursor (a restart after a power cut), LogRewound: begin again from nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.journal import key_file
from server.journal.errors import JournalSealed, LogRewound
from server.journal.event_recovery import DIRECTORY_NAME, LAYOUTS
from server.journal.framing import (
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameFlag,
    FrameKind,
    SegmentHead,
    headers_of,
    scan_frames,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, opened, seal_of
from server.journal.segments import read_head, segment_name
from server.journal.storage import FileStorage, Storage
from server.protocol.codec import Records

POLL_BYTES: Final = 8 << 20


class Cursor(NamedTuple):
    """Behind which frame a reader stands: segment, offset, the chain value there, and the epoch of that frame."""

    ordinal: int = 1
    offset: int = 0
    chain: bytes = NO_CHAIN
    epoch: int = 0


class EventLogReader:
    """One reader with its own cursor; `cursor` can be stored and given to the next one."""

    def __init__(
        self, storage: Storage, cursor: Cursor | None = None, keys: Callable[[], KeyRing | None] = lambda: None
    ) -> None:
        """`keys` is asked when a segment needs a key that is not known yet."""
        self._storage = storage
        self._load_keys = keys
        self._keys: KeyRing | None = None
        self.cursor = cursor or Cursor()

    @classmethod
    def open(cls, directory: Path, cursor: Cursor | None = None) -> "EventLogReader":
        """A reader of the event log in a data directory, which need not be there yet. Raises OSError."""
        storage = FileStorage(directory / DIRECTORY_NAME, create=False)
        return cls(storage, cursor, lambda: key_file.load(directory))

    def poll(self, bytes_max: int = POLL_BYTES) -> list[tuple[FrameKind, Records]]:
        """The (kind, records) of the groups that came since the last poll, oldest first, at most about `bytes_max`.

        Empty when there is nothing new. Raises LogRewound, JournalSealed, OSError.
        """
        content, is_complete = self._read(bytes_max)
        if not content:
            return []
        cursor = self.cursor
        scan = scan_frames(content, cursor.chain)
        is_unfinished = "cut off" in scan.damage and not is_complete
        if scan.damage and not is_unfinished and not scan.offsets:
            raise LogRewound(f"{segment_name(cursor.ordinal)} at byte {cursor.offset}: {scan.damage}")
        headers = headers_of(content, scan.offsets)
        count = headers["count"].astype(np.int64)
        for kind, layout in LAYOUTS.items():
            if ((headers["kind"] == kind) & (headers["length"] != HEADER_BYTES + count * layout.itemsize)).any():
                raise LogRewound(f"{segment_name(cursor.ordinal)}: a frame's header does not fit its records")
        whole = np.flatnonzero((headers["flags"] & int(FrameFlag.GROUP_CONTINUES)) == 0)
        if not len(whole):
            if is_complete or (scan.damage and not is_unfinished):
                what = scan.damage or "a group is cut off"
                raise LogRewound(f"{segment_name(cursor.ordinal)} at byte {cursor.offset + scan.end}: {what}")
            is_larger = len(content) == bytes_max
            return self.poll(bytes_max * 8) if is_larger else []
        kept = int(whole[-1]) + 1
        content = self._opened(content, scan.offsets[:kept], headers[:kept])
        found: list[tuple[FrameKind, Records]] = []
        for kind, count, offset in zip(
            headers["kind"][:kept].tolist(), headers["count"][:kept].tolist(), scan.offsets[:kept], strict=True
        ):
            if kind in LAYOUTS:
                found.append((FrameKind(kind), np.frombuffer(content, LAYOUTS[kind], count, offset + HEADER_BYTES)))
        last = headers[kept - 1]
        end = scan.offsets[kept - 1] + int(last["length"])
        self.cursor = Cursor(cursor.ordinal, cursor.offset + end, last["chain"].tobytes(), int(last["epoch"]))
        return found or self.poll(bytes_max)

    def _opened(self, content: bytes, offsets: list[int], headers: NDArray[np.void]) -> bytes:
        name = segment_name(self.cursor.ordinal)
        head = read_head(self._storage, name)
        if head is None:
            raise LogRewound(f"{name}: its head cannot be read")
        try:
            return opened(content, offsets, headers, self._seal(head, f"{DIRECTORY_NAME}/{name}"))
        except FrameDamaged as error:
            raise LogRewound(f"{name} at byte {self.cursor.offset + error.offset}: {error.what}") from error

    def _seal(self, head: SegmentHead, name: str) -> SegmentSeal | None:
        try:
            return seal_of(head, name, self._keys)
        except JournalSealed:
            self._keys = self._load_keys()
            return seal_of(head, name, self._keys)

    def _read(self, bytes_max: int) -> tuple[bytes, bool]:
        """What follows the cursor, and whether that is all that its segment will ever hold."""
        cursor = self.cursor
        next_name = segment_name(cursor.ordinal + 1)
        has_next = self._storage.size(next_name) > 0
        name = segment_name(cursor.ordinal)
        size = self._storage.size(name)
        if size < cursor.offset:
            raise LogRewound(f"{name} ends at byte {size}, the reader stood at {cursor.offset}")
        if size > cursor.offset:
            content = self._storage.read(name, cursor.offset, bytes_max)
            return content, has_next and len(content) < bytes_max
        if has_next:
            self.cursor = cursor._replace(ordinal=cursor.ordinal + 1, offset=0)
            return self._read(bytes_max)
        return b"", False
