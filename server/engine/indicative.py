"""When the indicative auction price of an instrument is due."""

import numpy as np

from server.engine.checks import collects
from server.engine.kernel import Words, inline, kernel
from server.engine.layout import (
    FIRST_INSTRUMENT,
    INSTRUMENT_DUE,
    INSTRUMENT_NEXT,
    INSTRUMENT_PHASE,
    NEXT_DUE,
    NONE,
    TIME_NS,
    ZERO,
)

INTERVAL_NS = np.uint64(500_000_000)


@inline
def schedule(m: Words, instrument: np.uint64) -> None:
    """After a change in a collecting phase: an indicative becomes due unless one is pending."""
    if collects(m[instrument + INSTRUMENT_PHASE]) and m[instrument + INSTRUMENT_DUE] == ZERO:
        due = m[TIME_NS] + INTERVAL_NS
        m[instrument + INSTRUMENT_DUE] = due
        if m[NEXT_DUE] == ZERO or due < m[NEXT_DUE]:
            m[NEXT_DUE] = due


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
    m[NEXT_DUE] = earliest
