"""The one entry to the book: what an order may bind. Checks 22 and 26 to 28 of the rule book, and its chapter 15.

Rules: nothing binds cash or position that did not pass `check_risk`: new orders, replaces, quotes, triggered stops,
released children, moved pegs. What the order itself holds already is taken out first. Equality with a limit is allowed.
"""

import numpy as np

from server.engine.bits import low
from server.engine.events import begin, clear
from server.engine.kernel import Signed, Words, cold, inline, kernel
from server.engine.last_orders import note_order
from server.engine.layout import (
    ACCOUNT_ORDERS,
    ACCOUNT_ORDERS_MAX,
    ACCOUNT_POSITION_MAX,
    ACCOUNT_SHORT_ALLOWED,
    BYTE,
    E_FLAGS_SHIFT,
    E_INSTRUMENT_SESSION,
    E_LIMIT,
    E_ORDER_ID,
    E_PRICE,
    E_QUANTITY,
    E_TERMS,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    HALF,
    NONE,
    ONE,
    POSITION_NET,
    POSITION_OPEN,
    TIME_NS,
    ZERO,
)
from server.engine.layout_phases import INSTRUMENT_LOCATE_REQUIRED, INSTRUMENT_RULED
from server.engine.layout_risk import (
    ASK,
    ASK_ACCOUNT,
    ASK_ALGORITHM,
    ASK_CLOSABLE,
    ASK_FLAGS,
    ASK_HELD,
    ASK_INSTRUMENT,
    ASK_KIND,
    ASK_OWN,
    ASK_POSITION,
    ASK_PRICE,
    ASK_QUANTITY,
    ASK_REDUCING,
    ASK_ROWS,
    ASK_SIDE,
    ASK_USER,
    ASK_VALUE,
    ASK_WARNED,
    ASK_WARNED_LIMIT,
    ASK_WARNED_REQUESTED,
    ASK_WARNED_SCOPE,
    ASK_WARNED_USED,
    ASK_WARNED_VALUE,
    ASK_WEIGHT,
    ASK_WORDS,
    E_REQUESTED,
    E_SCOPE,
    E_SCOPE_SHIFT,
    E_USED,
    POSITION_LOCATED,
    POSITION_LOCATED_UNTIL,
    RISK_IN_USE,
    SCOPE_DAY,
    SCOPE_DAY_ENTERED,
    SCOPE_NUMBERS,
)
from server.engine.limits import (
    ASK_NEW,
    ASK_PEG,
    ASK_QUOTE,
    ASK_RELEASE,
    ASK_REPLACE,
    ASK_TRIGGER,
    check_limits,
)
from server.engine.memory import take_new
from server.engine.money_checks import check_money, order_asking
from server.engine.reducing import closable
from server.engine.refusal import refused, refused_of
from server.engine.registry import id_of, user_of
from server.engine.scope_rows import row_met, scope_word
from server.engine.standing import check_blocks, check_missing, check_permissions, first_watching
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import (
    BUY,
    INSUFFICIENT_POSITION,
    NO_REASON,
    POSITION_LIMIT,
    SELL,
    TOO_MANY_ORDERS,
)
from server.engine.vocabulary_risk import (
    ACCOUNT,
    LIMIT_WARNING,
    NO_LOCATE,
    REDUCE_ONLY,
    REDUCE_ONLY_FLAG,
    RESTRICTED,
    SHORT_EXEMPT_FLAG,
    SHORT_FLAG,
    SHORT_NOT_MARKED,
    SOFT_LIMIT,
)

__all__ = [
    "ASK_NEW",
    "ASK_PEG",
    "ASK_QUOTE",
    "ASK_RELEASE",
    "ASK_REPLACE",
    "ASK_TRIGGER",
    "check_count",
    "check_risk",
]


@inline
def check_count(m: Words, account: np.uint64) -> np.uint64:
    """Check 22."""
    if not WITH_ACCOUNTS:
        return NO_REASON
    most = m[account + ACCOUNT_ORDERS_MAX]
    if m[account + ACCOUNT_ORDERS] >= most:
        return refused(m, TOO_MANY_ORDERS, np.int64(most), np.int64(most))
    return NO_REASON


