"""Laid-out text, kept: the glyph cache of the hot views.

A text that is drawn again and again is laid out and kept; one seen a few times only is drawn plainly, because most
figures of a fast market are soon gone and laying out costs as much as five plain drawings. Only single lines,
positions are whole pixels.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QPainter, QStaticText, QTransform

PLAIN_DRAWINGS: Final = 4


class _Entry:
    """A text: its width, how often it was drawn plainly, and its layout from then on."""

    __slots__ = ("drawings", "static", "width")

    def __init__(self, width: int) -> None:
        self.width, self.drawings = width, 0
        self.static: QStaticText | None = None


class TextCache:
    """Draws text of one font. The painter needs `painter.setFont(cache.font)` and its pen before."""

    def __init__(self, font: QFont, capacity: int = 8192) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.ascent = self._metrics.ascent()
        self.line_height = self._metrics.height()
        self.cap_height = self._metrics.capHeight()
        self._baseline = round(self.ascent)
        self._capacity = capacity
        self._entries: dict[str, _Entry] = {}
        self._identity = QTransform()
        self._digit_px = self._metrics.horizontalAdvance("0") if QFontInfo(font).fixedPitch() else 0.0

    def _entry(self, text: str) -> _Entry:
        """Note a text that is new here."""
        if len(self._entries) >= self._capacity:
            self._entries.clear()
        if self._digit_px and text.isascii():
            entry = _Entry(round(len(text) * self._digit_px))
        else:
            entry = _Entry(round(self._metrics.horizontalAdvance(text)))
        self._entries[text] = entry
        return entry

    def _draw(self, painter: QPainter, x: int, top: int, text: str, entry: _Entry) -> None:
        if entry.static is not None:
            painter.drawStaticText(x, top, entry.static)
        elif entry.drawings < PLAIN_DRAWINGS:
            entry.drawings += 1
            painter.drawText(x, top + self._baseline, text)
        else:
            entry.static = self._laid_out(text)
            painter.drawStaticText(x, top, entry.static)

    def _laid_out(self, text: str) -> QStaticText:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(self._identity, self.font)
        return static

    def top_for(self, row_top: int, row_height: int) -> int:
        """Where a line has to begin so that its capitals and digits stand in the middle of a row."""
        return round(row_top + (row_height + self.cap_height) / 2 - self.ascent)

    def width(self, text: str) -> int:
        """Width of `text` in whole px."""
        entry = self._entries.get(text) or self._entry(text)
        return entry.width

    def left(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the left edge at `x`; give the width."""
        entry = self._entries.get(text) or self._entry(text)
        self._draw(painter, x, top, text, entry)
        return entry.width

    def right(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the right edge at `x`; give the width."""
        entry = self._entries.get(text) or self._entry(text)
        self._draw(painter, x - entry.width, top, text, entry)
        return entry.width

    def centre(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw centred at `x`; give the width."""
        entry = self._entries.get(text) or self._entry(text)
        self._draw(painter, x - entry.width // 2, top, text, entry)
        return entry.width

    def elided(self, text: str, width: int) -> str:
        """`text`, shortened with an ellipsis so that it fits into `width` px."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
