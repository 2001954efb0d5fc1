"""How far market data lags behind: its time of sending against the time of its arrival, relative to the smallest seen.

Rules: pure. The clocks of the two sides need not agree, only run at nearly one speed; a market clock that runs faster
(a replay) hides a small lag, never shows a false one. What is late all at once, because the server's disk or the
network stood still for a while, is over in a moment and no reason to drop anything; only a lag that stays is.
"""

from typing import Final

LAG_MAX_NS: Final = 2_000_000_000
"""A subscriber that is further behind drops what waits for it."""
STAYS_NS: Final = 250_000_000
"""For so long it has to be further behind, without a message in between that is not."""
_DRIFT: Final = 10_000
"""One part in so many is how much the two clocks may run apart."""


class LagGauge:
    """The smallest distance of the two clocks is where there was no lag."""

    def __init__(self) -> None:
        self._smallest_ns: int | None = None
        self._newest_ns = 0
        self._seen_ns = 0
        self._late_since_ns = 0

    def reset(self) -> None:
        """Begin anew, after the queue was dropped."""
        self._smallest_ns = None
        self._newest_ns = 0
        self._late_since_ns = 0

    def stays_behind_ns(self, sent_ns: int, now_ns: int) -> int:
        """The lag of a message, if it is too far behind and so were those before it for a while; else 0."""
        lag_ns = self.lag_ns(sent_ns, now_ns)
        if lag_ns <= LAG_MAX_NS:
            self._late_since_ns = 0
            return 0
        self._late_since_ns = self._late_since_ns or now_ns
        return lag_ns if now_ns - self._late_since_ns >= STAYS_NS else 0

    def lag_ns(self, sent_ns: int, now_ns: int) -> int:
        """The lag of a message. One that is older than a message before it (of another line) has none."""
        if sent_ns < self._newest_ns:
            return 0
        self._newest_ns = sent_ns
        distance_ns = now_ns - sent_ns
        if self._smallest_ns is None:
            self._smallest_ns = distance_ns
        else:
            self._smallest_ns = min(distance_ns, self._smallest_ns + max(0, now_ns - self._seen_ns) // _DRIFT)
        self._seen_ns = now_ns
        return distance_ns - self._smallest_ns
