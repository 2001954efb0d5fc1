"""Cancelling what waits in an instrument: at the end of its day, when it is delisted, when its ticks change.

Rules: triggered stops in their order, buy stops, sell stops, parked pegs, held children. Links are settled afterwards.
"""

import numpy as np

from server.engine.attended import attention_of, first_of, next_in_list, stop_book_of
from server.engine.auction_orders import market_queue, waiting_queue
from server.engine.book import best_level, first_order, next_level, next_order
from server.engine.cancelling import cancel
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    BYTE,
    E_TIME_IN_FORCE_SHIFT,
    NONE,
    ORDER_PRICE,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_phases import INSTRUMENT_TICKS
from server.engine.layout_stops import (
    ATTENTION_ENTERING,
    ATTENTION_HELD,
    ATTENTION_MATCHES,
    ATTENTION_PEGS,
    EXTENSION_STOP_PRICE,
    HELD_PLACE,
    INSTRUMENT_ATTENDED,
    PARKED_PLACE,
    TRIGGERED_PLACE,
)
from server.engine.live_orders import forget
from server.engine.phase_orders import EVERY, cancel_book, cancel_queue
from server.engine.ticks import fits_ticks
from server.engine.vocabulary import BUY, DAY, SELL
from server.engine.vocabulary_orders import PEGGED, STOP, TRAILING_STOP
from server.engine.waiting import is_stop, type_of, where_is

ALL_WAITING = U(0)
WAITING_FOR_DAY = U(1)
OFF_TICKS = U(2)
_UNKNOWN = U(2)


@kernel
def is_off_ticks(m: Words, z: Signed, instrument: np.uint64, order: np.uint64) -> bool:
    """Whether the stop price or the own limit of a waiting order is none that the instrument's table allows."""
    ticks = m[instrument + INSTRUMENT_TICKS]
    kind = type_of(m, order)
    if kind == PEGGED:
        return False
    if is_stop(kind) and not fits_ticks(m, z, ticks, z[extension_of(m, order) + EXTENSION_STOP_PRICE]):
        return True
    return bool(kind != STOP and kind != TRAILING_STOP and not fits_ticks(m, z, ticks, z[order + ORDER_PRICE]))


@kernel
def cancel_one(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    reason: np.uint64,
    which: np.uint64,
    order: np.uint64,
) -> None:
    """Cancels a waiting order if it is one of those that are meant."""
    meant = which == ALL_WAITING
    if which == WAITING_FOR_DAY:
        meant = m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE == DAY
    elif which == OFF_TICKS:
        meant = is_off_ticks(m, z, instrument, order)
    if meant:
        cancel(m, z, ev, md, reason, order)
        forget(m, order)


@kernel
def cancel_list(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    reason: np.uint64,
    which: np.uint64,
    ends: np.uint64,
    where: np.uint64,
) -> None:
    """Cancels of one list of an instrument's attention those that wait in this place."""
    order = first_of(m, ends)
    while order != NONE:
        after = next_in_list(m, order)
        if where_is(m, order) == where:
            cancel_one(m, z, ev, md, instrument, reason, which, order)
        order = after


@kernel
def cancel_stops(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    reason: np.uint64,
    which: np.uint64,
    side: np.uint64,
) -> None:
    """Cancels stops of one stop book, in the order in which they would be triggered."""
    level = best_level(m, stop_book_of(instrument, side))
    while level != NONE:
        further = next_level(m, level)
        order = first_order(m, level)
        while order != NONE:
            younger = next_order(m, order)
            cancel_one(m, z, ev, md, instrument, reason, which, order)
            order = younger
        level = further


@cold
def cancel_waiting(
    m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, reason: np.uint64, which: np.uint64
) -> None:
    """Cancels what waits in an instrument and is meant."""
    if m[instrument + INSTRUMENT_ATTENDED] == ZERO:
        return
    attention = attention_of(m, instrument)
    m[attention + ATTENTION_MATCHES] = _UNKNOWN  # another grid moves pegs too
    cancel_list(m, z, ev, md, instrument, reason, which, attention + ATTENTION_ENTERING, TRIGGERED_PLACE)
    cancel_stops(m, z, ev, md, instrument, reason, which, BUY)
    cancel_stops(m, z, ev, md, instrument, reason, which, SELL)
    cancel_list(m, z, ev, md, instrument, reason, which, attention + ATTENTION_PEGS, PARKED_PLACE)
    cancel_list(m, z, ev, md, instrument, reason, which, attention + ATTENTION_HELD, HELD_PLACE)


@cold
def cancel_all(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, reason: np.uint64) -> None:
    """Cancels every order of an instrument: those of its book, its market orders, the waiting ones."""
    cancel_book(m, z, ev, md, instrument, reason, EVERY)
    cancel_queue(m, z, ev, md, market_queue(instrument, BUY), reason)
    cancel_queue(m, z, ev, md, market_queue(instrument, SELL), reason)
    cancel_queue(m, z, ev, md, waiting_queue(instrument), reason)
    cancel_waiting(m, z, ev, md, instrument, reason, ALL_WAITING)
