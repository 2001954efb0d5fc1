"""Orders at work: meeting the other side, taking a place, leaving it."""

from typing import Any

from server.protocol.enums import (
    CancelReason,
    EventKind,
    Liquidity,
    MarketDataFlag,
    MarketDataKind,
    OrderState,
    OrderType,
    Phase,
    RestateReason,
    TimeInForce,
)
from server.protocol.records import NO_PRICE
from tests.oracle import cascade, links, phases
from tests.oracle.bands import BANDED, add_to_band
from tests.oracle.book import reaches
from tests.oracle.money import post_statistics, post_trade
from tests.oracle.phase_table import CALLS, MATCHING
from tests.oracle.protections import after_maker_trade, is_of_quote
from tests.oracle.registry import Registry
from tests.oracle.self_trade import prevent, prevents
from tests.oracle.state import Instrument, Order, Where, open_state
from tests.oracle.timers import TimerKind
from tests.oracle.trades import Trade
from tests.oracle.volatility import Range

INDICATIVE_DELAY_NS = 500_000_000
STAYING = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD)
RESTING_TYPES = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.PEGGED)


class Matching(Registry):
    """What happens to orders."""

    # An order's life

    def end(self, order: Order, leaves: int = 0) -> None:
        """Forget an order that has ended with so much open."""
        del self.live[order.order_id]
        key = (order.user, order.client_instance, order.counter)
        self.keys[key].remove(order)
        if not self.keys[key]:
            del self.keys[key]
        if order.label:
            del self.labels[order.user, order.label]
        order.account.live_orders -= 1
        self.timers.cancel(TimerKind.EXPIRY, order.order_id)
        order.instrument.pegs.pop(order.order_id, None)
        order.where = Where.NOWHERE
        links.note_end(self, order, leaves)

    def cancel(self, order: Order, reason: CancelReason, **fields: int) -> None:
        """End an order, wherever it is, and tell its user."""
        leaves = order.leaves
        self.hold(order, -1)
        gone = {"leaves": 0, "last_quantity": leaves, "state": OrderState.CANCELED, "reason": reason}
        self.output.order_event(EventKind.CANCELED, order, **(gone | fields))
        self.leave_place(order)
        self.end(order, leaves)
        self.want_indicative(order.instrument)

    def restated(self, order: Order, reason: RestateReason, **fields: int) -> None:
        """Tell an order's user that the exchange has changed it."""
        self.order_stands(EventKind.RESTATED, order, reason=reason, **fields)

    def order_stands(self, kind: EventKind, order: Order, **fields: Any) -> None:
        """An event that shows how an order stands; of a stop with its stop price."""
        if order.is_stop:
            fields["value"] = order.stop_price
        self.output.order_event(kind, order, **({"state": open_state(order)} | fields))

    def note_trigger(self, order: Order) -> None:
        """Tell an order's link that it was triggered."""
        links.note_trigger(self, order)

    def note_loss(self, order: Order, quantity: int) -> None:
        """Tell a leg's link that it lost quantity without a trade."""
        if order.is_leg:
            links.note_fill(self, order, quantity)

    def note_trail(self, order: Order) -> None:
        """Tell an order's link that its price has moved."""
        if order.link is not None:
            links.renew_unit(self, order.link)

    # Places

    def take_place(self, order: Order) -> None:
        """Put an order with leaves at the end of its queue, and show what it shows."""
        order.instrument.book.add(order)
        order.where = Where.BOOK
        order.displayed = min(order.display_quantity, order.leaves)
        if order.shown and order.price != NO_PRICE:
            self.output.order_record(MarketDataKind.ADD, order, order.price, order.shown)

    def wait_for_call(self, order: Order) -> None:
        """Keep the order unseen until its call."""
        order.where = Where.CALL
        order.instrument.waiting.append(order)

    def leave_place(self, order: Order) -> None:
        """Take the order out of where it is; what was shown of it is deleted."""
        instrument, shown = order.instrument, order.shown
        if order.where == Where.BOOK:
            instrument.book.remove(order)
            if shown and order.price != NO_PRICE:
                self.output.order_record(MarketDataKind.DELETE, order, order.price, shown)
        elif order.where == Where.STOP_BOOK:
            instrument.stops[order.side].remove(order)
        elif order.where == Where.TRIGGERED:
            instrument.triggered.remove(order)
        elif order.where == Where.CALL:
            instrument.waiting.remove(order)
        order.where = Where.NOWHERE

    def reduce(self, order: Order, quantity: int, reason: RestateReason) -> None:
        """Take quantity off a live order, what is not shown first; its place is kept."""
        self.lessen(order, order.quantity - quantity, EventKind.RESTATED, reason=reason, last_quantity=quantity)
        self.refresh_if_used_up(order)

    def lessen(self, order: Order, quantity: int, kind: EventKind, **fields: Any) -> None:
        """Give an order a smaller total in its place, with its event and what market data show of it."""
        was_shown = order.shown
        self.change_open(order, order.price, quantity)
        if order.display_quantity:
            order.displayed = min(order.displayed, order.leaves)
        self.order_stands(kind, order, **fields)
        gone = was_shown - order.shown
        if order.where == Where.BOOK and order.price != NO_PRICE and gone:
            self.output.order_record(MarketDataKind.REDUCE, order, order.price, gone)

    def refresh_if_used_up(self, order: Order) -> None:
        """Show the next part of an iceberg of which nothing is shown any more."""
        if not order.display_quantity or order.displayed or not order.leaves or order.where != Where.BOOK:
            return
        order.instrument.book.remove(order)
        order.public_order_id = self.next_place()
        order.displayed = min(order.display_quantity, order.leaves)
        order.instrument.book.add(order)
        self.restated(order, RestateReason.REFRESHED, last_quantity=order.displayed)
        self.output.order_record(MarketDataKind.ADD, order, order.price, order.displayed)

    # Meeting the other side

    def work(self, order: Order, limit: int | None = None, *, sent: bool = True) -> None:
        """Let an order that has no place meet the other side, then take a place or end.

        `limit` is the worst price of an order that has none of its own; `sent`: a command sent it, not the exchange.
        """
        instrument = order.instrument
        worst = order.price if order.price != NO_PRICE else limit
        matching = instrument.phase in MATCHING or (sent and instrument.phase == Phase.TRADING_AT_LAST)
        traded = matching and self.meet(order, worst)
        if order.order_id in self.live:
            if order.leaves == 0:
                self.end(order)
            elif order.order_type in RESTING_TYPES and order.time_in_force in STAYING:
                self.take_place(order)
            else:
                self.cancel(order, CancelReason.IMMEDIATE_REMAINDER)
        if traded:
            self.position_event(order)
        if instrument.interrupted:
            instrument.interrupted = False
            self.enter_phase(instrument, Phase.VOLATILITY_CALL, phases.INTERRUPTION)
        self.want_indicative(instrument)

    def meet(self, taker: Order, worst: int | None) -> bool:
        """Trade with the other side, best first, as far as the price goes. True if it traded."""
        instrument, traded = taker.instrument, False
        band, in_range = instrument.band, Range(instrument)
        bounds = (band.lowest, band.highest) if band and instrument.phase in BANDED else None
        at_last = instrument.last if instrument.phase == Phase.TRADING_AT_LAST else None
        while taker.order_id in self.live and taker.leaves:
            maker = next(instrument.book.limit_orders(1 - taker.side), None)
            if maker is None or (worst is not None and not reaches(taker.side, worst, maker.price)):
                break
            price = maker.price if at_last is None else at_last
            if at_last is None and not in_range.holds(price):
                instrument.interrupted = True
                break
            if bounds and not bounds[0] <= price <= bounds[1]:
                break
            if prevents(taker, maker):
                prevent(self, taker, maker)
            else:
                self.fill(maker, taker, price)
                traded = True
        return traded

    def fill(self, maker: Order, taker: Order, price: int) -> None:
        """One trade of an incoming order with a resting one."""
        quantity = min(taker.leaves, maker.displayed if maker.display_quantity else maker.leaves)
        trade = self.trade(maker, taker, price, quantity)
        self.executed(maker, Liquidity.MAKER, trade)
        self.position_event(maker)
        self.executed(taker, Liquidity.TAKER, trade)
        self.leave_if_filled(maker)
        self.print(maker, price, quantity, MarketDataFlag.PRINT)
        self.refresh_if_used_up(maker)
        if is_of_quote(self, maker):
            after_maker_trade(self, maker, quantity)

    def trade(self, first: Order, second: Order, price: int, quantity: int, *, auction: bool = False) -> Trade:
        """Book one trade of two orders (maker and taker, or buyer and seller) into everything."""
        self.trades_made += 1
        instrument = first.instrument
        post_statistics(instrument, price, quantity, NO_PRICE)
        instrument.trade_ns = self.time_ns
        self.traded.add(instrument.number)
        known = [known for known in (instrument.traded_low, instrument.traded_high) if known != NO_PRICE]
        instrument.traded_low, instrument.traded_high = min([*known, price]), max([*known, price])
        add_to_band(self, instrument, price)
        trade = post_trade(self, self.made_id(self.trades_made), (first, second), price, quantity, auction=auction)
        for order in (first, second):
            self.hold(order, -1)
            order.filled += quantity
            order.displayed = max(0, order.displayed - quantity)
            self.hold(order, 1)
            links.note_fill(self, order, quantity)
            self.risk.count_execution(order, quantity, self.output.command.time_ns)
        return trade

    def executed(self, order: Order, liquidity: Liquidity, trade: Trade) -> None:
        """Tell an order's user of a trade."""
        state = OrderState.PARTIALLY_FILLED if order.leaves else OrderState.FILLED
        self.output.order_event(
            EventKind.EXECUTED, order, last_price=trade.price, last_quantity=trade.quantity, trade_id=trade.trade_id,
            liquidity=liquidity, state=state, fee=trade.fee_of(order),
        )  # fmt: skip

    def position_event(self, order: Order) -> None:
        """Tell an order's user how its account stands."""
        account, instrument = order.account, order.instrument
        position = self.position(account.number, instrument.number)
        self.output.position(order.user, account, instrument, position)

    def leave_if_filled(self, order: Order) -> None:
        """End a resting order of which nothing is left."""
        if order.leaves == 0:
            order.instrument.book.remove(order)
            self.end(order)

    def print(self, order: Order, price: int, quantity: int, flags: MarketDataFlag) -> None:
        """Publish an execution of a resting order."""
        number = order.instrument.trade_number
        unseen = order.is_hidden or order.price == NO_PRICE
        self.output.order_record(
            MarketDataKind.EXECUTE, order, price, quantity,
            int(flags | MarketDataFlag.HIDDEN) if unseen else int(flags), number, unseen=unseen,
        )  # fmt: skip

    # What the rest of the exchange does

    def want_indicative(self, instrument: Instrument) -> None:
        """Plan an indicative price if the instrument is in a call and none is planned."""
        if instrument.phase in CALLS and not instrument.indicative_due_ns:
            instrument.indicative_due_ns = self.output.command.time_ns + INDICATIVE_DELAY_NS

    def enter_phase(self, instrument: Instrument, phase: int, cause: int) -> None:
        """Have the exchange itself change the phase of an instrument."""
        phases.enter_phase(self, instrument, phase, cause)

    def finish(self, instrument: Instrument) -> None:
        """The instrument's TOP, now or at the end of the command."""
        cascade.finish(self, instrument)
