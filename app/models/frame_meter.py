"""How long frames take and how old what they show is: the newest samples, as percentiles.

Rules: times in ns. One frame is its data applied and the paints of all windows up to the next. A tick is a market data
message; its latency ends when the paint has ended that shows it.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

SAMPLES: Final = 512
TICKS: Final = 4096
Tick = tuple[int, int]
"""When a message was published, by the market's clock, and when it was received, by ours."""


class FrameMeter:
    """Frames, paints, applied data, ticks."""

    def __init__(self, samples: int = SAMPLES) -> None:
        """No frame yet."""
        self.count = 0
        self.begin(samples)
        self._applied_ns = 0
        self._painted_ns = 0
        self._waiting: list[Tick] = []
        self._painted_at_ns = 0
        self._offset_ns = 0

    def begin(self, samples: int | None = SAMPLES) -> None:
        """Forget all samples; keep so many from now on (None: all)."""
        self.frames: deque[int] = deque(maxlen=samples)
        self.paints: deque[int] = deque(maxlen=samples)
        self.applies: deque[int] = deque(maxlen=samples)
        ticks = None if samples is None else max(samples, TICKS)
        self.from_publish: deque[int] = deque(maxlen=ticks)
        self.from_receipt: deque[int] = deque(maxlen=ticks)

    @property
    def spent_ns(self) -> int:
        """What the frame that is under way has taken so far."""
        return self._applied_ns + self._painted_ns

    def begin_frame(self) -> None:
        """The frame before is over."""
        if self.count:
            self.frames.append(self.spent_ns)
            self.applies.append(self._applied_ns)
            self.paints.append(self._painted_ns)
        self.count += 1
        self._applied_ns = self._painted_ns = 0
        self._show()

    def applied(self, elapsed_ns: int) -> None:
        """The data of this frame took so long to apply and to tell."""
        self._applied_ns = elapsed_ns

    def told(self, ticks: Sequence[Tick]) -> None:
        """A panel that can be seen was told of these in this frame; its paint shows them."""
        self._waiting.extend(ticks)

    def painted(self, elapsed_ns: int, now_ns: int = 0, offset_ns: int = 0) -> None:
        """A window was painted until `now_ns`, our clock; `offset_ns` makes the market's clock of it."""
        self._painted_ns += elapsed_ns
        self._painted_at_ns, self._offset_ns = now_ns, offset_ns

    def _show(self) -> None:
        """What was told before was on the screen when the last window of that frame had been painted."""
        now_ns, self._painted_at_ns = self._painted_at_ns, 0
        if now_ns:
            for published_ns, received_ns in self._waiting:
                self.from_publish.append(now_ns + self._offset_ns - published_ns)
                self.from_receipt.append(now_ns - received_ns)
        self._waiting.clear()

    def frame_ns(self, fraction: float) -> int:
        """A percentile of the newest frames, 0 before there are any."""
        return percentile(self.frames, fraction)


def percentile(samples: deque[int], fraction: float) -> int:
    """A percentile, 0 without samples."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))] if ordered else 0
