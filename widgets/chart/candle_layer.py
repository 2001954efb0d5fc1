"""The bars and their volume, in the way that is chosen. Up hollow, down filled is the usual one: colour is never the
only sign."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.chart.bar_columns import BarColumns, ColumnBars
from widgets.chart.bar_painting import BarPainting
from widgets.chart.chart_type import ChartType
from widgets.chart.frame import VOLUME_PX, ChartFrame
from widgets.chart.layer import Layer
from widgets.theme import Theme

LEAST_TICKS = 8.0
Closes = tuple[NDArray[np.float64], NDArray[np.float64]]


class CandleLayer(Layer):
    """Draws the bars of the frame's span; dense bars become one column a pixel."""

    frame: ChartFrame
    follows_bars = True

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.chart_type = ChartType.CANDLES
        self.greatest_volume = 1.0
        self.columns = BarColumns(frame.span)
        self._painting = BarPainting(frame, theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._painting = BarPainting(self.frame, theme)
        super().set_theme(theme)

    def set_type(self, chart_type: ChartType) -> None:
        """Draw the bars in another way."""
        self.chart_type = chart_type
        self.update()

    def value_range(self, first: int, last: int) -> tuple[float, float] | None:
        """The lowest and the highest that is drawn, at least some ticks apart."""
        del first, last
        columns = self.columns.shown()
        if not len(columns):
            return None
        bars = columns.bars
        closes = self._closes(columns) or (bars[3], bars[3])
        bottoms, tops = closes if self.chart_type.of_closes else (bars[2], bars[1])
        low, high = float(bottoms.min()), float(tops.max())
        middle, least = (high + low) / 2, LEAST_TICKS * self.frame.scale.grid / 2
        return min(low, middle - least), max(high, middle + least)

    def fit_volume(self) -> None:
        """Make the greatest volume that is visible as high as the strip."""
        columns = self.columns.shown()
        self.greatest_volume = float(columns.bars[4].max()) if len(columns) else 1.0

    def holds_last_bar(self) -> bool:
        """Whether the last bar is drawn inside of the prices and the volume that are shown."""
        span, scale = self.frame.span, self.frame.scale
        x = span.x_px_of(span.end - 1)
        columns = self.columns.within(x, x)
        if not len(columns) or columns.last[-1] < span.bars.count:
            return True
        high, low, volume = (float(columns.bars[row, -1]) for row in (1, 2, 4))
        return scale.low <= low and high <= scale.high and volume <= self.greatest_volume

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        columns = self.columns.within(exposed.left(), exposed.right())
        if not len(columns):
            return
        bars = columns.bars
        rising = bars[3] >= bars[0]
        frame, painting = self.frame, self._painting
        if frame.volume_top < frame.height and self.greatest_volume > 0 and exposed.bottom() > frame.volume_top:
            painting.volume(painter, columns, rising, self.greatest_volume, VOLUME_PX)
        if self.chart_type is ChartType.BARS:
            painting.bars(painter, columns, rising)
        elif self.chart_type is ChartType.LINE:
            painting.closes(painter, columns, self._closes(columns))
        elif self.chart_type is ChartType.AREA:
            painting.area(painter, columns, self._closes(columns))
        elif self.chart_type is ChartType.HOLLOW:
            painting.candles(painter, columns, filled=~rising, rising=bars[3] >= self._closes_before(columns))
        else:
            painting.candles(painter, columns, filled=~rising, rising=rising)

    def _closes(self, columns: ColumnBars) -> Closes | None:
        """The least and greatest close of each column, where a column may hold many and closes are what is drawn."""
        if not self.chart_type.of_closes or not self.columns.dense:
            return None
        return self.frame.bars.fold_closes(columns.first, columns.last)

    def _closes_before(self, columns: ColumnBars) -> NDArray[np.float64]:
        """The close before each column; of the first bar its own open."""
        bars = self.frame.bars
        before = bars.column("close")[np.maximum(columns.first - 1, 0)]
        return np.where(columns.first > 0, before, columns.bars[0])
