"""The event log read by event number, a bounded page at a time, by the process that writes it.

Rules: one call reads at most `WALK_BYTES` (or one frame, if that is larger), so that a loop which calls it stays
awake. The way to a number is found once and remembered: by the first events of the segments, then by marks inside a
segment that each walk leaves behind. What is read is checked by header and seal; damage is named and never skipped.
"""

from bisect import bisect_right
from collections.abc import Callable
from struct import Struct
from typing import Final, NamedTuple

import numpy as np

from server.journal.errors import JournalDamaged, JournalError
from server.journal.event_recovery import DIRECTORY_NAME
from server.journal.framing import HEADER_BYTES, FrameDamaged, FrameKind, headers_of, is_header, records_of
from server.journal.seal import SegmentSeal, opened
from server.journal.segments import segment_name, segment_names, segment_ordinal
from server.journal.storage import Storage
from server.protocol.codec import Records
from server.protocol.records import EVENT

PAGE_BYTES: Final = 256 << 10
"""About how many bytes of events a page has."""
WALK_BYTES: Final = 1 << 20
PLACES_KEPT: Final = 1024
_NEVER: Final = 1 << 63
_EVENTS: Final = int(FrameKind.EVENTS)
_HEAD: Final = Struct("<IBBHIIQ").unpack_from
"""Length, kind, flags, shard, epoch, count, first sequence: a frame's header behind its chain."""
Place = tuple[int, int]
"""Segment and offset."""


class EventsGone(JournalError):
    """The events asked for are older than what the event log still has."""


class Page(NamedTuple):
    """Events in their order, and the number up to which the log was looked through (no further: nothing is there)."""

    events: Records
    reached: int


class Frame(NamedTuple):
    """One frame of events within bytes that were read."""

    offset: int
    first: int
    rows: int


