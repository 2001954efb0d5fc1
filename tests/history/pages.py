"""Whole answers of the history's queries, for tests that do not care for slices."""

from collections.abc import Generator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from server.history.queries import PAGE_BARS, PAGE_TICKS, Queries
from server.history.store import HistoryStore
from server.history.ticks import narrow
from server.protocol.control import GetBarSeries, GetTicks
from server.protocol.enums import BarUnit

Answer = TypeVar("Answer")
Page = tuple[NDArray[np.void], bool]


def whole(work: Generator[None, None, Answer]) -> Answer:
    """What a sliced piece of work returns."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer


def bars(store: HistoryStore, instrument: int, size_ns: int, before_ns: int = 0, count: int = PAGE_BARS) -> Page:
    """BAR_RECORD rows, and whether there are older ones."""
    asked = GetBarSeries(instrument=instrument, unit=BarUnit.TIME, size=size_ns, before_ns=before_ns, count=count)
    found, more = whole(Queries(store).bars(asked))
    return narrow(found), more


def ticks(store: HistoryStore, instrument: int, before_ns: int = 0, count: int = PAGE_TICKS) -> Page:
    """TICK_RECORD rows, and whether there are older ones."""
    return whole(Queries(store).ticks(GetTicks(instrument=instrument, before_ns=before_ns, count=count)))
