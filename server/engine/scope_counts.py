"""Making scope rows, and taking their counts from what lives.

Rules: nothing is counted before there is a row; a new one begins with what there is. Counts of positions are those of
accounts; a user's or an algorithm's begin with nothing.
"""

import numpy as np

from server.engine.bits import halves, low
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import KEY_1, NONE, ONE, ORDER_ALGORITHM_LEVEL, POSITION_NET, ZERO
from server.engine.layout_risk import (
    ACCOUNT_FIRST_POSITION,
    ACCOUNT_NEXT,
    ASK,
    ASK_WORDS,
    FIRST_ACCOUNT,
    FIRST_SCOPE_ROW,
    KIND_SCOPE,
    POSITION_NEXT_OF_ACCOUNT,
    RISK_IN_USE,
    SCOPE_GROSS,
    SCOPE_NET,
    SCOPE_NEXT,
    SCOPE_OPEN,
    SCOPE_ORDERS,
    SCOPE_VALUE,
    SCOPE_WORDS,
)
from server.engine.live_orders import first_order_of, next_order_of
from server.engine.memory import add, take_new
from server.engine.money import lots_bound, side_of, unit_value
from server.engine.registry import find_account, instrument_id_of, position_row_of, user_row_of
from server.engine.scope_rows import add_value, find_scope_row, number_of, scope_id_in, scope_id_of, scope_of
from server.engine.vocabulary_risk import ACCOUNT, ALGORITHM, DESK, FIRM, USER, VENUE


@kernel
def belongs(m: Words, row: np.uint64, account: np.uint64) -> bool:
    """Whether positions of an account count in a scope row."""
    scope = scope_of(m, row)
    if scope == USER or scope == ALGORITHM:
        return False
    return bool(scope == VENUE or scope_id_of(m, row) == scope_id_in(m, scope, NONE, account, ZERO))


@kernel
def order_belongs(m: Words, row: np.uint64, account: np.uint64, order: np.uint64) -> bool:
    """Whether a live order counts in a scope row."""
    wanted = m[row + KEY_1]
    if wanted != ZERO and wanted != instrument_id_of(m, position_row_of(m, order)):
        return False
    scope = scope_of(m, row)
    algorithm = low(m[order + ORDER_ALGORITHM_LEVEL])
    return bool(
        scope == VENUE or scope_id_of(m, row) == scope_id_in(m, scope, user_row_of(m, order), account, algorithm)
    )


@kernel
def recount(m: Words, z: Signed, row: np.uint64) -> None:
    """Takes what a scope row counts of live orders, and of positions, from what there is."""
    z[row + SCOPE_OPEN] = 0
    z[row + SCOPE_OPEN + ONE] = 0
    m[row + SCOPE_VALUE] = ZERO
    m[row + SCOPE_VALUE + ONE] = ZERO
    m[row + SCOPE_ORDERS] = ZERO
    scope = scope_of(m, row)
    personal = scope == USER or scope == ALGORITHM
    if not personal:
        z[row + SCOPE_NET] = 0
        z[row + SCOPE_GROSS] = 0
    account = find_account(m, scope_id_of(m, row)) if scope == ACCOUNT else m[FIRST_ACCOUNT]
    while account != NONE:
        if belongs(m, row, account):
            count_positions(m, z, row, account)
        if personal or belongs(m, row, account):
            count_orders(m, z, row, account)
        account = NONE if scope == ACCOUNT else m[account + ACCOUNT_NEXT]


@kernel
def count_positions(m: Words, z: Signed, row: np.uint64, account: np.uint64) -> None:
    """Adds the positions of an account to a scope row."""
    wanted = m[row + KEY_1]
    position = m[account + ACCOUNT_FIRST_POSITION]
    while position != NONE:
        if wanted == ZERO or wanted == instrument_id_of(m, position):
            z[row + SCOPE_NET] += z[position + POSITION_NET]
            z[row + SCOPE_GROSS] += abs(z[position + POSITION_NET])
        position = m[position + POSITION_NEXT_OF_ACCOUNT]


@kernel
def count_orders(m: Words, z: Signed, row: np.uint64, account: np.uint64) -> None:
    """Adds the live orders of an account to a scope row."""
    order = first_order_of(m, account)
    while order != NONE:
        if order_belongs(m, row, account, order):
            lots = lots_bound(m, z, order)
            z[row + SCOPE_OPEN + side_of(m, order)] += lots
            add_value(m, row, U(unit_value(m, z, order) * lots))
            m[row + SCOPE_ORDERS] += ONE
        order = next_order_of(m, order)


@cold
def scope_row(m: Words, z: Signed, scope: np.uint64, scope_id: np.uint64, instrument_id: np.uint64) -> np.uint64:
    """The row of (scope, id, instrument or 0), made if there is none."""
    row = find_scope_row(m, scope, scope_id, instrument_id)
    if row != NONE:
        return row
    if m[ASK] == NONE:
        m[ASK] = take_new(m, ASK_WORDS)
    row = add(m, KIND_SCOPE | halves(scope_id, scope), instrument_id, SCOPE_WORDS)
    m[row + SCOPE_NEXT] = m[FIRST_SCOPE_ROW]
    m[FIRST_SCOPE_ROW] = row
    m[RISK_IN_USE] |= ONE << number_of(scope, instrument_id)
    recount(m, z, row)
    return row


@cold
def recount_firms_and_desks(m: Words, z: Signed) -> None:
    """After an account has moved to another firm or desk."""
    row = m[FIRST_SCOPE_ROW]
    while row != NONE:
        if scope_of(m, row) == FIRM or scope_of(m, row) == DESK:
            recount(m, z, row)
        row = m[row + SCOPE_NEXT]
