"""Which instruments must not be trusted now, why, and since when.

Rules: said stream by stream, by those who found out; an instrument's price is as stale as the oldest trouble of the
streams that make it (quote, depth, status). Trades and the order-by-order feed have their own views.
"""

from dataclasses import dataclass
from typing import Final

from server.client.incoming import StaleReason
from server.protocol.enums import Topic

PRICE_TOPICS: Final = (Topic.QUOTE, Topic.DEPTH, Topic.STATUS)


@dataclass(frozen=True, slots=True)
class Stale:
    """One stream's trouble; `since_ns` by the workstation's clock."""

    reason: StaleReason
    since_ns: int


class Staleness:
    """By instrument and topic."""

    def __init__(self) -> None:
        """Nothing is stale."""
        self._of: dict[int, dict[Topic, Stale]] = {}

    def turn(self, topic: Topic, instrument: int, reason: StaleReason | None, now_ns: int) -> bool:
        """A stream went out of step, or (None) is in step again; True if that is news."""
        streams = self._of.setdefault(instrument, {})
        before = streams.get(topic)
        if reason is None:
            streams.pop(topic, None)
            if not streams:
                del self._of[instrument]
        elif before is None or before.reason is not reason:
            streams[topic] = Stale(reason, before.since_ns if before else now_ns)
        return before is None or before.reason is not reason

    def price(self, instrument: int) -> Stale | None:
        """The oldest trouble of an instrument's price, None if it is sound."""
        streams = self._of.get(instrument)
        if streams is None:
            return None
        found = [streams[topic] for topic in PRICE_TOPICS if topic in streams]
        return min(found, key=lambda one: one.since_ns) if found else None

    def of(self, topic: Topic, instrument: int) -> Stale | None:
        """The trouble of one stream."""
        return self._of.get(instrument, {}).get(topic)

    def instruments(self) -> list[int]:
        """Those with any trouble."""
        return list(self._of)

    def clear(self) -> None:
        """Another link knows better."""
        self._of.clear()
