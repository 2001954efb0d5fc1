"""END_DAY: closing prices, what each position made of the day, traded values and day counters that begin anew.

Rules: a day ends once. A position without a closing price keeps its mark and is not told of.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.balances import next_position_of_instrument, sort_positions
from server.engine.bits import halves, low
from server.engine.corporate_actions import is_of_house
from server.engine.events import begin, command_event, describe_position
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import (
    C_SESSION_USER,
    COMMAND_USER,
    E_INSTRUMENT_SESSION,
    E_LIMIT,
    E_PRICE,
    E_QUANTITY,
    E_VALUE,
    FIRST_INSTRUMENT,
    INDEX_BASE,
    INDEX_MASK,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_LAST,
    INSTRUMENT_NEXT,
    INSTRUMENT_PHASE,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_TOP,
    INSTRUMENT_TRADE_NUMBER,
    KEY_INDEX,
    KIND_ACCOUNT,
    KIND_SHIFT,
    NO_PRICE,
    NONE,
    ONE,
    POSITION_COST,
    POSITION_NET,
    POSITION_REALISED,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_TRADED,
    INSTRUMENT_AUCTION_NUMBER,
    KIND_BALANCE,
    LAST_DAY,
    P_SPARE,
    POSITION_FEES,
    POSITION_INCOME,
    POSITION_MARK,
    POSITION_RESULT,
    X_DENOMINATOR,
    X_NAMES,
    X_NUMERATOR,
)
from server.engine.loss import begin_risk_day
from server.engine.refusal import refused
from server.engine.registry import id_of
from server.engine.vocabulary import CLOSED, INVALID_DEFINITION, NO_REASON, PHASE_FORBIDS
from server.engine.vocabulary_money import (
    ALREADY_DONE,
    DAILY_RESULT,
    DAY_ENDED,
    DELISTED,
    FROM_AUCTION,
    FROM_LAST_TRADE,
    FROM_MIDDLE,
    FROM_NOTHING,
    FROM_OPERATOR,
    FROM_PREVIOUS_CLOSE,
    SUSPENDED,
)

_FIRST_DAY = np.int64(10000101)
_LAST_DAY = np.int64(99991231)
_HUNDRED = np.int64(100)


@kernel
def is_date(day: np.int64) -> bool:
    """Whether a number may be a date, as yyyymmdd."""
    if day < _FIRST_DAY or day > _LAST_DAY:
        return False
    month = day // _HUNDRED % _HUNDRED
    return bool(1 <= month <= 12 and 1 <= day % _HUNDRED <= 31)


@kernel
def check_day(m: Words, z: Signed, c: Words, b: np.uint64) -> np.uint64:
    """Whether a day can end: its dates, that it has not, that nothing trades."""
    day = np.int64(c[b + X_NUMERATOR])
    following = np.int64(c[b + X_DENOMINATOR])
    if not is_date(day):
        return refused(m, INVALID_DEFINITION, day, np.int64(1))
    if not is_date(following):
        return refused(m, INVALID_DEFINITION, day, np.int64(2))
    if following <= day:
        return refused(m, INVALID_DEFINITION, day, np.int64(3))
    if day <= z[LAST_DAY]:
        return refused(m, ALREADY_DONE, day, z[LAST_DAY])
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        phase = m[instrument + INSTRUMENT_PHASE]
        if phase != CLOSED and phase != SUSPENDED and phase != DELISTED:
            return refused(m, PHASE_FORBIDS, np.int64(phase), np.int64(id_of(m, instrument)))
        instrument = m[instrument + INSTRUMENT_NEXT]
    return NO_REASON


@kernel
def closing_price(m: Words, z: Signed, instrument: np.uint64) -> tuple[np.int64, np.uint64]:
    """An instrument's closing price, and where it came from."""
    last = z[instrument + INSTRUMENT_LAST]
    bid = z[instrument + INSTRUMENT_TOP]
    ask = z[instrument + INSTRUMENT_TOP + U(2)]
    if last != NO_PRICE:
        newest = halves(m[instrument + INSTRUMENT_TRADE_NUMBER], ONE)
        return last, FROM_AUCTION if m[instrument + INSTRUMENT_AUCTION_NUMBER] == newest else FROM_LAST_TRADE
    if m[instrument + INSTRUMENT_TOP + U(4)] != ZERO and bid != NO_PRICE and ask != NO_PRICE:
        return bid + (ask - bid) // np.int64(2), FROM_MIDDLE
    if z[instrument + INSTRUMENT_PREVIOUS_CLOSE] != NO_PRICE:
        return z[instrument + INSTRUMENT_PREVIOUS_CLOSE], FROM_PREVIOUS_CLOSE
    if z[instrument + INSTRUMENT_REFERENCE] != NO_PRICE:
        return z[instrument + INSTRUMENT_REFERENCE], FROM_OPERATOR
    return NO_PRICE, FROM_NOTHING


