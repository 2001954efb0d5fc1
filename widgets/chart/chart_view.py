"""The chart as a widget: takes bars and marks, keeps the view, repaints what changed.

Rules: the view follows the last bar as long as that is in sight; a live tick repaints one strip; older history is
asked for by a signal when the left end comes near and does not move what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from widgets.chart import mouse_routing
from widgets.chart.bar_store import BarStore
from widgets.chart.chart_surface import ChartSurface
from widgets.chart.chart_type import ChartType
from widgets.chart.marks import Fills, OrderLine, PositionLine
from widgets.chart.mouse_handlers import OrderCancelHandler
from widgets.chart.shown_bars import ShownBars
from widgets.state_overlay import StateOverlay
from widgets.theme import Theme


class ChartView(ChartSurface):
    """Candles with volume, lines, own orders, position and crosshair. Prices are integers in price units."""

    olderHistoryNeeded = Signal(object)
    orderCancelRequested = Signal(object)
    barsChanged = Signal()
    """The last bar changed in place; whatever else happens to bars is a `viewChanged`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName("Price chart")
        self._shown = ShownBars()
        self._history_problem = ""
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
        self._shown.tick_size = tick_size
        self._canvas.own.orders, self._canvas.own.position, self._canvas.own.fills = [], None, Fills()
        self.set_last_price(None)
        empty = np.empty(0)
        self.set_profile(empty, empty)
        self.set_bars(empty, empty, empty, empty, empty, empty)

    def set_bar_size(self, size_ns: int) -> None:
        """The length of one bar, 0 where it ends by ticks, volume or range; bars come with `set_bars`."""
        self.span.bar_size_ns = size_ns
        self._shown.source.distinct_times = size_ns > 0

    def set_chart_type(self, chart_type: ChartType, brick: float = 0.0) -> None:
        """Show the bars in another way; `brick` is the size of a Renko brick in price units, 0: by itself."""
        followed, right = self._viewport.follows, self.span.time_of(self.span.x_last)
        self._shown.set_type(chart_type, brick)
        self._canvas.candles.set_type(chart_type)
        self.span.use_bars(self._shown.store)
        if followed:
            self.go_to_end()
        else:
            self._viewport.shift(self.span.place_of_time(right) - self.span.x_last)
            self.refresh()

    def set_breaks(self, shown: bool) -> None:
        """Whether lines stand where sessions begin."""
        self._canvas.breaks.shown = shown
        self._canvas.breaks.update()

    @property
    def bars(self) -> BarStore:
        """The bars that are drawn: studies are of these."""
        return self._shown.store

    @property
    def draws_what_came(self) -> bool:
        """Whether each bar that is drawn is one that came; false where bricks are made of them."""
        return self._shown.chart_type is not ChartType.RENKO

    @property
    def source_bars(self) -> BarStore:
        """The bars as they came."""
        return self._shown.source

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
        self._shown.set(time_ns, [opened, high, low, close, volume])
        self.span.use_bars(self._shown.store)
        self._asked_for = None
        self._history_complete = False
        self.set_history_problem("")
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
        added = self._shown.prepend(time_ns, [opened, high, low, close, volume])
        self._asked_for = None
        self.set_history_problem("")
        self._history_complete = self._history_complete or not added
        self.refresh()

    def set_history_complete(self, complete: bool) -> None:
        """Whether there is nothing older to ask for."""
        self._history_complete = complete

    def set_history_problem(self, sentence: str) -> None:
        """Older history did not come, and why; it is asked for again when the view moves. Empty: it came."""
        self._asked_for = None if sentence else self._asked_for
        self._canvas.notices.set_notice(sentence)

    def update_bar(self, time_ns: int, opened: int, high: int, low: int, close: int, volume: int) -> None:
        """The last bar changed (same time) or a new one began (later time). Earlier times are ignored."""
        end = self.span.end
        if self._shown.put(time_ns, (opened, high, low, close, volume)):
            self._tail_changed(end, 1)

    def update_tail(self, time_ns: NDArray[np.int64], columns: Sequence[NDArray[np.int64]], appended: int) -> None:
        """The newest bars (times and open, high, low, close, volume): the last `appended` are new, others changed."""
        end = self.span.end
        self._shown.put_tail(time_ns, columns, appended)
        self._tail_changed(end, len(time_ns))

    def _tail_changed(self, end: float, changed: int) -> None:
        """Show what came at the end: a strip if that is all, the plot if it moved or does not fit."""
        span = self.span
        origin_px = span.origin_px
        if self._viewport.follows and span.end != end:
            self._viewport.shift(span.end - end)
        fits = not self.panes.price.fits or self._canvas.candles.holds_last_bar()
        if changed > 2 or span.origin_px != origin_px or not fits or span.end < end:
            self.refresh()
        else:
            self._canvas.update_last_bar()
            self.barsChanged.emit()

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
        bars = self.bars
        self._frame.scale.base = self._shown.first_close(*self.span.visible())
        super().refresh()
        if self._viewport.is_near_start() and bars.count and not self._history_complete:
            first_time = int(self.source_bars.time_ns[0])
            if first_time != self._asked_for:
                self._asked_for = first_time
                self.olderHistoryNeeded.emit(first_time)
