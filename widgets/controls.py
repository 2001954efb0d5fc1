"""Buttons of the desk: flat, one hairline, painted by hand so that a click costs one small paint.

A checked button is inverted, a disabled one is dashed, the focus is a ring of two pixels.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme


class FlatButton(QAbstractButton):
    """A word, an optional figure behind it and the key that does the same."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        parent: QWidget | None = None,
        *,
        figure: str = "",
        key: str = "",
        mono: bool = False,
        height_px: int = 20,
        pad_px: int = 8,
        short_text: str = "",
    ) -> None:
        super().__init__(parent)
        self._figure, self._key, self._mono = figure, key, mono
        self._pad_px, self._short_text = pad_px, short_text
        self.setText(text)
        self.setFixedHeight(height_px)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._name()
        self.set_theme(theme)

    def _name(self) -> None:
        self.setAccessibleName(f"{self.text()} {self._figure}".strip())
        if self._key:
            self.setAccessibleDescription(f"key {self._key}")

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._word = TextCache(fonts.data if self._mono else fonts.label)
        self._strong = TextCache(fonts.data_strong if self._mono else fonts.label_strong)
        self._data = TextCache(fonts.data)
        self.updateGeometry()
        self.update()

    def set_figure(self, figure: str) -> None:
        """The figure behind the word, such as how many orders it concerns."""
        if figure != self._figure:
            self._figure = figure
            self._name()
            self.updateGeometry()
            self.update()

    def _shown_parts(self) -> tuple[str, str, int]:
        """The word, the key and the width of all parts, in the longest form that fits."""
        word = self._strong if self.isChecked() else self._word
        figure = self._data.width(self._figure) + 5 if self._figure else 0
        room, text, width = self.width() - 8, "", 0
        for text, key in ((self.text(), self._key), (self.text(), ""), (self._short_text or self.text(), "")):
            width = word.width(text) + figure + (self._word.width(key) + 6 if key else 0)
            if width <= room:
                return text, key, width
        text = word.elided(text, max(room - figure, 0))
        return text, "", word.width(text) + figure

    def sizeHint(self) -> QSize:
        """As wide as its words, with the pad on both sides."""
        figure = self._data.width(self._figure) + 5 if self._figure else 0
        key = self._word.width(self._key) + 6 if self._key else 0
        return QSize(self._strong.width(self.text()) + figure + key + 2 * self._pad_px, self.height())

    def minimumSizeHint(self) -> QSize:
        """Its shortest words with less pad."""
        figure = self._data.width(self._figure) + 5 if self._figure else 0
        return QSize(self._strong.width(self._short_text or self.text()) + figure + 8, self.height())

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint border, word, figure and key."""
        del event
        theme = self._theme
        on, hot = self.isChecked(), self.underMouse() and self.isEnabled()
        fill = "text" if on or self.isDown() else "selected" if hot else "chrome"
        painter.fillRect(self.rect(), theme.color(fill))
        paint_border(painter, theme, self.rect(), self.isEnabled(), self.hasFocus(), on)
        ink = "canvas" if on or self.isDown() else "text" if self.isEnabled() else "label"
        cache = self._strong if on else self._word
        text, key, width = self._shown_parts()
        x = (self.width() - width) // 2
        painter.setFont(cache.font)
        painter.setPen(theme.color("text_2" if ink == "text" and self._mono else ink))
        x += cache.left(painter, x, cache.top_for(0, self.height()), text) + 5
        if self._figure:
            painter.setFont(self._data.font)
            painter.setPen(theme.color(ink if ink != "text" else "text_2"))
            x += self._data.left(painter, x, self._data.top_for(0, self.height()), self._figure) + 6
        if key:
            painter.setFont(self._word.font)
            painter.setPen(theme.color("label" if ink == "text" else ink))
            self._word.left(painter, x, self._word.top_for(0, self.height()), key)


class SideButton(QAbstractButton):
    """BUY or SELL: filled with its colour when chosen, with triangle and word."""

    def __init__(self, theme: Theme, word: str, token: str, glyph: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token, self._glyph = token, glyph
        self.setText(word)
        self.setAccessibleName(word)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        font = QFont(theme.fonts.action)
        font.setPixelSize(12)
        self._strong = TextCache(font)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the word."""
        return QSize(80, 28)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint fill, triangle and word."""
        del event
        theme = self._theme
        on = self.isChecked()
        painter.fillRect(self.rect(), theme.color(self._token if on else "selected" if self.underMouse() else "chrome"))
        if not on or self.hasFocus():
            paint_border(painter, theme, self.rect(), self.isEnabled(), self.hasFocus(), False)
        ink = theme.color(f"on_{self._token}" if on else "text_2")
        width = self._strong.width(self.text())
        x = (self.width() - width - 14) // 2
        draw_glyph(painter, self._glyph, x + 4, self.height() / 2, ink, 9)
        painter.setFont(self._strong.font)
        painter.setPen(ink)
        self._strong.left(painter, x + 14, self._strong.top_for(0, self.height()), self.text())


def paint_border(painter: QPainter, theme: Theme, rect: QRect, enabled: bool, focused: bool, on: bool) -> None:
    """The border of a control: hairline, dashed if it is disabled, a ring of two pixels if it has the focus."""
    pen = QPen(theme.pen("focus", 2) if focused else theme.pen("text" if on else "hairline_strong", 1))
    if not enabled:
        pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(1, 1, -1, -1) if focused else rect.adjusted(0, 0, -1, -1))


def paint_key(painter: QPainter, theme: Theme, cache: TextCache, right: int, middle: int, key: str) -> int:
    """A key cap that ends at `right`, around the row `middle`; give its width."""
    width = cache.width(key) + 9
    rect = QRect(right - width, middle - 8, width, 16)
    painter.fillRect(rect, theme.color("canvas"))
    painter.setPen(theme.pen("hairline_strong", 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
    painter.setFont(cache.font)
    painter.setPen(theme.color("text_2"))
    cache.left(painter, rect.x() + 4, cache.top_for(rect.y(), 16), key)
    return width
