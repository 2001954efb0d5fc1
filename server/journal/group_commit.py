"""The thread that makes the journal durable: writes what is queued, one fsync for all of it, then the commit mark.

Rules: the loop hands over and never waits. A turn is one frame, one write, one fsync and one mark, whatever is queued:
each system call gives Python's lock away, and a busy loop gives it back only after milliseconds. In `fsync` mode this
thread makes the frames too, with their seal and chain, and `durable` moves after fsync and mark. Where the kernel can
sync by itself (`kernel_sync`) the loop has the ordinary turn, one frame at the end of a segment, and the thread those
that may take long: a new segment, no space, much at once. One of the two has the files at a time. In `os` mode the loop
has written already; here the disk follows once a second, so that a power cut costs no more and the mark moves. No
space: what is queued is held and tried again; if something urgent waits, it and all before it go into the reserve,
which is laid anew here. Any other failure is kept and raised to the loop, which stops it.
"""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from server.journal.commit_mark import FILE_NAME as MARK_NAME
from server.journal.commit_mark import CommitFile
from server.journal.errors import JournalError, JournalFailed, JournalFull
from server.journal.framing import HEADER_BYTES
from server.journal.kernel_sync import KernelSync
from server.journal.segment_writer import SegmentWriter
from server.journal.segments import Payload, merged, segment_name
from server.journal.storage import Storage

NO_SPACE_RETRY_S: Final = 0.25
OS_SYNC_INTERVAL_S: Final = 1.0


FRAME_PAYLOAD_BYTES: Final = 1 << 20
"""What waits is written as one frame up to about this size."""

End = tuple[int, bytes, int]
"""Last sequence, the chain value there, the segment's ordinal."""


class WakeSocket:
    """A readable descriptor by which the loop learns that something moved; a socket, because Windows polls no pipe."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """The descriptor to poll for reading."""
        return self._reader.fileno()

    def set(self) -> None:
        """Make it readable. A full buffer is fine: it is readable then."""
        try:
            self._writer.send(b"\0")
        except (BlockingIOError, OSError):
            return

    def clear(self) -> None:
        """Make it unreadable until the next `set`."""
        try:
            while len(self._reader.recv(4096)) == 4096:
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close both ends."""
        self._reader.close()
        self._writer.close()