@inline
def check_risk(
    m: Words,
    z: Signed,
    ev: Words,
    asking: np.uint64,
    user: np.uint64,
    position: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    flags: np.uint64,
    algorithm: np.uint64,
    price: np.int64,
    quantity: np.int64,
    cost: np.int64,
    held: np.int64,
    own: np.int64,
) -> np.uint64:
    """Whether an order may bind `quantity` lots at a signed `cost`; `held`, `own`: cost and lots that it binds now."""
    if not WITH_ACCOUNTS:
        return NO_REASON
    reason = NO_REASON
    in_use = m[RISK_IN_USE] != ZERO
    if in_use:
        note_ask(m, z, asking, user, position, account, instrument, side, flags, algorithm, price, quantity, own)
        reason = check_scopes(m, z, abs(cost), abs(held))
    elif flags & REDUCE_ONLY_FLAG != ZERO:
        reason = check_reduce_only(m, z, account, position, side, quantity, own)
    if reason == NO_REASON:
        order = NONE if asking == ASK_NEW or asking == ASK_QUOTE else order_asking(m)
        reason = check_money(m, z, order, account, position, instrument, side, quantity, cost, held, own)
    if reason == NO_REASON:
        reason = check_position(m, z, account, position, side, quantity, own)
    if reason == NO_REASON and must_be_located(m, instrument) and side == SELL:
        reason = check_short(m, z, account, position, flags, quantity, own)
    if reason == NO_REASON and in_use:
        take_note(m, z, ev)
    return reason


@inline
def check_position(
    m: Words, z: Signed, account: np.uint64, position: np.uint64, side: np.uint64, quantity: np.int64, own: np.int64
) -> np.uint64:
    """Checks 27 and 28; the position may be none."""
    net = z[position + POSITION_NET] if position != NONE else np.int64(0)
    opened = z[position + POSITION_OPEN + side] - own if position != NONE else np.int64(0)
    if m[account + ACCOUNT_SHORT_ALLOWED] == ZERO and side == SELL and quantity > net - opened:
        return refused(m, INSUFFICIENT_POSITION, quantity, net - opened)
    most = z[account + ACCOUNT_POSITION_MAX]
    if most > 0:
        reached = opened + quantity + (net if side == BUY else -net)
        if reached > most:
            return refused(m, POSITION_LIMIT, reached, most)
    return NO_REASON


@inline
def must_be_located(m: Words, instrument: np.uint64) -> bool:
    """Whether what is sold short of an instrument must be located."""
    return bool(m[instrument + INSTRUMENT_RULED] != ZERO and m[instrument + INSTRUMENT_LOCATE_REQUIRED] != ZERO)


@cold
def check_reduce_only(
    m: Words, z: Signed, account: np.uint64, position: np.uint64, side: np.uint64, quantity: np.int64, own: np.int64
) -> np.uint64:
    """REDUCE_ONLY of an order that says so itself, where there are no scope rows."""
    most = closable(m, z, position, side, own)
    if quantity <= most:
        return NO_REASON
    scope = id_of(m, account) | ACCOUNT << E_SCOPE_SHIFT
    return refused_of(m, REDUCE_ONLY, quantity, most, np.int64(0), quantity, scope)


@cold
def check_short(
    m: Words, z: Signed, account: np.uint64, position: np.uint64, flags: np.uint64, quantity: np.int64, own: np.int64
) -> np.uint64:
    """SHORT_NOT_MARKED and NO_LOCATE of a sale in an instrument that must be located."""
    net = z[position + POSITION_NET] if position != NONE else np.int64(0)
    opened = z[position + POSITION_OPEN + SELL] - own if position != NONE else np.int64(0)
    short = quantity - max(net - opened, np.int64(0))
    if short <= 0 or flags & SHORT_EXEMPT_FLAG != ZERO:
        return NO_REASON
    scope = id_of(m, account) | ACCOUNT << E_SCOPE_SHIFT
    if flags & SHORT_FLAG == ZERO:
        return refused_of(m, SHORT_NOT_MARKED, short, np.int64(0), opened, quantity, scope)
    located = np.int64(0)
    if position != NONE:
        until = m[position + POSITION_LOCATED_UNTIL]
        if until == ZERO or m[TIME_NS] < until:
            located = z[position + POSITION_LOCATED]
    if opened + quantity - net > located:
        return refused_of(m, NO_LOCATE, opened + quantity - net, located, opened - net, quantity, scope)
    return NO_REASON


