"""Gap-free streams, seen from the receiver: market data by topic and instrument, and the user's private events.

Rules: pure. A stream hands over records only in sequence and once; what it can't hand over yet it keeps, bounded;
what it needs (a snapshot, a retransmission) it says by `Need`, and its owner asks for it.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final

from server.client.incoming import EventsReceived, MarketDataReceived
from server.protocol.codec import Records
from server.protocol.enums import Topic

KEPT_MESSAGES_MAX: Final = 4096


@unique
class Need(Enum):
    """What a stream needs from the control plane."""

    NOTHING = "nothing"
    SNAPSHOT = "snapshot"
    RETRANSMIT = "retransmit"


@dataclass(slots=True)
class Kept:
    """A message that waits for what comes before it."""

    first: int
    engine_sequence: int
    records: Records


@dataclass(slots=True)
class MarketStream:
    """One market data stream. QUOTE, STATUS and STATISTICS records are complete in themselves: a gap costs nothing.

    DEPTH and ORDERS are changes to a snapshot; TRADES has no snapshot and is retransmitted.
    """

    topic: Topic
    instrument: int
    next_sequence: int = 0
    """The number expected next; 0: not known yet."""
    synced: bool = False
    requested: bool = False
    """A snapshot or retransmission was asked for and has not been answered."""
    gaps: int = 0
    lost: bool = False
    kept: deque[Kept] = field(default_factory=deque)

    @property
    def absolute(self) -> bool:
        """Each record replaces the one before it."""
        return self.topic in (Topic.QUOTE, Topic.STATUS, Topic.STATISTICS)

    @property
    def need(self) -> Need:
        """What to ask for now."""
        if self.requested or self.synced:
            return Need.NOTHING
        return Need.RETRANSMIT if self.topic == Topic.TRADES else Need.SNAPSHOT

    def on_subscribed(self) -> None:
        """A new subscription (or a new session): trades begin where we join, the others with a snapshot."""
        self.kept.clear()
        self.requested = False
        self.next_sequence = 0
        self.synced = self.topic == Topic.TRADES

    def on_records(self, first: int, engine_sequence: int, records: Records) -> list[MarketDataReceived]:
        """A message whose first record has the number `first`: what can be handed over now."""
        if not self.synced:
            self._keep(Kept(first, engine_sequence, records))
            return []
        if self.next_sequence == 0:
            self.next_sequence = first
        if first > self.next_sequence:
            self.gaps += 1
            if not self.absolute:
                self._desync(Kept(first, engine_sequence, records))
                return []
            return [self._deliver(first, engine_sequence, records, gap=True)]
        skip = self.next_sequence - first
        if skip >= len(records):
            return []
        return [self._deliver(first + skip, engine_sequence, records[skip:])]

    def on_position(self, next_sequence: int) -> None:
        """A heartbeat says which number comes next: a lost tail is seen by it."""
        if not self.synced:
            return
        if self.next_sequence == 0:
            self.next_sequence = next_sequence
        elif next_sequence > self.next_sequence:
            self.gaps += 1
            self._desync(None)

    def on_snapshot(self, sequence: int, engine_sequence: int, records: Records) -> list[MarketDataReceived]:
        """A snapshot true as of `sequence`; then what was kept after it."""
        self.requested = False
        if self.synced:
            return []
        self.synced = True
        self.next_sequence = sequence + 1
        lost, self.lost = self.lost, False
        received = [
            MarketDataReceived(self.topic, self.instrument, records, sequence, engine_sequence, snapshot=True, gap=lost)
        ]
        return received + self._take_kept()

    def on_retransmitted(self, first: int, engine_sequence: int, records: Records) -> list[MarketDataReceived]:
        """Records from `next_sequence` on; a further page is asked for while a gap remains."""
        self.requested = False
        self.synced = True
        received = self.on_records(first, engine_sequence, records) if len(records) else []
        return received + self._take_kept()

    def on_unavailable(self, next_sequence: int = 0) -> list[MarketDataReceived]:
        """What a TRADES stream missed is gone: it goes on with what it has, and says so once."""
        self.requested = False
        if self.topic != Topic.TRADES:
            return []
        self.synced = True
        self.next_sequence = self.kept[0].first if self.kept else next_sequence
        received = self._take_kept()
        if received:
            head = received[0]
            received[0] = MarketDataReceived(
                head.topic, head.instrument, head.records, head.sequence, head.engine_sequence, gap=True
            )
        return received

    def _deliver(self, first: int, engine_sequence: int, records: Records, gap: bool = False) -> MarketDataReceived:
        self.next_sequence = first + len(records)
        last = self.next_sequence - 1
        return MarketDataReceived(self.topic, self.instrument, records, last, engine_sequence, gap=gap)

    def _keep(self, message: Kept) -> None:
        if len(self.kept) >= KEPT_MESSAGES_MAX:
            self.kept.clear()
            self.lost = True
        self.kept.append(message)

    def _desync(self, message: Kept | None) -> None:
        self.synced = False
        self.lost = True
        if message is not None:
            self._keep(message)

    def _take_kept(self) -> list[MarketDataReceived]:
        received: list[MarketDataReceived] = []
        waiting, self.kept = self.kept, deque()
        for message in waiting:
            received += self.on_records(message.first, message.engine_sequence, message.records)
        return received


@dataclass(slots=True)
class PrivateStream:
    """The user's own events: complete, resumed by page after a gap or a reconnection."""

    sequence: int = 0
    """The newest event handed over."""
    synced: bool = False
    requested: bool = False
    gaps: int = 0
    kept: deque[Kept] = field(default_factory=deque)

    def restart(self, sequence: int) -> None:
        """A session begins; we have seen everything up to `sequence`."""
        self.sequence = sequence
        self.synced = False
        self.requested = False
        self.kept.clear()

    def on_events(self, first: int, events: Records) -> list[EventsReceived]:
        """A live message whose first event has the number `first`."""
        if not self.synced:
            if len(self.kept) >= KEPT_MESSAGES_MAX:
                self.kept.popleft()
            self.kept.append(Kept(first, 0, events))
            return []
        if first > self.sequence + 1:
            self.gaps += 1
            self.synced = False
            self.kept.append(Kept(first, 0, events))
            return []
        return self._deliver(first, events, resumed=False)

    def on_next_sequence(self, next_sequence: int) -> None:
        """A heartbeat says which number comes next."""
        if self.synced and next_sequence > self.sequence + 1:
            self.gaps += 1
            self.synced = False

    def on_page(self, events: Records, more: bool) -> list[EventsReceived]:
        """A page of the resume, oldest first. Complete when no more follows and nothing kept lies beyond a gap."""
        self.requested = False
        received = self._deliver(int(events[0]["stream_sequence"]), events, resumed=True) if len(events) else []
        if more:
            return received
        self.synced = True
        waiting, self.kept = self.kept, deque()
        for message in waiting:
            received += self.on_events(message.first, message.records)
        return received

    def _deliver(self, first: int, events: Records, resumed: bool) -> list[EventsReceived]:
        skip = self.sequence + 1 - first
        if skip >= len(events):
            return []
        if skip > 0:
            events = events[skip:]
        self.sequence = max(first, self.sequence + 1) + len(events) - 1
        return [EventsReceived(events, resumed)]
