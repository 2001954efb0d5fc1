"""Prints for the history's tests: seeded market data, and the same bars computed the slow and obvious way."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.journal.event_log import EventLog
from server.protocol.records import BAR_RECORD, BOOK_RECORD, EVENT

DAY_NS = 86_400 * 10**9
START_NS = 19_700 * DAY_NS + 23 * 3600 * 10**9
"""An hour before midnight, so that small samples have two days."""
INSTRUMENTS = (1, 2, 40)
NO_EVENTS = np.zeros(0, EVENT)


def market_data(seed: int, count: int, step_ns: int = 7 * 10**9, first_sequence: int = 1) -> NDArray[np.void]:
    """`count` records, about half of them prints, one a command, `step_ns` apart on average."""
    chance = np.random.default_rng(seed)
    records = np.zeros(count, BOOK_RECORD)
    records["sequence"] = np.arange(first_sequence, first_sequence + count)
    records["time_ns"] = START_NS + records["sequence"].astype(np.int64) * step_ns + chance.integers(0, step_ns, count)
    records["instrument"] = chance.choice(INSTRUMENTS, count)
    records["kind"] = chance.choice([1, 2, 2, 2, 4, 6], count)
    records["flags"] = chance.choice([0, 1, 1, 3], count)
    records["side"] = chance.integers(0, 2, count)
    records["price"] = 10_000 + chance.integers(-500, 500, count)
    records["quantity"] = chance.integers(1, 1000, count)
    records["trade_number"] = np.arange(1, count + 1)
    return records


def is_print(records: NDArray[np.void]) -> NDArray[np.bool_]:
    return (records["kind"] == 2) & (records["flags"] % 2 == 1)


def slow_bars(records: NDArray[np.void], instrument: int, size_ns: int) -> NDArray[np.void]:
    """Bars by a dictionary and plain integers."""
    found: dict[int, list[int]] = {}
    for row in records[is_print(records) & (records["instrument"] == instrument)]:
        time_ns, price, quantity = int(row["time_ns"]), int(row["price"]), int(row["quantity"])
        begin = time_ns - time_ns % size_ns
        bar = found.setdefault(begin, [begin, price, price, price, price, 0, 0, 0])
        bar[2] = max(bar[2], price)
        bar[3] = min(bar[3], price)
        bar[4] = price
        bar[5] += quantity
        bar[6] += price * quantity
        bar[7] += 1
    return np.array([tuple(bar) for bar in found.values()], BAR_RECORD)


def log_with(directory: Path, records: NDArray[np.void], *, per_append: int = 9, epoch: int = 1) -> None:
    """Append the records to the event log of a directory."""
    log = EventLog.open(directory, epoch=epoch, journal_sequence=1 << 40, segment_bytes=1 << 15)
    for start in range(0, len(records), per_append):
        log.append(NO_EVENTS, records[start : start + per_append])
    log.close()
