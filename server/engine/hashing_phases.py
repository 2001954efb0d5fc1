"""Parts 15 to 19 of the state hash: tick tables, rules, auction orders, calls that are to end, what waits for its time.

Rules: see `hashing`; a part with nothing in it adds no words. The chains are short and walked in Python.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import layout_phases as of
from server.engine.hashing_rows import ID_BITS, columns, fields, instrument_rows, rows_of_kind, words_of_orders
from server.engine.kernel import Words
from server.engine.layout_orders import TIMER_DUE


def instrument_words(m: Words) -> list[NDArray[np.uint64]]:
    """Parts 15 to 19 in their order."""
    instruments = instrument_rows(m)
    ruled = instruments[m[instruments + of.INSTRUMENT_RULED] != 0]
    banded = instruments[m[instruments + of.INSTRUMENT_FLAGS] & of.FLAG_BAND != 0]
    return [
        *[words_of_ticks(m, row) for row in rows_of_kind(m, of.KIND_TICKS)],
        columns(m[ruled] & ID_BITS, *fields(m, ruled, of.INSTRUMENT_CHANGE, 27)),
        *[words_of_orders(m, queued_orders(m, instrument)) for instrument in instruments],
        *[words_of_call(m, instrument) for instrument in instruments],
        *[words_of_schedule(m, instrument) for instrument in instruments],
        *[words_of_pending_rules(m, instrument) for instrument in instruments],
        *[words_of_band(m, instrument) for instrument in banded],
    ]


def words_of_ticks(m: Words, row: np.uint64) -> NDArray[np.uint64]:
    """One tick table."""
    count = m[row + of.TICKS_COUNT]
    first = int(row + of.TICKS_STEPS)
    return np.concatenate([[m[row] & ID_BITS, count], m[first : first + 2 * int(count)]])


def queued_orders(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """The rows of both market queues, buys first, and of the waiting orders."""
    queues = of.INSTRUMENT_MARKET_QUEUES, of.INSTRUMENT_MARKET_QUEUES + at.LEVEL_WORDS, of.INSTRUMENT_WAITING
    return np.array([row for queue in queues for row in queue_rows(m, instrument + queue)], np.uint64)


def queue_rows(m: Words, queue: np.uint64) -> Iterator[np.uint64]:
    """The rows of a queue's orders, oldest first."""
    order = m[queue + at.LEVEL_QUEUE] & at.LOW
    while order != at.NONE:
        yield order
        order = m[order + at.ORDER_NEXT_PREVIOUS] & at.LOW


def words_of_call(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """How the present phase of an instrument is to end."""
    timer = m[instrument + of.INSTRUMENT_PHASE_TIMER]
    due = m[timer + TIMER_DUE] if timer != at.NONE else at.ZERO
    words = [*m[instrument + of.INSTRUMENT_TARGET + np.arange(3, dtype=np.uint64)], due]
    return np.array([m[instrument] & ID_BITS, *words] if any(words) else [], np.uint64)


def pending_rows(m: Words, chain: np.uint64) -> Iterator[np.uint64]:
    """The rows of what waits, by due time."""
    row = m[chain]
    while row != at.NONE:
        yield row
        row = m[row + of.PENDING_NEXT]


def words_of_schedule(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """The waiting entries of an instrument's schedule."""
    rows = pending_rows(m, instrument + of.INSTRUMENT_SCHEDULED)
    entries = [[m[instrument] & ID_BITS, m[row + of.PENDING_DUE], m[row + of.PENDING_PHASE]] for row in rows]
    return np.array(entries, np.uint64).ravel()


def words_of_pending_rules(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """The waiting rules of an instrument."""
    numbers = of.PENDING_RULES + np.arange(int(of.RULE_NUMBERS), dtype=np.uint64)
    rows = pending_rows(m, instrument + of.INSTRUMENT_PENDING_RULES)
    entries = [[m[instrument] & ID_BITS, m[row + of.PENDING_DUE], *m[row + numbers]] for row in rows]
    return np.array(entries, np.uint64).ravel()


def words_of_band(m: Words, instrument: np.uint64) -> NDArray[np.uint64]:
    """The band of an instrument and the trades that its reference comes from."""
    band = m[instrument + of.INSTRUMENT_BAND_REFERENCE + np.arange(4, dtype=np.uint64)]
    buckets = m[instrument + of.INSTRUMENT_BUCKETS] + np.arange(int(of.BUCKETS), dtype=np.uint64)
    pairs = np.column_stack([m[buckets], m[buckets + of.BUCKETS]]).ravel()
    return np.concatenate([[m[instrument] & ID_BITS], band, pairs])
