"""When the indicative auction price of an instrument is due."""

import numpy as np

from server.engine.kernel import Words, inline, kernel
from server.engine.layout import (
    FIRST_INSTRUMENT,
    INSTRUMENT_DUE,
    INSTRUMENT_NEXT,
    INSTRUMENT_PHASE,
    NONE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import INDICATIVE_DUE
from server.engine.phase_table import collects
from server.engine.timers import note_next_due

INTERVAL_NS = np.uint64(500_000_000)


@inline
def schedule(m: Words, instrument: np.uint64) -> None:
    """After a change in a collecting phase: an indicative becomes due unless one is pending."""
    if collects(m[instrument + INSTRUMENT_PHASE]) and m[instrument + INSTRUMENT_DUE] == ZERO:
        due = m[TIME_NS] + INTERVAL_NS
        m[instrument + INSTRUMENT_DUE] = due
        if m[INDICATIVE_DUE] == ZERO or due < m[INDICATIVE_DUE]:
            m[INDICATIVE_DUE] = due
            note_next_due(m)


@kernel
def find_next_due(m: Words) -> None:
    """Looks for the earliest due time again, after some were dropped."""
    earliest = ZERO
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        due = m[instrument + INSTRUMENT_DUE]
        if due != ZERO and (earliest == ZERO or due < earliest):
            earliest = due
        instrument = m[instrument + INSTRUMENT_NEXT]
    m[INDICATIVE_DUE] = earliest
    note_next_due(m)
