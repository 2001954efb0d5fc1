"""Many bars on few pixels: one bar a pixel that keeps the lowest, the highest, the first and the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bars_per_pixel(
    columns: NDArray[np.float64], pixels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Fold bars (rows open, high, low, close, volume) whose `pixels`, ascending, are equal.

    Give the distinct pixels and the folded rows: first open, greatest high, least low, last close, sum of volume.
    """
    if not len(pixels):
        return pixels, columns
    starts = np.concatenate(([0], np.flatnonzero(pixels[1:] != pixels[:-1]) + 1))
    ends = np.concatenate((starts[1:] - 1, [len(pixels) - 1]))
    folded = np.empty((5, len(starts)), np.float64)
    folded[0] = columns[0, starts]
    np.maximum.reduceat(columns[1], starts, out=folded[1])
    np.minimum.reduceat(columns[2], starts, out=folded[2])
    folded[3] = columns[3, ends]
    np.add.reduceat(columns[4], starts, out=folded[4])
    return pixels[starts], folded
