"""Flat tabs, 24 px, as the head of a panel: words with a figure behind, and words about the panel at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

STRIP_PX = 24
PAD_PX = 12


class TabStrip(QWidget):
    """`currentChanged(index)` when the user takes another tab."""

    currentChanged = Signal(int)

    def __init__(self, theme: Theme, words: Sequence[str], parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self._words, self._figures = list(words), [""] * len(words)
        self._current, self._meta = 0, ""
        self._places: list[QRect] = []
        self.setFixedHeight(STRIP_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name or "Tabs")
        self.set_theme(theme)
        self.set_current(0)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._places = []
        self._label, self._strong = TextCache(theme.fonts.label), TextCache(theme.fonts.label_strong)
        self._data = TextCache(theme.fonts.data)
        self.update()

    def set_figure(self, index: int, text: str) -> None:
        """The figure behind a word."""
        if self._figures[index] != text:
            self._figures[index] = text
            self._places = []
            self.update()

    def set_meta(self, text: str) -> None:
        """Words at the right."""
        if text != self._meta:
            self._meta = text
            self.update()

    def current(self) -> int:
        """The tab that is shown."""
        return self._current

    def set_current(self, index: int) -> None:
        """Show a tab; nothing is told."""
        self._current = index
        self.setAccessibleDescription(f"{self._words[index]} {self._figures[index]}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """All tabs."""
        return QSize(sum(rect.width() for rect in self._rects()), STRIP_PX)

    def minimumSizeHint(self) -> QSize:
        """A strip may be cut; it never widens its panel."""
        return QSize(0, STRIP_PX)

    def _rects(self) -> list[QRect]:
        """Where the tabs are; kept, because a window that lays out its docks asks hundreds of times a second."""
        if self._places:
            return self._places
        rects, x = [], 0
        for word, figure in zip(self._words, self._figures, strict=True):
            width = self._strong.width(word) + 2 * PAD_PX + (self._data.width(figure) + 5 if figure else 0)
            rects.append(QRect(x, 0, width, STRIP_PX - 1))
            x += width
        self._places = rects
        return rects

    def _choose(self, index: int) -> None:
        if index != self._current and 0 <= index < len(self._words):
            self.set_current(index)
            self.currentChanged.emit(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the tab under the pointer."""
        for i, rect in enumerate(self._rects()):
            if rect.contains(event.position().toPoint()):
                self._choose(i)
                return
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right take the next tab."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._choose(self._current + step)
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the tabs."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, STRIP_PX - 1, self.width(), 1, theme.color("hairline"))
        rects = self._rects()
        for i, rect in enumerate(rects):
            chosen = i == self._current
            if chosen:
                painter.fillRect(rect.adjusted(0, 0, 0, 1), theme.color("canvas"))
                painter.fillRect(rect.x(), 0, rect.width(), 2, theme.color("text"))
            cache = self._strong if chosen else self._label
            painter.setFont(cache.font)
            painter.setPen(theme.color("text" if chosen else "label"))
            x = rect.x() + PAD_PX
            x += cache.left(painter, x, cache.top_for(1, STRIP_PX - 2), self._words[i]) + 5
            if self._figures[i]:
                painter.setFont(self._data.font)
                painter.setPen(theme.color("text_2"))
                self._data.left(painter, x, self._data.top_for(1, STRIP_PX - 2), self._figures[i])
            if chosen and self.hasFocus():
                painter.setPen(theme.pen("focus", 1))
                painter.drawRect(rect.adjusted(2, 3, -3, -2))
        room = self.width() - (rects[-1].right() if rects else 0) - 24
        if self._meta and room > 40:
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            top = self._label.top_for(1, STRIP_PX - 2)
            self._label.right(painter, self.width() - 8, top, self._label.elided(self._meta, room))
