"""Volume by price of the session, in the free margin at the right, under the order tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

PROFILE_PX = 132
ROW_PX = 7


class ProfileLayer(Layer):
    """Bars that grow from the price axis to the left; the longest is marked."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self._prices: NDArray[np.float64] = np.empty(0)
        self._volumes: NDArray[np.float64] = np.empty(0)
        self._rects = RectBatch()
        self._label = TextCache(theme.fonts.label)

    def set_profile(self, prices: NDArray[np.float64], volumes: NDArray[np.float64]) -> None:
        """Prices, ascending, in price units, and the volume at each."""
        self._prices, self._volumes = np.asarray(prices, np.float64), np.asarray(volumes, np.float64)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._label = TextCache(theme.fonts.label)

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        del exposed
        frame = self.frame
        inside = (self._prices >= frame.price_low) & (self._prices <= frame.price_high)
        if not inside.any():
            return
        rows = frame.y_px(self._prices[inside]) // ROW_PX
        size = np.bincount(np.maximum(rows, 0), self._volumes[inside])
        filled = np.flatnonzero(size > 0)
        if not len(filled):
            return
        width = np.maximum(np.rint(size[filled] / size.max() * min(PROFILE_PX, frame.width // 5)), 1).astype(np.int64)
        painter.setBrush(self.theme.brush("hairline"))
        self._rects.draw(painter, frame.width - width, filled * ROW_PX, width, ROW_PX - 2, len(filled))
        peak = size[filled].argmax()
        painter.fillRect(frame.width - width[peak], filled[peak] * ROW_PX, width[peak], ROW_PX - 2,
                         self.theme.color("hairline_strong"))  # fmt: skip
        painter.setFont(self._label.font)
        painter.setPen(self.theme.color("label"))
        self._label.right(painter, frame.width - 8, frame.price_px - round(self._label.line_height), "session profile")
