"""The event log: what was published, events and market data, derived from the journal and only appended to.

Rules: one `append` is one group of frames that a reader sees whole or not at all. The log may lag behind the
journal and never leads it: at opening, a group above the journal's end is cut, as is a torn tail. It is written without
fsync, since a lost tail is derived again; a thread flushes a segment when it is complete. So only the last two segments
may be cut for damage; in an older one it is an error, because a later build must not derive it anew.
"""

import contextlib
import struct
import threading
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.errors import JournalDamaged, JournalUnreadable
from server.journal.event_index import EventIndex
from server.journal.framing import (
    GRID_BYTES,
    HEADER,
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameFlag,
    FrameKind,
    decode_segment_head,
    headers_of,
    records_of,
    scan_frames,
)
from server.journal.segments import (
    SEGMENT_BYTES,
    FrameEncoder,
    Payload,
    segment_name,
    segment_names,
    segment_ordinal,
    write_chunks,
)
from server.journal.storage import FileStorage, Storage
from server.protocol.codec import Records
from server.protocol.records import BOOK_RECORD, EVENT


def _offset_of(layout: np.dtype[np.void], name: str) -> int:
    assert layout.fields is not None
    return int(layout.fields[name][1])


DIRECTORY_NAME: Final = "events"
WINDOW_BYTES: Final = 1 << 20
"""How much of a segment is read at once for a resume."""
LAYOUTS: Final = {int(FrameKind.EVENTS): EVENT, int(FrameKind.MARKET_DATA): BOOK_RECORD}
_EVENTS: Final = int(FrameKind.EVENTS)
_MARKET_DATA: Final = int(FrameKind.MARKET_DATA)
_U64 = struct.Struct("<Q").unpack_from
_EVENT_TAIL = struct.Struct("<QQq").unpack_from
_BOOK_TAIL = struct.Struct("<Qq").unpack_from
_EVENT_SEQUENCE: Final = _offset_of(EVENT, "sequence")
_BOOK_SEQUENCE: Final = _offset_of(BOOK_RECORD, "sequence")
_COMMAND_SEQUENCE: Final = {_EVENTS: "command_sequence", _MARKET_DATA: "sequence"}


