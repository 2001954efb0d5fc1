"""The event log behind a short delay: outputs of many small batches are appended together.

Rules: the log may lag and never leads, so a delay costs nothing but the reader's time; it ends after `DELAY_NS`, when
enough has gathered, or when somebody reads. While the disk is full the outputs wait here, in their order; how much
waits is bounded by the gateway, which refuses orders above `unlogged_bytes_max`.
"""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.newest_kept import newest_kept
from server.journal import event_recovery
from server.journal.epochs import EpochStarts
from server.journal.errors import JournalFull
from server.journal.event_log import EventLog
from server.journal.event_pages import Page
from server.protocol.records import BOOK_RECORD, EVENT

DELAY_NS = 5_000_000
BYTES_MAX = 1 << 20
RETRY_NS = 100_000_000
Records = NDArray[Any]


def last_command_of(events: bytes, market_data: bytes) -> int:
    """The newest command that EVENT rows and BOOK_RECORD rows tell of; 0 if there are none."""
    by_events = event_recovery.last_command_of(np.frombuffer(events, EVENT)) if events else 0
    by_market_data = event_recovery.last_command_of(np.frombuffer(market_data, BOOK_RECORD)) if market_data else 0
    return max(by_events, by_market_data)


class EventWriter:
    """Gathers released outputs for one event log."""

    def __init__(self, event_log: EventLog, epochs: EpochStarts) -> None:
        self.event_log = event_log
        self._epochs = epochs
        self._outputs: deque[tuple[bytes, bytes]] = deque()
        self._waiting = 0
        self._due_ns = 0

    @property
    def waiting(self) -> int:
        """Bytes that are released and not yet in the log."""
        return self._waiting

    @property
    def last_command_sequence(self) -> int:
        """The newest released command that had any output."""
        waiting = last_command_of(*self._outputs[-1]) if self._outputs else 0
        return max(waiting, self.event_log.last_command_sequence)

    def append(self, now_ns: int, events: bytes, market_data: bytes) -> None:
        """Take the outputs of a batch: EVENT rows and BOOK_RECORD rows."""
        size = len(events) + len(market_data)
        if not size:
            return
        if not self._waiting:
            self._due_ns = now_ns + DELAY_NS
        self._outputs.append((events, market_data))
        self._waiting += size
        if self._waiting >= BYTES_MAX and now_ns >= self._due_ns - DELAY_NS:
            self.flush(now_ns)

    def due_ns(self) -> int | None:
        """When the next flush is due, None if nothing waits."""
        return self._due_ns if self._waiting else None

    def on_time(self, now_ns: int) -> None:
        """Flush if it is due."""
        if self._waiting and now_ns >= self._due_ns:
            self.flush(now_ns)

    def flush(self, now_ns: int) -> None:
        """Append all that waits, a portion at a time; on a full disk it goes on waiting. Raises JournalFailed."""
        while self._outputs:
            count, size = self._portion()
            together = [self._outputs[index] for index in range(count)]
            events = np.frombuffer(b"".join([events for events, _ in together]), EVENT)
            market_data = np.frombuffer(b"".join([market_data for _, market_data in together]), BOOK_RECORD)
            try:
                self.event_log.append(events, market_data)
            except JournalFull:
                self._due_ns = now_ns + RETRY_NS + DELAY_NS
                return
            for _ in range(count):
                self._outputs.popleft()
            self._waiting -= size

    def _portion(self) -> tuple[int, int]:
        """How many of the oldest outputs go into one append, and their bytes; so that a vain try costs little."""
        count = size = 0
        for events, market_data in self._outputs:
            if size and size + len(events) + len(market_data) > BYTES_MAX:
                break
            count += 1
            size += len(events) + len(market_data)
        return count, size

    def events_of(self, user: int, after_stream_sequence: int, count: int) -> Records:
        """Up to `count` released events of the user after that one, oldest first, as EVENT rows."""
        self.flush(self._due_ns)
        return self.event_log.events_of(user, after_stream_sequence, count)

    def newest_kept(self, user: int, known: int, epoch: int, last: int) -> int:
        """The newest event up to `known` that a client saw in `epoch` or before and that is still there."""
        return newest_kept(self.events_of, self._epochs, user, known, epoch, last)

    def page(self, after_event: int) -> Page | None:
        """Released events of everybody after that number, as `EventPages.read` gives them."""
        self.flush(self._due_ns)
        return self.event_log.pages.read(after_event)
