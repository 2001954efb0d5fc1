"""The price pane as drawings see it: market points to pixels without the clipping that would bend their lines."""

from __future__ import annotations

import math

import numpy as np

from widgets.chart.frame import ChartFrame
from widgets.chart.value_scale import ScaleKind
from widgets.drawing.drawing import Anchor
from widgets.formatting import format_quantity


class ChartPlane:
    """Implements `widgets.drawing.plane.Plane` over the frame of the prices."""

    def __init__(self, frame: ChartFrame) -> None:
        self._frame = frame

    @property
    def width(self) -> int:
        """Width of the plot."""
        return self._frame.width

    @property
    def height(self) -> int:
        """Height of the part that prices use."""
        return self._frame.price_px

    @property
    def price_decimals(self) -> int:
        """Decimals of the instrument."""
        return self._frame.price_decimals

    @property
    def tick_size(self) -> int:
        """The least step of a price."""
        return self._frame.tick_size

    def key(self) -> tuple[object, ...]:
        """Equal as long as every point stands where it stood."""
        span, scale, bars = self._frame.span, self._frame.scale, self._frame.bars
        ends = (int(bars.time_ns[0]), int(bars.time_ns[-1])) if bars.count else ()
        return (span.x_first, span.x_last, span.width, span.by_time, span.bar_size_ns, bars.origin, bars.count, ends,
                scale.low, scale.high, scale.height, scale.kind, self._frame.height)  # fmt: skip

    def x_of(self, time_ns: int) -> float:
        """The column of the middle of a bar at a time."""
        return float(self._frame.span.x_px_of(self._frame.span.place_of_time(time_ns)))

    def y_of(self, price: float) -> float:
        """The row of a price; NaN where the scale has none."""
        scale = self._frame.scale
        if scale.kind is not ScaleKind.LOG:
            return (scale.high - price) * scale.height / max(scale.high - scale.low, 1e-12)
        if price <= 0:
            return math.nan
        return math.log(scale.high / price) * scale.height / max(math.log(scale.high / scale.low), 1e-12)

    def time_at(self, x: float) -> int:
        """The beginning of the bar nearest to a column, beyond the bars as if they went on."""
        span = self._frame.span
        place = math.floor(span.position_at(x) + 0.5)
        near = self._near(x)
        return int(self._frame.bars.time_ns[near]) if near >= 0 else span.time_of(place)

    def price_at(self, y: float) -> float:
        """The price at a row, not rounded."""
        return self._frame.value_at(y)

    def tick(self, price: float) -> int:
        """The nearest price of the tick grid."""
        return round(price / self.tick_size) * self.tick_size

    def bar_near(self, x: float) -> tuple[int, tuple[int, int, int, int]] | None:
        """Beginning and open, high, low, close of the bar at a column, None where there is none."""
        near = self._near(x)
        if near < 0:
            return None
        opened, high, low, close = (round(float(v)) for v in self._frame.bars.columns(near, near + 1)[:4, 0])
        return int(self._frame.bars.time_ns[near]), (opened, high, low, close)

    def span(self, first: Anchor, second: Anchor) -> tuple[int, int]:
        """Bars between two points and the volume of the bars from the one to the other."""
        bars = self._frame.bars
        early, late = sorted((first.time_ns, second.time_ns))
        begin, end = np.searchsorted(bars.time_ns, early, "left"), np.searchsorted(bars.time_ns, late, "right")
        volume = round(float(bars.column("volume")[begin:end].sum())) if end > begin else 0
        return self.bars_between(first.time_ns, second.time_ns), volume

    def stepped(self, time_ns: int, bars: int) -> int:
        """The time that stands a number of bars later."""
        span = self._frame.span
        return time_ns if bars == 0 else span.time_of(span.place_of_time(time_ns) + bars)

    def bars_between(self, first_ns: int, second_ns: int) -> int:
        """How many bars a time stands after another."""
        span = self._frame.span
        return round(span.place_of_time(second_ns) - span.place_of_time(first_ns))

    def carried(self, price: int, begin: int, end: int) -> float:
        """Where a price lands when everything moves on the screen as from `begin` to `end`."""
        if self._frame.scale.kind is ScaleKind.LOG and begin > 0 and end > 0:
            return price * end / begin
        return price + end - begin

    def quantity_text(self, quantity: int) -> str:
        """A quantity as the instrument shows it."""
        return format_quantity(quantity, self._frame.quantity_decimals)

    def _near(self, x: float) -> int:
        """Index of the bar whose place a column is in; -1 where there is none."""
        span = self._frame.span
        index = span.index_near(span.position_at(x))
        if index < 0 or abs(span.place_of_index(index) - span.position_at(x)) > max(0.5, 1 / span.bar_px):
            return -1
        return index
