"""The event log: what was published, events and market data, derived from the journal and only appended to.

Rules: one `append` is one group of frames that a reader sees whole or not at all. The log may lag behind the
journal and never leads it. It is written without fsync, since a lost tail is derived again; a thread flushes a segment
when it is complete and notes a checkpoint behind it, and a start flushes what the life before it left unflushed.
"""

import contextlib
import functools
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal import event_checkpoint, key_file
from server.journal.errors import JournalDamaged, JournalFailed, JournalUnreadable
from server.journal.event_checkpoint import Tail
from server.journal.event_pages import EventPages
from server.journal.event_recovery import DIRECTORY_NAME, LAYOUTS, EventRecovery, offset_of
from server.journal.framing import (
    GRID_BYTES,
    HEADER,
    HEADER_BYTES,
    FrameDamaged,
    FrameKind,
    headers_of,
    is_header,
    records_of,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, opened, seal_of
from server.journal.segments import (
    SEGMENT_BYTES,
    FrameEncoder,
    Payload,
    has_sealed,
    read_head,
    segment_name,
    segment_names,
    segment_ordinal,
    write_chunks,
)
from server.journal.storage import FileStorage, Storage
from server.protocol.codec import Records
from server.protocol.records import BOOK_RECORD, EVENT

WINDOW_BYTES: Final = 1 << 20
"""How much of a segment is read at once for a resume."""
SEALS_KEPT: Final = 64
CHECKPOINT_BYTES: Final = 4 << 20
"""A start that had to read so much notes a checkpoint."""
LogEnd = tuple[Tail, dict[int, int]]
"""Where the log ends, and how many entries its index has of each user."""
_EVENTS: Final = int(FrameKind.EVENTS)
_MARKET_DATA: Final = int(FrameKind.MARKET_DATA)
_U64 = struct.Struct("<Q").unpack_from
_EVENT_TAIL = struct.Struct("<QQq").unpack_from
_BOOK_TAIL = struct.Struct("<Qq").unpack_from
_EVENT_SEQUENCE: Final = offset_of(EVENT, "sequence")
_BOOK_SEQUENCE: Final = offset_of(BOOK_RECORD, "sequence")
assert all(layout.itemsize % GRID_BYTES == 0 for layout in LAYOUTS.values())


class EventLog:
    """The writer's side. The data directory's lock is the journal's; open that first."""

    def __init__(
        self, storage: Storage, *, shard: int, epoch: int, journal_sequence: int, segment_bytes: int = SEGMENT_BYTES,
        threaded: bool = True, keys: KeyRing | None = None,
    ) -> None:  # fmt: skip
        """Recover, cut what is torn or beyond `journal_sequence`.

        Raises JournalDamaged, JournalSealed, JournalUnreadable.
        """
        self._threaded = threaded
        self._storage = storage
        try:
            found = EventRecovery(storage, journal_sequence, keys)
            _flush_newest(storage)
        except OSError as error:
            raise JournalUnreadable(f"Cannot open the event log: {error.strerror or error}.") from error
        self.index = found.index
        self.cut_bytes = found.cut_bytes
        self._tail = found.tail
        self._failure: JournalFailed | None = None
        self._flushing = threading.Lock()
        self._flushers: list[threading.Thread] = []
        self._begun_ordinal = found.tail.ordinal
        self._encoder = FrameEncoder(shard, epoch, found.tail.ordinal, found.tail.chain, segment_bytes, keys)
        self._keys = keys
        self._seal_of = functools.lru_cache(SEALS_KEPT)(self._read_seal)
        self.pages = EventPages(storage, self._seal_of, lambda: (self._tail.ordinal, self._tail.end))
        if found.read_bytes >= CHECKPOINT_BYTES or found.cut_bytes:
            self._checkpoint()

    @property
    def last_event_sequence(self) -> int:
        """Number of the newest event in the log."""
        return self._tail.event_sequence

    @property
    def last_command_sequence(self) -> int:
        """The newest command of which something is in the log."""
        return self._tail.command_sequence

    @classmethod
    def open(
        cls, directory: Path, *, shard: int = 1, epoch: int, journal_sequence: int, segment_bytes: int = SEGMENT_BYTES
    ) -> "EventLog":
        """The event log of a data directory, for the holder of its journal. Raises as the constructor does."""
        try:
            storage = FileStorage(directory / DIRECTORY_NAME)
            keys = key_file.load_or_make(directory, has_sealed=has_sealed(storage))
        except OSError as error:
            raise JournalUnreadable(f"Cannot open {directory}: {error.strerror or error}.") from error
        return cls(
            storage, shard=shard, epoch=epoch, journal_sequence=journal_sequence, segment_bytes=segment_bytes, keys=keys
        )

    def append(self, events: Records, market_data: Records) -> None:
        """Add the outputs of one batch as one group; nothing if both are empty. Raises JournalFull, JournalFailed."""
        if self._failure is not None:
            raise self._failure
        payloads: list[Payload] = []
        before = self._tail
        event_sequence, command_sequence = before.event_sequence, before.command_sequence
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
        if len(chunks) > 1 and before.ordinal > self._begun_ordinal:
            self._complete()
        name_ordinal, _, end, chain, _ = encoder.position()
        last_frame = end - HEADER_BYTES - len(payloads[-1].content)
        self._tail = Tail(name_ordinal, last_frame, end, chain, event_sequence, command_sequence)
        if len(events):
            self.index.add(name_ordinal, chunks[-1].offset, events)

    def events_of(self, user: int, after_stream_sequence: int, count: int) -> Records:
        """Up to `count` events of the user after that one, oldest first, as EVENT rows; empty if there are none.

        Raises JournalDamaged where the file does not hold them any more, OSError.
        """
        pages: list[Records] = []
        missing = count
        for ordinal, offsets in self.index.windows_of(user, after_stream_sequence, WINDOW_BYTES):
            events = self._events_at(ordinal, offsets)
            wanted = (events["user"] == user) & (events["stream_sequence"] > after_stream_sequence)
            page = events[wanted][:missing]
            expected = after_stream_sequence + 1 + count - missing
            if not np.array_equal(page["stream_sequence"], np.arange(expected, expected + len(page))):
                place = f"{DIRECTORY_NAME}/{segment_name(ordinal)}"
                raise JournalDamaged(place, int(offsets[0]), expected, f"private events of user {user} are not there")
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
        length = int(np.frombuffer(head, HEADER, 1)["length"][0]) if is_header(head) else HEADER_BYTES
        content = self._storage.read(name, first, last - first + length)
        places = (offsets - first).tolist()
        for place in places:
            if not is_header(content[place : place + HEADER_BYTES]):
                raise JournalDamaged(f"{DIRECTORY_NAME}/{name}", first + place, 0, "the header's checksum is wrong")
        headers = headers_of(content, places)
        try:
            content = opened(content, places, headers, self._seal_of(ordinal))
        except FrameDamaged as error:
            raise JournalDamaged(f"{DIRECTORY_NAME}/{name}", first + error.offset, 0, error.what) from error
        return records_of(content, offsets - first, headers["count"], EVENT)

    def _read_seal(self, ordinal: int) -> SegmentSeal | None:
        head = read_head(self._storage, segment_name(ordinal))
        if head is None:
            raise FrameDamaged(0, "the segment's head cannot be read")
        return seal_of(head, f"{DIRECTORY_NAME}/{segment_name(ordinal)}", self._keys)

    def flush(self) -> None:
        """Make all of it survive a power cut; blocks. Raises OSError."""
        if self._tail.ordinal > self._begun_ordinal:
            self._storage.sync(segment_name(self._tail.ordinal))
            self._storage.sync_names()

    def end(self) -> LogEnd:
        """Where the log ends now, for `secure`; quick."""
        return self._tail, self.index.marks()

    def secure(self, end: LogEnd) -> None:
        """Flush all up to `end` and note a checkpoint there. May run beside the thread that appends. Raises OSError."""
        for thread in list(self._flushers):
            thread.join()
        with self._flushing:
            _flush_newest(self._storage, end[0].ordinal)
            self._note_checkpoint(*end)

    def close(self) -> None:
        """Flush, note a checkpoint and let go of the files. Raises OSError."""
        for thread in self._flushers:
            thread.join()
        self.flush()
        self._note_checkpoint(*self.end())
        self._storage.close()

    def _note_checkpoint(self, tail: Tail, marks: dict[int, int]) -> None:
        if tail.end:
            content = event_checkpoint.encode(tail, self.index, marks)
            self._storage.replace(event_checkpoint.FILE_NAME, content)

    def _complete(self) -> None:
        """Flush a full segment off the loop, and note a checkpoint behind it.

        Without the checkpoint a start is slower, no more. Without the flush a power cut could take a segment that is
        too old to be derived again, and a later checkpoint would hide that: the next append stops the server.
        """
        name, end = segment_name(self._tail.ordinal), self.end()

        def flush() -> None:
            with self._flushing:
                try:
                    self._storage.sync(name)
                except OSError as error:
                    what = f"fsync of the event log's {name} failed: {error.strerror or error}; the server stops."
                    self._failure = JournalFailed(what)
                if self._failure is not None:
                    return
                self._storage.release(name)
                with contextlib.suppress(OSError):
                    self._note_checkpoint(*end)

        self._run(flush)

    def _checkpoint(self) -> None:
        """Note one off the loop, so that what was read now need not be read at the next start."""
        end = self.end()

        def note() -> None:
            with self._flushing, contextlib.suppress(OSError):
                self._note_checkpoint(*end)

        self._run(note)

    def _run(self, work: Callable[[], None]) -> None:
        if not self._threaded:
            work()
            return
        thread = threading.Thread(target=work, name="event-log-flush", daemon=True)
        self._flushers = [*(other for other in self._flushers if other.is_alive()), thread]
        thread.start()


def _flush_newest(storage: Storage, ordinal: int = 1 << 62) -> None:
    """Flush the two segments that a killed writer may have left unflushed, and all from `ordinal` on. Raises OSError.

    All before them were flushed when they were complete. A power cut later may then only hurt the last two segments,
    which is what recovery may cut, and nothing that a checkpoint stands behind.
    """
    names = segment_names(storage)
    for index, name in enumerate(names):
        if index >= len(names) - 2 or segment_ordinal(name) >= ordinal:
            storage.sync(name)
    if names:
        storage.sync_names()
