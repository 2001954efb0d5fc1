"""How far market data lags behind: its time of sending against the time of its arrival, relative to the smallest seen.

Rules: pure. The clocks of the two sides need not agree, only run at nearly one speed; a market clock that runs faster
(a replay) hides a small lag, never shows a false one.
"""

from typing import Final

LAG_MAX_NS: Final = 2_000_000_000
"""A subscriber that is further behind drops what waits for it."""
_DRIFT: Final = 10_000
"""One part in so many is how much the two clocks may run apart."""


class LagGauge:
    """The smallest distance of the two clocks is where there was no lag."""

    def __init__(self) -> None:
        self._smallest_ns: int | None = None
        self._newest_ns = 0
        self._seen_ns = 0

    def reset(self) -> None:
        """Begin anew, after the queue was dropped."""
        self._smallest_ns = None
        self._newest_ns = 0

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
