"""What every part of the state hash is made of: rows by key, orders by place, words by column."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.book import best_level, book_of, first_order, next_level, next_order
from server.engine.kernel import U, Words, as_words, entry, kernel
from server.engine.vocabulary import BUY, SELL

ID_BITS: Final = U((1 << 56) - 1)


@kernel
def list_side(m: Words, book: np.uint64, rows: Words, count: np.uint64) -> np.uint64:
    """Writes the rows of a side's orders behind `count` others; returns how many there are then."""
    level = best_level(m, book)
    while level != at.NONE:
        order = first_order(m, level)
        while order != at.NONE:
            rows[count] = order
            count = count + at.ONE
            order = next_order(m, order)
        level = next_level(m, level)
    return count


@entry
def list_orders(m: Words, instrument: np.uint64, rows: Words) -> np.uint64:
    """Writes the rows of an instrument's orders, bids best first, then asks; oldest first within a level."""
    m, rows = as_words(m), as_words(rows)
    count = list_side(m, book_of(instrument, BUY), rows, at.ZERO)
    return list_side(m, book_of(instrument, SELL), rows, count)


def rows_of_kind(m: Words, kind: np.uint64) -> NDArray[np.uint64]:
    """All rows of a kind, by ascending key."""
    base, size = int(m[at.KEY_INDEX + at.INDEX_BASE]), int(m[at.KEY_INDEX + at.INDEX_MASK]) + 1
    table = m[base : base + size]
    rows = table[table != 0] & at.LOW
    rows = rows[m[rows] >> at.KIND_SHIFT == kind >> at.KIND_SHIFT]
    return rows[np.lexsort((m[rows + at.KEY_1], m[rows] & ID_BITS))]


def instrument_rows(m: Words) -> NDArray[np.uint64]:
    """The rows of all instruments by ascending id."""
    return rows_of_kind(m, at.KIND_INSTRUMENT)


def count_orders(m: Words, instrument: np.uint64) -> int:
    """How many orders rest in an instrument's book."""
    bids = instrument + at.INSTRUMENT_BOOKS
    return int(m[bids + at.BOOK_ORDERS] + m[bids + at.BOOK_WORDS + at.BOOK_ORDERS])


def order_rows(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """The rows of an instrument's live orders, in the order of its book."""
    rows = np.empty(count_orders(m, instrument), np.uint64)
    list_orders(m, U(instrument), rows)
    return rows


def columns(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Columns of equal length as one list of words, row by row."""
    return np.stack(parts, axis=1).ravel() if len(parts[0]) else np.empty(0, np.uint64)


def fields(m: Words, rows: NDArray[np.uint64], first: np.uint64, count: int) -> list[NDArray[np.uint64]]:
    """`count` words of each row from word `first` on, as columns."""
    return [m[rows + first + U(offset)] for offset in range(count)]


def words_of_orders(m: Words, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Part 3 of the hash for the orders of one book."""
    terms = m[rows + at.ORDER_TERMS]
    people = m[rows + at.ORDER_GROUP_DECISION_MAKER]
    return columns(
        m[rows + at.ORDER_ID],
        m[rows + at.ORDER_PUBLIC_ID],
        user_ids(m, rows),
        account_ids(m, rows),
        *fields(m, rows, at.ORDER_CLIENT_INSTANCE, 4),
        terms & at.BYTE,
        m[rows + at.ORDER_PRICE],
        m[rows + at.ORDER_QUANTITY],
        m[rows + at.ORDER_QUANTITY] - m[rows + at.ORDER_LEAVES],
        terms >> at.E_TIME_IN_FORCE_SHIFT & at.BYTE,
        terms >> at.E_FLAGS_SHIFT & at.BYTE,
        terms >> at.E_CAPACITY_SHIFT & at.BYTE,
        people & at.LOW,
        people >> at.HALF,
        m[rows + at.ORDER_ALGORITHM_LEVEL] & at.LOW,
    )


def user_ids(m: Words, orders: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The user of each order."""
    return m[m[orders + at.ORDER_USER_POSITION] & at.LOW] & at.LOW


def account_ids(m: Words, orders: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The account of each order."""
    return m[m[orders + at.ORDER_USER_POSITION] >> at.HALF] & at.LOW
