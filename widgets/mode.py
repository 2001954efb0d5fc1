"""What kind of market this is, and the colours that make it impossible to miss."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

OFFLINE = "offline"
MODES = ("live", "demo", "replay", OFFLINE)
"""OFFLINE: no server has said yet what its market is; that must not look like a live one."""
_DETAILS = {"live": "", "demo": "simulated market", "replay": "recorded market", OFFLINE: ""}
_QUIET = ("live", OFFLINE)


class ModeBadge(QWidget):
    """A block with the word; tall with a second line in the top bar, short in the status bar."""

    def __init__(self, theme: Theme, height_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode, self._detail = OFFLINE, ""
        self._height_px = height_px
        self.set_theme(theme)
        self.setFixedHeight(height_px)
        self.set_mode(OFFLINE)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._badge, self._action = TextCache(theme.fonts.badge), TextCache(theme.fonts.action)
        self._label = TextCache(theme.fonts.label_strong)
        self.update()

    def set_mode(self, mode: str, detail: str = "") -> None:
        """ "live", "demo", "replay" or "offline", with a few words. Raise `ValueError` for another mode."""
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}")
        self._mode, self._detail = mode, detail or _DETAILS[mode]
        self.setAccessibleName(f"Mode {mode}")
        self.setAccessibleDescription(self._detail)
        badge_width = self._theme.px["mode_badge_width"]
        self.setFixedWidth(max(badge_width, self._label.width(self._detail) + 20) if mode not in _QUIET else 80)
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the block and its words."""
        del event
        theme = self._theme
        quiet = self._mode in _QUIET
        painter.fillRect(self.rect(), theme.color("mode_live" if quiet else f"mode_{self._mode}"))
        painter.setPen(theme.color("label" if quiet else "on_mode"))
        word = self._mode.upper()
        if self._height_px >= 36 and not quiet:
            painter.setFont(self._badge.font)
            self._badge.left(painter, 12, self._badge.top_for(3, 18), word)
            painter.setFont(self._label.font)
            self._label.left(painter, 12, self._label.top_for(20, 16), self._detail)
        else:
            cache = self._label if quiet else self._action
            painter.setFont(cache.font)
            cache.left(painter, 12, cache.top_for(0, self._height_px), word)


class ModeFrame(QWidget):
    """Two pixels around a whole window; none in a live market. It never takes the mouse."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._mode = OFFLINE
        self._theme = theme
        window.installEventFilter(self)
        self.set_mode(OFFLINE)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self.update()

    def set_mode(self, mode: str) -> None:
        """ "live", "demo", "replay" or "offline"."""
        self._mode = mode
        self.setVisible(mode not in _QUIET)
        self._follow()
        self.update()

    def _follow(self) -> None:
        window, width = self.parentWidget(), self._theme.px["mode_frame"]
        self.setGeometry(window.rect())
        inner = window.rect().adjusted(width, width, -width, -width)
        self.setMask(self.rect_ring(window.rect(), inner))
        self.raise_()

    @staticmethod
    def rect_ring(outer: QRect, inner: QRect) -> QRegion:
        """What is in `outer` and not in `inner`."""
        return QRegion(outer).subtracted(QRegion(inner))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window and stay on top of what is added."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self._follow()
        return super().eventFilter(watched, event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the ring."""
        del event
        painter.fillRect(self.rect(), self._theme.color(f"mode_{self._mode}"))
