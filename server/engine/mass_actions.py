"""Cancelling many orders at once: mass cancel with its filters, the kill switch, the dead-man timer.

Rules: by ascending account, in it by ascending order_id; each order gets its CANCELED. Risk never stops a cancel.
"""

import numpy as np

from server.engine.attended import finish
from server.engine.bits import high, low
from server.engine.cancelling import cancel
from server.engine.checks import check_flags, flags_in, side_in
from server.engine.events import begin, clear, command_event
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_LABEL,
    C_PRICE,
    C_QUANTITY,
    C_SESSION_USER,
    COMMAND_USER,
    E_CLIENT_INSTANCE,
    E_COUNTER,
    E_INSTRUMENT_SESSION,
    E_LEAVES,
    E_QUANTITY,
    E_TERMS,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    FIRST_INSTRUMENT,
    HALF,
    INSTRUMENT_NEXT,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_LABEL,
    ORDER_PRICE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import TIMER_DEAD_MAN
from server.engine.layout_risk import ACCOUNT_NEXT, FIRST_ACCOUNT, USER_DEAD_MAN
from server.engine.live_orders import first_order_of, forget, next_order_of
from server.engine.money import side_of
from server.engine.refusal import refused
from server.engine.registry import (
    find_account,
    find_instrument,
    id_of,
    instrument_id_of,
    may_trade,
    position_row_of,
    user_row_of,
)
from server.engine.scope_counts import order_belongs
from server.engine.timers import cancel_timer, set_timer
from server.engine.vocabulary import (
    BOTH_SIDES,
    INVALID_SIDE,
    MASS_CANCELED,
    MASS_CANCELLATION,
    NO_REASON,
    NOT_PERMITTED,
    QUANTITY_NOT_POSITIVE,
    QUANTITY_TOO_LARGE,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_risk import (
    BY_ALGORITHM,
    BY_LABEL,
    DEAD_MAN,
    DEAD_MAN_SET,
    KILL_SWITCH,
    PRICE_RANGE,
)

_DAY_NS = np.int64(86_400_000_000_000)


@kernel
def finish_all(m: Words, z: Signed, md: Words) -> None:
    """The end of a command that may have changed any instrument: the TOP of each."""
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        finish(m, z, md, instrument)
        instrument = m[instrument + INSTRUMENT_NEXT]


@kernel
def check_mass_cancel(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Checks 7 to 13 of a mass cancel."""
    side = side_in(c, b)
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    if side > BOTH_SIDES:
        return refused(m, INVALID_SIDE, np.int64(side), np.int64(0))
    reason = check_flags(m, flags_in(c, b), PRICE_RANGE | BY_LABEL | BY_ALGORITHM)
    if reason != NO_REASON:
        return reason
    if instrument_id != ZERO and find_instrument(m, instrument_id) == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    return check_trader(m, c, b, account_id)


@kernel
def check_trader(m: Words, c: Words, b: np.uint64, account_id: np.uint64) -> np.uint64:
    """Checks 12 and 13 of a command about an account alone."""
    user_id = high(c[b + C_SESSION_USER])
    if find_account(m, account_id) == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if not may_trade(m, user_id, account_id):
        return refused(m, NOT_PERMITTED, np.int64(user_id), np.int64(account_id))
    return NO_REASON


@kernel
def is_meant(m: Words, z: Signed, c: Words, b: np.uint64, order: np.uint64) -> bool:
    """Whether an order of the account passes all filters of a mass cancel."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    side = side_in(c, b)
    flags = flags_in(c, b)
    if instrument_id != ZERO and instrument_id != instrument_id_of(m, position_row_of(m, order)):
        return False
    if side != BOTH_SIDES and side != side_of(m, order):
        return False
    if flags & PRICE_RANGE != ZERO:
        price = z[order + ORDER_PRICE]
        if price == NO_PRICE or price < np.int64(c[b + C_PRICE]) or price > np.int64(c[b + C_QUANTITY]):
            return False
    if flags & BY_LABEL != ZERO:
        if m[order + ORDER_LABEL] != c[b + C_LABEL] or m[order + ORDER_LABEL + ONE] != c[b + C_LABEL + ONE]:
            return False
    algorithm = low(m[order + ORDER_ALGORITHM_LEVEL])
    return bool(flags & BY_ALGORITHM == ZERO or algorithm == low(c[b + C_ALGORITHM_TERMS]))


@cold
def mass_cancel(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """MASS_CANCEL. Returns the reason for which it is refused, or 0."""
    reason = check_mass_cancel(m, c, b)
    if reason != NO_REASON:
        return reason
    names = c[b + C_ACCOUNT_INSTRUMENT]
    count = ZERO
    order = first_order_of(m, find_account(m, low(names)))
    while order != NONE:
        after = next_order_of(m, order)
        if is_meant(m, z, c, b, order):
            cancel(m, z, ev, md, MASS_CANCELLATION, order)
            forget(m, order)
            count = count + ONE
        order = after
    e = answer(m, ev, c, b, MASS_CANCELED)
    ev[e + E_USER_ACCOUNT] |= names << HALF
    ev[e + E_INSTRUMENT_SESSION] |= high(names)
    ev[e + E_TERMS] = side_in(c, b)
    ev[e + E_QUANTITY] = count
    finish_all(m, z, md)
    return NO_REASON


@kernel
def answer(m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """An event that answers a client's command by its key. Returns where it begins."""
    e = command_event(m, ev, c, b, kind, ZERO)
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_COUNTER] = c[b + C_COUNTER]
    return e


@kernel
def cancel_all(
    m: Words, z: Signed, ev: Words, md: Words, scope_row: np.uint64, user: np.uint64, reason: np.uint64
) -> np.uint64:
    """Cancels the orders that count in a scope row, or those of a user's row; returns how many."""
    count = ZERO
    account = m[FIRST_ACCOUNT]
    while account != NONE:
        order = first_order_of(m, account)
        while order != NONE:
            after = next_order_of(m, order)
            meant = order_belongs(m, scope_row, account, order) if scope_row != NONE else user_row_of(m, order) == user
            if meant:
                cancel(m, z, ev, md, reason, order)
                forget(m, order)
                count = count + ONE
            order = after
        account = m[account + ACCOUNT_NEXT]
    return count


@cold
def cancel_scope(m: Words, z: Signed, ev: Words, md: Words, scope_row: np.uint64) -> np.uint64:
    """The kill switch of a scope; returns how many orders went."""
    return cancel_all(m, z, ev, md, scope_row, NONE, KILL_SWITCH)


@cold
def set_dead_man(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_DEAD_MAN. Returns the reason for which it is refused, or 0."""
    timeout = np.int64(c[b + C_QUANTITY])
    reason = check_flags(m, flags_in(c, b), ZERO)
    if reason != NO_REASON:
        return reason
    if timeout < 0:
        return refused(m, QUANTITY_NOT_POSITIVE, timeout, np.int64(0))
    if timeout > _DAY_NS:
        return refused(m, QUANTITY_TOO_LARGE, timeout, _DAY_NS)
    user = m[COMMAND_USER]
    if m[user + USER_DEAD_MAN] != NONE:
        cancel_timer(m, m[user + USER_DEAD_MAN])
        m[user + USER_DEAD_MAN] = NONE
    e = answer(m, ev, c, b, DEAD_MAN_SET)
    ev[e + E_QUANTITY] = U(timeout)
    if timeout > 0:
        due = m[TIME_NS] + U(timeout)
        m[user + USER_DEAD_MAN] = set_timer(m, TIMER_DEAD_MAN, low(id_of(m, user)), user, due)
        ev[e + E_VALUE] = due
    return NO_REASON


@cold
def dead_man(m: Words, z: Signed, ev: Words, md: Words, user: np.uint64) -> None:
    """A user has not come again in time: all its orders go."""
    m[user + USER_DEAD_MAN] = NONE
    count = cancel_all(m, z, ev, md, NONE, user, DEAD_MAN)
    e = begin(m, ev, DEAD_MAN_SET, ZERO, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = low(id_of(m, user))
    ev[e + E_LEAVES] = count
    finish_all(m, z, md)
