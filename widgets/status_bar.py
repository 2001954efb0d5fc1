"""The status bar, 24 px: a light for each stream, workspaces, latencies, sequence, gaps and the UTC clock.

A good light is a grey dot with its latency; trouble changes shape and colour. So a red pixel is always news.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.formatting import format_time
from widgets.glyphs import draw_glyph
from widgets.mode import MODES, OFFLINE
from widgets.painting import painted
from widgets.sparkline import paint_sparkline
from widgets.text_cache import TextCache
from widgets.theme import Theme

BAR_PX = 24
LIGHT_STATES = ("ok", "warning", "down", "off")
_MODE_PX = 104


class StatusBar(QWidget):
    """Painted in one pass. Lights and figures appear in the order in which they were first set."""

    workspaceChosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = OFFLINE
        self._lights: dict[str, tuple[str, str]] = {}
        self._figures: dict[str, tuple[str, str]] = {}
        self._round_trip = ("–", "–")
        self._history = np.empty(0)
        self._clock = ""
        self._workspaces: list[str] = []
        self._workspace = ""
        self._tabs: list[tuple[QRect, str]] = []
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Status bar")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._label, self._data = TextCache(fonts.label), TextCache(fonts.data)
        self._strong, self._action = TextCache(fonts.data_strong), TextCache(fonts.action)
        self.update()

    def set_mode(self, mode: str) -> None:
        """ "live", "demo", "replay" or "offline". Raise `ValueError` for another."""
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}")
        self._mode = mode
        self.update()

    def set_light(self, name: str, state: str, text: str) -> None:
        """State ("ok", "warning", "down", "off") and latency of a stream."""
        if state not in LIGHT_STATES:
            raise ValueError(f"unknown light {state!r}")
        if self._lights.get(name) != (state, text):
            self._lights[name] = (state, text)
            self.setAccessibleDescription(", ".join(f"{n} {s} {t}" for n, (s, t) in self._lights.items()))
            self.update()

    def set_round_trip(self, p50: str, p99: str, history: ArrayLike = ()) -> None:
        """Order round trip as text (the second with its unit), and its recent course."""
        self._round_trip, self._history = (p50, p99), np.asarray(history, np.float64)
        self.update()

    def set_figure(self, name: str, text: str, tone: str = "text") -> None:
        """A figure at the right: feed age, frame time, sequence, gaps."""
        if self._figures.get(name) != (text, tone):
            self._figures[name] = (text, tone)
            self.update()

    def set_clock(self, time_ns: int) -> None:
        """The time, UTC."""
        self._clock = format_time(time_ns)
        left = self._clock_left()
        self.update(left, 0, self.width() - left, BAR_PX)

    def set_workspaces(self, names: Sequence[str], current: str) -> None:
        """The named layouts."""
        self._workspaces, self._workspace = list(names), current
        self.update()

    def sizeHint(self) -> QSize:
        """24 px high."""
        return QSize(800, BAR_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a workspace is told."""
        for rect, name in self._tabs:
            if rect.contains(event.position().toPoint()):
                self.workspaceChosen.emit(name)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint from both ends; what does not fit in between is left out. Often it is the clock alone."""
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("hairline"))
        if event.rect().left() >= self._clock_left():
            self._paint_clock(painter)
            return
        left = self._paint_lights(painter, self._paint_mode(painter))
        right = self._paint_figures(painter, left)
        self._paint_workspaces(painter, left, right)

    def _paint_mode(self, painter: QPainter) -> int:
        if self._mode in ("live", OFFLINE):
            return 16
        painter.fillRect(0, 0, _MODE_PX, BAR_PX, self._theme.color(f"mode_{self._mode}"))
        painter.setFont(self._action.font)
        painter.setPen(self._theme.color("on_mode"))
        self._action.left(painter, 12, self._action.top_for(0, BAR_PX), self._mode.upper())
        return _MODE_PX + 24

    def _paint_lights(self, painter: QPainter, x: int) -> int:
        theme, label_top, data_top = self._theme, self._label.top_for(1, 22), self._data.top_for(1, 22)
        for name, (state, text) in self._lights.items():
            self._paint_light(painter, x + 5, state)
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            x += 16 + self._label.left(painter, x + 16, label_top, name) + 6
            painter.setFont(self._data.font)
            painter.setPen(theme.color("warning" if state == "warning" else "label" if state == "off" else "text"))
            x += self._data.left(painter, x, data_top, text) + 16
        return x

    def _paint_light(self, painter: QPainter, x: int, state: str) -> None:
        theme, y = self._theme, BAR_PX / 2 + 0.5
        if state == "warning":
            draw_glyph(painter, "up", x, y, theme.color("warning"), 10)
        elif state == "down":
            painter.setPen(QPen(theme.color("text"), 1))
            painter.setBrush(theme.brush("alarm"))
            painter.drawRect(x - 4, round(y) - 4, 8, 8)
        else:
            draw_glyph(painter, "dot" if state == "ok" else "ring", x, y, theme.color("text_2"), 7)

    def _clock_left(self) -> int:
        return self.width() - 12 - self._label.width("UTC") - self._strong.width("00:00:00.000") - 12

    def _paint_clock(self, painter: QPainter) -> int:
        return self._paint_pair(painter, self.width() - 12, "UTC", self._clock, "text", after=True)

    def _paint_figures(self, painter: QPainter, limit: int) -> int:
        x = self._paint_clock(painter)
        for name, (text, tone) in reversed(self._figures.items()):
            if x - limit < 140:
                return x
            x = self._paint_pair(painter, x, name, text, tone)
        if x - limit > 260:
            if len(self._history) > 1:
                paint_sparkline(
                    painter, self._theme, QRect(x - 64, 4, 64, 16), self._history, zero_line=False, tone="text_2"
                )
                x -= 72
            x = self._paint_pair(painter, x, "p99", self._round_trip[1], "text", gap=8)
            x = self._paint_pair(painter, x, "Order p50", self._round_trip[0], "text")
        return x

    def _paint_pair(
        self, painter: QPainter, right: int, name: str, text: str, tone: str, *, after: bool = False, gap: int = 16
    ) -> int:
        """A label and its figure that end at `right`; give where the next one has to end."""
        label_top, cache = self._label.top_for(1, 22), self._strong if after else self._data
        parts = [(self._label, name, "label", label_top), (cache, text, tone, cache.top_for(1, 22))]
        for font, words, token, top in parts if after else reversed(parts):
            painter.setFont(font.font)
            painter.setPen(self._theme.color(token))
            right -= font.right(painter, right, top, words) + 5
        return right + 5 - gap

    def _paint_workspaces(self, painter: QPainter, left: int, right: int) -> None:
        theme = self._theme
        widths = [self._label.width(name) + 24 for name in self._workspaces]
        total = sum(widths)
        self._tabs = []
        if total > right - left - 32:
            return
        x = max(left + 16, min((self.width() - total) // 2, right - total - 16))
        painter.setFont(self._label.font)
        for name, width in zip(self._workspaces, widths, strict=True):
            rect = QRect(x, 1, width, BAR_PX - 1)
            self._tabs.append((rect, name))
            if name == self._workspace:
                painter.fillRect(rect, theme.color("canvas"))
                painter.fillRect(x, 0, width, 2, theme.color("text"))
            painter.setPen(theme.color("text" if name == self._workspace else "label"))
            self._label.left(painter, x + 12, self._label.top_for(1, 22), name)
            x += width
