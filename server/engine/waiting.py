"""Orders that live without a place in the book: where each waits, how it leaves, and what triggers a stop.

Rules: a stop that was triggered stays so; where an order waits says its extension. Nothing here is in market data.
"""

import numpy as np

from server.engine.attended import append, attend, attention_of, next_in_list, take_out
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    BYTE,
    E_TYPE_SHIFT,
    INSTRUMENT_LAST,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_TERMS,
)
from server.engine.layout_stops import (
    ATTENTION_ENTERING,
    ATTENTION_HELD,
    ATTENTION_MATCHES,
    ATTENTION_PEG,
    ATTENTION_PEGS,
    ATTENTION_TRAILING,
    EXTENSION_LINK,
    EXTENSION_WHERE,
    HELD_PLACE,
    IN_BOOK,
    INSTRUMENT_ATTENDED,
    PARKED_PLACE,
    STOP_PLACE,
    TRIGGERED_PLACE,
)
from server.engine.links import part_from_link
from server.engine.registry import instrument_of, position_row_of
from server.engine.stop_book import dequeue_stop, enqueue_stop
from server.engine.vocabulary_orders import PEGGED, STOP, TRAILING_STOP

_UNKNOWN = U(2)


@inline
def type_of(m: Words, order: np.uint64) -> np.uint64:
    """The type with which an order came."""
    return m[order + ORDER_TERMS] >> E_TYPE_SHIFT & BYTE


@inline
def is_stop(kind: np.uint64) -> bool:
    """Whether orders of this type wait for a trade: STOP, STOP_LIMIT and TRAILING_STOP."""
    return bool(kind - STOP <= TRAILING_STOP - STOP)


@inline
def where_is(m: Words, order: np.uint64) -> np.uint64:
    """Where an order waits, or IN_BOOK."""
    extension = extension_of(m, order)
    return IN_BOOK if extension == NONE else m[extension + EXTENSION_WHERE]


@inline
def attention_for(m: Words, order: np.uint64) -> np.uint64:
    """The row of the attention of an order's instrument."""
    return attention_of(m, instrument_of(m, position_row_of(m, order)))


@kernel
def wait(m: Words, z: Signed, order: np.uint64, where: np.uint64) -> None:
    """An order just accepted begins to wait."""
    instrument = instrument_of(m, position_row_of(m, order))
    attention = attention_of(m, instrument)
    m[extension_of(m, order) + EXTENSION_WHERE] = where
    if where == STOP_PLACE:
        wait_for_trade(m, z, order)
    elif where == PARKED_PLACE:
        append(m, attention + ATTENTION_PEGS, order)
        m[attention + ATTENTION_MATCHES] = _UNKNOWN
    elif where == HELD_PLACE:
        append(m, attention + ATTENTION_HELD, order)
    attend(m, instrument)


@kernel
def wait_for_trade(m: Words, z: Signed, order: np.uint64) -> None:
    """A stop takes its place in the stop book."""
    m[extension_of(m, order) + EXTENSION_WHERE] = STOP_PLACE
    enqueue_stop(m, z, order)
    if type_of(m, order) == TRAILING_STOP:
        append(m, attention_for(m, order) + ATTENTION_TRAILING, order)


@kernel
def stop_waiting(m: Words, order: np.uint64) -> None:
    """An order leaves the place where it waits; if it ends, `part` follows."""
    extension = extension_of(m, order)
    where = m[extension + EXTENSION_WHERE]
    attention = attention_for(m, order)
    m[extension + EXTENSION_WHERE] = IN_BOOK
    if where == STOP_PLACE:
        dequeue_stop(m, order)
        if type_of(m, order) == TRAILING_STOP:
            take_out(m, attention + ATTENTION_TRAILING, order)
    elif where == TRIGGERED_PLACE:
        take_out(m, attention + ATTENTION_ENTERING, order)
    elif where == HELD_PLACE:
        take_out(m, attention + ATTENTION_HELD, order)


@inline
def no_longer_stop(m: Words, order: np.uint64) -> None:
    """A stop that waited has entered, or has ended before."""
    m[instrument_of(m, position_row_of(m, order)) + INSTRUMENT_ATTENDED] -= ONE


@cold
def end_wait(m: Words, order: np.uint64) -> None:
    """An order that waits is cancelled: it waits no more."""
    stop_waiting(m, order)
    if is_stop(type_of(m, order)):
        no_longer_stop(m, order)


@cold
def part(m: Words, order: np.uint64) -> None:
    """An order with an extension ends: what knows it forgets it."""
    if m[extension_of(m, order) + EXTENSION_LINK] != NONE:
        part_from_link(m, order)
    if type_of(m, order) == PEGGED:
        instrument = instrument_of(m, position_row_of(m, order))
        attention = attention_of(m, instrument)
        if m[attention + ATTENTION_PEG] == order:
            m[attention + ATTENTION_PEG] = next_in_list(m, order)
        take_out(m, attention + ATTENTION_PEGS, order)
        m[instrument + INSTRUMENT_ATTENDED] -= ONE


@inline
def has_last(z: Signed, instrument: np.uint64) -> bool:
    """Whether there was a trade today."""
    return bool(z[instrument + INSTRUMENT_LAST] != NO_PRICE)
