"""One layer of the plot: a graphics item that paints in pixels of the plot area.

It keeps no picture of itself: measured, blending four kept layers costs Qt more than drawing the visible slice anew.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from widgets.chart.frame import ChartFrame
from widgets.painting import report_error
from widgets.theme import Theme


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
        try:
            self.draw(painter, option.exposedRect)
        except Exception:  # noqa: BLE001 - an error that goes through the scene ends the process inside Qt
            report_error()

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        raise NotImplementedError
