"""Extremes and sums of any runs of bars at the cost of the runs, not of the bars in them.

Rules: a pyramid lies over one buffer; level 0 is the buffer itself, each cell of a level stands for `FAN` cells of the
level below. A cell is looked at only by a run that covers all that it stands for, so unused cells may hold anything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FAN: Final = 16
LEVELS: Final = 2
DIRECT: Final = 2 * FAN
"""Runs that are shorter on average are folded as they are."""


class Pyramid:
    """`operation` (np.maximum, np.minimum or np.add) over a buffer whose length is a multiple of FAN ** LEVELS."""

    def __init__(self, operation: np.ufunc, buffer: NDArray[np.float64]) -> None:
        self._operation = operation
        self._identity = {np.maximum: -np.inf, np.minimum: np.inf}.get(operation, 0.0)
        self._levels = [buffer]
        for _ in range(LEVELS):
            self._levels.append(self._blocks(self._levels[-1]))

    @property
    def nbytes(self) -> int:
        """Bytes of the levels above the buffer."""
        return sum(level.nbytes for level in self._levels[1:])

    def renew(self, first: int, last: int) -> None:
        """The cells [first, last) of the buffer changed."""
        for lower, upper in zip(self._levels, self._levels[1:], strict=False):
            first, last = first // FAN, -(-last // FAN)
            upper[first:last] = self._blocks(lower[first * FAN : last * FAN])

    def _blocks(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """The operation over each block of cells; `reduceat` is faster here than a sum along an axis."""
        return self._operation.reduceat(cells, np.arange(0, len(cells), FAN))

    def fold(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
        """The operation over each run [start, end) of the buffer; runs ascend, do not overlap and are not empty."""
        return self._fold(0, starts, ends)

    def _fold(self, level: int, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
        cells = self._levels[level]
        first, last = int(starts[0]), int(ends[-1])
        if level == LEVELS or last - first <= DIRECT * len(starts):
            return self._runs(cells[first:last], starts - first, ends - first)
        head, tail = starts // FAN, ends // FAN
        folded = self._part(cells, head, starts, ends)
        rest = self._part(cells, tail, np.where(tail > head, tail * FAN, ends), ends)
        self._operation(folded, rest, out=folded)
        inner = np.flatnonzero(tail > head + 1)
        if len(inner):
            above = self._fold(level + 1, head[inner] + 1, tail[inner])
            folded[inner] = self._operation(folded[inner], above)
        return folded

    def _part(
        self, cells: NDArray[np.float64], block: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The operation over what each run has in one block."""
        offsets = np.arange(FAN)[:, None]
        from_cell, to_cell = starts - block * FAN, ends - block * FAN
        rows = cells.reshape(-1, FAN).take(np.minimum(block, len(cells) // FAN - 1), axis=0).T
        inside = (offsets >= from_cell) & (offsets < to_cell)
        return self._operation.reduce(np.where(inside, rows, self._identity), axis=0)

    def _runs(
        self, cells: NDArray[np.float64], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        bounds = np.empty(2 * len(starts), np.int64)
        bounds[::2], bounds[1::2] = starts, ends
        return self._operation.reduceat(cells, bounds[:-1])[::2]
