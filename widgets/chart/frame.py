"""Where things are on a pane: the shared span of time and the pane's own values.

Rules: rows count from the pane's top; columns are those of the whole chart. Prices are in price units.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from widgets.chart.bar_store import BarStore
from widgets.chart.time_span import Places, TimeSpan
from widgets.chart.value_scale import TICK_PX, ScaleKind, ValueScale
from widgets.formatting import format_figure, format_percent, format_price

VOLUME_PX = 72
MOST_DECIMALS = 8
VOLUME_GAP_PX = 8


class PaneFrame:
    """The mapping of one pane. `top` is its first row in the plot, `height` its height in px."""

    def __init__(self, span: TimeSpan | None = None, *, decimals: int = 2) -> None:
        self.span = span if span is not None else TimeSpan()
        self.scale = ValueScale()
        self.top = 0
        self.decimals = decimals
        self._height = 1

    @property
    def height(self) -> int:
        """Height of the pane."""
        return self._height

    @height.setter
    def height(self, height: int) -> None:
        self._height = height
        self.scale.height = max(self.value_px, 1)

    @property
    def value_px(self) -> int:
        """Height of the part that values use."""
        return self._height

    @property
    def width(self) -> int:
        """Width of the plot."""
        return self.span.width

    @property
    def bars(self) -> BarStore:
        """The bars that are shown."""
        return self.span.bars

    @property
    def bar_px(self) -> float:
        """Width of one place."""
        return self.span.bar_px

    @property
    def x_first(self) -> float:
        """The place at the left end."""
        return self.span.x_first

    @property
    def x_last(self) -> float:
        """The place at the right end."""
        return self.span.x_last

    def x_px(self, place: Places) -> NDArray[np.int64]:
        """Middle pixel columns of places."""
        return self.span.x_px(place)

    def x_px_of(self, place: float) -> int:
        """Middle pixel column of one place."""
        return self.span.x_px_of(place)

    def place_at(self, x: float) -> int:
        """The place whose bar stands at a pixel column."""
        return self.span.place_at(x)

    def visible(self) -> tuple[int, int]:
        """Indices [first, last) of the bars on the plot."""
        return self.span.visible()

    def y_px(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Pixel rows of values."""
        return self.scale.y_px(values)

    def y_px_of(self, value: float) -> int:
        """Pixel row of one value."""
        return self.scale.y_px_of(value)

    def value_at(self, y: float) -> float:
        """The value at a pixel row, not rounded."""
        return self.scale.value_at(y)

    def ticks(self) -> NDArray[np.float64]:
        """Round values for labels and grid lines."""
        return self.scale.ticks()

    def shows_row(self, y: int) -> bool:
        """Whether a pixel row belongs to the values of this pane."""
        return 0 <= y < self.value_px

    def label(self, value: float) -> str:
        """A value as the axis writes it: with as many decimals as its steps need."""
        step = (self.scale.high - self.scale.low) * TICK_PX / max(self.scale.height, 1)
        return format_figure(value, min(max(0, math.ceil(-math.log10(max(step, 1e-9)) - 1e-9)), MOST_DECIMALS))


class ChartFrame(PaneFrame):
    """The pane of the prices; volume is a strip at its bottom."""

    def __init__(self, span: TimeSpan | None = None) -> None:
        super().__init__(span)
        self.quantity_decimals = 0
        self.shows_volume = True
        self.set_tick_size(1)

    @property
    def tick_size(self) -> int:
        """The least step of a price, in price units."""
        return int(self.scale.grid)

    def set_tick_size(self, tick_size: int) -> None:
        """Prices are multiples of this from now on."""
        self.scale.grid = float(max(tick_size, 1))

    @property
    def price_decimals(self) -> int:
        """Decimals of the instrument."""
        return self.decimals

    @property
    def price_low(self) -> float:
        """The price at the lower end."""
        return self.scale.low

    @property
    def price_high(self) -> float:
        """The price at the upper end."""
        return self.scale.high

    @property
    def volume_top(self) -> int:
        """First pixel row of the volume strip; the height of the pane where there is none."""
        return self.height - VOLUME_PX if self.shows_volume and self.height > 3 * VOLUME_PX else self.height

    @property
    def value_px(self) -> int:
        """Height of the part that prices use."""
        return self.volume_top - VOLUME_GAP_PX if self.volume_top < self.height else self.height

    @property
    def price_px(self) -> int:
        """Height of the part that prices use."""
        return self.value_px

    def shows_row(self, y: int) -> bool:
        """Whether a pixel row belongs to the prices, not to the volume under them."""
        return 0 <= y < self.price_px + VOLUME_GAP_PX // 2

    def tick_at(self, y: float) -> int:
        """The price at a pixel row, on the tick grid."""
        return round(self.value_at(y) / self.tick_size) * self.tick_size

    def label(self, value: float) -> str:
        """A price as the axis writes it: with the instrument's decimals, or in percent of the first one in sight."""
        if self.scale.kind is ScaleKind.PERCENT:
            return f"{format_percent(value - self.scale.base, self.scale.base, signed=True)} %"
        return format_price(round(value), self.decimals)
