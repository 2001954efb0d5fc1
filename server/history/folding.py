"""Following the event log into ticks, bars and depth, by a cursor that survives `kill -9`."""

import errno
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from server.history.books import SECOND_NS
from server.history.depth import DepthHistory
from server.history.store import DIRECTORY_NAME as HISTORY_NAME
from server.history.store import FORMAT, HistoryStore, StoredCursor
from server.journal.errors import LogRewound
from server.journal.event_log_reader import Cursor, EventLogReader
from server.journal.event_recovery import DIRECTORY_NAME
from server.journal.framing import FrameKind
from server.journal.lock import DirectoryLock
from server.journal.segments import segment_name

CURSOR_INTERVAL_S: Final = 2.0
PAUSE_TIMES: Final = 30
"""Between two checkpoints is so many times what the last one took."""
STEP_BYTES: Final = 2 << 20
RETRY_S: Final = 1.0
LOCK_NAME: Final = "history.lock"
LogEnd = tuple[int, int]
"""A place in the log: segment and offset."""


class Folder:
    """Reads what is new in the event log and adds it to the store. `rebuilds` counts starts from nothing."""

    def __init__(
        self, directory: Path, clock_s: Callable[[], float] = time.monotonic,
        open_reader: Callable[[Cursor | None], EventLogReader] | None = None,
    ) -> None:  # fmt: skip
        """`open_reader` gives a reader of an event log that lies elsewhere than in the directory.

        Raises OSError, DataDirectoryLocked if another history process works on the directory.
        """
        self._directory = directory
        self._clock_s = clock_s
        self._open_reader = open_reader or partial(EventLogReader.open, directory)
        self._lock = DirectoryLock(directory, LOCK_NAME)
        self._reader: EventLogReader
        self.rebuilds = 0
        self._open()
        self._checkpoint_due_s = clock_s() + CURSOR_INTERVAL_S
        self._retry_s = 0.0
        self._rewound = ""
        self.trouble = ""
        """Why folding rests just now; empty when it does not."""

    @property
    def sequence(self) -> int:
        """The last command whose prints are in the store."""
        return self._sequence

    @property
    def time_ns(self) -> int:
        """The time of that command."""
        return self._time_ns

    def log_end(self) -> LogEnd:
        """Where the log ends just now."""
        ordinal, size = self._reader.cursor.ordinal, 0
        events = self._directory / DIRECTORY_NAME
        for following in count(ordinal):
            try:
                size = (events / segment_name(following)).stat().st_size
            except OSError:
                break
            ordinal = following
        return ordinal, size

    def has_reached(self, end: LogEnd) -> bool:
        """Whether everything before that place is in the store."""
        return self._reader.cursor[:2] >= end

    def step(self) -> bool:
        """Fold what one poll gives; True if there was something. Raises OSError."""
        try:
            groups = self._reader.poll(STEP_BYTES)
        except LogRewound as error:
            if str(error) == self._rewound:
                raise OSError(errno.EIO, str(error), DIRECTORY_NAME) from error
            self._rewound = str(error)
            self._begin_again()
            return True
        market_data = [records for kind, records in groups if kind == FrameKind.MARKET_DATA]
        if market_data:
            records = np.concatenate(market_data)
            self.store.add(records)
            self.depth.sampler.add(records)
            self._sequence = int(records["sequence"][-1])
            self._time_ns = int(records["time_ns"][-1])
        events = [records for kind, records in groups if kind == FrameKind.EVENTS and len(records)]
        if events:  # only now: what they came with is in the books
            self.depth.sampler.advance(int(events[-1]["time_ns"][-1]) // SECOND_NS)
        if self._clock_s() >= self._checkpoint_due_s:
            self.checkpoint()
        return bool(groups)

    def follow(self) -> bool:
        """As `step`, but a failing file is kept in `trouble` and tried again after a while."""
        if self.trouble and self._clock_s() < self._retry_s:
            return False
        try:
            if self.trouble:
                self._open()
            is_behind = self.step()
        except OSError as error:
            self.trouble = f"{error.strerror or error}: {error.filename}"
            self._retry_s = self._clock_s() + RETRY_S
            return False
        self.trouble = ""
        return is_behind

    def catch_up(self) -> None:
        """Fold until the log has nothing new, or folding rests."""
        while self.follow():
            pass

    def checkpoint(self) -> None:
        """Store the cursor and what belongs to it, if it has moved; it takes a small part of the time at most."""
        began_s = self._clock_s()
        place = self._reader.cursor
        cursor = StoredCursor(
            place.ordinal, place.offset, place.chain.hex(), place.epoch, self._sequence, self._time_ns
        )
        if msgspec.structs.replace(cursor, format=FORMAT) != self.store.cursor:
            self.depth.keep(place[:2])
            self.store.store_cursor(cursor)
            self.depth.forget_others(place[:2])
        now_s = self._clock_s()
        self._checkpoint_due_s = now_s + max(CURSOR_INTERVAL_S, PAUSE_TIMES * (now_s - began_s))

    def close(self) -> None:
        """Store the cursor and let the directory go. Raises OSError."""
        try:
            if not self.trouble:
                self.checkpoint()
        finally:
            self._lock.release()

    def _open(self) -> None:
        """Begin at the stored cursor; what was written above it is cut. Without its books all is made anew."""
        self.store = HistoryStore(self._directory)
        self.depth = DepthHistory(self._directory / HISTORY_NAME)
        cursor = self.store.cursor
        if not self.depth.open((cursor.ordinal, cursor.offset) if cursor.sequence else None):
            self.rebuilds += 1
            self.store.clear()
        self._sequence = self.store.cursor.sequence
        self._time_ns = self.store.cursor.time_ns
        self._reader = self._open_reader(_reader_cursor(self.store.cursor))

    def _begin_again(self) -> None:
        self.rebuilds += 1
        self.store.clear()
        self.depth = DepthHistory(self._directory / HISTORY_NAME)
        self._sequence = self._time_ns = 0
        self._reader = self._open_reader(None)


def fold(directory: Path, progress: Callable[[int], None] | None = None) -> int:
    """Bring the store up to the end of the event log, in this process; the last command folded. Raises OSError."""
    folder = Folder(directory)
    try:
        while folder.step():
            if progress is not None:
                progress(folder.sequence)
        return folder.sequence
    finally:
        folder.close()


def _reader_cursor(stored: StoredCursor) -> Cursor:
    return Cursor(stored.ordinal, stored.offset, bytes.fromhex(stored.chain), stored.epoch)
