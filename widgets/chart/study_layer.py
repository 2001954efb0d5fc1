"""The studies of one pane: lines, histograms, bands and marks, drawn from arrays.

Rules: only what is visible is touched; where bars are denser than pixels each column shows the least and the greatest
value of its bars (of a sample of them where they are very many), so that no spike is lost by jumping over it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets.chart.exposed import exposed_spans
from widgets.chart.frame import ChartFrame, PaneFrame
from widgets.chart.layer import Layer
from widgets.chart.study_plot import GREYS, StudyPlot
from widgets.rect_batch import RectBatch
from widgets.theme import Theme

BAND_ALPHA: Final = 20
MARK_PX: Final = 7
MARK_GAP_PX: Final = 4
SAMPLES: Final = 24
"""Bars of one column that are looked at."""
RANGE_SAMPLES: Final = 40_000


class StudyLayer(Layer):
    """Draws `plots` in their order. In the price pane they do not stretch the prices."""

    follows_bars = True

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.plots: list[StudyPlot] = []
        self._rects = RectBatch()

    def value_range(self, first: int, last: int) -> tuple[float, float] | None:
        """Least and greatest value of the lines; in the price pane no wish."""
        if isinstance(self.frame, ChartFrame):
            return None
        stride = max(1, (last - first) // RANGE_SAMPLES)
        low, high = np.inf, -np.inf
        for plot in self.plots:
            for place, line in enumerate(plot.lines):
                if not line.shown or line.style in ("hidden", "mark"):
                    continue
                values = plot.window(place, first, last, stride)
                values = values[np.isfinite(values)]
                if len(values):
                    low, high = min(low, float(values.min())), max(high, float(values.max()))
                if line.style == "histogram":
                    low, high = min(low, 0.0), max(high, 0.0)
        return (low, high) if low <= high else None

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        for left, right in exposed_spans(painter, exposed):
            self._draw_span(painter, left, right)

    def _draw_span(self, painter: QPainter, left: float, right: float) -> None:
        span = self.frame.span
        margin = 2 + 4 / span.bar_px
        first, last = span.between(span.position_at(left) - margin, span.position_at(right) + margin)
        if last <= first:
            return
        stride = max(1, int(1 / (span.bar_px * SAMPLES)))
        first -= first % stride
        for plot in self.plots:
            self._draw_levels(painter, plot, left, right)
            self._draw_band(painter, plot, first, last, stride)
            for place, line in enumerate(plot.lines):
                if not line.shown or line.style == "hidden" or place >= len(plot.values):
                    continue
                if line.style == "mark":
                    self._draw_marks(painter, plot, place, first, last)
                elif line.style == "histogram":
                    self._draw_histogram(painter, plot, place, first, last, stride)
                else:
                    self._draw_line(painter, plot, place, first, last, stride)

    def _columns(
        self, plot: StudyPlot, place: int, first: int, last: int, stride: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Pixel columns with a value, the least and the greatest value of each."""
        values = plot.window(place, first, last, stride)
        known = np.flatnonzero(np.isfinite(values))
        values = values[known]
        x = self.frame.x_px(self.frame.span.places_of(known * stride + first))
        if self.frame.bar_px >= 1.0 or not len(x):
            return x, values, values
        starts = np.concatenate(([0], np.flatnonzero(x[1:] != x[:-1]) + 1))
        return x[starts], np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)

    def _draw_line(self, painter: QPainter, plot: StudyPlot, place: int, first: int, last: int, stride: int) -> None:
        x, low, high = self._columns(plot, place, first, last, stride)
        if not len(x):
            return
        painter.setPen(plot.lines[place].pen(self.theme))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        smooth = self.frame.bar_px >= 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        y = self.frame.y_px(low)
        if not smooth:
            # Down and up again in each column, begun where the column before ended.
            both = np.stack([y, self.frame.y_px(high)])
            both[:, 1::2] = both[::-1, 1::2]
            x, y = np.repeat(x, 2), both.T.reshape(-1)
        painter.drawPolyline(arrayToQPolygonF(x + 0.5, y + 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_histogram(
        self, painter: QPainter, plot: StudyPlot, place: int, first: int, last: int, stride: int
    ) -> None:
        x, low, high = self._columns(plot, place, first, last, stride)
        if not len(x):
            return
        zero = self.frame.y_px_of(0.0)
        width = max(1, int(self.frame.bar_px * 0.6))
        top, bottom = np.minimum(self.frame.y_px(high), zero), np.maximum(self.frame.y_px(low), zero)
        grey = plot.lines[place].grey
        above = high + low >= 0
        for chosen, token in ((above, GREYS[min(grey + 1, 3)]), (~above, GREYS[min(grey + 2, 3)])):
            painter.setBrush(self.theme.brush(token))
            count = int(chosen.sum())
            self._rects.draw(
                painter, x[chosen] - width // 2, top[chosen], width, np.maximum(bottom - top, 1)[chosen], count
            )

    def _draw_band(self, painter: QPainter, plot: StudyPlot, first: int, last: int, stride: int) -> None:
        """Fill between each pair of an upper and the next lower line."""
        places = [place for place, line in enumerate(plot.lines) if line.shown and place < len(plot.values)]
        uppers = [place for place in places if plot.lines[place].style == "upper"]
        lowers = [place for place in places if plot.lines[place].style == "lower"]
        for upper, lower in zip(uppers, lowers, strict=False):
            high, low = plot.window(upper, first, last, stride), plot.window(lower, first, last, stride)
            known = np.flatnonzero(np.isfinite(high) & np.isfinite(low))
            if len(known) < 2:
                continue
            x = self.frame.x_px(self.frame.span.places_of(known * stride + first)) + 0.5
            color = QColor(self.theme.color("label"))
            color.setAlpha(BAND_ALPHA)
            painter.setBrush(color)
            edge = np.concatenate([self.frame.y_px(high[known]), self.frame.y_px(low[known])[::-1]]) + 0.5
            painter.drawPolygon(arrayToQPolygonF(np.concatenate([x, x[::-1]]), edge))

    def _draw_levels(self, painter: QPainter, plot: StudyPlot, left: float, right: float) -> None:
        for level in plot.levels:
            y = self.frame.y_px_of(level)
            painter.setPen(self.theme.pen("hairline_strong", 1, "1 3"))
            painter.drawLine(int(left) // 4 * 4, y, int(right) + 1, y)
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_marks(self, painter: QPainter, plot: StudyPlot, place: int, first: int, last: int) -> None:
        """Triangles under and over bars, as wide as there is room."""
        line, bars = plot.lines[place], self.frame.bars
        values = plot.window(place, first, min(last + line.shift, bars.count))
        index = np.flatnonzero(np.isfinite(values) & (values != 0))
        signs = values[index] > 0
        index = index + first - line.shift
        inside = index >= 0
        index, signs = index[inside], signs[inside]
        if not len(index):
            return
        below = signs if line.side == "sign" else np.full(len(index), line.side == "below")
        x = self.frame.x_px(self.frame.span.places_of(index))
        size = min(MARK_PX, max(1, int(self.frame.bar_px)) | 1)
        painter.setBrush(self.theme.brush(GREYS[min(line.grey, 3)]))
        low = self.frame.y_px(bars.column("low")[index[below]]) + MARK_GAP_PX
        high = self.frame.y_px(bars.column("high")[index[~below]]) - MARK_GAP_PX
        for step in range((size + 1) // 2):
            width = 2 * step + 1
            self._rects.draw(painter, x[below] - step, low + 2 * step, width, 2, len(low))
            self._rects.draw(painter, x[~below] - step, high - 2 * step - 2, width, 2, len(high))
