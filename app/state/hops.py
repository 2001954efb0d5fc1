"""How long market data takes from hop to hop: happened, sent by the server, received here, applied.

Rules: integers, ns since the epoch, UTC, all four on the market's clock; what two clocks make negative counts as 0.
"""

from typing import Final

SAMPLES: Final = 512
HOPS: Final = ("publish", "network", "window")
"""From the event to its sending, from there to this machine, from there to the frame that shows it."""


class HopTimes:
    """The newest durations of each hop in ns, oldest first."""

    def __init__(self) -> None:
        """No samples."""
        self.samples: dict[str, list[int]] = {hop: [] for hop in HOPS}

    def add(self, happened_ns: int, published_ns: int, received_ns: int, applied_ns: int) -> None:
        """Note one message."""
        times = (happened_ns, published_ns, received_ns, applied_ns)
        for hop, begin, end in zip(HOPS, times, times[1:], strict=False):
            kept = self.samples[hop]
            kept.append(max(0, end - begin))
            del kept[:-SAMPLES]

    def percentile_ns(self, hop: str, fraction: float) -> int:
        """A percentile of one hop, -1 without samples."""
        ordered = sorted(self.samples[hop])
        return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))] if ordered else -1
