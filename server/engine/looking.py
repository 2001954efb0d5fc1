"""The look at the stops after trades: what they trigger, and how far trailing stops follow them.

Rules: the rule book's 12.3. Prices of all trades since the last look count; a trailing stop moves toward them alone.
"""

import numpy as np

from server.engine.attended import first_of, next_in_list
from server.engine.entering import changed_by_exchange
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import INSTRUMENT_LAST, NO_PRICE, NONE, ORDER_LEAVES, ORDER_PRICE, ZERO
from server.engine.layout_stops import (
    ATTENTION_HIGHEST,
    ATTENTION_LOWEST,
    ATTENTION_MATCHES,
    ATTENTION_TRAILING,
    EXTENSION_STOP_PRICE,
    LINK_BOUND,
)
from server.engine.links import link_of
from server.engine.money import bind, side_of
from server.engine.registry import instrument_of, position_row_of
from server.engine.settling import hold
from server.engine.stop_book import dequeue_stop, enqueue_stop, next_reached
from server.engine.stop_prices import candidate_of, protected_price
from server.engine.triggering import trigger
from server.engine.vocabulary import BUY, SELL
from server.engine.vocabulary_stops import RESTATED_TRAILED

_UNKNOWN = U(2)


@kernel
def look(m: Words, z: Signed, ev: Words, instrument: np.uint64, attention: np.uint64) -> None:
    """What the trades since the last look trigger, and how far trailing stops follow them."""
    lowest = z[attention + ATTENTION_LOWEST]
    highest = z[attention + ATTENTION_HIGHEST]
    z[attention + ATTENTION_LOWEST] = NO_PRICE
    z[attention + ATTENTION_HIGHEST] = NO_PRICE
    m[attention + ATTENTION_MATCHES] = _UNKNOWN  # pegs may have gone in these trades
    trigger_reached(m, z, ev, instrument, lowest, highest)
    if m[attention + ATTENTION_TRAILING] != ZERO:
        trail(m, z, ev, instrument, attention, BUY, lowest)
        trail(m, z, ev, instrument, attention, SELL, highest)
        last = z[instrument + INSTRUMENT_LAST]
        trigger_reached(m, z, ev, instrument, last, last)


@kernel
def trigger_reached(m: Words, z: Signed, ev: Words, instrument: np.uint64, lowest: np.int64, highest: np.int64) -> None:
    """Triggers the buy stops that the highest price reaches, then the sell stops that the lowest does."""
    order = next_reached(m, instrument, BUY, highest)
    while order != NONE:
        trigger(m, z, ev, order)
        order = next_reached(m, instrument, BUY, highest)
    order = next_reached(m, instrument, SELL, lowest)
    while order != NONE:
        trigger(m, z, ev, order)
        order = next_reached(m, instrument, SELL, lowest)


@kernel
def trail(
    m: Words, z: Signed, ev: Words, instrument: np.uint64, attention: np.uint64, side: np.uint64, price: np.int64
) -> None:
    """Trailing stops of a side follow a price that is better for them."""
    order = first_of(m, attention + ATTENTION_TRAILING)
    while order != NONE:
        if side_of(m, order) == side:
            extension = extension_of(m, order)
            stop_price = candidate_of(m, z, instrument, side, extension, price)
            before = z[extension + EXTENSION_STOP_PRICE]
            if (side == BUY and stop_price < before) or (side == SELL and stop_price > before):
                move_stop(m, z, order, stop_price)
                changed_by_exchange(m, z, ev, RESTATED_TRAILED, order, ZERO)
        order = next_in_list(m, order)


@kernel
def move_stop(m: Words, z: Signed, order: np.uint64, stop_price: np.int64) -> None:
    """A waiting trailing stop gets another stop price, and with it another protection price and reserve."""
    instrument = instrument_of(m, position_row_of(m, order))
    dequeue_stop(m, order)
    z[extension_of(m, order) + EXTENSION_STOP_PRICE] = stop_price
    enqueue_stop(m, z, order)
    price = protected_price(m, z, instrument, side_of(m, order), stop_price)
    link = link_of(m, order)
    if link != NONE:
        z[order + ORDER_PRICE] = price
        hold(m, z, link, z[link + LINK_BOUND])
        return
    bind(m, z, order, -z[order + ORDER_LEAVES])
    z[order + ORDER_PRICE] = price
    bind(m, z, order, z[order + ORDER_LEAVES])
