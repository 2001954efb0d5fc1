"""The loop on one screen: poll, stamp, journal, apply, release. Given clock, transport, storage and engine.

Rules: nothing leaves before the command that it follows from is durable, and what leaves keeps the order of the
commands: replies and private events, then market data, then the event log. In `fsync` mode later batches are applied
while earlier outputs wait for the disk. The state never depends on where a batch ends. Recovery is the same `apply`.
"""

import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from server.engine.exchange import Exchange, Outputs
from server.engine.kernel import Words
from server.gateway.backlog import NO_BACKLOG, Backlog
from server.gateway.event_writer import EventWriter, last_command_of
from server.gateway.gateway import Gateway
from server.gateway.outbox import Outbox, Transport
from server.gateway.urgency import urgent_rows
from server.journal.errors import EngineFault, JournalFailed, JournalFull
from server.journal.fault_search import applied, fault_of, located
from server.journal.log import Log
from server.journal.sequencer import Sequencer
from server.journal.snapshotter import Snapshotter
from server.protocol.records import COMMAND

COMMAND_SIZE = COMMAND.itemsize
RETRY_NS = 100_000_000
"""How long a full disk is left alone before the journal is tried again."""
_MILLISECOND_NS = 1_000_000
OutputBytes = tuple[bytes, bytes]
"""EVENT rows and BOOK_RECORD rows of a batch."""


@dataclass(slots=True)
class Held:
    """Outputs that may leave once `sequence` is durable."""

    sequence: int
    outbox: Outbox
    outputs: OutputBytes | None
    since_ns: int
    """When it began to wait."""


