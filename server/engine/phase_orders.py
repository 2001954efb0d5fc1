"""What phases do to orders: the auction and what ends with it, who enters a call, who goes at the end of a day."""

import numpy as np

from server.engine.auction import is_crossed, uncross
from server.engine.auction_orders import (
    market_queue,
    step_out,
    time_in_force_of,
    waiting_queue,
    waits,
)
from server.engine.book import best_level, book_of, first_order, next_level, next_order
from server.engine.cancelling import cancel
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import NONE, ZERO
from server.engine.layout_phases import INSTRUMENT_AUCTION_ORDERS
from server.engine.live_orders import forget
from server.engine.phase_table import is_for_auction
from server.engine.resting import place_in_call
from server.engine.vocabulary import BUY, DAY, SELL
from server.engine.vocabulary_phases import AUCTION_ENDED

EVERY = U(0)
FOR_AUCTION = U(1)
FOR_DAY = U(2)


@kernel
def end_auction(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """The auction, if one is possible; what was for it alone goes."""
    if is_crossed(m, z, instrument):
        uncross(m, z, ev, md, instrument)
    if m[instrument + INSTRUMENT_AUCTION_ORDERS] != ZERO:
        m[instrument + INSTRUMENT_AUCTION_ORDERS] = ZERO
        cancel_queue(m, z, ev, md, market_queue(instrument, BUY), AUCTION_ENDED)
        cancel_queue(m, z, ev, md, market_queue(instrument, SELL), AUCTION_ENDED)
        cancel_book(m, z, ev, md, instrument, AUCTION_ENDED, FOR_AUCTION)


@kernel
def admit_waiting(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """The waiting orders that this call takes come to their places, in their order."""
    order = first_order(m, waiting_queue(instrument))
    while order != NONE:
        younger = next_order(m, order)
        if not waits(m, instrument, order):
            step_out(m, z, order)
            place_in_call(m, z, md, instrument, order)
        order = younger


@inline
def is_meant(m: Words, order: np.uint64, which: np.uint64) -> bool:
    """Whether an order is one of those that go: all, those for an auction, those for the day."""
    if which == EVERY:
        return True
    time_in_force = time_in_force_of(m, order)
    return is_for_auction(time_in_force) if which == FOR_AUCTION else bool(time_in_force == DAY)


@kernel
def cancel_book(
    m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, reason: np.uint64, which: np.uint64
) -> None:
    """Cancels orders of the book: bids, then asks, best first, oldest first."""
    for side in (BUY, SELL):
        level = best_level(m, book_of(instrument, side))
        while level != NONE:
            further = next_level(m, level)
            order = first_order(m, level)
            while order != NONE:
                younger = next_order(m, order)
                if is_meant(m, order, which):
                    cancel(m, z, ev, md, reason, order)
                    forget(m, order)
                order = younger
            level = further


@kernel
def cancel_queue(m: Words, z: Signed, ev: Words, md: Words, queue: np.uint64, reason: np.uint64) -> None:
    """Cancels all orders of a queue, oldest first."""
    order = first_order(m, queue)
    while order != NONE:
        younger = next_order(m, order)
        cancel(m, z, ev, md, reason, order)
        forget(m, order)
        order = younger
