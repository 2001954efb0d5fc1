"""What lies over a panel that is not live: what is known, how old it is, and what can be done.

States: "live" (nothing), "empty", "loading", "stale", "disconnected", "halted", "error". The overlay never takes the
mouse of a live panel; over stale data it is a hatch with a plate, so that old figures cannot pass for new ones, and
under the banner of a panel that is disconnected the same hatch.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

STATES = ("live", "empty", "loading", "stale", "disconnected", "halted", "error")
BANNER_PX = 28
DIMMING = 0.4
_BANNERS = {
    "disconnected": ("alarm", "on_alarm", "square"),
    "error": ("alarm", "on_alarm", "alert"),
    "halted": ("warning", "on_warning", "warning"),
}


class StateOverlay(QWidget):
    """Covers `target` and follows its size."""

    def __init__(self, theme: Theme, target: QWidget, top_px: int = 0, *, hatches: bool = True) -> None:
        super().__init__(target)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._top_px, self._hatches = top_px, hatches
        self.state, self._title, self._detail = "live", "", ""
        self.progress: float | None = None
        self.set_theme(theme)
        target.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._strong, self._label = TextCache(theme.fonts.action), TextCache(theme.fonts.label)
        self.update()

    def set_state(self, state: str, title: str = "", detail: str = "", progress: float | None = None) -> None:
        """Show a state with one line that says what, one that says what next, and progress in [0, 1].

        Raise `ValueError` for an unknown state.
        """
        if state not in STATES:
            raise ValueError(f"unknown state {state!r}")
        self.state, self._title, self._detail, self.progress = state, title, detail, progress
        self.setAccessibleName(f"{title}. {detail}" if title else state)
        self.setVisible(state != "live")
        self._follow()
        self.raise_()
        self.update()

    def _follow(self) -> None:
        target = self.parentWidget()
        height = target.height() - self._top_px
        is_low = self.state in _BANNERS and self.state != "disconnected"
        self.setGeometry(0, self._top_px, target.width(), BANNER_PX if is_low else height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the target."""
        if event.type() == QEvent.Type.Resize:
            self._follow()
        return super().eventFilter(watched, event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the banner, the hatch or the sentence."""
        del event
        if self.state == "disconnected":
            self._paint_hatch(painter)
        if self.state in _BANNERS:
            self._paint_banner(painter, *_BANNERS[self.state])
        elif self.state == "stale":
            self._paint_stale(painter)
        else:
            self._paint_sentence(painter)

    def _paint_banner(self, painter: QPainter, fill: str, ink: str, glyph: str) -> None:
        theme = self._theme
        painter.fillRect(0, 0, self.width(), BANNER_PX, theme.color(fill))
        draw_glyph(painter, glyph, 14, BANNER_PX / 2, theme.color(ink), 9)
        painter.setPen(theme.color(ink))
        painter.setFont(self._strong.font)
        x = 24 + self._strong.left(painter, 24, self._strong.top_for(0, BANNER_PX), self._title) + 16
        painter.setFont(self._label.font)
        detail = self._label.elided(self._detail, max(self.width() - x - 8, 0))
        self._label.left(painter, x, self._label.top_for(0, BANNER_PX), detail)

    def _paint_hatch(self, painter: QPainter) -> None:
        if self._hatches:
            painter.setOpacity(DIMMING)
            painter.fillRect(self.rect(), self._theme.color("stale_tint"))
            painter.setOpacity(1.0)
            painter.drawTiledPixmap(self.rect(), self._theme.hatch_lines)

    def _paint_stale(self, painter: QPainter) -> None:
        theme = self._theme
        self._paint_hatch(painter)
        text = self._title or "STALE"
        width = self._strong.width(text) + 24
        plate = QRect((self.width() - width) // 2, max((self.height() - 28) // 2, 0), width, 28)
        painter.fillRect(plate, theme.color("stale_tint"))
        painter.setPen(theme.color("stale"))
        painter.drawRect(plate.adjusted(0, 0, -1, -1))
        painter.setFont(self._strong.font)
        self._strong.centre(painter, plate.center().x(), self._strong.top_for(plate.y(), 28), text)
        if self._detail:
            painter.setFont(self._label.font)
            detail_width = self._label.width(self._detail) + 16
            painter.fillRect(QRect((self.width() - detail_width) // 2, plate.bottom() + 1, detail_width, 20),
                             theme.color("stale_tint"))  # fmt: skip
            self._label.centre(painter, plate.center().x(), self._label.top_for(plate.bottom() + 1, 20), self._detail)

    def _paint_sentence(self, painter: QPainter) -> None:
        theme, middle = self._theme, self.height() // 2
        width = max(self._strong.width(self._title), self._label.width(self._detail)) + 24
        painter.fillRect(QRect((self.width() - width) // 2, middle - 26, width, 50), theme.color("canvas"))
        painter.setPen(theme.color("text"))
        painter.setFont(self._strong.font)
        self._strong.centre(painter, self.width() // 2, self._strong.top_for(middle - 22, 20), self._title)
        painter.setPen(theme.color("label"))
        painter.setFont(self._label.font)
        self._label.centre(painter, self.width() // 2, self._label.top_for(middle, 20), self._detail)
        if self.state == "loading" and self.progress is not None:
            bar = QRect(self.width() // 2 - 64, middle + 26, 128, 4)
            painter.fillRect(bar, theme.color("hairline"))
            bar.setWidth(round(128 * min(max(self.progress, 0.0), 1.0)))
            painter.fillRect(bar, theme.color("text_2"))
