"""What clients ask for: new orders alone and in baskets, cancels, replaces."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    Link,
    OrderState,
    OrderType,
    RestateReason,
)
from tests.oracle import links
from tests.oracle.asking import (
    KEPT_FLAGS,
    Asked,
    best_other,
    market_limit,
    slid_price,
    stop_price_of,
    working_price,
)
from tests.oracle.link_terms import pair_of
from tests.oracle.order_types import STOP_TYPES, mode_of
from tests.oracle.phase_table import YES, takes
from tests.oracle.replacing import Change, replace
from tests.oracle.state import AUCTION_TIMES, STAYS, Command, Order, Where
from tests.oracle.stop_book import enter_stop_book

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def order_of(x: "OracleExchange", asked: Asked, order_id: int) -> Order:
    """The order that a NEW_ORDER asks for."""
    c, terms = asked.command, asked.terms
    order = Order(
        order_id, 0, c.user, x.accounts[c.account], x.instruments[c.instrument], c.client_instance, c.counter, c.label,
        c.side, c.order_type, c.time_in_force, c.flags & KEPT_FLAGS, c.capacity, working_price(x, asked), c.quantity,
        0, c.self_trade_group, c.decision_maker, c.algorithm, terms, mode_of(c.flags), bool(c.flags & STAYS),
        display_quantity=terms.display_quantity, expire_time_ns=terms.expire_time_ns,
    )  # fmt: skip
    if c.order_type in STOP_TYPES:
        order.stop_price, order.offset, order.trail_ppm = stop_price_of(x, asked), terms.offset, terms.trail_ppm
    if c.order_type == OrderType.PEGGED:
        order.offset, order.where = terms.offset, Where.PARKED
    return order


def bind(x: "OracleExchange", asked: Asked, order_id: int) -> Order:
    """Make the order live, with its hold and its link."""
    asked.order = order = order_of(x, asked, order_id)
    x.start(order)
    first = pair_of(asked)
    if first:
        links.make_pair(x, first.order, order)
    elif asked.terms.link in (Link.TARGET, Link.STOP_LOSS):
        links.add_child(x, asked.basket[0].order, order, 0 if asked.terms.link == Link.TARGET else 1)
    return order


def accept(x: "OracleExchange", asked: Asked) -> None:
    """Say that the order is accepted, and let it work or wait."""
    order, c = asked.order, asked.command
    x.orders_made += 1
    order.public_order_id = x.next_place()
    instrument = order.instrument
    x.order_stands(EventKind.ACCEPTED, order, session=c.session, state=OrderState.NEW)
    if order.where == Where.HELD or order.where == Where.PARKED:
        x.want_indicative(instrument)
    elif order.is_stop:
        enter_stop_book(order)
        x.want_indicative(instrument)
    elif order.time_in_force in AUCTION_TIMES:
        if takes(instrument.phase, c, asked.terms) == YES:
            x.take_place(order)
        else:
            x.wait_for_call(order)
        x.want_indicative(instrument)
    else:
        set_price(x, asked)
        x.work(order, market_limit(instrument, order.side))


def set_price(x: "OracleExchange", asked: Asked) -> None:
    """Give an order that slides, or that becomes a limit order, its price."""
    order = asked.order
    slid = slid_price(x, asked.command) if asked.is_alone else None
    if order.order_type == OrderType.MARKET_TO_LIMIT:
        x.hold(order, -1)
        order.order_type, order.price = OrderType.LIMIT, best_other(order.instrument, order.side)
        x.hold(order, 1)
        x.restated(order, RestateReason.MARKET_TO_LIMIT)
    elif slid is not None:
        x.change_open(order, slid, order.quantity)
        x.restated(order, RestateReason.SLID)


def new_order(x: "OracleExchange", asked: Asked) -> None:
    """Accept an order that came alone."""
    bind(x, asked, x.made_id(x.orders_made + 1))
    accept(x, asked)
    x.set_command(x.group[-1].command)
    x.finish(asked.order.instrument)


def cancel_order(x: "OracleExchange", c: Command) -> None:
    """Cancel an order because its user, or another who may, asks."""
    order = x.named_order(c)
    x.risk.count_message(order)
    x.cancel(order, CancelReason.REQUESTED, **key_of_command(c, order))
    x.finish(order.instrument)


def replace_order(x: "OracleExchange", change: Change) -> None:
    """Change price and total quantity of an order in one step."""
    replace(x, change, key_of_command(change.command, change.order))
    x.set_command(x.group[-1].command)
    x.finish(change.order.instrument)


def key_of_command(c: Command, order: Order) -> dict[str, int]:
    """The event fields that name the command, where it is the order's user who sent it."""
    if c.user != order.user:
        return {}
    return {"session": c.session, "client_instance": c.client_instance, "counter": c.counter}


DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.CANCEL_ORDER: cancel_order,
}
