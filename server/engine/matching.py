"""Continuous trading: an incoming order meets the other side, best first, oldest first, at the resting price."""

import numpy as np

from server.engine.book import best_level, book_of, dequeue, enqueue, first_order, level_of, price_of, tidy
from server.engine.checks import reaches
from server.engine.events import executed, position_event
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    LEVEL_QUANTITY,
    NO_PRICE,
    NONE,
    ORDER_LEAVES,
    ORDER_PRICE,
    ZERO,
)
from server.engine.live_orders import forget
from server.engine.market_data import mark_trade, publish
from server.engine.money import count_trade, settle, side_of
from server.engine.registry import instrument_of, position_row_of, user_row_of
from server.engine.vocabulary import ADD, BUY, DELETE, EXECUTE, MAKER, PRINT, SELL, TAKER

_LOWEST = np.int64(-(1 << 63))
_HIGHEST = np.int64((1 << 63) - 1)


@inline
def take_from(m: Words, z: Signed, book: np.uint64, order: np.uint64, quantity: np.int64) -> None:
    """Takes a traded quantity from a resting order; one with nothing left loses its place (see `tidy`)."""
    level = level_of(m, order)
    if quantity == z[order + ORDER_LEAVES]:
        dequeue(m, z, book, order)
    else:
        z[level + LEVEL_QUANTITY] -= quantity
    z[order + ORDER_LEAVES] -= quantity


@inline
def fill(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    book: np.uint64,
    maker: np.uint64,
    taker: np.uint64,
    price: np.int64,
) -> None:
    """One trade between the first order of a level and the incoming one."""
    quantity = min(z[maker + ORDER_LEAVES], z[taker + ORDER_LEAVES])
    level = level_of(m, maker)
    take_from(m, z, book, maker, quantity)
    z[taker + ORDER_LEAVES] -= quantity
    number = count_trade(m, z, instrument, price, quantity)
    settle(m, z, maker, price, quantity)
    settle(m, z, taker, price, quantity)
    executed(m, z, ev, maker, MAKER, price, quantity)
    position_event(m, ev, user_row_of(m, maker), position_row_of(m, maker), ZERO)
    executed(m, z, ev, taker, TAKER, price, quantity)
    r = publish(m, md, EXECUTE, instrument, side_of(m, maker), maker, price, quantity, level)
    mark_trade(md, r, PRINT, number)
    if m[maker + ORDER_LEAVES] == ZERO:
        tidy(m, book, level)
        forget(m, maker)


@kernel
def meet(m: Words, z: Signed, ev: Words, md: Words, taker: np.uint64) -> bool:
    """Lets an incoming order trade with what it reaches; says whether it did."""
    instrument = instrument_of(m, position_row_of(m, taker))
    side = side_of(m, taker)
    limit = z[taker + ORDER_PRICE]
    if limit == NO_PRICE:
        limit = _HIGHEST if side == BUY else _LOWEST
    book = book_of(instrument, SELL - side)
    traded = False
    while m[taker + ORDER_LEAVES] != ZERO:
        level = best_level(m, book)
        if level == NONE:
            break
        price = price_of(m, book, level)
        if not reaches(side, limit, price):
            break
        fill(m, z, ev, md, instrument, book, first_order(m, level), taker, price)
        traded = True
    return traded


@inline
def rest(m: Words, z: Signed, md: Words, order: np.uint64) -> bool:
    """An order, or what is left of it, takes its place. Says whether that is at the best price."""
    instrument = instrument_of(m, position_row_of(m, order))
    side = side_of(m, order)
    level = enqueue(m, z, instrument, side, order)
    publish(m, md, ADD, instrument, side, order, z[order + ORDER_PRICE], z[order + ORDER_LEAVES], level)
    return bool(level == best_level(m, book_of(instrument, side)))


@inline
def leave(m: Words, z: Signed, md: Words, order: np.uint64) -> bool:
    """An order gives up its place with all that is left of it. Says whether that was at the best price."""
    instrument = instrument_of(m, position_row_of(m, order))
    side = side_of(m, order)
    book = book_of(instrument, side)
    level = level_of(m, order)
    was_best = level == best_level(m, book)
    dequeue(m, z, book, order)
    publish(m, md, DELETE, instrument, side, order, z[order + ORDER_PRICE], z[order + ORDER_LEAVES], level)
    tidy(m, book, level)
    return bool(was_best)
