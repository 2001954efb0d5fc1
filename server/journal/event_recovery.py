"""Reading the event log back: index what is good, cut what is torn or ahead of the journal.

Rules: reading begins behind the checkpoint, if there is one. A group counts only as a whole, and only up to the
journal's end. The last two segments may be cut for damage, as the older ones were flushed when they were complete; in
those damage is an error, because a later build must not derive anew what was published.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.errors import JournalDamaged
from server.journal.event_checkpoint import FILE_NAME, Tail, load
from server.journal.event_index import EventIndex
from server.journal.framing import (
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameFlag,
    FrameKind,
    decode_segment_head,
    headers_of,
    scan_frames,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, opened, seal_of
from server.journal.segments import read_head, segment_name, segment_names, segment_ordinal
from server.journal.storage import Storage
from server.protocol.codec import Records
from server.protocol.records import BOOK_RECORD, EVENT

DIRECTORY_NAME: Final = "events"
LAYOUTS: Final = {int(FrameKind.EVENTS): EVENT, int(FrameKind.MARKET_DATA): BOOK_RECORD}
NOTHING: Final = Tail(0, 0, 0, NO_CHAIN, 0, 0)
_EVENTS: Final = int(FrameKind.EVENTS)
_COMMAND_SEQUENCE: Final = {EVENT: "command_sequence", BOOK_RECORD: "sequence"}


class EventRecovery:
    """One reading of an event log: `tail`, `index`, and how many bytes were cut and read.

    Raises JournalDamaged, JournalSealed, OSError.
    """

    def __init__(self, storage: Storage, journal_sequence: int, keys: KeyRing | None = None) -> None:
        self._storage = storage
        self._keys = keys
        self._journal_sequence = journal_sequence
        self.tail, self.index = load(storage, journal_sequence) or (NOTHING, EventIndex())
        self.cut_bytes = self.read_bytes = 0
        names = segment_names(storage)
        self._check_older(names)
        for position, name in enumerate(names):
            if segment_ordinal(name) < self.tail.ordinal:
                continue
            what, is_ahead = self._read(name)
            if what:
                if position < len(names) - 2 and not is_ahead:
                    raise JournalDamaged(f"{DIRECTORY_NAME}/{name}", self.tail.end, self.tail.event_sequence + 1, what)
                self._cut(names[position:])
                return

    def _check_older(self, names: list[str]) -> None:
        """Segments that the checkpoint stands for are not read; none may be missing between the oldest and it."""
        there = {segment_ordinal(name) for name in names}
        for ordinal in range(min(there, default=1), self.tail.ordinal):
            if ordinal not in there:
                raise JournalDamaged(f"{DIRECTORY_NAME}/{segment_name(ordinal)}", 0, 1, "the segment is missing")

    def _read(self, name: str) -> tuple[str, bool]:
        """Take the good groups of a segment. Why they end (empty: all is good), and whether it leads the journal."""
        tail = self.tail
        start = tail.end if segment_ordinal(name) == tail.ordinal else 0
        if not start:
            self.tail = tail._replace(ordinal=tail.ordinal + 1, last_frame=0, end=0)
            if segment_ordinal(name) != self.tail.ordinal:
                return f"segment {segment_name(self.tail.ordinal)} is missing before it", False
        content = self._storage.read(name, start)
        self.read_bytes += len(content)
        scan = scan_frames(content, tail.chain)
        headers = headers_of(content, scan.offsets)
        try:
            if len(headers):
                content = opened(content, scan.offsets, headers, self._seal(name, content, headers, start))
        except FrameDamaged as error:
            scan = scan_frames(content[: error.offset], tail.chain)._replace(damage=error.what)
            headers = headers_of(content, scan.offsets)
            if not len(headers):
                return error.what, False
            content = opened(content, scan.offsets, headers, self._seal(name, content, headers, start))
        sound = sound_frames(headers, opens_segment=not start, event_sequence=tail.event_sequence)
        damage = scan.damage if sound == len(headers) else "the frame's header does not fit its records"
        if not sound:
            return damage or ("" if start else "the segment is empty"), False
        headers = headers[:sound]
        reach = _command_reach(content, headers, scan.offsets[:sound])
        ends_group = (headers["flags"] & int(FrameFlag.GROUP_CONTINUES)) == 0
        good = np.flatnonzero(ends_group & (reach <= self._journal_sequence))
        kept = int(good[-1]) + 1 if len(good) else 0
        if kept:
            self._take(content, headers[:kept], np.array(scan.offsets[:kept], np.int64), start, int(reach[kept - 1]))
        what = damage or ("a group is cut off" if kept < len(headers) else "")
        return what, bool((reach > self._journal_sequence).any())

    def _seal(self, name: str, content: bytes, headers: NDArray[np.void], start: int) -> SegmentSeal | None:
        """What opens the segment's frames; `content` are its bytes from `start` on. Raises FrameDamaged."""
        head = read_head(self._storage, name) if start else None
        if head is None:
            if start:
                raise FrameDamaged(0, "the segment's head cannot be read")
            head = decode_segment_head(content[HEADER_BYTES : int(headers["length"][0])], self.tail.ordinal)
        return seal_of(head, f"{DIRECTORY_NAME}/{name}", self._keys)

    def _take(
        self, content: bytes, headers: NDArray[np.void], offsets: NDArray[np.int64], start: int, reach: int
    ) -> None:
        last = headers[-1]
        event_sequence = self.tail.event_sequence
        frames = np.flatnonzero(headers["kind"] == _EVENTS)
        if len(frames):
            newest = headers[frames[-1]]
            event_sequence = int(newest["first_sequence"]) + int(newest["count"]) - 1
            self.index.add_frames(self.tail.ordinal, offsets[frames], headers["count"][frames], content, start)
        self.tail = Tail(
            self.tail.ordinal, start + int(offsets[-1]), start + int(offsets[-1]) + int(last["length"]),
            last["chain"].tobytes(), event_sequence, max(self.tail.command_sequence, reach),
        )  # fmt: skip

    def _cut(self, names: list[str]) -> None:
        """Remove what lies behind the tail in the first of `names`, and the others."""
        if self._storage.size(FILE_NAME):
            self._storage.remove(FILE_NAME)
        for name in reversed(names[1:]):
            self.cut_bytes += self._storage.size(name)
            self._storage.remove(name)
        name = names[0]
        self.cut_bytes += self._storage.size(name) - self.tail.end
        if self.tail.end:
            self._storage.truncate(name, self.tail.end)
        else:
            self._storage.remove(name)
            self.tail = self.tail._replace(ordinal=self.tail.ordinal - 1)