@kernel
def end_day(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """END_DAY. Returns the reason for which it is refused, or 0."""
    reason = check_approval(m, c, b, low(c[b + X_NAMES]), True)
    if reason == NO_REASON:
        reason = check_day(m, z, c, b)
    if reason != NO_REASON:
        return reason
    day = np.int64(c[b + X_NUMERATOR])
    following = np.int64(c[b + X_DENOMINATOR])
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        end_instrument(m, z, ev, c, b, instrument)
        instrument = m[instrument + INSTRUMENT_NEXT]
    if day // _HUNDRED != following // _HUNDRED:
        begin_month(m)
    begin_risk_day(m, z)
    begin_risk_day(m, z)
    z[LAST_DAY] = day
    e = command_event(m, ev, c, b, DAY_ENDED, ZERO)
    ev[e + E_VALUE] = U(day)
    ev[e + E_LIMIT] = U(following)
    return NO_REASON


@kernel
def end_instrument(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, instrument: np.uint64) -> None:
    """Ends the day of one instrument: its closing price, its positions' results."""
    price, source = closing_price(m, z, instrument)
    e = command_event(m, ev, c, b, DAY_ENDED, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= id_of(m, instrument)
    ev[e + E_PRICE] = U(price)
    ev[e + E_QUANTITY] = source
    ev[e + E_VALUE] = c[b + X_NUMERATOR]
    position = sort_positions(m, instrument) if price != NO_PRICE else NONE
    while position != NONE:
        if not is_of_house(m, position):
            end_position(m, z, ev, c, b, instrument, position, price)
        position = next_position_of_instrument(m, position)


@kernel
def end_position(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
    price: np.int64,
) -> None:
    """Marks one position and tells what it made since the day before; not if it is flat and nothing changed."""
    worth = z[position + POSITION_NET] * price * z[instrument + INSTRUMENT_CASH_SCALE]
    result = z[position + POSITION_REALISED] + worth - z[position + POSITION_COST]
    result = result + z[position + POSITION_INCOME] - z[position + POSITION_FEES]
    change = result - z[position + POSITION_RESULT]
    if z[position + POSITION_NET] == 0 and change == 0:
        return
    z[position + POSITION_MARK] = price
    z[position + POSITION_RESULT] = result
    user = m[COMMAND_USER]
    e = begin(m, ev, DAILY_RESULT, ZERO, user)
    describe_position(m, ev, e, user, position, low(c[b + C_SESSION_USER]))
    ev[e + P_SPARE] = U(change)
    ev[e + P_SPARE + ONE] = U(result)


@kernel
def begin_month(m: Words) -> None:
    """Sets the traded value of every account in every currency to 0."""
    slot = m[KEY_INDEX + INDEX_BASE]
    end = slot + m[KEY_INDEX + INDEX_MASK]
    while slot <= end:
        row = low(m[slot])
        if row != NONE:
            kind = m[row] >> KIND_SHIFT << KIND_SHIFT
            if kind == KIND_ACCOUNT or kind == KIND_BALANCE:
                m[row + ACCOUNT_TRADED] = ZERO
        slot = slot + ONE
