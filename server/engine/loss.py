"""The loss of the day of an account, a desk or a firm: what its positions have lost since their baselines."""

import numpy as np

from server.engine.balances import next_position_of_account
from server.engine.kernel import Signed, Words, cold, kernel
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
from server.engine.layout_money import ACCOUNT_FIRST_POSITION as FIRST_BY_INSTRUMENT
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
from server.engine.margin import saturated, value_at
from server.engine.registry import find_account, instrument_of
from server.engine.scope_rows import scope_id_in, scope_id_of, scope_of
from server.engine.vocabulary_risk import ACCOUNT


@kernel
def risk_reference(z: Signed, instrument: np.uint64) -> np.int64:
    """The price by which distance and loss are measured: last of the day, reference price, previous close."""
    if z[instrument + INSTRUMENT_LAST] != NO_PRICE:
        return z[instrument + INSTRUMENT_LAST]
    if z[instrument + INSTRUMENT_REFERENCE] != NO_PRICE:
        return z[instrument + INSTRUMENT_REFERENCE]
    return z[instrument + INSTRUMENT_PREVIOUS_CLOSE]


@kernel
def result_of(m: Words, z: Signed, position: np.uint64) -> np.int64:
    """What a position has brought so far, with what it would bring at the present mark, which may be any number."""
    result = saturated(z[position + POSITION_REALISED], z[position + POSITION_INCOME])
    result = saturated(result, -z[position + POSITION_FEES])
    net = z[position + POSITION_NET]
    mark = risk_reference(z, instrument_of(m, position))
    if net != 0 and mark != NO_PRICE:
        cash_scale = z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
        result = saturated(result, value_at(net, mark, cash_scale))
        result = saturated(result, -z[position + POSITION_COST])
    return result


@kernel
def with_account(m: Words, z: Signed, account: np.uint64, gain: np.int64) -> np.int64:
    """`gain`, and what the positions of an account have gained since their baselines."""
    position = m[account + FIRST_BY_INSTRUMENT]
    while position != NONE:
        gain = saturated(gain, saturated(result_of(m, z, position), -z[position + POSITION_BASELINE]))
        position = next_position_of_account(m, position)
    return gain


@cold
def loss_of_scope(m: Words, z: Signed, row: np.uint64) -> np.int64:
    """The loss of the day of the account, desk or firm of a scope row."""
    scope = scope_of(m, row)
    if scope == ACCOUNT:
        return -with_account(m, z, find_account(m, scope_id_of(m, row)), np.int64(0))
    gain = np.int64(0)
    account = m[FIRST_ACCOUNT]
    while account != NONE:
        if scope_id_in(m, scope, NONE, account, ZERO) == scope_id_of(m, row):
            gain = with_account(m, z, account, gain)
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
