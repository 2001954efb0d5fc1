"""Closes of other instruments put beside the bars of a chart: one value a bar, as a share of the first one in sight.

Rules: a bar shows the last close up to its own beginning, so that a missing bar holds the one before; before the first
close there is nothing. Shares are of the first bar in sight where the line has a value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class CompareLine:
    """Another instrument: its bars' beginnings (ascending) and closes in its own price unit."""

    name: str
    time_ns: NDArray[np.int64]
    close: NDArray[np.float64]


def aligned(line: CompareLine, time_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """The close that was known at each of some times, NaN before the first."""
    if not len(line.time_ns):
        return np.full(len(time_ns), np.nan)
    index = np.searchsorted(line.time_ns, time_ns, "right") - 1
    return np.where(index >= 0, line.close[np.maximum(index, 0)], np.nan)


def shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as multiples of the first known one; NaN everywhere if that is not above zero."""
    known = np.flatnonzero(np.isfinite(values))
    base = values[known[0]] if len(known) else 0.0
    return values / base if base > 0 else np.full(len(values), np.nan)


def column_extremes(
    columns: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where several values share a pixel column, its lowest and highest only; columns ascend, values are finite."""
    starts = np.flatnonzero(np.concatenate([[True], columns[1:] != columns[:-1]]))
    if len(starts) * 2 >= len(columns):
        return columns, values
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.repeat(columns[starts], 2), np.column_stack([low, high]).ravel()
