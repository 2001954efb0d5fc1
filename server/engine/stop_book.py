"""The stop books: which stops wait at which stop price, the one that is triggered first being the best.

Rules: the same leaves and nodes as the sides of the book; buys rank upward, sales downward; oldest first at a price.
A waiting stop uses the words of its row that name a place in the book for its place here.
"""

import numpy as np

from server.engine.attended import stop_book_of
from server.engine.bits import halves, high, set_high, set_low
from server.engine.book import best_level, first_order, leaf_for, level_at, level_of, price_of, rank_of, tidy, unlink
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    BOOK_ORDERS,
    DIGIT,
    DIGIT_BITS,
    LEAF_BITMAP,
    LEVEL_ORDERS,
    LEVEL_QUEUE,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_NEXT_PREVIOUS,
)
from server.engine.layout_stops import EXTENSION_STOP_PRICE
from server.engine.money import side_of
from server.engine.registry import instrument_of, position_row_of
from server.engine.vocabulary import BUY, SELL


@kernel
def enqueue_stop(m: Words, z: Signed, order: np.uint64) -> None:
    """Places a stop behind the others of its stop price."""
    instrument = instrument_of(m, position_row_of(m, order))
    side = side_of(m, order)
    book = stop_book_of(instrument, side)
    rank = rank_of(m, instrument, SELL - side, z[extension_of(m, order) + EXTENSION_STOP_PRICE])
    leaf = leaf_for(m, book, rank >> DIGIT_BITS)
    tick = rank & DIGIT
    level = level_at(leaf, tick)
    set_high(m, order + ORDER_ALGORITHM_LEVEL, level)
    last = high(m[level + LEVEL_QUEUE])
    m[order + ORDER_NEXT_PREVIOUS] = halves(NONE, last)
    if last == NONE:
        m[level + LEVEL_QUEUE] = halves(order, order)
        m[leaf + LEAF_BITMAP] |= ONE << tick
    else:
        set_low(m, last + ORDER_NEXT_PREVIOUS, order)
        set_high(m, level + LEVEL_QUEUE, order)
    m[level + LEVEL_ORDERS] += ONE
    m[book + BOOK_ORDERS] += ONE


@kernel
def dequeue_stop(m: Words, order: np.uint64) -> None:
    """Takes a stop from its place."""
    book = stop_book_of(instrument_of(m, position_row_of(m, order)), side_of(m, order))
    level = level_of(m, order)
    unlink(m, level, order)
    m[level + LEVEL_ORDERS] -= ONE
    m[book + BOOK_ORDERS] -= ONE
    tidy(m, book, level)


@inline
def reached(side: np.uint64, stop_price: np.int64, price: np.int64) -> bool:
    """Whether a trade at this price triggers a stop of this side and stop price."""
    return bool(price >= stop_price) if side == BUY else bool(price <= stop_price)


@kernel
def next_reached(m: Words, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.uint64:
    """The first stop of a side that a trade at this price triggers, or none."""
    book = stop_book_of(instrument, side)
    level = best_level(m, book)
    if level == NONE or not reached(side, price_of(m, book, level), price):
        return NONE
    return first_order(m, level)
