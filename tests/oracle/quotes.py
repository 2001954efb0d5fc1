"""MASS_QUOTE: two-sided quotes of an account, each of which replaces the one before it (16.3).

Rules: every entry stands for itself: it is accepted whole, both sides, or refused whole; an order is part of the quote
until it ends.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    OrderFlag,
    OrderState,
    OrderType,
    RejectReason,
    Right,
    Scope,
    Side,
    TimeInForce,
)
from tests.oracle.account_commands import check_account_named
from tests.oracle.groups import Record
from tests.oracle.layouts import QuoteEntry
from tests.oracle.protections import group_of
from tests.oracle.refusals import Refusal, RiskRefusal
from tests.oracle.risk import Ask, Asking, check_risk
from tests.oracle.state import Command, Instrument, Order, cost

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

NONE_BEFORE = (0, 0)


def check_head(x: "OracleExchange", c: Command) -> Refusal:
    """The head: flags, account, right."""
    if c.flags & ~int(OrderFlag.CONFIRMED):
        return RejectReason.INVALID_FLAGS, c.flags, 0
    refused = check_account_named(x, c)
    if refused:
        return refused
    may_trade = x.grants.get((c.user, c.account), 0) & Right.TRADE
    return None if may_trade else (RejectReason.NOT_PERMITTED, c.user, c.account)


def mass_quote(x: "OracleExchange", c: Command) -> None:
    """Set the quotes one by one, then say how many were accepted."""
    accepted = 0
    records = x.group[1:]
    for record in records:
        x.sequence, x.time_ns = record.command.sequence, record.command.time_ns
        x.output.command = record.command
        accepted += set_quote(x, c, record)
    x.output.event(
        EventKind.MASS_QUOTED, c.user, account=c.account, session=c.session, client_instance=c.client_instance,
        counter=c.counter, quantity=accepted, leaves=len(records) - accepted,
    )  # fmt: skip
    x.more_tops |= {record.body.instrument for record in records if record.body.instrument in x.instruments}


def set_quote(x: "OracleExchange", head: Command, record: Record) -> bool:
    """Set one quote, or refuse it. True if it was accepted."""
    entry: QuoteEntry = record.body
    refused, side = entry_refused(x, head, record)
    if refused:
        reject_entry(x, head, entry, refused, side)
        return False
    key = (head.account, entry.instrument)
    old = x.quotes.get(key, NONE_BEFORE)
    for order_id, (quantity, _) in zip(old, sides_of(entry), strict=True):
        if order_id in x.live:
            if quantity == 0:
                x.risk.count_message(x.live[order_id])
            x.cancel(x.live[order_id], CancelReason.QUOTE_REPLACED)
    x.quotes[key] = NONE_BEFORE
    for side, (quantity, price) in enumerate(sides_of(entry)):
        if quantity:
            accept_side(x, head, x.instruments[entry.instrument], Side(side), price, quantity)
    return True


def sides_of(entry: QuoteEntry) -> tuple[tuple[int, int], tuple[int, int]]:
    """Quantity and price of bid and ask."""
    return (entry.bid_quantity, entry.bid_price), (entry.ask_quantity, entry.ask_price)


def entry_refused(x: "OracleExchange", head: Command, record: Record) -> tuple[Refusal, int]:
    """The first reason not to take an entry, and the side that it is about."""
    entry: QuoteEntry = record.body
    refused = check_place(x, head, entry)
    if refused or not (entry.bid_quantity or entry.ask_quantity):
        return refused, Side.BUY
    refused = check_phase(x, head, entry)
    if refused:
        return refused, Side.BUY
    for side, (quantity, price) in enumerate(sides_of(entry)):
        refused = check_side(x, head, entry, side, price, quantity) if quantity else None
        if refused:
            return refused, side
    refused = check_quote(x, head, entry)
    return (refused, Side.BUY) if refused else check_quote_risk(x, head, entry)


def check_place(x: "OracleExchange", head: Command, entry: QuoteEntry) -> Refusal:
    """1: instrument and currency."""
    if entry.instrument not in x.instruments:
        return RejectReason.UNKNOWN_INSTRUMENT, entry.instrument, 0
    wanted, account = x.instruments[entry.instrument].currency, x.accounts[head.account]
    return None if account.may_hold(wanted) else (RejectReason.NOT_PERMITTED, wanted, account.currency)


def check_phase(x: "OracleExchange", head: Command, entry: QuoteEntry) -> Refusal:
    """2, 3: the protection has not triggered; the phase takes limit orders of the day."""
    instrument = x.instruments[entry.instrument]
    group = group_of(instrument)
    guard = x.protections.get((head.account, group))
    if guard and guard.triggered:
        return RiskRefusal(
            RejectReason.PROTECTION_ACTIVE, group, 0, scope=int(Scope.ACCOUNT), scope_id=head.account
        )  # fmt: skip
    return x.phase_refuses(as_order(head, entry, Side.BUY, 0, 0))


def check_side(x: "OracleExchange", head: Command, entry: QuoteEntry, side: int, price: int, quantity: int) -> Refusal:
    """4: price and quantity, as of a limit order."""
    return x.numbers_refuse(as_order(head, entry, side, price, quantity))


def as_order(head: Command, entry: QuoteEntry, side: int, price: int, quantity: int) -> Command:
    """One side as the NEW_ORDER that it is like."""
    return head._replace(
        kind=CommandKind.NEW_ORDER, instrument=entry.instrument, order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY, side=side, price=price, quantity=quantity, flags=0, label=b"",
    )  # fmt: skip


def check_quote(x: "OracleExchange", head: Command, entry: QuoteEntry) -> Refusal:
    """5, 6: the sides do not cross, and there is room for them."""
    if entry.bid_quantity and entry.ask_quantity and entry.bid_price >= entry.ask_price:
        return RejectReason.PRICE_OUT_OF_RANGE, entry.bid_price, entry.ask_price
    account = x.accounts[head.account]
    new = sum(1 for quantity, _ in sides_of(entry) if quantity)
    orders_max = account.terms.orders_max
    if account.live_orders - len(old_orders(x, head, entry)) + new > orders_max:
        return RejectReason.TOO_MANY_ORDERS, orders_max, orders_max
    return None


def old_orders(x: "OracleExchange", head: Command, entry: QuoteEntry) -> list[Order]:
    """The live orders of the quote that there is."""
    old = x.quotes.get((head.account, entry.instrument), NONE_BEFORE)
    return [x.live[order_id] for order_id in old if order_id in x.live]


def check_quote_risk(x: "OracleExchange", head: Command, entry: QuoteEntry) -> tuple[Refusal, int]:
    """7: the risk entry, as if the old quote had gone; the ask as if the bid were there."""
    existed = (head.account, entry.instrument) in x.positions
    old = old_orders(x, head, entry)
    for order in old:
        x.hold(order, -1)
        del x.live[order.order_id]
    lived = {order.side for order in old}
    refused: Refusal = None
    tried: list[Order] = []
    for side, (quantity, price) in enumerate(sides_of(entry)):
        if quantity and not refused:
            order = quote_order(x, head, x.instruments[entry.instrument], side, price, quantity, order_id=-1 - side)
            refused = check_risk(x, ask_for(x, head, order, weight=2 if side in lived else 1))
            if refused:
                break
            x.live[order.order_id] = order
            x.hold(order, 1)
            tried.append(order)
    for order in tried:
        x.hold(order, -1)
        del x.live[order.order_id]
    for order in old:
        x.live[order.order_id] = order
        x.hold(order, 1)
    if not existed:
        x.forget_position(head.account, entry.instrument)
    return refused, side


def ask_for(x: "OracleExchange", head: Command, order: Order, weight: int) -> Ask:
    """What one side asks for."""
    return Ask(
        Asking.QUOTE, order.user, order.account, order.instrument, order.side, order.quantity, order.price,
        cost(order.side, order.price, order.quantity, order.instrument), head.flags, order.algorithm,
        total=order.quantity, charges=order.charges, weight=weight,
    )  # fmt: skip


def quote_order(
    x: "OracleExchange", head: Command, instrument: Instrument, side: int, price: int, quantity: int, order_id: int
) -> Order:
    """The order of one side; it has no public id yet."""
    account = x.accounts[head.account]
    order = Order(
        order_id, 0, head.user, account, instrument, head.client_instance, head.counter, b"", side,
        OrderType.LIMIT, TimeInForce.DAY, 0, head.capacity, price, quantity, 0, head.self_trade_group,
        head.decision_maker, head.algorithm,
    )  # fmt: skip
    order.charges.schedule = x.schedule_of(account, instrument)
    return order


def accept_side(
    x: "OracleExchange", head: Command, instrument: Instrument, side: Side, price: int, quantity: int
) -> None:
    """Accept one side; it works as a new order does."""
    x.orders_made += 1
    order = quote_order(x, head, instrument, side, price, quantity, x.made_id(x.orders_made))
    order.public_order_id = x.next_place()
    key = (head.account, instrument.number)
    bid, ask = x.quotes[key]
    x.quotes[key] = (order.order_id, ask) if side == Side.BUY else (bid, order.order_id)
    x.start(order)
    x.output.order_event(EventKind.ACCEPTED, order, session=head.session, state=OrderState.NEW)
    x.work(order)


def reject_entry(x: "OracleExchange", head: Command, entry: QuoteEntry, refused: Refusal, side: int) -> None:
    """Say no to one entry."""
    quantity, price = sides_of(entry)[side]
    x.reject(
        as_order(head, entry, side, price, quantity)._replace(label=entry.label, flags=head.flags), refused
    )  # fmt: skip


CLIENT_CHECKS = {CommandKind.MASS_QUOTE: (check_head,)}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {CommandKind.MASS_QUOTE: mass_quote}
