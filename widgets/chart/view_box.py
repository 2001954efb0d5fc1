"""The mouse of the plot as pyqtgraph tells it, handed on in pixels; the chart decides what it means.

On the value axis, which hands its mouse to the plot, drag and wheel stretch the values of the pane beside it.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal

VALUE_AXIS = 1
STRETCH_STEP = 1.1


class ChartViewBox(pg.ViewBox):
    """Events: `zoomed(steps, x)`, `stretched(factor, y)`, and what `mouse_routing` routes, as the event itself."""

    zoomed = Signal(float, float)
    stretched = Signal(float, float)
    dragged = Signal(object)
    clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(False, False)
        self.disableAutoRange()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom in time; on the value axis stretch the values."""
        steps = event.delta() / 120.0
        if axis == VALUE_AXIS:
            self.stretched.emit(STRETCH_STEP**-steps, event.pos().y())
        else:
            self.zoomed.emit(steps, event.pos().x())
        event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """A drag on the plot goes to the handlers; on the value axis it stretches the values."""
        if axis == VALUE_AXIS and event.button() == Qt.MouseButton.LeftButton:
            moved = event.pos().y() - event.lastPos().y()
            self.stretched.emit(STRETCH_STEP ** (moved / 10.0), event.buttonDownPos().y())
        elif axis is None:
            self.dragged.emit(event)
        event.accept()

    def mouseClickEvent(self, event: Any) -> None:
        """Clicks on the plot, and double clicks on the axes, go to the handlers."""
        if event.currentItem is self or event.double():
            self.clicked.emit(event)
        event.accept()
