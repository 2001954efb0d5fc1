"""Margin accounts: what positions and working orders need at worst, and what the account is worth.

Rules: positions count at the last trade of the day, else the reference price, else the previous close. Everything that
counts against the account is rounded up, what counts for it down. A sum beyond 2^62 counts as LARGEST.
"""

import numpy as np

from server.engine.balances import next_position_of_account
from server.engine.bits import divide_floor, high, magnitude, product_reaches
from server.engine.kernel import Signed, U, Words, as_words, entry, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CURRENCY,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
    INSTRUMENT_LAST,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    KEY_1,
    NO_PRICE,
    NONE,
    POSITION_NET,
    POSITION_OPEN,
    POSITION_ROWS,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_FIRST_BALANCE,
    ACCOUNT_FIRST_POSITION,
    BALANCE_NEXT,
    EQUITY,
    NEEDED,
)
from server.engine.layout_phases import INSTRUMENT_INITIAL_MARGIN, INSTRUMENT_MAINTENANCE_MARGIN
from server.engine.rates import LARGEST, check_rate, converted
from server.engine.refusal import refused
from server.engine.registry import id_of
from server.engine.vocabulary import BUY, NO_REASON
from server.engine.vocabulary_money import NO_REFERENCE_PRICE

PARTS = np.int64(1_000_000)
_BOUND = U(1 << 62)


@inline
def mark_of(z: Signed, instrument: np.uint64) -> np.int64:
    """The price at which positions count; NO_PRICE if there is none."""
    price = z[instrument + INSTRUMENT_LAST]
    if price == NO_PRICE:
        price = z[instrument + INSTRUMENT_REFERENCE]
    return price if price != NO_PRICE else z[instrument + INSTRUMENT_PREVIOUS_CLOSE]


@inline
def lots_at_risk(net: np.int64, open_buy: np.int64, open_sell: np.int64) -> np.int64:
    """The largest position that working orders could lead to."""
    return max(abs(net + open_buy), abs(net - open_sell))


@kernel
def value_at(lots: np.int64, price: np.int64, cash_scale: np.int64) -> np.int64:
    """lots x price x cash_scale, not beyond LARGEST in size."""
    size = magnitude(lots)
    unit = magnitude(price)
    scale = U(cash_scale)
    if lots == 0 or price == 0:
        return np.int64(0)
    if product_reaches(unit, scale, _BOUND) or product_reaches(size, unit * scale, _BOUND):
        return LARGEST if (lots > 0) == (price > 0) else -LARGEST
    return lots * price * cash_scale


@kernel
def margin_on(value: np.int64, parts: np.uint64) -> np.int64:
    """Parts per million of a value, up; 0 parts: all of it."""
    if parts == ZERO:
        return value
    negative, _ = divide_floor(-value, np.int64(parts), PARTS)
    return min(-negative, LARGEST)


@inline
def saturated(a: np.int64, b: np.int64) -> np.int64:
    """A sum that stays within LARGEST."""
    return max(min(a + b, LARGEST), -LARGEST)


@kernel
def count_position(
    m: Words, z: Signed, account: np.uint64, instrument: np.uint64, net: np.int64, lots: np.int64, maintenance: bool
) -> np.uint64:
    """Adds one position to NEEDED and EQUITY. Returns why it cannot, or 0."""
    if net == 0 and lots == 0:
        return NO_REASON
    price = mark_of(z, instrument)
    if price == NO_PRICE:
        return refused(m, NO_REFERENCE_PRICE, np.int64(id_of(m, instrument)), np.int64(0))
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    parts = m[instrument + INSTRUMENT_INITIAL_MARGIN]
    if maintenance and m[instrument + INSTRUMENT_MAINTENANCE_MARGIN] != ZERO:
        parts = m[instrument + INSTRUMENT_MAINTENANCE_MARGIN]
    needed = margin_on(abs(value_at(lots, price, cash_scale)), parts)
    worth = value_at(net, price, cash_scale)
    currency = m[instrument + INSTRUMENT_CURRENCY]
    own = m[account + ACCOUNT_CURRENCY]
    if currency != own:
        reason = check_rate(m, z, currency, own)
        if reason != NO_REASON:
            return reason
        negative, _ = converted(m, z, currency, own, -needed)
        needed = -negative
        worth, _ = converted(m, z, currency, own, worth)
    z[NEEDED] = saturated(z[NEEDED], needed)
    z[EQUITY] = saturated(z[EQUITY], worth)
    return NO_REASON


