"""Pages of bars and ticks out of the store."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from server.history.store import HistoryStore
from server.history.ticks import DAY_NS, MINUTE_NS, bars_of, merge_bars
from server.protocol.codec import Records

PAGE_ROWS: Final = 8192
TIME_MAX_NS: Final = (1 << 63) - 1
_SAME_TIME_ROWS: Final = 15_000
"""A page of ticks grows to this rather than end between trades of the same time, which the next page would miss."""


def bars(store: HistoryStore, instrument: int, size_ns: int, before_ns: int, count: int) -> tuple[Records, bool]:
    """Up to `count` bars that begin before `before_ns` (0: the newest), oldest first; and whether there are older ones.

    From minute bars where the size is a multiple of a minute, else from ticks.
    """
    count = min(count, PAGE_ROWS)
    before_ns = before_ns or TIME_MAX_NS
    found = bars_of(store.ticks(instrument, -1), size_ns)
    for part in _newest_first(store, instrument, size_ns, before_ns):
        found = merge_bars(np.concatenate([part, found]), size_ns)
        found = found[found["time_ns"] < before_ns]
        if len(found) > count + 1:
            break
    return found[-count:], len(found) > count


def ticks(store: HistoryStore, instrument: int, before_ns: int, count: int) -> tuple[Records, bool]:
    """Up to `count` ticks before `before_ns` (0: the newest), oldest first; and whether there are older ones."""
    count = min(count, PAGE_ROWS)
    before_ns = before_ns or TIME_MAX_NS
    pages: list[Records] = []
    missing = count
    for day in reversed(store.days(instrument)):
        if day * DAY_NS >= before_ns:
            continue
        if missing <= 0:
            return np.concatenate(pages), True
        rows = store.ticks(instrument, day)
        end = int(np.searchsorted(rows["time_ns"], before_ns, "left"))
        start = max(0, end - missing)
        if start:
            start = max(int(np.searchsorted(rows["time_ns"], rows["time_ns"][start], "left")), end - _SAME_TIME_ROWS)
        pages.insert(0, np.array(rows[start:end]))
        missing -= end - start
        if start:
            return np.concatenate(pages), True
    return np.concatenate(pages) if pages else store.ticks(instrument, -1), False


def _newest_first(store: HistoryStore, instrument: int, size_ns: int, before_ns: int) -> Iterator[Records]:
    """Day by day, from the newest that a wanted bar may reach into: minute bars, or bars of ticks."""
    from_minutes = size_ns % MINUTE_NS == 0
    reach_ns = min(TIME_MAX_NS, before_ns + size_ns)
    for day in reversed(store.days(instrument)):
        if day * DAY_NS < reach_ns:
            yield store.bars(instrument, day) if from_minutes else bars_of(store.ticks(instrument, day), size_ns)
