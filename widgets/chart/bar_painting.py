"""Bars as candles, as bars with ticks and as lines, in batches: one call of the painter a colour, whatever is shown."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPolygonF

from widgets.chart.bar_columns import ColumnBars
from widgets.chart.frame import ChartFrame
from widgets.rect_batch import RectBatch
from widgets.theme import Theme

MIN_BODY_PX: Final = 3.0
LINE_PX: Final = 1.5
AREA_ALPHA: Final = 30
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def body_px(bar_px: float) -> int:
    """Width of a candle's body, odd, 1 where there is no room for one."""
    if bar_px < MIN_BODY_PX:
        return 1
    body = max(3, int(bar_px * 0.84))
    return min(body if body % 2 else body - 1, 31)


class BarPainting:
    """Draws columns of bars in one frame and theme; the painter has no pen."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        self.frame, self.theme = frame, theme
        self._rects = RectBatch()
        tint = QColor(theme.color("text_2"))
        tint.setAlpha(AREA_ALPHA)
        self._area = QBrush(tint)

    def candles(self, painter: QPainter, columns: ColumnBars, filled: Mask, rising: Mask) -> None:
        """Bodies and wicks; what is not filled is hollow, colours follow `rising`."""
        x, bars, frame = columns.x, columns.bars, self.frame
        high, low = frame.y_px(bars[1]), frame.y_px(bars[2])
        width = body_px(frame.bar_px)
        if width == 1:
            for some, token in ((rising, "up"), (~rising, "down")):
                self._fill(painter, token, some, x, high, 1, low - high + 1)
            return
        top = frame.y_px(np.maximum(bars[0], bars[3]))
        height = frame.y_px(np.minimum(bars[0], bars[3])) - top + 1
        left = x - width // 2
        for some, token in ((rising, "up"), (~rising, "down")):
            self._fill(painter, token, some, x, high, 1, low - high + 1)
            self._fill(painter, token, some, left, top, width, height)
        self._fill(painter, "canvas", ~filled & (height > 2), left + 1, top + 1, width - 2, height - 2)

    def bars(self, painter: QPainter, columns: ColumnBars, rising: Mask) -> None:
        """A line from low to high, the open as a tick at its left, the close as one at its right."""
        x, bars, frame = columns.x, columns.bars, self.frame
        high, low = frame.y_px(bars[1]), frame.y_px(bars[2])
        arm = body_px(frame.bar_px) // 2
        thick = 1 + (frame.bar_px >= 9)
        for some, token in ((rising, "up"), (~rising, "down")):
            self._fill(painter, token, some, x, high, thick, low - high + 1)
            if arm:
                self._fill(painter, token, some, x - arm, frame.y_px(bars[0]), arm, thick)
                self._fill(painter, token, some, x + thick, frame.y_px(bars[3]), arm, thick)

    def closes(
        self, painter: QPainter, columns: ColumnBars, extent: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    ) -> None:
        """A line through the closes; where columns hold many, `extent` is their least and greatest close."""
        frame, y = self.frame, self.frame.y_px(columns.bars[3])
        if extent is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.theme.pen("text_2", LINE_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(arrayToQPolygonF(columns.x + 0.5, y + 0.5))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            return
        top, bottom = self._joined_rows(columns, frame.y_px(extent[1]), frame.y_px(extent[0]), y)
        painter.setBrush(self.theme.brush("text_2"))
        self._rects.draw(painter, columns.x, top, 1, bottom - top + 1, len(columns))

    def area(
        self, painter: QPainter, columns: ColumnBars, extent: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    ) -> None:
        """The closes with a tint under them."""
        floor = self.frame.price_px
        painter.setBrush(self._area)
        if extent is not None:
            top = self.frame.y_px(extent[1])
            width = np.diff(columns.x, append=columns.x[-1] + 1)
            self._rects.draw(painter, columns.x, top, width, np.maximum(floor - top, 0), len(columns))
        else:
            line: QPolygonF = arrayToQPolygonF(columns.x + 0.5, self.frame.y_px(columns.bars[3]) + 0.5)
            line.append(QPointF(columns.x[-1] + 0.5, floor))
            line.append(QPointF(columns.x[0] + 0.5, floor))
            painter.drawPolygon(line)
        self.closes(painter, columns, extent)

    def volume(self, painter: QPainter, columns: ColumnBars, rising: Mask, greatest: float, height_px: int) -> None:
        """Volume from the bottom up, with a line on top so that a tint is seen; grey where bars have no body."""
        width = body_px(self.frame.bar_px)
        heights = np.rint(columns.bars[4] / greatest * height_px).astype(np.int64)
        left, top = columns.x - width // 2, self.frame.height - heights
        shown = heights > 0
        if width == 1:
            self._fill(painter, "hairline_strong", shown, left, top, 1, heights)
            return
        for some, tint, line in ((rising & shown, "up_tint", "up"), (~rising & shown, "down_tint", "down")):
            self._fill(painter, tint, some, left, top, width, heights)
            self._fill(painter, line, some, left, top, width, 1)

    def _joined_rows(self, columns: ColumnBars, top: Rows, bottom: Rows, close: Rows) -> tuple[Rows, Rows]:
        """Rows of each column, from where the line comes in to where it goes."""
        before = np.concatenate((close[:1], close[:-1]))
        beside = np.diff(columns.x, prepend=columns.x[0] - 1) == 1
        joined_top = np.where(beside, np.minimum(top, before), top)
        return joined_top, np.where(beside, np.maximum(bottom, before), bottom)

    def _fill(
        self, painter: QPainter, token: str, some: Mask, x: Rows, y: Rows, width: Rows | int, height: Rows | int
    ) -> None:
        chosen = np.flatnonzero(some)
        if len(chosen):
            painter.setBrush(self.theme.brush(token))
            tall = height if isinstance(height, int) else height[chosen]
            self._rects.draw(painter, x[chosen], y[chosen], width, tall, len(chosen))
