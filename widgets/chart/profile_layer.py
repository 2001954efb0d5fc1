"""Volume by price: of the session at the right, of what is in sight at the left, of a range over its bars.

Rules: under the bars and the order tags. The value area is a step darker than what lies outside, the price that traded
most is marked over the whole width of the profile; prices closer than a row of pixels share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.formatting import format_price
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

PROFILE_PX: Final = 132
ROW_PX: Final = 7
LEAST_ROW_PX: Final = 3


@dataclass(frozen=True, slots=True)
class ProfilePlot:
    """Rows [price, price + step), lowest first; `control` and `value_*` are rows, -1 for none."""

    label: str
    step: int
    prices: NDArray[np.int64]
    volumes: NDArray[np.int64]
    control: int = -1
    value_low: int = -1
    value_high: int = -1
    side: Literal["left", "right", "range"] = "right"
    from_ns: int = 0
    to_ns: int = 0


class ProfileLayer(Layer):
    """Draws `plots`."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.plots: list[ProfilePlot] = []
        self.foot_px = 0
        """Rows at the bottom that belong to others, where no words stand."""
        self._rects = RectBatch()
        self._make_text()

    def _make_text(self) -> None:
        self._label = TextCache(self.theme.fonts.label)

    def set_plots(self, plots: list[ProfilePlot]) -> None:
        """Show these."""
        self.plots = plots
        self.update()

    def set_profile(self, prices: ArrayLike, volumes: ArrayLike) -> None:
        """The session's volume at prices (ascending, in price units), without a value area; empty for none."""
        prices, volumes = np.asarray(prices).astype(np.int64), np.asarray(volumes).astype(np.int64)
        control = int(volumes.argmax()) if len(volumes) else -1
        self.set_plots([ProfilePlot("session profile", 1, prices, volumes, control)] if len(prices) else [])

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        del exposed
        for plot in self.plots:
            self._draw_plot(painter, plot)

    def _reach(self, plot: ProfilePlot) -> tuple[int, int]:
        """Where the rows begin, and the width of the longest one in px, negative where they grow to the left."""
        frame = self.frame
        if plot.side == "range":
            span = frame.span
            left = span.x_px_of(span.place_of_time(plot.from_ns) - 0.5)
            right = span.x_px_of(span.place_of_time(plot.to_ns) - 0.5)
            return left, max(right - left, 8)
        width = min(PROFILE_PX, frame.width // 5)
        return (frame.width, -width) if plot.side == "right" else (0, width)

    def _rows(
        self, plot: ProfilePlot
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        """Top, height, volume of the rows of pixels, and whether they belong to the value area."""
        frame = self.frame
        inside = (plot.prices + plot.step > frame.price_low) & (plot.prices < frame.price_high) & (plot.volumes > 0)
        rows = np.flatnonzero(inside)
        valued = (rows >= plot.value_low) & (rows <= plot.value_high) & (plot.value_low >= 0)
        volumes = plot.volumes[rows].astype(np.float64)
        top = frame.y_px(plot.prices[rows] + plot.step - 0.5)
        height = frame.y_px(plot.prices[rows] - 0.5) - top
        if len(rows) and int(height.min()) >= LEAST_ROW_PX:
            return top, height - 1, volumes, valued
        place = np.maximum(frame.y_px(plot.prices[rows] + (plot.step - 1) / 2), 0) // ROW_PX
        sums = np.bincount(place, volumes)
        filled = np.flatnonzero(sums > 0)
        of_area = np.bincount(place, valued, minlength=len(sums))[filled] > 0
        return filled * ROW_PX, np.full(len(filled), ROW_PX - 2), sums[filled], of_area

    def _draw_plot(self, painter: QPainter, plot: ProfilePlot) -> None:
        frame, theme = self.frame, self.theme
        top, height, volumes, valued = self._rows(plot)
        if not len(top):
            return
        begin, reach = self._reach(plot)
        width = np.maximum(np.rint(volumes / volumes.max() * abs(reach)), 1).astype(np.int64)
        left = begin - width if reach < 0 else np.full(len(width), begin)
        for chosen, token in ((~valued, "grid"), (valued, "hairline")):
            painter.setBrush(theme.brush(token if plot.value_low >= 0 else "hairline"))
            self._rects.draw(painter, left[chosen], top[chosen], width[chosen], height[chosen], int(chosen.sum()))
        if plot.control >= 0:
            y = frame.y_px_of(float(plot.prices[plot.control]) + (plot.step - 1) / 2)
            if 0 <= y < frame.price_px:
                painter.fillRect(begin + min(reach, 0), y, abs(reach), 1, theme.color("label"))
        self._draw_words(painter, plot, begin, reach)

    def _draw_words(self, painter: QPainter, plot: ProfilePlot, begin: int, reach: int) -> None:
        """What it is, and where the volume is; nothing where there is no room for it."""
        frame, label = self.frame, self._label
        words = plot.label
        if plot.control >= 0 and plot.value_low >= 0:
            figures = (plot.control, plot.value_high, plot.value_low)
            control, high, low = (format_price(int(plot.prices[row]), frame.price_decimals) for row in figures)
            words = f"{plot.label} · POC {control} · VA {low} to {high}"
        if plot.side == "range" and label.width(words) > abs(reach):
            words = plot.label
        painter.setFont(label.font)
        painter.setPen(self.theme.color("label"))
        row = frame.price_px - round(label.line_height) - self.foot_px
        if plot.side == "right":
            label.right(painter, frame.width - 8, row, words)
        elif plot.side == "left":
            label.left(painter, 8, row, words)
        else:
            label.left(
                painter, max(begin, 0) + 4, max(frame.y_px_of(float(plot.prices[-1] + plot.step)) - 16, 60), words
            )
        painter.setPen(Qt.PenStyle.NoPen)
