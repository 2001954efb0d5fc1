"""The one clock that drives all painting, and the windows whose paints belong to its frames.

Rules: a frame applies what is queued and tells the panels; Qt then paints what they marked, in every window. The next
frame is asked for when one begins, so a late one is skipped and none ever waits behind another.
"""

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.models.frame_pace import FASTEST_HZ, FramePace

FIRST_MS: Final = 1


class FrameClock(QObject):
    """Moves a desk. Runs between `start` and `stop`."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        """Stands still."""
        super().__init__(parent)
        self.pace = FramePace(FASTEST_HZ)
        self.began_ns = 0
        """When the newest frame began, by the monotonic clock; 0 while it stands still."""
        self._desk = desk
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Let it run."""
        self._timer.start(FIRST_MS)

    def stop(self) -> None:
        """Let it stand still."""
        self._timer.stop()
        self.began_ns = 0

    def follow_screen(self, screen: QScreen | None) -> None:
        """The window is on this screen."""
        self.pace.set_screen(screen.refreshRate() if screen is not None else FASTEST_HZ)

    def _tick(self) -> None:
        meter = self._desk.meter
        if self.began_ns:
            self.pace.spent(meter.spent_ns)
        self.began_ns = time.perf_counter_ns()
        try:
            self._desk.frame()
        finally:
            self._timer.start(self.pace.delay_ms(self.began_ns, time.perf_counter_ns()))


class PaintedWindow(QWidget):
    """A window of the desk: its paints are measured and counted."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Not painted yet."""
        super().__init__(parent)
        self.desk = desk
        self.paints = 0

    def event(self, event: QEvent) -> bool:
        """Measure how long the window paints."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        started_ns = time.perf_counter_ns()
        handled = super().event(event)
        self.paints += 1
        self.desk.painted(time.perf_counter_ns() - started_ns)
        return handled
