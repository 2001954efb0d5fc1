"""The end of a command: stops that trades triggered, links that changed, pegs whose reference moved; at last the TOP.

Rules: the order of the steps is that of the rule book's 12.5. Room is asked for before each step; where it is lacking
the work stops there, the caller makes room and comes back. Why it ends is said in the rule book.
"""

import numpy as np

from server.engine.attended import attention_of, first_of
from server.engine.bits import low
from server.engine.book import book_of
from server.engine.cancelling import cancel
from server.engine.entering import come_in, matches_at_once
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import (
    BOOK_ORDERS,
    BYTE,
    E_FLAGS_SHIFT,
    E_VALUE,
    INSTRUMENT_CASH_SCALE,
    LIVE_ORDERS,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_orders import MORE_ROWS
from server.engine.layout_phases import INSTRUMENT_FLAGS
from server.engine.layout_stops import (
    ATTENTION_CHANGED,
    ATTENTION_ENTERING,
    ATTENTION_IS_LISTED,
    ATTENTION_LOWEST,
    ATTENTION_NEXT,
    ATTENTION_TRAILING,
    FIRST_ATTENDED,
    INSTRUMENT_ATTENDED,
)
from server.engine.limit_state import heed_band
from server.engine.links import take_changed
from server.engine.live_orders import forget
from server.engine.looking import look
from server.engine.market_data import publish_top
from server.engine.money import cost_of, side_of
from server.engine.money_checks import ask_for
from server.engine.pegs import move_next_peg
from server.engine.registry import account_of, instrument_of, position_row_of, user_row_of
from server.engine.risk import ASK_TRIGGER, check_risk
from server.engine.settling import settle_link
from server.engine.vocabulary import BUY, NO_REASON, SELL
from server.engine.vocabulary_orders import CANCELED_REFUSED, STOP_LIMIT
from server.engine.waiting import no_longer_stop, stop_waiting, type_of


@kernel
def rows_of_step(m: Words, instrument: np.uint64) -> np.uint64:
    """A bound on the trades, cancels and changes of one step: each ends or changes an order."""
    book = book_of(instrument, BUY)
    orders = m[book + BOOK_ORDERS] + m[book_of(instrument, SELL) + BOOK_ORDERS]
    if m[instrument + INSTRUMENT_FLAGS] != ZERO:
        orders = m[LIVE_ORDERS]  # an interruption lets in those that wait for a call
    return (orders + m[instrument + INSTRUMENT_ATTENDED] + m[MORE_ROWS]) * U(2) + U(8)


@kernel
def records_of_step(m: Words, instrument: np.uint64) -> np.uint64:
    """As many records as may take the memory of one step: trailing stops that move may need a leaf each, and nodes."""
    if m[attention_of(m, instrument) + ATTENTION_TRAILING] == ZERO:
        return ONE
    return m[instrument + INSTRUMENT_ATTENDED] // U(3) + U(2)


@kernel
def take_step(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> bool:
    """Does the first thing that is to be done for an instrument; says whether there was one."""
    attention = attention_of(m, instrument)
    if m[attention + ATTENTION_CHANGED] != ZERO:
        settle_link(m, z, ev, md, take_changed(m, attention))
        return True
    if z[attention + ATTENTION_LOWEST] != NO_PRICE:
        look(m, z, ev, instrument, attention)
        return True
    if matches_at_once(m, instrument):
        order = first_of(m, attention + ATTENTION_ENTERING)
        if order != NONE:
            enter(m, z, ev, md, order)
            return True
    return move_next_peg(m, z, ev, md, instrument, attention) or heed_band(m, z, ev, md, instrument)


@kernel
def end_attention(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """Nothing is left to do for an instrument, the first of those that are listed: its TOP."""
    attention = attention_of(m, instrument)
    m[FIRST_ATTENDED] = m[attention + ATTENTION_NEXT]
    m[attention + ATTENTION_IS_LISTED] = ZERO
    publish_top(m, z, md, instrument)


@kernel
def enter(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64) -> None:
    """The stop that was triggered first comes into the book, if the risk entry lets it."""
    position = position_row_of(m, order)
    instrument = instrument_of(m, position)
    side = side_of(m, order)
    price = z[order + ORDER_PRICE]
    leaves = z[order + ORDER_LEAVES]
    cost = cost_of(side, price, leaves, z[instrument + INSTRUMENT_CASH_SCALE])
    flags = m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & BYTE
    algorithm = low(m[order + ORDER_ALGORITHM_LEVEL])
    ask_for(m, order)
    reason = check_risk(
        m,
        z,
        ev,
        ASK_TRIGGER,
        user_row_of(m, order),
        position,
        account_of(m, position),
        instrument,
        side,
        flags,
        algorithm,
        price,
        leaves,
        cost,
        cost,
        leaves,
    )
    if reason != NO_REASON:
        e, _ = cancel(m, z, ev, md, CANCELED_REFUSED, order)
        ev[e + E_VALUE] = reason
        forget(m, order)
        return
    stop_waiting(m, order)
    no_longer_stop(m, order)
    come_in(m, z, ev, md, order, bool(type_of(m, order) == STOP_LIMIT))
