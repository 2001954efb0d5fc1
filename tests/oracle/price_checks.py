"""Checks of quantities and prices that new orders and replaces share (16 to 19, 14.3)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Phase, RejectReason, Side
from server.protocol.records import NO_PRICE
from tests.oracle.bands import BANDED
from tests.oracle.reference import collar
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command, Instrument
from tests.oracle.ticks import fits, nearest_lower, on_grid

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

DISPLAY_PARTS = 100


def check_stale(instrument: Instrument, c: Command) -> Refusal:
    """The sender has seen the instrument's last change."""
    stale = c.displayed_sequence != 0 and c.displayed_sequence < instrument.change
    return (RejectReason.STALE_REFERENCE_DATA, c.displayed_sequence, instrument.change) if stale else None


def check_expiry(c: Command, expire_time_ns: int) -> Refusal:
    """15a: an order's end is still to come."""
    past = expire_time_ns != 0 and expire_time_ns <= c.time_ns
    return (RejectReason.EXPIRY_PASSED, expire_time_ns, c.time_ns) if past else None


def check_quantity(instrument: Instrument, c: Command) -> Refusal:
    """16, 17, and the least quantity."""
    if c.quantity <= 0:
        return RejectReason.QUANTITY_NOT_POSITIVE, c.quantity, 1
    if c.quantity > instrument.terms.quantity_max:
        return RejectReason.QUANTITY_TOO_LARGE, c.quantity, instrument.terms.quantity_max
    least = instrument.rules.quantity_min
    return (RejectReason.QUANTITY_TOO_SMALL, c.quantity, least) if c.quantity < least else None


def check_display(quantity: int, display_quantity: int) -> Refusal:
    """17a: what an iceberg shows is a part of it, and no small one."""
    if display_quantity > quantity:
        return RejectReason.INVALID_DISPLAY_QUANTITY, display_quantity, quantity
    return check_least_display(quantity, display_quantity)


def check_least_display(quantity: int, display_quantity: int) -> Refusal:
    """What an iceberg shows is no small part of it."""
    if display_quantity and display_quantity * DISPLAY_PARTS < quantity:
        least = (quantity + DISPLAY_PARTS - 1) // DISPLAY_PARTS
        return RejectReason.INVALID_DISPLAY_QUANTITY, display_quantity, least
    return None


def check_no_price(c: Command) -> Refusal:
    """18 of an order without a price."""
    return None if c.price == NO_PRICE else (RejectReason.PRICE_OUT_OF_RANGE, c.price, NO_PRICE)


def check_price(x: "OracleExchange", instrument: Instrument, price: int) -> Refusal:
    """18, 19: a price in range, on the grid, of the tick table."""
    terms = instrument.terms
    if price < terms.price_min:
        return RejectReason.PRICE_OUT_OF_RANGE, price, terms.price_min
    if price > terms.price_max:
        return RejectReason.PRICE_OUT_OF_RANGE, price, terms.price_max
    if not on_grid(instrument, price):
        return RejectReason.PRICE_OFF_TICK, price, terms.tick_size
    steps = x.steps_of(instrument)
    if steps is not None and not fits(steps, price):
        return RejectReason.PRICE_OFF_TICK, price, nearest_lower(steps, price)
    return None


def check_stop_price(x: "OracleExchange", instrument: Instrument, stop_price: int) -> Refusal:
    """Behind 19: a stop price is a valid price."""
    wrong = check_price(x, instrument, stop_price)
    if wrong is None:
        return None
    return RejectReason.INVALID_STOP_PRICE, stop_price, wrong[2]


def check_last_price(instrument: Instrument, price: int) -> Refusal:
    """In TRADING_AT_LAST there is one price."""
    at_last = instrument.phase == Phase.TRADING_AT_LAST
    return (RejectReason.NOT_AT_LAST_PRICE, price, instrument.last) if at_last and price != instrument.last else None


def check_value(instrument: Instrument, c: Command) -> Refusal:
    """The value of an order at its price."""
    rules = instrument.rules
    value = abs(c.price) * c.quantity * instrument.terms.cash_scale
    if value < rules.value_min:
        return RejectReason.VALUE_TOO_SMALL, value, rules.value_min
    return (RejectReason.VALUE_TOO_LARGE, value, rules.value_max) if 0 < rules.value_max < value else None


def check_collar(x: "OracleExchange", instrument: Instrument, c: Command) -> Refusal:
    """The price is not too far from the reference (13.5)."""
    return collar(instrument, c.price, x.time_ns)


def check_band(instrument: Instrument, side: int, price: int) -> Refusal:
    """The price does not reach beyond the band (13.7)."""
    band = instrument.band
    if band is None or instrument.phase not in BANDED:
        return None
    if side == Side.BUY and price > band.highest:
        return RejectReason.PRICE_BAND, price, band.highest
    return (RejectReason.PRICE_BAND, price, band.lowest) if side == Side.SELL and price < band.lowest else None
