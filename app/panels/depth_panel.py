"""The views of the book, one at a time: the depth curve, the heat map, the queue of a level."""

from typing import Final

from PySide6.QtWidgets import QStackedWidget

from app.desk import Desk
from app.panels.book_state import book_state
from app.panels.heat_map_binding import HeatMapBinding
from app.panels.own_business import own_levels
from app.panels.panel import Panel
from app.panels.queue_binding import QueueBinding
from app.state.changes import Changes
from widgets.depth_curve import DepthCurve
from widgets.formatting import format_latency, format_price
from widgets.heat_map import HeatMapView
from widgets.queue_view import QueueView
from widgets.tab_strip import TabStrip
from widgets.theme import Theme

LEVELS: Final = 40
DEPTH, HEAT_MAP, QUEUE = range(3)
TITLES: Final = ("Depth", "Heat map", "Queue")


class DepthPanel(Panel):
    """Follows its link group; a view that is not seen is not told."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "depth", "Depth", link="A")
        self.header.hide()
        self.tabs = TabStrip(theme, TITLES, self, name="Depth views")
        self.setTitleBarWidget(self.tabs)
        self.stack = QStackedWidget(self.body)
        self.view, self.heat_map = DepthCurve(theme, self.stack), HeatMapView(theme, self.stack)
        self.queue = QueueView(theme, self.stack)
        for page in (self.view, self.heat_map, self.queue):
            self.stack.addWidget(page)
        self.column.addWidget(self.stack, 1)
        self.binding = HeatMapBinding(self, self.heat_map)
        self.queue_binding = QueueBinding(self, self.queue)
        self.visibilityChanged.connect(lambda seen: self._look(seen=seen))
        self._stale = False
        self.tabs.currentChanged.connect(self.show_tab)

    def show_tab(self, place: int) -> None:
        """Show one of TITLES."""
        self.tabs.set_current(place)
        self.stack.setCurrentIndex(place)
        self.show_instrument(self.instrument)

    def show_changes(self, changes: Changes) -> None:
        """The book and the own orders, where they changed."""
        self._show_head()
        if self.tabs.current() == HEAT_MAP:
            self.binding.show_changes(changes)
            return
        if self.tabs.current() == QUEUE:
            self.queue_binding.show_changes(changes)
            return
        if self.instrument in changes.depth:
            self._show_book()
        if changes.orders or changes.rolled_back:
            self._show_own()
        instrument = self.instrument
        if changes.streams or self._stale or instrument in changes.stale | changes.phases | changes.depth:
            self._show_state()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self._show_head()
        self._look(seen=True)
        if self.tabs.current() == HEAT_MAP:
            self.binding.select()
            return
        if self.tabs.current() == QUEUE:
            return
        self.view.set_instrument(info.price_decimals, info.tick_size, info.quantity_decimals)
        self.view.figures.set_money(info.cash_scale, info.money_decimals, info.currency)
        self._show_book()
        self._show_own()
        self._show_state()

    def close_panel(self) -> None:
        """Nobody looks any more."""
        self._look(seen=False)
        super().close_panel()

    def saved(self) -> dict[str, object]:
        """The view that is shown."""
        return {"tab": self.tabs.current()}

    def restore(self, saved: dict[str, object]) -> None:
        """Show the view that was shown."""
        tab = saved.get("tab")
        if isinstance(tab, int) and 0 <= tab < len(TITLES):
            self.show_tab(tab)

    def _look(self, *, seen: bool) -> None:
        """The orders of the book are taken only while somebody looks at them."""
        self.queue_binding.look(looking=seen and self.tabs.current() == QUEUE)

    def _show_state(self) -> None:
        state = book_state(self.desk, self.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_book(self) -> None:
        book = self.desk.state.market.book(self.instrument)
        bids, asks = book.bids, book.asks
        self.view.set_book(
            bids.prices[:LEVELS], bids.quantities[:LEVELS], asks.prices[:LEVELS], asks.quantities[:LEVELS]
        )

    def _show_head(self) -> None:
        book = self.desk.state.market.book(self.instrument)
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is not None and len(book.bids.prices) and len(book.asks.prices):
            spread = format_price(book.asks.best() - book.bids.best(), info.price_decimals)
            age = format_latency(max(0, self.desk.clock() - book.received_ns))
            self.tabs.set_meta(f"spread {spread} · age {age}")
        else:
            self.tabs.set_meta("")

    def _show_own(self) -> None:
        self.view.set_own_orders(own_levels(self.desk, self.instrument))
