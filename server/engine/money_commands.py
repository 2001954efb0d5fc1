"""Which commands of the server are about money, and what carries each of them out."""

import numpy as np

from server.engine.adjustments import adjust_balance, convert
from server.engine.corporate_actions import pay_dividend, rename, split
from server.engine.corrections import correct_trade
from server.engine.day_end import end_day
from server.engine.fee_schedules import set_fees
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.rates import set_rate
from server.engine.vocabulary_money import (
    ADJUST_BALANCE,
    ADJUST_TRADE,
    BUST_TRADE,
    CONVERT,
    DIVIDEND,
    END_DAY,
    RENAME,
    SET_FEES,
    SET_RATE,
    SPLIT,
)


@inline
def is_money_command(kind: np.uint64) -> bool:
    """Whether a command is one of this file's."""
    return bool(kind >= SET_FEES and kind <= END_DAY)


@cold
def money_command(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """One command about money. Returns the reason for which it is refused, or 0."""
    if kind == SET_FEES:
        return set_fees(m, z, ev, c, b)
    if kind == SET_RATE:
        return set_rate(m, z, ev, c, b)
    if kind == CONVERT:
        return convert(m, z, ev, c, b)
    if kind == ADJUST_BALANCE:
        return adjust_balance(m, z, ev, c, b)
    if kind == BUST_TRADE or kind == ADJUST_TRADE:
        return correct_trade(m, z, ev, md, c, b, kind)
    if kind == SPLIT:
        return split(m, z, ev, md, c, b)
    if kind == DIVIDEND:
        return pay_dividend(m, z, ev, c, b)
    if kind == RENAME:
        return rename(m, ev, c, b)
    return end_day(m, z, ev, c, b)
