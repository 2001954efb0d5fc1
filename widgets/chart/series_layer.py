"""Lines over the candles, one value a bar. They are grey: colour is spent on what matters more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.theme import Theme

STYLES = (("text_2", 1.5, ""), ("label", 1.0, "series_b"))


@dataclass(slots=True)
class Series:
    """A named line; `values` is aligned to the bars of the store, NaN where there is none."""

    name: str
    values: NDArray[np.float64]


class SeriesLayer(Layer):
    """Draws the series in their order: the first solid, the next dashed."""

    follows_bars = True

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.series: list[Series] = []

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        frame = self.frame
        margin = 2 + 4 / frame.bar_px
        first, last = frame.span.between(
            frame.span.position_at(exposed.left()) - margin, frame.span.position_at(exposed.right()) + margin
        )
        stride = max(1, int(1 / frame.bar_px))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for i, series in enumerate(self.series):
            values = series.values[first:last:stride]
            known = np.flatnonzero(np.isfinite(values))
            if len(known) < 2:
                continue
            x = frame.x_px(frame.span.places_of(known * stride + first))
            y = frame.y_px(values[known])
            painter.setPen(self.theme.pen(*STYLES[min(i, len(STYLES) - 1)]))
            painter.drawPolyline(arrayToQPolygonF(x + 0.5, y + 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
