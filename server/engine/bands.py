"""Bands around the mean price of the last five minutes: outside of them nothing trades, at their edge trading pauses.

Rules: the rule book, chapter 13.7. Ten buckets of 30 seconds hold sums and counts; the reference moves when a bucket
begins, and only by more than one per cent. An instrument with a band is attended to at the end of each command.
"""

import numpy as np

from server.engine.attended import attention_of, care_for
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import INSTRUMENT_PHASE, NO_PRICE, NONE, ONE, TIME_NS, ZERO
from server.engine.layout_phases import (
    BUCKET_WORDS,
    BUCKETS,
    FLAG_BAND,
    FLAG_BAND_CARE,
    FLAG_BAND_MOVED,
    INSTRUMENT_BAND_HIGHEST,
    INSTRUMENT_BAND_LOWEST,
    INSTRUMENT_BAND_REFERENCE,
    INSTRUMENT_BAND_TIER,
    INSTRUMENT_BUCKET,
    INSTRUMENT_BUCKETS,
    INSTRUMENT_FLAGS,
)
from server.engine.layout_stops import INSTRUMENT_ATTENDED
from server.engine.market_data import publish_instrument
from server.engine.memory import take_new
from server.engine.vocabulary import CONTINUOUS
from server.engine.vocabulary_phases import BAND, LIMIT_STATE
from server.engine.volatility import dynamic_reference, span

BUCKET_NS = U(30_000_000_000)
_TIER_PPM = np.int64(50_000)
_MOVE_PPM = np.int64(10_000)


@inline
def has_band(m: Words, instrument: np.uint64) -> bool:
    """Whether a band holds."""
    return bool(m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND != ZERO)


@kernel
def place_band(m: Words, z: Signed, instrument: np.uint64, reference: np.int64) -> None:
    """Puts the band around a reference; it is still to be published."""
    width = span(reference, _TIER_PPM * z[instrument + INSTRUMENT_BAND_TIER])
    z[instrument + INSTRUMENT_BAND_REFERENCE] = reference
    z[instrument + INSTRUMENT_BAND_LOWEST] = reference - width
    z[instrument + INSTRUMENT_BAND_HIGHEST] = reference + width
    m[instrument + INSTRUMENT_FLAGS] |= FLAG_BAND | FLAG_BAND_MOVED


@kernel
def publish_band(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """BAND, if the band is another than the last one published."""
    if m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND_MOVED == ZERO:
        return
    m[instrument + INSTRUMENT_FLAGS] &= ~FLAG_BAND_MOVED
    lowest = z[instrument + INSTRUMENT_BAND_LOWEST]
    highest = z[instrument + INSTRUMENT_BAND_HIGHEST]
    publish_instrument(m, md, BAND, instrument, lowest, highest, z[instrument + INSTRUMENT_BAND_REFERENCE])


@kernel
def make_buckets(m: Words, instrument: np.uint64) -> None:
    """What a band will need, made when one is asked for: phases change where there is no room for it."""
    if m[instrument + INSTRUMENT_BUCKETS] == NONE:
        m[instrument + INSTRUMENT_BUCKETS] = take_new(m, BUCKET_WORDS)
        attention_of(m, instrument)


@kernel
def begin_band(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """A band begins, if the instrument is to have one and there is a reference."""
    reference = dynamic_reference(z, instrument)
    if m[instrument + INSTRUMENT_BAND_TIER] == ZERO or reference == NO_PRICE:
        return
    m[instrument + INSTRUMENT_BUCKET] = m[TIME_NS] // BUCKET_NS
    empty_buckets(m, instrument, BUCKETS)
    place_band(m, z, instrument, reference)
    publish_band(m, z, md, instrument)


@kernel
def end_band(m: Words, instrument: np.uint64) -> None:
    """No band holds any longer."""
    m[instrument + INSTRUMENT_FLAGS] &= ~(FLAG_BAND | FLAG_BAND_MOVED)


@kernel
def attend_band(m: Words, instrument: np.uint64) -> None:
    """The end of each command is looked at as long as a band holds or a limit state lasts."""
    wanted = has_band(m, instrument) or m[instrument + INSTRUMENT_PHASE] == LIMIT_STATE
    cared = m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND_CARE != ZERO
    if wanted and not cared:
        m[instrument + INSTRUMENT_FLAGS] |= FLAG_BAND_CARE
        care_for(m, instrument)
    elif cared and not wanted:
        m[instrument + INSTRUMENT_FLAGS] &= ~FLAG_BAND_CARE
        m[instrument + INSTRUMENT_ATTENDED] -= ONE


@kernel
def empty_buckets(m: Words, instrument: np.uint64, count: np.uint64) -> None:
    """Empties the present bucket and those before it, `count` in all."""
    buckets = m[instrument + INSTRUMENT_BUCKETS]
    number = m[instrument + INSTRUMENT_BUCKET]
    while count != ZERO:
        m[buckets + number % BUCKETS] = ZERO
        m[buckets + BUCKETS + number % BUCKETS] = ZERO
        number = number - ONE
        count = count - ONE


@kernel
def mean_price(m: Words, z: Signed, instrument: np.uint64) -> np.int64:
    """The mean of all prices in the buckets, rounded down; NO_PRICE if there are none."""
    buckets = m[instrument + INSTRUMENT_BUCKETS]
    total = np.int64(0)
    count = np.int64(0)
    number = ZERO
    while number < BUCKETS:
        total = total + z[buckets + number]
        count = count + z[buckets + BUCKETS + number]
        number = number + ONE
    return total // count if count != 0 else NO_PRICE


@cold
def count_in_band(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> None:
    """A trade counts for the reference; the first of a new bucket may move the band."""
    number = m[TIME_NS] // BUCKET_NS
    before = m[instrument + INSTRUMENT_BUCKET]
    if number > before:
        mean = mean_price(m, z, instrument)
        m[instrument + INSTRUMENT_BUCKET] = number
        empty_buckets(m, instrument, min(number - before, BUCKETS))
        reference = z[instrument + INSTRUMENT_BAND_REFERENCE]
        moved = mean != NO_PRICE and abs(mean - reference) > span(reference, _MOVE_PPM)
        if moved and m[instrument + INSTRUMENT_PHASE] == CONTINUOUS:
            place_band(m, z, instrument, mean)
    place = m[instrument + INSTRUMENT_BUCKETS] + number % BUCKETS
    z[place] += price
    m[place + BUCKETS] += ONE
