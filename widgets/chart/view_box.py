"""The mouse on the plot: drag to pan, wheel to zoom around the last bar or the pointer, double click to fit.

On the price axis, which hands its mouse to the plot, drag and wheel stretch the prices.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal

PRICE_AXIS = 1
STRETCH_STEP = 1.1


class ChartViewBox(pg.ViewBox):
    """Gives back what the mouse asks for, in pixels; the chart decides what is shown."""

    panned = Signal(float, float)
    zoomed = Signal(float, float)
    stretched = Signal(float)
    fitRequested = Signal()
    clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(False, False)
        self.disableAutoRange()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom in time; on the price axis stretch the prices."""
        if axis == PRICE_AXIS:
            self.stretched.emit(STRETCH_STEP ** (-event.delta() / 120.0))
            event.accept()
            return
        self.zoomed.emit(event.delta() / 120.0, event.pos().x())
        event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan by what the pointer moved; on the price axis stretch the prices."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        moved: QPointF = event.pos() - event.lastPos()
        if axis == PRICE_AXIS:
            self.stretched.emit(STRETCH_STEP ** (moved.y() / 10.0))
            event.accept()
            return
        self.panned.emit(moved.x(), moved.y())
        event.accept()

    def mouseClickEvent(self, event: Any) -> None:
        """One click is told, two fit."""
        if event.double():
            self.fitRequested.emit()
        elif event.currentItem is self:
            self.clicked.emit(event)
        event.accept()
