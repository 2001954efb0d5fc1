"""A choice of few: Qt's combo box with our own caret, since a style sheet can't draw one without an image file."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from widgets.glyphs import draw_glyph
from widgets.theme import Theme


class ChoiceBox(QComboBox):
    """As a combo box; give it an accessible name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self.setFont(theme.fonts.label)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, and the caret at its right."""
        super().paintEvent(event)
        painter = QPainter(self)
        draw_glyph(painter, "caret", self.width() - 12, self.height() / 2, self._theme.color("label"), 7)
