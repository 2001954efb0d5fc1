"""The prices that an instrument knows: its tick grid, and its tick table where it has one (14.1)."""

from server.protocol.records import NO_PRICE
from tests.oracle.state import Instrument

Steps = list[tuple[int, int]]
"""(price from which on, tick), ascending."""


def tick_at(steps: Steps, price: int) -> int:
    """The tick of the step that a price belongs to."""
    return [tick for start, tick in steps if start <= abs(price)][-1]


def fits(steps: Steps, price: int) -> bool:
    """True if the price is one of the table's."""
    return abs(price) % tick_at(steps, price) == 0


def nearest_lower(steps: Steps, price: int) -> int:
    """The nearest lower price of the table, of the tick at this price."""
    tick = tick_at(steps, price)
    if price >= 0:
        return price - price % tick
    return -(abs(price) + tick - abs(price) % tick)


def nearest_higher(steps: Steps, price: int) -> int:
    """The nearest higher price of the table, of the tick at this price, which does not fit."""
    tick = tick_at(steps, price)
    if price >= 0:
        return price + tick - price % tick
    return -(abs(price) - abs(price) % tick)


def on_grid(instrument: Instrument, price: int) -> bool:
    """True if the price is a multiple of tick_size away from price_min."""
    return (price - instrument.terms.price_min) % instrument.terms.tick_size == 0


def is_usable(instrument: Instrument, price: int) -> bool:
    """True for a price that can be a reference: there, and in the instrument's range."""
    return price != NO_PRICE and instrument.terms.price_min <= price <= instrument.terms.price_max


def rounded(instrument: Instrument, steps: Steps | None, price: int, *, up: bool) -> int:
    """The nearest valid price, downward or upward; the bound of the range at it and beyond it (12.1)."""
    terms = instrument.terms
    if not terms.price_min < price < terms.price_max:
        return min(max(price, terms.price_min), terms.price_max)
    price = to_grid(instrument, price, up=up)
    if steps is None or fits(steps, price):
        return price
    fitting = nearest_higher(steps, price) if up else nearest_lower(steps, price)
    in_range = terms.price_min <= fitting <= terms.price_max
    if in_range and on_grid(instrument, fitting):
        return fitting
    return terms.price_max if up else terms.price_min


def to_grid(instrument: Instrument, price: int, *, up: bool) -> int:
    """The nearest multiple of tick_size away from price_min, downward or upward, as if there were no range."""
    terms = instrument.terms
    beyond = (price - terms.price_min) % terms.tick_size
    return price + (-beyond % terms.tick_size if up else -beyond)


def next_valid(instrument: Instrument, steps: Steps | None, price: int, *, up: bool) -> int:
    """The price if it fits the table, else the next one of the grid that does; one beyond the range if none does."""
    terms = instrument.terms
    while steps is not None and terms.price_min <= price <= terms.price_max and not fits(steps, price):
        price += terms.tick_size if up else -terms.tick_size
    return price
