"""Laid-out text, kept: the glyph cache of the hot views.

A figure that is drawn a second time is laid out and kept; one seen for the first time is drawn plainly, because most
figures of a fast market are seen once and laying out costs several times a plain drawing. Only single lines,
positions are whole pixels.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QPainter, QStaticText, QTransform


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
        self._widths: dict[str, int] = {}
        self._laid_out: dict[str, QStaticText] = {}
        self._seen: set[str] = set()
        self._identity = QTransform()
        self._digit_px = self._metrics.horizontalAdvance("0") if QFontInfo(font).fixedPitch() else 0.0

    def _draw(self, painter: QPainter, x: int, top: int, text: str) -> None:
        static = self._laid_out.get(text)
        if static is not None:
            painter.drawStaticText(x, top, static)
        elif text in self._seen:
            painter.drawStaticText(x, top, self._lay_out(text))
        else:
            if len(self._seen) >= self._capacity:
                self._seen.clear()
            self._seen.add(text)
            painter.drawText(x, top + self._baseline, text)

    def _lay_out(self, text: str) -> QStaticText:
        if len(self._laid_out) >= self._capacity:
            self._laid_out.clear()
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(self._identity, self.font)
        self._laid_out[text] = static
        return static

    def top_for(self, row_top: int, row_height: int) -> int:
        """Where a line has to begin so that its capitals and digits stand in the middle of a row."""
        return round(row_top + (row_height + self.cap_height) / 2 - self.ascent)

    def width(self, text: str) -> int:
        """Width of `text` in whole px."""
        if self._digit_px and text.isascii():
            return round(len(text) * self._digit_px)
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) >= self._capacity:
                self._widths.clear()
            width = self._widths[text] = round(self._metrics.horizontalAdvance(text))
        return width

    def left(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the left edge at `x`; give the width."""
        self._draw(painter, x, top, text)
        return self.width(text)

    def right(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw with the right edge at `x`; give the width."""
        width = self.width(text)
        self._draw(painter, x - width, top, text)
        return width

    def centre(self, painter: QPainter, x: int, top: int, text: str) -> int:
        """Draw centred at `x`; give the width."""
        width = self.width(text)
        self._draw(painter, x - width // 2, top, text)
        return width

    def elided(self, text: str, width: int) -> str:
        """`text`, shortened with an ellipsis so that it fits into `width` px."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
