"""Taking a place in the book and giving it up, with what market data show of it.

Rules: what is not shown is written nowhere; an iceberg whose shown part is used up takes a new place at once.
"""

import numpy as np

from server.engine.auction_orders import (
    has_no_price,
    is_queue,
    line_up,
    market_queue,
    step_out,
    waiting_queue,
    waits,
)
from server.engine.book import (
    best_shown_level,
    book_of,
    count_in,
    count_out,
    dequeue,
    enqueue,
    join_level,
    level_of,
    tidy,
    unlink,
)
from server.engine.events import canceled
from server.engine.extensions import extension_of, hide_rest, is_hidden, shown_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    E_LAST_QUANTITY,
    ID_PREFIX,
    NONE,
    ONE,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_PUBLIC_ID,
    ORDER_QUANTITY,
    PUBLIC_IDS,
)
from server.engine.layout_orders import EXTENSION_UNSHOWN
from server.engine.layout_phases import INSTRUMENT_AUCTION_ORDERS
from server.engine.layout_stops import IN_BOOK
from server.engine.market_data import publish
from server.engine.money import bind, side_of
from server.engine.order_events import restated
from server.engine.registry import instrument_of, position_row_of
from server.engine.vocabulary import ADD, DELETE
from server.engine.vocabulary_orders import RESTATED_REFRESHED
from server.engine.waiting import end_wait, where_is


@inline
def rest(m: Words, z: Signed, md: Words, order: np.uint64) -> bool:
    """An order, or what is left of it, takes its place. Says whether that is at the best price."""
    instrument = instrument_of(m, position_row_of(m, order))
    side = side_of(m, order)
    if extension_of(m, order) != NONE:
        return rest_apart(m, z, md, instrument, side, order)
    level = enqueue(m, z, instrument, side, order)
    publish(m, md, ADD, instrument, side, order, z[order + ORDER_PRICE], z[order + ORDER_LEAVES], level)
    return bool(level == best_shown_level(m, book_of(instrument, side)))


@cold
def rest_apart(m: Words, z: Signed, md: Words, instrument: np.uint64, side: np.uint64, order: np.uint64) -> bool:
    """`rest` for an order that may not show all of its leaves."""
    hide_rest(m, z, order)
    level = enqueue(m, z, instrument, side, order)
    shown = shown_of(m, z, order)
    if shown > 0:
        publish(m, md, ADD, instrument, side, order, z[order + ORDER_PRICE], shown, level)
    return bool(level == best_shown_level(m, book_of(instrument, side)))


@kernel
def place(m: Words, z: Signed, md: Words, order: np.uint64) -> bool:
    """An order for an auction comes to the book or a market queue, or waits. Says whether that is a best place."""
    instrument = instrument_of(m, position_row_of(m, order))
    if waits(m, instrument, order):
        line_up(m, z, waiting_queue(instrument), order)
        return False
    return place_in_call(m, z, md, instrument, order)


@kernel
def place_in_call(m: Words, z: Signed, md: Words, instrument: np.uint64, order: np.uint64) -> bool:
    """An order for the auction of this call takes its place. Says whether that is at the best price."""
    m[instrument + INSTRUMENT_AUCTION_ORDERS] += ONE
    if has_no_price(m, order):
        line_up(m, z, market_queue(instrument, side_of(m, order)), order)
        return False
    return rest(m, z, md, order)


@inline
def leave(m: Words, z: Signed, md: Words, order: np.uint64) -> bool:
    """An order gives up its place with all that is left of it. Says whether that was at the best price."""
    if where_is(m, order) != IN_BOOK:
        end_wait(m, order)
        return False
    instrument = instrument_of(m, position_row_of(m, order))
    side = side_of(m, order)
    book = book_of(instrument, side)
    level = level_of(m, order)
    if is_queue(m, level):
        step_out(m, z, order)
        return False
    was_best = level == best_shown_level(m, book)
    shown = shown_of(m, z, order)
    dequeue(m, z, book, order)
    if shown > 0:
        publish(m, md, DELETE, instrument, side, order, z[order + ORDER_PRICE], shown, level)
    tidy(m, book, level)
    return bool(was_best)


@cold
def withdraw(m: Words, z: Signed, ev: Words, md: Words, reason: np.uint64, order: np.uint64) -> np.uint64:
    """Cancels a resting order: event, reserve, place; it is still to be forgotten. Returns where its event begins."""
    e = canceled(m, ev, reason, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    leave(m, z, md, order)
    return e


@inline
def take_public_id(m: Words, order: np.uint64) -> None:
    """An order that takes a new place is another one to the public."""
    m[PUBLIC_IDS] += ONE
    m[order + ORDER_PUBLIC_ID] = m[ID_PREFIX] | m[PUBLIC_IDS]


@inline
def is_used_up(m: Words, z: Signed, order: np.uint64) -> bool:
    """Whether an order has leaves of which nothing is shown, though some should be."""
    return bool(z[order + ORDER_LEAVES] > 0 and shown_of(m, z, order) == 0 and not is_hidden(m, order))


@cold
def refresh(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64) -> None:
    """An iceberg whose shown part is used up shows the next one, behind all that is shown at its price."""
    instrument = instrument_of(m, position_row_of(m, order))
    level = level_of(m, order)
    count_out(m, z, level, order)
    unlink(m, level, order)
    hide_rest(m, z, order)
    take_public_id(m, order)
    join_level(m, z, level, order)
    shown = shown_of(m, z, order)
    e = restated(m, z, ev, RESTATED_REFRESHED, order)
    ev[e + E_LAST_QUANTITY] = U(shown)
    publish(m, md, ADD, instrument, side_of(m, order), order, z[order + ORDER_PRICE], shown, level)


@inline
def lose(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """An order is from now on for less; what it bound for that is free."""
    bind(m, z, order, -quantity)
    z[order + ORDER_QUANTITY] -= quantity
    z[order + ORDER_LEAVES] -= quantity


@cold
def take_unshown_first(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> np.int64:
    """Makes a resting order smaller where it stands, what is not shown first; returns how much less it shows."""
    level = level_of(m, order)
    before = shown_of(m, z, order)
    count_out(m, z, level, order)
    extension = extension_of(m, order)
    if extension != NONE:
        z[extension + EXTENSION_UNSHOWN] = max(z[extension + EXTENSION_UNSHOWN] - quantity, np.int64(0))
    lose(m, z, order, quantity)
    count_in(m, z, level, order)
    return before - shown_of(m, z, order)
