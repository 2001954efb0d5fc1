"""The chart as a widget: takes bars and marks, keeps the view, repaints what changed.

Rules: the view follows the last bar as long as that is in sight; a live tick repaints one strip; older history is
asked for by a signal when the left end comes near and does not move what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart.axes import AxisTag, PriceAxis, TimeAxis
from widgets.chart.candle_layer import CandleLayer
from widgets.chart.crosshair_layer import CrosshairLayer
from widgets.chart.frame import ChartFrame
from widgets.chart.grid_layer import GridLayer
from widgets.chart.indicators import Indicator
from widgets.chart.layer import Layer
from widgets.chart.marks import Fills, OrderLine, PositionLine
from widgets.chart.own_layer import OwnLayer
from widgets.chart.profile_layer import ProfileLayer
from widgets.chart.series_layer import Series, SeriesLayer
from widgets.chart.view_box import ChartViewBox
from widgets.chart.viewport import Viewport
from widgets.state_overlay import StateOverlay
from widgets.theme import Theme


class ChartView(QWidget):
    """Candles with volume, lines, own orders, position and crosshair. Prices are integers in price units."""

    olderHistoryNeeded = Signal(object)
    orderCancelRequested = Signal(object)
    priceClicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Price chart")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = theme
        self._frame = ChartFrame()
        self._indicators: list[Indicator] = []
        self._viewport = Viewport(self._frame)
        self._asked_for: int | None = None
        self._history_complete = False
        self._build()
        self._overlay = StateOverlay(theme, self)
        self.set_theme(theme)

    def _build(self) -> None:
        frame, theme = self._frame, self._theme
        self._box = ChartViewBox()
        self._price_axis, self._time_axis = PriceAxis(frame, theme), TimeAxis(frame, theme)
        self._plot = pg.PlotWidget(
            viewBox=self._box, axisItems={"right": self._price_axis, "bottom": self._time_axis}, background=None
        )
        item = self._plot.getPlotItem()
        item.hideAxis("left")
        item.showAxis("right")
        item.hideButtons()
        item.setMenuEnabled(False)
        item.layout.setContentsMargins(0, 0, 0, 0)
        item.layout.setSpacing(0)
        self._plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.viewport().setMouseTracking(True)
        self._plot.viewport().installEventFilter(self)
        self._grid, self._candles = GridLayer(frame, theme), CandleLayer(frame, theme)
        self._profile, self._lines = ProfileLayer(frame, theme), SeriesLayer(frame, theme)
        self._own, self._cross = OwnLayer(frame, theme), CrosshairLayer(frame, theme)
        self._layers: list[Layer] = [
            self._grid, self._profile, self._candles, self._lines, self._own, self._cross,
        ]  # fmt: skip
        for z, layer in enumerate(self._layers):
            layer.setParentItem(self._box)
            layer.setZValue(z)
        self._box.sigResized.connect(self._resized)
        self._box.panned.connect(lambda dx, dy: self._moved(self._viewport.pan, dx, dy))
        self._box.zoomed.connect(lambda steps, x: self._moved(self._viewport.zoom, steps, x))
        self._box.fitRequested.connect(self._fit)
        self._box.clicked.connect(self._clicked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._plot)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._plot.setBackground(theme.color("canvas"))
        for part in (*self._layers, self._price_axis, self._time_axis, self._overlay):
            part.set_theme(theme)

    def set_instrument(self, symbol: str, price_decimals: int, tick_size: int, quantity_decimals: int = 0) -> None:
        """Show another instrument: everything of the one before goes."""
        self.setAccessibleDescription(f"{symbol}, candles with volume")
        frame = self._frame
        frame.price_decimals, frame.tick_size, frame.quantity_decimals = price_decimals, tick_size, quantity_decimals
        self._own.orders, self._own.position, self._own.fills = [], None, Fills()
        self.set_last_price(None)
        empty = np.empty(0)
        self.set_profile(empty, empty)
        self.set_bars(empty, empty, empty, empty, empty, empty)

    def set_bar_size(self, size_ns: int) -> None:
        """The length of one bar; bars come with `set_bars`."""
        self._frame.bar_size_ns = size_ns

    def set_indicators(self, indicators: list[Indicator]) -> None:
        """Lines to draw over the candles."""
        self._indicators = indicators
        self._recompute_lines()
        self._view_changed()

    def set_bars(
        self,
        time_ns: ArrayLike,
        opened: ArrayLike,
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike,
    ) -> None:
        """Replace all bars (arrays of one length, oldest first, prices in price units) and go to the last one."""
        self._frame.bars.set(time_ns, [opened, high, low, close, volume])
        self._asked_for = None
        self._history_complete = False
        self._recompute_lines()
        self.go_to_end()

    def prepend_bars(
        self,
        time_ns: ArrayLike,
        opened: ArrayLike,
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike,
    ) -> None:
        """Add older bars; what is on the screen stays where it is. No new ones: the history is complete."""
        added = self._frame.bars.prepend(time_ns, [opened, high, low, close, volume])
        self._asked_for = None
        self._history_complete = self._history_complete or not added
        self._recompute_lines()
        self._view_changed()

    def set_history_complete(self, complete: bool) -> None:
        """Whether there is nothing older to ask for."""
        self._history_complete = complete

    def update_bar(self, time_ns: int, opened: int, high: int, low: int, close: int, volume: int) -> None:
        """The last bar changed (same time) or a new one began (later time). Earlier times are ignored."""
        bars = self._frame.bars
        appended = bars.put(time_ns, (opened, high, low, close, volume))
        if appended is None:
            return
        for indicator, series in zip(self._indicators, self._lines.series, strict=True):
            series.values = indicator.extended(bars, series.values)
        if appended and self._viewport.follows:
            self._viewport.shift(1)
            self._view_changed()
        elif not self._viewport.holds_last_bar() or volume > self._candles.greatest_volume:
            self._view_changed()
        else:
            x, half = self._frame.x_px_of(bars.origin + bars.count - 1), self._frame.bar_px + 2
            strip = QRectF(x - half, 0, 2 * half, self._frame.height)
            self._candles.update(strip)
            self._cross.update_legend()

    def set_last_price(self, price: int | None) -> None:
        """The last traded price: its line and its tag on the axis."""
        before = self._own.last_price
        if price == before:
            return
        self._own.last_price = self._cross.last_price = price
        for value in (before, price):
            if value is not None:
                self._own.update(QRectF(0, self._frame.y_px_of(value) - 1, self._frame.width, 3))
        self._make_tags()

    def set_orders(self, orders: list[OrderLine]) -> None:
        """Own working orders of this instrument."""
        self._own.orders = list(orders)
        self._own.update()
        self._make_tags()

    def set_position(self, position: PositionLine | None) -> None:
        """Own position in this instrument; None or a quantity of zero shows none."""
        self._own.position = position
        self._own.update()
        self._make_tags()

    def set_fills(self, fills: Fills) -> None:
        """Own executions in this instrument."""
        self._own.fills = fills
        self._own.update()

    def set_profile(self, prices: ArrayLike, volumes: ArrayLike) -> None:
        """Volume by price of the session, prices ascending; empty for none."""
        self._profile.set_profile(np.asarray(prices, np.float64), np.asarray(volumes, np.float64))

    def set_watermark(self, word: str) -> None:
        """The word behind the bars, for a market that is not the real one."""
        self._grid.set_watermark(word)

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`; "live" shows the bare chart."""
        self._overlay.set_state(state, title, detail)

    # the view

    def go_to_end(self) -> None:
        """Show the last bars, at the usual width, with a free margin at the right."""
        self._viewport.go_to_end()
        self._view_changed()

    def set_visible_bars(self, count: float) -> None:
        """Show the last `count` bars."""
        self._viewport.show_bars(count)
        self._view_changed()

    def _moved(self, move: Callable[..., None], *arguments: float) -> None:
        move(*arguments)
        self._view_changed()

    def _fit(self) -> None:
        self._viewport.fits_price = True
        self._view_changed()

    def _view_changed(self) -> None:
        """Fit, tell the axes and paint everything; ask for older history if its end is near."""
        frame = self._frame
        self._viewport.fit_prices()
        self._candles.fit_volume()
        self._price_axis.fit_width()
        self._make_tags()
        for part in (*self._layers, self._time_axis):
            part.update()
        if self._viewport.is_near_start() and frame.bars.count and not self._history_complete:
            first_time = int(frame.bars.time_ns[0])
            if first_time != self._asked_for:
                self._asked_for = first_time
                self.olderHistoryNeeded.emit(first_time)

    def _make_tags(self) -> None:
        tags = [AxisTag(order.price, "canvas", "own", "own") for order in self._own.orders]
        position = self._own.position
        if position is not None and position.quantity:
            tags.append(AxisTag(position.average_price, "own", "canvas", "own", strong=True))
        if self._own.last_price is not None:
            tags.append(AxisTag(self._own.last_price, "text", "canvas", "text", strong=True))
        self._price_axis.tags = tags
        self._price_axis.update()

    def _recompute_lines(self) -> None:
        series = [Series(indicator.name, indicator.computed(self._frame.bars)) for indicator in self._indicators]
        self._lines.series = self._cross.series = series

    # the mouse and the keys

    def _resized(self) -> None:
        rect = self._box.rect()
        self._viewport.resize(max(int(rect.width()), 1), max(int(rect.height()), 1))
        for layer in self._layers:
            layer.resized()
        self._view_changed()

    def _clicked(self, event: Any) -> None:
        key = self._own.cancel_key_at(event.pos().x(), event.pos().y())
        if key is not None:
            self.orderCancelRequested.emit(key)
        elif event.pos().y() < self._frame.price_px and self._frame.bars.count:
            self.priceClicked.emit(self._frame.tick_at(event.pos().y()))

    def _put_cross(self, position: tuple[int, int] | None) -> None:
        self._cross.move(position)
        self._price_axis.cross_y = position[1] if position else None
        self._time_axis.cross_x = position[0] if position else None
        self._price_axis.update()
        self._time_axis.update()

    def set_crosshair(self, x_px: int, y_px: int) -> None:
        """Put the crosshair to a pixel of the plot, as the pointer would."""
        self._put_cross((x_px, y_px))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer over the plot."""
        if event.type() == QEvent.Type.Leave:
            self._put_cross(None)
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            place = self._box.mapFromScene(self._plot.mapToScene(event.position().toPoint()))
            inside = self._box.rect().contains(place)
            self._put_cross((int(place.x()), int(place.y())) if inside else None)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right pan, plus and minus zoom, Home fits, End goes to the last bar."""
        key, step = event.key(), self._frame.width / 8
        middle = self._frame.width / 2
        moves: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Left: lambda: self._moved(self._viewport.pan, step, 0),
            Qt.Key.Key_Right: lambda: self._moved(self._viewport.pan, -step, 0),
            Qt.Key.Key_Plus: lambda: self._moved(self._viewport.zoom, 1, middle),
            Qt.Key.Key_Equal: lambda: self._moved(self._viewport.zoom, 1, middle),
            Qt.Key.Key_Minus: lambda: self._moved(self._viewport.zoom, -1, middle),
            Qt.Key.Key_Up: lambda: self._moved(self._viewport.stretch_price, 0.9),
            Qt.Key.Key_Down: lambda: self._moved(self._viewport.stretch_price, 1.1),
            Qt.Key.Key_Home: self._fit,
            Qt.Key.Key_End: self.go_to_end,
        }
        if key in moves:
            moves[key]()
        else:
            super().keyPressEvent(event)
