"""Stops that wait: their book, when they are reached, and what being triggered means (12.2, 12.3)."""

from typing import TYPE_CHECKING

from server.protocol.enums import EventKind, OrderType, RestateReason, Side
from server.protocol.records import NO_PRICE
from tests.oracle.lots import mul_div
from tests.oracle.state import Instrument, Order, Where, open_state
from tests.oracle.ticks import Steps, rounded

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

MILLION = 1_000_000


def reaches_stop(side: int, stop_price: int, price: int) -> bool:
    """True if a trade at the price has reached a stop of this side."""
    if price == NO_PRICE:
        return False
    return price >= stop_price if side == Side.BUY else price <= stop_price


def is_reached(order: Order, price: int) -> bool:
    """True if a trade at the price triggers the stop."""
    return reaches_stop(order.side, order.stop_price, price)


def protection_price(instrument: Instrument, steps: Steps | None, side: int, stop_price: int) -> int:
    """The worst price of a stop without a limit of its own; never on the other side of its stop price."""
    terms, ppm = instrument.terms, instrument.rules.protection_ppm
    if ppm == 0:
        return terms.price_max if side == Side.BUY else terms.price_min
    reach = mul_div(abs(stop_price), ppm, MILLION)
    if side == Side.BUY:
        return max(stop_price, rounded(instrument, steps, stop_price + reach, up=False))
    return min(stop_price, rounded(instrument, steps, stop_price - reach, up=True))


def trailing_candidate(
    instrument: Instrument, steps: Steps | None, side: int, price: int, offset: int, trail_ppm: int
) -> int:
    """The stop price at a trailing stop's distance from a price."""
    distance = max(instrument.terms.tick_size, mul_div(abs(price), trail_ppm, MILLION)) if trail_ppm else offset
    if side == Side.BUY:
        return rounded(instrument, steps, price + distance, up=True)
    return rounded(instrument, steps, price - distance, up=False)


def enter_stop_book(order: Order) -> None:
    """Put the stop behind the others of its stop price."""
    book = order.instrument.stops[order.side]
    sign = 1 if order.side == Side.BUY else -1
    before = [other for other in book if sign * other.stop_price <= sign * order.stop_price]
    book.insert(len(before), order)
    order.where = Where.STOP_BOOK


def trigger(x: "OracleExchange", order: Order) -> None:
    """Have the stop enter as soon as its instrument trades."""
    instrument = order.instrument
    x.leave_place(order)
    order.public_order_id = x.next_place()
    order.triggered = True
    order.where = Where.TRIGGERED
    instrument.triggered.append(order)
    x.output.order_event(
        EventKind.TRIGGERED, order, state=open_state(order), value=order.stop_price, last_price=instrument.last
    )
    x.note_trigger(order)


def look(x: "OracleExchange", instrument: Instrument) -> None:
    """Trigger and trail by the trades since the last look (12.3)."""
    low, high = instrument.traded_low, instrument.traded_high
    instrument.traded_low = instrument.traded_high = NO_PRICE
    trigger_reached(x, instrument, low, high)
    for side, extreme in ((Side.BUY, low), (Side.SELL, high)):
        for order in sorted(instrument.stops[side], key=lambda order: order.order_id):
            if order.order_type == OrderType.TRAILING_STOP:
                trail(x, order, extreme)
    trigger_reached(x, instrument, instrument.last, instrument.last)


def trigger_reached(x: "OracleExchange", instrument: Instrument, low: int, high: int) -> None:
    """Trigger every buy stop that the highest price has reached, then every sell stop that the lowest has."""
    for side, extreme in ((Side.BUY, high), (Side.SELL, low)):
        for order in [order for order in instrument.stops[side] if is_reached(order, extreme)]:
            trigger(x, order)


def trail(x: "OracleExchange", order: Order, extreme: int) -> None:
    """Let a trailing stop follow a price that went its way."""
    instrument, steps = order.instrument, x.steps_of(order.instrument)
    candidate = trailing_candidate(instrument, steps, order.side, extreme, order.offset, order.trail_ppm)
    better = candidate < order.stop_price if order.side == Side.BUY else candidate > order.stop_price
    if not better:
        return
    x.leave_place(order)
    x.hold(order, -1)
    order.stop_price = candidate
    order.price = protection_price(instrument, steps, order.side, candidate)
    x.hold(order, 1)
    enter_stop_book(order)
    x.note_trail(order)
    x.restated(order, RestateReason.TRAILED)
