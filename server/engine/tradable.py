"""What an incoming order would trade with, and for how much, as things stand: for FOK, minimum quantity and reserves.

Rules: the walk is the one that `matching.meet` would take, self-trade prevention and what is not shown included, so
that what is promised here is what happens there.
"""

import numpy as np

from server.engine.book import best_level, book_of, first_order, next_level, next_order, price_of
from server.engine.checks import reaches
from server.engine.extensions import is_hidden, shown_of, unshown_of
from server.engine.kernel import Signed, U, Words, cold
from server.engine.layout import INSTRUMENT_CASH_SCALE, NONE, ONE, ORDER_LEAVES
from server.engine.money import cost_of
from server.engine.self_trade import is_of_owner
from server.engine.vocabulary import SELL
from server.engine.vocabulary_orders import ALLOW, CANCEL_BOTH, CANCEL_NEWEST, DECREMENT

_SHOWN = U(0)
_UNSHOWN = U(1)
_HIDDEN = U(2)


@cold
def walk_level(
    m: Words,
    z: Signed,
    level: np.uint64,
    wanted: np.int64,
    mode: np.uint64,
    account: np.uint64,
    group: np.uint64,
) -> tuple[np.int64, np.int64]:
    """(what would trade at a level, what is wanted after it) of an order of this owner and mode."""
    traded = np.int64(0)
    turn = _SHOWN
    while turn <= _HIDDEN:
        order = first_order(m, level)
        while order != NONE and wanted > 0:
            hidden = is_hidden(m, order)
            own = mode != ALLOW and is_of_owner(m, account, group, order)
            if turn == _UNSHOWN:
                offered = np.int64(0) if hidden or own else unshown_of(m, z, order)
            elif (turn == _HIDDEN) != hidden:
                offered = np.int64(0)
            elif not own:
                offered = z[order + ORDER_LEAVES] if hidden else shown_of(m, z, order)
            else:
                offered = np.int64(0)
                if mode == CANCEL_NEWEST or mode == CANCEL_BOTH:
                    wanted = np.int64(0)
                elif mode == DECREMENT:
                    wanted = wanted - min(wanted, z[order + ORDER_LEAVES])
            taken = min(offered, wanted)
            traded = traded + taken
            wanted = wanted - taken
            order = next_order(m, order)
        turn = turn + ONE
    return traded, wanted


@cold
def walk(
    m: Words,
    z: Signed,
    instrument: np.uint64,
    side: np.uint64,
    limit: np.int64,
    quantity: np.int64,
    mode: np.uint64,
    account: np.uint64,
    group: np.uint64,
) -> tuple[np.int64, np.int64]:
    """(quantity, signed cost) of what an incoming order of this side and limit would trade."""
    book = book_of(instrument, SELL - side)
    level = best_level(m, book)
    traded = np.int64(0)
    cost = np.int64(0)
    wanted = quantity
    while level != NONE and wanted > 0 and reaches(side, limit, price_of(m, book, level)):
        taken, wanted = walk_level(m, z, level, wanted, mode, account, group)
        cost = cost + cost_of(side, price_of(m, book, level), taken, z[instrument + INSTRUMENT_CASH_SCALE])
        traded = traded + taken
        level = next_level(m, level)
    return traded, cost
