"""The last orders of a scope row, by which a duplicate is known: a ring of sixteen, taken when one is wanted."""

import numpy as np

from server.engine.bits import halves, low
from server.engine.kernel import Words, kernel
from server.engine.layout import NONE, ONE, TIME_NS, ZERO
from server.engine.layout_risk import (
    ASK,
    ASK_ACCOUNT,
    ASK_INSTRUMENT,
    ASK_PRICE,
    ASK_QUANTITY,
    ASK_SIDE,
    LAST_NAMES,
    LAST_PRICE,
    LAST_QUANTITY,
    LAST_SIDE,
    LAST_TIME,
    LAST_WORDS,
    RING_COUNT,
    RING_ENTRIES,
    RING_NEXT,
    RING_SIZE,
    SCOPE_RING,
)
from server.engine.registry import id_of


@kernel
def count_same(m: Words, row: np.uint64, window_ns: np.uint64) -> np.int64:
    """How many of the last orders of a row are as the ask and younger than a window."""
    ring = m[row + SCOPE_RING]
    a = m[ASK]
    names = halves(low(id_of(m, m[a + ASK_ACCOUNT])), low(id_of(m, m[a + ASK_INSTRUMENT])))
    same = np.int64(0)
    number = ZERO
    while ring != NONE and number < m[ring + RING_COUNT]:
        entry = ring + RING_ENTRIES + number * LAST_WORDS
        if (
            m[entry + LAST_NAMES] == names
            and m[entry + LAST_SIDE] == m[a + ASK_SIDE]
            and m[entry + LAST_PRICE] == m[a + ASK_PRICE]
            and m[entry + LAST_QUANTITY] == m[a + ASK_QUANTITY]
            and m[entry + LAST_TIME] + window_ns > m[TIME_NS]
        ):
            same = same + 1
        number = number + ONE
    return same


@kernel
def note_order(m: Words, row: np.uint64) -> None:
    """The ask becomes the last order of a row that keeps them."""
    ring = m[row + SCOPE_RING]
    if ring == NONE:
        return
    a = m[ASK]
    entry = ring + RING_ENTRIES + m[ring + RING_NEXT] * LAST_WORDS
    m[entry + LAST_NAMES] = halves(low(id_of(m, m[a + ASK_ACCOUNT])), low(id_of(m, m[a + ASK_INSTRUMENT])))
    m[entry + LAST_SIDE] = m[a + ASK_SIDE]
    m[entry + LAST_PRICE] = m[a + ASK_PRICE]
    m[entry + LAST_QUANTITY] = m[a + ASK_QUANTITY]
    m[entry + LAST_TIME] = m[TIME_NS]
    m[ring + RING_NEXT] = (m[ring + RING_NEXT] + ONE) % RING_SIZE
    if m[ring + RING_COUNT] < RING_SIZE:
        m[ring + RING_COUNT] += ONE
