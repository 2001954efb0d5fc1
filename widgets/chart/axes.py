"""The axes of the chart: prices at the right with tags, times at the bottom.

Labels stand on round values; a label that a tag would touch is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from widgets.chart.frame import ChartFrame
from widgets.chart.spacing import dodge
from widgets.formatting import (
    format_date,
    format_date_with_year,
    format_price,
    format_time_to_minute,
)
from widgets.painting import report_error
from widgets.text_cache import TextCache
from widgets.theme import Theme

TAG_PX = 17
TAG_REACH_PX = 20
TIME_AXIS_PX = 20
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class AxisTag:
    """A price on the axis in a block: `fill`, `ink` and `frame` are tokens."""

    price: float
    fill: str
    ink: str
    frame: str
    strong: bool = False


class ChartAxis(pg.AxisItem):
    """An axis that paints itself in pixels from the frame."""

    def __init__(self, orientation: str, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(orientation)
        self.frame = frame
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


class PriceAxis(ChartAxis):
    """Prices, and tags for the last price, own orders, the position and the crosshair."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__("right", frame, theme)
        self.tags: list[AxisTag] = []
        self.cross_y: int | None = None

    def fit_width(self) -> None:
        """Make the axis as wide as its longest label."""
        widest = max(abs(self.frame.price_high), abs(self.frame.price_low))
        text = format_price(round(widest), self.frame.price_decimals)
        width = max(64, self._strong.width("0" * len(text)) + 20)
        if width != self.width():
            self.setWidth(width)

    def draw(self, painter: QPainter) -> None:
        """Paint labels, then tags; the last price and the crosshair are never covered."""
        width, height = self._begin(painter)
        frame, theme = self.frame, self.theme
        painter.fillRect(0, 0, 1, height, theme.color("hairline"))
        placed = self._placed_tags()
        taken = [y for y, _ in placed]
        if self.cross_y is not None:
            taken.append(self.cross_y)
        for price, y in zip(frame.price_ticks().tolist(), frame.y_px(frame.price_ticks()).tolist(), strict=True):
            if 6 < y < frame.price_px - 2 and all(abs(y - other) > TAG_PX for other in taken):
                text = format_price(round(price), frame.price_decimals)
                self._data.right(painter, width - 9, self._data.top_for(y - 8, 17), text)
        for y, tag in placed:
            self._draw_tag(painter, y, format_price(round(tag.price), frame.price_decimals), tag)
        if self.cross_y is not None and self.cross_y < frame.price_px:
            text = format_price(frame.tick_at(self.cross_y), frame.price_decimals)
            self._draw_tag(painter, self.cross_y, text, AxisTag(0, "raised", "text", "label"))

    def _placed_tags(self) -> list[tuple[int, AxisTag]]:
        """Where tags stand: the last of `tags` chooses first, one without a place near its price is left out."""
        placed: list[tuple[int, AxisTag]] = []
        for tag in reversed(self.tags):
            y = self.frame.y_px_of(tag.price)
            free = dodge(y, [other for other, _ in placed], TAG_PX, TAG_REACH_PX)
            if self.frame.shows_row(y) and free is not None:
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
    """Times of day; the day where a new one begins."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__("bottom", frame, theme)
        self.cross_x: int | None = None
        self.setHeight(TIME_AXIS_PX)

    def tick_label(self, time_ns: int, step_ns: int) -> str:
        """What stands under a tick: the day at its first tick or where steps are days, else the time."""
        if step_ns >= 28 * _DAY_NS:
            return format_date_with_year(time_ns)
        if step_ns >= _DAY_NS or time_ns % _DAY_NS < step_ns:
            return format_date(time_ns)
        return format_time_to_minute(time_ns)

    def cross_label(self, place: int) -> str:
        """Date and time of a bar; empty where there is none."""
        bars = self.frame.bars
        index = place - bars.origin
        if not 0 <= index < bars.count:
            return ""
        time_ns = int(bars.time_ns[index])
        if self.frame.bar_size_ns >= _DAY_NS:
            return format_date_with_year(time_ns)
        return f"{format_date(time_ns)} {format_time_to_minute(time_ns)}"

    def draw(self, painter: QPainter) -> None:
        """Paint labels, then the time at the crosshair."""
        width, height = self._begin(painter)
        frame, theme = self.frame, self.theme
        painter.fillRect(0, 0, width, 1, theme.color("hairline"))
        text = "" if self.cross_x is None else self.cross_label(frame.place_at(self.cross_x))
        half = (self._data.width(text) + 24) // 2
        centre = -1000 if not text or self.cross_x is None else frame.x_px_of(frame.place_at(self.cross_x))
        columns, times, step = frame.time_ticks()
        right = -1000
        for x, time_ns in zip(columns.tolist(), times.tolist(), strict=True):
            label = self.tick_label(time_ns, step)
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
