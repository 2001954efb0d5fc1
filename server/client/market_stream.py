"""One market data stream as its receiver has it: in sequence, once, and what to do when something is missing.

Rules: pure. What cannot be handed over yet is kept, bounded. What is missing is asked for by the ladder of its topic:
a small hole of a complete stream is retransmitted, all else is a snapshot and a replay of what was kept. Who asks
without success waits longer each time. While anything is missing the stream is stale, and says why.
"""

from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final

from server.client.incoming import MarketDataReceived, StaleReason
from server.protocol.codec import Records
from server.protocol.enums import Topic

KEPT_MESSAGES_MAX: Final = 4096
RETRANSMIT_MAX: Final = 4096
"""A larger hole is not asked for record by record: a snapshot is sooner there."""
RETRY_FIRST_NS: Final = 50_000_000
RETRY_LAST_NS: Final = 5_000_000_000
CALM_NS: Final = 1_000_000_000
AGAIN_NS: Final = 250_000_000
"""A stream that loses something again within `CALM_NS` waits before it asks again, at most so long."""
ABSOLUTE: Final = (Topic.QUOTE, Topic.STATISTICS)
"""Each record replaces the one before it, so that a hole costs nothing."""
COMPLETE: Final = (Topic.ORDERS, Topic.TRADES, Topic.STATUS)


@unique
class Need(Enum):
    """What a stream needs from the control plane."""

    NOTHING = "nothing"
    SNAPSHOT = "snapshot"
    RETRANSMIT = "retransmit"


@dataclass(slots=True)
class Message:
    """Records of one stream, the first of which has the number `first`."""

    first: int
    engine_sequence: int
    records: Records
    published_ns: int = 0
    received_ns: int = 0

    @property
    def after(self) -> int:
        """The number that follows."""
        return self.first + len(self.records)


@dataclass(slots=True)
class StreamCounts:
    """What happened to a stream, or to all streams of a topic."""

    gaps: int = 0
    retransmits: int = 0
    """Retransmissions asked for."""
    snapshots: int = 0
    """Snapshots asked for, the first one of each subscription too."""
    resyncs: int = 0
    """How often all that was known was given up: a wrong checksum, a receiver too slow, an overflow."""
    lost: int = 0
    """Records that nobody could give any more."""

    def add(self, other: "StreamCounts") -> None:
        """Add another's counts; one by one, as they are summed over all streams several times a second."""
        self.gaps += other.gaps
        self.retransmits += other.retransmits
        self.snapshots += other.snapshots
        self.resyncs += other.resyncs
        self.lost += other.lost


