"""Market phases: what setting one does to an instrument, and the indicative price while orders are collected."""

import numpy as np

from server.engine.auction import equilibrium, is_crossed, uncross
from server.engine.bits import high
from server.engine.book import best_level, book_of, first_order, next_level, next_order
from server.engine.checks import collects, side_in
from server.engine.events import command_event
from server.engine.indicative import find_next_due, schedule
from server.engine.kernel import Signed, Words, kernel
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_PRICE,
    E_INSTRUMENT_SESSION,
    E_PHASE_SHIFT,
    E_PRICE,
    E_TERMS,
    E_TIME_IN_FORCE_SHIFT,
    FIRST_INSTRUMENT,
    INSTRUMENT_DUE,
    INSTRUMENT_HIGH,
    INSTRUMENT_LAST,
    INSTRUMENT_LOW,
    INSTRUMENT_NEXT,
    INSTRUMENT_OPEN,
    INSTRUMENT_PHASE,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_TRADES,
    INSTRUMENT_TURNOVER,
    INSTRUMENT_VOLUME,
    NO_PRICE,
    NONE,
    ORDER_TERMS,
    TIME_NS,
    ZERO,
)
from server.engine.live_orders import forget
from server.engine.market_data import publish_instrument, publish_top
from server.engine.orders import cancel
from server.engine.refusal import refused
from server.engine.registry import find_instrument, id_of
from server.engine.vocabulary import (
    BUY,
    CLOSED,
    CONTINUOUS,
    DAY,
    END_OF_DAY,
    HALTED,
    INDICATIVE,
    NO_REASON,
    PHASE_CHANGED,
    PHASE_FORBIDS,
    SELL,
    STATUS,
    UNKNOWN_INSTRUMENT,
)


@kernel
def set_phase(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_PHASE of one instrument, or of all. Returns the reason for which it is refused, or 0."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    phase = side_in(c, b)
    named = NONE
    if instrument_id != ZERO:
        named = find_instrument(m, instrument_id)
        if named == NONE:
            return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    if phase > HALTED:
        return refused(m, PHASE_FORBIDS, np.int64(phase), np.int64(0))
    if named != NONE:
        price = np.int64(c[b + C_PRICE])
        if price != NO_PRICE:
            z[named + INSTRUMENT_REFERENCE] = price
        enter_phase(m, z, ev, md, c, b, named, phase)
    else:
        instrument = m[FIRST_INSTRUMENT]
        while instrument != NONE:
            enter_phase(m, z, ev, md, c, b, instrument, phase)
            instrument = m[instrument + INSTRUMENT_NEXT]
    find_next_due(m)
    return NO_REASON


@kernel
def enter_phase(
    m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, instrument: np.uint64, phase: np.uint64
) -> None:
    """Everything that a phase does to an instrument when it begins."""
    if m[instrument + INSTRUMENT_PHASE] == CLOSED and phase != CLOSED:
        begin_day(m, z, instrument)
    m[instrument + INSTRUMENT_PHASE] = phase
    e = command_event(m, ev, c, b, PHASE_CHANGED, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= id_of(m, instrument)
    ev[e + E_TERMS] = phase << E_PHASE_SHIFT
    ev[e + E_PRICE] = m[instrument + INSTRUMENT_REFERENCE]
    publish_instrument(m, md, STATUS, instrument, z[instrument + INSTRUMENT_REFERENCE], np.int64(0), np.int64(0))
    if (phase == CONTINUOUS or phase == CLOSED) and is_crossed(m, instrument):
        uncross(m, z, ev, md, instrument)
    if collects(phase):
        schedule(m, instrument)
    else:
        m[instrument + INSTRUMENT_DUE] = ZERO
    if phase == CLOSED:
        end_day(m, z, ev, md, book_of(instrument, BUY))
        end_day(m, z, ev, md, book_of(instrument, SELL))
    publish_top(m, z, md, instrument)


@kernel
def begin_day(m: Words, z: Signed, instrument: np.uint64) -> None:
    """The day's statistics start anew."""
    if z[instrument + INSTRUMENT_LAST] != NO_PRICE:
        m[instrument + INSTRUMENT_PREVIOUS_CLOSE] = m[instrument + INSTRUMENT_LAST]
    z[instrument + INSTRUMENT_OPEN] = NO_PRICE
    z[instrument + INSTRUMENT_HIGH] = NO_PRICE
    z[instrument + INSTRUMENT_LOW] = NO_PRICE
    z[instrument + INSTRUMENT_LAST] = NO_PRICE
    m[instrument + INSTRUMENT_VOLUME] = ZERO
    m[instrument + INSTRUMENT_TURNOVER] = ZERO
    m[instrument + INSTRUMENT_TRADES] = ZERO


@kernel
def end_day(m: Words, z: Signed, ev: Words, md: Words, book: np.uint64) -> None:
    """Cancels the DAY orders of one side, best first, oldest first."""
    level = best_level(m, book)
    while level != NONE:
        further = next_level(m, level)
        order = first_order(m, level)
        while order != NONE:
            younger = next_order(m, order)
            if m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE == DAY:
                cancel(m, z, ev, md, END_OF_DAY, order)
                forget(m, order)
            order = younger
        level = further


@kernel
def pass_time(m: Words, z: Signed, md: Words) -> None:
    """TIME: writes the indicatives that are due, by ascending instrument."""
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        due = m[instrument + INSTRUMENT_DUE]
        if due != ZERO and due <= m[TIME_NS]:
            m[instrument + INSTRUMENT_DUE] = ZERO
            if is_crossed(m, instrument):
                price, volume, surplus = equilibrium(m, z, instrument)
                publish_instrument(m, md, INDICATIVE, instrument, price, volume, surplus)
            else:
                publish_instrument(m, md, INDICATIVE, instrument, NO_PRICE, np.int64(0), np.int64(0))
        instrument = m[instrument + INSTRUMENT_NEXT]
    find_next_due(m)
