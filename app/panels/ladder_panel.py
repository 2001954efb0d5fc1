"""The ladder: the book of the selected instrument by price; armed, one click sends what was displayed."""

from typing import Final

from app.desk import Desk
from app.panels.book_state import book_state
from app.panels.own_business import PRESETS, live_rows, open_profit, own_levels, position_of, preset_unit
from app.panels.panel import Panel
from app.state.accounts import average_price
from app.state.changes import Changes
from app.state.commands import NewOrder
from app.state.depth import DepthSide, Prices
from app.state.price_rows import PriceRows
from server.protocol.enums import Side
from server.protocol.records import NO_PRICE
from widgets.formatting import format_mean_price, format_price, format_quantity
from widgets.ladder import LadderClick, LadderView
from widgets.theme import Theme

LEVELS_SHOWN: Final = 200


class LadderPanel(Panel):
    """One ladder that follows the desk's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """An empty ladder until an instrument is selected."""
        super().__init__(desk, theme, "ladder", "Ladder", link="A")
        self.view = LadderView(theme, self.body)
        self.column.addWidget(self.view, 1)
        self._presets_of = 0
        self._rows = PriceRows(1)
        self._rows_chosen = False
        self.view.priceClicked.connect(self._clicked)
        self.view.cancelClicked.connect(self._cancel_level)
        self.view.cancelSideRequested.connect(self._cancel_side)
        desk.armed_changed.connect(self._armed)

    def show_changes(self, changes: Changes) -> None:
        """The book, the own orders and the figures, where they changed."""
        instrument = self.instrument
        if instrument in changes.depth:
            self._show_book()
        row = self.desk.state.market.instruments.row(instrument)
        if row in changes.quotes:
            self._show_quote(row)
        if instrument in changes.trades or instrument in changes.history:
            self._show_profile()
        if changes.orders or changes.positions or changes.rolled_back:
            self._show_own()
        shown_stale = self.view.canvas.scene.state == "stale"
        changed = instrument in changes.phases or instrument in changes.depth or instrument in changes.stale
        if changes.streams or changed or shown_stale:
            self._show_state()

    @property
    def is_armed(self) -> bool:
        """Whether one click on this ladder sends an order."""
        return self.desk.armed_ladder == self.objectName()

    def arm(self, *, armed: bool) -> None:
        """Let one click on this ladder send an order, or not."""
        if armed or self.is_armed:
            self.desk.set_armed(armed, self.objectName(), self.instrument)

    def centre(self) -> None:
        """Put the middle of the book into the middle."""
        self.view.centre()

    def leave_instrument(self) -> None:
        """One-click trading was switched on for what the ladder showed."""
        self.arm(armed=False)

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self.header.set_title(info.symbol)
        book = self.desk.state.market.book(instrument)
        self._rows_chosen = len(book.bids.prices) > 0 and len(book.asks.prices) > 0
        self._rows = self.desk.state.market.heat.rows(instrument)
        step = self._rows.step
        self.view.set_instrument(info.symbol, info.price_decimals, step, info.lot_size, info.quantity_decimals)
        if self._presets_of != instrument:
            self._presets_of = instrument
            unit = preset_unit(info.reference_price * info.cash_scale, info.money_decimals)
            self.view.set_presets([unit * times for times in PRESETS], 2)
        self._show_book()
        self._show_quote(self.desk.state.market.instruments.row(instrument))
        self._show_profile()
        self._show_own()
        self._show_state()
        self._armed(self.is_armed)

    def _show_book(self) -> None:
        book = self.desk.state.market.book(self.instrument)
        bids, asks = book.bids, book.asks
        if not self._rows_chosen and len(bids.prices) and len(asks.prices):
            self.show_instrument(self.instrument)
            return
        (bid_prices, bid_sizes, bid_orders), (ask_prices, ask_sizes, ask_orders) = (
            self._shown(side, levels) for side, levels in ((Side.BUY, bids), (Side.SELL, asks))
        )
        self.view.set_book(bid_prices, bid_sizes, ask_prices, ask_sizes, book.engine_sequence, bid_orders, ask_orders)

    def _shown(self, side: Side, levels: DepthSide) -> tuple[Prices, Prices, Prices]:
        """Prices, quantities and orders of the rows of a side, best first."""
        prices, quantities, orders = (column[:LEVELS_SHOWN] for column in levels.columns)
        return *self._rows.levels(prices, quantities, side), self._rows.levels(prices, orders, side)[1]

    def _show_quote(self, row: int) -> None:
        quote = self.desk.state.market.quotes.rows[row]
        prices = [int(quote[name]) for name in ("last_price", "high_price", "low_price")]
        rows = self._rows
        last, high, low = (None if price == NO_PRICE else rows.row_price(price, Side.BUY) for price in prices)
        self.view.set_last_trade(last)
        self.view.set_day_range(high, low)

    def _show_profile(self) -> None:
        profile = self.desk.state.market.profile(self.instrument)
        self.view.set_traded_volume(*self._rows.volumes(profile.prices, profile.quantities))

    def _show_own(self) -> None:
        desk, instrument = self.desk, self.instrument
        info = desk.state.market.instruments.get(instrument)
        if info is None:
            return
        self.view.set_own_orders(own_levels(desk, instrument, self._rows))
        position = position_of(desk, instrument)
        if position is None:
            self.view.set_average_price(None)
            self.view.set_position_text("", "")
            return
        average = average_price(position, info.cash_scale)
        assert average is not None
        quantity = format_quantity(int(position["net"]), info.quantity_decimals, signed=True)
        self.view.set_average_price(average)
        text = f"{quantity} @ {format_mean_price(average, info.price_decimals)}"
        self.view.set_position_text(text, *open_profit(position, info))

    def _show_state(self) -> None:
        if self.desk.state.market.instruments.get(self.instrument) is None:
            return
        self.view.set_state(*book_state(self.desk, self.instrument))
        self._show_head()

    def _show_head(self) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is not None:
            tick = format_price(info.tick_size, info.price_decimals)
            if self._rows.step > info.tick_size:
                tick += f" · row {format_price(self._rows.step, info.price_decimals)}"
            self.header.set_meta(f"tick {tick} · lot {info.lot_size}", "ARMED" if self.is_armed else "disarmed")

    def _armed(self, _: bool) -> None:
        armed = self.is_armed
        self.view.set_armed(armed)
        self.header.set_armed(armed)
        self._show_head()

    def _clicked(self, click: LadderClick) -> None:
        """Send what was on the screen when the button went down; disarmed, only fill the ticket."""
        info = self.desk.state.market.instruments.by_symbol(click.symbol)
        if info is None:
            return
        if info.instrument != self.instrument or not self.settled:
            self.desk.message.emit("warning", "NOT SENT", "The ladder has just changed its instrument")
            return
        if not click.armed or not self.is_armed:
            self.desk.want_draft(self.group, click.side, click.price, click.quantity)
            return
        order = NewOrder(
            account=self.desk.account, instrument=info.instrument, side=Side(click.side), quantity=click.quantity,
            price=click.price, displayed_sequence=click.revision,
        )  # fmt: skip
        self.desk.send(order)
        self.arm(armed=True)

    def _cancel_level(self, click: LadderClick) -> None:
        orders = self.desk.state.orders.rows
        info = self.desk.state.market.instruments.by_symbol(click.symbol)
        for row in live_rows(self.desk, info.instrument if info else 0):
            side, price = int(orders["side"][row]), int(orders["price"][row])
            if side == click.side and self._rows.row_price(price, side) == click.price:
                self.desk.cancel_row(row)

    def _cancel_side(self, side: int) -> None:
        self.desk.cancel_all(self.instrument, 2 if side < 0 else side)
