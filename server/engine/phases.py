"""Market phases: SET_PHASE, and everything that entering a phase does to an instrument.

Rules: the steps of the rule book, chapter 13.3, in its order; a rule of the exchange enters a phase by the same steps
as an operator, as user 0.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.attended import finish
from server.engine.auction import equilibrium, is_crossed
from server.engine.auction_orders import waiting_queue
from server.engine.bands import attend_band, begin_band, end_band
from server.engine.bits import high, low
from server.engine.checks import side_in
from server.engine.draws import draw
from server.engine.events import begin, clear
from server.engine.indicative import find_next_due, schedule
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_PRICE,
    C_QUANTITY,
    C_SESSION_USER,
    COMMAND_USER,
    E_INSTRUMENT_SESSION,
    E_PHASE_SHIFT,
    E_PRICE,
    E_TERMS,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    FIRST_INSTRUMENT,
    HALF,
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
    ONE,
    TIME_NS,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import INSTRUMENT_DAY_TRADES
from server.engine.layout_orders import TIMER_CALL_END, TIMER_LIMIT_STATE, TIMER_PAUSE
from server.engine.layout_phases import (
    INSTRUMENT_EXTENDED,
    INSTRUMENT_EXTENSIONS,
    INSTRUMENT_LIMIT_STATE_MS,
    INSTRUMENT_PAUSE_MS,
    INSTRUMENT_PHASE_TIMER,
    INSTRUMENT_TARGET,
    INSTRUMENT_VOLATILITY_MS,
    INTERRUPTED,
)
from server.engine.market_data import publish_instrument
from server.engine.phase_orders import FOR_DAY, admit_waiting, cancel_book, cancel_queue, end_auction
from server.engine.phase_table import ENDS_AUCTION, among, collects, may_follow
from server.engine.refusal import refused
from server.engine.registry import find_instrument, id_of, user_of
from server.engine.timers import cancel_timer, set_timer
from server.engine.vocabulary import (
    CLOSED,
    CONTINUOUS,
    END_OF_DAY,
    INDICATIVE,
    NO_REASON,
    PHASE_CHANGED,
    PHASE_FORBIDS,
    STATUS,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_phases import (
    BY_INTERRUPTION,
    CANCELED_DELISTED,
    DELISTED,
    EXTENDED_CALL,
    INVALID_TRANSITION,
    LIMIT_STATE,
    PAUSED,
    VOLATILITY_CALL,
)
from server.engine.waiting_cancels import WAITING_FOR_DAY, cancel_all, cancel_waiting

MILLISECOND = U(1_000_000)


@inline
def phase_asked(c: Words, b: np.uint64) -> np.uint64:
    """The phase that a SET_PHASE asks for."""
    return side_in(c, b)


@kernel
def check_change(m: Words, c: Words, b: np.uint64, instrument: np.uint64) -> np.uint64:
    """Whether SET_PHASE may change the phase of an instrument: the transition, then the approver."""
    phase = m[instrument + INSTRUMENT_PHASE]
    asked = phase_asked(c, b)
    if not may_follow(phase, asked):
        return refused(m, INVALID_TRANSITION, np.int64(phase), np.int64(asked))
    return check_approval(m, c, b, low(c[b + C_ALGORITHM_TERMS]), bool(phase == EXTENDED_CALL))


@kernel
def set_phase(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_PHASE of one instrument, or of all. Returns the reason for which it is refused, or 0."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    named = NONE
    if instrument_id != ZERO:
        named = find_instrument(m, instrument_id)
        if named == NONE:
            return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    if phase_asked(c, b) > DELISTED:
        return refused(m, PHASE_FORBIDS, np.int64(phase_asked(c, b)), np.int64(0))
    if named != NONE:
        reason = check_change(m, c, b, named)
    else:
        reason = check_approval(m, c, b, low(c[b + C_ALGORITHM_TERMS]), False)
    if reason != NO_REASON:
        return reason
    if named != NONE:
        price = np.int64(c[b + C_PRICE])
        if price != NO_PRICE:
            z[named + INSTRUMENT_REFERENCE] = price
        enter_as_asked(m, z, ev, md, c, b, named)
    else:
        instrument = m[FIRST_INSTRUMENT]
        while instrument != NONE:
            if check_change(m, c, b, instrument) == NO_REASON:
                enter_as_asked(m, z, ev, md, c, b, instrument)
            instrument = m[instrument + INSTRUMENT_NEXT]
    find_next_due(m)
    return NO_REASON


@kernel
def enter_as_asked(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, instrument: np.uint64) -> None:
    """An instrument enters the phase that a SET_PHASE asks for; its quantity is the operator's reason."""
    cause = max(np.int64(c[b + C_QUANTITY]), np.int64(0))
    session = low(c[b + C_SESSION_USER])
    enter_phase(m, z, ev, md, instrument, phase_asked(c, b), m[COMMAND_USER], session, cause)


@kernel
def enter_by_rule(
    m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, phase: np.uint64, cause: np.int64
) -> None:
    """An instrument enters a phase because a rule of the exchange says so."""
    enter_phase(m, z, ev, md, instrument, phase, user_of(m, ZERO), ZERO, cause)
    find_next_due(m)


