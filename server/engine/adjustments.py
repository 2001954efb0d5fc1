"""ADJUST_CASH, ADJUST_POSITION, ADJUST_BALANCE and CONVERT: what an operator gives, takes and exchanges.

Rules: the house takes the other side of adjustments, the conversion account that of conversions. A position is adjusted
by posting a fill that moves no cash, to the house the other way.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.balances import (
    CONVERSION_ACCOUNT,
    available_in,
    balance_of,
    find_balance,
    move_house_cash,
    system_balance,
)
from server.engine.bits import high, low, magnitude
from server.engine.events import money_event, position_event
from server.engine.exposure import net_changed
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CURRENCY,
    C_ACCOUNT_INSTRUMENT,
    C_PRICE,
    C_QUANTITY,
    C_SESSION_USER,
    COMMAND_USER,
    HOUSE,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_QUANTITY_MAX,
    NONE,
    ONE,
    PAIR,
    POSITION_NET,
    POSITION_OPEN,
    POSITION_REALISED,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_MONEY_TERMS,
    TERMS_CURRENCIES_SHIFT,
    X_AMOUNT,
    X_CURRENCY_2_SHIFT,
    X_CURRENCY_SHIFT,
    X_NAMES,
)
from server.engine.lots import book
from server.engine.money import greatest_lot_value
from server.engine.money_checks import check_lots, check_realised
from server.engine.rates import check_rate, converted
from server.engine.refusal import refused
from server.engine.registry import find_account, find_instrument, find_position, position_of
from server.engine.vocabulary import (
    INSUFFICIENT_CASH,
    INVALID_DEFINITION,
    NO_REASON,
    POSITION,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_money import AMOUNT_TOO_LARGE, BALANCE

_MONEY_MAX = np.int64(1 << 61)
_AMOUNT_BOUND = np.int64(1 << 61)
_SUM_BOUND = np.int64(1 << 62)


@kernel
def exceeds(cash: np.int64, amount: np.int64) -> bool:
    """Whether a sum would be more than 2^61 in size; the first is not."""
    if amount > 0:
        return not (cash <= _MONEY_MAX - amount and cash + amount >= -_MONEY_MAX)
    return not (cash >= -_MONEY_MAX - amount and cash + amount <= _MONEY_MAX)


@kernel
def check_house(m: Words, z: Signed, currency: np.uint64, amount: np.int64) -> np.uint64:
    """Whether the house can take the other side of an amount."""
    balance = find_balance(m, m[HOUSE], currency)
    cash = z[balance + ACCOUNT_CASH] if balance != NONE else np.int64(0)
    if exceeds(-cash, amount) or exceeds(-z[m[HOUSE] + ACCOUNT_CASH], amount):
        return refused(m, AMOUNT_TOO_LARGE, amount, _MONEY_MAX)
    return NO_REASON


@kernel
def adjust_cash(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """ADJUST_CASH. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    amount = np.int64(c[b + C_QUANTITY])
    account = find_account(m, account_id)
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if exceeds(z[account + ACCOUNT_CASH], amount):
        return refused(m, INVALID_DEFINITION, amount, np.int64(1))
    currency = m[account + ACCOUNT_CURRENCY]
    reason = check_house(m, z, currency, amount)
    if reason != NO_REASON:
        return reason
    z[account + ACCOUNT_CASH] += amount
    move_house_cash(m, z, currency, -amount)
    money_event(m, ev, POSITION, account, account, currency, low(c[b + C_SESSION_USER]))
    return NO_REASON


@kernel
def fault_in_adjustment(z: Signed, instrument: np.uint64, lots: np.int64, price: np.int64) -> np.int64:
    """Which number of a position's adjustment does not fit (1 to 3), or 0."""
    if lots == 0:
        return np.int64(1)
    if magnitude(lots) > U(z[instrument + INSTRUMENT_QUANTITY_MAX]):
        return np.int64(2)
    outside = price < z[instrument + INSTRUMENT_PRICE_MIN] or price > z[instrument + INSTRUMENT_PRICE_MAX]
    return np.int64(3) if outside else np.int64(0)


@kernel
def check_room(
    m: Words, z: Signed, account_id: np.uint64, instrument: np.uint64, instrument_id: np.uint64, lots: np.int64
) -> np.uint64:
    """Whether a position can take so many lots more."""
    position = find_position(m, account_id, instrument_id)
    size = magnitude(lots)
    if position != NONE:
        size = size + magnitude(z[position + POSITION_NET])
        size = size + m[position + POSITION_OPEN] + m[position + POSITION_OPEN + ONE]
    reason = check_lots(m, size, U(greatest_lot_value(z, instrument)))
    if reason == NO_REASON and position != NONE:
        reason = check_realised(m, z[position + POSITION_REALISED])
    return reason


