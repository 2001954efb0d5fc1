"""The price collar at entry: how far from a reference a limit price may be.

Rules: the reference is never the order itself; without one, or with one that is too old, the order is refused.
"""

import numpy as np

from server.engine.kernel import Signed, Words, kernel
from server.engine.layout import (
    INSTRUMENT_LAST,
    INSTRUMENT_PHASE,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_TOP,
    NO_PRICE,
    ONE,
    TIME_NS,
)
from server.engine.layout_phases import (
    INSTRUMENT_AUCTION_PRICE,
    INSTRUMENT_AUCTION_TIME,
    INSTRUMENT_COLLAR,
    INSTRUMENT_LAST_TIME,
    INSTRUMENT_REFERENCE_AGE,
)
from server.engine.phase_table import trades_at_once
from server.engine.refusal import refused
from server.engine.vocabulary import NO_REASON
from server.engine.vocabulary_phases import NO_REFERENCE_PRICE, PRICE_COLLAR, REFERENCE_TOO_OLD
from server.engine.volatility import is_usable, span

_MILLISECOND = np.int64(1_000_000)
_NO_AGE = np.int64(0)


@kernel
def middle(m: Words, z: Signed, instrument: np.uint64) -> np.int64:
    """Half the sum of bid and ask of the last TOP, rounded down; NO_PRICE if one is missing."""
    bid = z[instrument + INSTRUMENT_TOP]
    ask = z[instrument + INSTRUMENT_TOP + ONE + ONE]
    return NO_PRICE if bid == NO_PRICE or ask == NO_PRICE else (bid & ask) + ((bid ^ ask) >> np.int64(1))


@kernel
def collar_reference(m: Words, z: Signed, instrument: np.uint64) -> tuple[np.int64, np.int64]:
    """The first usable reference and its age in nanoseconds (0 where it has none); NO_PRICE if there is none."""
    now = z[TIME_NS]
    price = z[instrument + INSTRUMENT_LAST]
    if is_usable(z, instrument, price):
        return price, now - z[instrument + INSTRUMENT_LAST_TIME]
    price = z[instrument + INSTRUMENT_AUCTION_PRICE]
    if is_usable(z, instrument, price):
        return price, now - z[instrument + INSTRUMENT_AUCTION_TIME]
    if trades_at_once(m[instrument + INSTRUMENT_PHASE]):
        price = middle(m, z, instrument)
        if is_usable(z, instrument, price):
            return price, _NO_AGE
    price = z[instrument + INSTRUMENT_PREVIOUS_CLOSE]
    if is_usable(z, instrument, price):
        return price, _NO_AGE
    price = z[instrument + INSTRUMENT_REFERENCE]
    return price if is_usable(z, instrument, price) else NO_PRICE, _NO_AGE


@kernel
def check_collar(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.uint64:
    """Whether a limit price lies within the collar."""
    reference, age = collar_reference(m, z, instrument)
    if reference == NO_PRICE:
        return refused(m, NO_REFERENCE_PRICE, price, np.int64(0))
    oldest = z[instrument + INSTRUMENT_REFERENCE_AGE] * _MILLISECOND
    if oldest != 0 and age > oldest:
        return refused(m, REFERENCE_TOO_OLD, age, oldest)
    distance = span(reference, z[instrument + INSTRUMENT_COLLAR])
    if price > reference + distance:
        return refused(m, PRICE_COLLAR, price, reference + distance)
    if price < reference - distance:
        return refused(m, PRICE_COLLAR, price, reference - distance)
    return NO_REASON
