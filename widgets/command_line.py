"""The command line of the top bar: a symbol, a command or the text of an order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QSizePolicy, QWidget

from widgets.controls import paint_key
from widgets.glyphs import draw_glyph
from widgets.text_cache import TextCache
from widgets.theme import Theme

HINT = "Symbol, command or order text, e.g. b 500 vlta 48.30"


class CommandLine(QLineEdit):
    """Enter tells the text and clears it; Escape gives the keyboard back."""

    entered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Command line")
        self.setAccessibleDescription(HINT)
        self.setMaximumWidth(432)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextMargins(20, 0, 0, 0)
        self.returnPressed.connect(self._enter)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label = TextCache(theme.fonts.label)
        self.setFont(theme.fonts.data)
        self.setStyleSheet("margin: 0 16px 0 12px;")
        self.update()

    def set_completions(self, words: Sequence[str]) -> None:
        """What Tab and the list complete."""
        completer = QCompleter(list(words), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)

    def sizeHint(self) -> QSize:
        """Its usual width."""
        return QSize(428, 24)

    def minimumSizeHint(self) -> QSize:
        """Room for a symbol."""
        return QSize(140, 24)

    def _enter(self) -> None:
        text = self.text().strip()
        if text:
            self.clear()
            self.entered.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape clears and leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The input, with its sign, hint and key."""
        super().paintEvent(event)
        painter, theme = QPainter(self), self._theme
        draw_glyph(painter, "search", 26, self.height() / 2, theme.color("label"), 11)
        right = self.width() - 20
        if not self.hasFocus():
            right -= paint_key(painter, theme, self._label, right, self.height() // 2, "Ctrl K") + 8
        if not self.text():
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            self._label.left(painter, 38, self._label.top_for(0, self.height()), self._label.elided(HINT, right - 38))
