"""Market-maker protection: how much an account's quotes may trade in a window before all of them go.

Rules: a protection is of an account and a product group; it acts at once, before anything else trades, and stays so
until the account rearms it. Auction trades do not count.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.bits import high, low
from server.engine.checks import check_flags, flags_in
from server.engine.events import begin, canceled, clear, command_event
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_HEAD,
    C_SESSION_USER,
    E_CLIENT_INSTANCE,
    E_COUNTER,
    E_FILLED,
    E_INSTRUMENT_SESSION,
    E_LAST_QUANTITY,
    E_LEAVES,
    E_LIMIT,
    E_PRICE,
    E_QUANTITY,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    FIRST_INSTRUMENT,
    HALF,
    INSTRUMENT_NEXT,
    NONE,
    ONE,
    ORDER_LEAVES,
    PAIR,
    TIME_NS,
    ZERO,
)
from server.engine.layout_phases import INSTRUMENT_PRODUCT_GROUP
from server.engine.layout_risk import (
    ACCOUNT_FIRST_PROTECTION,
    KIND_PROTECTION,
    POSITION_QUOTE,
    PROTECTION_BEGIN,
    PROTECTION_NEXT,
    PROTECTION_TRADES,
    PROTECTION_TRADES_MAX,
    PROTECTION_TRIGGERED,
    PROTECTION_VOLUME,
    PROTECTION_VOLUME_MAX,
    PROTECTION_WINDOW,
    PROTECTION_WORDS,
    S_APPROVER_SCOPE_ID,
    S_GROUP_TERMS,
    S_HARD,
    S_SOFT,
    S_WINDOW,
    TOPS_WANTED,
)
from server.engine.live_orders import forget
from server.engine.memory import add, find
from server.engine.money import bind
from server.engine.refusal import refused
from server.engine.registry import (
    account_id_of,
    account_of,
    find_account,
    find_instrument,
    find_position,
    id_of,
    instrument_id_of,
    instrument_of,
    may_trade,
)
from server.engine.resting import withdraw
from server.engine.setting_events import account_setting_event
from server.engine.vocabulary import (
    BUY,
    INVALID_DEFINITION,
    NO_REASON,
    NOT_PERMITTED,
    SELL,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_risk import PROTECTION, PROTECTION_REARMED
from server.engine.vocabulary_risk import PROTECTION_TRIGGERED as TRIGGERED

_NUMBER_MAX = np.int64(1 << 61)


@inline
def find_protection(m: Words, account_id: np.uint64, group: np.uint64) -> np.uint64:
    """The row of an account's protection for a product group, or none."""
    return find(m, KIND_PROTECTION | account_id, group)


@inline
def begin_again(m: Words, row: np.uint64) -> None:
    """Nothing has traded in a window that has not begun."""
    m[row + PROTECTION_BEGIN] = ZERO
    m[row + PROTECTION_VOLUME] = ZERO
    m[row + PROTECTION_TRADES] = ZERO


@inline
def fault_in_protection(c: Words, b: np.uint64) -> np.int64:
    """Which number of a protection does not fit (1 to 3), or 0."""
    for word in (S_HARD, S_SOFT):
        number = np.int64(c[b + word])
        if number < 0 or number > _NUMBER_MAX:
            return np.int64(1)
    window = np.int64(c[b + S_WINDOW])
    if window < 1 or window > _NUMBER_MAX:
        return np.int64(2)
    return np.int64(3) if low(c[b + S_GROUP_TERMS]) > PAIR else np.int64(0)


@cold
def set_protection(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_PROTECTION. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    group = low(c[b + S_GROUP_TERMS])
    approver = low(c[b + S_APPROVER_SCOPE_ID])
    account = find_account(m, account_id)
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    fault = fault_in_protection(c, b)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(account_id), fault)
    reason = check_approval(m, c, b, approver, False)
    if reason != NO_REASON:
        return reason
    row = find_protection(m, account_id, group)
    if row == NONE:
        row = add(m, KIND_PROTECTION | account_id, group, PROTECTION_WORDS)
        m[row + PROTECTION_NEXT] = m[account + ACCOUNT_FIRST_PROTECTION]
        m[account + ACCOUNT_FIRST_PROTECTION] = row
    m[row + PROTECTION_VOLUME_MAX] = c[b + S_HARD]
    m[row + PROTECTION_TRADES_MAX] = c[b + S_SOFT]
    m[row + PROTECTION_WINDOW] = c[b + S_WINDOW]
    begin_again(m, row)
    e = account_setting_event(m, ev, c, b, c[b + C_HEAD] & BYTE, approver, False)
    ev[e + E_PRICE] = c[b + S_HARD]
    ev[e + E_QUANTITY] = c[b + S_SOFT]
    ev[e + E_LEAVES] = c[b + S_WINDOW]
    ev[e + E_FILLED] = group
    return NO_REASON


