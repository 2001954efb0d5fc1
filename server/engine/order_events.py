"""Events of orders that the exchange itself changes."""

import numpy as np

from server.engine.events import order_event, state_of
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, Words, inline
from server.engine.layout import E_STATE_SHIFT, E_VALUE, EVENT_WORDS, EVENTS_USED, NONE
from server.engine.layout_stops import EXTENSION_STOP_PRICE
from server.engine.switches import WITH_EVENTS
from server.engine.vocabulary_orders import RESTATED


@inline
def restated(m: Words, z: Signed, ev: Words, reason: np.uint64, order: np.uint64) -> np.uint64:
    """RESTATED: the order after a change that nobody asked for. Returns where the event begins."""
    e = order_event(m, ev, RESTATED, reason, order, state_of(m, z, order) << E_STATE_SHIFT)
    tell_stop_price(m, ev, order)
    return e


@inline
def tell_stop_price(m: Words, ev: Words, order: np.uint64) -> None:
    """The event just written says the order's stop price, if it has one."""
    extension = extension_of(m, order)
    if WITH_EVENTS and extension != NONE:  # without them there is no event just written
        ev[m[EVENTS_USED] - EVENT_WORDS + E_VALUE] = m[extension + EXTENSION_STOP_PRICE]
