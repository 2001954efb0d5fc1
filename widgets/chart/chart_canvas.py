"""The plot of a chart: a pyqtgraph view with our axes, panes and layers. It knows pixels; what to show is told."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from widgets.chart import pane
from widgets.chart.axes import AxisTag, TimeAxis, ValueAxis
from widgets.chart.break_layer import BreakLayer
from widgets.chart.candle_layer import CandleLayer
from widgets.chart.crosshair_layer import CrosshairLayer, place_holding
from widgets.chart.frame import ChartFrame
from widgets.chart.grid_layer import GridLayer
from widgets.chart.mouse_routing import MouseRouter, PlotPoint
from widgets.chart.notice_layer import NoticeLayer
from widgets.chart.own_layer import OwnLayer
from widgets.chart.pane import Pane
from widgets.chart.pane_stack import PaneStack
from widgets.chart.profile_layer import ProfileLayer
from widgets.chart.view_box import ChartViewBox
from widgets.theme import Theme


class ChartCanvas(pg.PlotWidget):
    """The price pane from the ground up: grid, profile, candles, own business, crosshair; panes under it."""

    crosshairMoved = Signal(object)

    def __init__(self, frame: ChartFrame, theme: Theme, parent: QWidget | None = None) -> None:
        self.chart_theme = theme
        self.span, self.box, self.mouse = frame.span, ChartViewBox(), MouseRouter()
        self.panes = PaneStack(frame, self.box)
        self.value_axis, self.time_axis = ValueAxis(self.panes, theme), TimeAxis(self.panes, theme)
        super().__init__(
            parent, viewBox=self.box, axisItems={"right": self.value_axis, "bottom": self.time_axis}, background=None
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
        self.profile = ProfileLayer(frame, theme)
        self.breaks, self.notices = BreakLayer(frame, theme), NoticeLayer(frame, theme)
        self.own, self.cross = OwnLayer(frame, theme), CrosshairLayer(frame, theme)
        for layer, z in (
            (self.grid, pane.Z_GRID), (self.breaks, pane.Z_GRID + 1), (self.notices, pane.Z_OWN + 1),
            (self.profile, pane.Z_PROFILE), (self.candles, pane.Z_BARS),
            (self.own, pane.Z_OWN), (self.cross, pane.Z_CROSS),
        ):  # fmt: skip
            self.panes.price.add_layer(layer, z)
        self.box.dragged.connect(self._dragged)
        self.box.clicked.connect(self._clicked)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.chart_theme = theme
        self.setBackground(theme.color("canvas"))
        layers = [layer for one in self.panes for layer in one.layers]
        for part in (*layers, self.value_axis, self.time_axis):
            part.set_theme(theme)

    # panes

    def add_pane(self, key: str, title: str, *, height_px: int, decimals: int) -> Pane:
        """A pane under the others, with its grid; the one that is there if the key is."""
        there = self.panes.pane(key)
        if there is not None:
            return there
        added = self.panes.add(key, title, height_px=height_px, decimals=decimals)
        added.add_layer(GridLayer(added.frame, self.chart_theme, title=title), pane.Z_GRID)
        return added

    def plot_size(self) -> tuple[int, int]:
        """Width and height of the plot area."""
        rect = self.box.rect()
        return max(int(rect.width()), 1), max(int(rect.height()), 1)

    # painting

    def update_all(self) -> None:
        """The view changed: paint everything; under a pointer that stands still there may be another bar now."""
        if self.cross.position is not None:
            self.span.cross_place = self.span.snapped_place(self.cross.position[0])
        self.candles.fit_volume()
        self.value_axis.fit_width()
        self.update_tags()
        for one in self.panes:
            one.update()
        self.time_axis.update()

    def update_last_bar(self) -> None:
        """Paint the strip of the last bar in all panes, and the legend."""
        span = self.span
        x, half = span.x_px_of(span.end - 1), span.bar_px + 2
        self.candles.update(QRectF(x - half, 0, 2 * half, self.candles.frame.height))
        for one in self.panes:
            strip = QRectF(x - 2 * half, 0, 4 * half, one.frame.height)
            for layer in one.layers:
                if layer.follows_bars:
                    layer.update(strip)
        self.cross.update_legend()

    def update_row(self, price: float) -> None:
        """Paint the line at a price."""
        frame = self.panes.price.frame
        self.own.update(QRectF(0, frame.y_px_of(price) - 1, frame.width, 3))

    def update_tags(self) -> None:
        """Collect the tags of the price pane; the last one has the first choice of its place. Paint the axis."""
        own = self.own
        tags = [AxisTag(order.price, "canvas", "own", "own") for order in own.orders]
        if own.position is not None and own.position.quantity:
            tags.append(AxisTag(own.position.average_price, "own", "canvas", "own", strong=True))
        if own.last_price is not None:
            tags.append(AxisTag(own.last_price, "text", "canvas", "text", strong=True))
        self.panes.price.tags = tags
        self.value_axis.update()

    # the mouse

    def point_at(
        self, x: float, y: float, button: Qt.MouseButton = Qt.MouseButton.NoButton,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> PlotPoint:  # fmt: skip
        """What stands at a pixel of the plot."""
        there = self.panes.at(y)
        place = self.span.position_at(x)
        value = there.frame.value_at(y - there.frame.top)
        return PlotPoint(x, y, there, place, self.span.time_of(place), value, button, modifiers)

    def cancel_key_at(self, x: float, y: float) -> Hashable | None:
        """The order whose cross is at a pixel of the plot."""
        return self.own.cancel_key_at(x, y)

    def _point(self, position: QPointF, event: Any) -> PlotPoint:
        return self.point_at(position.x(), position.y(), event.button(), event.modifiers())

    def _dragged(self, event: Any) -> None:
        if event.isStart():
            self.mouse.press(self._point(event.buttonDownPos(), event))
        self.mouse.drag(self._point(event.pos(), event))
        if event.isFinish():
            self.mouse.release(self._point(event.pos(), event))

    def _clicked(self, event: Any) -> None:
        at = self._point(event.pos(), event)
        if event.double():
            self.mouse.double_click(at)
        else:
            self.mouse.click(at)

    def put_cross(self, position: tuple[int, int] | None) -> None:
        """The crosshair at a pixel of the plot; None takes it away."""
        self.span.cross_place = None if position is None else self.span.snapped_place(position[0])
        self.cross.linked_price = None
        self.cross.move(position)
        self._cross_changed()
        self.crosshairMoved.emit(self.span.cross_place)

    def put_linked_cross(self, time_ns: int | None, price: float | None) -> None:
        """The crosshair of a linked chart at a time and a price; nothing while the pointer is here."""
        if self.cross.position is not None:
            return
        self.span.cross_place = None if time_ns is None else place_holding(self.span, time_ns)
        self.cross.link(price)
        self._cross_changed()

    def _cross_changed(self) -> None:
        for one in self.panes:
            for layer in one.layers:
                layer.crosshair_moved()
        linked = self.cross.linked_price
        if self.cross.position is not None:
            self.value_axis.set_cross(self.cross.position[1])
        elif self.span.cross_place is not None and linked is not None:
            self.value_axis.set_cross(self.panes.price.frame.y_px_of(linked))
        else:
            self.value_axis.set_cross(None)
        self.time_axis.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The crosshair follows the pointer."""
        super().mouseMoveEvent(event)
        place = self.box.mapFromScene(self.mapToScene(event.position().toPoint()))
        inside = self.box.rect().contains(place)
        self.put_cross((int(place.x()), int(place.y())) if inside else None)
        if inside and not event.buttons():
            shape = self.mouse.hover(self.point_at(place.x(), place.y(), modifiers=event.modifiers()))
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor if shape is None else shape)

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no crosshair."""
        super().leaveEvent(event)
        self.mouse.leave()
        self.put_cross(None)
