"""One layer of a pane: a graphics item that paints in pixels of its pane.

Rules: (0, 0) is the left upper corner of the pane, or of the plot for a layer that covers all panes. A layer never
takes the mouse: `mouse_routing` hands it on. It keeps no picture of itself: measured, blending four kept layers costs
Qt more than drawing the visible slice anew.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from widgets.chart.frame import PaneFrame
from widgets.painting import report_error
from widgets.theme import Theme


class Layer(pg.GraphicsObject):
    """Base of the layers: covers its pane and is clipped to it."""

    covers_plot = False
    """Whether the layer lies over all panes; its rows then count from the top of the plot."""

    follows_bars = False
    """Whether a change of the last bar changes the picture in the strip of that bar."""

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__()
        self.frame = frame
        self.theme = theme
        self.plot_height = 1
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(pg.QtCore.Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        """The pane, or the plot."""
        return QRectF(0, 0, self.frame.width, self.plot_height if self.covers_plot else self.frame.height)

    def placed(self, plot_height: int) -> None:
        """The pane or the plot has another place or size."""
        self.prepareGeometryChange()
        self.plot_height = plot_height
        self.setPos(0, 0 if self.covers_plot else self.frame.top)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.theme = theme
        self.update()

    def value_range(self, first: int, last: int) -> tuple[float, float] | None:
        """Lowest and highest value that this layer wants in sight with the bars [first, last); None for no wish."""
        del first, last
        return None

    def crosshair_moved(self) -> None:
        """`frame.span.cross_place` is another one: a layer that reads values out paints its read-out."""

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
        """Draw; the painter has no pen and is clipped to the pane."""
        raise NotImplementedError
