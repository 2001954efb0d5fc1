"""Other instruments as lines over the bars, in percent; their names and changes stand at the foot of the prices.

Rules: only a percent scale can compare, on another one nothing is drawn but the names; greys and dashes, since colour
is spent; what is under the crosshair is what the names say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from widgets.chart.compare_lines import CompareLine, aligned, column_extremes, shares
from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.chart.value_scale import ScaleKind
from widgets.formatting import DASH, format_percent
from widgets.text_cache import TextCache
from widgets.theme import Theme

STYLES = (("text", 1.5, ""), ("text_2", 1.5, "6 3"), ("label", 1.5, "2 3"), ("text_2", 1.5, "9 3 2 3"))
LINES_MAX = len(STYLES)
ROW_PX, SWATCH_PX, LEFT_PX, GAP_PX = 18, 18, 8, 12


class CompareLayer(Layer):
    """Draws up to `LINES_MAX` lines."""

    follows_bars = True

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.lines: tuple[CompareLine, ...] = ()
        self._key: tuple[object, ...] = ()
        self._shares: list[NDArray[np.float64]] = []
        self._make_text()

    def _make_text(self) -> None:
        self._data, self._label = TextCache(self.theme.fonts.data), TextCache(self.theme.fonts.label)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def set_lines(self, lines: tuple[CompareLine, ...]) -> None:
        """What is compared; the chart has to be refreshed, since other values may have to be in sight."""
        self.lines = lines[:LINES_MAX]
        self._key = ()

    def value_range(self, first: int, last: int) -> tuple[float, float] | None:
        """What the lines reach in the bars in sight, on the scale of the prices."""
        base = self.frame.scale.base
        known = [one[np.isfinite(one)] for one in self._visible(first, last)]
        known = [one for one in known if len(one)]
        if not known or base <= 0 or self.frame.scale.chosen is not ScaleKind.PERCENT:
            return None
        return base * min(float(one.min()) for one in known), base * max(float(one.max()) for one in known)

    def crosshair_moved(self) -> None:
        """The names say what is under the crosshair."""
        if self.lines:
            self.update()

    def changes(self) -> list[tuple[str, float]]:
        """Name and change (1.0: nothing changed) of each line at the crosshair, else at the last bar; NaN: unknown."""
        first, last = self.frame.visible()
        span = self.frame.span
        at = last - 1 if span.cross_place is None else min(max(span.index_near(span.cross_place), first), last - 1)
        every = self._visible(first, last)
        return [(line.name, float(one[at - first]) if last > first else np.nan)
                for line, one in zip(self.lines, every, strict=True)]  # fmt: skip

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        del exposed
        if not self.lines:
            return
        frame = self.frame
        first, last = frame.visible()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for i, one in enumerate(self._visible(first, last)):
            known = np.flatnonzero(np.isfinite(one))
            if len(known) < 2 or frame.scale.kind is not ScaleKind.PERCENT:
                continue
            columns = frame.x_px(frame.span.places_of(known + first))
            columns, values = column_extremes(columns, one[known])
            painter.setPen(self.theme.pen(*STYLES[i]))
            painter.drawPolyline(arrayToQPolygonF(columns + 0.5, frame.y_px(values * frame.scale.base) + 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._draw_names(painter)

    def _draw_names(self, painter: QPainter) -> None:
        """One row beside the other, on the ground of the chart."""
        theme, x, top = self.theme, LEFT_PX, self.frame.price_px - ROW_PX
        for i, (name, change) in enumerate(self.changes()):
            text = f"{format_percent(change - 1, 1.0, signed=True)} %" if np.isfinite(change) else DASH
            width = SWATCH_PX + self._label.width(name) + self._data.width(text) + 12
            painter.fillRect(x - 4, top, width + 8, ROW_PX, theme.color("canvas"))
            painter.setPen(theme.pen(*STYLES[i]))
            painter.drawLine(x, top + ROW_PX // 2, x + SWATCH_PX, top + ROW_PX // 2)
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            end = x + SWATCH_PX + 6
            end += self._label.left(painter, end, self._label.top_for(top, ROW_PX), name) + 6
            painter.setFont(self._data.font)
            painter.setPen(theme.color("text"))
            self._data.left(painter, end, self._data.top_for(top, ROW_PX), text)
            x += width + GAP_PX

    def _visible(self, first: int, last: int) -> list[NDArray[np.float64]]:
        """The lines at the bars [first, last) as multiples of their first value there."""
        bars = self.frame.bars
        time_ns = bars.time_ns[first:last]
        ends = (int(time_ns[0]), int(time_ns[-1])) if len(time_ns) else ()
        key = (first, last, bars.origin, ends, self.lines)
        if key != self._key or not self._key:
            self._key = key
            self._shares = [shares(aligned(line, time_ns)) for line in self.lines]
        return self._shares