@kernel
def interrupt(m: Words, z: Signed, ev: Words, md: Words) -> None:
    """The volatility interruption that an incoming order has caused: the call begins."""
    instrument = m[INTERRUPTED]
    m[INTERRUPTED] = NONE
    enter_by_rule(m, z, ev, md, instrument, VOLATILITY_CALL, BY_INTERRUPTION)


@kernel
def enter_phase(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    phase: np.uint64,
    user: np.uint64,
    session: np.uint64,
    cause: np.int64,
) -> None:
    """Everything that a phase does to an instrument when it begins; `user`: the row of whose event it is."""
    before = m[instrument + INSTRUMENT_PHASE]
    if before == CLOSED and phase != CLOSED:
        begin_day(m, z, instrument)
    forget_call(m, instrument)
    m[instrument + INSTRUMENT_PHASE] = phase
    resumed = phase == CONTINUOUS and before == LIMIT_STATE
    if phase != LIMIT_STATE and not resumed:
        end_band(m, instrument)
    announce_phase(m, z, ev, md, instrument, user, session, cause)
    if among(ENDS_AUCTION, phase) and not resumed:
        end_auction(m, z, ev, md, instrument)
    if collects(phase):
        admit_waiting(m, z, md, instrument)
        schedule(m, instrument)
    else:
        m[instrument + INSTRUMENT_DUE] = ZERO
    set_phase_timer(m, instrument, phase)
    if phase == CONTINUOUS and not resumed:
        begin_band(m, z, md, instrument)
    attend_band(m, instrument)
    if phase == CLOSED:
        cancel_book(m, z, ev, md, instrument, END_OF_DAY, FOR_DAY)
        cancel_queue(m, z, ev, md, waiting_queue(instrument), END_OF_DAY)
        cancel_waiting(m, z, ev, md, instrument, END_OF_DAY, WAITING_FOR_DAY)
    elif phase == DELISTED:
        cancel_all(m, z, ev, md, instrument, CANCELED_DELISTED)
    finish(m, z, md, instrument)


@kernel
def announce_phase(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    user: np.uint64,
    session: np.uint64,
    cause: np.int64,
) -> None:
    """PHASE_CHANGED and STATUS: the phase that the instrument has, and why."""
    e = begin(m, ev, PHASE_CHANGED, ZERO, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = low(id_of(m, user))
    ev[e + E_INSTRUMENT_SESSION] = id_of(m, instrument) | session << HALF
    ev[e + E_TERMS] = m[instrument + INSTRUMENT_PHASE] << E_PHASE_SHIFT
    ev[e + E_PRICE] = m[instrument + INSTRUMENT_REFERENCE]
    ev[e + E_VALUE] = U(cause)
    publish_instrument(m, md, STATUS, instrument, z[instrument + INSTRUMENT_REFERENCE], cause, np.int64(0))


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
    m[instrument + INSTRUMENT_DAY_TRADES] = m[TRADE_IDS]


@kernel
def forget_call(m: Words, instrument: np.uint64) -> None:
    """What was to end the present phase, and how it was prolonged, counts no longer."""
    timer = m[instrument + INSTRUMENT_PHASE_TIMER]
    if timer != NONE:
        cancel_timer(m, timer)
        m[instrument + INSTRUMENT_PHASE_TIMER] = NONE
    m[instrument + INSTRUMENT_TARGET] = CLOSED
    m[instrument + INSTRUMENT_EXTENSIONS] = ZERO
    m[instrument + INSTRUMENT_EXTENDED] = ZERO


@kernel
def set_phase_timer(m: Words, instrument: np.uint64, phase: np.uint64) -> None:
    """The phases that end by themselves are told when."""
    if phase == VOLATILITY_CALL:
        milliseconds = m[instrument + INSTRUMENT_VOLATILITY_MS]
        kind = TIMER_CALL_END
    elif phase == LIMIT_STATE:
        milliseconds = m[instrument + INSTRUMENT_LIMIT_STATE_MS]
        kind = TIMER_LIMIT_STATE
    elif phase == PAUSED:
        milliseconds = m[instrument + INSTRUMENT_PAUSE_MS]
        kind = TIMER_PAUSE
    else:
        return
    if milliseconds == ZERO:
        return
    due = m[TIME_NS] + milliseconds * MILLISECOND
    if phase == VOLATILITY_CALL:
        m[instrument + INSTRUMENT_TARGET] = CONTINUOUS
        due = due + draw(m, instrument)
    m[instrument + INSTRUMENT_PHASE_TIMER] = set_timer(m, kind, id_of(m, instrument), instrument, due)


@kernel
def publish_indicatives(m: Words, z: Signed, md: Words) -> None:
    """Writes the indicatives that are due, by ascending instrument."""
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        due = m[instrument + INSTRUMENT_DUE]
        if due != ZERO and due <= m[TIME_NS]:
            m[instrument + INSTRUMENT_DUE] = ZERO
            if is_crossed(m, z, instrument):
                price, volume, surplus = equilibrium(m, z, instrument)
                publish_instrument(m, md, INDICATIVE, instrument, price, volume, surplus)
            else:
                publish_instrument(m, md, INDICATIVE, instrument, NO_PRICE, np.int64(0), np.int64(0))
        instrument = m[instrument + INSTRUMENT_NEXT]
    find_next_due(m)