class GroupCommit:
    """Queue, thread and mark of one journal. `interval_s` 0: commit as soon as anything is queued (`fsync` mode)."""

    def __init__(
        self, storage: Storage, commit: CommitFile, writer: SegmentWriter, epoch: int, end: End, interval_s: float,
        on_durable: Callable[[], None], timer: Callable[[], int] = time.perf_counter_ns,
        kernel: KernelSync | None = None,
    ) -> None:  # fmt: skip
        """`end` is where the recovered journal ends; in `os` mode the loop alone puts frames.

        With `kernel`, whoever pushes also calls `on_wake` when its descriptor is readable.
        """
        self._storage = storage
        self._commit = commit
        self._writer = writer
        self._epoch = epoch
        self._interval_s = interval_s
        self._writes_by_loop = interval_s > 0
        self._on_durable = on_durable
        self._timer = timer
        self._queue: deque[tuple[Payload, bool]] = deque()
        self._arrived = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._kernel = kernel
        self._handing_over = threading.Lock()
        self._is_with_thread = kernel is None
        """Whose the files are: the thread's, until nothing is left to do; else the loop's."""
        self._in_flight = 0
        """How many of the queue the kernel's sync is for."""
        self._begun_ns = 0
        self.written = end
        """How far the files go. In `os` mode the loop moves it, as a whole, so that the thread sees one state."""
        self.durable, _, self._synced_ordinal = end
        self.marked = end
        """What the commit mark tells; read as a whole by whoever needs a frame that is durable."""
        self.failure: JournalFailed | None = None
        self.full: JournalFull | None = None
        self.syncs = 0
        self.sync_last_ns = self.sync_max_ns = 0

    def start(self) -> None:
        """Run the thread. Without it `commit` is called by whoever owns the time (the simulator)."""
        self._thread = threading.Thread(target=self._run, name="journal-commit", daemon=True)
        self._thread.start()

    def push(self, payload: Payload, *, is_urgent: bool) -> None:
        """Hand over one append; returns at once. Raises JournalFailed if the files cannot be written."""
        with self._handing_over:
            self._queue.append((payload, is_urgent))
            if self._is_with_thread:
                self._arrived.set()
                return
        if self._in_flight == 0:
            try:
                self._begin()
            except JournalFailed as error:
                self.failure = error
                raise

    def on_wake(self) -> None:
        """The kernel's descriptor was readable, and is cleared: take what has ended and begin the next."""
        if self._in_flight and self.failure is None:
            try:
                if not self._has_ended(wait=False):
                    return
                if self._queue:
                    self._begin()
            except JournalFailed as error:
                self.failure = error

    def _begin(self) -> None:
        """The loop's turn: one frame of all that waits, and its sync; or leave the turn to the thread."""
        assert self._kernel is not None
        self._begun_ns = self._timer()
        payloads = [payload for payload, _ in list(self._queue)]
        size = sum(len(payload.content) for payload in payloads)
        plain = self._writer.is_plain and self._writer.encoder.ordinal == self._synced_ordinal
        file = self._storage.descriptor(self._writer.encoder.name) if plain and size <= FRAME_PAYLOAD_BYTES else -1
        try:
            if file >= 0:
                self._put(merged(payloads), is_urgent=False)
        except JournalFull:
            file = -1
        if file < 0:
            with self._handing_over:
                self._is_with_thread = True
                self._arrived.set()
            return
        try:
            self._kernel.begin(file)
        except OSError as error:
            raise _sync_failed(error) from error
        self._in_flight = len(payloads)

    def _has_ended(self, *, wait: bool) -> bool:
        """Whether the kernel's sync has ended; then its appends are durable. Raises JournalFailed."""
        assert self._kernel is not None
        try:
            if wait:
                self._kernel.wait()
            elif not self._kernel.completed():
                return False
        except OSError as error:
            raise _sync_failed(error) from error
        self.syncs += 1
        taken, self._in_flight = self._in_flight, 0
        self._note_durable(self.written, taken, self._begun_ns)
        return True

    def queued(self) -> int:
        """Appends that wait to be written."""
        return len(self._queue)

    def has_reserve_for(self, size: int) -> bool:
        """Whether an urgent append of that size, and all that waits before it, fits into the reserve."""
        waiting = sum(HEADER_BYTES + len(payload.content) for payload, _ in list(self._queue))
        return waiting + HEADER_BYTES + size <= self._writer.reserve_room

    def stop(self) -> None:
        """End the thread and commit what is queued. Raises JournalError if that is not possible."""
        self._stopping.set()
        self._arrived.set()
        if self._thread is not None:
            self._thread.join()
        if self.failure is not None:
            raise self.failure
        if self._in_flight:
            self._has_ended(wait=True)
        self.commit()
        if self._queue and self.full is not None:
            raise self.full

    def commit(self) -> None:
        """One turn: write, fsync, mark, tell. What a full disk holds back stays queued. Raises JournalFailed."""
        started_ns = self._timer()
        batch = list(self._queue)
        taken, full = self._write(batch)
        end = self.written
        if end[0] > self.durable:
            self._sync(end[2])
            self._note_durable(end, taken, started_ns)
            self._on_durable()
        self._writer.lay_reserve()
        if full is None and not self._writes_by_loop and self._writer.is_on_reserve:
            full = self.full or JournalFull("No space left on the journal's disk; the reserve is for cancels alone.")
        if full is not self.full:
            self.full = full
            self._on_durable()

    def _note_durable(self, end: End, taken: int, started_ns: int) -> None:
        """All up to `end` is on the disk: set the mark, and let go of the first `taken` of the queue.

        `end` is from before the sync: in `os` mode the loop writes on meanwhile.
        """
        sequence, chain, _ = end
        self._mark(sequence, chain)
        self.marked = end
        for _ in range(taken):
            self._queue.popleft()
        self.durable = sequence
        self.sync_last_ns = self._timer() - started_ns
        self.sync_max_ns = max(self.sync_max_ns, self.sync_last_ns)

    def _write(self, batch: list[tuple[Payload, bool]]) -> tuple[int, JournalFull | None]:
        """How many appends are in the files now, and why not all."""
        payloads = [payload for payload, _ in batch]
        cannot_wait = max((index + 1 for index, (_, is_urgent) in enumerate(batch) if is_urgent), default=0)
        taken = 0
        for together in _portions(payloads):
            try:
                self._put(merged(together), is_urgent=False)
                taken += len(together)
            except JournalFull:
                for payload in together:
                    try:
                        self._put(payload, is_urgent=taken < cannot_wait)
                    except JournalFull as error:
                        return taken, error
                    taken += 1
        return taken, None

    def _put(self, payload: Payload, *, is_urgent: bool) -> None:
        writer = self._writer
        writer.put(payload, is_urgent=is_urgent)
        self.written = (payload.first_sequence + payload.records - 1, writer.encoder.chain, writer.encoder.ordinal)

    def _sync(self, ordinal: int) -> None:
        """Flush the segments from the last one flushed to `ordinal`, and let go of those that are complete."""
        try:
            for number in range(max(1, self._synced_ordinal), ordinal + 1):
                self._storage.sync(segment_name(number))
            if ordinal != self._synced_ordinal:
                self._storage.sync_names()
            for number in range(max(1, self._synced_ordinal), ordinal):
                self._storage.release(segment_name(number))
        except OSError as error:
            raise _sync_failed(error) from error
        self._synced_ordinal = ordinal
        self.syncs += 1

    def _mark(self, sequence: int, chain: bytes) -> None:
        try:
            self._commit.store(self._epoch, sequence, chain)
        except OSError as error:
            raise JournalFailed(f"Writing the commit mark failed: {error.strerror or error}.") from error

    def sync_mark(self) -> None:
        """Flush the mark, so that what it tells is not forgotten either. Raises OSError."""
        self._storage.sync(MARK_NAME)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self.full is not None:
                self._arrived.wait(NO_SPACE_RETRY_S)
                self._arrived.clear()
            elif self._interval_s:
                self._stopping.wait(self._interval_s)
            else:
                self._arrived.wait()
                self._arrived.clear()
            if not self._is_with_thread:  # woken for what the turn before has taken along
                continue
            try:
                self.commit()
            except JournalError as error:
                self.failure = error if isinstance(error, JournalFailed) else JournalFailed(str(error))
                self._on_durable()
                return
            self._hand_back()

    def _hand_back(self) -> None:
        """Give the files to the loop if nothing is left to do that may take long."""
        with self._handing_over:
            if self._kernel is not None and not self._queue and self.full is None and self._writer.is_plain:
                self._is_with_thread = False


def _sync_failed(error: OSError) -> JournalFailed:
    return JournalFailed(f"fsync of the journal failed: {error.strerror or error}; the server stops.")


def _portions(batch: list[Payload]) -> Iterator[list[Payload]]:
    """The appends in order, as many together as make one frame."""
    together: list[Payload] = []
    size = 0
    for payload in batch:
        if together and size + len(payload.content) > FRAME_PAYLOAD_BYTES:
            yield together
            together, size = [], 0
        together.append(payload)
        size += len(payload.content)
    if together:
        yield together
