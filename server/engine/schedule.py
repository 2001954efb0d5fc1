"""The schedule of an instrument: SET_SCHEDULE, what an entry does when it is due, and how a call ends by itself.

Rules: the rule book, chapter 13.8. An operator's phases end calls at once; those of a schedule after a random time,
and after extensions where the price or market orders ask for one.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.auction import equilibrium, is_crossed, market_quantity
from server.engine.draws import draw
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import BYTE, INSTRUMENT_PHASE, LOW, NONE, ONE, TIME_NS, ZERO
from server.engine.layout_orders import TIMER_CALL_END, TIMER_SCHEDULE
from server.engine.layout_phases import (
    INSTRUMENT_EXTENDED,
    INSTRUMENT_EXTENSION_MS,
    INSTRUMENT_EXTENSIONS,
    INSTRUMENT_EXTENSIONS_MAX,
    INSTRUMENT_PHASE_TIMER,
    INSTRUMENT_SCHEDULED,
    INSTRUMENT_TARGET,
    PENDING_DUE,
    PENDING_INSTRUMENT,
    PENDING_PHASE,
    S_APPROVER_PHASE,
    S_DUE,
    S_PHASE_SHIFT,
)
from server.engine.pending import forget_all, is_full, is_taken, let_wait, take_first
from server.engine.phase_table import ENDS_AUCTION, NOT_SCHEDULED_FROM, SCHEDULED, among, collects, may_follow
from server.engine.phases import MILLISECOND, announce_phase, enter_by_rule
from server.engine.refusal import refused
from server.engine.registry import id_of, user_of
from server.engine.rules import instrument_named, setting_changed
from server.engine.timers import cancel_timer, set_timer
from server.engine.vocabulary import BUY, CONTINUOUS, INVALID_DEFINITION, NO_REASON, SELL, UNKNOWN_INSTRUMENT
from server.engine.vocabulary_phases import (
    BY_CALL_END,
    BY_EXTENDED_CALL,
    BY_MARKET_ORDER_EXTENSION,
    BY_PAUSE,
    BY_PAUSE_END,
    BY_PRICE_EXTENSION,
    BY_SCHEDULE,
    DELISTED,
    EXTENDED_CALL,
    PAUSED,
    SET_SCHEDULE,
    VOLATILITY_CALL,
)
from server.engine.volatility import price_range


@kernel
def fault_in_entry(m: Words, c: Words, b: np.uint64, instrument: np.uint64) -> np.int64:
    """Which number of a SET_SCHEDULE does not fit (1 to 3), or 0."""
    phase = c[b + S_APPROVER_PHASE] >> S_PHASE_SHIFT & BYTE
    due = np.int64(c[b + S_DUE])
    chain = instrument + INSTRUMENT_SCHEDULED
    if phase > DELISTED or not among(SCHEDULED, phase):
        return np.int64(1)
    if due == 0:
        return np.int64(0)
    if due <= np.int64(m[TIME_NS]) or is_taken(m, chain, U(due)):
        return np.int64(2)
    return np.int64(3) if is_full(m, chain) else np.int64(0)


@kernel
def set_schedule(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_SCHEDULE. Returns the reason for which it is refused, or 0."""
    instrument = instrument_named(m, c, b)
    if instrument == NONE:
        return UNKNOWN_INSTRUMENT
    reason = check_approval(m, c, b, c[b + S_APPROVER_PHASE] & LOW, False)
    if reason != NO_REASON:
        return reason
    fault = fault_in_entry(m, c, b, instrument)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(id_of(m, instrument)), fault)
    setting_changed(m, ev, c, b, SET_SCHEDULE, c[b + S_DUE])
    chain = instrument + INSTRUMENT_SCHEDULED
    if c[b + S_DUE] == ZERO:
        forget_all(m, chain)
    else:
        row = let_wait(m, chain, TIMER_SCHEDULE, instrument, c[b + S_DUE])
        m[row + PENDING_PHASE] = c[b + S_APPROVER_PHASE] >> S_PHASE_SHIFT & BYTE
    return NO_REASON


