"""The own business on the chart, drawn last: working orders with tags, the position, fills, alerts, the last price.

Rules: orders are dashed, stops dotted; an order that is being moved stays where it is until the exchange says
otherwise, and the place it is taken to is drawn beside it. A cross on a tag asks for the cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from widgets import side as sides
from widgets.chart.fill_marks import FillMarks, gathered
from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.chart.marks import AlertLine, Fills, OrderLine, OrderMove, PositionLine
from widgets.chart.own_tags import SIDE_PX, TAG_PX, OrderTag, OwnTags
from widgets.formatting import format_price, format_quantity_short
from widgets.glyphs import draw_glyph, triangle
from widgets.text_cache import TextCache
from widgets.theme import Theme

LINE_REACH_PX = 4
LABEL_BAR_PX = 6.0
_DASHES = {"working": "order_line", "pending": "1 2", "stop": "staged_line"}
_ALERTS = {"armed": ("label", "8 4"), "triggered": ("warning", "8 4"), "off": ("hairline_strong", "2 6")}


class OwnLayer(Layer):
    """Order lines, the position, fills, alerts and the line of the last price."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self._orders: list[OrderLine] = []
        self.alerts: list[AlertLine] = []
        self.position: PositionLine | None = None
        self.last_price: int | None = None
        self.fills = Fills()
        self.move: OrderMove | None = None
        """An order on its way to another price."""
        self.chosen: Hashable = None
        """The key of the order that the keyboard is on."""
        self.orders_changed: Callable[[], None] | None = None
        """Called after the orders have become others."""
        self._tags: list[OrderTag] = []
        self._marks = FillMarks()
        self._marks_key: tuple[object, ...] = ()
        self._make_text()

    def _make_text(self) -> None:
        self._paint = OwnTags(self.theme)
        self._label = TextCache(self.theme.fonts.label)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    @property
    def orders(self) -> list[OrderLine]:
        """The working orders that are shown."""
        return self._orders

    @orders.setter
    def orders(self, orders: list[OrderLine]) -> None:
        self._orders = orders
        if self.orders_changed is not None:
            self.orders_changed()

    # what is where

    def cancel_key_at(self, x: float, y: float) -> Hashable | None:
        """The key of the order whose cross is at a pixel; None if there is none."""
        return next((tag.order.key for tag in self._tags if tag.on_cross(x, y)), None)

    def order_at(self, x: float, y: float) -> OrderLine | None:
        """The order whose tag, or else whose line, is at a pixel; None if there is none or it is on a cross."""
        for tag in self._tags:
            if tag.rect.contains(int(x), int(y)):
                return None if tag.on_cross(x, y) else tag.order
        near = [(abs(self.frame.y_px_of(order.price) - y), i) for i, order in enumerate(self.orders)]
        if not near or min(near)[0] > LINE_REACH_PX or not self.frame.shows_row(int(y)):
            return None
        return self.orders[min(near)[1]]

    # painting

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        del exposed
        self._draw_fills(painter)
        self._draw_alerts(painter)
        width, theme, frame = self.frame.width, self.theme, self.frame
        for order in self.orders:
            y = frame.y_px_of(order.price)
            if frame.shows_row(y):
                painter.setPen(theme.pen("own", 1, _DASHES.get(order.style, "order_line")))
                painter.drawLine(0, y, width, y)
        if self.position is not None and self._shows_position():
            y = frame.y_px_of(self.position.average_price)
            painter.fillRect(0, y - 1, width, 2, theme.color("own"))
        if self.last_price is not None:
            y = frame.y_px_of(self.last_price)
            painter.setPen(theme.pen("text_2", 1, "last_line"))
            painter.drawLine(0, y, width, y)
        self._tags = self._paint.placed(self.orders, frame)
        for tag in self._tags:
            self._paint.draw_order(painter, tag, frame.y_px_of(tag.order.price))
            if tag.order.key == self.chosen and self.chosen is not None:
                painter.setPen(theme.pen("focus", 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(tag.rect.adjusted(-1, -1, 1, 1))
        if self.position is not None and self._shows_position():
            top = frame.y_px_of(self.position.average_price) - TAG_PX // 2
            self._paint.draw_position(painter, self.position, top)
        if self.move is not None:
            self._draw_move(painter, self.move)

    def _shows_position(self) -> bool:
        position = self.position
        if position is None or not position.quantity:
            return False
        return self.frame.shows_row(self.frame.y_px_of(position.average_price))

    def _gathered(self) -> FillMarks:
        """The marks, made anew when the view, the bars or the fills are others."""
        frame, span, bars = self.frame, self.frame.span, self.frame.bars
        last = bars.columns(bars.count - 1, bars.count)[1:3].tobytes() if bars.count else b""
        key: tuple[object, ...] = (
            *(span.x_first, span.x_last, span.width, span.by_time, frame.height, bars.origin, bars.count, last),
            *(frame.scale.low, frame.scale.high, frame.scale.kind, id(self.fills.time_ns), len(self.fills.time_ns)),
        )
        if key != self._marks_key:
            self._marks_key, self._marks = key, gathered(self.fills, frame)
        return self._marks

    def _draw_fills(self, painter: QPainter) -> None:
        """A violet triangle each, pointing up for buys; with room the quantity, and how many fills it sums up."""
        marks = self._gathered()
        if not len(marks):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.brush("own"))
        for x, y, half, side in zip(marks.x.tolist(), marks.y.tolist(), marks.half.tolist(), marks.side.tolist(),
                                    strict=True):  # fmt: skip
            painter.drawPolygon(triangle(x + 0.5, y, half, side == sides.BUY))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.frame.bar_px >= LABEL_BAR_PX:
            self._draw_fill_sizes(painter, marks)

    def _draw_fill_sizes(self, painter: QPainter, marks: FillMarks) -> None:
        painter.setFont(self._label.font)
        painter.setPen(self.theme.color("own"))
        right = {sides.BUY: -1000, sides.SELL: -1000}
        height = round(self._label.line_height)
        for x, y, side, count, quantity in zip(marks.x.tolist(), marks.y.tolist(), marks.side.tolist(),
                                               marks.count.tolist(), marks.quantity.tolist(), strict=True):  # fmt: skip
            text = format_quantity_short(quantity) if quantity else ""
            text = f"{count} × {text}" if count > 1 and text else text
            half = self._label.width(text) // 2
            if text and x - half > right[side] + 8:
                right[side] = x + half
                self._label.centre(painter, x, y + 7 if side == sides.BUY else y - 7 - height, text)

    def _draw_alerts(self, painter: QPainter) -> None:
        for alert in self.alerts:
            y = self.frame.y_px_of(alert.price)
            if not self.frame.shows_row(y):
                continue
            ink, dash = _ALERTS[alert.state]
            painter.setPen(self.theme.pen(ink, 1, dash))
            painter.drawLine(0, y, self.frame.width, y)
            word = {"armed": "alert", "triggered": "ALERT", "off": "alert off"}[alert.state]
            rect = self._paint.draw_words(painter, 26, y - TAG_PX // 2, f"{word} {alert.text}".rstrip(),
                                          "label" if alert.state == "off" else ink, "canvas")  # fmt: skip
            draw_glyph(painter, "alert", rect.x() - 10, y, self.theme.color(ink), 10)

    def _draw_move(self, painter: QPainter, move: OrderMove) -> None:
        """The order at the price that it is taken to: a staged line, its tag, and by how much it moves."""
        frame, theme = self.frame, self.theme
        y, begin = frame.y_px_of(move.price), frame.y_px_of(move.order.price)
        painter.setPen(theme.pen("own", 2, "staged_line"))
        painter.drawLine(0, y, frame.width, y)
        ticks = (move.price - move.order.price) // max(frame.tick_size, 1)
        text = f"{format_price(move.price, frame.price_decimals)}  {format_price(ticks, 0, signed=True)} ticks"
        x = frame.width - 330
        painter.fillRect(x - 8, min(y, begin), 1, abs(y - begin) + 1, theme.color("own"))
        block = self._paint.draw_words(painter, x, y - TAG_PX // 2, text, "own", "own_tint")
        side = QRect(block.x() - SIDE_PX, block.y(), SIDE_PX, TAG_PX)
        painter.fillRect(side, theme.color(sides.TOKENS[move.order.side]))
        painter.setFont(theme.fonts.label_strong)
        painter.setPen(theme.color(sides.ON_TOKENS[move.order.side]))
        painter.drawText(side, Qt.AlignmentFlag.AlignCenter, sides.WORDS[move.order.side])
