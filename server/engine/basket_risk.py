"""The check of a basket on its total: how many orders it has and what they are worth, before any is looked at."""

import numpy as np

from server.engine.bits import high, low, magnitude, product_high
from server.engine.checks import flags_in
from server.engine.groups import kind_at
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_PRICE,
    C_QUANTITY,
    COMMAND_USER,
    COMMAND_WORDS,
    INSTRUMENT_CASH_SCALE,
    NO_PRICE,
    NONE,
    ONE,
    ZERO,
)
from server.engine.layout_risk import ASK, ASK_FLAGS, ASK_KIND, ASK_WARNED, ASK_WORDS, RISK_IN_USE, SCOPE_NUMBERS
from server.engine.limits import ASK_NEW, judge
from server.engine.memory import take_new
from server.engine.registry import find_account, find_instrument
from server.engine.scope_rows import limit_in_force, row_met
from server.engine.vocabulary import NEW_ORDER, NO_REASON
from server.engine.vocabulary_risk import BASKET_COUNT, BASKET_VALUE

_VALUE_MAX = U(1 << 62)


@kernel
def value_of_record(m: Words, z: Signed, c: Words, b: np.uint64) -> np.uint64:
    """What an unchecked order of a basket is worth, at most 2^62; 0 without a price or a listed instrument."""
    instrument = find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT]))
    price = np.int64(c[b + C_PRICE])
    if instrument == NONE or price == NO_PRICE:
        return ZERO
    size = magnitude(price)
    lots = magnitude(np.int64(c[b + C_QUANTITY]))
    scale = U(z[instrument + INSTRUMENT_CASH_SCALE])
    if size == ZERO or lots == ZERO:
        return ZERO
    if product_high(size, scale) != ZERO or product_high(size * scale, lots) != ZERO:
        return _VALUE_MAX
    return min(size * scale * lots, _VALUE_MAX)


@kernel
def total_of(m: Words, z: Signed, c: Words, b: np.uint64, end: np.uint64, check: np.uint64) -> np.int64:
    """How many orders a basket has, or what they are worth together, at most 2^62."""
    total = ZERO
    at = b
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            total = total + (ONE if check == BASKET_COUNT else value_of_record(m, z, c, at))
            total = min(total, _VALUE_MAX)
        at = at + COMMAND_WORDS
    return np.int64(total)


@cold
def check_basket(m: Words, z: Signed, c: Words, b: np.uint64, end: np.uint64) -> np.uint64:
    """BASKET_COUNT_LIMIT and BASKET_VALUE_LIMIT of the first record's scopes."""
    account = find_account(m, low(c[b + C_ACCOUNT_INSTRUMENT]))
    if m[RISK_IN_USE] == ZERO or account == NONE:
        return NO_REASON
    if m[ASK] == NONE:
        m[ASK] = take_new(m, ASK_WORDS)
    m[m[ASK] + ASK_KIND] = ASK_NEW
    m[m[ASK] + ASK_FLAGS] = flags_in(c, b)
    m[m[ASK] + ASK_WARNED] = ONE
    algorithm = low(c[b + C_ALGORITHM_TERMS])
    for check in (BASKET_COUNT, BASKET_VALUE):
        total = total_of(m, z, c, b, end, check)
        number = ONE
        while number < SCOPE_NUMBERS:
            row = row_met(m, number, m[COMMAND_USER], account, algorithm, ZERO)
            part = limit_in_force(m, z, row, check) if row != NONE else NONE
            if part != NONE:
                reason = judge(m, z, row, part, check, np.int64(0), total, total, np.int64(0))
                if reason != NO_REASON:
                    return reason
            number = number + ONE + ONE
    return NO_REASON
