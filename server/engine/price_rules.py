"""What an instrument's rules say of an order before it may come in: fresh data, tick table, value, collar, band.

Rules: the further checks of the rule book, chapter 14.3, in its order. An instrument without rules costs one test.
"""

import numpy as np

from server.engine.collar import check_collar
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import INSTRUMENT_CASH_SCALE, INSTRUMENT_LAST, INSTRUMENT_PHASE, ZERO
from server.engine.layout_phases import (
    FLAG_BAND,
    INSTRUMENT_BAND_HIGHEST,
    INSTRUMENT_BAND_LOWEST,
    INSTRUMENT_CHANGE,
    INSTRUMENT_COLLAR,
    INSTRUMENT_FLAGS,
    INSTRUMENT_RULED,
    INSTRUMENT_VALUE_MAX,
    INSTRUMENT_VALUE_MIN,
)
from server.engine.refusal import refused
from server.engine.ticks import check_ticks
from server.engine.vocabulary import BUY, NO_REASON
from server.engine.vocabulary_phases import (
    NOT_AT_LAST_PRICE,
    PRICE_BAND,
    STALE_REFERENCE_DATA,
    TRADING_AT_LAST,
    VALUE_TOO_LARGE,
    VALUE_TOO_SMALL,
)


@inline
def check_freshness(m: Words, instrument: np.uint64, displayed: np.uint64) -> np.uint64:
    """Whether the sender had seen the instrument as its rules are now; 0: it does not say."""
    if displayed != ZERO and displayed < m[instrument + INSTRUMENT_CHANGE]:
        return refused(m, STALE_REFERENCE_DATA, np.int64(displayed), np.int64(m[instrument + INSTRUMENT_CHANGE]))
    return NO_REASON


@inline
def has_price_rules(m: Words, instrument: np.uint64) -> bool:
    """Whether there is more to say of a price than its range and its grid."""
    return bool(m[instrument + INSTRUMENT_RULED] != ZERO or m[instrument + INSTRUMENT_PHASE] == TRADING_AT_LAST)


@kernel
def check_price_rules(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64, quantity: np.int64
) -> np.uint64:
    """What follows check 19 for a limit price."""
    reason = check_ticks(m, z, instrument, price)
    if reason != NO_REASON:
        return reason
    if m[instrument + INSTRUMENT_PHASE] == TRADING_AT_LAST and price != z[instrument + INSTRUMENT_LAST]:
        return refused(m, NOT_AT_LAST_PRICE, price, z[instrument + INSTRUMENT_LAST])
    value = abs(price) * quantity * z[instrument + INSTRUMENT_CASH_SCALE]
    if value < z[instrument + INSTRUMENT_VALUE_MIN]:
        return refused(m, VALUE_TOO_SMALL, value, z[instrument + INSTRUMENT_VALUE_MIN])
    most = z[instrument + INSTRUMENT_VALUE_MAX]
    if most != 0 and value > most:
        return refused(m, VALUE_TOO_LARGE, value, most)
    if m[instrument + INSTRUMENT_COLLAR] != ZERO:
        reason = check_collar(m, z, instrument, price)
        if reason != NO_REASON:
            return reason
    return check_band(m, z, instrument, side, price)


@inline
def check_band(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.uint64:
    """Whether a limit price is one at which the band never lets the order trade."""
    if m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND == ZERO:
        return NO_REASON
    if side == BUY:
        highest = z[instrument + INSTRUMENT_BAND_HIGHEST]
        return refused(m, PRICE_BAND, price, highest) if price > highest else NO_REASON
    lowest = z[instrument + INSTRUMENT_BAND_LOWEST]
    return refused(m, PRICE_BAND, price, lowest) if price < lowest else NO_REASON
