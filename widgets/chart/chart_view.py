"""The chart as a widget: takes bars and marks, keeps the view, repaints what changed.

Rules: the view follows the last bar as long as that is in sight; a live tick repaints one strip; older history is
asked for by a signal when the left end comes near and does not move what is shown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.chart import mouse_routing
from widgets.chart.chart_surface import ChartSurface
from widgets.chart.indicators import Indicator
from widgets.chart.marks import Fills, OrderLine, PositionLine
from widgets.chart.mouse_handlers import OrderCancelHandler
from widgets.chart.series_layer import Series
from widgets.state_overlay import StateOverlay
from widgets.theme import Theme


class ChartView(ChartSurface):
    """Candles with volume, lines, own orders, position and crosshair. Prices are integers in price units."""

    olderHistoryNeeded = Signal(object)
    orderCancelRequested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Price chart")
        self._indicators: list[Indicator] = []
        self._asked_for: int | None = None
        self._history_complete = False
        self._overlay = StateOverlay(theme, self)
        cancel = OrderCancelHandler(self._canvas.cancel_key_at, self.orderCancelRequested.emit)
        self._canvas.mouse.add(cancel, mouse_routing.ORDER)
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
        frame.decimals, frame.quantity_decimals = price_decimals, quantity_decimals
        frame.set_tick_size(tick_size)
        self._canvas.own.orders, self._canvas.own.position, self._canvas.own.fills = [], None, Fills()
        self.set_last_price(None)
        empty = np.empty(0)
        self.set_profile(empty, empty)
        self.set_bars(empty, empty, empty, empty, empty, empty)

    def set_bar_size(self, size_ns: int) -> None:
        """The length of one bar; bars come with `set_bars`."""
        self.span.bar_size_ns = size_ns

    def set_indicators(self, indicators: list[Indicator]) -> None:
        """Lines to draw over the candles."""
        self._indicators = indicators
        self._recompute_lines()
        self.refresh()

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
        self.span.use_bars(self._frame.bars)
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
        self.refresh()

    def set_history_complete(self, complete: bool) -> None:
        """Whether there is nothing older to ask for."""
        self._history_complete = complete

    def update_bar(self, time_ns: int, opened: int, high: int, low: int, close: int, volume: int) -> None:
        """The last bar changed (same time) or a new one began (later time). Earlier times are ignored."""
        bars = self._frame.bars
        end = self.span.end
        appended = bars.put(time_ns, (opened, high, low, close, volume))
        if appended is None:
            return
        for indicator, series in zip(self._indicators, self._canvas.lines.series, strict=True):
            series.values = indicator.extended(bars, series.values)
        if appended and self._viewport.follows:
            self._viewport.shift(self.span.end - end)
            self.refresh()
        elif self.panes.price.fits and not self._canvas.candles.holds_last_bar():
            self.refresh()
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

    def refresh(self) -> None:
        """Fit, tell the axes and paint everything; ask for older history if its end is near."""
        bars = self._frame.bars
        self._fit_price()
        super().refresh()
        if self._viewport.is_near_start() and bars.count and not self._history_complete:
            first_time = int(bars.time_ns[0])
            if first_time != self._asked_for:
                self._asked_for = first_time
                self.olderHistoryNeeded.emit(first_time)

    def _fit_price(self) -> None:
        """What percent are of: the first close in sight."""
        first, last = self.span.visible()
        if last > first:
            self._frame.scale.base = float(self._frame.bars.column("close")[first])

    def _recompute_lines(self) -> None:
        series = [Series(indicator.name, indicator.computed(self._frame.bars)) for indicator in self._indicators]
        self._canvas.lines.series = self._canvas.cross.series = series
