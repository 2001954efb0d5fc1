"""Continuous trading: an incoming order meets the other side, best first, oldest first, at the resting price."""

import numpy as np

from server.engine.bits import low
from server.engine.book import (
    best_in,
    best_leaf,
    book_of,
    count_in,
    count_out,
    dequeue,
    first_order,
    level_of,
    price_in,
    tidy,
    unlink,
)
from server.engine.checks import reaches
from server.engine.events import executed, position_event
from server.engine.extensions import extension_of, is_hidden, shown_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    BOOK_ORDERS,
    INSTRUMENT_LAST,
    INSTRUMENT_PHASE,
    LEVEL_QUANTITY,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_EXTENSION,
    ORDER_LEAVES,
    ORDER_PRICE,
    ZERO,
)
from server.engine.layout_orders import EXTENSION_LIMIT, EXTENSION_LIMITED, EXTENSION_UNSHOWN
from server.engine.layout_phases import INSTRUMENT_FLAGS, INSTRUMENT_RULED
from server.engine.layout_risk import QUOTES
from server.engine.live_orders import forget
from server.engine.market_data import hide_name, mark_trade, publish
from server.engine.money import count_trade, settle, side_of
from server.engine.protection import protect
from server.engine.quote_links import is_quote
from server.engine.registry import instrument_of, position_row_of, user_row_of
from server.engine.resting import is_used_up, refresh
from server.engine.self_trade import prevent, prevents, same_owner
from server.engine.trades import record_trade
from server.engine.vocabulary import BUY, EXECUTE, MAKER, PRINT, SELL, TAKER
from server.engine.vocabulary_orders import UNSEEN
from server.engine.vocabulary_phases import TRADING_AT_LAST
from server.engine.volatility import note_interruption, trading_range

_LOWEST = np.int64(-(1 << 63))
_HIGHEST = np.int64((1 << 63) - 1)
UNTOUCHED = U(0)
TRADED = U(1)
CHANGED = U(2)
"""The other side is another than before, by a trade or by prevention."""
ENDED = U(4)
"""The incoming order was cancelled by self-trade prevention: CANCELED is written, its reserve free; leaves stay."""


@inline
def take_from(m: Words, z: Signed, book: np.uint64, order: np.uint64, quantity: np.int64) -> None:
    """Takes a traded quantity from a resting order; one with nothing left loses its place (see `tidy`)."""
    if low(m[order + ORDER_EXTENSION]) != NONE:
        take_apart(m, z, book, order, quantity)
        return
    level = level_of(m, order)
    if quantity == z[order + ORDER_LEAVES]:
        dequeue(m, z, book, order)
    else:
        z[level + LEVEL_QUANTITY] -= quantity
    z[order + ORDER_LEAVES] -= quantity


@cold
def take_apart(m: Words, z: Signed, book: np.uint64, order: np.uint64, quantity: np.int64) -> None:
    """`take_from` for an order that may not show all: the shown part goes first, but nothing is refreshed."""
    level = level_of(m, order)
    unshown = extension_of(m, order) + EXTENSION_UNSHOWN
    count_out(m, z, level, order)
    z[order + ORDER_LEAVES] -= quantity
    z[unshown] = min(z[unshown], z[order + ORDER_LEAVES])
    if m[order + ORDER_LEAVES] == ZERO:
        unlink(m, level, order)
        m[book + BOOK_ORDERS] -= ONE
    else:
        count_in(m, z, level, order)