class EventPages:
    """Pages of one event log. `seal_of` opens a segment's frames, `end` says up to where the log is written."""

    def __init__(
        self, storage: Storage, seal_of: Callable[[int], SegmentSeal | None], end: Callable[[], Place]
    ) -> None:
        self._storage = storage
        self._seal_of = seal_of
        self._end = end
        self._first_events: dict[int, int] = {}
        self._marks: dict[int, list[Place]] = {}
        """Per segment: (number, offset) where a frame begins before which only lower numbers are, ascending."""
        self._places: dict[int, Place] = {}

    def read(self, after: int) -> Page | None:
        """Events after this number; empty at the end of the log. None: the way is not found yet, ask again.

        Raises EventsGone, JournalDamaged, JournalSealed, OSError.
        """
        place = self._places.get(after) or self._located(after)
        while True:
            ordinal, offset = place
            limit = self._limit(ordinal)
            if offset < limit:
                break
            if ordinal >= self._end()[0]:
                return Page(np.empty(0, EVENT), after)
            place = ordinal + 1, 0
        return self._read_at(after, ordinal, offset, limit)

    def _read_at(self, after: int, ordinal: int, offset: int, limit: int) -> Page | None:
        content = self._content(ordinal, offset, limit)
        found: list[Frame] = []
        size = at = 0
        mark = 0
        while at + HEADER_BYTES <= len(content) and size < PAGE_BYTES:
            length, kind, _, _, _, count, first = _HEAD(content, at + 8)
            if at + length > len(content):
                break
            if length < HEADER_BYTES:
                raise self._damage(ordinal, offset + at, after + 1, "a frame's length is wrong")
            if kind == _EVENTS:
                if first + count > after + 1:
                    if found and first != found[-1].first + found[-1].rows:
                        raise self._damage(ordinal, offset + at, first, "events are not there")
                    found.append(Frame(at, first, count))
                    size += length
                mark = first + count
            at += length
        if not at:
            raise self._damage(ordinal, offset, after + 1, "a frame is cut off")
        end = ordinal, offset + at
        if mark:
            self._note(ordinal, mark, offset + at)
        if not found:
            self._remember(after, end)
            return None
        if found[0].first > after + 1:
            raise self._damage(ordinal, offset, after + 1, "events are not there")
        events = self._events(content, found, ordinal, offset)
        events = events[events["sequence"] > after]
        reached = found[-1].first + found[-1].rows - 1
        self._remember(reached, end)
        return Page(events, reached)

    def _content(self, ordinal: int, offset: int, limit: int) -> bytes:
        """Bytes of a segment from a frame's beginning on: at least that frame whole."""
        name = segment_name(ordinal)
        content = self._storage.read(name, offset, min(WALK_BYTES, limit - offset))
        if not is_header(content[:HEADER_BYTES]):
            raise self._damage(ordinal, offset, 0, "the header's checksum is wrong")
        length = _HEAD(content, 8)[0]
        return content if length <= len(content) else self._storage.read(name, offset, length)

    def _events(self, content: bytes, frames: list[Frame], ordinal: int, offset: int) -> Records:
        """All records of these frames."""
        offsets = [frame.offset for frame in frames]
        for place in offsets:
            if not is_header(content[place : place + HEADER_BYTES]):
                raise self._damage(ordinal, offset + place, 0, "the header's checksum is wrong")
        headers = headers_of(content, offsets)
        try:
            content = opened(content, offsets, headers, self._seal_of(ordinal))
        except FrameDamaged as error:
            raise self._damage(ordinal, offset + error.offset, 0, error.what) from error
        return records_of(content, np.array(offsets, np.int64), headers["count"], EVENT)

    def _located(self, after: int) -> Place:
        """Where a walk to the event after this number begins."""
        newest = self._end()[0]
        names = segment_names(self._storage)
        oldest = segment_ordinal(names[0]) if names else 1
        if oldest > 1 and self._first_event(oldest) > after + 1:
            raise EventsGone(f"The event log begins with event {self._first_event(oldest)}.")
        low, high = oldest, max(newest, oldest)
        while low < high:
            middle = (low + high + 1) // 2
            if self._first_event(middle) <= after + 1:
                low = middle
            else:
                high = middle - 1
        marks = self._marks.get(low, [])
        before = bisect_right(marks, (after + 1, _NEVER)) - 1
        return (low, marks[before][1]) if before >= 0 else (low, 0)

    def _first_event(self, ordinal: int) -> int:
        """The lowest event number in a segment, or behind it where it has none."""
        while ordinal <= self._end()[0]:
            known = self._first_events.get(ordinal)
            if known is None:
                known = self._first_in(ordinal)
            if known:
                return known
            ordinal += 1
        return _NEVER

    def _first_in(self, ordinal: int) -> int:
        offset, limit = 0, self._limit(ordinal)
        name = segment_name(ordinal)
        while offset + HEADER_BYTES <= limit:
            length, kind, _, _, _, _, first = _HEAD(self._storage.read(name, offset, HEADER_BYTES), 8)
            if kind == _EVENTS:
                self._first_events[ordinal] = first
                return int(first)
            if length < HEADER_BYTES:
                raise self._damage(ordinal, offset, 0, "a frame's length is wrong")
            offset += length
        return 0

    def _limit(self, ordinal: int) -> int:
        """Where a segment ends, as far as it is written."""
        newest, end = self._end()
        return end if ordinal == newest else self._storage.size(segment_name(ordinal))

    def _note(self, ordinal: int, number: int, offset: int) -> None:
        """A walk of a whole stretch ended here, where `number` is the next event."""
        marks = self._marks.setdefault(ordinal, [])
        if not marks or offset >= marks[-1][1] + WALK_BYTES // 2:
            marks.append((number, offset))

    def _remember(self, after: int, place: Place) -> None:
        places = self._places
        places.pop(after, None)
        places[after] = place
        if len(places) > PLACES_KEPT:
            del places[next(iter(places))]

    @staticmethod
    def _damage(ordinal: int, offset: int, sequence: int, what: str) -> JournalDamaged:
        return JournalDamaged(f"{DIRECTORY_NAME}/{segment_name(ordinal)}", offset, sequence, what)
