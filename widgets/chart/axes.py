"""The axes of the chart: values at the right with tags, pane by pane, times at the bottom.

Labels stand on round values; a label that a tag would touch is left out.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from widgets.chart.axis_tag import AxisTag
from widgets.chart.frame import ChartFrame
from widgets.chart.pane import Pane
from widgets.chart.pane_stack import PaneStack
from widgets.chart.spacing import dodge
from widgets.chart.time_label import stamp_label, tick_label
from widgets.chart.time_ticks import time_ticks
from widgets.painting import report_error
from widgets.text_cache import TextCache
from widgets.theme import Theme

TAG_PX = 17
TAG_REACH_PX = 20
TIME_AXIS_PX = 20
LEAST_AXIS_PX = 64


class ChartAxis(pg.AxisItem):
    """An axis that paints itself in pixels from the panes."""

    def __init__(self, orientation: str, panes: PaneStack, theme: Theme) -> None:
        super().__init__(orientation)
        self.panes = panes
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.theme = theme
        self._data, self._strong = TextCache(theme.fonts.data), TextCache(theme.fonts.data_strong)
        self.update()

    def boundingRect(self) -> QRectF:
        """The axis without the room that labels of other axes would need."""
        return QRectF(0, 0, self.size().width(), self.size().height())

    def generateDrawSpecs(self, painter: QPainter) -> None:
        """Not used: this axis paints itself."""

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the axis."""
        del option, widget
        try:
            self.draw(painter)
        except Exception:  # noqa: BLE001 - an error that goes through the scene ends the process inside Qt
            report_error()

    def draw(self, painter: QPainter) -> None:
        """Draw labels and tags."""
        raise NotImplementedError

    def _begin(self, painter: QPainter) -> tuple[int, int]:
        size = self.size()
        painter.fillRect(self.boundingRect(), self.theme.color("canvas"))
        painter.setFont(self._data.font)
        painter.setPen(self.theme.color("label"))
        return int(size.width()), int(size.height())


class ValueAxis(ChartAxis):
    """The values of all panes, with their tags and the value at the crosshair."""

    def __init__(self, panes: PaneStack, theme: Theme) -> None:
        super().__init__("right", panes, theme)
        self.cross_y: int | None = None

    def set_cross(self, y: int | None) -> None:
        """The crosshair is at a row of the plot; None for none."""
        if y != self.cross_y:
            self.cross_y = y
            self.update()

    def fit_width(self) -> None:
        """Make the axis as wide as its longest label."""
        letters = 0
        for pane in self.panes:
            scale = pane.frame.scale
            letters = max(letters, len(pane.frame.label(scale.high)), len(pane.frame.label(scale.low)))
        width = max(LEAST_AXIS_PX, self._strong.width("0" * letters) + 20)
        if width != self.width():
            self.setWidth(width)

    def draw(self, painter: QPainter) -> None:
        """Paint labels, then tags; the last price and the crosshair are never covered."""
        width, height = self._begin(painter)
        painter.fillRect(0, 0, 1, height, self.theme.color("hairline"))
        for pane in self.panes:
            top = pane.frame.top
            if top:
                painter.fillRect(0, top - 1, width, 1, self.theme.color("hairline"))
            painter.save()
            painter.setClipRect(QRectF(0, top, width, pane.frame.height))
            painter.translate(0, top)
            self._draw_pane(painter, pane, width)
            painter.restore()

    def _draw_pane(self, painter: QPainter, pane: Pane, width: int) -> None:
        frame = pane.frame
        cross = None if self.cross_y is None else self.cross_y - frame.top
        if cross is not None and not (0 <= cross < frame.value_px):
            cross = None
        placed = self._placed_tags(pane)
        taken = [y for y, _ in placed]
        if cross is not None:
            taken.append(cross)
        painter.setFont(self._data.font)
        painter.setPen(self.theme.color("label"))
        ticks = frame.ticks()
        for value, y in zip(ticks.tolist(), frame.y_px(ticks).tolist(), strict=True):
            if 6 < y < frame.value_px - 2 and all(abs(y - other) > TAG_PX for other in taken):
                self._data.right(painter, width - 9, self._data.top_for(y - 8, 17), frame.label(value))
        for y, tag in placed:
            self._draw_tag(painter, y, frame.label(tag.price), tag)
        if cross is not None:
            value = frame.tick_at(cross) if isinstance(frame, ChartFrame) else frame.value_at(cross)
            self._draw_tag(painter, cross, frame.label(value), AxisTag(0, "raised", "text", "label"))

    def _placed_tags(self, pane: Pane) -> list[tuple[int, AxisTag]]:
        """Where tags stand: the last of `tags` chooses first, one without a place near its value is left out."""
        placed: list[tuple[int, AxisTag]] = []
        for tag in reversed(pane.tags):
            y = pane.frame.y_px_of(tag.price)
            free = dodge(y, [other for other, _ in placed], TAG_PX, TAG_REACH_PX)
            if pane.frame.shows_row(y) and free is not None:
                placed.append((round(free), tag))
        return placed

    def _draw_tag(self, painter: QPainter, y: int, text: str, tag: AxisTag) -> None:
        width, theme = int(self.size().width()), self.theme
        cache = self._strong if tag.strong else self._data
        painter.fillRect(1, y - 8, width - 1, TAG_PX, theme.color(tag.frame))
        painter.fillRect(2, y - 7, width - 3, TAG_PX - 2, theme.color(tag.fill))
        painter.setFont(cache.font)
        painter.setPen(theme.color(tag.ink))
        cache.right(painter, width - 9, cache.top_for(y - 8, TAG_PX), text)


class TimeAxis(ChartAxis):
    """Times of day in the chart's zone; the day where a new one begins."""

    def __init__(self, panes: PaneStack, theme: Theme) -> None:
        super().__init__("bottom", panes, theme)
        self.setHeight(TIME_AXIS_PX)

    def cross_label(self) -> str:
        """Date and time at the crosshair, also right of the last bar; empty where there is no crosshair."""
        span = self.panes.price.frame.span
        if span.cross_place is None or not span.bars.count:
            return ""
        return stamp_label(span, span.time_of(span.cross_place))

    def draw(self, painter: QPainter) -> None:
        """Paint labels, then the time at the crosshair."""
        width, height = self._begin(painter)
        theme, span = self.theme, self.panes.price.frame.span
        painter.fillRect(0, 0, width, 1, theme.color("hairline"))
        text = self.cross_label()
        half = (self._data.width(text) + 24) // 2
        centre = -1000
        if text and span.cross_place is not None:
            centre = min(max(span.x_px_of(span.cross_place), half), width - half)
        ticks = time_ticks(span)
        right = -1000
        for x, local_ns in zip(ticks.columns.tolist(), ticks.local_ns.tolist(), strict=True):
            label = tick_label(local_ns, ticks.step_ns)
            reach = self._data.width(label) // 2 + 6
            if x - reach < max(right, 0) or abs(x - centre) < half + reach or x + reach > width:
                continue
            right = x + reach
            self._data.centre(painter, x, self._data.top_for(1, height - 1), label)
        if text:
            painter.fillRect(centre - half, 1, 2 * half, height - 1, theme.color("label"))
            painter.fillRect(centre - half + 1, 2, 2 * half - 2, height - 3, theme.color("raised"))
            painter.setPen(theme.color("text"))
            self._data.centre(painter, centre, self._data.top_for(1, height - 1), text)
