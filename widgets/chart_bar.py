"""The head of a chart, 36 px: instrument, last price with its change, count-down of the bar, what bars and how.

What does not fit gives way from the middle: the detail, the count-down, the change, then the row of usual sizes.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.chart.chart_type import ChartType
from widgets.chart.value_scale import ScaleKind
from widgets.glyphs import draw_glyph
from widgets.menu_button import MenuButton
from widgets.painting import painted
from widgets.segmented import Segmented
from widgets.text_cache import TextCache
from widgets.theme import Theme

BAR_PX = 36
QUICK_SIZES = ("1m", "5m", "15m", "1h", "1D")
SIZES = (
    ("Seconds", ("1s", "5s", "15s", "30s")), ("Minutes", ("1m", "2m", "3m", "5m", "10m", "15m", "30m")),
    ("Hours", ("1h", "2h", "4h")), ("Days and more", ("1D", "1W", "1M")), ("Trades", ("10T", "50T", "200T", "1000T")),
    ("Volume", ("1kV", "10kV", "100kV")), ("Range in ticks", ("5R", "10R", "20R", "50R")),
)  # fmt: skip
"""Words of sizes: a number and a unit (s, m, h, D, W, M, T trades, V volume, R ticks of range)."""
SCALES = (("Linear", ScaleKind.LINEAR), ("Logarithmic", ScaleKind.LOG), ("Percent", ScaleKind.PERCENT))
AXES = (("One bar beside the other", False), ("By time, with gaps", True))
ZONES = (
    "UTC", "Local", "America/New_York", "America/Chicago", "America/Sao_Paulo", "Europe/London",
    "Europe/Berlin", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai",
    "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
WIDE_PX, WIDEST_PX = 560, 760


class ChartBar(QWidget):
    """Texts come ready. Choices: (group, value) with group "size", "type", "scale", "by_time", "zone" or "breaks"."""

    chosen = Signal(str, object)
    otherSizeWanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link, self._symbol, self._detail, self._countdown = "", "", "", ""
        self._price: tuple[str, str, str, str] = ("", "", "", "label")
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._quick = Segmented(theme, QUICK_SIZES, self, name="Bar size")
        self._quick.chosen.connect(lambda index: self.chosen.emit("size", QUICK_SIZES[index]))
        self._size = MenuButton(theme, "Bar size", self)
        self._type = MenuButton(theme, "Chart type", self)
        self._view = MenuButton(theme, "Scale, axis and time zone", self)
        self._fill_menus()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        for control in (self._quick, self._size, self._type, self._view):
            self._row.addWidget(control)
        self._scale, self._zone = ScaleKind.LINEAR, "UTC"
        self.set_bar_size("5m")
        self.set_choices(ChartType.CANDLES, ScaleKind.LINEAR, by_time=False, zone="UTC", breaks=True)
        self.set_theme(theme)

    def _fill_menus(self) -> None:
        for title, words in SIZES:
            self._size.add_group("size", title, [(word, word) for word in words], nested=True)
        self._size.add_action("Other size…", "other", None)
        self._folded = [self._size.add_menu_of(other) for other in (self._type, self._view)]
        self._type.add_group("type", "", [(kind.words, kind) for kind in ChartType])
        self._view.add_group("scale", "Price scale", SCALES)
        self._view.add_group("by_time", "Bars", AXES)
        self._view.add_group("zone", "Time zone", [(_zone_words(zone), zone) for zone in ZONES], nested=True)
        self._view.add_switch("Session breaks", "breaks", True)
        self._size.chosen.connect(self._size_chosen)
        self._type.chosen.connect(self.chosen)
        self._view.chosen.connect(self.chosen)

    def _size_chosen(self, group: str, value: object) -> None:
        if group == "other":
            self.otherSizeWanted.emit()
        else:
            self.chosen.emit("size", value)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._label, self._strong, self._action, self._data, self._display = (
            TextCache(font) for font in (fonts.label, fonts.label_strong, fonts.action, fonts.data, fonts.display)
        )
        for control in (self._quick, self._size, self._type, self._view):
            control.set_theme(theme)
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
            self.update(0, 0, self._limit(), BAR_PX)

    def set_countdown(self, text: str) -> None:
        """When the bar closes; empty where no clock ends it."""
        if text != self._countdown:
            self._countdown = text
            self.update(0, 0, self._limit(), BAR_PX)

    def set_bar_size(self, word: str) -> None:
        """Mark a bar size as chosen."""
        self._size.set_words(word)
        self._size.set_current("size", word)
        self._quick.set_current(QUICK_SIZES.index(word) if word in QUICK_SIZES else -1)

    def set_choices(self, kind: ChartType, scale: ScaleKind, *, by_time: bool, zone: str, breaks: bool) -> None:
        """Mark what is chosen."""
        self._type.set_words(kind.words)
        self._type.set_current("type", kind)
        short = {ScaleKind.LINEAR: "Lin", ScaleKind.LOG: "Log", ScaleKind.PERCENT: "%"}[scale]
        self._view.set_words(" · ".join([short, *(["time"] if by_time else []), _zone_words(zone)]))
        for group, value in (("scale", scale), ("by_time", by_time), ("zone", zone), ("breaks", breaks)):
            self._view.set_current(group, value)

    def sizeHint(self) -> QSize:
        """36 px high, as a dock's title bar needs to know."""
        return QSize(600, BAR_PX)

    def minimumSizeHint(self) -> QSize:
        """The symbol and the size."""
        return QSize(200, BAR_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons give way when it gets narrow; their menus are then below that of the size."""
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE_PX
        self._quick.setVisible(self.width() >= WIDEST_PX)
        for control, folded in zip((self._type, self._view), self._folded, strict=True):
            control.setVisible(is_wide)
            folded.setVisible(not is_wide)

    def _limit(self) -> int:
        """Where the buttons begin."""
        shown = [control.x() for control in (self._quick, self._size, self._type, self._view) if control.isVisible()]
        return min(shown, default=self.width()) - 12

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint from the left until the buttons; what does not fit is left out."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, BAR_PX - 1, self.width(), 1, theme.color("hairline"))
        x, limit = 8, self._limit()
        painter.setClipRect(0, 0, limit + 8, BAR_PX)
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
        if x + self._display.width(text) < limit:
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


def _zone_words(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
