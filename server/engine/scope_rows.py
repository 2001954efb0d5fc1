"""Scope rows: of a venue, firm, desk, user, account or algorithm, for one instrument or for all; how they are found.

Rules: an order meets at most twelve rows, numbered 2 x scope for its instrument's and one more for that of all.
"""

import numpy as np

from server.engine.bits import halves, high, low
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import HALF, NONE, ONE, TIME_NS, ZERO
from server.engine.layout_risk import (
    ACCOUNT_FIRM_DESK,
    E_CHECK_SHIFT,
    E_SCOPE_SHIFT,
    KIND_SCOPE,
    LIMIT_BASE,
    LIMIT_TEMPORARY,
    PART_FROM,
    PART_SET,
    PART_UNTIL,
    RISK_IN_USE,
    SCOPE_LIMITS,
    SCOPE_VALUE,
)
from server.engine.memory import find
from server.engine.registry import id_of
from server.engine.vocabulary_risk import ACCOUNT, DESK, FIRM, USER, VENUE

_BYTE = U(0xFF)


@inline
def scope_of(m: Words, row: np.uint64) -> np.uint64:
    """The scope of a scope row."""
    return m[row] >> HALF & _BYTE


@inline
def scope_id_of(m: Words, row: np.uint64) -> np.uint64:
    """Whom a scope row is about."""
    return low(m[row])


@inline
def scope_word(m: Words, row: np.uint64, check: np.uint64) -> np.uint64:
    """Scope, its id and the check as RISK_REJECTION has them."""
    return scope_id_of(m, row) | scope_of(m, row) << E_SCOPE_SHIFT | check << E_CHECK_SHIFT


@inline
def number_of(scope: np.uint64, instrument_id: np.uint64) -> np.uint64:
    """The number of a scope row in an ask."""
    return scope + scope + (ONE if instrument_id == ZERO else ZERO)


@inline
def find_scope_row(m: Words, scope: np.uint64, scope_id: np.uint64, instrument_id: np.uint64) -> np.uint64:
    """The row of (scope, id, instrument or 0), or none."""
    return find(m, KIND_SCOPE | halves(scope_id, scope), instrument_id)


@inline
def scope_id_in(m: Words, scope: np.uint64, user: np.uint64, account: np.uint64, algorithm: np.uint64) -> np.uint64:
    """Who an order's venue, firm, desk, user, account or algorithm is; 0: nobody, but for VENUE."""
    if scope == VENUE:
        return ZERO
    if scope == FIRM:
        return low(m[account + ACCOUNT_FIRM_DESK])
    if scope == DESK:
        return high(m[account + ACCOUNT_FIRM_DESK])
    if scope == USER:
        return low(id_of(m, user))
    return low(id_of(m, account)) if scope == ACCOUNT else algorithm


@kernel
def row_met(
    m: Words, number: np.uint64, user: np.uint64, account: np.uint64, algorithm: np.uint64, instrument_id: np.uint64
) -> np.uint64:
    """The scope row of this number that an order meets, or none."""
    if m[RISK_IN_USE] >> number & ONE == ZERO:
        return NONE
    scope = number >> ONE
    scope_id = scope_id_in(m, scope, user, account, algorithm)
    if scope != VENUE and scope_id == ZERO:
        return NONE
    return find_scope_row(m, scope, scope_id, ZERO if number & ONE == ONE else instrument_id)


@inline
def add_value(m: Words, row: np.uint64, amount: np.uint64) -> None:
    """Adds to the open value, a number of 128 bits."""
    sum_low = m[row + SCOPE_VALUE] + amount
    if sum_low < amount:
        m[row + SCOPE_VALUE + ONE] += ONE
    m[row + SCOPE_VALUE] = sum_low


@inline
def take_value(m: Words, row: np.uint64, amount: np.uint64) -> None:
    """Takes from the open value."""
    if m[row + SCOPE_VALUE] < amount:
        m[row + SCOPE_VALUE + ONE] -= ONE
    m[row + SCOPE_VALUE] -= amount


@kernel
def limit_in_force(m: Words, z: Signed, row: np.uint64, check: np.uint64) -> np.uint64:
    """The part of a row's limit that holds now, the temporary before the base; or none."""
    limit = m[row + SCOPE_LIMITS + check]
    if limit == NONE:
        return NONE
    temporary = limit + LIMIT_TEMPORARY
    now = m[TIME_NS]
    if m[temporary + PART_SET] != ZERO and m[temporary + PART_FROM] <= now and now < m[temporary + PART_UNTIL]:
        return temporary
    return limit + LIMIT_BASE if m[limit + LIMIT_BASE + PART_SET] != ZERO else NONE
