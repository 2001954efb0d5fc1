"""How long frames take: data applied plus pixels painted, the newest ones, as percentiles."""

from collections import deque
from typing import Final

SAMPLES: Final = 512


class FrameMeter:
    """Times in nanoseconds. One frame is one `applied` and the paints up to the next."""

    def __init__(self) -> None:
        """No frame yet."""
        self.frames: deque[int] = deque(maxlen=SAMPLES)
        self.paints: deque[int] = deque(maxlen=SAMPLES)
        self.applies: deque[int] = deque(maxlen=SAMPLES)
        self.count = 0
        self._applied_ns = 0
        self._painted_ns = 0

    def applied(self, elapsed_ns: int) -> None:
        """A frame begins: its data took so long to apply."""
        if self.count:
            self.frames.append(self._applied_ns + self._painted_ns)
            self.applies.append(self._applied_ns)
            self.paints.append(self._painted_ns)
        self.count += 1
        self._applied_ns, self._painted_ns = elapsed_ns, 0

    def painted(self, elapsed_ns: int) -> None:
        """Something of the window was painted."""
        self._painted_ns += elapsed_ns

    def frame_ns(self, fraction: float) -> int:
        """A percentile of the newest frames, 0 before there are any."""
        return percentile(self.frames, fraction)


def percentile(samples: deque[int], fraction: float) -> int:
    """A percentile, 0 without samples."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))] if ordered else 0
