"""The two buttons between the figures and the kill switch: one-click trading on or off, and cancel all."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.controls import paint_key
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

BAR_PX = 40


class BarButton(QAbstractButton):
    """A button as high as the bar."""

    def __init__(self, theme: Theme, name: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFixedSize(width, BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._strong = TextCache(theme.fonts.label), TextCache(theme.fonts.label_strong)
        self._data = TextCache(theme.fonts.data)
        self.update()

    def sizeHint(self) -> QSize:
        """Its fixed size."""
        return QSize(self.width(), BAR_PX)

    def _begin(self, painter: QPainter, ground: str) -> None:
        theme = self._theme
        hot = self.underMouse() and ground == "chrome"
        painter.fillRect(self.rect(), theme.color("selected" if hot or self.isDown() else ground))
        painter.fillRect(0, 0, 1, BAR_PX, theme.color("hairline"))
        painter.fillRect(0, BAR_PX - 1, self.width(), 1, theme.color("hairline"))
        if self.hasFocus():
            painter.setPen(theme.pen("focus", 2))
            painter.drawRect(self.rect().adjusted(2, 1, -1, -1))


class ArmButton(BarButton):
    """Says DISARMED in grey or ARMED in a filled amber block, with what and for how long."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._armed, self._detail = False, "one-click off"
        super().__init__(theme, "Disarmed", 164, parent)

    def set_armed(self, armed: bool, detail: str = "") -> None:
        """Show the state."""
        self._armed, self._detail = armed, detail or ("one click sends" if armed else "one-click off")
        self.setAccessibleName("Armed" if armed else "Disarmed")
        self.setAccessibleDescription(self._detail)
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the state."""
        del event
        theme, armed = self._theme, self._armed
        self._begin(painter, "warning" if armed else "chrome")
        painter.setFont(self._strong.font)
        painter.setPen(theme.color("on_warning" if armed else "text_2"))
        self._strong.left(painter, 12, self._strong.top_for(4, 16), "ARMED" if armed else "DISARMED")
        painter.setFont(self._label.font)
        painter.setPen(theme.color("on_warning" if armed else "label"))
        room = self.width() - 20 - (0 if armed else 36)
        self._label.left(painter, 12, self._label.top_for(19, 16), self._label.elided(self._detail, room))
        if not armed:
            paint_key(painter, theme, self._label, self.width() - 12, BAR_PX // 2, "F9")


class CancelAllButton(BarButton):
    """Cancels every working order."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._count = 0
        super().__init__(theme, "Cancel all", 148, parent)

    def set_count(self, count: int) -> None:
        """How many orders it concerns."""
        if count != self._count:
            self._count = count
            self.setAccessibleDescription(f"{count} working orders")
            self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint words, count and key."""
        del event
        self._begin(painter, "chrome")
        theme = self._theme
        painter.setFont(self._label.font)
        painter.setPen(theme.color("text"))
        x = 12 + self._label.left(painter, 12, self._label.top_for(0, BAR_PX), "Cancel all") + 8
        painter.setFont(self._data.font)
        self._data.left(painter, x, self._data.top_for(0, BAR_PX), str(self._count))
        paint_key(painter, theme, self._label, self.width() - 12, BAR_PX // 2, "F12")
