"""Draws a tape: head, pace, rows, the sign of what is new, the thumb of the scroll bar."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from widgets import side as sides
from widgets.formatting import format_price, format_quantity
from widgets.glyph_cache import GlyphCache
from widgets.rect_batch import RectBatch
from widgets.tape.pace import SECONDS, TapePace
from widgets.tape.prints import AUCTION, BUSTED, HIDDEN, OWN, SELF_TRADE, SWEEP
from widgets.tape.time_form import TimeText
from widgets.tape.window import ROW_PX, ShownRow
from widgets.text_cache import TextCache
from widgets.theme import Theme

HEADER_PX: Final = 20
PACE_PX: Final = 26
THUMB_PX: Final = 6
LEAST_THUMB_PX: Final = 24
_PAD_PX: Final = 8
_NO_PEN: Final = Qt.PenStyle.NoPen
_NO_BRUSH: Final = Qt.BrushStyle.NoBrush
_SIGN_PX: Final = 22
_WORDS: Final = ((BUSTED, "busted"), (AUCTION, "auction"), (HIDDEN, "hidden"), (SELF_TRADE, "self-trade"))


class TapePainter:
    """Paints in one theme; `lay_out` before the first paint of a width."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        fonts = theme.fonts
        self.data, self.strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self.label, self.word = TextCache(fonts.label), TextCache(fonts.label_strong)
        self._glyphs, self._bars = GlyphCache(), RectBatch()
        self.price_decimals, self.quantity_decimals = 2, 0
        self.time = TimeText()
        self._edges = (0, 0, 0)
        self._width = 0

    def with_theme(self, theme: Theme) -> TapePainter:
        """The same in another theme."""
        other = TapePainter(theme)
        other.price_decimals, other.quantity_decimals, other.time = (
            self.price_decimals, self.quantity_decimals, self.time,
        )  # fmt: skip
        return other

    def lay_out(self, width: int, longest_price: str, longest_quantity: str) -> bool:
        """Place the right edges of time, price and size; True if they are others than before."""
        time = _PAD_PX + self.data.width(self.time.sample)
        figures = max(self.data.width(longest_price), 7 * self.data.width("0")) + 10
        sizes = max(self.strong.width(longest_quantity), 5 * self.data.width("0")) + 10
        spare = max(width - time - figures - sizes - 24 - 52, 0)
        price = time + figures + min(spare // 3, 24)
        edges = time, price, price + sizes + min(spare // 3, 16)
        changed = (edges, width) != (self._edges, self._width)
        self._edges, self._width = edges, width
        return changed

    def paint_header(self, painter: QPainter, grouped: bool) -> None:
        """The titles of the columns."""
        theme, top = self.theme, self.label.top_for(0, HEADER_PX - 1)
        painter.fillRect(0, 0, self._width, HEADER_PX, theme.color("chrome"))
        painter.fillRect(0, HEADER_PX - 1, self._width, 1, theme.color("hairline"))
        painter.setFont(self.label.font)
        painter.setPen(theme.color("label"))
        _, price, size = self._edges
        self.label.left(painter, _PAD_PX, top, self.time.title)
        self.label.right(painter, price, top, "Price")
        self.label.right(painter, size, top, "Size")
        if grouped and self._width - size > 96:
            self.label.left(painter, size + 34, top, "Prints")

    def paint_pace(self, painter: QPainter, pace: TapePace, y: int) -> None:
        """Prints and volume a second as figures, and the volume of the last seconds by side."""
        theme = self.theme
        painter.fillRect(0, y, self._width, PACE_PX, theme.color("canvas"))
        painter.fillRect(0, y + PACE_PX - 1, self._width, 1, theme.color("hairline"))
        prints, volume = pace.rates()
        quantity = format_quantity(round(volume), self.quantity_decimals)
        x, top = _PAD_PX, self.data.top_for(y, PACE_PX - 1)
        for figure, unit in ((f"{prints:.1f}", "prints/s"), (quantity, "lots/s")):
            painter.setFont(self.data.font)
            painter.setPen(theme.color("text"))
            x += max(self.data.left(painter, x, top, figure), 3 * self.data.width("0")) + 4
            painter.setFont(self.label.font)
            painter.setPen(theme.color("label"))
            x += self.label.left(painter, x, self.label.top_for(y, PACE_PX - 1), unit) + 10
        self._paint_histogram(painter, pace, QRect(x, y + 3, self._width - x - _PAD_PX, PACE_PX - 7))

    def _paint_histogram(self, painter: QPainter, pace: TapePace, room: QRect) -> None:
        step = min(room.width() // SECONDS, 4)
        shown = SECONDS
        if step < 2:
            step, shown = 2, max(room.width() // 2, 0)
        if shown < 10:
            return
        bought, sold = (side[-shown:].astype(np.float64) for side in pace.histogram())
        most = float((bought + sold).max())
        x = room.right() + 1 - step * np.arange(shown, 0, -1)
        floor = room.bottom() + 1
        painter.fillRect(int(x[0]), floor, step * shown, 1, self.theme.color("hairline"))
        if not most:
            return
        scale = room.height() / most
        for volume, under, token in ((bought, np.zeros(shown), "buy"), (sold, bought, "sell")):
            high = np.rint((volume + under) * scale) - np.rint(under * scale)
            some = volume > 0
            high = np.where(some, np.maximum(high, 1), 0)
            painter.setPen(_NO_PEN)
            painter.setBrush(self.theme.brush(token))
            top = floor - np.rint(under * scale) - high
            self._bars.draw(painter, x[some], top[some], step - 1, high[some], int(some.sum()))

    def paint_row(self, painter: QPainter, y: int, row: ShownRow, big: bool, chosen: bool) -> None:
        """One line: ground, time, price, size, sign of the aggressor, word."""
        theme, width, own = self.theme, self._width, row.flags & OWN
        neutral = row.flags & AUCTION
        ground = "selected" if chosen else "own_tint" if own else ""
        if not ground and big:
            ground = "zebra" if neutral else sides.TINTS[row.side]
        painter.fillRect(0, y, width, ROW_PX, theme.color(ground or "canvas"))
        if own or chosen:
            painter.fillRect(0, y, 2, ROW_PX, theme.color("own" if own else "text"))
        _, price_edge, size_edge = self._edges
        data, top = self.data, y + self.data.top_for(0, ROW_PX)
        indent = 12 if row.child else 0
        weak = row.child or row.flags & BUSTED
        painter.setFont(data.font)
        painter.setPen(theme.color("label" if weak else "text"))
        if row.child:
            painter.fillRect(_PAD_PX + 3, y, 1, ROW_PX, theme.color("hairline_strong"))
        data.left(painter, _PAD_PX + indent, top, self.time(row.time_ns)[: -4 if row.child else None])
        size = self.strong if big else data
        painter.setFont(size.font)
        size.right(painter, size_edge, top, format_quantity(row.quantity, self.quantity_decimals))
        color = theme.color("label" if row.flags & BUSTED else "text" if neutral else sides.TOKENS[row.side])
        painter.setFont(data.font)
        painter.setPen(color)
        data.right(painter, price_edge, top, format_price(row.price, self.price_decimals))
        if not neutral:
            self._glyphs.draw(painter, sides.GLYPHS[row.side], size_edge + 16, y + ROW_PX // 2, color)
        self._paint_note(painter, y, row, big)

    def _paint_note(self, painter: QPainter, y: int, row: ShownRow, big: bool) -> None:
        """What is special about a row, as far as there is room behind the sign."""
        theme, x = self.theme, self._edges[2] + 30
        room = self._width - x - THUMB_PX - 2
        top = y + self.label.top_for(0, ROW_PX)
        if row.count > 1 and room > 20:
            glyph = "down" if row.opened else "right"
            self._glyphs.draw(painter, glyph, x + 4, y + ROW_PX // 2, theme.color("label"))
            painter.setFont(self.label.font)
            painter.setPen(theme.color("text_2"))
            used = self.label.left(painter, x + 12, top, f"{row.count}") + 18
            x, room = x + used, room - used
        for word, ink in self._notes(row, big):
            cache = self.word if ink == "own" else self.label
            if cache.width(word) > room:
                return
            painter.setFont(cache.font)
            painter.setPen(theme.color(ink))
            used = cache.left(painter, x, top, word) + 8
            x, room = x + used, room - used

    def _notes(self, row: ShownRow, big: bool) -> list[tuple[str, str]]:
        notes = [("own", "own")] if row.flags & OWN else []
        notes += [(word, "label") for flag, word in _WORDS if row.flags & flag]
        if big:
            notes.append(("big", "label"))
        if row.low != row.high:
            away = row.low if row.price == row.high else row.high
            notes.append(("sweep", "label"))
            notes.append((f"from {format_price(away, self.price_decimals)}", "label"))
        elif row.flags & SWEEP and row.count == 1:
            notes.append(("sweep", "label"))
        return notes

    def sign_rect(self, top: int, unseen: int) -> QRect:
        """Where the sign of what is new stands."""
        width = self.word.width(self._sign(unseen)) + self.label.width("Home") + 52
        return QRect((self._width - width) // 2, top + 6, width, _SIGN_PX)

    def paint_sign(self, painter: QPainter, top: int, unseen: int) -> None:
        """How many rows came since the newest was left, and the key that leads there."""
        theme, rect = self.theme, self.sign_rect(top, unseen)
        painter.fillRect(rect, theme.color("raised"))
        painter.setPen(theme.pen("hairline_strong", 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        self._glyphs.draw(painter, "up", rect.x() + 14, rect.y() + _SIGN_PX // 2, theme.color("text_2"))
        painter.setFont(self.word.font)
        painter.setPen(theme.color("text"))
        line = self.word.top_for(rect.y(), _SIGN_PX)
        x = rect.x() + 26 + self.word.left(painter, rect.x() + 26, line, self._sign(unseen)) + 10
        painter.setFont(self.label.font)
        painter.setPen(theme.color("label"))
        self.label.left(painter, x, line, "Home")

    def _sign(self, unseen: int) -> str:
        return f"{unseen:,} new" if unseen else "newest"

    def paint_thumb(self, painter: QPainter, track: QRect, thumb: QRect) -> None:
        """The scroll bar."""
        painter.fillRect(track, self.theme.color("canvas"))
        if not thumb.isEmpty():
            painter.fillRect(thumb, self.theme.color("hairline_strong"))
