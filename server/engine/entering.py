"""An order comes into the book from outside: triggered, released or re-priced, it meets the other side first.

Rules: what is left rests or, of a stop without a limit, goes; the POSITION of an order that traded comes last.
"""

import numpy as np

from server.engine.events import canceled
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    E_LAST_QUANTITY,
    INSTRUMENT_PHASE,
    NONE,
    ORDER_LEAVES,
    ZERO,
)
from server.engine.layout_phases import INTERRUPTED
from server.engine.live_orders import forget
from server.engine.matching import ENDED, TRADED, UNTOUCHED, meet
from server.engine.money import bind
from server.engine.order_events import restated
from server.engine.phase_table import trades_at_once
from server.engine.phases import interrupt
from server.engine.registry import instrument_of, position_row_of
from server.engine.resting import rest
from server.engine.vocabulary import IMMEDIATE_REMAINDER
from server.engine.working import settle_aggressor


@inline
def matches_at_once(m: Words, instrument: np.uint64) -> bool:
    """Whether orders trade as they come."""
    return trades_at_once(m[instrument + INSTRUMENT_PHASE])


@kernel
def changed_by_exchange(m: Words, z: Signed, ev: Words, reason: np.uint64, order: np.uint64, lots: np.uint64) -> None:
    """RESTATED: the order after the exchange changed it; `lots`: by how many its leaves did, if they did."""
    e = restated(m, z, ev, reason, order)
    ev[e + E_LAST_QUANTITY] = lots


@kernel
def come_in(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64, stays: bool) -> None:
    """A live order without a place meets the other side where that is at once; the rest takes its place, or goes."""
    instrument = instrument_of(m, position_row_of(m, order))
    outcome = meet(m, z, ev, md, order) if matches_at_once(m, instrument) else UNTOUCHED
    left = m[order + ORDER_LEAVES] != ZERO and outcome & ENDED == ZERO
    if left and stays:
        rest(m, z, md, order)
    elif left:
        canceled(m, ev, IMMEDIATE_REMAINDER, order)
        bind(m, z, order, -z[order + ORDER_LEAVES])
    if outcome & TRADED != ZERO:
        settle_aggressor(m, ev, order)
    if not left or not stays:
        forget(m, order)
    if m[INTERRUPTED] != NONE:
        interrupt(m, z, ev, md)
