"""The chart as a widget: takes bars and marks, keeps the view, repaints what changed.

Rules: the view follows the last bar as long as that is in sight; a live tick repaints one strip; older history is
asked for by a signal when the left end comes near and does not move what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart.chart_canvas import ChartCanvas
from widgets.chart.frame import ChartFrame
from widgets.chart.indicators import Indicator
from widgets.chart.marks import Fills, OrderLine, PositionLine
from widgets.chart.series_layer import Series
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
        self._frame = ChartFrame()
        self._indicators: list[Indicator] = []
        self._viewport = Viewport(self._frame)
        self._asked_for: int | None = None
        self._history_complete = False
        self._canvas = ChartCanvas(self._frame, theme, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._canvas)
        self._overlay = StateOverlay(theme, self)
        mouse, viewport = self._canvas.box, self._viewport
        mouse.sigResized.connect(lambda: self._moved(viewport.resize, *self._canvas.plot_size()))
        mouse.panned.connect(lambda dx, dy: self._moved(viewport.pan, dx, dy))
        mouse.zoomed.connect(lambda steps, x: self._moved(viewport.zoom, steps, x))
        mouse.stretched.connect(lambda factor: self._moved(viewport.stretch_price, factor))
        mouse.fitRequested.connect(lambda: self._moved(viewport.fit))
        mouse.clicked.connect(self._clicked)
        self.set_theme(theme)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._canvas.set_theme(theme)
        self._overlay.set_theme(theme)

    def set_instrument(self, symbol: str, price_decimals: int, tick_size: int, quantity_decimals: int = 0) -> None:
        """Show another instrument: everything of the one before goes."""
        self.setAccessibleDescription(f"{symbol}, candles with volume")
        frame = self._frame
        frame.price_decimals, frame.tick_size, frame.quantity_decimals = price_decimals, tick_size, quantity_decimals
        self._canvas.own.orders, self._canvas.own.position, self._canvas.own.fills = [], None, Fills()
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
        for indicator, series in zip(self._indicators, self._canvas.lines.series, strict=True):
            series.values = indicator.extended(bars, series.values)
        if appended and self._viewport.follows:
            self._viewport.shift(1)
            self._view_changed()
        elif not self._viewport.holds_last_bar() or volume > self._canvas.candles.greatest_volume:
            self._view_changed()
        else:
            self._canvas.update_last_bar()

    def set_last_price(self, price: int | None) -> None:
        """The last traded price: its line and its tag on the axis."""
        own = self._canvas.own
        before = own.last_price
        if price == before:
            return
        own.last_price = self._canvas.cross.last_price = price
        for value in (before, price):
            if value is not None:
                self._canvas.update_row(value)
        self._canvas.update_tags()

    def set_orders(self, orders: list[OrderLine]) -> None:
        """Own working orders of this instrument."""
        self._canvas.own.orders = list(orders)
        self._canvas.own.update()
        self._canvas.update_tags()

    def set_position(self, position: PositionLine | None) -> None:
        """Own position in this instrument; None or a quantity of zero shows none."""
        self._canvas.own.position = position
        self._canvas.own.update()
        self._canvas.update_tags()

    def set_fills(self, fills: Fills) -> None:
        """Own executions in this instrument."""
        self._canvas.own.fills = fills
        self._canvas.own.update()

    def set_profile(self, prices: ArrayLike, volumes: ArrayLike) -> None:
        """Volume by price of the session, prices ascending; empty for none."""
        self._canvas.profile.set_profile(np.asarray(prices, np.float64), np.asarray(volumes, np.float64))

    def set_watermark(self, word: str) -> None:
        """The word behind the bars, for a market that is not the real one."""
        self._canvas.grid.set_watermark(word)

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`; "live" shows the bare chart."""
        self._overlay.set_state(state, title, detail)

    # the view

    def go_to_end(self) -> None:
        """Show the last bars, at the usual width, with a free margin at the right."""
        self._viewport.go_to_end()
        self._view_changed()

    def pan(self, places: float) -> None:
        """Move the view by bars: to later ones, or with a negative number to earlier ones."""
        self._moved(self._viewport.pan, -places * self._frame.bar_px, 0.0)

    def set_visible_bars(self, count: float) -> None:
        """Show the last `count` bars."""
        self._viewport.show_bars(count)
        self._view_changed()

    def _moved(self, move: Callable[..., None], *arguments: float) -> None:
        move(*arguments)
        self._view_changed()

    def _view_changed(self) -> None:
        """Fit, tell the axes and paint everything; ask for older history if its end is near."""
        frame = self._frame
        self._viewport.fit_prices()
        self._canvas.update_all()
        if self._viewport.is_near_start() and frame.bars.count and not self._history_complete:
            first_time = int(frame.bars.time_ns[0])
            if first_time != self._asked_for:
                self._asked_for = first_time
                self.olderHistoryNeeded.emit(first_time)

    def _recompute_lines(self) -> None:
        series = [Series(indicator.name, indicator.computed(self._frame.bars)) for indicator in self._indicators]
        self._canvas.lines.series = self._canvas.cross.series = series

    # the mouse and the keys

    def _clicked(self, event: Any) -> None:
        key = self._canvas.cancel_key_at(event.pos().x(), event.pos().y())
        if key is not None:
            self.orderCancelRequested.emit(key)
        elif event.pos().y() < self._frame.price_px and self._frame.bars.count:
            self.priceClicked.emit(self._frame.tick_at(event.pos().y()))

    def set_crosshair(self, x_px: int, y_px: int) -> None:
        """Put the crosshair to a pixel of the plot, as the pointer would."""
        self._canvas.put_cross((x_px, y_px))

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
            Qt.Key.Key_Home: lambda: self._moved(self._viewport.fit),
            Qt.Key.Key_End: self.go_to_end,
        }
        if key in moves:
            moves[key]()
        else:
            super().keyPressEvent(event)
