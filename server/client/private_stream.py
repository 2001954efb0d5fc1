"""The user's private events, seen from the receiver: complete, in sequence, each once.

Rules: pure. Events are handed over only in sequence; what can't be handed over yet is kept, bounded, and what is
missing is resumed by page, for which the owner asks.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from server.client.incoming import EventsReceived
from server.protocol.codec import Records

KEPT_MESSAGES_MAX: Final = 4096


@dataclass(slots=True)
class Kept:
    """A message that waits for what comes before it."""

    first: int
    records: Records


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
            self.kept.append(Kept(first, events))
            return []
        if first > self.sequence + 1:
            self.gaps += 1
            self.synced = False
            self.kept.append(Kept(first, events))
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
