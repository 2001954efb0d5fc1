"""The order ticket: what is about to be sent, what it would cost and change; the button is the whole sentence."""

from app.desk import Desk
from app.panels.own_business import PRESETS, preset_unit
from app.panels.panel import Panel
from app.panels.ticket_preview import preview_rows
from app.state.changes import Changes
from app.state.commands import NewOrder
from server.protocol.enums import OrderType, Side, TimeInForce
from server.protocol.records import NO_PRICE
from widgets.order_draft import OrderDraft
from widgets.order_ticket import OrderTicket
from widgets.theme import Theme

_TIMES = {"day": TimeInForce.DAY, "gtc": TimeInForce.GTC, "ioc": TimeInForce.IOC, "fok": TimeInForce.FOK}


class TicketPanel(Panel):
    """One ticket that follows the desk's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Blocked until there is an instrument and a session."""
        super().__init__(desk, theme, "ticket", "Order ticket", link="A")
        self.view = OrderTicket(theme, self.body)
        self.column.addWidget(self.view, 1)
        self._draft: OrderDraft | None = None
        self._displayed_sequence = 0
        self._filled_for = 0
        self.view.draftChanged.connect(self._drafted)
        self.view.submitted.connect(self._submitted)
        desk.account_selected.connect(lambda _: self._show_context())
        desk.draft_wanted.connect(self._fill)

    def send(self) -> None:
        """Send what the ticket says, if it says an order and can be seen."""
        if self.seen:
            self.view.submit()
        else:
            self.desk.message.emit("warning", "NOT SENT", "The order ticket cannot be seen")

    def show_changes(self, changes: Changes) -> None:
        """The market beside the draft and what follows from both."""
        row = self.desk.state.market.instruments.row(self.instrument)
        if row in changes.quotes:
            self._show_market(row)
        if row in changes.quotes or changes.positions or changes.orders:
            self._show_preview()
        is_stale = self.instrument in changes.stale or self.desk.trust.is_stale(self.instrument)
        if changes.streams or changes.server or changes.phases or changes.accounts or is_stale:
            self._show_blocked()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self.view.set_instrument(
            info.symbol, info.price_decimals, info.tick_size, info.lot_size, info.quantity_decimals
        )
        unit = preset_unit(info.reference_price * info.cash_scale, info.money_decimals)
        self.view.set_presets([unit * times for times in PRESETS])
        self.view.set_draft(quantity=unit * PRESETS[2])
        self._filled_for = 0
        self._show_market(self.desk.state.market.instruments.row(instrument))
        self._show_context()

    def _show_context(self) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        account = self.desk.state.accounts.accounts.get(self.desk.account)
        self.header.set_meta(" · ".join(one for one in (info and info.symbol, account and account.name) if one))
        self._show_preview()
        self._show_blocked()

    def _show_market(self, row: int) -> None:
        quote = self.desk.state.market.quotes.rows[row]
        prices = (int(quote[name]) for name in ("bid_price", "ask_price", "last_price"))
        self.view.set_market(*(None if price == NO_PRICE else price for price in prices))
        self._displayed_sequence = int(quote["sequence"])
        bid, ask = int(quote["bid_price"]), int(quote["ask_price"])
        if self._filled_for != self.instrument and NO_PRICE not in (bid, ask):
            self._filled_for = self.instrument
            self.view.set_draft(price=ask if self.view.draft().side == Side.SELL else bid)

    def _show_preview(self) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is not None and self._draft is not None:
            self.view.set_preview(preview_rows(self.desk, info, self._draft))

    def _show_blocked(self) -> None:
        self.view.set_blocked(self.desk.trust.blocked_reason(self.desk.account, self.instrument))

    def _drafted(self, draft: OrderDraft) -> None:
        self._draft = draft
        self._show_preview()

    def _fill(self, side: int, price: int, quantity: int) -> None:
        if self.desk.draft_group != self.group:
            return
        self.view.set_draft(side=side, price=price, quantity=quantity)

    def _submitted(self, draft: OrderDraft) -> None:
        info = self.desk.state.market.instruments.by_symbol(draft.symbol)
        if info is None or self.desk.trust.blocked_reason(self.desk.account, self.instrument):
            return
        if info.instrument != self.instrument or not self.settled:
            self.desk.message.emit("warning", "NOT SENT", f"The ticket has just changed to {info.symbol}: send again")
            return
        market = draft.order_type == "market"
        self.desk.send(
            NewOrder(
                account=self.desk.account,
                instrument=info.instrument,
                side=Side(draft.side),
                quantity=draft.quantity,
                price=NO_PRICE if market or draft.price is None else draft.price,
                order_type=OrderType.MARKET if market else OrderType.LIMIT,
                time_in_force=_TIMES[draft.time_in_force],
                post_only=draft.post_only,
                displayed_sequence=self._displayed_sequence,
            )
        )
