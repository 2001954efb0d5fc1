"""The queue of a level, order by order: place, size, what is ahead, age (`>`: at least); own orders in violet.

Two levels side by side, a bid and an ask: the best ones, or as many levels away as the trader stepped with the arrow
keys (Home returns to the best). Bounded: only rows in sight are painted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets import side as sides
from widgets.formatting import DASH, format_duration, format_price, format_quantity
from widgets.painting import painted
from widgets.rect_batch import RectBatch
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX, HEADER_PX, TITLE_PX = 20, 20, 24
PAD_PX = 8
FIGURES, WORD_PX = (4, 7, 7, 7), 40
"""Figures of place, size, ahead and age; the word `own` behind them."""


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class QueueLevel:
    """One level: sizes, ages (ns), whether an order is older than its age says, and whether it is own; first in line
    first.
    """

    price: int
    sizes: NDArray[np.int64] = field(default_factory=_none)
    ages_ns: NDArray[np.int64] = field(default_factory=_none)
    older: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    own: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))


class QueueList(QWidget):
    """The orders of one level of one side."""

    levelWanted = Signal(int)
    """How many levels from the best one; 0 is the best."""

    def __init__(self, theme: Theme, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side, self.depth = side, 0
        self._level: QueueLevel | None = None
        self._decimals, self._quantity_decimals, self._offset = 2, 0, 0
        self._rects = RectBatch()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"Queue of a level, {sides.WORDS[side].lower()} side")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._data, self._strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self._label, self._word = TextCache(fonts.label), TextCache(fonts.label_strong)
        self.update()

    def set_instrument(self, price_decimals: int, quantity_decimals: int) -> None:
        """Show another instrument, from its best level."""
        self._decimals, self._quantity_decimals = price_decimals, quantity_decimals
        self._level, self.depth, self._offset = None, 0, 0
        self.update()

    def set_level(self, level: QueueLevel | None) -> None:
        """Show a level; None for a side that has none there."""
        if level is None or self._level is None or level.price != self._level.price:
            self._offset = 0
        self._level = level
        self.setAccessibleDescription(self.sentence())
        self.update()

    def sentence(self) -> str:
        """What it shows, for a screen reader."""
        if self._level is None:
            return "no orders"
        own = np.flatnonzero(self._level.own).tolist()
        places = f", own at place {', '.join(str(place + 1) for place in own)}" if own else ""
        return f"{format_price(self._level.price, self._decimals)}, {len(self._level.sizes)} orders{places}"

    def minimumSizeHint(self) -> QSize:
        """Place and size, two rows."""
        return QSize(120, TITLE_PX + HEADER_PX + 2 * ROW_PX)

    def visible_rows(self) -> range:
        """The places that a paint shows, from 0."""
        count = len(self._level.sizes) if self._level is not None else 0
        rows = max(self.height() - TITLE_PX - HEADER_PX, 0) // ROW_PX + 1
        return range(min(self._offset, count), min(self._offset + rows, count))

    def scroll_to(self, offset: int) -> None:
        """Leave out the first orders."""
        count = len(self._level.sizes) if self._level is not None else 0
        self._offset = min(max(offset, 0), max(count - 1, 0))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by rows."""
        self.scroll_to(self._offset - round(event.angleDelta().y() / 40))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down take another level, Home the best; pages scroll."""
        page = max((self.height() - TITLE_PX - HEADER_PX) // ROW_PX - 1, 1)
        outward = Qt.Key.Key_Down if self.side == sides.BUY else Qt.Key.Key_Up
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._want(self.depth + (1 if event.key() == outward else -1))
        elif event.key() == Qt.Key.Key_Home:
            self._want(0)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.scroll_to(self._offset + (page if event.key() == Qt.Key.Key_PageDown else -page))
        else:
            super().keyPressEvent(event)

    def _want(self, depth: int) -> None:
        self.depth, self._offset = max(depth, 0), 0
        self.levelWanted.emit(self.depth)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint title, header and the rows in sight."""
        del event
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        columns = self._columns()
        self._paint_title(painter)
        self._paint_header(painter, columns)
        if self._level is not None and len(self._level.sizes):
            self._paint_rows(painter, self._level, columns)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.pen("focus", 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _columns(self) -> tuple[int, int, int, int]:
        """Right edges of place, size, ahead and age; those beyond the width are not shown."""
        figure = self._data.width("0")
        least = [round(figures * figure) + PAD_PX for figures in FIGURES]
        spare = max(self.width() - sum(least) - WORD_PX, 0) // len(least)
        place, size, ahead, age = np.cumsum([width + spare for width in least]).tolist()
        return place - spare, size, ahead, age

    def _paint_title(self, painter: QPainter) -> None:
        theme, level = self._theme, self._level
        painter.fillRect(0, 0, self.width(), TITLE_PX, theme.color("chrome"))
        top = self._label.top_for(0, TITLE_PX)
        name = f"{'Best' if not self.depth else f'{self.depth} behind the best'} {('bid', 'ask')[self.side]}"
        painter.setFont(self._label.font)
        painter.setPen(theme.color("label"))
        x = PAD_PX + self._label.left(painter, PAD_PX, top, name) + 8
        if level is None:
            self._label.left(painter, x, top, "no orders")
            return
        painter.setFont(self._strong.font)
        painter.setPen(theme.color(sides.TOKENS[self.side]))
        price = format_price(level.price, self._decimals)
        x += self._strong.left(painter, x, self._strong.top_for(0, TITLE_PX), price) + 12
        total = format_quantity(int(level.sizes.sum()), self._quantity_decimals)
        text = f"{total} in {len(level.sizes):,}"
        if x + self._label.width(text) < self.width() - PAD_PX:
            painter.setFont(self._label.font)
            painter.setPen(theme.color("text_2"))
            self._label.right(painter, self.width() - PAD_PX, top, text)

    def _paint_header(self, painter: QPainter, columns: tuple[int, ...]) -> None:
        theme = self._theme
        painter.fillRect(0, TITLE_PX, self.width(), HEADER_PX, theme.color("chrome"))
        painter.fillRect(0, TITLE_PX + HEADER_PX - 1, self.width(), 1, theme.color("hairline"))
        painter.setFont(self._label.font)
        painter.setPen(theme.color("label"))
        top = self._label.top_for(TITLE_PX, HEADER_PX - 1)
        for right, title in zip(columns, ("#", "Size", "Ahead", "Age"), strict=True):
            if right < self.width():
                self._label.right(painter, right, top, title)

    def _paint_rows(self, painter: QPainter, level: QueueLevel, columns: tuple[int, ...]) -> None:
        theme, shown = self._theme, self.visible_rows()
        sizes = level.sizes[shown.start : shown.stop]
        ahead = np.concatenate([[0], np.cumsum(level.sizes[: shown.stop])])[shown.start : shown.stop]
        y = TITLE_PX + HEADER_PX + np.arange(len(sizes)) * ROW_PX
        own = level.own[shown.start : shown.stop]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("own_tint"))
        self._rects.draw(painter, 0, y[own], self.width(), ROW_PX, int(own.sum()))
        painter.setBrush(theme.brush(sides.TINTS[self.side]))
        room = columns[1] - columns[0] - 4
        bars = np.maximum(np.rint(sizes / max(int(level.sizes.max()), 1) * room), 1)
        self._rects.draw(painter, columns[1] + 4 - bars, y + 1, bars, ROW_PX - 2, len(sizes))
        painter.setBrush(theme.brush("own"))
        self._rects.draw(painter, 0, y[own], 2, ROW_PX, int(own.sum()))
        top = self._data.top_for(0, ROW_PX)
        for i, place in enumerate(shown):
            mine = bool(own[i])
            age = format_duration(int(level.ages_ns[place]))
            texts = (
                (f"{place + 1}", "label"), (format_quantity(int(sizes[i]), self._quantity_decimals), "text"),
                (format_quantity(int(ahead[i]), self._quantity_decimals) if ahead[i] else DASH, "text_2"),
                (f"> {age}" if level.older[place] else age, "text_2"),
            )  # fmt: skip
            painter.setFont(self._data.font)
            for right, (text, token) in zip(columns, texts, strict=True):
                if right < self.width():
                    painter.setPen(theme.color("own" if mine else token))
                    self._data.right(painter, right, int(y[i]) + top, text)
            if mine and columns[3] + 40 <= self.width():
                painter.setFont(self._word.font)
                self._word.left(painter, columns[3] + 10, int(y[i]) + self._word.top_for(0, ROW_PX), "own")


class QueueView(QWidget):
    """A bid and an ask level beside each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lists = tuple(QueueList(theme, side, self) for side in (sides.BUY, sides.SELL))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for one in self.lists:
            row.addWidget(one, 1)
        self.setAccessibleName("Queues of two levels")
        self._overlay = StateOverlay(theme, self)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        for part in (*self.lists, self._overlay):
            part.set_theme(theme)

    def set_instrument(self, price_decimals: int, quantity_decimals: int = 0) -> None:
        """Show another instrument."""
        for one in self.lists:
            one.set_instrument(price_decimals, quantity_decimals)

    def set_level(self, side: int, level: QueueLevel | None) -> None:
        """Show a level of a side."""
        self.lists[side].set_level(level)

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)
