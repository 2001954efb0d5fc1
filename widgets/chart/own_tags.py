"""The tags of own orders and of the position: blocks on their lines, never over each other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from widgets import side as sides
from widgets.chart.frame import ChartFrame
from widgets.chart.marks import OrderLine, PositionLine
from widgets.chart.spacing import spread
from widgets.glyphs import draw_glyph
from widgets.text_cache import TextCache
from widgets.theme import Theme

TAG_PX = 19
SIDE_PX = 33
CROSS_PX = 17


@dataclass(frozen=True, slots=True)
class OrderTag:
    """Where the tag of an order stands, in px of the pane."""

    rect: QRect
    order: OrderLine

    def on_cross(self, x: float, y: float) -> bool:
        """Whether a pixel is on the cross that cancels."""
        return self.rect.contains(int(x), int(y)) and x >= self.rect.right() - CROSS_PX + 1


class OwnTags:
    """Lays tags out and paints them."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._data, self._label = TextCache(theme.fonts.data), TextCache(theme.fonts.label_strong)

    def placed(self, orders: list[OrderLine], frame: ChartFrame) -> list[OrderTag]:
        """The tags of the orders in sight, at the right end, so that none covers another."""
        seen = sorted(
            (y, i) for i, order in enumerate(orders) if frame.shows_row(y := frame.y_px_of(order.price))
        )  # fmt: skip
        middles = spread([y for y, _ in seen], TAG_PX)
        tags = []
        for middle, (_, i) in zip(middles, seen, strict=True):
            width = SIDE_PX + 8 + self._data.width(orders[i].text) + CROSS_PX + 1
            rect = QRect(frame.width - width - 5, round(middle) - TAG_PX // 2, width, TAG_PX)
            tags.append(OrderTag(rect, orders[i]))
        return tags

    def draw_order(self, painter: QPainter, tag: OrderTag, line_y: int, *, faint: bool = False) -> None:
        """One tag, joined to its line where it had to give way; what is done of it as a line of 2 px at its foot."""
        theme, rect, order = self._theme, tag.rect, tag.order
        if not rect.top() <= line_y <= rect.bottom():
            low, high = sorted((line_y, rect.center().y()))
            painter.fillRect(rect.x() - 4, low, 1, high - low + 1, theme.color("own"))
            painter.fillRect(rect.x() - 4, rect.center().y(), 4, 1, theme.color("own"))
        painter.fillRect(rect, theme.color("own"))
        painter.fillRect(rect.adjusted(1, 1, -1, -1), theme.color("chrome"))
        side = QRect(rect.x() + 1, rect.y() + 1, SIDE_PX, TAG_PX - 2)
        painter.fillRect(side, theme.color(sides.TINTS[order.side] if faint else sides.TOKENS[order.side]))
        if order.filled > 0:
            room = rect.width() - SIDE_PX - 2
            painter.fillRect(side.right() + 1, rect.bottom() - 2, round(room * min(order.filled, 1.0)), 2,
                             theme.color("own"))  # fmt: skip
        painter.setFont(self._data.font)
        painter.setPen(theme.color("text_2" if order.style == "pending" or faint else "text"))
        self._data.left(painter, rect.x() + SIDE_PX + 6, self._data.top_for(rect.y(), TAG_PX), order.text)
        if not faint:
            draw_glyph(painter, "cross", rect.right() - 7, rect.y() + TAG_PX / 2, theme.color("text_2"), 8)
        painter.setFont(self._label.font)
        painter.setPen(theme.color("text_2" if faint else sides.ON_TOKENS[order.side]))
        self._label.centre(painter, rect.x() + 1 + SIDE_PX // 2, self._label.top_for(rect.y(), TAG_PX),
                           sides.WORDS[order.side])  # fmt: skip

    def draw_position(self, painter: QPainter, position: PositionLine, top: int) -> None:
        """The tag of the position at the left: word, quantity, average, result."""
        theme = self._theme
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
        painter.setPen(theme.color("text"))
        text_top = self._data.top_for(top, TAG_PX)
        self._data.left(painter, rect.x() + 6 + word_px, text_top, position.text)
        if position.result:
            painter.setPen(theme.color(position.tone))
            self._data.right(painter, rect.right() - 6, text_top, position.result)
            if position.tone in ("up", "down"):
                x = rect.right() - result_px + 8
                draw_glyph(painter, position.tone, x, top + TAG_PX / 2, theme.color(position.tone), 8)

    def draw_words(self, painter: QPainter, x: int, top: int, text: str, ink: str, fill: str) -> QRect:
        """Words on a block that begins at `x`; give where it stands."""
        theme = self._theme
        rect = QRect(x, top, self._data.width(text) + 12, TAG_PX)
        painter.fillRect(rect, theme.color(ink))
        painter.fillRect(rect.adjusted(1, 1, -1, -1), theme.color(fill))
        painter.setFont(self._data.font)
        painter.setPen(theme.color(ink))
        self._data.left(painter, x + 6, self._data.top_for(top, TAG_PX), text)
        return rect