@cold
def rearm(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """REARM. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    user_id = high(c[b + C_SESSION_USER])
    reason = check_flags(m, flags_in(c, b), ZERO)
    if reason != NO_REASON:
        return reason
    instrument = find_instrument(m, instrument_id)
    if instrument_id != ZERO and instrument == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    account = find_account(m, account_id)
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if not may_trade(m, user_id, account_id):
        return refused(m, NOT_PERMITTED, np.int64(user_id), np.int64(account_id))
    count = ZERO
    row = m[account + ACCOUNT_FIRST_PROTECTION]
    while row != NONE:
        if instrument_id == ZERO or m[row + ONE] == m[instrument + INSTRUMENT_PRODUCT_GROUP]:
            count = count + m[row + PROTECTION_TRIGGERED]
            m[row + PROTECTION_TRIGGERED] = ZERO
            begin_again(m, row)
        row = m[row + PROTECTION_NEXT]
    e = command_event(m, ev, c, b, PROTECTION_REARMED, ZERO)
    ev[e + E_USER_ACCOUNT] |= account_id << HALF
    ev[e + E_INSTRUMENT_SESSION] |= instrument_id
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_COUNTER] = c[b + C_COUNTER]
    ev[e + E_VALUE] = count
    return NO_REASON


@cold
def protect(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    position: np.uint64,
    user: np.uint64,
    quantity: np.int64,
    taker: np.uint64,
) -> None:
    """A side of the quote of a position's row, an order of this user, was executed while it rested."""
    instrument = instrument_of(m, position)
    row = find_protection(m, account_id_of(m, position), m[instrument + INSTRUMENT_PRODUCT_GROUP])
    if row == NONE:
        return
    if m[row + PROTECTION_BEGIN] == ZERO or m[TIME_NS] >= m[row + PROTECTION_BEGIN] + m[row + PROTECTION_WINDOW]:
        m[row + PROTECTION_BEGIN] = m[TIME_NS]
        m[row + PROTECTION_VOLUME] = ZERO
        m[row + PROTECTION_TRADES] = ZERO
    z[row + PROTECTION_VOLUME] += quantity
    m[row + PROTECTION_TRADES] += ONE
    volume_max = z[row + PROTECTION_VOLUME_MAX]
    trades_max = z[row + PROTECTION_TRADES_MAX]
    too_much = volume_max > 0 and z[row + PROTECTION_VOLUME] >= volume_max
    too_often = trades_max > 0 and z[row + PROTECTION_TRADES] >= trades_max
    if m[row + PROTECTION_TRIGGERED] != ZERO or not (too_much or too_often):
        return
    m[row + PROTECTION_TRIGGERED] = ONE
    count = pull_quotes(m, z, ev, md, account_of(m, position), m[instrument + INSTRUMENT_PRODUCT_GROUP], taker)
    e = begin(m, ev, TRIGGERED, ZERO, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = low(id_of(m, user)) | account_id_of(m, position) << HALF
    ev[e + E_INSTRUMENT_SESSION] = instrument_id_of(m, position)
    ev[e + E_QUANTITY] = m[row + PROTECTION_VOLUME]
    ev[e + E_LAST_QUANTITY] = m[row + PROTECTION_TRADES]
    ev[e + E_VALUE] = m[instrument + INSTRUMENT_PRODUCT_GROUP]
    ev[e + E_LIMIT] = count
    m[TOPS_WANTED] = ONE


@cold
def pull_quotes(
    m: Words, z: Signed, ev: Words, md: Words, account: np.uint64, group: np.uint64, taker: np.uint64
) -> np.uint64:
    """Cancels all quotes of an account in a product group, the incoming order too; returns how many orders went."""
    count = ZERO
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        position = find_position(m, id_of(m, account), id_of(m, instrument))
        if position != NONE and m[instrument + INSTRUMENT_PRODUCT_GROUP] == group:
            for side in (BUY, SELL):
                order = m[position + POSITION_QUOTE + side]
                if order == taker:
                    count = count + pull_incoming(m, z, ev, taker)
                elif order != NONE:
                    withdraw(m, z, ev, md, PROTECTION, order)
                    schedule(m, instrument)
                    forget(m, order)
                    count = count + ONE
        instrument = m[instrument + INSTRUMENT_NEXT]
    return count


@cold
def pull_incoming(m: Words, z: Signed, ev: Words, taker: np.uint64) -> np.uint64:
    """Cancels what is left of an incoming order, which has no place; it meets no more and is forgotten as if filled."""
    if m[taker + ORDER_LEAVES] == ZERO:
        return ZERO
    canceled(m, ev, PROTECTION, taker)
    bind(m, z, taker, -z[taker + ORDER_LEAVES])
    m[taker + ORDER_LEAVES] = ZERO
    return ONE
