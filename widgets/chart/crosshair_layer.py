"""The crosshair and the legend. The legend follows the crosshair, and the last bar when there is none."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.chart.time_label import stamp_label
from widgets.chart.time_span import TimeSpan
from widgets.formatting import (
    format_percent,
    format_price,
    format_quantity,
)
from widgets.text_cache import TextCache
from widgets.theme import Theme

LEGEND_PX = 22
LEGEND_GROWTH_PX = 60
"""By so much its text may grow from one painting to the next."""


def place_holding(span: TimeSpan, time_ns: int) -> float:
    """The place of the bar within which a time is, of the bar before in a gap; beyond the bars where it would be."""
    times = span.bars.time_ns
    index = int(np.searchsorted(times, time_ns, "right")) - 1
    ended = index == len(times) - 1 and (index < 0 or time_ns >= int(times[index]) + span.bar_ns)
    return span.place_of_time(time_ns) if index < 0 or ended else span.place_of_index(index)


class CrosshairLayer(Layer):
    """Two dashed lines at the pointer, the distance from the last price, and the readout of one bar."""

    covers_plot = True

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.position: tuple[int, int] | None = None
        self.linked_price: float | None = None
        """The price at the crosshair of a linked chart; drawn while this chart has no pointer of its own."""
        self.last_price: int | None = None
        self._legend_px = 0
        self._make_text()

    def _make_text(self) -> None:
        self._data, self._label = TextCache(self.theme.fonts.data), TextCache(self.theme.fonts.label)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def move(self, position: tuple[int, int] | None) -> None:
        """Put the crosshair to pixels of the plot, or take it away; only its strips are painted again."""
        if position == self.position:
            return
        for place in (self.position, position):
            if place is not None:
                self.update(QRectF(self.column(place[0]) - 1, 0, 3, self.plot_height))
                self.update(QRectF(0, place[1] - 20, self.frame.width, 22))
        self.position = position
        self.update_legend()

    def link(self, price: float | None) -> None:
        """A linked chart has the pointer, at a price or (None) at none of this instrument; the place is the span's."""
        self.linked_price = price
        self.update()

    def column(self, x: int) -> int:
        """Where the vertical line of a crosshair at a pixel column stands."""
        span = self.frame.span
        return span.x_px_of(span.snapped_place(x))

    def update_legend(self) -> None:
        """Paint the legend again."""
        self.update(QRectF(0, 0, self._legend_px + LEGEND_GROWTH_PX, LEGEND_PX))

    def bar_index(self) -> int | None:
        """The bar that the legend reads: under the crosshair, else the last; None where there is no bar."""
        bars = self.frame.bars
        if not bars.count:
            return None
        place = self.frame.span.cross_place
        return bars.count - 1 if place is None else self.frame.span.index_near(place)

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        if self.position is not None:
            self._draw_cross(painter, *self.position)
        elif self.frame.span.cross_place is not None:
            self._draw_linked(painter, self.frame.span.x_px_of(self.frame.span.cross_place))
        index = self.bar_index()
        if index is not None and exposed.top() < LEGEND_PX:
            self._draw_bar(painter, index)

    def _draw_cross(self, painter: QPainter, x: int, y: int) -> None:
        frame, theme = self.frame, self.theme
        painter.setPen(theme.pen("label", 1, "crosshair"))
        column = self.column(x)
        painter.drawLine(column, 0, column, self.plot_height)
        painter.drawLine(0, y, frame.width, y)
        if self.last_price and y < frame.price_px:
            distance = frame.tick_at(y) - self.last_price
            text = (
                f"{format_price(distance, frame.price_decimals, signed=True)}  "
                f"{format_percent(distance, self.last_price, signed=True)} % from last"
            )
            painter.setFont(self._data.font)
            painter.setPen(theme.color("text_2"))
            width = self._data.width(text)
            left = column + 6 if column + 6 + width < frame.width else column - 6 - width
            self._data.left(painter, left, y - 18, text)

    def _draw_linked(self, painter: QPainter, column: int) -> None:
        """The crosshair of a linked chart: the same time, and the same price of the same instrument."""
        painter.setPen(self.theme.pen("label", 1, "crosshair"))
        painter.drawLine(column, 0, column, self.plot_height)
        if self.linked_price is not None:
            y = self.frame.y_px_of(self.linked_price)
            if self.frame.shows_row(y):
                painter.drawLine(0, y, self.frame.width, y)

    def _draw_bar(self, painter: QPainter, index: int) -> None:
        frame, theme, data = self.frame, self.theme, self._data
        opened, high, low, close, volume = (float(v) for v in frame.bars.columns(index, index + 1)[:, 0])
        time_ns = int(frame.bars.time_ns[index])
        stamp = stamp_label(frame.span, time_ns)
        painter.setFont(data.font)
        painter.setPen(theme.color("text_2"))
        top = data.top_for(2, 20)
        x = 8 + data.left(painter, 8, top, stamp) + 8
        decimals = frame.price_decimals
        figures = [
            (name, format_price(round(value), decimals))
            for name, value in (("O", opened), ("H", high), ("L", low), ("C", close))
        ]
        for name, text in [*figures, ("Vol ", format_quantity(round(volume), frame.quantity_decimals))]:
            painter.setPen(theme.color("label"))
            x += data.left(painter, x, top, name)
            painter.setPen(theme.color("text"))
            x += data.left(painter, x + 1, top, text) + 9
        change = round(close - opened)
        painter.setPen(theme.color("up" if change >= 0 else "down"))
        text = format_price(change, decimals, signed=True)
        if opened:
            text = f"{text}  {format_percent(change, abs(opened), signed=True)} %"
        self._legend_px = x + data.left(painter, x, top, text)
