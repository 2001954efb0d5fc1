"""Where a session ends and the next begins: a line through all panes at a new day of the chart's zone or after a pause.

Rules: only within a day, that is for bars shorter than one; a pause is at least half an hour and four bars without a
bar. Where breaks would stand closer than `LEAST_PX` none is drawn. A look at a bar for each column is enough.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.chart.column_edges import column_edges
from widgets.chart.frame import PaneFrame
from widgets.chart.layer import Layer
from widgets.chart.time_span import TimeSpan
from widgets.chart.time_ticks import DAY_NS
from widgets.chart.zone_offsets import offsets_ns
from widgets.theme import Theme

LEAST_PX: Final = 24
PAUSE_NS: Final = 30 * 60 * 10**9
PAUSE_BARS: Final = 4


def session_breaks(span: TimeSpan) -> NDArray[np.int64]:
    """Pixel columns left of the bars that begin a session."""
    none = np.empty(0, np.int64)
    first, last = span.visible()
    if last - first < 2 or span.bar_size_ns >= DAY_NS:
        return none
    if last - first > 2 * span.width:
        index = np.unique(column_edges(span, 0, span.width))
        index = index[(index >= first) & (index < last)]
    else:
        index = np.arange(max(first - 1, 0), last)
    times = span.bars.time_ns[index]
    days = (times + offsets_ns(span.zone, times)) // DAY_NS
    pause = max(PAUSE_NS, PAUSE_BARS * span.bar_ns)
    pauses = times[1:] - span.bars.time_ns[np.maximum(index[1:] - 1, 0)] > pause
    begins = index[np.flatnonzero((days[1:] != days[:-1]) | pauses) + 1]
    if len(begins) * LEAST_PX > span.width:
        return none
    return span.x_px(span.places_of(begins)) - round(span.bar_px / 2)


class BreakLayer(Layer):
    """Draws the breaks."""

    covers_plot = True

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.shown = True

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        del exposed
        if not self.shown:
            return
        painter.setPen(self.theme.pen("hairline_strong", 1, "series_b"))
        for x in session_breaks(self.frame.span).tolist():
            painter.drawLine(x, 0, x, self.plot_height)
