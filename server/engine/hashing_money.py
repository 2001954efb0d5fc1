"""Parts 30 to 39 of the state hash: balances, fees, lots, rates, corrected trades, ended days.

Rules: a part with nothing in it adds no words; keys ascend; a sum's fraction follows its floor.
"""

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import layout_money as money
from server.engine.hashing_rows import ID_BITS, columns, rows_of_kind
from server.engine.kernel import U, Words
from server.engine.layout_orders import EXTENSION_FEE, EXTENSION_LOT

Rows = NDArray[np.uint64]


def words_of_ledger(
    m: Words, accounts: Rows, positions: Rows, balances: Rows, tiers: Rows, rates: Rows
) -> list[NDArray[np.uint64]]:
    """All parts but those of live orders and trades: 30 to 36."""
    terms = m[accounts + money.ACCOUNT_MONEY_TERMS]
    special = accounts[terms != 0]
    return [
        words_of_terms(m, special),
        words_of_balances(m, balances),
        words_of_traded(m, accounts, balances),
        words_of_results(m, positions),
        *[words_of_lots(m, position) for position in positions[m[positions + money.POSITION_LOTS] != 0]],
        words_of_tiers(m, tiers),
        columns(
            m[rates] & ID_BITS,
            m[rates + at.KEY_1],
            *[m[rates + word] for word in (money.RATE_NUMERATOR, money.RATE_DENOMINATOR)],
            *[m[rates + word] for word in (money.RATE_TIME, money.RATE_MAX_AGE)],
        ),
    ]


def words_of_terms(m: Words, accounts: Rows) -> NDArray[np.uint64]:
    """30: what SET_ACCOUNT says about money."""
    terms = m[accounts + money.ACCOUNT_MONEY_TERMS]
    return columns(
        m[accounts] & ID_BITS,
        terms & at.PAIR,
        terms >> money.TERMS_KIND_SHIFT & at.BYTE,
        terms >> money.TERMS_METHOD_SHIFT & at.BYTE,
        terms >> money.TERMS_CURRENCIES_SHIFT,
    )


def words_of_balances(m: Words, balances: Rows) -> NDArray[np.uint64]:
    """31: cash in other currencies than the account's own."""
    rows = balances[(m[balances] & ID_BITS) != 0]
    rows = rows[(m[rows + at.ACCOUNT_CASH] | m[rows + at.ACCOUNT_RESERVED]) != 0]
    return columns(m[rows] & ID_BITS, m[rows + at.KEY_1], m[rows + at.ACCOUNT_CASH], m[rows + at.ACCOUNT_RESERVED])


def words_of_traded(m: Words, accounts: Rows, balances: Rows) -> NDArray[np.uint64]:
    """32: the month's traded values."""
    rows = np.concatenate([accounts, balances])
    currencies = np.concatenate([m[accounts + at.ACCOUNT_CURRENCY], m[balances + at.KEY_1]])
    there = m[rows + money.ACCOUNT_TRADED] != 0
    rows, currencies = rows[there], currencies[there]
    order = np.lexsort((currencies, m[rows] & ID_BITS))
    rows, currencies = rows[order], currencies[order]
    return columns(m[rows] & ID_BITS, currencies, m[rows + money.ACCOUNT_TRADED])


def words_of_results(m: Words, positions: Rows) -> NDArray[np.uint64]:
    """33: what positions have paid and been paid, their marks."""
    words = (money.POSITION_FEES, money.POSITION_INCOME, money.POSITION_MARK, money.POSITION_RESULT)
    fees, income, mark, result = (m[positions + word] for word in words)
    rows = positions[(fees | income | result | (mark ^ U(at.NO_PRICE))) != 0]
    return columns(m[rows] & ID_BITS, m[rows + at.KEY_1], *[m[rows + word] for word in words])


def words_of_lots(m: Words, position: np.uint64) -> NDArray[np.uint64]:
    """34: one position's lots."""
    words = []
    lot = m[position + money.POSITION_FIRST_LAST_LOT] & at.LOW
    while lot:
        words += [m[position] & ID_BITS, m[position + at.KEY_1]]
        words += [m[lot + word] for word in (money.LOT_TRADE_ID, money.LOT_NET, money.LOT_COST)]
        lot = m[lot + money.LOT_NEXT_PREVIOUS] & at.LOW
    return np.array(words, np.uint64)


