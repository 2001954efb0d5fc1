"""The record of trades: the shard's last ones, each where its number says, so that they can be corrected.

Rules: the table is enlarged between commands until it holds TRADES_KEPT, then the oldest is written over. What both
sides were charged lies in a row of its own, there only if either has a fee schedule.
"""

import numpy as np

from server.engine.bits import halves, prefetch
from server.engine.kernel import Signed, U, Words, as_words, cold, entry, inline
from server.engine.layout import (
    BYTE,
    NONE,
    ONE,
    ORDER_ID,
    ORDER_TERMS,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import (
    CHARGED,
    FREE_PAID,
    INSTRUMENT_AUCTION_NUMBER,
    PAID_WORDS,
    TRADE_BUY_ORDER,
    TRADE_CHARGED,
    TRADE_NUMBER_FLAGS,
    TRADE_PAID,
    TRADE_POSITIONS,
    TRADE_PRICE,
    TRADE_QUANTITY,
    TRADE_SELL_ORDER,
    TRADE_USERS,
    TRADE_WORDS,
    TRADES_BASE,
    TRADES_GROWTH,
    TRADES_KEPT,
    TRADES_ROOM,
    TRADES_SIZE,
    WORDS_PER_TRADE,
)
from server.engine.memory import give_back, take, take_new
from server.engine.registry import position_row_of, user_row_of
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import BUY

_ANY_NUMBER = U(1 << 62)


@inline
def find_trade(m: Words, number: np.uint64) -> np.uint64:
    """Where a trade that is kept is recorded."""
    return m[TRADES_BASE] + (number & m[TRADES_SIZE] - ONE) * TRADE_WORDS


@inline
def oldest_kept(m: Words) -> np.uint64:
    """The number of the oldest trade that is kept."""
    return m[TRADE_IDS] - TRADES_KEPT + ONE if m[TRADE_IDS] > TRADES_KEPT else ONE


@inline
def record_trade(
    m: Words, z: Signed, a: np.uint64, b: np.uint64, price: np.int64, quantity: np.int64, number: np.uint64
) -> None:
    """Keeps the trade that was numbered last; `a`, `b`: its two orders, already settled; `number`: its public one."""
    if not WITH_ACCOUNTS:  # there is nothing that could be corrected
        return
    a_buys = m[a + ORDER_TERMS] & BYTE == BUY
    buyer = a if a_buys else b
    seller = b if a_buys else a
    trade = find_trade(m, m[TRADE_IDS])
    z[trade + TRADE_PRICE] = price
    z[trade + TRADE_QUANTITY] = quantity
    m[trade + TRADE_POSITIONS] = halves(position_row_of(m, buyer), position_row_of(m, seller))
    m[trade + TRADE_USERS] = halves(user_row_of(m, buyer), user_row_of(m, seller))
    m[trade + TRADE_BUY_ORDER] = m[buyer + ORDER_ID]
    m[trade + TRADE_SELL_ORDER] = m[seller + ORDER_ID]
    m[trade + TRADE_NUMBER_FLAGS] = number
    if m[WORDS_PER_TRADE] != ZERO and m[trade + TRADE_PAID] | m[TRADE_CHARGED] != ZERO:
        record_paid(m, trade)  # where nobody was ever charged that word is not read: its line would be waited for
    prefetch(m, find_trade(m, m[TRADE_IDS] + ONE))


@cold
def record_paid(m: Words, trade: np.uint64) -> None:
    """Keeps what both sides of a trade were charged; what the trade before it in this place had is given back."""
    paid = m[trade + TRADE_PAID]
    if paid != NONE:
        give_back(m, FREE_PAID, paid)
        m[trade + TRADE_PAID] = NONE
    if m[TRADE_CHARGED] != ZERO:
        paid = take(m, FREE_PAID, PAID_WORDS)
        for word in range(8):
            m[paid + U(word)] = m[CHARGED + U(word)]
            m[CHARGED + U(word)] = ZERO
        m[trade + TRADE_PAID] = paid
        m[TRADE_CHARGED] = ZERO


@inline
def mark_auction(m: Words, instrument: np.uint64, number: np.uint64) -> None:
    """Notes that an instrument's newest trade was made in an auction."""
    m[instrument + INSTRUMENT_AUCTION_NUMBER] = halves(number, ONE)


@entry
def enlarge_trades(m: Words) -> None:
    """Makes the table TRADES_GROWTH times as large, at the end of the memory, which has room for it."""
    m = as_words(m)
    base = m[TRADES_BASE]
    size = m[TRADES_SIZE]
    larger = size * TRADES_GROWTH
    m[TRADES_BASE] = take_new(m, larger * TRADE_WORDS)
    m[TRADES_SIZE] = larger
    m[TRADES_ROOM] = larger if larger < TRADES_KEPT else _ANY_NUMBER
    number = ONE
    while number <= m[TRADE_IDS]:
        old = base + (number & size - ONE) * TRADE_WORDS
        new = find_trade(m, number)
        for word in range(8):
            m[new + U(word)] = m[old + U(word)]
        number = number + ONE
