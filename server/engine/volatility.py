"""Within which prices an instrument trades: static around the last auction, dynamic around the last trade.

Rules: distances are compared as integers, the edge is inside; a range without a usable reference does not hold.
"""

import numpy as np

from server.engine.bits import mul_div
from server.engine.book import best_level, book_of, price_of
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    INSTRUMENT_LAST,
    INSTRUMENT_PHASE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_REFERENCE,
    NO_PRICE,
    NONE,
    ZERO,
)
from server.engine.layout_phases import (
    FLAG_BAND,
    INSTRUMENT_AUCTION_PRICE,
    INSTRUMENT_BAND_HIGHEST,
    INSTRUMENT_BAND_LOWEST,
    INSTRUMENT_DYNAMIC,
    INSTRUMENT_FLAGS,
    INSTRUMENT_STATIC,
    INTERRUPTED,
    RANGE_HIGHEST,
    RANGE_LOWEST,
)
from server.engine.vocabulary import BUY, SELL
from server.engine.vocabulary_phases import TRADING_AT_LAST

MILLION = np.int64(1_000_000)
_LOWEST = np.int64(-(1 << 63))
_HIGHEST = np.int64((1 << 63) - 1)


@inline
def is_usable(z: Signed, instrument: np.uint64, price: np.int64) -> bool:
    """Whether a price can be a reference: there is one, and orders could have it."""
    return bool(
        price != NO_PRICE
        and price >= z[instrument + INSTRUMENT_PRICE_MIN]
        and price <= z[instrument + INSTRUMENT_PRICE_MAX]
    )


@inline
def span(price: np.int64, ppm: np.int64) -> np.int64:
    """How far `ppm` parts per million of a price are, rounded down."""
    return mul_div(abs(price), ppm, MILLION)


@kernel
def static_reference(z: Signed, instrument: np.uint64) -> np.int64:
    """The price of the last auction, else the reference price; NO_PRICE if none is usable."""
    price = z[instrument + INSTRUMENT_AUCTION_PRICE]
    if is_usable(z, instrument, price):
        return price
    price = z[instrument + INSTRUMENT_REFERENCE]
    return price if is_usable(z, instrument, price) else NO_PRICE


@kernel
def dynamic_reference(z: Signed, instrument: np.uint64) -> np.int64:
    """The last trade of the day, else the static reference."""
    price = z[instrument + INSTRUMENT_LAST]
    return price if is_usable(z, instrument, price) else static_reference(z, instrument)


@kernel
def price_range(z: Signed, instrument: np.uint64, times: np.int64) -> tuple[np.int64, np.int64]:
    """Lowest and highest price within both ranges, each `times` as wide as it is set."""
    lowest = _LOWEST
    highest = _HIGHEST
    ppm = min(z[instrument + INSTRUMENT_STATIC] * times, MILLION)
    reference = static_reference(z, instrument)
    if ppm != 0 and reference != NO_PRICE:
        lowest = reference - span(reference, ppm)
        highest = reference + span(reference, ppm)
    ppm = min(z[instrument + INSTRUMENT_DYNAMIC] * times, MILLION)
    reference = dynamic_reference(z, instrument)
    if ppm != 0 and reference != NO_PRICE:
        lowest = max(lowest, reference - span(reference, ppm))
        highest = min(highest, reference + span(reference, ppm))
    return lowest, highest


@kernel
def trading_range(m: Words, z: Signed, instrument: np.uint64) -> tuple[np.int64, np.int64]:
    """Lowest and highest price at which an order that comes now may trade; notes the range without the band."""
    lowest, highest = price_range(z, instrument, np.int64(1))
    z[RANGE_LOWEST] = lowest
    z[RANGE_HIGHEST] = highest
    if m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND != ZERO:
        lowest = max(lowest, z[instrument + INSTRUMENT_BAND_LOWEST])
        highest = min(highest, z[instrument + INSTRUMENT_BAND_HIGHEST])
    return lowest, highest


@kernel
def note_interruption(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> None:
    """A trade at this price does not happen; outside of the range proper, the order that wanted it interrupts."""
    if price < z[RANGE_LOWEST] or price > z[RANGE_HIGHEST]:
        m[INTERRUPTED] = instrument


@kernel
def price_in_range(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.int64:
    """The worst price at which an order with this limit may trade now; one that nothing reaches if it must not."""
    if m[instrument + INSTRUMENT_PHASE] == TRADING_AT_LAST:
        return price
    lowest, highest = trading_range(m, z, instrument)
    best = best_level(m, book_of(instrument, SELL - side))
    if best != NONE:
        first = price_of(m, book_of(instrument, SELL - side), best)
        if first < lowest or first > highest:
            return _LOWEST if side == BUY else _HIGHEST
    return min(price, highest) if side == BUY else max(price, lowest)
