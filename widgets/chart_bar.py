"""The head of a chart, 36 px: instrument, last price with its change, count-down of the bar, bar sizes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.segmented import Segmented
from widgets.text_cache import TextCache
from widgets.theme import Theme

BAR_PX = 36
_MINUTE_NS = 60 * 10**9
BAR_SIZES = (
    ("1m", _MINUTE_NS), ("5m", 5 * _MINUTE_NS), ("15m", 15 * _MINUTE_NS), ("1h", 60 * _MINUTE_NS),
    ("1D", 1440 * _MINUTE_NS),
)  # fmt: skip


class ChartBar(QWidget):
    """Texts come ready."""

    barSizeChosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link, self._symbol, self._detail, self._countdown = "", "", "", ""
        self._price: tuple[str, str, str, str] = ("", "", "", "label")
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._sizes = Segmented(theme, [word for word, _ in BAR_SIZES], self, name="Bar size")
        self._sizes.chosen.connect(lambda index: self.barSizeChosen.emit(BAR_SIZES[index][1]))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.addStretch(1)
        row.addWidget(self._sizes)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._label, self._strong, self._action, self._data, self._display = (
            TextCache(font) for font in (fonts.label, fonts.label_strong, fonts.action, fonts.data, fonts.display)
        )
        self._sizes.set_theme(theme)
        self.update()

    def set_instrument(self, symbol: str, detail: str, link: str = "") -> None:
        """Symbol, its name and kind, and the link group."""
        self._symbol, self._detail, self._link = symbol, detail, link
        self._price = ("", "", "", "label")
        self.setAccessibleName(f"{symbol} {detail}")
        self.update()

    def set_link(self, letter: str) -> None:
        """The link group alone."""
        self._link = letter
        self.update()

    def set_price(self, text: str, change: str, percent: str, tone: str) -> None:
        """Last price, signed change and percent; `tone` is "up", "down" or "label"."""
        if (text, change, percent, tone) != self._price:
            self._price = (text, change, percent, tone)
            self.setAccessibleDescription(f"last {text} {change} {percent}")
            self.update()

    def set_countdown(self, text: str) -> None:
        """When the bar closes."""
        if text != self._countdown:
            self._countdown = text
            self.update()

    def set_bar_size(self, size_ns: int) -> None:
        """Mark a bar size as chosen; one that has no button marks none."""
        for i, (_, size) in enumerate(BAR_SIZES):
            if size == size_ns:
                self._sizes.set_current(i)

    def sizeHint(self) -> QSize:
        """36 px high, as a dock's title bar needs to know."""
        return QSize(600, BAR_PX)

    def minimumSizeHint(self) -> QSize:
        """The bar sizes."""
        return QSize(260, BAR_PX)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint from the left until the buttons; what does not fit is left out."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, BAR_PX - 1, self.width(), 1, theme.color("hairline"))
        x, limit = 8, self._sizes.x() - 12
        if self._link:
            painter.setPen(theme.color("hairline_strong"))
            painter.drawRect(QRect(x, 10, 15, 15))
            self._put(painter, self._strong, x + 4, self._link, "text_2")
            x += 28
        x += self._put(painter, self._action, x, self._symbol, "text") + 12
        text, change, percent, tone = self._price
        needed = self._display.width(text) + self._data.width(f"{change} {percent}") + 44
        if x + self._label.width(self._detail) + needed < limit:
            x += self._put(painter, self._label, x, self._detail, "label") + 12
        x += self._put(painter, self._display, x, text, "text") + 12
        if x + self._data.width(f"{change} {percent}") + 24 < limit:
            if tone in ("up", "down"):
                draw_glyph(painter, tone, x + 4, BAR_PX / 2, theme.color(tone), 8)
                x += 14
            x += self._put(painter, self._data, x, change, tone) + 12
            x += self._put(painter, self._data, x, f"{percent} %" if percent else "", tone) + 12
        closes = self._label.width("bar closes") + self._data.width(self._countdown) + 12
        if self._countdown and x + closes < limit:
            self._put(painter, self._label, limit - closes, "bar closes", "label")
            self._put(painter, self._data, limit - self._data.width(self._countdown), self._countdown, "text")

    def _put(self, painter: QPainter, cache: TextCache, x: int, text: str, token: str) -> int:
        painter.setFont(cache.font)
        painter.setPen(self._theme.color(token))
        return cache.left(painter, x, cache.top_for(0, BAR_PX - 1), text) if text else 0
