"""What a new stop or peg says beyond one record: its checks, where it begins, what its extension keeps of it.

Rules: `t` is where its ORDER_TERMS begin, or none. Each check returns the reason, or 0, in the order of the rule book.
"""

import numpy as np

from server.engine.attended import care_for
from server.engine.checks import check_price, type_in
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    INSTRUMENT_LAST,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_TICK_SIZE,
    LOW,
    NO_PRICE,
    NONE,
    ORDER_PRICE,
    ZERO,
)
from server.engine.layout_orders import (
    K_LINK_SHIFT,
    K_LOT_TRADE_ID,
    K_OFFSET,
    K_PEG_SHIFT,
    K_PRICE_CAP,
    K_STOP_PRICE,
    K_TRAIL_PEG_TRIGGER_LINK,
    K_TRIGGER_SHIFT,
)
from server.engine.layout_phases import INSTRUMENT_TICKS
from server.engine.layout_stops import (
    EXTENSION_OFFSET,
    EXTENSION_PEG,
    EXTENSION_PRICE_CAP,
    EXTENSION_STOP_PRICE,
    EXTENSION_TRAIL_PPM,
)
from server.engine.links import worst_peg_price
from server.engine.money import side_of
from server.engine.refusal import refused
from server.engine.stop_book import reached
from server.engine.stop_prices import protected_price, trailing_price
from server.engine.ticks import check_ticks, fits_ticks
from server.engine.vocabulary import NO_REASON
from server.engine.vocabulary_orders import (
    INVALID_TERMS,
    PEGGED,
    STOP_LIMIT,
    TRAILING_STOP,
)
from server.engine.vocabulary_stops import (
    INVALID_STOP_PRICE,
    NO_REFERENCE_PRICE,
    STOP_ALREADY_REACHED,
)
from server.engine.waiting import has_last

_PPM_MAX = U(999_999)


@inline
def trail_ppm_in(c: Words, t: np.uint64) -> np.uint64:
    """How far a trailing stop stays behind, in parts per million; 0: an amount."""
    return c[t + K_TRAIL_PEG_TRIGGER_LINK] & LOW


@inline
def peg_in(c: Words, t: np.uint64) -> np.uint64:
    """What a peg follows."""
    return c[t + K_TRAIL_PEG_TRIGGER_LINK] >> K_PEG_SHIFT & BYTE


@inline
def trigger_in(c: Words, t: np.uint64) -> np.uint64:
    """Which price triggers."""
    return c[t + K_TRAIL_PEG_TRIGGER_LINK] >> K_TRIGGER_SHIFT & BYTE


@inline
def link_in(c: Words, t: np.uint64) -> np.uint64:
    """How an order of a basket depends on one before it."""
    return c[t + K_TRAIL_PEG_TRIGGER_LINK] >> K_LINK_SHIFT & BYTE


@inline
def is_neutral(price: np.uint64) -> bool:
    """Whether a price of ORDER_TERMS says nothing."""
    return bool(price == ZERO or price == U(NO_PRICE))


@kernel
def invalid(m: Words, number: int, value: np.uint64) -> np.uint64:
    """INVALID_TERMS for the field of this number."""
    return refused(m, INVALID_TERMS, np.int64(number), np.int64(value))


@kernel
def check_offset(m: Words, c: Words, t: np.uint64, kind: np.uint64) -> np.uint64:
    """Check 10b of the fields 5 to 8."""
    offset = np.int64(c[t + K_OFFSET])
    ppm = trail_ppm_in(c, t)
    trails = kind == TRAILING_STOP
    if kind != PEGGED and ((offset <= 0) if trails and ppm == ZERO else (offset != 0)):
        return invalid(m, 5, c[t + K_OFFSET])
    if kind != PEGGED and not is_neutral(c[t + K_PRICE_CAP]):
        return invalid(m, 6, c[t + K_PRICE_CAP])
    if kind == PEGGED and c[t + K_LOT_TRADE_ID] != ZERO:
        return invalid(m, 7, c[t + K_LOT_TRADE_ID])
    return NO_REASON if ppm <= (_PPM_MAX if trails else ZERO) else invalid(m, 8, ppm)


