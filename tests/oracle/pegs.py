"""Pegged orders: where they stand, and their moves (12.8)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Peg, RestateReason, Side
from server.protocol.records import NO_PRICE
from tests.oracle.phase_table import MATCHING
from tests.oracle.state import Instrument, Order, Where
from tests.oracle.ticks import rounded

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def twice_the_reference(order: Order) -> int | None:
    """Two times the price that the order follows; None where there is none."""
    book = order.instrument.book
    own, other = book.best_shown(order.side), book.best_shown(1 - order.side)
    if order.terms.peg == Peg.PRIMARY:
        return None if own is None else 2 * own
    if order.terms.peg == Peg.MARKET:
        return None if other is None else 2 * other
    return None if own is None or other is None else own + other


def place_of(x: "OracleExchange", order: Order) -> int:
    """The price at which the peg stands now; NO_PRICE: it is parked."""
    instrument = order.instrument
    doubled = twice_the_reference(order)
    if instrument.phase not in MATCHING or doubled is None:
        return NO_PRICE
    doubled += 2 * order.offset
    terms, cap = instrument.terms, order.terms.price_cap
    steps = x.steps_of(instrument)
    if order.side == Side.BUY:
        price = rounded(instrument, steps, doubled // 2, up=False)
        price = price if cap == NO_PRICE else min(price, cap)
        return price if doubled // 2 >= terms.price_min else NO_PRICE
    price = rounded(instrument, steps, -(-doubled // 2), up=True)
    price = price if cap == NO_PRICE else max(price, cap)
    return price if -(-doubled // 2) <= terms.price_max else NO_PRICE


def misplaced(x: "OracleExchange", instrument: Instrument) -> Order | None:
    """The peg with the lowest order_id that stands elsewhere than it should."""
    for _, order in sorted(instrument.pegs.items()):
        if order.price != place_of(x, order):
            return order
    return None


def move(x: "OracleExchange", order: Order) -> None:
    """Take the peg to where it should stand."""
    price = place_of(x, order)
    x.leave_place(order)
    order.price = price
    if price == NO_PRICE:
        order.where = Where.PARKED
        x.restated(order, RestateReason.PEGGED)
        return
    order.public_order_id = x.next_place()
    x.restated(order, RestateReason.PEGGED)
    x.work(order, sent=False)
