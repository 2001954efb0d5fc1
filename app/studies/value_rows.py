"""Rows of values that grow at both ends, one column a bar."""

import numpy as np
from numpy.typing import NDArray

_ROOM = 256


class ValueRows:
    """Read `rows` (outputs x bars); a view that is valid until the next change of its length."""

    def __init__(self, outputs: int) -> None:
        """No bars."""
        self._buffer = np.full((outputs, 2 * _ROOM), np.nan)
        self._start = self._end = _ROOM

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def rows(self) -> NDArray[np.float64]:
        """All values, NaN where there is none."""
        return self._buffer[:, self._start : self._end]

    def clear(self, count: int) -> None:
        """`count` bars without a value."""
        self._take(np.full((len(self._buffer), count), np.nan))

    def prepend(self, count: int) -> None:
        """Older bars, without a value."""
        if self._start < count:
            self._take(self.rows)
        if self._start < count:
            self._take(self.rows, front=count)
        self._start -= count
        self._buffer[:, self._start : self._start + count] = np.nan

    def fit(self, count: int) -> None:
        """Append bars without a value until there are `count`; those beyond go."""
        if self._start + count > self._buffer.shape[1]:
            self._take(self.rows, back=count - len(self))
        end = self._start + count
        if end > self._end:
            self._buffer[:, self._end : end] = np.nan
        self._end = end

    def _take(self, rows: NDArray[np.float64], front: int = 0, back: int = 0) -> None:
        count = rows.shape[1]
        room = _ROOM + count // 4
        buffer = np.empty((len(self._buffer), front + room + count + back + room))
        start = front + room
        buffer[:, start : start + count] = rows
        self._buffer, self._start, self._end = buffer, start, start + count
