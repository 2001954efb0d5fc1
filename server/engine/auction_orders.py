"""Orders for an auction alone: the two market queues of an instrument, and the orders that wait unseen for their call.

Rules: a queue is a level without a leaf; who stands in one is live, but in no book and never shown. Market orders
stand before all limit orders of their side. As any command may begin a call, room is kept for all that wait.
"""

import numpy as np

from server.engine.bits import halves, high, set_high, set_low
from server.engine.book import level_of, unlink
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    E_TIME_IN_FORCE_SHIFT,
    E_TYPE_SHIFT,
    INSTRUMENT_PHASE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    LEVEL_LEAF,
    LEVEL_ORDERS,
    LEVEL_QUANTITY,
    LEVEL_QUEUE,
    LEVEL_WORDS,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_LEAVES,
    ORDER_NEXT_PREVIOUS,
    ORDER_TERMS,
)
from server.engine.layout_orders import MORE_ROWS, MORE_WORDS
from server.engine.layout_phases import INSTRUMENT_MARKET_QUEUES, INSTRUMENT_WAITING
from server.engine.phase_table import collects
from server.engine.vocabulary import BUY, CLOSING_CALL, MARKET
from server.engine.vocabulary_orders import AT_CLOSE

_WORDS_TO_REST = U(1024)
"""A bound on the memory that a place in the book takes: a leaf and the nodes above it."""


@inline
def market_queue(instrument: np.uint64, side: np.uint64) -> np.uint64:
    """The queue of a side's auction market orders."""
    return U(instrument + INSTRUMENT_MARKET_QUEUES + side * LEVEL_WORDS)


@inline
def waiting_queue(instrument: np.uint64) -> np.uint64:
    """The queue of the orders that wait for their call."""
    return U(instrument + INSTRUMENT_WAITING)


@inline
def is_queue(m: Words, level: np.uint64) -> bool:
    """Whether a level is one of these queues and not a price of the book."""
    return bool(m[level + LEVEL_LEAF] == NONE)


@inline
def time_in_force_of(m: Words, order: np.uint64) -> np.uint64:
    """How long an order works."""
    return m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE


@inline
def has_no_price(m: Words, order: np.uint64) -> bool:
    """Whether it is a MARKET order."""
    return bool(m[order + ORDER_TERMS] >> E_TYPE_SHIFT & BYTE == MARKET)


@inline
def worst_price(z: Signed, instrument: np.uint64, side: np.uint64) -> np.int64:
    """The price at which an auction market order reserves."""
    return z[instrument + INSTRUMENT_PRICE_MAX] if side == BUY else z[instrument + INSTRUMENT_PRICE_MIN]


@kernel
def line_up(m: Words, z: Signed, queue: np.uint64, order: np.uint64) -> None:
    """Places an order at the end of a queue."""
    set_high(m, order + ORDER_ALGORITHM_LEVEL, queue)
    last = high(m[queue + LEVEL_QUEUE])
    m[order + ORDER_NEXT_PREVIOUS] = halves(NONE, last)
    if last == NONE:
        m[queue + LEVEL_QUEUE] = halves(order, order)
    else:
        set_low(m, last + ORDER_NEXT_PREVIOUS, order)
        set_high(m, queue + LEVEL_QUEUE, order)
    z[queue + LEVEL_QUANTITY] += z[order + ORDER_LEAVES]
    m[queue + LEVEL_ORDERS] += ONE
    m[MORE_ROWS] += ONE
    m[MORE_WORDS] += _WORDS_TO_REST


@kernel
def step_out(m: Words, z: Signed, order: np.uint64) -> None:
    """Takes an order out of its queue."""
    queue = level_of(m, order)
    unlink(m, queue, order)
    z[queue + LEVEL_QUANTITY] -= z[order + ORDER_LEAVES]
    m[queue + LEVEL_ORDERS] -= ONE
    m[MORE_ROWS] -= ONE
    m[MORE_WORDS] -= _WORDS_TO_REST


@kernel
def waits(m: Words, instrument: np.uint64, order: np.uint64) -> bool:
    """Whether an auction order is not taken by the present phase yet."""
    phase = m[instrument + INSTRUMENT_PHASE]
    return not collects(phase) or (time_in_force_of(m, order) == AT_CLOSE and phase != CLOSING_CALL)
