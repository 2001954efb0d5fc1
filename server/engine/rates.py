"""Exchange rates between currencies: SET_RATE, and what an amount of one currency is in another.

Rules: the rate of a pair, else that of the turned pair turned round; no other way. One too old is none.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.bits import divide_wide, low, magnitude, product_high
from server.engine.events import command_event
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import (
    E_LAST_PRICE,
    E_LAST_QUANTITY,
    E_LIMIT,
    E_QUANTITY,
    E_VALUE,
    NONE,
    ONE,
    PAIR,
    TIME_NS,
    ZERO,
)
from server.engine.layout_money import (
    KIND_RATE,
    R_BASE_SHIFT,
    R_DENOMINATOR,
    R_MAX_AGE,
    R_NAMES,
    R_NUMERATOR,
    R_QUOTE_SHIFT,
    R_TIME,
    RATE_DENOMINATOR,
    RATE_MAX_AGE,
    RATE_NUMERATOR,
    RATE_TIME,
    RATE_WORDS,
)
from server.engine.memory import add, find
from server.engine.refusal import refused
from server.engine.vocabulary import INVALID_DEFINITION, NO_REASON
from server.engine.vocabulary_money import CHANGED_SETTING, NO_RATE, RATE_TOO_OLD, SET_RATE

_TERM_MAX = np.int64(1 << 53)
LARGEST = np.int64((1 << 62) - 1)
"""What a converted amount beyond it counts as."""


@kernel
def fault_in_rate(m: Words, z: Signed, c: Words, b: np.uint64, base: np.uint64, quote: np.uint64) -> np.int64:
    """Which number of a rate does not fit (1 to 5), or 0."""
    numerator = np.int64(c[b + R_NUMERATOR])
    denominator = np.int64(c[b + R_DENOMINATOR])
    made = np.int64(c[b + R_TIME])
    if base == quote:
        return np.int64(1)
    if numerator < 1 or numerator > _TERM_MAX:
        return np.int64(2)
    if denominator < 1 or denominator > _TERM_MAX:
        return np.int64(3)
    if made < 0 or made > z[TIME_NS]:
        return np.int64(4)
    return np.int64(5) if np.int64(c[b + R_MAX_AGE]) < 0 else np.int64(0)


@kernel
def set_rate(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_RATE. Returns the reason for which it is refused, or 0."""
    reason = check_approval(m, c, b, low(c[b + R_NAMES]), True)
    if reason != NO_REASON:
        return reason
    base = c[b + R_NAMES] >> R_BASE_SHIFT & PAIR
    quote = c[b + R_NAMES] >> R_QUOTE_SHIFT & PAIR
    fault = fault_in_rate(m, z, c, b, base, quote)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(base), fault)
    rate = find(m, KIND_RATE | base, quote)
    if rate == NONE:
        rate = add(m, KIND_RATE | base, quote, RATE_WORDS)
    m[rate + RATE_NUMERATOR] = c[b + R_NUMERATOR]
    m[rate + RATE_DENOMINATOR] = c[b + R_DENOMINATOR]
    m[rate + RATE_TIME] = c[b + R_TIME]
    m[rate + RATE_MAX_AGE] = c[b + R_MAX_AGE]
    e = command_event(m, ev, c, b, CHANGED_SETTING, ZERO)
    ev[e + E_QUANTITY] = base
    ev[e + E_VALUE] = SET_RATE
    ev[e + E_LIMIT] = quote
    ev[e + E_LAST_PRICE] = c[b + R_NUMERATOR]
    ev[e + E_LAST_QUANTITY] = c[b + R_DENOMINATOR]
    return NO_REASON


@kernel
def find_rate(m: Words, base: np.uint64, quote: np.uint64) -> tuple[np.uint64, bool]:
    """The row of the rate from one currency to another, or none, and whether it is to be turned round."""
    rate = find(m, KIND_RATE | base, quote)
    if rate != NONE:
        return rate, False
    return find(m, KIND_RATE | quote, base), True


@kernel
def check_rate(m: Words, z: Signed, base: np.uint64, quote: np.uint64) -> np.uint64:
    """Whether there is a rate that is young enough: NO_RATE, RATE_TOO_OLD, or 0."""
    rate, _ = find_rate(m, base, quote)
    if rate == NONE:
        return refused(m, NO_RATE, np.int64(base), np.int64(quote))
    age = z[TIME_NS] - z[rate + RATE_TIME]
    most = z[rate + RATE_MAX_AGE]
    if most != 0 and age > most:
        return refused(m, RATE_TOO_OLD, age, most)
    return NO_REASON


@kernel
def converted(m: Words, z: Signed, base: np.uint64, quote: np.uint64, amount: np.int64) -> tuple[np.int64, bool]:
    """An amount in another currency, which has a rate, toward minus infinity; and whether it stays below 2^62 in size.

    One that does not counts as LARGEST.
    """
    rate, turned = find_rate(m, base, quote)
    numerator = z[rate + RATE_DENOMINATOR] if turned else z[rate + RATE_NUMERATOR]
    denominator = z[rate + RATE_NUMERATOR] if turned else z[rate + RATE_DENOMINATOR]
    upper = product_high(magnitude(amount), U(numerator))
    lower = magnitude(amount) * U(numerator)
    divisor = U(denominator)
    if upper >= divisor:
        return LARGEST if amount > 0 else -LARGEST, False
    quotient = lower // divisor if upper == ZERO else divide_wide(upper, lower, divisor)
    if amount < 0 and lower - quotient * divisor != ZERO:
        quotient = quotient + ONE
    if quotient > U(LARGEST):
        return LARGEST if amount > 0 else -LARGEST, False
    return np.int64(quotient) if amount >= 0 else -np.int64(quotient), True