class EventLog:
    """The writer's side. The data directory's lock is the journal's; open that first."""

    def __init__(
        self, storage: Storage, *, shard: int, epoch: int, journal_sequence: int, segment_bytes: int = SEGMENT_BYTES,
        threaded: bool = True,
    ) -> None:  # fmt: skip
        """Recover, cut what is torn or beyond `journal_sequence`. Raises JournalDamaged, JournalUnreadable."""
        self._threaded = threaded
        self._storage = storage
        self._shard = shard
        self.index = EventIndex()
        self.last_event_sequence = 0
        self.last_command_sequence = 0
        self.cut_bytes = 0
        self._chain = NO_CHAIN
        self._ordinal = 0
        try:
            self._recover(journal_sequence)
        except OSError as error:
            raise JournalUnreadable(f"Cannot open the event log: {error.strerror or error}.") from error
        self._encoder = FrameEncoder(shard, epoch, self._ordinal, self._chain, segment_bytes)

    @classmethod
    def open(
        cls, directory: Path, *, shard: int = 1, epoch: int, journal_sequence: int, segment_bytes: int = SEGMENT_BYTES
    ) -> "EventLog":
        """The event log of a data directory, for the holder of its journal. Raises as the constructor does."""
        try:
            storage = FileStorage(directory / DIRECTORY_NAME)
        except OSError as error:
            raise JournalUnreadable(f"Cannot open {directory}: {error.strerror or error}.") from error
        return cls(storage, shard=shard, epoch=epoch, journal_sequence=journal_sequence, segment_bytes=segment_bytes)

    def append(self, events: Records, market_data: Records) -> None:
        """Add the outputs of one batch as one group; nothing if both are empty. Raises JournalFull, JournalFailed."""
        payloads: list[Payload] = []
        command_sequence, event_sequence = self.last_command_sequence, self.last_event_sequence
        if len(events):
            content = events.tobytes()
            (first,) = _U64(content, _EVENT_SEQUENCE)
            event_sequence, command_sequence, time_ns = _EVENT_TAIL(
                content, len(content) - EVENT.itemsize + _EVENT_SEQUENCE
            )
            payloads.append(Payload(_EVENTS, len(events), first, time_ns, content))
        if len(market_data):
            content = market_data.tobytes()
            (first,) = _U64(content, _BOOK_SEQUENCE)
            sequence, time_ns = _BOOK_TAIL(content, len(content) - BOOK_RECORD.itemsize + _BOOK_SEQUENCE)
            payloads.append(Payload(_MARKET_DATA, len(market_data), first, time_ns, content))
            command_sequence = max(command_sequence, sequence)
        if not payloads:
            return
        encoder = self._encoder
        position = encoder.position()
        chunks = encoder.encode(payloads)
        try:
            write_chunks(self._storage, chunks)
        except BaseException:
            encoder.rewind(position)
            raise
        if len(chunks) > 1 and encoder.ordinal > self._ordinal + 1:
            self._complete(segment_name(encoder.ordinal - 1))
        if len(events):
            self.index.add(encoder.ordinal, chunks[-1].offset, events)
        self.last_event_sequence = event_sequence
        self.last_command_sequence = command_sequence

    def events_of(self, user: int, after_stream_sequence: int, count: int) -> Records:
        """Up to `count` events of the user after that one, oldest first, as EVENT rows; empty if there are none."""
        pages: list[Records] = []
        missing = count
        for ordinal, offsets in self.index.windows_of(user, after_stream_sequence, WINDOW_BYTES):
            events = self._events_at(ordinal, offsets)
            wanted = (events["user"] == user) & (events["stream_sequence"] > after_stream_sequence)
            page = events[wanted][:missing]
            pages.append(page)
            missing -= len(page)
            if missing <= 0:
                break
        return np.concatenate(pages) if pages else np.empty(0, EVENT)

    def _events_at(self, ordinal: int, offsets: NDArray[np.int64]) -> Records:
        """All events of the frames at `offsets` of one segment, read at once."""
        name = segment_name(ordinal)
        first, last = int(offsets[0]), int(offsets[-1])
        head = self._storage.read(name, last, HEADER_BYTES)
        content = self._storage.read(name, first, last - first + int(np.frombuffer(head, HEADER, 1)["length"][0]))
        places = offsets - first
        counts = headers_of(content, places.tolist())["count"]
        return records_of(content, places, counts, EVENT)

    def flush(self) -> None:
        """Make all of it survive a power cut; blocks. Raises OSError."""
        if self._encoder.ordinal > self._ordinal:
            self._storage.sync(segment_name(self._encoder.ordinal))
            self._storage.sync_names()

    def close(self) -> None:
        """Flush and let go of the files."""
        self.flush()
        self._storage.close()

    def _complete(self, name: str) -> None:
        """Flush a full segment off the loop. A failure costs nothing but speed: what is lost is derived again."""

        def flush() -> None:
            with contextlib.suppress(OSError):
                self._storage.sync(name)
                self._storage.release(name)

        if self._threaded:
            threading.Thread(target=flush, name="event-log-flush", daemon=True).start()
        else:
            flush()

    def _recover(self, journal_sequence: int) -> None:
        names = segment_names(self._storage)
        for position, name in enumerate(names):
            content = self._storage.read(name)
            end, what, beyond = self._recover_segment(name, content, journal_sequence)
            if what:
                if position < len(names) - 2 and not beyond:
                    raise JournalDamaged(f"{DIRECTORY_NAME}/{name}", end, self.last_event_sequence + 1, what)
                self._cut(names[position:], end)
                return

    def _recover_segment(self, name: str, content: bytes, journal_sequence: int) -> tuple[int, str, bool]:
        """Index the good groups of a segment. Where they end, why there (empty: all is good), whether it leads."""
        if segment_ordinal(name) != self._ordinal + 1:
            return 0, f"segment {segment_name(self._ordinal + 1)} is missing before it", False
        scan = scan_frames(content, self._chain)
        if not scan.offsets:
            return 0, scan.damage or "the segment is empty", False
        headers = headers_of(content, scan.offsets)
        try:
            decode_segment_head(content[HEADER_BYTES : int(headers["length"][0])], self._ordinal + 1)
        except FrameDamaged as error:
            return 0, error.what, False
        reach = _command_reach(content, headers, scan.offsets)
        ends_group = (headers["flags"] & int(FrameFlag.GROUP_CONTINUES)) == 0
        good = ends_group & (reach <= journal_sequence)
        kept = int(np.flatnonzero(good)[-1]) + 1
        what = scan.damage
        beyond = bool((reach > journal_sequence).any())
        if kept < len(headers):
            what = what or "a group is cut off"
        self._take(content, headers[:kept], scan.offsets[:kept], int(reach[:kept].max()))
        return int(scan.offsets[kept - 1] + headers["length"][kept - 1]), what, beyond

    def _take(self, content: bytes, headers: NDArray[np.void], offsets: list[int], reach: int) -> None:
        self._ordinal += 1
        self._chain = headers["chain"][-1].tobytes()
        self.last_command_sequence = max(self.last_command_sequence, reach)
        frames = np.flatnonzero(headers["kind"] == _EVENTS)
        if len(frames):
            last = headers[frames[-1]]
            self.last_event_sequence = int(last["first_sequence"]) + int(last["count"]) - 1
            places = np.array(offsets, np.int64)[frames]
            self.index.add_frames(self._ordinal, places, headers["count"][frames], content)

    def _cut(self, names: list[str], end: int) -> None:
        for name in reversed(names[1:]):
            self.cut_bytes += self._storage.size(name)
            self._storage.remove(name)
        self.cut_bytes += self._storage.size(names[0]) - end
        if end == 0:
            self._storage.remove(names[0])
        else:
            self._storage.truncate(names[0], end)


def _command_reach(content: bytes, headers: NDArray[np.void], offsets: list[int]) -> NDArray[np.int64]:
    """For each frame: the sequence of the last command that it tells of (0: a segment head)."""
    ends = np.array(offsets, np.int64) + headers["length"]
    reach = np.zeros(len(headers), np.int64)
    words = np.frombuffer(content, "<u8", len(content) // 8)
    for kind, layout in LAYOUTS.items():
        frames = headers["kind"] == kind
        field = _offset_of(layout, _COMMAND_SEQUENCE[kind])
        reach[frames] = words[(ends[frames] - layout.itemsize + field) // 8]
    return np.maximum.accumulate(reach)


assert all(layout.itemsize % GRID_BYTES == 0 for layout in LAYOUTS.values())
