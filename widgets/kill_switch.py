"""The kill switch: hold it for a second. The progress of the hold is the one thing on the desk that moves by itself."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.arming import BAR_PX, BarButton
from widgets.painting import painted
from widgets.theme import Theme

STEP_MS = 33
BLOCK_PX = 8


class KillSwitch(BarButton):
    """Emits `held` once when it was held long enough, by mouse or by Space."""

    held = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Kill switch, hold for one second", 124, parent)
        self._hold_ms = theme.motion["hold_ms"]
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._tick)

    def progress(self) -> float:
        """How much of the hold is done, in [0, 1]."""
        if not self._timer.isActive():
            return 0.0
        return min(self._since.elapsed() / self._hold_ms, 1.0)

    def _begin_hold(self) -> None:
        self._since.start()
        self._timer.start()
        self.update()

    def _end_hold(self) -> None:
        self._timer.stop()
        self.update()

    def _tick(self) -> None:
        if self.progress() >= 1.0:
            self._end_hold()
            self.held.emit()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin_hold()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: nothing happens."""
        del event
        self._end_hold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space holds."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._begin_hold()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go: nothing happens."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._end_hold()
        else:
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """A pointer that leaves lets go."""
        self._end_hold()
        super().leaveEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the red bar, the words, and the fill of the hold."""
        del event
        self._begin(painter, "chrome")
        theme = self._theme
        done = self.progress()
        fill = BLOCK_PX + round((self.width() - BLOCK_PX) * done)
        painter.fillRect(0, 0, fill, BAR_PX, theme.color("alarm"))
        painter.setFont(self._strong.font)
        painter.setPen(theme.color("on_alarm" if done > 0.5 else "text"))
        self._strong.left(painter, 20, self._strong.top_for(4, 16), "KILL SWITCH")
        painter.setFont(self._label.font)
        painter.setPen(theme.color("on_alarm" if done > 0.5 else "label"))
        self._label.left(painter, 20, self._label.top_for(19, 16), "hold 1 s" if not done else "holding…")
