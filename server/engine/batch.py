"""Applying commands: each is checked, carried out or refused; then the next. Nothing depends on where a batch ends.

Rules: before a command the room for all that it could need is checked; where it is lacking the run stops in front of
that command, the caller makes room and goes on.
"""

import numpy as np

from server.engine.bits import high
from server.engine.events import rejected
from server.engine.foresight import look_ahead
from server.engine.idempotency import check_client, reject_duplicate
from server.engine.kernel import Signed, U, Words, entry, inline, kernel
from server.engine.layout import (
    BYTE,
    C_GROUP_COUNT_SHIFT,
    C_HEAD,
    C_QUANTITY,
    C_SEQUENCE,
    C_SESSION_USER,
    C_TIME,
    COMMAND_USER,
    COMMAND_WORDS,
    EVENT_WORDS,
    EVENTS_USED,
    INDEX_COUNT,
    INDEX_MASK,
    INSTRUMENTS,
    KEY_INDEX,
    LIVE_ORDERS,
    MARKET_DATA_USED,
    MARKET_DATA_WORDS,
    MEMORY_USED,
    ONE,
    ORDER_INDEX,
    PAIR,
    SEQUENCE,
    TIME_NS,
    ZERO,
)
from server.engine.operations import (
    adjust_cash,
    adjust_position,
    change_session,
    grant,
    list_instrument,
    open_account,
)
from server.engine.orders import cancel_order, mass_cancel, new_order, replace_order
from server.engine.phases import pass_time, set_phase
from server.engine.refusal import refused
from server.engine.registry import user_of
from server.engine.vocabulary import (
    ADJUST_CASH,
    ADJUST_POSITION,
    CANCEL_ORDER,
    DUPLICATE,
    FIRST_SERVER_KIND,
    GRANT,
    INVALID_GROUP,
    LIST_INSTRUMENT,
    MASS_CANCEL,
    NEW_ORDER,
    NO_REASON,
    OPEN_ACCOUNT,
    REPLACE_ORDER,
    SET_PHASE,
    TIME,
    UNKNOWN_COMMAND,
)

MEMORY_RESERVE = U(4096)
"""Words that a command may take at most: a few rows, one leaf and the nodes above it."""
_KEYS_RESERVE = U(8)
_ROWS_RESERVE = U(8)


@inline
def rows_needed(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """A bound on the trades or cancels of a command: each ends an order or takes a lot."""
    kind = c[b + C_HEAD] & BYTE
    live = m[LIVE_ORDERS]
    if kind == NEW_ORDER or kind == REPLACE_ORDER:
        return min(live, c[b + C_QUANTITY])
    if kind == CANCEL_ORDER:
        return ZERO
    return live + live + m[INSTRUMENTS]


@inline
def has_room(m: Words, ev: Words, md: Words, c: Words, b: np.uint64) -> bool:
    """Whether all that a command could need is there."""
    rows = rows_needed(m, c, b)
    events = (rows * U(3) + _ROWS_RESERVE) * EVENT_WORDS
    records = (rows + rows + _ROWS_RESERVE + _ROWS_RESERVE) * MARKET_DATA_WORDS
    return bool(
        m[EVENTS_USED] + events <= U(ev.size)
        and m[MARKET_DATA_USED] + records <= U(md.size)
        and m[MEMORY_USED] + MEMORY_RESERVE <= U(m.size)
        and m[ORDER_INDEX + INDEX_COUNT] + _KEYS_RESERVE <= m[ORDER_INDEX + INDEX_MASK] >> ONE
        and m[KEY_INDEX + INDEX_COUNT] + _KEYS_RESERVE <= m[KEY_INDEX + INDEX_MASK] >> ONE
    )


@inline
def check_group(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Check 6."""
    count = c[b + C_HEAD] >> C_GROUP_COUNT_SHIFT & PAIR
    return NO_REASON if count == ONE else refused(m, INVALID_GROUP, np.int64(count), np.int64(1))


@inline
def unknown(m: Words, kind: np.uint64) -> np.uint64:
    """Check 5."""
    return refused(m, UNKNOWN_COMMAND, np.int64(kind), np.int64(0))


@inline
def client_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """A command of a session. Returns the reason for which it is refused, or 0."""
    if kind == ZERO or kind > MASS_CANCEL:
        return unknown(m, kind)
    reason = check_group(m, c, b)
    if reason != NO_REASON:
        return reason
    if kind == NEW_ORDER:
        return new_order(m, z, ev, md, c, b)
    if kind == CANCEL_ORDER:
        return cancel_order(m, z, ev, md, c, b)
    if kind == REPLACE_ORDER:
        return replace_order(m, z, ev, md, c, b)
    return mass_cancel(m, z, ev, md, c, b)


@kernel
def server_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """A command of the server. Returns the reason for which it is refused, or 0."""
    if kind > GRANT:
        return unknown(m, kind)
    reason = check_group(m, c, b)
    if reason != NO_REASON:
        return reason
    if kind == TIME:
        pass_time(m, z, md)
        return NO_REASON
    if kind == LIST_INSTRUMENT:
        return list_instrument(m, z, ev, c, b)
    if kind == SET_PHASE:
        return set_phase(m, z, ev, md, c, b)
    if kind == OPEN_ACCOUNT:
        return open_account(m, ev, c, b)
    if kind == ADJUST_CASH:
        return adjust_cash(m, z, ev, c, b)
    if kind == ADJUST_POSITION:
        return adjust_position(m, z, ev, c, b)
    if kind == GRANT:
        return grant(m, ev, c, b)
    return change_session(m, ev, c, b, kind)


@inline
def apply_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> None:
    """One command, and its REJECTED event if it is refused."""
    m[SEQUENCE] = c[b + C_SEQUENCE]
    m[TIME_NS] = c[b + C_TIME]
    kind = c[b + C_HEAD] & BYTE
    if kind < FIRST_SERVER_KIND:
        reason = check_client(m, z, c, b)
        if reason == NO_REASON:
            reason = client_command(m, z, ev, md, c, b, kind)
    else:
        m[COMMAND_USER] = user_of(m, high(c[b + C_SESSION_USER]))
        reason = server_command(m, z, ev, md, c, b, kind)
    if reason == DUPLICATE:
        reject_duplicate(m, z, ev, c, b)
    elif reason != NO_REASON:
        rejected(m, ev, c, b, reason)


@entry
def run(m: Words, z: Signed, c: Words, first: np.uint64, ev: Words, md: Words) -> np.uint64:
    """Applies commands from number `first` on; returns the number of the first one that it had no room for."""
    count = U(c.size) // COMMAND_WORDS
    while first < count:
        b = first * COMMAND_WORDS
        if not has_room(m, ev, md, c, b):
            break
        look_ahead(m, c, b)
        apply_command(m, z, ev, md, c, b)
        first = first + ONE
    return first