@kernel
def keep_schedule(m: Words, z: Signed, ev: Words, md: Words, pending: np.uint64) -> None:
    """An entry of a schedule is due."""
    instrument = m[pending + PENDING_INSTRUMENT]
    due = m[pending + PENDING_DUE]
    asked = m[pending + PENDING_PHASE]
    take_first(m, instrument + INSTRUMENT_SCHEDULED)
    phase = m[instrument + INSTRUMENT_PHASE]
    if among(NOT_SCHEDULED_FROM, phase) or not may_follow(phase, asked):
        return
    if phase == VOLATILITY_CALL and asked == CONTINUOUS:
        return
    if collects(phase) and among(ENDS_AUCTION, asked):
        end_call_at(m, instrument, asked, due + draw(m, instrument))
    else:
        enter_by_rule(m, z, ev, md, instrument, asked, BY_SCHEDULE)


@kernel
def end_call_at(m: Words, instrument: np.uint64, target: np.uint64, due: np.uint64) -> None:
    """The call of an instrument is to end at a time, with this phase after it."""
    timer = m[instrument + INSTRUMENT_PHASE_TIMER]
    if timer != NONE:
        cancel_timer(m, timer)
    m[instrument + INSTRUMENT_TARGET] = target
    m[instrument + INSTRUMENT_PHASE_TIMER] = set_timer(m, TIMER_CALL_END, id_of(m, instrument), instrument, due)


@kernel
def end_call(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, due: np.uint64) -> None:
    """The time of a call is over: it is prolonged, handed to an operator, or ends with its auction."""
    m[instrument + INSTRUMENT_PHASE_TIMER] = NONE
    volume = np.int64(0)
    outside = False
    if is_crossed(m, z, instrument):
        price, volume, _ = equilibrium(m, z, instrument)
        lowest, highest = price_range(z, instrument, np.int64(2))
        outside = bool(price < lowest or price > highest)
    may_extend = m[instrument + INSTRUMENT_EXTENSION_MS] != ZERO
    if outside:
        if may_extend and m[instrument + INSTRUMENT_EXTENSIONS] < m[instrument + INSTRUMENT_EXTENSIONS_MAX]:
            m[instrument + INSTRUMENT_EXTENSIONS] += ONE
            extend_call(m, z, ev, md, instrument, due, BY_PRICE_EXTENSION)
        else:
            enter_by_rule(m, z, ev, md, instrument, EXTENDED_CALL, BY_EXTENDED_CALL)
        return
    left = max(market_quantity(z, instrument, BUY), market_quantity(z, instrument, SELL)) > volume
    if left and may_extend and m[instrument + INSTRUMENT_EXTENDED] == ZERO:
        m[instrument + INSTRUMENT_EXTENDED] = ONE
        extend_call(m, z, ev, md, instrument, due, BY_MARKET_ORDER_EXTENSION)
        return
    enter_by_rule(m, z, ev, md, instrument, m[instrument + INSTRUMENT_TARGET], BY_CALL_END)


@kernel
def extend_call(
    m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, due: np.uint64, cause: np.int64
) -> None:
    """The call goes on for an extension from the time at which it should have ended."""
    announce_phase(m, z, ev, md, instrument, user_of(m, ZERO), ZERO, cause)
    later = due + m[instrument + INSTRUMENT_EXTENSION_MS] * MILLISECOND
    end_call_at(m, instrument, m[instrument + INSTRUMENT_TARGET], later)


@kernel
def end_limit_state(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """The best price has stayed at the band's edge for too long."""
    m[instrument + INSTRUMENT_PHASE_TIMER] = NONE
    enter_by_rule(m, z, ev, md, instrument, PAUSED, BY_PAUSE)


@kernel
def end_pause(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """A trading pause ends with a call."""
    m[instrument + INSTRUMENT_PHASE_TIMER] = NONE
    enter_by_rule(m, z, ev, md, instrument, VOLATILITY_CALL, BY_PAUSE_END)
