"""Time and sales: the newest print on top, kept in a ring of arrays, painted in one pass.

Aggressor by colour and triangle; large prints are tinted, own ones are violet with the word. While the trader has
scrolled away from the newest print nothing moves; new ones are counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import side as sides
from widgets.formatting import format_price, format_quantity, format_time
from widgets.glyph_cache import GlyphCache
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

OWN, BLOCK, SWEEP = 1, 2, 4
CAPACITY = 4096
ROW_PX, HEADER_PX = 20, 20
_PRINT = np.dtype([("time_ns", "i8"), ("price", "i8"), ("quantity", "i8"), ("side", "u1"), ("flags", "u1")])


class PrintRing:
    """The last `CAPACITY` prints; `newest(k)` counts back from the newest."""

    def __init__(self) -> None:
        self._rows: NDArray[np.void] = np.zeros(CAPACITY, _PRINT)
        self.total = 0

    def __len__(self) -> int:
        return min(self.total, CAPACITY)

    def append(self, rows: NDArray[np.void]) -> None:
        """Add prints, oldest first; of more than fit the last are kept."""
        kept = rows[-CAPACITY:]
        start = (self.total + len(rows) - len(kept)) % CAPACITY
        places = (start + np.arange(len(kept))) % CAPACITY
        self._rows[places] = kept
        self.total += len(rows)

    def newest(self, first: int, count: int) -> NDArray[np.void]:
        """Up to `count` prints, newest first, after leaving out the `first` newest."""
        count = min(count, len(self) - first)
        if count <= 0:
            return self._rows[:0]
        return self._rows[(self.total - 1 - first - np.arange(count)) % CAPACITY]


class TapeView(QWidget):
    """The prints of one instrument. Arrays come oldest first."""

    priceClicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = PrintRing()
        self._price_decimals, self._quantity_decimals = 2, 0
        self._offset = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Time and sales")
        self._overlay = StateOverlay(theme, self, HEADER_PX)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._data, self._strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self._label, self._word = TextCache(fonts.label), TextCache(fonts.label_strong)
        self._glyphs = GlyphCache()
        self._overlay.set_theme(theme)
        self.update()

    def sizeHint(self) -> QSize:
        """All columns, twelve rows."""
        return QSize(340, HEADER_PX + 12 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        """Time and price, three rows."""
        return QSize(190, HEADER_PX + 3 * ROW_PX)

    def set_instrument(self, price_decimals: int, quantity_decimals: int = 0) -> None:
        """Show another instrument; the tape is empty."""
        self._price_decimals, self._quantity_decimals = price_decimals, quantity_decimals
        self.clear()

    def clear(self) -> None:
        """Forget all prints."""
        self._ring = PrintRing()
        self._offset = 0
        self.update()

    def append(
        self, time_ns: ArrayLike, price: ArrayLike, quantity: ArrayLike, side: ArrayLike, flags: ArrayLike = 0
    ) -> None:
        """Add prints, oldest first: arrays of one length, or numbers for one print."""
        times = np.atleast_1d(np.asarray(time_ns, np.int64))
        rows = np.empty(len(times), _PRINT)
        rows["time_ns"] = times
        rows["price"], rows["quantity"], rows["side"], rows["flags"] = price, quantity, side, flags
        self._ring.append(rows)
        if self._offset:
            self._offset = min(self._offset + len(rows), max(len(self._ring) - 1, 0))
        self.update()

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)

    def print_count(self) -> int:
        """How many prints are kept."""
        return len(self._ring)

    def shown(self) -> NDArray[np.void]:
        """The prints that a paint shows, newest first."""
        return self._ring.newest(self._offset, max(self.height() - HEADER_PX, 0) // ROW_PX + 1)

    def scroll_to(self, offset: int) -> None:
        """Leave out the `offset` newest prints; 0 follows the newest."""
        self._offset = min(max(offset, 0), max(len(self._ring) - 1, 0))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by rows."""
        self.scroll_to(self._offset - round(event.angleDelta().y() / 40))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages scroll, Home and Escape follow the newest again."""
        page = max((self.height() - HEADER_PX) // ROW_PX - 1, 1)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page}
        if event.key() in steps:
            self.scroll_to(self._offset + steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Escape) and self._offset:
            self.scroll_to(0)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell the price of the print under the pointer."""
        row = int(event.position().y() - HEADER_PX) // ROW_PX
        shown = self.shown()
        if event.position().y() >= HEADER_PX and row < len(shown):
            self.priceClicked.emit(int(shown["price"][row]))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint header and prints."""
        del event
        theme, width = self._theme, self.width()
        painter.fillRect(self.rect(), theme.color("canvas"))
        edges = self._edges()
        self._paint_header(painter, edges)
        y = HEADER_PX
        for row in self.shown().tolist():
            side, flags = row[3:]
            if flags & (OWN | BLOCK):
                ground = "own_tint" if flags & OWN else sides.TINTS[side]
                painter.fillRect(0, y, width, ROW_PX, theme.color(ground))
            if flags & OWN:
                painter.fillRect(0, y, 2, ROW_PX, theme.color("own"))
            self._paint_print(painter, edges, y, row)
            y += ROW_PX
        if self._offset:
            self._paint_paused(painter)

    def _edges(self) -> tuple[int, int, int]:
        """Right edges of time, price and size; the sign and the word come after."""
        figure = self._data.width("0")
        time = 8 + 12 * figure
        spare = max(self.width() - time - 22 * figure - 28, 0)
        price = time + 10 * figure + min(spare // 2, 24)
        return time, price, price + 8 * figure + min(spare // 2, 16)

    def _paint_header(self, painter: QPainter, edges: tuple[int, int, int]) -> None:
        theme, top = self._theme, self._label.top_for(0, HEADER_PX - 1)
        painter.fillRect(0, 0, self.width(), HEADER_PX, theme.color("chrome"))
        painter.fillRect(0, HEADER_PX - 1, self.width(), 1, theme.color("hairline"))
        painter.setFont(self._label.font)
        painter.setPen(theme.color("label"))
        self._label.left(painter, 8, top, "Time UTC")
        self._label.right(painter, edges[1], top, "Price")
        self._label.right(painter, edges[2], top, "Size")

    def _paint_print(
        self, painter: QPainter, edges: tuple[int, int, int], y: int, row: tuple[int, int, int, int, int]
    ) -> None:
        theme, data = self._theme, self._data
        time_ns, price, quantity, side, flags = row
        top, color = y + data.top_for(0, ROW_PX), theme.color(sides.TOKENS[side])
        painter.setFont(data.font)
        painter.setPen(theme.color("text"))
        data.left(painter, 8, top, format_time(time_ns))
        large = flags & BLOCK and not flags & OWN
        if large:
            painter.setFont(self._strong.font)
        size = format_quantity(quantity, self._quantity_decimals)
        (self._strong if large else data).right(painter, edges[2], top, size)
        painter.setFont(data.font)
        painter.setPen(color)
        data.right(painter, edges[1], top, format_price(price, self._price_decimals))
        self._glyphs.draw(painter, sides.GLYPHS[side], edges[2] + 16, y + ROW_PX // 2, color)
        word = "own" if flags & OWN else "block" if flags & BLOCK else "sweep" if flags & SWEEP else ""
        if word and edges[2] + 64 < self.width():
            cache = self._word if flags & OWN else self._label
            painter.setFont(cache.font)
            painter.setPen(theme.color("own" if flags & OWN else "label"))
            cache.left(painter, edges[2] + 34, y + cache.top_for(0, ROW_PX), word)

    def _paint_paused(self, painter: QPainter) -> None:
        text = f"{self._offset:,} newer · Home"
        width = self._label.width(text) + 16
        rect = QRect(self.width() - width - 4, HEADER_PX + 4, width, ROW_PX)
        painter.fillRect(rect, self._theme.color("raised"))
        painter.setPen(self._theme.color("hairline_strong"))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.setFont(self._label.font)
        painter.setPen(self._theme.color("text"))
        self._label.centre(painter, rect.center().x(), self._label.top_for(rect.y(), ROW_PX), text)
