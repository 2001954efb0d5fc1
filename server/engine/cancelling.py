"""Ending an order that has not been filled: its event, what it holds back, its place."""

import numpy as np

from server.engine.events import canceled
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, inline
from server.engine.layout import ORDER_LEAVES
from server.engine.money import bind
from server.engine.registry import instrument_of, position_row_of
from server.engine.resting import leave


@inline
def cancel(m: Words, z: Signed, ev: Words, md: Words, reason: np.uint64, order: np.uint64) -> tuple[np.uint64, bool]:
    """Ends a resting order: event, reserve, place. Returns where its event begins, and whether it was a best one."""
    e = canceled(m, ev, reason, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    was_best = leave(m, z, md, order)
    schedule(m, instrument_of(m, position_row_of(m, order)))
    return e, was_best
