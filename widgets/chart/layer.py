"""One layer of the plot: a graphics item that paints in pixels of the plot area."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from widgets.chart.frame import ChartFrame
from widgets.theme import Theme


class RectBatch:
    """Rectangles handed to the painter in one call, without an object for each."""

    def __init__(self) -> None:
        self._array = PrimitiveArray(pg.QtCore.QRectF, 4)

    def draw(
        self, painter: QPainter, x: NDArray[np.int64], y: NDArray[np.int64], width: float | NDArray[np.int64],
        height: float | NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Fill with the painter's brush; `x`, `y` and the sizes are in px, of one length or scalar."""
        if not len(x):
            return
        self._array.resize(len(x))
        memory = self._array.ndarray()
        memory[:, 0] = x
        memory[:, 1] = y
        memory[:, 2] = width
        memory[:, 3] = height
        painter.drawRects(*self._array.drawargs())


class Layer(pg.GraphicsObject):
    """Base of the layers: covers the plot area, is clipped to it and never takes the mouse."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__()
        self.frame = frame
        self.theme = theme
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(pg.QtCore.Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        """The plot area."""
        return QRectF(0, 0, self.frame.width, self.frame.height)

    def resized(self) -> None:
        """The plot area changed its size."""
        self.prepareGeometryChange()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.theme = theme
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint the exposed part."""
        del widget
        painter.setClipRect(self.boundingRect(), pg.QtCore.Qt.ClipOperation.IntersectClip)
        painter.setPen(pg.QtCore.Qt.PenStyle.NoPen)
        self.draw(painter, option.exposedRect)

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        raise NotImplementedError