@kernel
def count_balances(m: Words, z: Signed, account: np.uint64) -> np.uint64:
    """Adds an account's cash in all currencies to EQUITY. Returns why it cannot, or 0."""
    z[EQUITY] = saturated(z[EQUITY], z[account + ACCOUNT_CASH])
    own = m[account + ACCOUNT_CURRENCY]
    balance = m[account + ACCOUNT_FIRST_BALANCE]
    while balance != NONE:
        cash = z[balance + ACCOUNT_CASH]
        if cash != 0:
            reason = check_rate(m, z, m[balance + KEY_1], own)
            if reason != NO_REASON:
                return reason
            worth, _ = converted(m, z, m[balance + KEY_1], own, cash)
            z[EQUITY] = saturated(z[EQUITY], worth)
        balance = m[balance + BALANCE_NEXT]
    return NO_REASON


@kernel
def look_at_account(
    m: Words,
    z: Signed,
    account: np.uint64,
    asked: np.uint64,
    side: np.uint64,
    more: np.int64,
    maintenance: bool,
) -> np.uint64:
    """Leaves what an account needs and is worth in NEEDED and EQUITY. Returns why that is not known, or 0.

    `asked`: the instrument of an order with which `more` lots would be open, or none; maintenance: for the lots held.
    """
    z[NEEDED] = np.int64(0)
    z[EQUITY] = np.int64(0)
    reason = NO_REASON
    if asked != NONE:
        reason = count_asked(m, z, account, asked, side, more)
    position = m[account + ACCOUNT_FIRST_POSITION]
    while position != NONE and reason == NO_REASON:
        instrument = high(m[position + POSITION_ROWS])
        if instrument != asked:
            net = z[position + POSITION_NET]
            lots = abs(net)
            if not maintenance:
                lots = lots_at_risk(net, z[position + POSITION_OPEN], z[position + POSITION_OPEN + U(1)])
            reason = count_position(m, z, account, instrument, net, lots, maintenance)
        position = next_position_of_account(m, position)
    return count_balances(m, z, account) if reason == NO_REASON else reason


@kernel
def count_asked(
    m: Words, z: Signed, account: np.uint64, instrument: np.uint64, side: np.uint64, more: np.int64
) -> np.uint64:
    """Adds the position of an order that asks, as it would be."""
    net, open_buy, open_sell = open_lots(m, z, account, instrument)
    lots = (
        lots_at_risk(net, open_buy + more, open_sell) if side == BUY else lots_at_risk(net, open_buy, open_sell + more)
    )
    return count_position(m, z, account, instrument, net, lots, False)


@kernel
def open_lots(m: Words, z: Signed, account: np.uint64, instrument: np.uint64) -> tuple[np.int64, np.int64, np.int64]:
    """Net, open buys, open sells of an account in an instrument."""
    position = m[account + ACCOUNT_FIRST_POSITION]
    while position != NONE:
        if high(m[position + POSITION_ROWS]) == instrument:
            return z[position + POSITION_NET], z[position + POSITION_OPEN], z[position + POSITION_OPEN + U(1)]
        position = next_position_of_account(m, position)
    return np.int64(0), np.int64(0), np.int64(0)


@entry
def measure(m: Words, z: Signed, account: np.uint64, maintenance: bool) -> np.uint64:
    """`look_at_account` for readers: without an order that asks."""
    return look_at_account(as_words(m), as_words(z), account, NONE, BUY, np.int64(0), maintenance)