def sound_frames(headers: NDArray[np.void], *, opens_segment: bool, event_sequence: int) -> int:
    """How many of the frames, from the first on, hold what their headers say and follow `event_sequence`."""
    count = headers["count"].astype(np.int64)
    first = headers["first_sequence"].astype(np.int64)
    is_sound = np.zeros(len(headers), np.bool_)
    for kind, layout in LAYOUTS.items():
        is_sound |= (headers["kind"] == kind) & (headers["length"] == HEADER_BYTES + count * layout.itemsize)
    is_sound &= count > 0
    is_events = headers["kind"] == _EVENTS
    events = np.where(is_events, count, 0)
    is_sound &= ~is_events | (first == event_sequence + 1 + np.cumsum(events) - events)
    if opens_segment:
        is_sound[:1] = True
    wrong = np.flatnonzero(~is_sound)
    return int(wrong[0]) if len(wrong) else len(headers)


def last_command_of(records: Records) -> int:
    """The newest command that EVENT rows or BOOK_RECORD rows tell of; there are some.

    It need not be that of the last row: of a basket the order that is refused for its own reason comes first.
    """
    return int(records[_COMMAND_SEQUENCE[records.dtype]].max())


def _offset_of(layout: np.dtype[np.void], name: str) -> int:
    """Byte offset of a field in a record."""
    assert layout.fields is not None
    return int(layout.fields[name][1])


def _command_reach(content: bytes, headers: NDArray[np.void], offsets: list[int]) -> NDArray[np.int64]:
    """For each frame: the sequence of the last command that it or one before tells of (0: only a segment head).

    That is the highest of its records, as in `last_command_of`.
    """
    reach = np.zeros(len(headers), np.int64)
    words = np.frombuffer(content, "<u8", len(content) // 8)
    for kind, layout in LAYOUTS.items():
        frames = np.flatnonzero(headers["kind"] == kind)
        if not len(frames):
            continue
        counts = headers["count"][frames].astype(np.int64)
        begins = np.cumsum(counts) - counts
        records = np.array(offsets, np.int64)[frames] + HEADER_BYTES + _offset_of(layout, _COMMAND_SEQUENCE[layout])
        inner = np.arange(counts.sum()) - np.repeat(begins, counts)
        places = (np.repeat(records, counts) + inner * layout.itemsize) // 8
        reach[frames] = np.maximum.reduceat(words[places], begins)
    return np.maximum.accumulate(reach)
