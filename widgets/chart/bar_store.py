"""The bars of a chart in arrays with room at both ends, and pyramids over them for any zoom.

Rules: a bar has a place `x` on the axis that never changes: bars appended get higher places, bars prepended get lower
ones, so older history does not move what is on the screen. Prices are float64 in the instrument's price unit. At most
64 bytes a bar all in all once there are many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from widgets.chart.pyramid import FAN, LEVELS, Pyramid

FIELDS: Final = ("open", "high", "low", "close", "volume")
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)
_BLOCK: Final = FAN**LEVELS
_LEAST_ROOM: Final = 512
_ROOM_SHARE: Final = 24
"""Free cells at each end: the share of the bars that there are. Growing copies all, so seldom is often enough."""


class BarStore:
    """Columns of bars, oldest first; `distinct_times`: no two bars begin at the same time."""

    def __init__(self) -> None:
        self.origin = 0
        self.count = 0
        self.version = 0
        """Rises with every change."""
        self.edits = 0
        """Rises with every change but those of the last bar and of new ones after it."""
        self.distinct_times = True
        self._make(0, 0)
        self._build()

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Beginnings of the bars, ascending; a view that is valid until the next change."""
        return self._time[self._start : self._start + self.count]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._time.nbytes + self._columns.nbytes + sum(pyramid.nbytes for pyramid in self._pyramids)

    def column(self, name: str) -> NDArray[np.float64]:
        """One of `FIELDS`; a view."""
        return self._columns[FIELDS.index(name), self._start : self._start + self.count]

    def columns(self, first: int, last: int) -> NDArray[np.float64]:
        """Rows open, high, low, close, volume of the bars `first` to `last`, without `last`; a view."""
        return self._columns[:, self._start + first : self._start + last]

    def fold(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
        """One bar for each run [start, end) of bars: first open, greatest high, least low, last close, sum of volume.

        Runs ascend, do not overlap and are not empty.
        """
        starts, ends = starts + self._start, ends + self._start
        folded = np.empty((5, len(starts)))
        folded[OPEN], folded[CLOSE] = self._columns[OPEN].take(starts), self._columns[CLOSE].take(ends - 1)
        for row, pyramid in zip((HIGH, LOW, VOLUME), self._pyramids, strict=False):
            folded[row] = pyramid.fold(starts, ends)
        return folded

    def fold_closes(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the greatest close of each run."""
        starts, ends = starts + self._start, ends + self._start
        return self._pyramids[4].fold(starts, ends), self._pyramids[3].fold(starts, ends)

    def extremes(self, first: int, last: int) -> tuple[float, float]:
        """The least low and the greatest high of the bars [first, last), which must not be empty."""
        folded = self.fold(np.array([first]), np.array([last]))
        return float(folded[LOW, 0]), float(folded[HIGH, 0])

    def set(self, time_ns: ArrayLike, columns: Sequence[ArrayLike], end: int = 0) -> None:
        """Replace everything; the bar after the last would have place `end`. Bars out of order are put in order, of
        those with one time the last counts (where times are distinct)."""
        time = np.asarray(time_ns, np.int64)
        values = [np.asarray(column) for column in columns]
        chosen = self._order(time)
        if chosen is not None:
            time, values = time[chosen], [column[chosen] for column in values]
        count = len(time)
        room = self._room(count)
        self._make(count + 2 * room, room)
        self._time[room : room + count] = time
        for row, column in enumerate(values):
            self._columns[row, room : room + count] = column
        self.count, self.origin = count, end - count
        self.edits += 1
        self._build()

    def prepend(self, time_ns: ArrayLike, columns: Sequence[ArrayLike]) -> int:
        """Add older bars; those that are not older than the first are dropped. Give how many were added."""
        older = np.asarray(time_ns, np.int64)
        if self.count:
            first = int(self._time[self._start])
            kept = np.flatnonzero(older < first if self.distinct_times else older <= first)
        else:
            kept = np.arange(len(older))
        chosen = self._order(older[kept])
        if chosen is not None:
            kept = kept[chosen]
        added = len(kept)
        if not added:
            return 0
        if added > self._start:
            self._grow(front=added)
        first_cell = self._start - added
        self._time[first_cell : self._start] = older[kept]
        for row, column in enumerate(columns):
            self._columns[row, first_cell : self._start] = np.asarray(column)[kept]
        self._start, self.count, self.origin = first_cell, self.count + added, self.origin - added
        self.edits += 1
        self._renew(first_cell, first_cell + added)
        return added

    def put(self, time_ns: int, values: Sequence[float]) -> bool | None:
        """Update the last bar, or append a newer one. True: appended. None: older than the last and ignored."""
        newest = int(self._time[self._start + self.count - 1]) if self.count else time_ns - 1
        if time_ns < newest:
            return None
        appended = time_ns > newest
        if appended:
            self.append(time_ns, values)
        else:
            self.change(self.count - 1, values)
        return appended

    def append(self, time_ns: int, values: Sequence[float]) -> None:
        """A bar after the last; its time is not before that of the last."""
        if self._start + self.count == len(self._time):
            self._grow(back=1)
        cell = self._start + self.count
        self._time[cell] = time_ns
        self.count += 1
        self._columns[:, cell] = values
        self._renew(cell, cell + 1)

    def change(self, index: int, values: Sequence[float]) -> None:
        """Other values of one bar."""
        cell = self._start + index
        self._columns[:, cell] = values
        self.edits += index < self.count - 1
        self._renew(cell, cell + 1)

    def cut(self, count: int) -> None:
        """Keep the first `count` bars."""
        self.count = min(self.count, count)
        self.version += 1
        self.edits += 1

    def visible(self, x_first: float, x_last: float) -> tuple[int, int]:
        """Indices [first, last) of the bars that have a part between two places of the axis."""
        first = int(np.floor(x_first)) - self.origin
        last = int(np.ceil(x_last)) - self.origin
        return min(max(first, 0), self.count), min(max(last, 0), self.count)

    def _order(self, time: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Which bars to take and in which order; None if they are fine as they are."""
        steps = time[1:] > time[:-1] if self.distinct_times else time[1:] >= time[:-1]
        if steps.all():
            return None
        order = np.argsort(time, kind="stable")
        if not self.distinct_times:
            return order
        ordered = time[order]
        return order[np.append(ordered[1:] != ordered[:-1], True)]

    @staticmethod
    def _room(count: int) -> int:
        return max(_LEAST_ROOM, count // _ROOM_SHARE)

    def _make(self, cells: int, start: int) -> None:
        """Empty arrays of at least so many cells, without their pyramids."""
        cells = max(-(-cells // _BLOCK), 1) * _BLOCK
        self._start = start
        self._time = np.empty(cells, np.int64)
        self._columns = np.zeros((len(FIELDS), cells))

    def _build(self) -> None:
        rows = self._columns
        self._pyramids = [
            Pyramid(np.maximum, rows[HIGH]), Pyramid(np.minimum, rows[LOW]), Pyramid(np.add, rows[VOLUME]),
            Pyramid(np.maximum, rows[CLOSE]), Pyramid(np.minimum, rows[CLOSE]),
        ]  # fmt: skip
        self.version += 1

    def _renew(self, first: int, last: int) -> None:
        for pyramid in self._pyramids:
            pyramid.renew(first, last)
        self.version += 1

    def _grow(self, front: int = 0, back: int = 0) -> None:
        """Make room at both ends for so many bars and more."""
        time, columns = self.time_ns.copy(), self.columns(0, self.count).copy()
        count, room = self.count, self._room(self.count + front + back)
        self._make(front + count + back + 2 * room, front + room)
        self._time[self._start : self._start + count] = time
        self._columns[:, self._start : self._start + count] = columns
        self._build()
