"""Time and sales of one instrument: what the hand does with it.

While the trader has scrolled away from the newest print nothing moves; what is new is counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from widgets.tape.prints import PRINT
from widgets.tape.tape_canvas import TOP_PX, TapeCanvas
from widgets.tape.tape_painter import THUMB_PX
from widgets.tape.window import ROW_PX, ShownRow

WHEEL_PX = 60
"""A notch of the wheel."""


class TapeView(TapeCanvas):
    """Scrolls, chooses and opens rows. A click chooses, Shift extends, a double click or Space opens a run."""

    priceClicked = Signal(object)
    menuWanted = Signal(object)
    """A right press, with its global position."""
    olderWanted = Signal()
    """The oldest print that is kept has come into sight."""
    _dragged_from: int | None = None

    def print_count(self) -> int:
        """How many prints are kept."""
        return len(self.seen.ring)

    def row_count(self) -> int:
        """How many rows pass the filter."""
        return len(self.seen.rows)

    def shown(self) -> list[ShownRow]:
        """The lines that a paint shows, newest first."""
        return self.seen.shown(self.view_px())[0]

    def chosen_prints(self) -> NDArray[np.void]:
        """The prints of the chosen rows, or of all rows that pass the filter; oldest first."""
        window = self.seen
        rows = window.rows.all()
        if self.chosen is not None:
            rows = rows[(rows["head"] >= self.chosen[0]) & (rows["head"] <= self.chosen[1])]
        if not len(rows):
            return np.zeros(0, PRINT)
        places = np.repeat(rows["head"] - np.concatenate(([0], np.cumsum(rows["count"])[:-1])), rows["count"])
        places += np.arange(len(places)) - window.ring.begin
        return window.ring.all()[places]

    def scroll_to(self, offset_px: int) -> None:
        """Show the rows from `offset_px` under the newest; 0 follows the newest."""
        if self.seen.scroll_to(offset_px, self.view_px()):
            self.update()
        if self.seen.offset_px and self.seen.offset_px >= self.seen.height_px() - self.view_px():
            self.olderWanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by pixels where the device has them, else by notches."""
        pixels = event.pixelDelta().y() or event.angleDelta().y() * WHEEL_PX / 120
        self.scroll_to(self.seen.offset_px - round(pixels))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages scroll, Home and Escape follow the newest again, End goes to the oldest."""
        offset, page = self.seen.offset_px, max(self.view_px() - ROW_PX, ROW_PX)
        steps = {Qt.Key.Key_Down: ROW_PX, Qt.Key.Key_Up: -ROW_PX, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page}
        key = Qt.Key(event.key())
        if key in steps:
            self.scroll_to(offset + steps[key])
        elif key == Qt.Key.Key_End:
            self.scroll_to(self.seen.height_px())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_Escape) and (offset or self.chosen):
            self.chosen = None
            self.scroll_to(0)
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return) and self.chosen is not None:
            self._open(self.chosen[0])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a row and tell its price; on its sign, open it; on the thumb, drag; on what is new, go there."""
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.RightButton:
            self.menuWanted.emit(event.globalPosition().toPoint())
        elif not self.seen.follows and self.draw.sign_rect(TOP_PX, self.seen.unseen).contains(at):
            self.scroll_to(0)
        elif at.x() >= self.width() - THUMB_PX - 2 and at.y() >= TOP_PX and not self.thumb().isEmpty():
            self._dragged_from = at.y() - self.thumb().y()
        else:
            self._press_row(at.y(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _press_row(self, y: int, extends: bool) -> None:
        lines, above = self.seen.shown(self.view_px())
        place = (y - TOP_PX + above) // ROW_PX
        if y < TOP_PX or place >= len(lines):
            return
        line = lines[place]
        if extends and self.chosen is not None:
            self.chosen = min(self.chosen[0], line.head), max(self.chosen[1], line.head)
        else:
            self.chosen = line.head, line.head
            self.priceClicked.emit(line.price)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open or close the run under the pointer."""
        del event
        if self.chosen is not None:
            self._open(self.chosen[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the thumb."""
        if self._dragged_from is not None:
            free = self.view_px() - self.thumb().height()
            share = (event.position().y() - self._dragged_from - TOP_PX) / max(free, 1)
            self.scroll_to(round(share * (self.seen.height_px() - self.view_px())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The thumb is let go."""
        del event
        self._dragged_from = None

    def _open(self, head: int) -> None:
        self.seen.toggle(head)
        self.scroll_to(self.seen.offset_px)
        self.update()