class Pipeline:
    """One shard's loop. `recover` once, then `turn` for ever."""

    def __init__(
        self,
        *,
        clock: Callable[[], int],
        timer: Callable[[], int] | None = None,
        pace: int = 1,
        transport: Transport,
        journal: Log,
        event_writer: EventWriter,
        exchange: Exchange,
        gateway: Gateway,
        snapshotter: Snapshotter | None = None,
        first_state: Callable[[], Words | None] = lambda: None,
    ) -> None:
        """`clock` stamps commands; `timer` (by default the clock) runs cadences; the clock is `pace` times as fast.

        `first_state` gives the memory that `exchange` was made with, once more; None: it was a new one.
        """
        self._clock = clock
        self._timer = timer or clock
        self._pace = pace
        self._transport = transport
        self._journal = journal
        self._epoch = journal.epoch
        self._event_writer = event_writer
        self._exchange = exchange
        self._gateway = gateway
        self._snapshotter = snapshotter
        self._first_state = first_state
        self._unlogged_max = gateway.settings.unlogged_bytes_max
        self._stall_ns = gateway.settings.stall_ms * _MILLISECOND_NS
        self._sequencer = Sequencer(clock, journal.last_sequence, journal.last_time_ns)
        self._held: deque[Held] = deque()
        self._next_due_ns = 0
        self._retry_ns = 0
        self._is_refusing = False
        self._applied = 0
        self.turns = 0
        self.batches = 0
        gateway.counter_sources.append(self.counters)

    def recover(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Replay the journal behind the engine's state, and complete the event log where it lags."""
        logged = self._event_writer.event_log.last_command_sequence
        self._next_due_ns = self._exchange.next_due_ns
        first = self._exchange.sequence + 1
        for commands in self._journal.read(first, split_after=logged):
            last = int(commands["sequence"][-1])
            try:
                outputs = applied(self._exchange, commands)
            except EngineFault as fault:
                self._exchange.begin_again(self._first_state())
                raise located(fault, self._journal.read(first), self._exchange, self._complete) from fault.cause
            self._next_due_ns = outputs.next_due_ns
            if last > logged:
                self._complete(outputs)
            progress(last)
        self._applied = int(self._exchange.sequence)
        self._gateway.begin()

    def _complete(self, outputs: Outputs) -> None:
        """Append to the event log what it lacks of these outputs of recovered commands."""
        event_log = self._event_writer.event_log
        logged = event_log.last_command_sequence
        events, market_data = outputs.events, outputs.market_data
        event_log.append(events[events["command_sequence"] > logged], market_data[market_data["sequence"] > logged])

    def turn(self, timeout_ms: int) -> None:
        """One round; waits up to `timeout_ms` for something to do. Raises JournalFailed: stop the process."""
        arrivals = self._transport.poll(self._wait_ms(timeout_ms))
        now_ns = self._timer()
        gateway = self._gateway
        self._release(now_ns)
        gateway.on_arrivals(now_ns, self._clock(), arrivals, self._backlog(now_ns))
        commands = gateway.take_commands(self._next_due_ns, probes=self._probes(now_ns))
        if commands is None or self._apply(now_ns, commands):
            gateway.answer()
        else:
            gateway.answer_reads()
        gateway.on_time(now_ns)
        self._let_out(now_ns)
        prompt = gateway.take_prompt()
        if prompt is not None:
            self._transport.send(prompt)
        self._event_writer.on_time(now_ns)
        if self._snapshotter is not None:
            self._snapshotter.on_turn(self._output_sequence)
        self.turns += 1

    def _apply(self, now_ns: int, commands: bytearray) -> bool:
        """Stamp, journal, apply, hand out. False if the disk is full: only what is urgent was done, all were told."""
        is_whole = self._journaled(now_ns, commands)
        if not is_whole:
            commands = self._urgent_alone(commands)
            if not commands:
                return False
        try:
            events, market_data, self._next_due_ns = self._exchange.apply_bytes(commands)
        except Exception as error:
            raise self._failed(now_ns, commands, error) from error
        self._applied = self._journal.last_sequence
        self.batches += 1
        gateway = self._gateway
        gateway.on_events(events, self._applied)
        self._let_out(now_ns)
        gateway.on_market_data(market_data, self._applied)
        self._let_out(now_ns, (events, market_data))
        return is_whole

    def _failed(self, now_ns: int, commands: bytearray, error: Exception) -> EngineFault:
        """The fault of a batch of which nothing was handed out; what was released before is in the event log then."""
        with contextlib.suppress(JournalFailed):  # the fault says more; the next start completes the log
            self._event_writer.flush(now_ns)
        return fault_of(np.frombuffer(commands, COMMAND), error)

    def _journaled(self, now_ns: int, commands: bytearray) -> bool:
        """Whether the journal took the batch. A full disk is left alone for a while."""
        if now_ns < self._retry_ns:
            return False
        self._is_refusing = not self._taken(commands, self._journal.append_bytes)
        if self._is_refusing:
            self._retry_ns = now_ns + RETRY_NS
        return not self._is_refusing

    def _probes(self, now_ns: int) -> bool:
        """Whether the full disk is to be tried by a command of the server's own, since no order may come that does."""
        return self._is_refusing and now_ns >= self._retry_ns

    def _urgent_alone(self, commands: bytearray) -> bytearray:
        """What of a refused batch the journal's reserve took, cancels above all; the rest is withdrawn."""
        rows = np.frombuffer(commands, COMMAND)
        is_urgent = urgent_rows(rows)
        urgent = bytearray(rows[is_urgent].tobytes())
        if urgent and self._taken(urgent, self._journal.append_urgent_bytes):
            self._gateway.withdraw(rows[~is_urgent])
            return urgent
        self._gateway.withdraw(rows)
        return bytearray()

    def _taken(self, commands: bytearray, append: Callable[[bytearray, int, int, int, int], None]) -> bool:
        sequencer, journal = self._sequencer, self._journal
        first_sequence, last_time_ns = sequencer.stamp_bytes(commands)
        try:
            append(commands, len(commands) // COMMAND_SIZE, first_sequence, last_time_ns, self._epoch)
        except JournalFull:
            sequencer.withdraw(journal.last_sequence, journal.last_time_ns)
            return False
        return True

    def _let_out(self, now_ns: int, outputs: OutputBytes | None = None) -> None:
        """Send what the gateway made, and log the outputs, if all before it is durable; else queue it behind."""
        outbox = self._gateway.outbox
        if outputs is None and not outbox.has_messages():
            return
        if not self._held and self._journal.durable_sequence() >= self._applied:
            self._send(now_ns, outbox, outputs)
            outbox.clear()
        else:
            self._held.append(Held(self._applied, self._gateway.take_outbox(), outputs, now_ns))

    def _release(self, now_ns: int) -> None:
        """Let out, in order, everything that has become durable."""
        held = self._held
        if not held:
            return
        durable = self._journal.durable_sequence()
        while held and held[0].sequence <= durable:
            ready = held.popleft()
            self._send(now_ns, ready.outbox, ready.outputs)

    def _send(self, now_ns: int, outbox: Outbox, outputs: OutputBytes | None) -> None:
        self._transport.send(outbox)
        if outputs is not None:
            self._event_writer.append(now_ns, *outputs)

    def _held_commands(self) -> int:
        return self._applied - self._held[0].sequence + 1 if self._held else 0

    def _backlog(self, now_ns: int) -> Backlog:
        held, waiting = self._held, self._event_writer.waiting
        is_full = self._is_refusing or self._journal.is_full
        if not held and not is_full and waiting < self._unlogged_max:
            return NO_BACKLOG
        is_stalled = bool(held) and now_ns - held[0].since_ns >= self._stall_ns
        return Backlog(self._held_commands(), waiting, is_stalled, is_full)

    def _wait_ms(self, timeout_ms: int) -> int:
        """How long nothing can become due."""
        if timeout_ms == 0:
            return 0
        wait_ns = self._gateway.due_ns() - self._timer()
        log_due_ns = self._event_writer.due_ns()
        if log_due_ns is not None:
            wait_ns = min(wait_ns, log_due_ns - self._timer())
        if self._next_due_ns:
            due_ns = (self._next_due_ns - self._clock()) // self._pace
            wait_ns = min(wait_ns, max(due_ns, self._retry_ns - self._timer()))
        return max(0, min(timeout_ms, -(-wait_ns // _MILLISECOND_NS)))

    def stop(self, deadline_ns: int) -> None:
        """Close all sessions and take turns until all is durable and released, or the timer passes the deadline."""
        self._gateway.stop()
        self.turn(0)
        while self._held and self._timer() < deadline_ns:
            self.turn(10)
        self._event_writer.flush(self._timer())
        if self._snapshotter is not None and not self._held:
            self._snapshotter.stop(self._output_sequence())

    def _output_sequence(self) -> int:
        """The last applied command that had any output: what waits for the disk, for the log, or is in the log."""
        for held in reversed(self._held):
            if held.outputs is not None and any(held.outputs):
                return last_command_of(*held.outputs)
        return self._event_writer.last_command_sequence

    def counters(self) -> dict[str, int]:
        """Depths and counts of the loop and of the disk behind it."""
        return {
            "pipeline.turns": self.turns,
            "pipeline.batches": self.batches,
            "pipeline.held": len(self._held),
            "pipeline.unlogged": self._event_writer.waiting,
            **self._journal.counters(),
        }
