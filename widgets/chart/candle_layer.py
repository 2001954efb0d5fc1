"""Candles and volume: up hollow, down filled, so that colour is never the only sign."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.chart.decimation import bars_per_pixel
from widgets.chart.frame import VOLUME_PX, ChartFrame
from widgets.chart.layer import Layer
from widgets.rect_batch import RectBatch
from widgets.theme import Theme

MIN_BODY_BAR_PX = 3.0
LEAST_TICKS = 8.0


class CandleLayer(Layer):
    """Draws the visible bars of the frame's store; dense bars become one column a pixel."""

    frame: ChartFrame

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self._rects = RectBatch()
        self.greatest_volume = 1.0

    def columns(self, exposed: QRectF | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Pixel columns and bars (rows open, high, low, close, volume) that are drawn in `exposed`."""
        span = self.frame.span
        first, last = span.visible()
        if exposed is not None:
            margin = 1 + 2 / span.bar_px
            shown = span.between(span.position_at(exposed.left()) - margin, span.position_at(exposed.right()) + margin)
            first, last = max(first, shown[0]), min(last, shown[1])
        last = max(first, last)
        pixels = span.x_px(span.places(first, last))
        bars = span.bars.columns(first, last)
        return bars_per_pixel(bars, pixels) if span.bar_px < 1.5 or span.by_time else (pixels, bars)

    def value_range(self, first: int, last: int) -> tuple[float, float] | None:
        """The lowest low and the highest high, at least some ticks apart."""
        columns = self.frame.bars.columns(first, last)
        low, high = float(columns[2].min()), float(columns[1].max())
        middle, least = (high + low) / 2, LEAST_TICKS * self.frame.scale.grid / 2
        return min(low, middle - least), max(high, middle + least)

    def fit_volume(self) -> None:
        """Make the greatest volume that is visible as high as the strip."""
        _, bars = self.columns()
        self.greatest_volume = float(bars[4].max()) if bars.shape[1] else 1.0

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        x, bars = self.columns(exposed)
        if not len(x):
            return
        rising = bars[3] >= bars[0]
        self._draw_volume(painter, x, bars[4], rising)
        self._draw_candles(painter, x, bars, rising)

    def body_px(self) -> int:
        """Width of a candle's body, odd, 1 where there is no room for one."""
        bar_px = self.frame.bar_px
        if bar_px < MIN_BODY_BAR_PX:
            return 1
        body = max(3, int(bar_px * 0.84))
        return min(body if body % 2 else body - 1, 31)

    def _draw_volume(
        self, painter: QPainter, x: NDArray[np.int64], volume: NDArray[np.float64], rising: NDArray[np.bool_]
    ) -> None:
        frame = self.frame
        if frame.volume_top >= frame.height or self.greatest_volume <= 0:
            return
        width = self.body_px()
        heights = np.rint(volume / self.greatest_volume * VOLUME_PX).astype(np.int64)
        left, top = x - width // 2, frame.height - heights
        for mask, tint, line in ((rising, "up_tint", "up"), (~rising, "down_tint", "down")):
            painter.setBrush(self.theme.brush(tint))
            self._rects.draw(painter, left[mask], top[mask], width, heights[mask], int(mask.sum()))
            shown = mask & (heights > 0)
            painter.setBrush(self.theme.brush(line))
            self._rects.draw(painter, left[shown], top[shown], width, 1, int(shown.sum()))

    def _draw_candles(
        self, painter: QPainter, x: NDArray[np.int64], bars: NDArray[np.float64], rising: NDArray[np.bool_]
    ) -> None:
        high, low = self.frame.y_px(bars[1]), self.frame.y_px(bars[2])
        body_top = self.frame.y_px(np.maximum(bars[0], bars[3]))
        body_height = self.frame.y_px(np.minimum(bars[0], bars[3])) - body_top + 1
        width = self.body_px()
        left = x - width // 2
        for mask, token in ((rising, "up"), (~rising, "down")):
            painter.setBrush(self.theme.brush(token))
            self._rects.draw(painter, x[mask], high[mask], 1, (low - high + 1)[mask], int(mask.sum()))
            if width > 1:
                self._rects.draw(painter, left[mask], body_top[mask], width, body_height[mask], int(mask.sum()))
        if width > 1:
            hollow = rising & (body_height > 2)
            painter.setBrush(self.theme.brush("canvas"))
            self._rects.draw(
                painter, left[hollow] + 1, body_top[hollow] + 1, width - 2, body_height[hollow] - 2, int(hollow.sum())
            )
