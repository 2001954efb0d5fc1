"""The depth curve: what rests up to each price, own orders as stems."""

from typing import Final

from app.desk import Desk
from app.panels.own_business import own_levels
from app.panels.panel import Panel
from app.state.changes import Changes
from widgets.depth_curve import DepthCurve
from widgets.formatting import format_latency, format_price
from widgets.theme import Theme

LEVELS: Final = 40


class DepthPanel(Panel):
    """One curve that follows the desk's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "depth", "Depth", link="A")
        self.view = DepthCurve(theme, self.body)
        self.column.addWidget(self.view, 1)
        self._stale = False

    def show_changes(self, changes: Changes) -> None:
        """The book and the own orders, where they changed."""
        if self.instrument in changes.depth:
            self._show_book()
        if changes.orders or changes.rolled_back:
            self._show_own()
        if changes.streams or self.instrument in changes.stale or self._stale:
            self._show_state()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self.view.set_instrument(info.price_decimals, info.tick_size, info.quantity_decimals)
        self._show_book()
        self._show_own()
        self._show_state()

    def _show_state(self) -> None:
        state = self.desk.trust.feed_state(self.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_book(self) -> None:
        book = self.desk.state.market.book(self.instrument)
        bids, asks = book.bids, book.asks
        self.view.set_book(
            bids.prices[:LEVELS], bids.quantities[:LEVELS], asks.prices[:LEVELS], asks.quantities[:LEVELS]
        )
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is not None and len(bids.prices) and len(asks.prices):
            spread = format_price(asks.best() - bids.best(), info.price_decimals)
            age = format_latency(max(0, self.desk.clock() - book.received_ns))
            self.header.set_meta(f"spread {spread} · age {age}")

    def _show_own(self) -> None:
        self.view.set_own_orders(own_levels(self.desk, self.instrument))