def extended(halves: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Signed half words as whole ones."""
    return halves.astype(np.uint32).view(np.int32).astype(np.int64).view(np.uint64)


def words_of_tiers(m: Words, tiers: Rows) -> NDArray[np.uint64]:
    """35: fee schedules."""
    terms = m[tiers + money.TIER_TERMS]
    rates = m[tiers + money.TIER_MAKER_TAKER]
    statutory = m[tiers + money.TIER_CLEARING_REGULATORY]
    amounts = (
        money.TIER_PER_LOT, money.TIER_PER_ORDER, money.TIER_MINIMUM, money.TIER_MAXIMUM, money.TIER_VALUE,
    )  # fmt: skip
    return columns(
        m[tiers] & ID_BITS,
        m[tiers + at.KEY_1],
        m[tiers + money.TIER_CURRENCY],
        terms >> money.F_ROUNDING_SHIFT & at.BYTE,
        terms >> money.F_DIGITS_SHIFT & at.BYTE,
        terms >> money.F_TIERS_SHIFT & at.BYTE,
        extended(rates & at.LOW),
        extended(rates >> at.HALF),
        extended(terms & at.LOW),
        extended(statutory & at.LOW),
        extended(statutory >> at.HALF),
        *[m[tiers + word] for word in amounts],
    )


def words_of_charges(m: Words, orders: Rows) -> NDArray[np.uint64]:
    """37: what live orders, by order_id, were charged, and the lots that they name."""
    extensions = m[orders + at.ORDER_EXTENSION] & at.LOW
    words: list[np.uint64] = []
    for order, extension in zip(orders[extensions != 0], extensions[extensions != 0], strict=True):
        charges, lot = m[extension + EXTENSION_FEE], m[extension + EXTENSION_LOT]
        if charges == 0 and lot == 0:
            continue
        schedule = m[m[charges + money.CHARGES_TIER]] & ID_BITS if charges else at.ZERO
        words += [m[order], schedule]
        for which in (U(0), U(1), U(2)):
            for first in (money.CHARGES_FLOOR, money.CHARGES_FRACTION):
                words.append(m[charges + first + which] if charges else at.ZERO)
        words += [m[charges + money.CHARGES_PAID] if charges else at.ZERO, lot]
    return np.array(words, np.uint64)


def words_of_trades(m: Words) -> NDArray[np.uint64]:
    """38: corrected trades."""
    count, size = int(m[at.TRADE_IDS]), int(m[money.TRADES_SIZE])
    if not m[money.CORRECTIONS]:
        return np.empty(0, np.uint64)
    numbers = np.arange(max(1, count - int(money.TRADES_KEPT) + 1), count + 1, dtype=np.uint64)
    rows = m[money.TRADES_BASE] + (numbers & U(size - 1)) * money.TRADE_WORDS
    flags = m[rows + money.TRADE_NUMBER_FLAGS] & (money.TRADE_BUSTED_FLAG | money.TRADE_ADJUSTED_FLAG)
    rows, numbers, flags = rows[flags != 0], numbers[flags != 0], flags[flags != 0]
    busted = (flags & money.TRADE_BUSTED_FLAG) >> at.HALF
    return columns(numbers | m[at.ID_PREFIX], busted, m[rows + money.TRADE_PRICE])


def words_of_days(m: Words, instruments: Rows) -> NDArray[np.uint64]:
    """39: the last day that ended, and splits."""
    split = instruments[m[instruments + money.INSTRUMENT_SPLIT_TRADES] != 0]
    last = m[[money.LAST_DAY]]
    splits = columns(m[split] & ID_BITS, m[split + money.INSTRUMENT_SPLIT_TRADES] - at.ONE | m[at.ID_PREFIX])
    return np.concatenate([last[last != 0], splits])


def live_order_rows(m: Words) -> Rows:
    """The rows of all live orders, those without a place in a book too, by order_id."""
    base, size = int(m[at.ORDER_INDEX + at.INDEX_BASE]), int(m[at.ORDER_INDEX + at.INDEX_MASK]) + 1
    table = m[base : base + size]
    rows = np.unique(table[table != 0] & at.LOW)
    return rows[np.argsort(m[rows + at.ORDER_ID])]


def money_words(m: Words, accounts: Rows, positions: Rows, instruments: Rows) -> list[NDArray[np.uint64]]:
    """Parts 30 to 39."""
    balances, tiers, rates = (rows_of_kind(m, kind) for kind in (money.KIND_BALANCE, money.KIND_TIER, money.KIND_RATE))
    return [
        *words_of_ledger(m, accounts, positions, balances, tiers, rates),
        words_of_charges(m, live_order_rows(m)) if m[money.WORDS_PER_TRADE] else np.empty(0, np.uint64),
        words_of_trades(m),
        words_of_days(m, instruments),
    ]
