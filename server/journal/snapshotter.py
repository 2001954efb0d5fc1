"""When a snapshot is taken, and the thread that writes it.

Rules: the loop copies the memory between two batches, into a buffer that was touched before, and goes on. The copy is
written once the journal and the event log are durable up to it, by a thread that reads nothing but the copy; so a
snapshot never leads the commit mark, and what the event log holds is enough to go on from it. A snapshot that is being
written makes the next one wait. A failure is counted and reported and costs nothing but time at the next start.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from server.engine.exchange import Exchange, aligned_words
from server.engine.kernel import Words
from server.journal.errors import JournalError
from server.journal.event_log import EventLog, LogEnd
from server.journal.framing import RULES_VERSION
from server.journal.journal import Journal
from server.journal.snapshot import SnapshotHead
from server.journal.snapshot_store import SnapshotStore
from server.settings import SnapshotSettings

_MINUTE_NS: Final = 60_000_000_000
_DEFAULT: Final = SnapshotSettings()
_WORDS_MIN: Final = 1 << 18
_STOP_PART: Final = 10
"""At a clean stop a snapshot is worth its time from this part of the usual distance on."""


@dataclass(slots=True)
class _Taken:
    """A copy that waits for the disk."""

    sequence: int
    time_ns: int
    output_sequence: int
    words: int


class Snapshotter:
    """Takes the snapshots of one engine. `threaded` False: `on_turn` writes by itself (tests, simulator)."""

    def __init__(
        self, store: SnapshotStore, journal: Journal, event_log: EventLog, exchange: Exchange, *,
        settings: SnapshotSettings = _DEFAULT, threaded: bool = True, timer: Callable[[], int],
        report: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`timer` counts nanoseconds; `report` hears one sentence of each snapshot that is not there as it should."""
        self._store = store
        self._journal = journal
        self._event_log = event_log
        self._exchange = exchange
        self._settings = settings
        self._threaded = threaded
        self._timer = timer
        self._report = report
        self._thread: threading.Thread | None = None
        self._taken: _Taken | None = None
        self._due_sequence = 0
        self._due_ns = 0
        self.newest_sequence = 0
        """Of the newest snapshot that was taken or begun with."""
        self.written = 0
        self.failed = 0
        self.pause_last_ns = self.pause_max_ns = 0
        self._buffer: Words = aligned_words(0)
        self._spare: Words = aligned_words(0)

    def begin(self, newest_sequence: int) -> None:
        """After recovery: the newest usable snapshot is of this sequence (0: there is none)."""
        self._plan(newest_sequence)
        self._start(self._make_room)

    def on_turn(self, output_sequence: Callable[[], int]) -> None:
        """Between two batches. `output_sequence`: the last applied command that had any output."""
        if self._thread is not None and not self._thread.is_alive():
            self._thread = None
        taken = self._taken
        if taken is not None:
            if self._thread is None and self._is_secured(taken):
                self._start_writing()
        elif self._thread is None and self._is_due():
            self.take(output_sequence())

    def _is_due(self) -> bool:
        sequence = self._exchange.sequence
        if sequence >= self._due_sequence:
            return bool(self._settings.commands)
        return bool(self._due_ns) and sequence > self.newest_sequence and self._timer() >= self._due_ns

    def take(self, output_sequence: int) -> bool:
        """Copy the memory now, if nothing else is in hand. False: not now."""
        if self._thread is not None or self._taken is not None:
            return False
        exchange = self._exchange
        used = exchange.words_used
        if used > len(self._buffer):
            self._start(self._make_room)
            if self._threaded:
                return False
        started_ns = self._timer()
        self._buffer[:used] = exchange.memory[:used]
        self.pause_last_ns = self._timer() - started_ns
        self.pause_max_ns = max(self.pause_max_ns, self.pause_last_ns)
        self._taken = _Taken(exchange.sequence, exchange.time_ns, output_sequence, used)
        self._plan(exchange.sequence)
        return True

    def stop(self, output_sequence: int) -> None:
        """At a clean stop, behind the last command: take one if much has happened since the last, and wait for it."""
        self._wait()
        since = self._exchange.sequence - self.newest_sequence
        is_worth_it = self._taken is not None or 0 < self._settings.commands <= since * _STOP_PART
        self._taken = None
        if not is_worth_it:
            return
        if not self.take(output_sequence):
            self._wait()
            self.take(output_sequence)
        self._write_last()

    def _write_last(self) -> None:
        try:
            self._journal.settle()
        except JournalError as error:
            self._fails(f"No snapshot at the stop: {error}")
            return
        if self._taken is not None and self._is_secured(self._taken):
            self._start_writing()
            self._wait()

    def close(self) -> None:
        """Wait for the thread and let go of the files. Raises OSError."""
        self._wait()
        self._store.close()

    def counters(self) -> dict[str, int]:
        """For the metrics."""
        return {
            "snapshot.sequence": self.newest_sequence,
            "snapshot.written": self.written,
            "snapshot.failed": self.failed,
            "snapshot.pause_last_ns": self.pause_last_ns,
            "snapshot.pause_max_ns": self.pause_max_ns,
        }

    def _plan(self, newest_sequence: int) -> None:
        self.newest_sequence = newest_sequence
        self._due_sequence = newest_sequence + self._settings.commands
        minutes = self._settings.minutes if self._settings.commands else 0
        self._due_ns = self._timer() + minutes * _MINUTE_NS if minutes else 0

    def _is_secured(self, taken: _Taken) -> bool:
        is_durable = self._journal.synced_sequence() >= taken.sequence
        return is_durable and self._event_log.last_command_sequence >= taken.output_sequence

    def _start(self, work: Callable[[], None]) -> None:
        if not self._threaded:
            work()
            return
        self._thread = threading.Thread(target=work, name="snapshot", daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _make_room(self) -> None:
        """Buffers larger than the memory is now, with all of their pages there."""
        size = max(_WORDS_MIN, self._exchange.words_used * 3 // 2)
        try:
            buffer, spare = aligned_words(size), aligned_words(size)
            buffer.fill(1)
            spare.fill(1)
        except MemoryError as error:
            self._fails(f"There is no memory for the copy of a snapshot: {error}")
            self._plan(self._exchange.sequence)
            return
        self._buffer, self._spare = buffer, spare

    def _start_writing(self) -> None:
        end = self._event_log.end()
        self._start(lambda: self._write(end))

    def _write(self, end: LogEnd) -> None:
        taken = self._taken
        assert taken is not None, "only a copy is written"
        try:
            self._write_copy(taken, end)
            self.written += 1
        except (OSError, JournalError, MemoryError) as error:
            self._fails(f"The snapshot at {taken.sequence} was not written: {error}")
        finally:
            self._taken = None
        if taken.words * 5 > len(self._buffer) * 4:
            self._make_room()

    def _fails(self, sentence: str) -> None:
        self.failed += 1
        self._report(sentence)

    def _write_copy(self, taken: _Taken, end: LogEnd) -> None:
        self._event_log.secure(end)
        epoch, anchor = self._journal.secured_anchor()
        words = self._buffer[: taken.words]
        head = SnapshotHead(
            self._store.shard, epoch, taken.sequence, taken.time_ns, taken.output_sequence, anchor, RULES_VERSION,
            taken.words, Exchange(memory=words).state_hash(), self._store.fingerprint,
        )  # fmt: skip
        written = self._store.write(head, words, self._spare)
        self._store.keep(written, self._settings.kept)
