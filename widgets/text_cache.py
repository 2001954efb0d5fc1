"""Laid-out text, kept: the glyph cache of the hot views.

A figure that was drawn once is laid out once. Only single lines, positions are whole pixels.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform


class TextCache:
    """Draws text of one font. The painter needs `painter.setFont(cache.font)` and its pen before."""

    def __init__(self, font: QFont, capacity: int = 8192) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.ascent = self._metrics.ascent()
        self.line_height = self._metrics.height()
        self.cap_height = self._metrics.capHeight()
        self._capacity = capacity
        self._entries: dict[str, tuple[QStaticText, int]] = {}
        self._identity = QTransform()

    def _entry(self, text: str) -> tuple[QStaticText, int]:
        entry = self._entries.get(text)
        if entry is None:
            if len(self._entries) >= self._capacity:
                self._entries.clear()
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            static.prepare(self._identity, self.font)
            entry = self._entries[text] = (static, round(self._metrics.horizontalAdvance(text)))
        return entry

    def top_for(self, row_top: int, row_height: int) -> int:
        """Where a line has to begin so that its capitals and digits stand in the middle of a row."""
        return round(row_top + (row_height + self.cap_height) / 2 - self.ascent)

    def width(self, text: str) -> int:
        """Width of `text` in whole px."""
        return self._entry(text)[1]

    def left(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the left edge at `x`; give the width."""
        static, width = self._entry(text)
        painter.drawStaticText(x, top, static)
        return width

    def right(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the right edge at `x`; give the width."""
        static, width = self._entry(text)
        painter.drawStaticText(x - width, top, static)
        return width

    def centre(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw centred at `x`; give the width."""
        static, width = self._entry(text)
        painter.drawStaticText(x - width // 2, top, static)
        return width

    def elided(self, text: str, width: int) -> str:
        """`text`, shortened with an ellipsis so that it fits into `width` px."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
