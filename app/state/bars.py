"""Bars of one instrument and size: pages of history before, live trades formed into the last ones.

Rules: BAR rows, oldest first, contiguous; bars without trades are absent. Each trade counts once: what a page of
history already holds is known by its trade number. Without numbers, of two bars of one time the fuller one wins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.state.bar_forming import BAR, folded, in_time, merge, room
from app.state.bar_size import DAY_NS, MINUTE_NS, BarSize

__all__ = ["DAY_NS", "MINUTE_NS", "BarChange", "BarSeries", "BarSize"]

RECENT_TRADES = 20_000
"""So many newest live trades are kept, to lie over a page of history that does not have them yet."""
CHUNK = 512


@dataclass(frozen=True, slots=True)
class BarChange:
    """What a call did to a series: bars put before, bars appended, how many at the end may be others."""

    prepended: int = 0
    appended: int = 0
    tail: int = 0
    """Bars at the end that may have changed, those appended among them."""
    reloaded: bool = False
    """Bars anywhere may be others: the newest page of history came."""
    failed: bool = False
    """A page of history did not come."""

    def __add__(self, other: "BarChange") -> "BarChange":
        return BarChange(
            self.prepended + other.prepended,
            self.appended + other.appended,
            max(self.tail + other.appended, other.tail),
            self.reloaded or other.reloaded,
            self.failed or other.failed,
        )


class BarSeries:
    """The bars of one chart."""

    def __init__(self, instrument: int, size: BarSize) -> None:
        """No bars yet."""
        self.instrument = instrument
        self.size = size
        self.exhausted = False
        """True once history has nothing older."""
        self.loaded = False
        """True once the newest page of history came."""
        self.problem = ""
        """Why the last page of history did not come; empty if it did."""
        self._recent: list[NDArray[np.void]] = []
        self._recent_count = 0
        self._buffer: NDArray[np.void] = np.zeros(256, BAR)
        self._start = self._end = 128

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def rows(self) -> NDArray[np.void]:
        """All bars, oldest first; a view that is valid until the next change."""
        return self._buffer[self._start : self._end]

    def add_trades(self, trades: NDArray[np.void]) -> BarChange:
        """Take rows with time_ns, price, quantity, side, trade_number (TRADE or ticks), oldest first."""
        if not len(trades):
            return BarChange()
        self._recent.append(trades)
        self._recent_count += len(trades)
        while self._recent_count - len(self._recent[0]) > RECENT_TRADES:
            self._recent_count -= len(self._recent.pop(0))
        return self._put(trades)

    def add_history(self, page: NDArray[np.void], *, more: bool) -> BarChange:
        """Take a page of BAR_RECORD or SERIES_BAR rows, oldest first; `more` says that older ones exist."""
        first, self.loaded, self.problem = not self.loaded, True, ""
        held, page = self.rows, _as_bars(page)
        if not len(page) or not len(held) or not self._is_newer(page[0], held[0]):
            self.exhausted = not more
        if not len(page):
            return BarChange(reloaded=first)
        if first or not len(held):
            return self._lay_under(page, held, drop_older=True)
        if self._is_newer(held[0], page[-1]):
            self._prepend(page)
            return BarChange(prepended=len(page))
        return self._lay_under(page, held)

    def fail_history(self, reason: str) -> BarChange:
        """A page of history did not come, and why."""
        self.problem = reason
        return BarChange(failed=True)

    def _lay_under(self, page: NDArray[np.void], held: NDArray[np.void], *, drop_older: bool = False) -> BarChange:
        """Let a page replace the bars that it covers, and put live trades that it does not have on top.

        `drop_older`: what is older than the page was formed from live trades alone, so its beginning may be missing.
        """
        count, known = len(held), int(page["last_trade"][-1])
        older, newer = self._around(page, held)
        older = older[:0] if drop_older else older
        live = [trades[trades["trade_number"] > known] for trades in self._recent]
        if known and any(int(trades["trade_number"][0]) <= known + 1 for trades in self._recent):
            self._set(np.concatenate([older, page]))
            for trades in live:
                if len(trades):
                    self._put(trades)
        else:
            _keep_fuller(page, held)
            self._set(np.concatenate([older, page, newer]))
        return BarChange(appended=max(len(self) - count, 0), tail=len(self), reloaded=True)

    def _around(self, page: NDArray[np.void], held: NDArray[np.void]) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """The held bars before and after those of a page; none before, if between them some may be missing."""
        name = "time_ns" if self.size.in_time or not page["first_trade"][0] else "first_trade"
        older, newer = held[held[name] < page[name][0]], held[held[name] > page[name][-1]]
        if len(older) == len(held) and not self.exhausted:
            return older[:0], newer
        return older, newer

    def _is_newer(self, bar: np.void, other: np.void) -> bool:
        if self.size.in_time or not bar["first_trade"] or not other["first_trade"]:
            return bool(bar["time_ns"] > other["time_ns"])
        return bool(bar["first_trade"] > other["first_trade"])

    def _put(self, trades: NDArray[np.void]) -> BarChange:
        before = len(self)
        lowest = before
        if self.size.in_time:
            for bar in in_time(trades, self.size):
                lowest = min(lowest, self._merge_live(bar))
        else:
            for begin in range(0, len(trades), CHUNK):
                lowest = min(lowest, self._extend(trades[begin : begin + CHUNK]))
        return BarChange(appended=len(self) - before, tail=len(self) - lowest)

    def _merge_live(self, bar: np.void) -> int:
        """Put one bar of live trades at the end or into the bar it belongs to; the index where it went."""
        rows = self.rows
        if not len(rows) or bar["time_ns"] > rows["time_ns"][-1]:
            self._append(bar)
            return len(rows)
        place = int(np.searchsorted(rows["time_ns"], bar["time_ns"]))
        if rows["time_ns"][place] != bar["time_ns"]:
            return len(rows)
        merge(rows[place], bar)
        return place

    def _extend(self, trades: NDArray[np.void]) -> int:
        """Fill the last bar of trades, volume or range and begin new ones; the first index that changed."""
        lowest = len(self)
        place = 0
        while place < len(trades):
            rows, rest = self.rows, trades[place:]
            count = room(rest, self.size, rows[-1]) if len(rows) else 0
            if count:
                lowest = min(lowest, len(rows) - 1)
                merge(rows[-1], folded(rest[:count], np.zeros(1, np.int64), rest["time_ns"][:1])[0])
                place += count
            else:
                self._append(folded(rest[:1], np.zeros(1, np.int64), rest["time_ns"][:1])[0])
                place += 1
        return lowest

    def _set(self, rows: NDArray[np.void]) -> None:
        spare = max(256, len(rows) // 8)
        buffer = np.zeros(2 * spare + len(rows), BAR)
        buffer[spare : spare + len(rows)] = rows
        self._buffer, self._start, self._end = buffer, spare, spare + len(rows)

    def _append(self, bar: np.void) -> None:
        if self._end == len(self._buffer):
            self._set(self.rows.copy())
        self._buffer[self._end] = bar
        self._end += 1

    def _prepend(self, rows: NDArray[np.void]) -> None:
        if self._start < len(rows):
            self._set(np.concatenate([rows, self.rows]))
            return
        self._buffer[self._start - len(rows) : self._start] = rows
        self._start -= len(rows)


def _keep_fuller(page: NDArray[np.void], held: NDArray[np.void]) -> None:
    """Put held bars that have more trades into a page, in place of those of the same time."""
    place = np.searchsorted(page["time_ns"], held["time_ns"])
    inside = np.flatnonzero(place < len(page))
    same = inside[page["time_ns"][place[inside]] == held["time_ns"][inside]]
    fuller = same[held["trades"][same] > page["trades"][place[same]]]
    page[place[fuller]] = held[fuller]


def _as_bars(page: NDArray[np.void]) -> NDArray[np.void]:
    """Rows of another layout as BAR, in order."""
    rows = np.zeros(len(page), BAR)
    names = page.dtype.names or ()
    for name in BAR.names or ():
        if name in names and name != "spare":
            rows[name] = page[name]
    if len(rows) > 1 and (rows["time_ns"][1:] < rows["time_ns"][:-1]).any():
        rows = rows[np.argsort(rows["time_ns"], kind="stable")]
    return rows