@dataclass(slots=True)
class MarketStream:
    """See the module. `patience_ns`: how long a hole may wait for the other of two lines before it counts."""

    topic: Topic
    instrument: int
    patience_ns: int = 0
    next_sequence: int = 0
    """The number expected next; 0: not known yet."""
    synced: bool = False
    stale: StaleReason | None = None
    """Why it must not be trusted now; None also before its first snapshot."""
    requested: bool = False
    """A snapshot or retransmission was asked for and has not been answered."""
    retry_at_ns: int = 0
    counts: StreamCounts = field(default_factory=StreamCounts)
    kept: list[Message] = field(default_factory=list)
    _told_next: int = 0
    """The highest next number that a heartbeat named."""
    _hole_until_ns: int = 0
    """Until when a hole may be filled by the other line; 0: there is none."""
    _hole_first: int = 0
    """Where a hole begins over which a state has leapt; 0: there is none."""
    _attempts: int = 0
    _synced_at_ns: int = 0
    _only_snapshot: bool = False
    _lost: bool = False
    """The owner has to be told that something before the next records is missing."""

    # ---- what is asked for ----

    def need(self, now_ns: int) -> Need:
        """What to ask for now."""
        if self.synced or self.requested or now_ns < self.retry_at_ns:
            return Need.NOTHING
        if self.topic is Topic.TRADES:
            return Need.RETRANSMIT
        small = self.topic in COMPLETE and self.next_sequence > 0 and self.missing <= RETRANSMIT_MAX
        return Need.RETRANSMIT if small and not self._only_snapshot else Need.SNAPSHOT

    @property
    def missing(self) -> int:
        """How far it is to the end of the last hole known, all holes in one; 0 if none is known."""
        known = max(self.kept[-1].first if self.kept else 0, self._told_next)
        return max(0, known - self.next_sequence)

    def asked(self, need: Need) -> None:
        """The request is on its way."""
        self.requested = True
        if need is Need.RETRANSMIT:
            self.counts.retransmits += 1
        else:
            self.counts.snapshots += 1

    # ---- what comes ----

    def on_subscribed(self) -> None:
        """A new subscription (or a new session): trades begin where we join, the others with a snapshot."""
        was_in_use = self.synced or self.stale is not None
        self.kept.clear()
        self.requested = self._only_snapshot = False
        self.retry_at_ns = self._hole_until_ns = self._attempts = 0
        self.next_sequence = self._told_next = 0
        self.synced = self.topic is Topic.TRADES
        self.stale = StaleReason.RESTART if was_in_use and not self.synced else None
        self._lost = was_in_use

    def on_message(self, message: Message, now_ns: int) -> list[MarketDataReceived]:
        """What can be handed over now."""
        if self.next_sequence == 0 and self.synced:
            self.next_sequence = message.first
        if message.first <= self._hole_first:
            self._hole_until_ns = self._hole_first = 0
        if self.synced and message.first <= self.next_sequence:
            received = self._deliver(message)
            return received + self._take_kept(now_ns) if self.kept else received
        if self.synced and self.topic in ABSOLUTE:
            return self._leap(message, now_ns)
        self._keep(message)
        if self.synced:
            self._found_hole(now_ns, StaleReason.GAP)
        return []

    def on_position(self, next_sequence: int, now_ns: int) -> None:
        """A heartbeat says which number comes next: a lost tail is seen by it."""
        self._told_next = max(self._told_next, next_sequence)
        if not self.synced:
            return
        if self.next_sequence == 0:
            self.next_sequence = next_sequence
        elif next_sequence > self.next_sequence:
            self._found_hole(now_ns, StaleReason.TAIL_LOST)

    def on_time(self, now_ns: int) -> None:
        """A hole that nobody filled in time is a gap."""
        if self._hole_until_ns and now_ns >= self._hole_until_ns and self.synced:
            self._hole_until_ns = 0
            self._gap(now_ns, StaleReason.GAP)

    @property
    def waits_until_ns(self) -> int:
        """When `on_time` has something to do; 0: never."""
        return self._hole_until_ns

    def on_snapshot(self, message: Message, now_ns: int) -> list[MarketDataReceived]:
        """A snapshot true as of the number before `first` (all its records are of one moment); then what was kept."""
        self.requested = False
        if self.synced:
            return []
        self.next_sequence = message.first
        lost, self._lost = self._lost or self.stale is not None, False
        received = [
            MarketDataReceived(
                self.topic, self.instrument, message.records, message.first - 1, message.engine_sequence,
                snapshot=True, gap=lost, published_ns=message.published_ns, received_ns=message.received_ns,
            )
        ]  # fmt: skip
        self._only_snapshot = False
        self._in_step(now_ns)
        return received + self._take_kept(now_ns)

    def on_retransmitted(self, message: Message, now_ns: int, *, more: bool = False) -> list[MarketDataReceived]:
        """Records from `next_sequence` on; a further page is asked for while a hole remains."""
        self.requested = False
        if self.synced:
            return []
        if more:
            self._told_next = max(self._told_next, message.after + 1)
        received = self._deliver(message) if message.first <= self.next_sequence else []
        if not received and self.missing:
            self.on_refused(now_ns)
            return []
        self._in_step(now_ns)
        received += self._take_kept(now_ns)
        self._look_for_tail(now_ns)
        return received

    def _look_for_tail(self, now_ns: int) -> None:
        if self.synced and self._told_next > self.next_sequence:
            self._unsync(now_ns)

    def on_refused(self, now_ns: int) -> None:
        """No answer, or not now: later again, each time a little later."""
        self.requested = False
        self._attempts += 1
        self.retry_at_ns = now_ns + _pause_ns(self._attempts)

    def on_too_old(self, now_ns: int) -> list[MarketDataReceived]:
        """What is missing is no longer kept: a snapshot instead. Trades have none, go on, and say so once."""
        self.requested = False
        if self.topic is not Topic.TRADES:
            self._only_snapshot = True
            return []
        self._lost = True
        goes_on_at = max(self.next_sequence, self.kept[0].first if self.kept else self._told_next)
        self.counts.lost += goes_on_at - self.next_sequence
        self.next_sequence = goes_on_at
        self._in_step(now_ns)
        return self._take_kept(now_ns)

    def resync(self, reason: StaleReason, now_ns: int) -> None:
        """Begin anew: with a snapshot, because what is known is worth nothing; if only the queue was dropped
        (TOO_SLOW), a complete stream with what it missed.
        """
        self.counts.resyncs += 1
        self._hole_until_ns = self._hole_first = 0
        if reason is StaleReason.TOO_SLOW:
            self.kept.clear()
        else:
            self._lost = self._only_snapshot = True
            if self.topic is Topic.TRADES:
                return
        if self.synced:
            self._unsync(now_ns)
        self.stale = reason

    # ---- inside ----

    def _deliver(self, message: Message) -> list[MarketDataReceived]:
        """What of a message is new, if anything is; it begins at or before the number expected."""
        skip = self.next_sequence - message.first
        if skip >= len(message.records):
            return []
        self.next_sequence = message.after
        lost, self._lost = self._lost, False
        return [
            MarketDataReceived(
                self.topic, self.instrument, message.records[skip:] if skip else message.records,
                self.next_sequence - 1, message.engine_sequence, gap=lost,
                published_ns=message.published_ns, received_ns=message.received_ns,
            )
        ]  # fmt: skip

    def _leap(self, message: Message, now_ns: int) -> list[MarketDataReceived]:
        """A state that replaces what was missed before it."""
        if not self.patience_ns:
            self.counts.gaps += 1
            self._lost = True
        elif not self._hole_until_ns:
            self._hole_until_ns = now_ns + self.patience_ns
            self._hole_first = self.next_sequence
        self.next_sequence = message.first
        return self._deliver(message)

    def _keep(self, message: Message) -> None:
        if len(self.kept) >= KEPT_MESSAGES_MAX:
            self.kept.clear()
            self._lost = True
        if self.kept and message.first < self.kept[-1].first:
            self.kept.append(message)
            self.kept.sort(key=lambda one: one.first)
        else:
            self.kept.append(message)

    def _take_kept(self, now_ns: int) -> list[MarketDataReceived]:
        """What of the kept messages is next, up to the next hole."""
        received: list[MarketDataReceived] = []
        waiting, self.kept = self.kept, []
        for place, message in enumerate(waiting):
            if message.first > self.next_sequence > 0:
                if self.topic in ABSOLUTE:
                    received += self._leap(message, now_ns)
                    continue
                self.kept = waiting[place:]
                self._found_hole(now_ns, StaleReason.GAP)
                return received
            self.next_sequence = self.next_sequence or message.first
            received += self._deliver(message)
        if self.synced:
            self._hole_until_ns = 0
        return received

    def _found_hole(self, now_ns: int, reason: StaleReason) -> None:
        if self.patience_ns and not self._hole_until_ns:
            self._hole_until_ns = now_ns + self.patience_ns
        elif now_ns >= self._hole_until_ns:
            self._hole_until_ns = 0
            self._gap(now_ns, reason)

    def _gap(self, now_ns: int, reason: StaleReason) -> None:
        if self._hole_first:
            self._hole_first = 0
            self.counts.gaps += 1
        if self.kept or self._told_next > self.next_sequence:
            self.counts.gaps += 1
            self._unsync(now_ns)
            self.stale = reason

    def _unsync(self, now_ns: int) -> None:
        self.synced = False
        if not self._synced_at_ns or now_ns >= self._synced_at_ns + CALM_NS:
            self._attempts = 0
        self.retry_at_ns = now_ns + min(_pause_ns(self._attempts), AGAIN_NS)
        self._attempts += 1
        if self.stale is None:
            self.stale = StaleReason.GAP

    def _in_step(self, now_ns: int) -> None:
        self.synced = True
        self.stale = None
        self._synced_at_ns = now_ns


def _pause_ns(attempts: int) -> int:
    """How long to wait after so many attempts: at first not at all."""
    return min(RETRY_FIRST_NS << min(attempts - 1, 10), RETRY_LAST_NS) if attempts else 0
