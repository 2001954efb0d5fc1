"""Pages of bars and trades out of the store.

Rules: a page is made by a generator that yields between slices of work of some milliseconds and returns (rows, more);
whoever drives it may stop at any of them. A page is whole in itself and bounded: pages of any sizes join.
"""

from bisect import bisect_left
from collections.abc import Generator
from typing import Final

import numpy as np

from server.history.bar_units import IN_TIME, begins, cut, longest_ns
from server.history.store import HistoryStore
from server.history.ticks import DAY_NS, MINUTE_NS, Places, bars_at, counted, merge_at
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import BarUnit
from server.protocol.records import SERIES_BAR

PAGE_BARS: Final = 8000
PAGE_TICKS: Final = 8192
TIME_MAX_NS: Final = (1 << 63) - 1
CUTS_KEPT: Final = 6
DAYS_A_PAGE: Final = 4000
_SAME_TIME_ROWS: Final = 15_000
"""A page of ticks grows to this rather than end between trades of the same time, which a cursor of time would miss."""
Page = Generator[None, None, tuple[Records, bool]]
Bars = Generator[None, None, Records]
_CutKey = tuple[int, int, int, int, int, int]


class Queries:
    """Answers out of one store. It remembers where the bars of a day begin, for the next page of the same bars."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._cuts: dict[_CutKey, Places] = {}

    def bars(self, asked: control.GetBarSeries) -> Page:
        """SERIES_BAR rows of a checked question, oldest first; and whether there are older ones."""
        count = min(asked.count, PAGE_BARS)
        before_ns = asked.before_ns or TIME_MAX_NS
        if asked.before_trade:
            before_ns = min(before_ns, self._time_after(asked.instrument, asked.before_trade))
        in_time = asked.unit in IN_TIME
        reach_ns = min(TIME_MAX_NS, before_ns + (longest_ns(asked.unit, asked.size) if in_time else 0))
        parts: list[Records] = []
        missing, is_cut_off = count + 2, False
        for day in reversed(self._store.days(asked.instrument)):
            if day * DAY_NS >= reach_ns:
                continue
            is_cut_off = len(parts) >= DAYS_A_PAGE
            if missing <= 0 or is_cut_off:
                break
            part = yield from self._bars_of_day(asked, day, before_ns, missing)
            if len(part):
                is_shared = in_time and bool(parts) and bool(part["time_ns"][-1] == parts[-1]["time_ns"][0])
                missing -= len(part) - is_shared
                parts.append(part)
            yield
        if not parts:
            return np.zeros(0, SERIES_BAR), False
        bars = np.concatenate(parts[::-1])
        if in_time:
            bars = merge_at(bars, bars["time_ns"])
        if asked.before_trade:
            bars = bars[bars["first_trade"] < asked.before_trade]
        bars = bars[int(is_cut_off) :]
        return bars[-count:], len(bars) > count or is_cut_off

    def ticks(self, asked: control.GetTicks) -> Page:
        """TICK_RECORD rows of a checked question, oldest first; and whether there are older ones."""
        missing = min(asked.count, PAGE_TICKS)
        before_ns = asked.before_ns or TIME_MAX_NS
        pages: list[Records] = []
        for day in reversed(self._store.days(asked.instrument)):
            if day * DAY_NS >= before_ns:
                continue
            if missing <= 0:
                return np.concatenate(pages), True
            rows = self._store.ticks(asked.instrument, day)
            end = _first_at(rows, "time_ns", before_ns)
            if asked.before_trade:
                end = min(end, _first_at(rows, "trade_number", asked.before_trade))
            start = max(0, end - missing)
            if start and not asked.before_trade:
                start = max(_first_at(rows, "time_ns", int(rows["time_ns"][start])), end - _SAME_TIME_ROWS)
            pages.insert(0, np.array(rows[start:end]))
            missing -= end - start
            if start:
                return np.concatenate(pages), True
            yield
        return np.concatenate(pages) if pages else self._store.ticks(asked.instrument, -1), False

    def _bars_of_day(self, asked: control.GetBarSeries, day: int, before_ns: int, wanted: int) -> Bars:
        """At least the last `wanted` bars, or all, of what traded on one day and that begin before `before_ns`."""
        if asked.unit in IN_TIME and (asked.unit != BarUnit.TIME or asked.size % MINUTE_NS == 0):
            minutes = self._store.minutes(asked.instrument, day)
            bars = merge_at(minutes, begins(asked.unit, asked.size, minutes["time_ns"]))
            return bars[bars["time_ns"] < before_ns]
        ticks = counted(self._store.ticks(asked.instrument, day))
        key = (asked.instrument, day, asked.unit, asked.size, len(ticks), self._store.edition)
        starts = self._cuts.pop(key, None)
        if starts is None:
            starts = yield from cut(ticks, asked.unit, asked.size)
            while len(self._cuts) >= CUTS_KEPT:
                self._cuts.pop(next(iter(self._cuts)))
        self._cuts[key] = starts
        grain = asked.size if asked.unit == BarUnit.TIME else 1
        end = bisect_left(starts, before_ns, key=lambda place: int(ticks["time_ns"][place]) // grain * grain)
        if asked.before_trade and asked.unit != BarUnit.TIME:
            of_trade = bisect_left(starts, asked.before_trade, key=lambda place: int(ticks["trade_number"][place]))
            end = min(end, of_trade)
        begin = max(0, end - wanted)
        if begin == end:
            return np.zeros(0, SERIES_BAR)
        first = int(starts[begin])
        last = int(starts[end]) if end < len(starts) else len(ticks)
        bars = bars_at(ticks[first:last], starts[begin:end] - first)
        bars["time_ns"] -= bars["time_ns"] % grain
        return bars

    def _time_after(self, instrument: int, trade: int) -> int:
        """A time behind the trade of this number, and behind all before it."""
        days = self._store.days(instrument)
        place = bisect_left(days, trade, key=lambda day: int(self._store.ticks(instrument, day)["trade_number"][0]))
        if place == 0:
            return 0
        rows = self._store.ticks(instrument, days[place - 1])
        return int(rows["time_ns"][min(_first_at(rows, "trade_number", trade), len(rows) - 1)]) + 1


def _first_at(rows: Records, name: str, bound: int) -> int:
    """The first row, in order of the field, that is not below the bound. It reads few rows of a mapped file."""
    return bisect_left(rows, bound, key=lambda row: int(row[name]))
