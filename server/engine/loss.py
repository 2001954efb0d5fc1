"""The loss of the day of an account, a desk or a firm: what its positions have lost since their baselines."""

import numpy as np

from server.engine.bits import magnitude, product_high
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_LAST,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    NO_PRICE,
    NONE,
    POSITION_COST,
    POSITION_NET,
    POSITION_REALISED,
    ZERO,
)
from server.engine.layout_money import POSITION_FEES, POSITION_INCOME
from server.engine.layout_risk import (
    ACCOUNT_FIRST_POSITION,
    ACCOUNT_NEXT,
    FIRST_ACCOUNT,
    FIRST_SCOPE_ROW,
    POSITION_BASELINE,
    POSITION_NEXT_OF_ACCOUNT,
    SCOPE_DAY,
    SCOPE_DAY_ENTERED,
    SCOPE_DAY_TRADED,
    SCOPE_DAY_TRADES,
    SCOPE_NEXT,
)
from server.engine.registry import find_account, instrument_of
from server.engine.scope_rows import scope_id_in, scope_id_of, scope_of
from server.engine.vocabulary_risk import ACCOUNT

_AMOUNT_MAX = U(1 << 62)


@kernel
def risk_reference(z: Signed, instrument: np.uint64) -> np.int64:
    """The price by which distance and loss are measured: last of the day, reference price, previous close."""
    if z[instrument + INSTRUMENT_LAST] != NO_PRICE:
        return z[instrument + INSTRUMENT_LAST]
    if z[instrument + INSTRUMENT_REFERENCE] != NO_PRICE:
        return z[instrument + INSTRUMENT_REFERENCE]
    return z[instrument + INSTRUMENT_PREVIOUS_CLOSE]


@kernel
def held_within(net: np.int64, price: np.int64, cash_scale: np.int64) -> np.int64:
    """net x price x cash_scale, held within -2^62 and 2^62."""
    lots = magnitude(net)
    unit = magnitude(price) * U(cash_scale)
    size = lots * unit
    if product_high(lots, unit) != ZERO or size > _AMOUNT_MAX:
        size = _AMOUNT_MAX
    return -np.int64(size) if (net < 0) != (price < 0) else np.int64(size)


@kernel
def result_of(m: Words, z: Signed, position: np.uint64) -> np.int64:
    """What a position has brought so far, with what it would bring at the present mark."""
    result = z[position + POSITION_REALISED] + z[position + POSITION_INCOME] - z[position + POSITION_FEES]
    net = z[position + POSITION_NET]
    mark = risk_reference(z, instrument_of(m, position))
    if net != 0 and mark != NO_PRICE:
        cash_scale = z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
        result = result + held_within(net, mark, cash_scale) - z[position + POSITION_COST]
    return result


@kernel
def gain_of_account(m: Words, z: Signed, account: np.uint64) -> np.int64:
    """What the positions of an account have gained since their baselines."""
    gain = np.int64(0)
    position = m[account + ACCOUNT_FIRST_POSITION]
    while position != NONE:
        gain = gain + result_of(m, z, position) - z[position + POSITION_BASELINE]
        position = m[position + POSITION_NEXT_OF_ACCOUNT]
    return gain


@cold
def loss_of_scope(m: Words, z: Signed, row: np.uint64) -> np.int64:
    """The loss of the day of the account, desk or firm of a scope row."""
    scope = scope_of(m, row)
    if scope == ACCOUNT:
        return -gain_of_account(m, z, find_account(m, scope_id_of(m, row)))
    gain = np.int64(0)
    account = m[FIRST_ACCOUNT]
    while account != NONE:
        if scope_id_in(m, scope, NONE, account, ZERO) == scope_id_of(m, row):
            gain = gain + gain_of_account(m, z, account)
        account = m[account + ACCOUNT_NEXT]
    return -gain


@kernel
def set_baseline(m: Words, z: Signed, position: np.uint64) -> None:
    """The day of a position ends: what it has brought so far is no more of the next day."""
    z[position + POSITION_BASELINE] = result_of(m, z, position)


@cold
def begin_risk_day(m: Words, z: Signed) -> None:
    """END_DAY: baselines of all positions of opened accounts; the order-to-trade counts begin again."""
    account = m[FIRST_ACCOUNT]
    while account != NONE:
        position = m[account + ACCOUNT_FIRST_POSITION]
        while position != NONE:
            set_baseline(m, z, position)
            position = m[position + POSITION_NEXT_OF_ACCOUNT]
        account = m[account + ACCOUNT_NEXT]
    row = m[FIRST_SCOPE_ROW]
    while row != NONE:
        m[row + SCOPE_DAY] = ZERO
        m[row + SCOPE_DAY_TRADES] = ZERO
        m[row + SCOPE_DAY_ENTERED] = ZERO
        m[row + SCOPE_DAY_TRADED] = ZERO
        row = m[row + SCOPE_NEXT]
