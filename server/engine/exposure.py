"""What scope rows count while orders live and trade: open lots and value, live orders, positions, executions.

Rules: whoever changes what is counted calls here at once, and only where `RISK_IN_USE` says that there are rows.
"""

import numpy as np

from server.engine.bits import low
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import NONE, ONE, ORDER_ALGORITHM_LEVEL, POSITION_NET, TIME_NS, ZERO
from server.engine.layout_risk import (
    PART_HARD,
    PART_WINDOW,
    RISK_IN_USE,
    SCOPE_DAY,
    SCOPE_DAY_ENTERED,
    SCOPE_DAY_TRADED,
    SCOPE_DAY_TRADES,
    SCOPE_EXECUTIONS,
    SCOPE_EXECUTIONS_BEGIN,
    SCOPE_GROSS,
    SCOPE_NET,
    SCOPE_NUMBERS,
    SCOPE_OPEN,
    SCOPE_ORDERS,
)
from server.engine.registry import account_id_of, account_of, instrument_id_of, position_row_of, user_row_of
from server.engine.scope_rows import add_value, limit_in_force, row_met, scope_of, take_value
from server.engine.vocabulary_risk import ALGORITHM, EXECUTION_THROTTLE, USER

FIRST_SYSTEM_ACCOUNT = U(16_777_200)
"""From this id on accounts are the exchange's own."""


@kernel
def row_of_order(m: Words, number: np.uint64, order: np.uint64) -> np.uint64:
    """The scope row of this number that a live order meets, or none."""
    position = position_row_of(m, order)
    algorithm = low(m[order + ORDER_ALGORITHM_LEVEL])
    account = account_of(m, position)
    return row_met(m, number, user_row_of(m, order), account, algorithm, instrument_id_of(m, position))


@cold
def count_open(m: Words, z: Signed, order: np.uint64, side: np.uint64, lots: np.int64, unit: np.int64) -> None:
    """An order binds lots, each of an absolute value; a negative number frees them."""
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = row_of_order(m, number, order)
        if row != NONE:
            z[row + SCOPE_OPEN + side] += lots
            if lots > 0:
                add_value(m, row, U(unit * lots))
            else:
                take_value(m, row, U(unit * -lots))
        number = number + ONE


@cold
def count_live(m: Words, order: np.uint64, begins: bool) -> None:
    """An order begins to live, or ends."""
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = row_of_order(m, number, order)
        if row != NONE:
            if begins:
                m[row + SCOPE_ORDERS] += ONE
            else:
                m[row + SCOPE_ORDERS] -= ONE
        number = number + ONE


@cold
def count_fill(m: Words, z: Signed, order: np.uint64, signed: np.int64, before: np.int64) -> None:
    """An order was executed; `before`: the net of its position until then."""
    position = position_row_of(m, order)
    after = z[position + POSITION_NET]
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = row_of_order(m, number, order)
        if row != NONE:
            z[row + SCOPE_NET] += signed
            scope = scope_of(m, row)
            if scope == USER or scope == ALGORITHM:
                z[row + SCOPE_GROSS] = abs(z[row + SCOPE_NET])
            else:
                z[row + SCOPE_GROSS] += abs(after) - abs(before)
            z[row + SCOPE_DAY_TRADES] += 1
            z[row + SCOPE_DAY_TRADED] += abs(signed)
            count_execution(m, z, row)
        number = number + ONE


@kernel
def count_execution(m: Words, z: Signed, row: np.uint64) -> None:
    """One more execution of a row; a new window begins where the old one is over and its number was not reached."""
    part = limit_in_force(m, z, row, EXECUTION_THROTTLE)
    if part != NONE and m[part + PART_WINDOW] != ZERO and z[row + SCOPE_EXECUTIONS] < z[part + PART_HARD]:
        if m[TIME_NS] >= m[row + SCOPE_EXECUTIONS_BEGIN] + m[part + PART_WINDOW]:
            m[row + SCOPE_EXECUTIONS_BEGIN] = m[TIME_NS]
            m[row + SCOPE_EXECUTIONS] = ZERO
    m[row + SCOPE_EXECUTIONS] += ONE


@inline
def net_changed(m: Words, z: Signed, position: np.uint64, before: np.int64) -> None:
    """The net of a position changed without an order: an adjustment, a correction, a corporate action."""
    account_id = account_id_of(m, position)
    if m[RISK_IN_USE] != ZERO and account_id != ZERO and account_id < FIRST_SYSTEM_ACCOUNT:
        count_net(m, z, position, before)


@cold
def count_net(m: Words, z: Signed, position: np.uint64, before: np.int64) -> None:
    """Counts a change of net at the rows of the account and those above it."""
    after = z[position + POSITION_NET]
    number = ZERO
    while number < SCOPE_NUMBERS:
        scope = number >> ONE
        if scope != USER and scope != ALGORITHM:
            row = row_met(m, number, NONE, account_of(m, position), ZERO, instrument_id_of(m, position))
            if row != NONE:
                z[row + SCOPE_NET] += after - before
                z[row + SCOPE_GROSS] += abs(after) - abs(before)
        number = number + ONE


@cold
def count_message(m: Words, z: Signed, order: np.uint64, weight: np.int64, lots: np.int64) -> None:
    """A message about a live order for the order-to-trade counts."""
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = row_of_order(m, number, order)
        if row != NONE:
            z[row + SCOPE_DAY] += weight
            z[row + SCOPE_DAY_ENTERED] += lots
        number = number + ONE
