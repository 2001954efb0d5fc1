"""Bars that follow from other bars: Heikin-Ashi and Renko. Whole arrays in, whole arrays out, no loop over bars.

Rules: columns are rows open, high, low, close, volume. Heikin-Ashi opens average all that was before with halves; what
lies `MEMORY` bars back weighs less than a float can tell. Renko bricks stand on multiples of their size; a turn needs
two bricks.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MEMORY: Final = 64
Columns = NDArray[np.float64]


def heikin_ashi(columns: Columns, before: NDArray[np.float64] | None = None) -> Columns:
    """Heikin-Ashi bars of bars, of one length n; `before` is the Heikin-Ashi bar before the first, None for none."""
    opened, high, low, close = columns[0], columns[1], columns[2], columns[3]
    derived = np.array(columns, np.float64)
    if not columns.shape[1]:
        return derived
    derived[3] = (opened + high + low + close) / 4
    seed = (opened[0] + close[0]) / 2 if before is None else (before[0] + before[3]) / 2
    derived[0] = _halved(derived[3], float(seed))
    derived[1] = np.maximum(high, np.maximum(derived[0], derived[3]))
    derived[2] = np.minimum(low, np.minimum(derived[0], derived[3]))
    return derived


def _halved(values: NDArray[np.float64], seed: float) -> NDArray[np.float64]:
    """y[0] = seed, y[i] = (y[i - 1] + values[i - 1]) / 2: by doubling how far back a sum reaches."""
    sums = np.concatenate(([seed], values[:-1] / 2))
    reach = 1
    while reach < min(MEMORY, len(sums)):
        sums[reach:] += sums[:-reach].copy() / 2.0**reach
        reach *= 2
    return sums


def bricks(
    close: NDArray[np.float64], size: float, last: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Renko bricks of closes: (bar that made it, number of the brick) of each; brick k covers [k, k + 1) times `size`.

    Falling bricks follow a higher number, rising ones a lower. They go on from brick `last`; without one the first is
    that in which the first close stands.
    """
    none = np.empty(0, np.int64)
    if not len(close):
        return none, none
    # A close lets the last brick be from `least` to `most`; what is outside is moved to the nearer end.
    most, least = np.ceil(close / size).astype(np.int64), np.floor(close / size).astype(np.int64) - 1
    first = int(np.floor(close[0] / size)) if last is None else last
    changes = np.flatnonzero(np.concatenate(([True], (most[1:] != most[:-1]) | (least[1:] != least[:-1]))))
    level = _clamped(least[changes], most[changes], first)
    before = np.concatenate(([first], level[:-1]))
    steps = np.abs(level - before)
    made = np.repeat(np.arange(len(changes)), steps)
    nth = np.arange(len(made)) - np.repeat(np.cumsum(steps) - steps, steps) + 1
    numbers = before[made] + np.sign(level - before)[made] * nth
    if last is not None:
        return changes[made], numbers
    return np.concatenate(([0], changes[made])), np.concatenate(([first], numbers))


def _clamped(least: NDArray[np.int64], most: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """x[i] = x[i - 1] moved into [least[i], most[i]]. One after the other such moves are again one move into a range:
    so by doubling how many are taken together."""
    low, high = least.copy(), most.copy()
    reach = 1
    while reach < len(low):
        before_low, before_high = low[:-reach].copy(), high[:-reach].copy()
        low[reach:], high[reach:] = (
            np.clip(before_low, low[reach:], high[reach:]),
            np.clip(before_high, low[reach:], high[reach:]),
        )
        reach *= 2
    return np.clip(first, low, high)


def renko(columns: Columns, size: float, last: int | None = None) -> tuple[NDArray[np.int64], Columns]:
    """Renko bars of bars: the bar that made each brick, and open, high, low, close, volume of the bricks.

    They go on from brick `last`. The volume of bars that make no brick goes to the brick before; of several bricks of
    one bar the last one has it.
    """
    made, number = bricks(columns[3], size, last)
    derived = np.zeros((5, len(made)))
    if not len(made):
        return made, derived
    bottom, top = number * size, (number + 1) * size
    begins_up = columns[3][0] >= columns[0][0] if last is None else number[0] > last
    rising = np.concatenate(([begins_up], number[1:] > number[:-1]))
    derived[0], derived[3] = np.where(rising, bottom, top), np.where(rising, top, bottom)
    derived[1], derived[2] = top, bottom
    volume = np.concatenate(([0.0], np.cumsum(columns[4])))
    last_of_bar = np.flatnonzero(np.append(made[1:] != made[:-1], True))
    begins = made[last_of_bar]
    ends = np.append(begins[1:], columns.shape[1])
    derived[4, last_of_bar] = volume[ends] - volume[begins]
    return made, derived
