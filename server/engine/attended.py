"""Instruments that need attention at the end of a command: where it begins, and the lists of what waits there.

Rules: an instrument with nothing of the rule book's chapter 12 costs one test of a word, and writes its TOP at once;
the work of the others is done after all else of the command, by ascending instrument (`cascade`).
"""

import numpy as np

from server.engine.bits import halves, high, low, set_high, set_low
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    BOOK_INSTRUMENT,
    BOOK_SIDE,
    BOOK_WORDS,
    NO_PRICE,
    NONE,
    ONE,
    ZERO,
)
from server.engine.layout_stops import (
    ATTENTION_HIGHEST,
    ATTENTION_IS_LISTED,
    ATTENTION_LOWEST,
    ATTENTION_NEXT,
    ATTENTION_WORDS,
    EXTENSION_NEIGHBOURS,
    FIRST_ATTENDED,
    INSTRUMENT_ATTENDED,
    INSTRUMENT_ATTENTION,
    INSTRUMENT_STOPS,
)
from server.engine.market_data import publish_top
from server.engine.memory import take_new
from server.engine.registry import id_of
from server.engine.vocabulary import BUY, SELL


@inline
def finish(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """The end of a command for an instrument: its TOP now, or after the work that waits for it."""
    if m[instrument + INSTRUMENT_ATTENDED] == ZERO:
        publish_top(m, z, md, instrument)
    else:
        attend(m, instrument)


@cold
def attend(m: Words, instrument: np.uint64) -> None:
    """Puts an instrument on the list of those whose end of the command is still to be done."""
    attention = attention_of(m, instrument)
    if m[attention + ATTENTION_IS_LISTED] != ZERO:
        return
    m[attention + ATTENTION_IS_LISTED] = ONE
    before = NONE
    after = m[FIRST_ATTENDED]
    while after != NONE and id_of(m, after) < id_of(m, instrument):
        before = after
        after = m[attention_of(m, after) + ATTENTION_NEXT]
    m[attention + ATTENTION_NEXT] = after
    if before == NONE:
        m[FIRST_ATTENDED] = instrument
    else:
        m[attention_of(m, before) + ATTENTION_NEXT] = instrument


@kernel
def attention_of(m: Words, instrument: np.uint64) -> np.uint64:
    """The row of an instrument's attention, made with its stop books if there is none."""
    attention = m[instrument + INSTRUMENT_ATTENTION]
    if attention == NONE:
        attention = take_new(m, ATTENTION_WORDS)
        m[instrument + INSTRUMENT_ATTENTION] = attention
        m[attention + ATTENTION_LOWEST] = U(NO_PRICE)
        m[attention + ATTENTION_HIGHEST] = U(NO_PRICE)
        m[stop_book_of(instrument, BUY) + BOOK_SIDE] = SELL  # a stop book is ranked as the other side of the book is
        m[stop_book_of(instrument, BUY) + BOOK_INSTRUMENT] = instrument
        m[stop_book_of(instrument, SELL) + BOOK_SIDE] = BUY
        m[stop_book_of(instrument, SELL) + BOOK_INSTRUMENT] = instrument
    return attention


@inline
def stop_book_of(instrument: np.uint64, side: np.uint64) -> np.uint64:
    """The row of the stop book of a side: the stop that is triggered first is its best."""
    return U(instrument + INSTRUMENT_STOPS + side * BOOK_WORDS)


@kernel
def care_for(m: Words, instrument: np.uint64) -> None:
    """One more order of an instrument needs attention; trades before the first one do not count for it."""
    if m[instrument + INSTRUMENT_ATTENDED] == ZERO:
        attention = attention_of(m, instrument)
        m[attention + ATTENTION_LOWEST] = U(NO_PRICE)
        m[attention + ATTENTION_HIGHEST] = U(NO_PRICE)
    m[instrument + INSTRUMENT_ATTENDED] += ONE


@cold
def note_trade(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> None:
    """A trade price that the next look at the stops sees."""
    attention = attention_of(m, instrument)
    if z[attention + ATTENTION_LOWEST] == NO_PRICE:
        z[attention + ATTENTION_LOWEST] = price
        z[attention + ATTENTION_HIGHEST] = price
    z[attention + ATTENTION_LOWEST] = min(z[attention + ATTENTION_LOWEST], price)
    z[attention + ATTENTION_HIGHEST] = max(z[attention + ATTENTION_HIGHEST], price)


@inline
def first_of(m: Words, ends: np.uint64) -> np.uint64:
    """The first order of a list whose ends are in this word, or none."""
    return low(m[ends])


@inline
def next_in_list(m: Words, order: np.uint64) -> np.uint64:
    """The next order of the same list, or none."""
    return low(m[extension_of(m, order) + EXTENSION_NEIGHBOURS])


@kernel
def append(m: Words, ends: np.uint64, order: np.uint64) -> None:
    """Puts an order at the end of a list."""
    last = high(m[ends])
    m[extension_of(m, order) + EXTENSION_NEIGHBOURS] = halves(NONE, last)
    if last == NONE:
        m[ends] = halves(order, order)
    else:
        set_low(m, extension_of(m, last) + EXTENSION_NEIGHBOURS, order)
        set_high(m, ends, order)


@kernel
def take_out(m: Words, ends: np.uint64, order: np.uint64) -> None:
    """Takes an order out of its list."""
    links = m[extension_of(m, order) + EXTENSION_NEIGHBOURS]
    after = low(links)
    before = high(links)
    if after == NONE:
        set_high(m, ends, before)
    else:
        set_high(m, extension_of(m, after) + EXTENSION_NEIGHBOURS, before)
    if before == NONE:
        set_low(m, ends, after)
    else:
        set_low(m, extension_of(m, before) + EXTENSION_NEIGHBOURS, after)
