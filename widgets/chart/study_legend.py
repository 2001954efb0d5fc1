"""The names of a pane's studies with their values at the crosshair, at the last bar where there is none."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from widgets.chart.frame import ChartFrame, PaneFrame
from widgets.chart.layer import Layer
from widgets.chart.study_plot import StudyPlot
from widgets.formatting import format_figure, format_price
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX: Final = 18
SWATCH_PX: Final = 16
PLATE_ALPHA: Final = 190
GROWTH_PX: Final = 24
"""By so much the text may grow from one painting to the next."""
PRICE_TOP_PX: Final = 20
"""Under the read-out of the bar."""


class StudyLegend(Layer):
    """Flows from the left; as many rows as it needs, at most half of the pane."""

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.plots: list[StudyPlot] = []
        self.rows = 1
        self._reach_px = 0
        """How far to the right it was painted."""
        self._make_text()

    def _make_text(self) -> None:
        self._data, self._label = TextCache(self.theme.fonts.data), TextCache(self.theme.fonts.label)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def crosshair_moved(self) -> None:
        """Another bar is read."""
        self.update_values()

    def update_values(self) -> None:
        """Paint the rows again."""
        self.update(QRectF(0, self._top(), max(self._reach_px, 200) + GROWTH_PX, self.rows * ROW_PX))

    def _top(self) -> int:
        return PRICE_TOP_PX if isinstance(self.frame, ChartFrame) else 2

    def _index(self) -> int:
        span = self.frame.span
        return span.bars.count - 1 if span.cross_place is None else span.index_near(span.cross_place)

    def text_of(self, plot: StudyPlot, line: int, index: int) -> str:
        """The read-out of a line at a bar; empty where it has none."""
        value = plot.at(line, index)
        if not np.isfinite(value):
            return ""
        if plot.lines[line].style == "mark":
            return "" if value == 0 else "▲" if value > 0 else "▼"
        if isinstance(self.frame, ChartFrame):
            return format_price(round(value), self.frame.price_decimals)
        return format_figure(value, plot.decimals)

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        del exposed
        if not self.frame.bars.count:
            return
        index, x, top, rows, reach = self._index(), 8, self._top(), 1, 0
        for plot in self.plots:
            parts = [(line, self.text_of(plot, place, index)) for place, line in enumerate(plot.lines)]
            parts = [(line, text) for line, text in parts if line.shown and line.style != "hidden"]
            if plot.note:
                parts = [(line, "") for line, _ in parts[:1]]
            width = self._label.width(plot.title) + self._label.width(plot.note) + 12
            width += sum(SWATCH_PX + 6 + self._data.width(text) + 8 for _, text in parts)
            if x > 8 and x + width > self.frame.width - 8:
                x, top, rows = 8, top + ROW_PX, rows + 1
            if top + ROW_PX > max(self.frame.height // 2, ROW_PX + 2):
                break
            plate = QColor(self.theme.color("canvas"))
            plate.setAlpha(PLATE_ALPHA)
            painter.fillRect(x - 4, top + 1, width, ROW_PX - 2, plate)
            x = self._draw_plot(painter, plot, parts, x, top) + 12
            reach = max(reach, x)
        self.rows, self._reach_px = rows, reach

    def _draw_plot(self, painter: QPainter, plot: StudyPlot, parts: list, x: int, top: int) -> int:
        theme, label, data = self.theme, self._label, self._data
        painter.setFont(label.font)
        painter.setPen(theme.color("label"))
        x += label.left(painter, x, label.top_for(top, ROW_PX), plot.title) + 6
        if plot.note:
            return x + label.left(painter, x, label.top_for(top, ROW_PX), plot.note)
        for line, text in parts:
            if line.style == "mark":
                if text:
                    painter.setPen(theme.color("text"))
                    x += label.left(painter, x, label.top_for(top, ROW_PX), text) + 6
                continue
            painter.setPen(line.pen(theme))
            painter.drawLine(x, top + ROW_PX // 2, x + SWATCH_PX, top + ROW_PX // 2)
            x += SWATCH_PX + 6
            painter.setFont(data.font)
            painter.setPen(theme.color("text"))
            x += data.left(painter, x, data.top_for(top, ROW_PX), text) + 8
        return x
