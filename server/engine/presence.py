"""Sessions as the engine knows them, and the orders of a client that is gone: cancel on disconnect.

Rules: what counts is the client, a client instance of a user, not the connection: while one of its sessions is open
nothing happens, and the last one to close decides by its terms. A client without open sessions and without a timer has
no row. Each order decides for itself whether it stays.
"""

import numpy as np

from server.engine.bits import high, low
from server.engine.cancelling import cancel
from server.engine.checks import check_flags, flags_in
from server.engine.events import begin, clear, command_event
from server.engine.kernel import Signed, Words, cold, kernel
from server.engine.layout import (
    C_CLIENT_INSTANCE,
    C_ORDER_ID,
    C_QUANTITY,
    C_SESSION_USER,
    E_CLIENT_INSTANCE,
    E_LEAVES,
    E_ORDER_ID,
    E_QUANTITY,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    FREE_SESSION,
    KEY_0,
    KEY_1,
    KEY_INDEX,
    KIND_GRANT,
    KIND_PRESENCE,
    KIND_SESSION,
    KIND_USER,
    NONE,
    ONE,
    ORDER_CLIENT_INSTANCE,
    PRESENCE_SESSIONS,
    PRESENCE_TIMER,
    SEQUENCE,
    SESSION_CHANGES,
    SESSION_GRACE,
    SESSION_INSTANCE,
    SESSION_TERMS,
    SESSION_WORDS,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import TIMER_DISCONNECT
from server.engine.layout_risk import ACCOUNT_NEXT, FIRST_ACCOUNT
from server.engine.live_orders import first_order_of, forget, next_order_of
from server.engine.mass_actions import finish_all
from server.engine.memory import enter, find, give_back, hash_of, remove, take
from server.engine.refusal import refused
from server.engine.registry import id_of, user_row_of
from server.engine.staying import is_staying
from server.engine.switches import WITH_ACCOUNTS
from server.engine.timers import cancel_timer, set_timer
from server.engine.vocabulary import (
    NO_REASON,
    QUANTITY_NOT_POSITIVE,
    QUANTITY_TOO_LARGE,
    SESSION_CLOSED,
    SESSION_OPENED,
)
from server.engine.vocabulary_risk import (
    CANCEL_ON_DISCONNECT,
    CANCEL_ON_LOGOFF,
    CLIENT_GONE,
    DISCONNECTED,
    ENDED_WITH_SESSION,
    LOGGED_OFF,
)

_GRACE_MAX_NS = np.int64(86_400_000_000_000)


@cold
def open_session(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SESSION_OPENED. Returns the reason for which it is refused, or 0."""
    grace = np.int64(c[b + C_QUANTITY])
    reason = check_flags(m, flags_in(c, b), CANCEL_ON_DISCONNECT | CANCEL_ON_LOGOFF)
    if reason != NO_REASON:
        return reason
    if grace < 0:
        return refused(m, QUANTITY_NOT_POSITIVE, grace, np.int64(0))
    if grace > _GRACE_MAX_NS:
        return refused(m, QUANTITY_TOO_LARGE, grace, _GRACE_MAX_NS)
    session = low(c[b + C_SESSION_USER])
    user_id = high(c[b + C_SESSION_USER])
    m[SESSION_CHANGES] += ONE
    if find(m, KIND_SESSION | session, user_id) == NONE:
        row = take(m, FREE_SESSION, SESSION_WORDS)
        enter(m, row, KIND_SESSION | session, user_id)
        m[row + SESSION_INSTANCE] = c[b + C_CLIENT_INSTANCE]
        m[row + SESSION_TERMS] = flags_in(c, b)
        m[row + SESSION_GRACE] = c[b + C_QUANTITY]
        arrive(m, user_id, c[b + C_CLIENT_INSTANCE])
    e = command_event(m, ev, c, b, SESSION_OPENED, ZERO)
    ev[e + E_ORDER_ID] = c[b + C_ORDER_ID]
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_QUANTITY] = c[b + C_QUANTITY]
    ev[e + E_VALUE] = flags_in(c, b)
    return NO_REASON


@cold
def close_session(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """SESSION_CLOSED, whose flags are the code of why. Never refused."""
    session = low(c[b + C_SESSION_USER])
    user_id = high(c[b + C_SESSION_USER])
    m[SESSION_CHANGES] += ONE
    e = command_event(m, ev, c, b, SESSION_CLOSED, flags_in(c, b))
    ev[e + E_ORDER_ID] = c[b + C_ORDER_ID]
    row = find(m, KIND_SESSION | session, user_id)
    if row == NONE:
        return NO_REASON
    instance = m[row + SESSION_INSTANCE]
    terms = m[row + SESSION_TERMS]
    grace = m[row + SESSION_GRACE]
    drop(m, row)
    ev[e + E_CLIENT_INSTANCE] = instance
    presence = find(m, KIND_PRESENCE | user_id, instance)
    if presence == NONE:
        return NO_REASON
    m[presence + PRESENCE_SESSIONS] -= ONE
    if m[presence + PRESENCE_SESSIONS] != ZERO:
        return NO_REASON
    logged_off = flags_in(c, b) == LOGGED_OFF
    if terms & (CANCEL_ON_LOGOFF if logged_off else CANCEL_ON_DISCONNECT) == ZERO:
        drop(m, presence)
    elif logged_off or grace == ZERO:
        leave(m, z, ev, md, presence, ENDED_WITH_SESSION if logged_off else DISCONNECTED)
    else:
        due = m[TIME_NS] + grace
        m[presence + PRESENCE_TIMER] = set_timer(m, TIMER_DISCONNECT, m[SEQUENCE], presence, due)
        ev[e + E_VALUE] = due
    return NO_REASON


@cold
def drop(m: Words, row: np.uint64) -> None:
    """Forgets a session, or a client that has none."""
    key_0 = m[row + KEY_0]
    key_1 = m[row + KEY_1]
    remove(m, KEY_INDEX, hash_of(key_0, key_1), row)
    word = ZERO
    while word < SESSION_WORDS:
        m[row + word] = ZERO
        word = word + ONE
    give_back(m, FREE_SESSION, row)


@cold
def arrive(m: Words, user_id: np.uint64, instance: np.uint64) -> None:
    """A client has one more session: it is no longer gone. One without an instance is nobody in particular."""
    if instance == ZERO or not WITH_ACCOUNTS:
        return
    presence = find(m, KIND_PRESENCE | user_id, instance)
    if presence == NONE:
        presence = take(m, FREE_SESSION, SESSION_WORDS)
        enter(m, presence, KIND_PRESENCE | user_id, instance)
    if m[presence + PRESENCE_TIMER] != NONE:
        cancel_timer(m, m[presence + PRESENCE_TIMER])
        m[presence + PRESENCE_TIMER] = NONE
    m[presence + PRESENCE_SESSIONS] += ONE


@cold
def leave(m: Words, z: Signed, ev: Words, md: Words, presence: np.uint64, reason: np.uint64) -> None:
    """A client is gone for good: its orders go but for those that stay, and its row."""
    user_id = id_of(m, presence)
    instance = m[presence + KEY_1]
    user = find(m, KIND_USER | user_id, ZERO)
    drop(m, presence)
    count = cancel_client(m, z, ev, md, user, user_id, instance, reason)
    e = begin(m, ev, CLIENT_GONE, reason, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = user_id
    ev[e + E_CLIENT_INSTANCE] = instance
    ev[e + E_LEAVES] = count
    finish_all(m, z, md)


@cold
def client_gone(m: Words, z: Signed, ev: Words, md: Words, presence: np.uint64) -> None:
    """The grace of a client is over."""
    leave(m, z, ev, md, presence, DISCONNECTED)


@kernel
def cancel_client(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    user: np.uint64,
    user_id: np.uint64,
    instance: np.uint64,
    reason: np.uint64,
) -> np.uint64:
    """Cancels the orders of a client, by account; returns how many. Only accounts that it was ever granted have any."""
    count = ZERO
    account = m[FIRST_ACCOUNT]
    while account != NONE:
        granted = find(m, KIND_GRANT | user_id, id_of(m, account)) != NONE
        order = first_order_of(m, account) if granted else NONE
        while order != NONE:
            after = next_order_of(m, order)
            if (
                m[order + ORDER_CLIENT_INSTANCE] == instance
                and user_row_of(m, order) == user
                and not is_staying(m, order)
            ):
                cancel(m, z, ev, md, reason, order)
                forget(m, order)
                count = count + ONE
            order = after
        account = m[account + ACCOUNT_NEXT]
    return count
