"""Prices that follow others: rounded to the grid, kept within the instrument's range, without overflow.

Rules: down and up are by price, not by side; at a bound of the range and beyond it the bound counts, table or not.
"""

import numpy as np

from server.engine.bits import magnitude, mul_div
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_TICK_SIZE,
    NONE,
    ZERO,
)
from server.engine.layout_phases import INSTRUMENT_PROTECTION, INSTRUMENT_TICKS
from server.engine.layout_stops import EXTENSION_OFFSET, EXTENSION_TRAIL_PPM
from server.engine.ticks import fits_ticks, tick_at
from server.engine.vocabulary import BUY

_MILLION = np.int64(1_000_000)


@kernel
def on_base_grid(m: Words, z: Signed, instrument: np.uint64, price: np.int64, bound: np.int64) -> np.int64:
    """A price that the tick table allows, if it is one of the instrument's own grid and range, else `bound`."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    if price < lowest or price > z[instrument + INSTRUMENT_PRICE_MAX]:
        return bound
    return price if (U(price) - U(lowest)) % m[instrument + INSTRUMENT_TICK_SIZE] == ZERO else bound


@kernel
def grid_down(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.int64:
    """A valid price at or below this one: the next one of the grid, and of the tick table if that does not fit."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    if price <= lowest or price >= highest:
        return lowest if price <= lowest else highest
    price = np.int64(U(price) - (U(price) - U(lowest)) % m[instrument + INSTRUMENT_TICK_SIZE])
    ticks = m[instrument + INSTRUMENT_TICKS]
    if ticks == NONE or fits_ticks(m, z, ticks, price):
        return price
    tick = tick_at(m, z, ticks, price)
    beyond = abs(price) % tick
    return on_base_grid(m, z, instrument, price - (beyond if price > 0 else tick - beyond), lowest)


@kernel
def grid_up(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.int64:
    """A valid price at or above this one: the next one of the grid, and of the tick table if that does not fit."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    if price <= lowest or price >= highest:
        return lowest if price <= lowest else highest
    price = np.int64(U(price) + (U(highest) - U(price)) % m[instrument + INSTRUMENT_TICK_SIZE])
    ticks = m[instrument + INSTRUMENT_TICKS]
    if ticks == NONE or fits_ticks(m, z, ticks, price):
        return price
    tick = tick_at(m, z, ticks, price)
    beyond = abs(price) % tick
    return on_base_grid(m, z, instrument, price + (tick - beyond if price > 0 else beyond), highest)


@kernel
def price_below(m: Words, z: Signed, instrument: np.uint64, price: np.int64, distance: np.uint64) -> np.int64:
    """`distance` below a price, which a split may have taken out of the range, rounded down."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    if price <= lowest or distance >= U(price) - U(lowest):
        return lowest
    return grid_down(m, z, instrument, np.int64(U(price) - distance))


@kernel
def price_above(m: Words, z: Signed, instrument: np.uint64, price: np.int64, distance: np.uint64) -> np.int64:
    """`distance` above a price, which a split may have taken out of the range, rounded up."""
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    if price >= highest or distance >= U(highest) - U(price):
        return highest
    return grid_up(m, z, instrument, np.int64(U(price) + distance))


@kernel
def parts_of(price: np.int64, ppm: np.uint64, most: np.uint64) -> np.uint64:
    """So many parts per million of a price's size, truncated; `most` if it is more than that or does not fit."""
    size = magnitude(price)
    millions = size // U(_MILLION)
    if ppm != ZERO and millions > most // ppm:
        return most
    return min(millions * ppm + size % U(_MILLION) * ppm // U(_MILLION), most)


@kernel
def protected_price(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.int64:
    """The worst price at which a stop may trade whose stop price, in the range, is `price`; never on its other side."""
    ppm = m[instrument + INSTRUMENT_PROTECTION]
    if side == BUY:
        highest = z[instrument + INSTRUMENT_PRICE_MAX]
        if ppm == ZERO:
            return highest
        room = U(highest) - U(price)
        distance = parts_of(price, ppm, room)
        return max(price, grid_down(m, z, instrument, np.int64(U(price) + distance)))
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    if ppm == ZERO:
        return lowest
    room = U(price) - U(lowest)
    distance = parts_of(price, ppm, room)
    return min(price, grid_up(m, z, instrument, np.int64(U(price) - distance)))


@kernel
def trailing_distance(m: Words, instrument: np.uint64, last: np.int64, offset: np.int64, ppm: np.uint64) -> np.uint64:
    """How far a trailing stop stays behind a price."""
    if ppm == ZERO:
        return U(offset)
    return max(m[instrument + INSTRUMENT_TICK_SIZE], U(mul_div(np.int64(magnitude(last)), np.int64(ppm), _MILLION)))


@kernel
def trailing_price(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, last: np.int64, offset: np.int64, ppm: np.uint64
) -> np.int64:
    """Where a trailing stop of this side would stand for a last price."""
    distance = trailing_distance(m, instrument, last, offset, ppm)
    if side == BUY:
        return price_above(m, z, instrument, last, distance)
    return price_below(m, z, instrument, last, distance)


@inline
def candidate_of(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, extension: np.uint64, last: np.int64
) -> np.int64:
    """`trailing_price` of an order's extension."""
    offset = z[extension + EXTENSION_OFFSET]
    return trailing_price(m, z, instrument, side, last, offset, m[extension + EXTENSION_TRAIL_PPM])
