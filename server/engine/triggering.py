"""Triggering a stop: it leaves the stop book, and will enter behind those that were triggered before."""

import numpy as np

from server.engine.attended import append
from server.engine.events import order_event, state_of
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, Words, kernel
from server.engine.layout import (
    E_LAST_PRICE,
    E_STATE_SHIFT,
    E_VALUE,
    INSTRUMENT_LAST,
    NONE,
    ZERO,
)
from server.engine.layout_stops import (
    ATTENTION_ENTERING,
    EXTENSION_LINK,
    EXTENSION_STOP_PRICE,
    EXTENSION_WHERE,
    LINK_TRIGGERED,
    TRIGGERED_PLACE,
)
from server.engine.links import note_change
from server.engine.registry import instrument_of, position_row_of
from server.engine.resting import take_public_id
from server.engine.vocabulary_stops import TRIGGERED
from server.engine.waiting import attention_for, stop_waiting


@kernel
def trigger(m: Words, z: Signed, ev: Words, order: np.uint64) -> None:
    """A stop is triggered: it enters behind those that were triggered before."""
    stop_waiting(m, order)
    extension = extension_of(m, order)
    m[extension + EXTENSION_WHERE] = TRIGGERED_PLACE
    append(m, attention_for(m, order) + ATTENTION_ENTERING, order)
    take_public_id(m, order)
    e = order_event(m, ev, TRIGGERED, ZERO, order, state_of(m, z, order) << E_STATE_SHIFT)
    ev[e + E_VALUE] = m[extension + EXTENSION_STOP_PRICE]
    ev[e + E_LAST_PRICE] = m[instrument_of(m, position_row_of(m, order)) + INSTRUMENT_LAST]
    link = m[extension + EXTENSION_LINK]
    if link != NONE:
        m[link + LINK_TRIGGERED] = order
        note_change(m, link)
