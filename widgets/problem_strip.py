"""A strip across the window for what must not be missed: a path is down or data are old. A filled block with a word."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.controls import FlatButton
from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

STRIP_PX = 32
_LOOKS = {"alarm": ("alarm", "on_alarm", "square"), "warning": ("warning", "on_warning", "up")}


class ProblemStrip(QWidget):
    """Hidden while there is no problem."""

    retryRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level, self._title, self._age, self._detail = "alarm", "", "", ""
        self.setFixedHeight(STRIP_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._retry = FlatButton(theme, "Try now", self, height_px=24)
        self._retry.clicked.connect(self.retryRequested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.addStretch(1)
        row.addWidget(self._retry)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._retry.set_theme(theme)
        self._strong, self._label = TextCache(theme.fonts.action), TextCache(theme.fonts.label)
        self._data = TextCache(theme.fonts.data_strong)
        self.update()

    def set_problem(
        self, title: str, age: str = "", detail: str = "", *, level: str = "alarm", retry: bool = True
    ) -> None:
        """Show what is wrong, since when, and what is known; an empty title takes the strip away."""
        if level not in _LOOKS:
            raise ValueError(f"unknown level {level!r}")
        self._level, self._title, self._age, self._detail = level, title, age, detail
        self._retry.setVisible(retry)
        self.setAccessibleName(f"{title} {age}. {detail}")
        self.setVisible(bool(title))
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the block and its words."""
        del event
        theme = self._theme
        fill, ink, glyph = _LOOKS[self._level]
        painter.fillRect(self.rect(), theme.color(fill))
        draw_glyph(painter, glyph, 18, STRIP_PX / 2, theme.color(ink), 10)
        painter.setPen(theme.color(ink))
        painter.setFont(self._strong.font)
        x = 30 + self._strong.left(painter, 30, self._strong.top_for(0, STRIP_PX), self._title) + 12
        painter.setFont(self._data.font)
        x += self._data.left(painter, x, self._data.top_for(0, STRIP_PX), self._age) + 20 if self._age else 0
        painter.setFont(self._label.font)
        limit = (self._retry.x() if self._retry.isVisible() else self.width()) - 16
        self._label.left(painter, x, self._label.top_for(0, STRIP_PX), self._label.elided(self._detail, limit - x))
