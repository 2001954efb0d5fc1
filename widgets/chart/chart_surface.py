"""The chart without its bars: panes, the view over them, the mouse and the keys. What a tool or a study builds on.

Rules: `span` maps places, times and columns, a pane's `frame` values and rows; a layer is added to a pane, the mouse is
asked for by a handler with a priority; whoever changed what is shown calls `refresh`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart import mouse_routing
from widgets.chart.chart_canvas import ChartCanvas
from widgets.chart.chart_moves import ChartMoves
from widgets.chart.frame import ChartFrame
from widgets.chart.mouse_handlers import BorderHandler, PanHandler
from widgets.chart.mouse_routing import MouseRouter, PlotPoint
from widgets.chart.pane import USUAL_PX, Pane
from widgets.chart.pane_stack import PaneStack
from widgets.chart.time_span import TimeSpan
from widgets.chart.value_scale import ScaleKind
from widgets.chart.viewport import Viewport
from widgets.theme import Theme

LEGEND_ROOM_PX = 46
"""Above the highest price, for the legend."""


class ChartSurface(QWidget):
    """Panes that share a span of time."""

    viewChanged = Signal()
    """Another part of the bars, or other values, are in sight; bars may have come or changed."""
    crosshairMoved = Signal(object)
    """The place under the pointer; None when it left."""
    priceClicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._frame = ChartFrame()
        self._viewport = Viewport(self._frame.span)
        self._canvas = ChartCanvas(self._frame, theme, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._canvas)
        canvas, viewport = self._canvas, self._viewport
        canvas.box.sigResized.connect(self._arranged)
        canvas.box.zoomed.connect(lambda steps, x: self._moved(viewport.zoom, steps, x))
        self._moves = ChartMoves(viewport, canvas.panes, self.refresh, self.priceClicked.emit)
        canvas.box.stretched.connect(self._moves.stretch)
        canvas.crosshairMoved.connect(self.crosshairMoved)
        canvas.mouse.add(BorderHandler(canvas.panes, self._arranged), mouse_routing.BORDER)
        canvas.mouse.add(PanHandler(self._moves.pan, self._moves.click, self._moves.fit), mouse_routing.PAN)

    # what others build on

    @property
    def theme(self) -> Theme:
        """The theme that it is painted with."""
        return self._canvas.chart_theme

    @property
    def span(self) -> TimeSpan:
        """The x axis, shared by all panes: places, times and pixel columns."""
        return self._frame.span

    @property
    def panes(self) -> PaneStack:
        """The panes from the top down; `panes.price` is the first. `heights()` and `set_heights()` keep a layout."""
        return self._canvas.panes

    @property
    def mouse(self) -> MouseRouter:
        """Where a tool asks for the mouse: `mouse.add(handler, priority)`."""
        return self._canvas.mouse

    def point_at(self, x: float, y: float) -> PlotPoint:
        """What stands at a pixel of the plot: pane, place, time and value."""
        return self._canvas.point_at(x, y)

    def add_pane(self, key: str, title: str, *, height_px: int = USUAL_PX, decimals: int = 2) -> Pane:
        """A pane under the others with values of its own; the one that is there if the key is."""
        pane = self._canvas.add_pane(key, title, height_px=height_px, decimals=decimals)
        self._arranged()
        return pane

    def remove_pane(self, key: str) -> None:
        """Take a pane with its layers away; its height is kept for when it comes back."""
        self._canvas.panes.remove(key)
        self._arranged()

    def refresh(self) -> None:
        """Something that the layers show changed: fit the panes and paint everything."""
        for pane in self.panes:
            pane.fit()
        self._canvas.update_all()
        self.viewChanged.emit()

    def set_scale(self, kind: ScaleKind) -> None:
        """Spread prices linearly, by their logarithm or as percent of the first in sight."""
        self._frame.scale.chosen = kind
        self.panes.price.fits = True
        self.refresh()

    def set_by_time(self, by_time: bool) -> None:
        """Space bars by time, so that gaps are seen, or one beside the other."""
        followed = self._viewport.follows
        self.span.set_by_time(by_time)
        if followed:
            self._viewport.go_to_end()
        self.refresh()

    def set_zone(self, zone: tzinfo) -> None:
        """The time zone of the labels."""
        self.span.zone = zone
        self.refresh()

    def update_tags(self) -> None:
        """The tags of a pane changed."""
        self._canvas.update_tags()

    def settle_layout(self) -> None:
        """Give the plot the size of the widget now, not with the next events."""
        self._canvas.getPlotItem().layout.activate()
        self._canvas.centralWidget.layout.activate()
        self._arranged()

    # the view

    def go_to_end(self) -> None:
        """Show the last bars, at the usual width, with a free margin at the right, and fit the values."""
        self._viewport.go_to_end()
        for pane in self.panes:
            pane.fits = True
        self.refresh()

    def pan(self, places: float) -> None:
        """Move the view by bars: to later ones, or with a negative number to earlier ones."""
        self._moved(self._viewport.pan, -places * self.span.bar_px)

    def set_visible_bars(self, count: float) -> None:
        """Show the last `count` bars."""
        self._viewport.show_bars(count)
        self.refresh()

    def _moved(self, move: Callable[..., None], *arguments: float) -> None:
        move(*arguments)
        self.refresh()

    def _arranged(self) -> None:
        """The plot has another size, or panes came, went or were stretched."""
        width, height = self._canvas.plot_size()
        self._viewport.resize(width)
        self.panes.arrange(height)
        price = self.panes.price
        price.margins = (0.05, min(max(0.12, LEGEND_ROOM_PX / max(price.frame.value_px, 1)), 0.35))
        self.refresh()

    # the mouse and the keys

    def set_crosshair(self, x_px: int, y_px: int) -> None:
        """Put the crosshair to a pixel of the plot, as the pointer would."""
        self._canvas.put_cross((x_px, y_px))

    def set_crosshair_px(self, position: tuple[int, int] | None) -> None:
        """The same, and None takes it away."""
        self._canvas.put_cross(position)

    def crosshair_px(self) -> tuple[int, int] | None:
        """The pixel of the plot at which the crosshair is."""
        return self._canvas.cross.position

    def set_linked_crosshair(self, time_ns: int | None, price: float | None = None) -> None:
        """Show the crosshair of a linked chart on the bar that holds a time, at a price if it is of this instrument."""
        self._canvas.put_linked_cross(time_ns, price)

    def crosshair(self) -> tuple[int, float | None] | None:
        """Time and price under the pointer of this chart; no price outside of the price pane, None without pointer."""
        position, place = self._canvas.cross.position, self.span.cross_place
        if position is None or place is None:
            return None
        inside = position[1] < self._frame.price_px
        return self.span.time_of(place), float(self._frame.tick_at(position[1])) if inside else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right pan, plus and minus zoom, Home fits, End goes to the last bar."""
        key, step = event.key(), self._frame.width / 8
        middle = self._frame.width / 2
        moves: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Left: lambda: self._moved(self._viewport.pan, step),
            Qt.Key.Key_Right: lambda: self._moved(self._viewport.pan, -step),
            Qt.Key.Key_Plus: lambda: self._moved(self._viewport.zoom, 1, middle),
            Qt.Key.Key_Equal: lambda: self._moved(self._viewport.zoom, 1, middle),
            Qt.Key.Key_Minus: lambda: self._moved(self._viewport.zoom, -1, middle),
            Qt.Key.Key_Up: lambda: self._moves.stretch(0.9, 0),
            Qt.Key.Key_Down: lambda: self._moves.stretch(1.1, 0),
            Qt.Key.Key_Home: lambda: self._moves.fit(self.point_at(0, 0)),
            Qt.Key.Key_End: self.go_to_end,
        }
        if key == Qt.Key.Key_Escape and self.mouse.cancel():
            return
        if key in moves:
            moves[key]()
        else:
            super().keyPressEvent(event)
