"""Bars of one instrument and size: pages of history before, live trades formed into the last ones.

Rules: BAR_RECORD rows, oldest first, contiguous; bars without trades are absent; a bar begins at a multiple of its
size since the epoch. Where history and live trades overlap, the bar that holds more trades wins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import BAR_RECORD

MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class BarChange:
    """What a call did to a series: bars put before, bars appended, whether bars that were there changed."""

    prepended: int = 0
    appended: int = 0
    changed: bool = False
    reloaded: bool = False
    """Bars anywhere may be others: the newest page of history came."""

    def __add__(self, other: "BarChange") -> "BarChange":
        return BarChange(
            self.prepended + other.prepended,
            self.appended + other.appended,
            self.changed or other.changed,
            self.reloaded or other.reloaded,
        )


class BarSeries:
    """The bars of one chart."""

    def __init__(self, instrument: int, size_ns: int) -> None:
        """No bars yet."""
        self.instrument = instrument
        self.size_ns = size_ns
        self.exhausted = False
        """True once history has nothing older."""
        self.loaded = False
        """True once the newest page of history came."""
        self._buffer: NDArray[np.void] = np.zeros(256, BAR_RECORD)
        self._start = 128
        self._end = 128

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def rows(self) -> NDArray[np.void]:
        """All bars, oldest first; a view that is valid until the next change."""
        return self._buffer[self._start : self._end]

    def add_trades(self, trades: NDArray[np.void]) -> BarChange:
        """Take rows with time_ns, price, quantity (TRADE or ticks), oldest first."""
        if not len(trades):
            return BarChange()
        begins = trades["time_ns"] // self.size_ns * self.size_ns
        starts = np.flatnonzero(np.concatenate([[True], begins[1:] != begins[:-1]]))
        bars = np.zeros(len(starts), BAR_RECORD)
        ends = np.append(starts[1:], len(trades)) - 1
        prices = trades["price"]
        bars["time_ns"] = begins[starts]
        bars["open"], bars["close"] = prices[starts], prices[ends]
        bars["high"], bars["low"] = np.maximum.reduceat(prices, starts), np.minimum.reduceat(prices, starts)
        bars["volume"] = np.add.reduceat(trades["quantity"], starts)
        bars["turnover"] = np.add.reduceat(prices * trades["quantity"], starts)
        bars["trades"] = ends - starts + 1
        before, changed = len(self), False
        for bar in bars:
            changed |= self._merge_live(bar)
        return BarChange(appended=len(self) - before, changed=changed)

    def add_history(self, page: NDArray[np.void], *, more: bool) -> BarChange:
        """Take a page of BAR_RECORD rows, oldest first; `more` says that older ones exist."""
        first = not self.loaded
        self.loaded = True
        held = self.rows
        if not len(page) or not len(held) or page["time_ns"][0] <= held["time_ns"][0]:
            self.exhausted = not more
        if not len(page):
            return BarChange(reloaded=first)
        if not len(held):
            self._set(page)
            return BarChange(appended=len(page), reloaded=True)
        older = page[page["time_ns"] < held["time_ns"][0]]
        overlap = page[page["time_ns"] >= held["time_ns"][0]]
        changed = self._overlay(overlap)
        if len(older):
            self._prepend(older)
        return BarChange(prepended=len(older), changed=changed, reloaded=first or changed)

    def _merge_live(self, bar: np.void) -> bool:
        """Put one bar of live trades at the end or into the bar it belongs to; True if an old bar changed."""
        rows = self.rows
        if not len(rows) or bar["time_ns"] > rows["time_ns"][-1]:
            self._append(bar)
            return False
        place = int(np.searchsorted(rows["time_ns"], bar["time_ns"]))
        if rows["time_ns"][place] != bar["time_ns"]:
            return False
        old = rows[place]
        old["high"], old["low"] = max(old["high"], bar["high"]), min(old["low"], bar["low"])
        old["close"] = bar["close"]
        for name in ("volume", "turnover", "trades"):
            old[name] += bar[name]
        return True

    def _overlay(self, page: NDArray[np.void]) -> bool:
        """Let history replace held bars that have fewer trades, and fill in those that are missing."""
        if not len(page):
            return False
        rows = self.rows
        place = np.searchsorted(rows["time_ns"], page["time_ns"])
        inside = place < len(rows)
        same = np.zeros(len(page), np.bool_)
        same[inside] = rows["time_ns"][place[inside]] == page["time_ns"][inside]
        better = same.copy()
        better[same] = page["trades"][same] > rows["trades"][place[same]]
        rows[place[better]] = page[better]
        missing = page[~same]
        if len(missing):
            merged = np.concatenate([rows, missing])
            self._set(merged[np.argsort(merged["time_ns"], kind="stable")])
        return bool(better.any()) or len(missing) > 0

    def _set(self, rows: NDArray[np.void]) -> None:
        room = max(256, 2 * len(rows))
        buffer = np.zeros(2 * room + len(rows), BAR_RECORD)
        buffer[room : room + len(rows)] = rows
        self._buffer, self._start, self._end = buffer, room, room + len(rows)

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
