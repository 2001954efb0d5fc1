"""Where things are on the plot: places and prices to pixels and back, and the ticks of both axes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from widgets.chart.bar_store import BarStore

VOLUME_PX = 72
VOLUME_GAP_PX = 8
PRICE_TICK_PX = 40
TIME_TICK_PX = 84
_MINUTE_NS = 60 * 10**9
_DAY_NS = 1440 * _MINUTE_NS
TIME_STEPS_NS = tuple(m * _MINUTE_NS for m in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720)) + tuple(
    d * _DAY_NS for d in (1, 2, 7, 14, 28, 91, 182, 364, 1820)
)


@dataclass
class ChartFrame:
    """The mapping of one plot area. `width` and `height` in px; the volume strip is at the bottom."""

    bars: BarStore = field(default_factory=BarStore)
    x_first: float = -100.0
    x_last: float = 20.0
    price_low: float = 0.0
    price_high: float = 1.0
    width: int = 1
    height: int = 1
    price_decimals: int = 2
    quantity_decimals: int = 0
    tick_size: int = 1
    bar_size_ns: int = _MINUTE_NS
    shows_volume: bool = True

    @property
    def bar_px(self) -> float:
        """Width of one bar with its gap."""
        return self.width / max(self.x_last - self.x_first, 1e-9)

    @property
    def volume_top(self) -> int:
        """First pixel row of the volume strip; the height of the plot where there is none."""
        return self.height - VOLUME_PX if self.shows_volume and self.height > 3 * VOLUME_PX else self.height

    @property
    def price_px(self) -> int:
        """Height of the part that prices use."""
        return self.volume_top - VOLUME_GAP_PX if self.volume_top < self.height else self.height

    def x_px(self, place: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int64]:
        """Middle pixel columns of places."""
        return np.floor((place + 0.5 - self.x_first) * self.bar_px).astype(np.int64)

    def x_px_of(self, place: float) -> int:
        """Middle pixel column of one place."""
        return int((place + 0.5 - self.x_first) * self.bar_px // 1)

    def y_px(self, price: NDArray[np.float64]) -> NDArray[np.int64]:
        """Pixel rows of prices, clipped to a little more than the plot, so that they stay drawable."""
        scale = self.price_px / max(self.price_high - self.price_low, 1e-12)
        rows = np.rint((self.price_high - price) * scale)
        return np.clip(rows, -4 * self.height, 5 * self.height).astype(np.int64)

    def y_px_of(self, price: float) -> int:
        """Pixel row of one price."""
        scale = self.price_px / max(self.price_high - self.price_low, 1e-12)
        return round(min(max((self.price_high - price) * scale, -4.0 * self.height), 5.0 * self.height))

    def shows_row(self, y: int) -> bool:
        """Whether a pixel row belongs to the prices, not to the volume under them."""
        return 0 <= y < self.price_px + VOLUME_GAP_PX // 2

    def price_at(self, y: float) -> float:
        """The price at a pixel row, in price units, not rounded to a tick."""
        return self.price_high - y * (self.price_high - self.price_low) / max(self.price_px, 1)

    def tick_at(self, y: float) -> int:
        """The price at a pixel row, on the tick grid."""
        return round(self.price_at(y) / self.tick_size) * self.tick_size

    def place_at(self, x: float) -> int:
        """The place whose bar stands at a pixel column."""
        return int(np.floor(x / self.bar_px + self.x_first))

    def visible(self) -> tuple[int, int]:
        """Indices [first, last) of the bars on the plot."""
        return self.bars.visible(self.x_first, self.x_last)

    def price_ticks(self) -> NDArray[np.float64]:
        """Round prices for labels and grid lines, ascending, not nearer than `PRICE_TICK_PX`."""
        span = self.price_high - self.price_low
        if span <= 0 or self.price_px < PRICE_TICK_PX:
            return np.empty(0)
        least = max(span * PRICE_TICK_PX / self.price_px, self.tick_size)
        power = 10.0 ** np.floor(np.log10(least))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))
        step = max(np.ceil(step / self.tick_size) * self.tick_size, self.tick_size)
        return np.arange(np.ceil(self.price_low / step), np.floor(self.price_high / step) + 1) * step

    def time_ticks(self) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Bars that begin a round step of time: their pixel columns, their times and the step in ns."""
        first, last = self.visible()
        none = np.empty(0, np.int64)
        if last - first < 2:
            return none, none, _DAY_NS
        stride = max(1, int(0.5 / self.bar_px)) if self.bar_px < 0.5 else 1
        times = self.bars.time_ns[first:last:stride]
        per_bar = max((int(times[-1]) - int(times[0])) / max((last - first - 1), 1), self.bar_size_ns)
        wanted = TIME_TICK_PX / self.bar_px * per_bar
        step = next((step for step in TIME_STEPS_NS if step >= min(wanted, TIME_STEPS_NS[-1])), TIME_STEPS_NS[-1])
        buckets = times // step
        marks = np.flatnonzero(buckets[1:] != buckets[:-1]) + 1
        columns = self.x_px(marks * stride + first + self.bars.origin)
        return columns, times[marks], step
