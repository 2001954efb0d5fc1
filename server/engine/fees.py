"""What an order pays: exact running sums, rounded once, so that a fee does not depend on how an order is filled.

Rules: rates are 10^-8 of the value of a fill; a sum is a floor and a fraction in units of 10^-8. Minimum and maximum
hold for the trading fee of the whole order. Clearing and regulatory fees are floored each, their account pays their
rounded sum, the difference is the rounding account's.
"""

import numpy as np

from server.engine.bits import divide_floor, high, low
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import ACCOUNT_CASH, BYTE, NONE, ONE, ZERO
from server.engine.layout_money import (
    ACCOUNT_TRADED,
    CHARGED,
    CHARGES_FLOOR,
    CHARGES_FRACTION,
    CHARGES_PAID,
    CHARGES_STARTED,
    CHARGES_TIER,
    F_DIGITS_SHIFT,
    F_ROUNDING_SHIFT,
    POSITION_FEES,
    TIER_ACCOUNTS,
    TIER_CLEARING_REGULATORY,
    TIER_MAKER_TAKER,
    TIER_MAXIMUM,
    TIER_MINIMUM,
    TIER_NEXT,
    TIER_PER_LOT,
    TIER_PER_ORDER,
    TIER_TERMS,
    TIER_VALUE,
    TRADE_CHARGED,
    WORST_MAXIMUM,
    WORST_MINIMUM,
    WORST_PER_LOT,
    WORST_PER_ORDER,
    WORST_RATE,
)
from server.engine.vocabulary import AUCTION, MAKER
from server.engine.vocabulary_money import HALF_EVEN

SCALE = np.int64(100_000_000)
"""Rates and fractions are in units of 1 / SCALE."""
TRADED_MAX = np.int64((1 << 62) - 1)
_SIGN = U(1 << 31)
_TRADING = U(0)
_CLEARING = U(1)
_REGULATORY = U(2)


@inline
def signed_half(half: np.uint64) -> np.int64:
    """A half word as a signed number."""
    return np.int64(half ^ _SIGN) - np.int64(_SIGN)


@inline
def clearing_rate(m: Words, tier: np.uint64) -> np.int64:
    """The tier's clearing rate."""
    return signed_half(low(m[tier + TIER_CLEARING_REGULATORY]))


@inline
def regulatory_rate(m: Words, tier: np.uint64) -> np.int64:
    """The tier's regulatory rate."""
    return signed_half(high(m[tier + TIER_CLEARING_REGULATORY]))


@kernel
def rate_of(m: Words, tier: np.uint64, liquidity: np.uint64) -> np.int64:
    """The tier's rate for what an order was in a trade."""
    if liquidity == AUCTION:
        return signed_half(low(m[tier + TIER_TERMS]))
    rates = m[tier + TIER_MAKER_TAKER]
    return signed_half(low(rates) if liquidity == MAKER else high(rates))


@kernel
def unit_of(m: Words, tier: np.uint64) -> np.int64:
    """What fees are rounded to: a power of ten."""
    digits = m[tier + TIER_TERMS] >> F_DIGITS_SHIFT & BYTE
    unit = np.int64(1)
    while digits != ZERO:
        unit = unit * np.int64(10)
        digits = digits - ONE
    return unit


@kernel
def tier_at(m: Words, z: Signed, first: np.uint64, traded: np.int64) -> np.uint64:
    """The last tier that a traded value has reached."""
    tier = first
    while m[tier + TIER_NEXT] != NONE and traded >= z[m[tier + TIER_NEXT] + TIER_VALUE]:
        tier = m[tier + TIER_NEXT]
    return tier


@kernel
def rounded(m: Words, tier: np.uint64, floor: np.int64, fraction: np.int64) -> np.int64:
    """A sum as the nearest multiple of the schedule's unit."""
    unit = unit_of(m, tier)
    below = floor // unit
    twice = ((floor - below * unit) * SCALE + fraction) * np.int64(2)
    whole = unit * SCALE
    up = twice > whole
    if twice == whole:
        even = m[tier + TIER_TERMS] >> F_ROUNDING_SHIFT & BYTE == HALF_EVEN
        up = below % np.int64(2) != 0 if even else floor >= 0
    return (below + np.int64(1)) * unit if up else below * unit


