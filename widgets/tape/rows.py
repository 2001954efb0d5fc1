"""Which rows a tape shows: runs of one aggressor's prints put together, and a filter over them.

Rules: a row is (absolute number of its first print, how many prints); rows are computed for what is new alone, and are
at any time the same as if all of them were computed at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from widgets.tape.prints import AUCTION, CONDITIONS, OWN, PrintRing

REGULAR = 128
"""Stands in a filter's conditions for prints that have none."""
EVERY_CONDITION = REGULAR | CONDITIONS
BOTH_SIDES = -1


@dataclass(frozen=True, slots=True)
class TapeFilter:
    """Rows of at least `quantity_min`, of one side (-1: both), with one of `conditions`, own ones alone if asked."""

    quantity_min: int = 0
    side: int = BOTH_SIDES
    conditions: int = EVERY_CONDITION
    own: bool = False

    @property
    def hides(self) -> bool:
        """Whether it can hide anything."""
        return self != TapeFilter()


ROW = np.dtype([
    ("head", "i8"), ("quantity", "i8"), ("low", "i8"), ("high", "i8"), ("count", "i4"), ("flags", "u1"), ("side", "u1"),
])  # fmt: skip
"""One row of the tape: its first print, the sum of quantities, the range of prices, all flags of its prints."""


def rows_of(prints: NDArray[np.void], first: int, grouped: bool) -> NDArray[np.void]:
    """The rows of prints (oldest first) of which the first has the absolute number `first`, unfiltered."""
    count = len(prints)
    if not count:
        return np.zeros(0, ROW)
    starts = run_starts(prints) if grouped else np.arange(count)
    rows = np.zeros(len(starts), ROW)
    rows["head"] = starts + first
    rows["count"] = np.diff(np.append(starts, count))
    rows["side"] = prints["side"][starts]
    if grouped:
        rows["quantity"] = np.add.reduceat(prints["quantity"], starts)
        rows["low"] = np.minimum.reduceat(prints["price"], starts)
        rows["high"] = np.maximum.reduceat(prints["price"], starts)
        rows["flags"] = np.bitwise_or.reduceat(prints["flags"], starts)
    else:
        rows["quantity"], rows["flags"] = prints["quantity"], prints["flags"]
        rows["low"] = rows["high"] = prints["price"]
    return rows


def run_starts(prints: NDArray[np.void]) -> NDArray[np.intp]:
    """Where runs of one aggressor begin. All prints of one auction are one run, whichever side they say."""
    group, side, auction = prints["group"], prints["side"], prints["flags"] & AUCTION
    same = (group[1:] == group[:-1]) & (group[1:] != 0) & (auction[1:] == auction[:-1])
    same &= (side[1:] == side[:-1]) | (auction[1:] != 0)
    return np.flatnonzero(np.concatenate(([True], ~same)))


def passing(rows: NDArray[np.void], chosen: TapeFilter) -> NDArray[np.bool_]:
    """Which rows a filter lets through."""
    flags = rows["flags"]
    kept = rows["quantity"] >= chosen.quantity_min
    if chosen.side != BOTH_SIDES:
        kept &= rows["side"] == chosen.side
    if chosen.conditions != EVERY_CONDITION:
        regular = (flags & CONDITIONS) == 0
        kept &= (regular & bool(chosen.conditions & REGULAR)) | (
            (flags & np.uint8(chosen.conditions & CONDITIONS)) != 0
        )
    if chosen.own:
        kept &= (flags & OWN) != 0
    return kept


class TapeRows:
    """The rows over a ring, oldest first; `follow` after each append."""

    def __init__(self, ring: PrintRing) -> None:
        self._ring = ring
        self.filter, self.grouped = TapeFilter(), False
        self._rows: NDArray[np.void] = np.zeros(1024, ROW)
        self._first = self._last = 0
        self._open = self._seen = 0
        """The first print of the run that may still grow, and the end of the prints that were looked at."""

    def __len__(self) -> int:
        return self._last - self._first

    def all(self) -> NDArray[np.void]:
        """Every row, oldest first; a view."""
        return self._rows[self._first : self._last]

    def reset(self, ring: PrintRing | None = None) -> None:
        """Compute all rows anew, over another ring if one is given."""
        if ring is not None:
            self._ring = ring
        self._first = self._last = 0
        self._open = self._seen = self._ring.begin
        self.follow()

    def follow(self) -> tuple[int, int]:
        """Take in what was appended: how many of the newest rows went (the open run), and how many came."""
        ring = self._ring
        if self._seen < ring.begin:
            self._first = self._last = 0
            self._open = self._seen = ring.begin
        self._forget(ring.begin)
        if self._seen == ring.end:
            return 0, 0
        begin = max(self._open if self.grouped else self._seen, ring.begin)
        fresh = rows_of(ring.slice(begin, ring.end), begin, self.grouped)
        self._open, self._seen = int(fresh["head"][-1]), ring.end
        shown = fresh[passing(fresh, self.filter)]
        before = self._last
        heads = self._rows["head"]
        while self._last > self._first and heads[self._last - 1] >= begin:
            self._last -= 1
        gone = before - self._last
        self._append(shown)
        return gone, len(shown)

    def _forget(self, begin: int) -> None:
        """Drop rows whose first print is no longer kept."""
        if self._first < self._last and self._rows["head"][self._first] < begin:
            self._first += int(np.searchsorted(self.all()["head"], begin))

    def _append(self, rows: NDArray[np.void]) -> None:
        if self._last + len(rows) > len(self._rows):
            kept = self.all().copy()
            room = len(self._rows)
            while room < 2 * (len(kept) + len(rows)):
                room *= 2
            self._rows = np.zeros(room, ROW)
            self._rows[: len(kept)] = kept
            self._first, self._last = 0, len(kept)
        self._rows[self._last : self._last + len(rows)] = rows
        self._last += len(rows)