@kernel
def adjust_position(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """ADJUST_POSITION. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    lots = np.int64(c[b + C_QUANTITY])
    price = np.int64(c[b + C_PRICE])
    instrument = find_instrument(m, instrument_id)
    if instrument == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    account = find_account(m, account_id)
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    fault = fault_in_adjustment(z, instrument, lots, price)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, lots, fault)
    reason = check_room(m, z, account_id, instrument, instrument_id, lots)
    if reason == NO_REASON:
        reason = check_room(m, z, ZERO, instrument, instrument_id, lots)
    if reason != NO_REASON:
        return reason
    unit_cash = price * z[instrument + INSTRUMENT_CASH_SCALE]
    position = position_of(m, account, instrument)
    before = z[position + POSITION_NET]
    book(m, z, position, lots, unit_cash, ZERO, ZERO, False)
    net_changed(m, z, position, before)
    book(m, z, position_of(m, m[HOUSE], instrument), -lots, unit_cash, ZERO, ZERO, False)
    position_event(m, ev, m[COMMAND_USER], position, low(c[b + C_SESSION_USER]))
    return NO_REASON


@kernel
def may_hold(m: Words, account: np.uint64, currency: np.uint64) -> bool:
    """Whether an account may hold a currency: its own, or any if it has the right to."""
    return bool(
        m[account + ACCOUNT_CURRENCY] == currency or m[account + ACCOUNT_MONEY_TERMS] >> TERMS_CURRENCIES_SHIFT != ZERO
    )


@kernel
def check_operation(m: Words, c: Words, b: np.uint64, account_id: np.uint64) -> np.uint64:
    """The first checks of a command about an account's money: the approver, the account."""
    reason = check_approval(m, c, b, low(c[b + X_NAMES]), True)
    if reason == NO_REASON and find_account(m, account_id) == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    return reason


@kernel
def adjust_balance(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """ADJUST_BALANCE. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    reason = check_operation(m, c, b, account_id)
    if reason != NO_REASON:
        return reason
    account = find_account(m, account_id)
    currency = c[b + X_NAMES] >> X_CURRENCY_SHIFT & PAIR
    amount = np.int64(c[b + X_AMOUNT])
    money = find_balance(m, account, currency)
    cash = z[money + ACCOUNT_CASH] if money != NONE else np.int64(0)
    if amount == 0:
        return refused(m, INVALID_DEFINITION, amount, np.int64(1))
    if not may_hold(m, account, currency):
        return refused(m, INVALID_DEFINITION, amount, np.int64(3))
    if exceeds(cash, amount):
        return refused(m, INVALID_DEFINITION, amount, np.int64(4))
    reason = check_house(m, z, currency, amount)
    if reason != NO_REASON:
        return reason
    available = available_in(z, money) if money != NONE else np.int64(0)
    if amount < 0 and -amount > available:
        return refused(m, INSUFFICIENT_CASH, -amount, available)
    money = balance_of(m, account, currency)
    z[money + ACCOUNT_CASH] += amount
    move_house_cash(m, z, currency, -amount)
    money_event(m, ev, BALANCE, account, money, currency, low(c[b + C_SESSION_USER]))
    return NO_REASON


@kernel
def check_conversion(
    m: Words, z: Signed, account: np.uint64, base: np.uint64, quote: np.uint64, amount: np.int64
) -> np.uint64:
    """Whether an amount can be exchanged. Its other currency's cash must have room for it."""
    if amount < 1 or amount >= _AMOUNT_BOUND:
        return refused(m, INVALID_DEFINITION, amount, np.int64(1))
    if base == quote:
        return refused(m, INVALID_DEFINITION, amount, np.int64(2))
    if not may_hold(m, account, base) or not may_hold(m, account, quote):
        return refused(m, INVALID_DEFINITION, amount, np.int64(3))
    reason = check_rate(m, z, base, quote)
    if reason != NO_REASON:
        return reason
    result, fits = converted(m, z, base, quote, amount)
    if not fits:
        return refused(m, AMOUNT_TOO_LARGE, amount, _SUM_BOUND)
    money = find_balance(m, account, quote)
    after = result + (z[money + ACCOUNT_CASH] if money != NONE else np.int64(0))
    if after > _MONEY_MAX:
        return refused(m, AMOUNT_TOO_LARGE, after, _MONEY_MAX)
    money = find_balance(m, account, base)
    available = available_in(z, money) if money != NONE else np.int64(0)
    return refused(m, INSUFFICIENT_CASH, amount, available) if amount > available else NO_REASON


@kernel
def convert(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """CONVERT. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    reason = check_operation(m, c, b, account_id)
    if reason != NO_REASON:
        return reason
    account = find_account(m, account_id)
    base = c[b + X_NAMES] >> X_CURRENCY_SHIFT & PAIR
    quote = c[b + X_NAMES] >> X_CURRENCY_2_SHIFT & PAIR
    amount = np.int64(c[b + X_AMOUNT])
    reason = check_conversion(m, z, account, base, quote, amount)
    if reason != NO_REASON:
        return reason
    result, _ = converted(m, z, base, quote, amount)
    given = balance_of(m, account, base)
    got = balance_of(m, account, quote)
    z[given + ACCOUNT_CASH] -= amount
    z[got + ACCOUNT_CASH] += result
    z[system_balance(m, CONVERSION_ACCOUNT, base) + ACCOUNT_CASH] += amount
    z[system_balance(m, CONVERSION_ACCOUNT, quote) + ACCOUNT_CASH] -= result
    session = low(c[b + C_SESSION_USER])
    money_event(m, ev, BALANCE, account, given, base, session)
    money_event(m, ev, BALANCE, account, got, quote, session)
    return NO_REASON
