"""The own business on the chart, drawn last: working orders with tags, the position, fills, the last price.

Tags stand at the right end of their lines and never over each other; a cross on a tag asks for the cancel.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from widgets import side as sides
from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.chart.marks import Fills, OrderLine, PositionLine
from widgets.chart.spacing import spread
from widgets.glyphs import draw_glyph, triangle
from widgets.text_cache import TextCache
from widgets.theme import Theme

TAG_PX = 19
SIDE_PX = 33
_DASHES = {"working": "order_line", "pending": "1 2", "stop": "staged_line"}


class OwnLayer(Layer):
    """Order lines, position line, fills and the line of the last price."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.orders: list[OrderLine] = []
        self.position: PositionLine | None = None
        self.last_price: int | None = None
        self.fills = Fills()
        self._tags: list[tuple[QRect, OrderLine]] = []
        self._make_text()

    def _make_text(self) -> None:
        fonts = self.theme.fonts
        self._data, self._label = TextCache(fonts.data), TextCache(fonts.label_strong)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def cancel_key_at(self, x: float, y: float) -> Hashable | None:
        """The key of the order whose cross is at a pixel; None if there is none."""
        for rect, order in self._tags:
            if rect.contains(int(x), int(y)) and x >= rect.right() - 16:
                return order.key
        return None

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        del exposed
        self._draw_fills(painter)
        width = self.frame.width
        for order in self.orders:
            y = self.frame.y_px_of(order.price)
            if not self.frame.shows_row(y):
                continue
            painter.setPen(self.theme.pen("own", 1, _DASHES.get(order.style, "order_line")))
            painter.drawLine(0, y, width, y)
        if self.position is not None and self._shows_position():
            y = self.frame.y_px_of(self.position.average_price)
            painter.fillRect(0, y - 1, width, 2, self.theme.color("own"))
        if self.last_price is not None:
            y = self.frame.y_px_of(self.last_price)
            painter.setPen(self.theme.pen("text_2", 1, "last_line"))
            painter.drawLine(0, y, width, y)
        self._draw_tags(painter)
        self._draw_position_tag(painter)

    def _shows_position(self) -> bool:
        position = self.position
        if position is None or not position.quantity:
            return False
        return self.frame.shows_row(self.frame.y_px_of(position.average_price))

    def _draw_fills(self, painter: QPainter) -> None:
        bars, frame = self.frame.bars, self.frame
        if not len(self.fills.time_ns) or not bars.count:
            return
        index = np.clip(np.searchsorted(bars.time_ns, self.fills.time_ns, "right") - 1, 0, bars.count - 1)
        columns = frame.x_px(frame.span.places_of(index))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("own"))
        low, high = bars.column("low"), bars.column("high")
        marked: set[tuple[int, int]] = set()
        for i in np.flatnonzero((columns >= 0) & (columns < frame.width)):
            mark = (int(columns[i]), int(self.fills.side[i]))
            if mark in marked:
                continue
            marked.add(mark)
            bought = mark[1] == sides.BUY
            y = frame.y_px_of(low[index[i]]) + 9 if bought else frame.y_px_of(high[index[i]]) - 9
            painter.drawPolygon(triangle(mark[0] + 0.5, y, 4.5, bought))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _place_tags(self) -> list[tuple[int, OrderLine]]:
        """Tops of the tags in sight, so that none covers another."""
        seen = sorted(
            (y, i) for i, order in enumerate(self.orders)
            if self.frame.shows_row(y := self.frame.y_px_of(order.price))
        )  # fmt: skip
        middles = spread([y for y, _ in seen], TAG_PX)
        return [(round(y) - TAG_PX // 2, self.orders[i]) for y, (_, i) in zip(middles, seen, strict=True)]

    def _draw_tags(self, painter: QPainter) -> None:
        theme = self.theme
        self._tags = []
        painter.setFont(self._data.font)
        for top, order in self._place_tags():
            width = SIDE_PX + 8 + self._data.width(order.text) + 18
            rect = QRect(self.frame.width - width - 5, top, width, TAG_PX)
            self._tags.append((rect, order))
            line = self.frame.y_px_of(order.price)
            if not rect.top() <= line <= rect.bottom():
                low, high = sorted((line, rect.center().y()))
                painter.fillRect(rect.x() - 4, low, 1, high - low + 1, theme.color("own"))
                painter.fillRect(rect.x() - 4, rect.center().y(), 4, 1, theme.color("own"))
            painter.fillRect(rect, theme.color("own"))
            painter.fillRect(rect.adjusted(1, 1, -1, -1), theme.color("chrome"))
            painter.fillRect(
                QRect(rect.x() + 1, rect.y() + 1, SIDE_PX, TAG_PX - 2), theme.color(sides.TOKENS[order.side])
            )
            painter.setPen(theme.color("text" if order.style != "pending" else "text_2"))
            self._data.left(painter, rect.x() + SIDE_PX + 6, self._data.top_for(top, TAG_PX), order.text)
            draw_glyph(painter, "cross", rect.right() - 7, top + TAG_PX / 2, theme.color("text_2"), 8)
        painter.setFont(self._label.font)
        for rect, order in self._tags:
            painter.setPen(theme.color(sides.ON_TOKENS[order.side]))
            self._label.centre(painter, rect.x() + 1 + SIDE_PX // 2, self._label.top_for(rect.y(), TAG_PX),
                               sides.WORDS[order.side])  # fmt: skip

    def _draw_position_tag(self, painter: QPainter) -> None:
        position = self.position
        if position is None or not self._shows_position():
            return
        theme, top = self.theme, self.frame.y_px_of(position.average_price) - TAG_PX // 2
        word = "LONG" if position.quantity > 0 else "SHORT"
        word_px = self._label.width(word) + 8
        result_px = self._data.width(position.result) + 22 if position.result else 0
        width = 6 + word_px + self._data.width(position.text) + result_px + 8
        rect = QRect(8, top, width, TAG_PX)
        painter.fillRect(rect, theme.color("own"))
        painter.fillRect(rect.adjusted(1, 1, -1, -1), theme.color("own_tint"))
        painter.setFont(self._label.font)
        painter.setPen(theme.color("own"))
        self._label.left(painter, rect.x() + 6, self._label.top_for(top, TAG_PX), word)
        painter.setFont(self._data.font)
        painter.setPen(QPen(theme.color("text")))
        text_top = self._data.top_for(top, TAG_PX)
        self._data.left(painter, rect.x() + 6 + word_px, text_top, position.text)
        if position.result:
            painter.setPen(theme.color(position.tone))
            self._data.right(painter, rect.right() - 6, text_top, position.result)
            if position.tone in ("up", "down"):
                x = rect.right() - result_px + 8
                draw_glyph(painter, position.tone, x, top + TAG_PX / 2, theme.color(position.tone), 8)
