"""The plot of a chart: a pyqtgraph view with our axes and layers. It knows pixels; what to show is told to it."""

from __future__ import annotations

from collections.abc import Hashable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from widgets.chart.axes import AxisTag, PriceAxis, TimeAxis
from widgets.chart.candle_layer import CandleLayer
from widgets.chart.crosshair_layer import CrosshairLayer
from widgets.chart.frame import ChartFrame
from widgets.chart.grid_layer import GridLayer
from widgets.chart.layer import Layer
from widgets.chart.own_layer import OwnLayer
from widgets.chart.profile_layer import ProfileLayer
from widgets.chart.series_layer import SeriesLayer
from widgets.chart.view_box import ChartViewBox
from widgets.theme import Theme


class ChartCanvas(pg.PlotWidget):
    """Layers from the ground up: grid, profile, candles, lines, own business, crosshair."""

    def __init__(self, frame: ChartFrame, theme: Theme, parent: QWidget | None = None) -> None:
        self.frame_of_bars = frame
        self.box = ChartViewBox()
        self.price_axis, self.time_axis = PriceAxis(frame, theme), TimeAxis(frame, theme)
        super().__init__(
            parent, viewBox=self.box, axisItems={"right": self.price_axis, "bottom": self.time_axis}, background=None
        )
        item = self.getPlotItem()
        item.hideAxis("left")
        item.showAxis("right")
        item.hideButtons()
        item.setMenuEnabled(False)
        item.layout.setContentsMargins(0, 0, 0, 0)
        item.layout.setSpacing(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setMouseTracking(True)
        self.grid, self.candles = GridLayer(frame, theme), CandleLayer(frame, theme)
        self.profile, self.lines = ProfileLayer(frame, theme), SeriesLayer(frame, theme)
        self.own, self.cross = OwnLayer(frame, theme), CrosshairLayer(frame, theme)
        self.layers: tuple[Layer, ...] = (self.grid, self.profile, self.candles, self.lines, self.own, self.cross)
        for z, layer in enumerate(self.layers):
            layer.setParentItem(self.box)
            layer.setZValue(z)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.setBackground(theme.color("canvas"))
        for part in (*self.layers, self.price_axis, self.time_axis):
            part.set_theme(theme)

    def plot_size(self) -> tuple[int, int]:
        """Width and height of the plot area; tells the layers that it may be another one."""
        for layer in self.layers:
            layer.resized()
        rect = self.box.rect()
        return max(int(rect.width()), 1), max(int(rect.height()), 1)

    def update_all(self) -> None:
        """The view changed: paint everything."""
        self.candles.fit_volume()
        self.price_axis.fit_width()
        self.update_tags()
        for part in (*self.layers, self.time_axis):
            part.update()

    def update_last_bar(self) -> None:
        """Paint the strip of the last bar, and the legend."""
        frame = self.frame_of_bars
        x, half = frame.x_px_of(frame.bars.origin + frame.bars.count - 1), frame.bar_px + 2
        self.candles.update(QRectF(x - half, 0, 2 * half, frame.height))
        self.lines.update(QRectF(x - 2 * half, 0, 4 * half, frame.height))
        self.cross.update_legend()

    def update_row(self, price: float) -> None:
        """Paint the line at a price."""
        frame = self.frame_of_bars
        self.own.update(QRectF(0, frame.y_px_of(price) - 1, frame.width, 3))

    def update_tags(self) -> None:
        """Collect the tags of the price axis; the last one has the first choice of its place."""
        own = self.own
        tags = [AxisTag(order.price, "canvas", "own", "own") for order in own.orders]
        if own.position is not None and own.position.quantity:
            tags.append(AxisTag(own.position.average_price, "own", "canvas", "own", strong=True))
        if own.last_price is not None:
            tags.append(AxisTag(own.last_price, "text", "canvas", "text", strong=True))
        self.price_axis.tags = tags
        self.price_axis.update()

    def cancel_key_at(self, x: float, y: float) -> Hashable | None:
        """The order whose cross is at a pixel of the plot."""
        return self.own.cancel_key_at(x, y)

    def put_cross(self, position: tuple[int, int] | None) -> None:
        """The crosshair at a pixel of the plot; None takes it away."""
        self.cross.move(position)
        self.price_axis.cross_y = position[1] if position else None
        self.time_axis.cross_x = position[0] if position else None
        self.price_axis.update()
        self.time_axis.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The crosshair follows the pointer."""
        super().mouseMoveEvent(event)
        place = self.box.mapFromScene(self.mapToScene(event.position().toPoint()))
        self.put_cross((int(place.x()), int(place.y())) if self.box.rect().contains(place) else None)

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no crosshair."""
        super().leaveEvent(event)
        self.put_cross(None)