@cold
def note_ask(
    m: Words,
    z: Signed,
    asking: np.uint64,
    user: np.uint64,
    position: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    flags: np.uint64,
    algorithm: np.uint64,
    price: np.int64,
    quantity: np.int64,
    own: np.int64,
) -> None:
    """Writes down what is asked, and which scope rows it meets."""
    if m[ASK] == NONE:
        m[ASK] = take_new(m, ASK_WORDS)
    a = m[ASK]
    m[a + ASK_KIND] = asking
    m[a + ASK_USER] = user
    m[a + ASK_POSITION] = position
    m[a + ASK_ACCOUNT] = account
    m[a + ASK_INSTRUMENT] = instrument
    m[a + ASK_SIDE] = side
    m[a + ASK_FLAGS] = flags
    m[a + ASK_ALGORITHM] = algorithm
    z[a + ASK_PRICE] = price
    z[a + ASK_QUANTITY] = quantity
    z[a + ASK_OWN] = own
    most = closable(m, z, position, side, own)
    z[a + ASK_CLOSABLE] = most
    m[a + ASK_REDUCING] = ONE if quantity <= most else ZERO
    if asking != ASK_QUOTE:
        m[a + ASK_WEIGHT] = ONE + ONE if asking == ASK_REPLACE else ONE
    m[a + ASK_WARNED] = ZERO
    instrument_id = id_of(m, instrument)
    number = ZERO
    while number < SCOPE_NUMBERS:
        m[a + ASK_ROWS + number] = row_met(m, number, user, account, algorithm, instrument_id)
        number = number + ONE


@cold
def check_scopes(m: Words, z: Signed, value: np.int64, held: np.int64) -> np.uint64:
    """Blocks, permissions, missing limits, limits of all scopes: the ask is noted."""
    a = m[ASK]
    z[a + ASK_VALUE] = value
    z[a + ASK_HELD] = held
    reason = check_blocks(m, z)
    if reason == NO_REASON:
        reason = check_permissions(m)
    if reason == NO_REASON:
        reason = check_missing(m, z)
    if reason == NO_REASON:
        reason = check_limits(m, z)
    return reason


@cold
def take_note(m: Words, z: Signed, ev: Words) -> None:
    """The ask has passed everything: warnings, and what counts from now on."""
    a = m[ASK]
    if m[a + ASK_KIND] > ASK_QUOTE:
        return
    watching = first_watching(m)
    if watching != NONE:
        e = warning(m, ev, RESTRICTED)
        ev[e + E_SCOPE] = scope_word(m, watching, ZERO)
        ev[e + E_VALUE] = id_of(m, m[a + ASK_INSTRUMENT])
    if m[a + ASK_WARNED] != ZERO:
        e = warning(m, ev, SOFT_LIMIT)
        ev[e + E_USED] = m[a + ASK_WARNED_USED]
        ev[e + E_REQUESTED] = m[a + ASK_WARNED_REQUESTED]
        ev[e + E_SCOPE] = m[a + ASK_WARNED_SCOPE]
        ev[e + E_VALUE] = m[a + ASK_WARNED_VALUE]
        ev[e + E_LIMIT] = m[a + ASK_WARNED_LIMIT]
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE:
            if m[a + ASK_KIND] == ASK_NEW:
                note_order(m, row)
            z[row + SCOPE_DAY] += z[a + ASK_WEIGHT]
            z[row + SCOPE_DAY_ENTERED] += z[a + ASK_QUANTITY]
        number = number + ONE


@kernel
def warning(m: Words, ev: Words, reason: np.uint64) -> np.uint64:
    """LIMIT_WARNING to the system: what was asked, and by whom. Returns where it begins."""
    a = m[ASK]
    e = begin(m, ev, LIMIT_WARNING, reason, user_of(m, ZERO))
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = id_of(m, m[a + ASK_ACCOUNT]) << HALF
    ev[e + E_INSTRUMENT_SESSION] = id_of(m, m[a + ASK_INSTRUMENT])
    ev[e + E_ORDER_ID] = low(id_of(m, m[a + ASK_USER]))
    ev[e + E_TERMS] = m[a + ASK_SIDE] | (m[a + ASK_FLAGS] & BYTE) << E_FLAGS_SHIFT
    ev[e + E_PRICE] = m[a + ASK_PRICE]
    ev[e + E_QUANTITY] = m[a + ASK_QUANTITY]
    return e
