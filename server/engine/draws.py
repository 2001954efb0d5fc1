"""Random draws for the ends of calls: the n-th draw of an instrument is a hash of its seed, its id and n.

Rules: integers alone; the seed came in a command, the count is part of the state, so a replay draws the same.
"""

import numpy as np

from server.engine.bits import product_high
from server.engine.kernel import U, Words, kernel
from server.engine.layout import HALF, ONE, ZERO
from server.engine.layout_phases import INSTRUMENT_DRAWS, INSTRUMENT_RANDOM_MS, INSTRUMENT_SEED
from server.engine.registry import id_of

_STEP = U(0x9E3779B97F4A7C15)
_MIX_1 = U(0xBF58476D1CE4E5B9)
_MIX_2 = U(0x94D049BB133111EB)
_MILLISECOND = U(1_000_000)


@kernel
def mixed(word: np.uint64) -> np.uint64:
    """64 bits that depend on every bit of the word."""
    word = (word ^ word >> U(30)) * _MIX_1
    word = (word ^ word >> U(27)) * _MIX_2
    return word ^ word >> U(31)


@kernel
def draw(m: Words, instrument: np.uint64) -> np.uint64:
    """The next draw, in nanoseconds from 0 to random_ms; 0 and uncounted where there is nothing to draw."""
    longest = m[instrument + INSTRUMENT_RANDOM_MS] * _MILLISECOND
    if longest == ZERO:
        return ZERO
    m[instrument + INSTRUMENT_DRAWS] += ONE
    number = m[instrument + INSTRUMENT_DRAWS] * _STEP
    word = mixed(m[instrument + INSTRUMENT_SEED] + (id_of(m, instrument) << HALF) + number)
    return product_high(word, longest + ONE)
