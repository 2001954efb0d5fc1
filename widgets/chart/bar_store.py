"""The bars of a chart in arrays that grow at both ends.

A bar has a place `x` on the axis that never changes: bars appended get higher places, bars prepended get lower ones.
So older history does not move what is on the screen. Prices are float64 in the instrument's price unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIELDS = ("open", "high", "low", "close", "volume")


class BarStore:
    """Columns of bars; read `time_ns`, `open`, `high`, `low`, `close` and `volume` as views."""

    def __init__(self) -> None:
        self.origin = 0
        self.count = 0
        self._time = np.empty(0, np.int64)
        self._columns = np.empty((len(FIELDS), 0), np.float64)

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Beginnings of the bars, ascending."""
        return self._time[: self.count]

    def column(self, name: str) -> NDArray[np.float64]:
        """One of `FIELDS`."""
        return self._columns[FIELDS.index(name), : self.count]

    def columns(self, first: int, last: int) -> NDArray[np.float64]:
        """Rows open, high, low, close, volume of the bars `first` to `last`, without `last`."""
        return self._columns[:, first:last]

    def set(self, time_ns: ArrayLike, columns: list[ArrayLike]) -> None:
        """Replace everything; the last bar gets place -1 or stays there, so the first place is -count."""
        self._time = np.array(time_ns, np.int64)
        self.count = len(self._time)
        self._columns = np.empty((len(FIELDS), self.count), np.float64)
        for row, values in enumerate(columns):
            self._columns[row] = values
        self.origin = -self.count

    def prepend(self, time_ns: ArrayLike, columns: list[ArrayLike]) -> int:
        """Add older bars; those not older than the first are dropped. Give how many were added."""
        older = np.asarray(time_ns, np.int64)
        if self.count:
            older = older[older < self._time[0]]
        added = len(older)
        if not added:
            return 0
        block = np.empty((len(FIELDS), added), np.float64)
        for row, values in enumerate(columns):
            block[row] = np.asarray(values)[:added]
        self._time = np.concatenate([older, self.time_ns])
        self._columns = np.concatenate([block, self._columns[:, : self.count]], axis=1)
        self.count += added
        self.origin -= added
        return added

    def put(self, time_ns: int, values: tuple[float, float, float, float, float]) -> bool | None:
        """Update the last bar, or append a newer one. True: appended. None: older than the last and ignored."""
        if self.count and time_ns < self._time[self.count - 1]:
            return None
        appended = not self.count or time_ns > self._time[self.count - 1]
        if appended:
            if self.count == len(self._time):
                self._grow()
            self._time[self.count] = time_ns
            self.count += 1
        self._columns[:, self.count - 1] = values
        return appended

    def _grow(self) -> None:
        capacity = max(1024, self.count * 3 // 2)
        time, columns = np.empty(capacity, np.int64), np.empty((len(FIELDS), capacity), np.float64)
        time[: self.count] = self._time[: self.count]
        columns[:, : self.count] = self._columns[:, : self.count]
        self._time, self._columns = time, columns

    def visible(self, x_first: float, x_last: float) -> tuple[int, int]:
        """Indices [first, last) of the bars that have a part between two places of the axis."""
        first = int(np.floor(x_first)) - self.origin
        last = int(np.ceil(x_last)) - self.origin
        return min(max(first, 0), self.count), min(max(last, 0), self.count)
