"""The head of a panel, 24 px: link group, title, what it is about, and a word for its state.

An armed panel has an amber head; nothing else has.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

HEADER_PX = 24


class PanelHeader(QWidget):
    """Title bar of a panel or a dock. A click on the letter asks for the next link group."""

    linkClicked = Signal()

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None, *, link: str = "") -> None:
        super().__init__(parent)
        self._title, self._link, self._meta, self._tag = title, link, "", ""
        self._armed = False
        self.setFixedHeight(HEADER_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._strong, self._label = TextCache(theme.fonts.label_strong), TextCache(theme.fonts.label)
        self.update()

    def set_title(self, title: str) -> None:
        """What the panel shows."""
        self._title = title
        self.setAccessibleName(title)
        self.update()

    def set_link(self, letter: str) -> None:
        """The link group; empty for none."""
        self._link = letter
        self.update()

    def set_meta(self, text: str, tag: str = "") -> None:
        """Words at the right: what it is about and, behind, its state."""
        if (text, tag) != (self._meta, self._tag):
            self._meta, self._tag = text, tag
            self.update()

    def set_armed(self, armed: bool) -> None:
        """Whether one click here sends an order."""
        self._armed = armed
        self.update()

    def sizeHint(self) -> QSize:
        """24 px high, as wide as there is room."""
        return QSize(120, HEADER_PX)

    def minimumSizeHint(self) -> QSize:
        """A head may be cut; it never widens its panel."""
        return QSize(0, HEADER_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The letter is a button."""
        if self._link and event.position().x() < HEADER_PX and event.button() == Qt.MouseButton.LeftButton:
            self.linkClicked.emit()
            event.accept()
        else:
            event.ignore()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint it."""
        del event
        theme = self._theme
        width, ink = self.width(), "on_warning" if self._armed else ""
        painter.fillRect(self.rect(), theme.color("warning" if self._armed else "chrome"))
        painter.fillRect(0, HEADER_PX - 1, width, 1, theme.color("hairline"))
        top, x = self._label.top_for(0, HEADER_PX - 1), 8
        painter.setFont(self._strong.font)
        if self._link:
            painter.setPen(theme.color(ink or "hairline_strong"))
            painter.drawRect(QRect(x, 4, 15, 15))
            painter.setPen(theme.color(ink or "text_2"))
            self._strong.centre(painter, x + 8, top, self._link)
            x += 24
        painter.setPen(theme.color(ink or "text"))
        x += self._strong.left(painter, x, top, self._strong.elided(self._title, max(width - x - 8, 0))) + 16
        right = width - 8
        if self._tag:
            painter.setPen(theme.color(ink or "label"))
            if not self._armed:
                painter.setFont(self._label.font)
            cache = self._strong if self._armed else self._label
            right -= cache.right(painter, right, top, self._tag) + 10
        painter.setFont(self._label.font)
        painter.setPen(theme.color(ink or "label"))
        if right - x > 24 and self._meta:
            self._label.right(painter, right, top, self._label.elided(self._meta, right - x))
