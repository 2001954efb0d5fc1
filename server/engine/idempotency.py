"""Who sent a command, and was it sent before: counters per (user, client instance), open sessions, validity."""

import numpy as np

from server.engine.bits import high, low
from server.engine.events import rejected, state_of
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_FIRST_LAST,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_SESSION_USER,
    C_TIME,
    C_VALID_UNTIL,
    COMMAND_INSTANCE,
    COMMAND_USER,
    E_FILLED,
    E_LEAVES,
    E_ORDER_ID,
    E_PRICE,
    E_PUBLIC_ID,
    E_QUANTITY,
    E_STATE_SHIFT,
    E_TERMS,
    GRANT_ACCOUNT,
    GRANT_NEXT,
    INSTANCE_HIGHEST,
    INSTANCE_SESSION,
    INSTANCE_SESSION_CHANGES,
    INSTANCE_USER,
    INSTANCE_WORDS,
    KIND_INSTANCE,
    KIND_SESSION,
    NONE,
    ONE,
    ORDER_ACCOUNT_NEXT_PREVIOUS,
    ORDER_CLIENT_INSTANCE,
    ORDER_COUNTER,
    ORDER_ID,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_PUBLIC_ID,
    ORDER_QUANTITY,
    SESSION_CHANGES,
    USER_FIRST_GRANT,
    ZERO,
)
from server.engine.memory import add, find
from server.engine.refusal import refused
from server.engine.registry import user_of, user_row_of
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import (
    COUNTER_GAP,
    DUPLICATE,
    NO_REASON,
    SESSION_NOT_OPEN,
    STATE_REJECTED,
    TOO_LATE,
)


@inline
def check_client(m: Words, z: Signed, c: Words, b: np.uint64) -> np.uint64:
    """Checks 1 to 4. From check 3 on the counter is taken; the command's user is noted in any case."""
    if not WITH_ACCOUNTS:  # all clients are one user, who repeats nothing
        m[COMMAND_USER] = NONE
        return NO_REASON
    session = low(c[b + C_SESSION_USER])
    user_id = high(c[b + C_SESSION_USER])
    key = KIND_INSTANCE | user_id
    counter = c[b + C_COUNTER]
    instance = find(m, key, c[b + C_CLIENT_INSTANCE])
    highest = ZERO
    if instance != NONE:
        highest = m[instance + INSTANCE_HIGHEST]
        m[COMMAND_USER] = m[instance + INSTANCE_USER]
    else:
        m[COMMAND_USER] = user_of(m, user_id)
    if counter <= highest:
        return refused(m, DUPLICATE, np.int64(counter), np.int64(highest))
    if counter - ONE != highest:
        return refused(m, COUNTER_GAP, np.int64(counter), np.int64(highest + ONE))
    if instance == NONE:
        instance = add(m, key, c[b + C_CLIENT_INSTANCE], INSTANCE_WORDS)
        m[instance + INSTANCE_USER] = m[COMMAND_USER]
    m[instance + INSTANCE_HIGHEST] = counter
    m[COMMAND_INSTANCE] = instance
    if not is_open(m, instance, session, user_id):
        return refused(m, SESSION_NOT_OPEN, np.int64(session), np.int64(0))
    valid_until = np.int64(c[b + C_VALID_UNTIL])
    if valid_until != 0:
        now = np.int64(c[b + C_TIME])
        if now > valid_until:
            return refused(m, TOO_LATE, now, valid_until)
    return NO_REASON


@inline
def is_open(m: Words, instance: np.uint64, session: np.uint64, user_id: np.uint64) -> bool:
    """Whether the session is open for this user; the instance remembers the last that was."""
    if m[instance + INSTANCE_SESSION] == session and m[instance + INSTANCE_SESSION_CHANGES] == m[SESSION_CHANGES]:
        return True
    if find(m, KIND_SESSION | session, user_id) == NONE:
        return False
    m[instance + INSTANCE_SESSION] = session
    m[instance + INSTANCE_SESSION_CHANGES] = m[SESSION_CHANGES]
    return True


@kernel
def order_of_key(m: Words, user: np.uint64, client_instance: np.uint64, counter: np.uint64) -> np.uint64:
    """The live order that this command of a user's row created, or none. Walks the orders of the user's accounts."""
    grant = m[user + USER_FIRST_GRANT]
    while grant != NONE:
        order = low(m[m[grant + GRANT_ACCOUNT] + ACCOUNT_FIRST_LAST])
        while order != NONE:
            if (
                m[order + ORDER_COUNTER] == counter
                and m[order + ORDER_CLIENT_INSTANCE] == client_instance
                and user_row_of(m, order) == user
            ):
                return order
            order = low(m[order + ORDER_ACCOUNT_NEXT_PREVIOUS])
        grant = m[grant + GRANT_NEXT]
    return NONE


@kernel
def reject_duplicate(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> None:
    """REJECTED with DUPLICATE: names the order that the first sending created, as it stands now."""
    e = rejected(m, ev, c, b, DUPLICATE)
    ev[e + E_TERMS] ^= STATE_REJECTED << E_STATE_SHIFT
    order = order_of_key(m, m[COMMAND_USER], c[b + C_CLIENT_INSTANCE], c[b + C_COUNTER])
    if order != NONE:
        ev[e + E_ORDER_ID] = m[order + ORDER_ID]
        ev[e + E_PUBLIC_ID] = m[order + ORDER_PUBLIC_ID]
        ev[e + E_PRICE] = m[order + ORDER_PRICE]
        ev[e + E_QUANTITY] = m[order + ORDER_QUANTITY]
        ev[e + E_LEAVES] = m[order + ORDER_LEAVES]
        ev[e + E_FILLED] = m[order + ORDER_QUANTITY] - m[order + ORDER_LEAVES]
        ev[e + E_TERMS] |= state_of(m, z, order) << E_STATE_SHIFT