@kernel
def rounded_up(m: Words, tier: np.uint64, floor: np.int64, fraction: np.int64) -> np.int64:
    """A sum as the least multiple of the schedule's unit that is not below it."""
    unit = unit_of(m, tier)
    whole = floor + np.int64(1) if fraction > 0 else floor
    return -(-whole // unit) * unit


@inline
def sum_with(floor: np.int64, fraction: np.int64, value: np.int64, rate: np.int64) -> tuple[np.int64, np.int64]:
    """A sum and what a rate takes of a value."""
    whole, rest = divide_floor(value, rate, SCALE)
    rest = rest + fraction
    if rest >= SCALE:
        return floor + whole + np.int64(1), rest - SCALE
    return floor + whole, rest


@inline
def add_to(z: Signed, charges: np.uint64, which: np.uint64, value: np.int64, rate: np.int64, fixed: np.int64) -> None:
    """Adds to one of an order's three sums."""
    floor, fraction = sum_with(z[charges + CHARGES_FLOOR + which], z[charges + CHARGES_FRACTION + which], value, rate)
    z[charges + CHARGES_FLOOR + which] = floor + fixed
    z[charges + CHARGES_FRACTION + which] = fraction


@inline
def statutory(z: Signed, charges: np.uint64) -> tuple[np.int64, np.int64]:
    """Clearing and regulatory fees together, exact."""
    floor = z[charges + CHARGES_FLOOR + _CLEARING] + z[charges + CHARGES_FLOOR + _REGULATORY]
    fraction = z[charges + CHARGES_FRACTION + _CLEARING] + z[charges + CHARGES_FRACTION + _REGULATORY]
    if fraction >= SCALE:
        return floor + np.int64(1), fraction - SCALE
    return floor, fraction


@kernel
def charge(
    m: Words,
    z: Signed,
    charges: np.uint64,
    position: np.uint64,
    money: np.uint64,
    side: np.uint64,
    value: np.int64,
    quantity: np.int64,
    liquidity: np.uint64,
) -> np.int64:
    """Takes the fee of a fill from an account, gives it to those who get it, notes it for the trade; returns it."""
    first = m[charges + CHARGES_TIER]
    tier = tier_at(m, z, first, z[money + ACCOUNT_TRADED])
    clearing = z[charges + CHARGES_FLOOR + _CLEARING]
    regulatory = z[charges + CHARGES_FLOOR + _REGULATORY]
    floor, fraction = statutory(z, charges)
    before = rounded(m, first, floor, fraction)
    fixed = quantity * z[tier + TIER_PER_LOT]
    if m[charges + CHARGES_STARTED] == ZERO:
        m[charges + CHARGES_STARTED] = ONE
        fixed = fixed + z[tier + TIER_PER_ORDER]
    add_to(z, charges, _TRADING, value, rate_of(m, tier, liquidity), fixed)
    add_to(z, charges, _CLEARING, value, clearing_rate(m, tier), np.int64(0))
    add_to(z, charges, _REGULATORY, value, regulatory_rate(m, tier), np.int64(0))
    total = rounded(m, first, z[charges + CHARGES_FLOOR], z[charges + CHARGES_FRACTION])
    if z[tier + TIER_MINIMUM] != 0:
        total = max(total, z[tier + TIER_MINIMUM])
    if z[tier + TIER_MAXIMUM] != 0:
        total = min(total, z[tier + TIER_MAXIMUM])
    trading = total - z[charges + CHARGES_PAID]
    z[charges + CHARGES_PAID] = total
    floor, fraction = statutory(z, charges)
    both = rounded(m, first, floor, fraction) - before
    clearing = z[charges + CHARGES_FLOOR + _CLEARING] - clearing
    regulatory = z[charges + CHARGES_FLOOR + _REGULATORY] - regulatory
    z[money + ACCOUNT_TRADED] = min(z[money + ACCOUNT_TRADED] + value, TRADED_MAX)
    z[money + ACCOUNT_CASH] -= trading + both
    z[position + POSITION_FEES] += trading + both
    note = CHARGED + side * U(4)
    pay(m, z, first, note, U(0), trading)
    pay(m, z, first, note, U(1), clearing)
    pay(m, z, first, note, U(2), regulatory)
    pay(m, z, first, note, U(3), both - clearing - regulatory)
    m[TRADE_CHARGED] = first
    return trading + both


@inline
def pay(m: Words, z: Signed, first: np.uint64, note: np.uint64, which: np.uint64, amount: np.int64) -> None:
    """Gives a part of a fee to its system account and notes it for the record of the trade."""
    accounts = m[first + TIER_ACCOUNTS + (which >> ONE)]
    balance = low(accounts) if which & ONE == ZERO else high(accounts)
    z[balance + ACCOUNT_CASH] += amount
    z[note + which] = amount


@kernel
def worst_fee(m: Words, z: Signed, first: np.uint64, charges: np.uint64, value: np.int64, lots: np.int64) -> np.int64:
    """The most that `lots` more, worth `value`, could cost in fees; `charges`: of the order so far, or none."""
    if lots == 0:
        return np.int64(0)
    floor = fraction = paid = statutory_floor = statutory_fraction = before = np.int64(0)
    started = False
    if charges != NONE:
        floor = z[charges + CHARGES_FLOOR]
        fraction = z[charges + CHARGES_FRACTION]
        paid = z[charges + CHARGES_PAID]
        statutory_floor, statutory_fraction = statutory(z, charges)
        before = rounded(m, first, statutory_floor, statutory_fraction)
        started = m[charges + CHARGES_STARTED] != ZERO
    floor, fraction = sum_with(floor, fraction, value, z[first + WORST_RATE])
    floor = floor + lots * z[first + WORST_PER_LOT]
    if not started:
        floor = floor + z[first + WORST_PER_ORDER]
    most = rounded_up(m, first, floor, fraction)
    if z[first + WORST_MINIMUM] != 0:
        most = max(most, z[first + WORST_MINIMUM])
    if z[first + WORST_MAXIMUM] != 0:
        most = min(most, z[first + WORST_MAXIMUM])
    rate = clearing_rate(m, first) + regulatory_rate(m, first)
    statutory_floor, statutory_fraction = sum_with(statutory_floor, statutory_fraction, value, rate)
    most_statutory = rounded_up(m, first, statutory_floor, statutory_fraction)
    return max(most - paid, np.int64(0)) + max(most_statutory - before, np.int64(0))
