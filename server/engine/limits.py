"""The limits of chapter 15: what each check measures of an ask at a scope row, and whether that is too much.

Rules: by the order of the rule book's table, in it by the order of rows; equality is allowed. What measures what is
used refuses only an ask that enlarges it and does not reduce the position.
"""

import numpy as np

from server.engine.bits import divide_wide, magnitude, product_high
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.last_orders import count_same
from server.engine.layout import (
    NO_PRICE,
    NONE,
    ONE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_risk import (
    ASK,
    ASK_FLAGS,
    ASK_HELD,
    ASK_INSTRUMENT,
    ASK_KIND,
    ASK_OWN,
    ASK_PRICE,
    ASK_QUANTITY,
    ASK_REDUCING,
    ASK_ROWS,
    ASK_SIDE,
    ASK_VALUE,
    ASK_WARNED,
    ASK_WARNED_LIMIT,
    ASK_WARNED_REQUESTED,
    ASK_WARNED_SCOPE,
    ASK_WARNED_USED,
    ASK_WARNED_VALUE,
    ASK_WEIGHT,
    E_HARD_REASON_SHIFT,
    PART_HARD,
    PART_SOFT,
    PART_WINDOW,
    SCOPE_CHECKS,
    SCOPE_DAY,
    SCOPE_DAY_TRADES,
    SCOPE_EXECUTIONS,
    SCOPE_GROSS,
    SCOPE_MESSAGES,
    SCOPE_MESSAGES_BEGIN,
    SCOPE_NET,
    SCOPE_NUMBERS,
    SCOPE_OPEN,
    SCOPE_ORDERS,
    SCOPE_VALUE,
)
from server.engine.loss import loss_of_scope, risk_reference
from server.engine.refusal import refused, refused_of
from server.engine.scope_rows import limit_in_force, scope_word
from server.engine.vocabulary import BUY, NO_REASON, SELL
from server.engine.vocabulary_risk import (
    BASKET_COUNT,
    BASKET_COUNT_LIMIT,
    BASKET_VALUE,
    BASKET_VALUE_LIMIT,
    CONFIRMED,
    DAILY_LOSS,
    DAILY_LOSS_LIMIT,
    DUPLICATE_ORDER,
    DUPLICATE_ORDER_LIMIT,
    EXECUTION_THROTTLE,
    EXECUTION_THROTTLED,
    FAT_FINGER,
    GROSS_LIMIT,
    GROSS_POSITION,
    LONG_LIMIT,
    LONG_POSITION,
    MESSAGE_RATE,
    MESSAGE_RATE_LIMIT,
    NET_LIMIT,
    NET_POSITION,
    NO_REFERENCE_PRICE,
    OPEN_ORDERS,
    OPEN_ORDERS_LIMIT,
    OPEN_VALUE,
    OPEN_VALUE_LIMIT,
    ORDER_QUANTITY,
    ORDER_QUANTITY_LIMIT,
    ORDER_TO_TRADE,
    ORDER_TO_TRADE_LIMIT,
    ORDER_VALUE,
    ORDER_VALUE_LIMIT,
    PRICE_DISTANCE,
    SHORT_LIMIT,
    SHORT_POSITION,
    SOFT_LIMIT,
)

ASK_NEW = U(0)
ASK_REPLACE = U(1)
ASK_QUOTE = U(2)
ASK_TRIGGER = U(3)
ASK_RELEASE = U(4)
ASK_PEG = U(5)

VALUE_MAX = np.int64(1 << 62)
_DISTANCE_MAX = U(1 << 61)
_MILLION = U(1_000_000)


@kernel
def distance_ppm(price: np.int64, reference: np.int64) -> np.int64:
    """How far a price is from a reference, in millionths of that, rounded up; at most 2^61."""
    apart = U(price) - U(reference) if price >= reference else U(reference) - U(price)
    size = magnitude(reference)
    if apart == ZERO:
        return np.int64(0)
    upper = product_high(apart, _MILLION)
    if upper >= size:
        return np.int64(_DISTANCE_MAX)
    lower = apart * _MILLION
    quotient = lower // size if upper == ZERO else divide_wide(upper, lower, size)
    if quotient * size != lower:
        quotient = quotient + ONE
    return np.int64(min(quotient, _DISTANCE_MAX))


@inline
def open_value(m: Words, row: np.uint64, held: np.int64) -> np.int64:
    """The open value of a row without what an order holds itself, at most 2^62."""
    upper = m[row + SCOPE_VALUE + ONE]
    lower = m[row + SCOPE_VALUE]
    if lower < U(held):
        upper = upper - ONE
    lower = lower - U(held)
    return VALUE_MAX if upper != ZERO or lower > U(VALUE_MAX) else np.int64(lower)


@kernel
def reason_of(check: np.uint64) -> np.uint64:
    """The reason with which a check refuses."""
    if check == MESSAGE_RATE:
        return MESSAGE_RATE_LIMIT
    if check == ORDER_QUANTITY:
        return ORDER_QUANTITY_LIMIT
    if check == ORDER_VALUE:
        return ORDER_VALUE_LIMIT
    if check == PRICE_DISTANCE:
        return FAT_FINGER
    if check == DUPLICATE_ORDER:
        return DUPLICATE_ORDER_LIMIT
    if check == OPEN_ORDERS:
        return OPEN_ORDERS_LIMIT
    if check == OPEN_VALUE:
        return OPEN_VALUE_LIMIT
    if check == LONG_POSITION:
        return LONG_LIMIT
    if check == SHORT_POSITION:
        return SHORT_LIMIT
    if check == GROSS_POSITION:
        return GROSS_LIMIT
    if check == NET_POSITION:
        return NET_LIMIT
    if check == DAILY_LOSS:
        return DAILY_LOSS_LIMIT
    if check == EXECUTION_THROTTLE:
        return EXECUTION_THROTTLED
    if check == BASKET_COUNT:
        return BASKET_COUNT_LIMIT
    return BASKET_VALUE_LIMIT if check == BASKET_VALUE else ORDER_TO_TRADE_LIMIT


@kernel
def applies(m: Words, z: Signed, check: np.uint64) -> bool:
    """Whether a check looks at the ask at all."""
    a = m[ASK]
    kind = m[a + ASK_KIND]
    side = m[a + ASK_SIDE]
    if check == ORDER_QUANTITY or check == ORDER_VALUE:
        return True
    if check == MESSAGE_RATE or check == EXECUTION_THROTTLE or check == ORDER_TO_TRADE:
        return bool(kind <= ASK_QUOTE)
    if check == PRICE_DISTANCE:
        return bool(kind <= ASK_QUOTE and z[a + ASK_PRICE] != NO_PRICE)
    if check == DUPLICATE_ORDER:
        return bool(kind == ASK_NEW)
    if check == OPEN_ORDERS:
        return bool(kind == ASK_NEW or kind == ASK_QUOTE)
    if m[a + ASK_REDUCING] != ZERO:
        return False
    if check == OPEN_VALUE:
        return bool(z[a + ASK_VALUE] > z[a + ASK_HELD])
    if check == DAILY_LOSS:
        return True
    if (check == LONG_POSITION and side != BUY) or (check == SHORT_POSITION and side != SELL):
        return False
    return bool(z[a + ASK_QUANTITY] > z[a + ASK_OWN])


@kernel
def used_of(m: Words, z: Signed, row: np.uint64, part: np.uint64, check: np.uint64) -> np.int64:
    """What is used of a limit already, without what the ask's order holds itself."""
    a = m[ASK]
    own = z[a + ASK_OWN]
    long_side = m[a + ASK_SIDE] == BUY
    if check == MESSAGE_RATE:
        over = m[TIME_NS] >= m[row + SCOPE_MESSAGES_BEGIN] + m[part + PART_WINDOW]
        return np.int64(0) if over else z[row + SCOPE_MESSAGES]
    if check == PRICE_DISTANCE:
        return risk_reference(z, m[a + ASK_INSTRUMENT])
    if check == DUPLICATE_ORDER:
        return count_same(m, row, m[part + PART_WINDOW])
    if check == OPEN_ORDERS:
        return z[row + SCOPE_ORDERS]
    if check == OPEN_VALUE:
        return open_value(m, row, z[a + ASK_HELD])
    if check == LONG_POSITION or (check == NET_POSITION and long_side):
        return z[row + SCOPE_NET] + z[row + SCOPE_OPEN] - own
    if check == SHORT_POSITION or check == NET_POSITION:
        return z[row + SCOPE_OPEN + ONE] - own - z[row + SCOPE_NET]
    if check == GROSS_POSITION:
        return z[row + SCOPE_GROSS] + z[row + SCOPE_OPEN] + z[row + SCOPE_OPEN + ONE] - own
    if check == DAILY_LOSS:
        return loss_of_scope(m, z, row)
    if check == EXECUTION_THROTTLE:
        return z[row + SCOPE_EXECUTIONS]
    return z[row + SCOPE_DAY] if check == ORDER_TO_TRADE else np.int64(0)


@kernel
def requested_of(m: Words, z: Signed, check: np.uint64) -> np.int64:
    """What the ask wants of a limit."""
    a = m[ASK]
    if check == MESSAGE_RATE or check == DUPLICATE_ORDER or check == OPEN_ORDERS or check == EXECUTION_THROTTLE:
        return np.int64(1)
    if check == ORDER_VALUE or check == OPEN_VALUE:
        return z[a + ASK_VALUE]
    if check == PRICE_DISTANCE:
        return z[a + ASK_PRICE]
    if check == DAILY_LOSS:
        return np.int64(0)
    return z[a + ASK_WEIGHT] if check == ORDER_TO_TRADE else z[a + ASK_QUANTITY]


@kernel
def check_limit(m: Words, z: Signed, row: np.uint64, check: np.uint64) -> np.uint64:
    """One limit of one row, hard and soft."""
    part = limit_in_force(m, z, row, check)
    if part == NONE:
        return NO_REASON
    used = used_of(m, z, row, part, check)
    requested = requested_of(m, z, check)
    value = used + requested
    if check == PRICE_DISTANCE:
        if used == NO_PRICE:
            return refused(m, NO_REFERENCE_PRICE, requested, np.int64(0))
        value = distance_ppm(requested, used)
    trades = max(z[row + SCOPE_DAY_TRADES], np.int64(1)) if check == ORDER_TO_TRADE else np.int64(0)
    return judge(m, z, row, part, check, used, requested, value, trades)


@kernel
def judge(
    m: Words,
    z: Signed,
    row: np.uint64,
    part: np.uint64,
    check: np.uint64,
    used: np.int64,
    requested: np.int64,
    value: np.int64,
    trades: np.int64,
) -> np.uint64:
    """Compares a value with the numbers of a limit; `trades` not 0: they are ratios to so many trades."""
    a = m[ASK]
    hard = z[part + PART_HARD]
    soft = z[part + PART_SOFT]
    warns = soft > 0 and m[a + ASK_KIND] <= ASK_QUOTE
    if trades > 0:
        hard = (hard + 1) * trades
        soft = (soft + 1) * trades
    scope = scope_word(m, row, check)
    if value > hard:
        return refused_of(m, reason_of(check), value, hard, used, requested, scope)
    if not warns or value <= soft:
        return NO_REASON
    scope = scope | reason_of(check) << E_HARD_REASON_SHIFT
    if m[a + ASK_FLAGS] & CONFIRMED == ZERO:
        return refused_of(m, SOFT_LIMIT, value, soft, used, requested, scope)
    if m[a + ASK_WARNED] == ZERO:
        m[a + ASK_WARNED] = ONE
        z[a + ASK_WARNED_USED] = used
        z[a + ASK_WARNED_REQUESTED] = requested
        m[a + ASK_WARNED_SCOPE] = scope
        z[a + ASK_WARNED_VALUE] = value
        z[a + ASK_WARNED_LIMIT] = soft
    return NO_REASON


@cold
def check_limits(m: Words, z: Signed) -> np.uint64:
    """All limits that the ask meets, in the order of the rule book."""
    a = m[ASK]
    wanted = ZERO
    number = ZERO
    while number < SCOPE_NUMBERS:
        if m[a + ASK_ROWS + number] != NONE:
            wanted = wanted | m[m[a + ASK_ROWS + number] + SCOPE_CHECKS]
        number = number + ONE
    for check in (
        MESSAGE_RATE,
        ORDER_QUANTITY,
        ORDER_VALUE,
        PRICE_DISTANCE,
        DUPLICATE_ORDER,
        OPEN_ORDERS,
        OPEN_VALUE,
        LONG_POSITION,
        SHORT_POSITION,
        GROSS_POSITION,
        NET_POSITION,
        DAILY_LOSS,
        EXECUTION_THROTTLE,
        ORDER_TO_TRADE,
    ):
        if wanted >> check & ONE != ZERO and applies(m, z, check):
            number = ZERO
            while number < SCOPE_NUMBERS:
                row = m[a + ASK_ROWS + number]
                if row != NONE and m[row + SCOPE_CHECKS] >> check & ONE != ZERO:
                    reason = check_limit(m, z, row, check)
                    if reason != NO_REASON:
                        return reason
                number = number + ONE
            if check == MESSAGE_RATE:
                count_messages(m, z)
    return NO_REASON


@kernel
def count_messages(m: Words, z: Signed) -> None:
    """The message has passed MESSAGE_RATE at all rows: it counts."""
    a = m[ASK]
    now = m[TIME_NS]
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE:
            part = limit_in_force(m, z, row, MESSAGE_RATE)
            if part != NONE:
                if now >= m[row + SCOPE_MESSAGES_BEGIN] + m[part + PART_WINDOW]:
                    m[row + SCOPE_MESSAGES_BEGIN] = now
                    m[row + SCOPE_MESSAGES] = ZERO
                m[row + SCOPE_MESSAGES] += ONE
        number = number + ONE
