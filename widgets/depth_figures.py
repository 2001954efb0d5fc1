"""What a depth curve says in figures: what stands up to a price, what a size would pay, what is wrong with the book."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from widgets import side as sides
from widgets.depth_walk import Walk, slippage_ticks, take, trouble, up_to
from widgets.formatting import DASH, MINUS, format_mean_price, format_money, format_price, format_quantity
from widgets.ladder.levels import Levels
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX, WIDTH_PX, PLATE_PX = 18, 196, 24


class DepthFigures:
    """Texts and plates of one instrument in one theme."""

    def __init__(self, theme: Theme) -> None:
        self._decimals, self._tick, self._quantity_decimals = 2, 1, 0
        self._cash_scale, self._money_decimals, self._currency = 1, 2, ""
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._data, self._strong, self._label = (
            TextCache(font) for font in (fonts.data, fonts.data_strong, fonts.label)
        )

    def set_instrument(self, price_decimals: int, tick_size: int, quantity_decimals: int) -> None:
        """Tell of another instrument."""
        self._decimals, self._tick, self._quantity_decimals = price_decimals, tick_size, quantity_decimals

    def set_money(self, cash_scale: int, money_decimals: int, currency: str) -> None:
        """How notional is told: money units of price x quantity, and the currency."""
        self._cash_scale, self._money_decimals, self._currency = cash_scale, money_decimals, currency

    def read_out(self, levels: Levels, price: int) -> list[tuple[str, str, str]]:
        """Names, values and colours of what a price means: what stands up to it and what taking that would pay."""
        lines = [("Price", format_price(price, self._decimals), "text")]
        for side in (sides.BUY, sides.SELL):
            walk = up_to(levels, side, price)
            if walk.quantity:
                name = ("Bid up to here", "Ask up to here")[side]
                lines.append((name, format_quantity(walk.quantity, self._quantity_decimals), sides.TOKENS[side]))
                notional = format_money(walk.value * self._cash_scale, self._money_decimals)
                lines.append((f"Notional {self._currency}".rstrip(), notional, "text"))
                lines.append(("Average", self._average_text(levels, side, walk), "text"))
        return lines

    def size_text(self, levels: Levels, side: int, size: int) -> str:
        """What an order of a size would pay that trades against a side."""
        walk = take(levels, side, size)
        start = f"{('sell', 'buy')[side]} {format_quantity(size, self._quantity_decimals)}"
        if walk.quantity < size:
            return f"{start}: only {format_quantity(walk.quantity, self._quantity_decimals)} there"
        return f"{start}: {self._average_text(levels, side, walk)}"

    def _average_text(self, levels: Levels, side: int, walk: Walk) -> str:
        slip = slippage_ticks(levels, side, walk, self._tick)
        if walk.average is None or slip is None:
            return DASH
        return f"{format_mean_price(walk.average, self._decimals)} {slip:+.1f} t".replace("-", MINUS)

    def paint_trouble(self, painter: QPainter, levels: Levels, width: int, y: int) -> None:
        """Name a book that is not as books are, in the middle of `width` px at `y`."""
        text = trouble(levels, self._decimals)
        if text:
            plate_px = self._strong.width(text) + 20
            plate = QRect((width - plate_px) // 2, y, plate_px, PLATE_PX)
            self._plate(painter, plate, "warning_tint", "warning")
            painter.setFont(self._strong.font)
            self._strong.centre(painter, plate.center().x(), self._strong.top_for(y, PLATE_PX), text)

    def paint(self, painter: QPainter, levels: Levels, price: int, place: QRect) -> None:
        """The read-out of a price beside the pointer: at `place` within a view of its size."""
        lines = self.read_out(levels, price)
        height, x = ROW_PX * len(lines) + 8, place.x()
        left = x + 12 if x + 12 + WIDTH_PX < place.width() else x - 12 - WIDTH_PX
        plate = QRect(max(left, 0), max(min(place.y(), place.height() - height), 0), WIDTH_PX, height)
        self._plate(painter, plate, "raised", "hairline_strong")
        for i, (name, value, token) in enumerate(lines):
            y = plate.y() + 4 + i * ROW_PX
            painter.setFont(self._label.font)
            painter.setPen(self._theme.color("label"))
            self._label.left(painter, plate.x() + 8, self._label.top_for(y, ROW_PX), name)
            painter.setFont(self._data.font)
            painter.setPen(self._theme.color(token))
            self._data.right(painter, plate.right() - 7, self._data.top_for(y, ROW_PX), value)

    def _plate(self, painter: QPainter, plate: QRect, ground: str, border: str) -> None:
        painter.fillRect(plate, self._theme.color(ground))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._theme.color(border))
        painter.drawRect(plate.adjusted(0, 0, -1, -1))
