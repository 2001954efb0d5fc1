"""The mouse on the plot: drag to pan, wheel to zoom around the last bar or the pointer, double click to fit."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal


class ChartViewBox(pg.ViewBox):
    """Gives back what the mouse asks for, in pixels; the chart decides what is shown."""

    panned = Signal(float, float)
    zoomed = Signal(float, float)
    fitRequested = Signal()
    clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(False, False)
        self.disableAutoRange()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Zoom in time."""
        del axis
        self.zoomed.emit(event.delta() / 120.0, event.pos().x())
        event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan by what the pointer moved."""
        del axis
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        moved: QPointF = event.pos() - event.lastPos()
        self.panned.emit(moved.x(), moved.y())
        event.accept()

    def mouseClickEvent(self, event: Any) -> None:
        """One click is told, two fit."""
        if event.double():
            self.fitRequested.emit()
        else:
            self.clicked.emit(event)
        event.accept()
