"""What waits for its time: entries of an instrument's schedule, and its rules to come; each a row and a timer.

Rules: the rows of an instrument are chained by due time, of which no two are equal; at most 64 of each kind wait.
"""

import numpy as np

from server.engine.kernel import U, Words, kernel
from server.engine.layout import NONE, ONE, ZERO
from server.engine.layout_phases import (
    FREE_PENDING,
    PENDING_DUE,
    PENDING_INSTRUMENT,
    PENDING_MAX,
    PENDING_NEXT,
    PENDING_TIMER,
    PENDING_WORDS,
)
from server.engine.memory import give_back, take
from server.engine.registry import id_of
from server.engine.timers import cancel_timer, set_timer


@kernel
def is_taken(m: Words, chain: np.uint64, due: np.uint64) -> bool:
    """Whether something of a chain waits for this very time; `chain` is the word of its first row."""
    row = m[chain]
    while row != NONE:
        if m[row + PENDING_DUE] == due:
            return True
        row = m[row + PENDING_NEXT]
    return False


@kernel
def is_full(m: Words, chain: np.uint64) -> bool:
    """Whether no more may wait."""
    count = ZERO
    row = m[chain]
    while row != NONE:
        count = count + ONE
        row = m[row + PENDING_NEXT]
    return bool(count >= PENDING_MAX)


@kernel
def let_wait(m: Words, chain: np.uint64, kind: np.uint64, instrument: np.uint64, due: np.uint64) -> np.uint64:
    """A row that waits for its time, in its place of the chain."""
    row = take(m, FREE_PENDING, PENDING_WORDS)
    before = chain
    after = m[chain]
    while after != NONE and m[after + PENDING_DUE] < due:
        before = after + PENDING_NEXT
        after = m[after + PENDING_NEXT]
    m[before] = row
    m[row + PENDING_NEXT] = after
    m[row + PENDING_DUE] = due
    m[row + PENDING_INSTRUMENT] = instrument
    m[row + PENDING_TIMER] = set_timer(m, kind, id_of(m, instrument), row, due)
    return row


@kernel
def take_first(m: Words, chain: np.uint64) -> None:
    """The first row of a chain, whose timer has fired, waits no longer."""
    row = m[chain]
    m[chain] = m[row + PENDING_NEXT]
    word = U(1)
    while word < PENDING_WORDS:
        m[row + word] = ZERO
        word = word + ONE
    give_back(m, FREE_PENDING, row)


@kernel
def forget_all(m: Words, chain: np.uint64) -> None:
    """Nothing of a chain waits any longer."""
    while m[chain] != NONE:
        cancel_timer(m, m[m[chain] + PENDING_TIMER])
        take_first(m, chain)