@kernel
def check_limit(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.uint64:
    """Checks 18 and 19 of the limit of a STOP_LIMIT, and its fit to the tick table."""
    reason = check_price(m, z, instrument, price)
    return reason if reason != NO_REASON else check_ticks(m, z, instrument, price)


@kernel
def fits_grids(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> bool:
    """Whether a price in the range is one of the instrument's grid and of its tick table."""
    if (U(price) - m[instrument + INSTRUMENT_PRICE_MIN]) % m[instrument + INSTRUMENT_TICK_SIZE] != ZERO:
        return False
    ticks = m[instrument + INSTRUMENT_TICKS]
    return bool(ticks == NONE or fits_ticks(m, z, ticks, price))


@kernel
def check_valid_stop(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.uint64:
    """Behind check 19: a stop price must be one that trades can have."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    if price < lowest or price > highest:
        return refused(m, INVALID_STOP_PRICE, price, lowest if price < lowest else highest)
    if (U(price) - U(lowest)) % m[instrument + INSTRUMENT_TICK_SIZE] != ZERO:
        return refused(m, INVALID_STOP_PRICE, price, z[instrument + INSTRUMENT_TICK_SIZE])
    if check_ticks(m, z, instrument, price) != NO_REASON:
        return INVALID_STOP_PRICE  # with the price and the nearest one that fits, as that check has noted them
    return NO_REASON


@kernel
def check_stop_price(m: Words, z: Signed, instrument: np.uint64, c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """Behind check 19: the stop price of a stop, the cap of a peg."""
    kind = type_in(c, b)
    if kind == PEGGED:
        cap = np.int64(c[t + K_PRICE_CAP])
        if cap == NO_PRICE:
            return NO_REASON
        in_range = cap >= z[instrument + INSTRUMENT_PRICE_MIN] and cap <= z[instrument + INSTRUMENT_PRICE_MAX]
        fits = in_range and fits_grids(m, z, instrument, cap)
        return NO_REASON if fits else invalid(m, 6, U(cap))
    given = np.int64(c[t + K_STOP_PRICE])
    if given == NO_PRICE and kind == TRAILING_STOP:
        return NO_REASON
    return check_valid_stop(m, z, instrument, given)


@kernel
def first_stop_price(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, c: Words, t: np.uint64) -> np.int64:
    """The stop price with which a stop begins; NO_PRICE: none was given, and there was no trade to begin from."""
    given = np.int64(c[t + K_STOP_PRICE])
    if given != NO_PRICE or not has_last(z, instrument):
        return given
    last = z[instrument + INSTRUMENT_LAST]
    return trailing_price(m, z, instrument, side, last, np.int64(c[t + K_OFFSET]), trail_ppm_in(c, t))


@kernel
def check_reached(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, c: Words, t: np.uint64) -> np.uint64:
    """In place of checks 23 to 25 of a stop: it must not be reached already."""
    stop_price = first_stop_price(m, z, instrument, side, c, t)
    if stop_price == NO_PRICE:
        return refused(m, NO_REFERENCE_PRICE, np.int64(0), np.int64(0))
    if has_last(z, instrument) and reached(side, stop_price, z[instrument + INSTRUMENT_LAST]):
        return refused(m, STOP_ALREADY_REACHED, stop_price, z[instrument + INSTRUMENT_LAST])
    return NO_REASON


@kernel
def binding_price(
    m: Words,
    z: Signed,
    instrument: np.uint64,
    side: np.uint64,
    kind: np.uint64,
    price: np.int64,
    c: Words,
    t: np.uint64,
) -> np.int64:
    """The price at which a new stop or peg of this type and limit price holds its reserve."""
    if kind == PEGGED:
        return worst_peg_price(m, z, instrument, side, np.int64(c[t + K_PRICE_CAP]))
    if kind == STOP_LIMIT:
        return price
    return protected_price(m, z, instrument, side, first_stop_price(m, z, instrument, side, c, t))


@kernel
def equip(
    m: Words, z: Signed, instrument: np.uint64, order: np.uint64, kind: np.uint64, c: Words, t: np.uint64
) -> None:
    """Writes what a stop or peg just made begins with into its row and its extension."""
    care_for(m, instrument)
    extension = extension_of(m, order)
    side = side_of(m, order)
    m[extension + EXTENSION_OFFSET] = c[t + K_OFFSET]
    if kind == PEGGED:
        m[extension + EXTENSION_PEG] = peg_in(c, t)
        m[extension + EXTENSION_PRICE_CAP] = c[t + K_PRICE_CAP]
        return
    z[extension + EXTENSION_STOP_PRICE] = first_stop_price(m, z, instrument, side, c, t)
    m[extension + EXTENSION_TRAIL_PPM] = trail_ppm_in(c, t)
    z[order + ORDER_PRICE] = binding_price(m, z, instrument, side, kind, z[order + ORDER_PRICE], c, t)