@cold
def publish_fill(
    m: Words,
    md: Words,
    instrument: np.uint64,
    order: np.uint64,
    price: np.int64,
    quantity: np.int64,
    level: np.uint64,
    flags: np.uint64,
    number: np.uint64,
) -> None:
    """EXECUTE of a resting order; one that is hidden stays without a name."""
    r = publish(m, md, EXECUTE, instrument, side_of(m, order), order, price, quantity, level)
    if is_hidden(m, order):
        hide_name(md, r)
        flags = flags | UNSEEN
    mark_trade(md, r, flags, number)


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
    apart = low(m[maker + ORDER_EXTENSION]) != NONE
    offered = part_offered(m, z, maker) if apart else z[maker + ORDER_LEAVES]
    quantity = min(offered, z[taker + ORDER_LEAVES])
    level = level_of(m, maker)
    quoted = m[QUOTES] != ZERO and is_quote(m, maker)
    position = position_row_of(m, maker)
    user = user_row_of(m, maker)
    take_from(m, z, book, maker, quantity)
    z[taker + ORDER_LEAVES] -= quantity
    number = count_trade(m, z, instrument, price, quantity)
    maker_fee = settle(m, z, maker, price, quantity, MAKER)
    taker_fee = settle(m, z, taker, price, quantity, TAKER)
    record_trade(m, z, maker, taker, price, quantity, number)
    executed(m, z, ev, maker, MAKER, price, quantity, maker_fee)
    position_event(m, ev, user_row_of(m, maker), position_row_of(m, maker), ZERO)
    executed(m, z, ev, taker, TAKER, price, quantity, taker_fee)
    if apart:
        publish_fill(m, md, instrument, maker, price, quantity, level, PRINT, number)
        if is_used_up(m, z, maker):
            refresh(m, z, ev, md, maker)
    else:
        r = publish(m, md, EXECUTE, instrument, side_of(m, maker), maker, price, quantity, level)
        mark_trade(md, r, PRINT, number)
    if m[maker + ORDER_LEAVES] == ZERO:
        tidy(m, book, level)
        forget(m, maker)
    if quoted:
        protect(m, z, ev, md, position, user, quantity, taker)


@cold
def part_offered(m: Words, z: Signed, maker: np.uint64) -> np.int64:
    """How much of a resting order one trade can take: what it shows; of a hidden one all."""
    return z[maker + ORDER_LEAVES] if is_hidden(m, maker) else shown_of(m, z, maker)


@inline
def limit_of(m: Words, z: Signed, order: np.uint64, side: np.uint64) -> np.int64:
    """The worst price at which an incoming order trades."""
    limit = z[order + ORDER_PRICE]
    if limit != NO_PRICE:
        return limit
    extension = extension_of(m, order)
    if extension != NONE and m[extension + EXTENSION_LIMITED] != ZERO:
        return z[extension + EXTENSION_LIMIT]
    return _HIGHEST if side == BUY else _LOWEST


@inline
def may_meet(m: Words, z: Signed, instrument: np.uint64, order: np.uint64) -> bool:
    """Whether an incoming order reaches the best price of the other side, or has no limit; most do not."""
    limit = z[order + ORDER_PRICE]
    if limit == NO_PRICE:
        return True
    side = side_of(m, order)
    leaf = best_leaf(m, book_of(instrument, SELL - side))
    if leaf == NONE:
        return False
    return reaches(side, limit, price_in(m, instrument, SELL - side, leaf, best_in(m, leaf)))


@kernel
def meet(m: Words, z: Signed, ev: Words, md: Words, taker: np.uint64) -> np.uint64:
    """Lets an incoming order trade with what it reaches; says what came of it: TRADED, CHANGED, ENDED."""
    instrument = instrument_of(m, position_row_of(m, taker))
    side = side_of(m, taker)
    limit = limit_of(m, z, taker, side)
    book = book_of(instrument, SELL - side)
    at_last = m[instrument + INSTRUMENT_PHASE] == TRADING_AT_LAST
    lowest = _LOWEST
    highest = _HIGHEST
    if m[instrument + INSTRUMENT_RULED] != ZERO and m[instrument + INSTRUMENT_FLAGS] != ZERO and not at_last:
        lowest, highest = trading_range(m, z, instrument)
    guarded = prevents(m, taker)
    outcome = UNTOUCHED
    while m[taker + ORDER_LEAVES] != ZERO:
        leaf = best_leaf(m, book)
        if leaf == NONE:
            break
        level = best_in(m, leaf)
        price = price_in(m, instrument, SELL - side, leaf, level)
        if not reaches(side, limit, price):
            break
        if price < lowest or price > highest:
            note_interruption(m, z, instrument, price)
            break
        if at_last:
            price = z[instrument + INSTRUMENT_LAST]
        maker = first_order(m, level)
        if guarded and same_owner(m, taker, maker):
            outcome = outcome | CHANGED
            if prevent(m, z, ev, md, taker, maker):
                return outcome | ENDED
        else:
            fill(m, z, ev, md, instrument, book, maker, taker, price)
            outcome = TRADED | CHANGED
    return outcome
