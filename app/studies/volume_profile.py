"""How much traded at each price: the point of control and the value area.

Rules: integers. The value area begins at the price with the most volume and takes, again and again, the two rows above
or the two below, whichever traded more (above where equal), until it holds its share of the volume.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

VALUE_AREA_PERCENT: Final = 70
ROWS_MAX: Final = 4_096
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Rows of prices, lowest first, without holes; a row is [price, price + step). Volumes in lots."""

    step: int
    prices: _Ints
    volumes: _Ints
    control: int = -1
    """The row that traded most; of equal ones the one nearest to the middle, then the lower. -1: nothing traded."""
    value_low: int = -1
    value_high: int = -1
    """The first and the last row of the value area."""


def row_step(low: int, high: int, tick: int) -> int:
    """The least multiple of `tick` with which low to high is no more than `ROWS_MAX` rows."""
    ticks = (high - low) // tick + 1
    return tick * max(1, -(-ticks // (ROWS_MAX - 1)))


def profile_of(trades: NDArray[np.void], tick: int, step: int = 0, percent: int = VALUE_AREA_PERCENT) -> Profile:
    """The profile of PRINT rows; `step` is the height of a row in price units, a multiple of `tick` (0: the least)."""
    return profile_of_sums(trades["price"], trades["quantity"], tick, step, percent)


def profile_of_sums(
    prices: _Ints, volumes: _Ints, tick: int, step: int = 0, percent: int = VALUE_AREA_PERCENT
) -> Profile:
    """The profile of volumes at prices, in any order; a price may come again."""
    if not len(prices):
        none = np.zeros(0, np.int64)
        return Profile(max(step, tick, 1), none, none)
    low, high = int(prices.min()), int(prices.max())
    step = max(step, row_step(low, high, max(tick, 1)))
    first = low // step
    count = high // step - first + 1
    sums = np.zeros(count, np.int64)
    np.add.at(sums, prices // step - first, volumes)
    control = point_of_control(sums)
    value_low, value_high = value_area(sums, control, percent)
    return Profile(step, (np.arange(count) + first) * step, sums, control, value_low, value_high)


def point_of_control(volumes: _Ints) -> int:
    """The row with the greatest volume, of equal ones the one nearest to the middle, then the lower; -1 for none."""
    if not len(volumes) or not volumes.max() > 0:
        return -1
    rows = np.flatnonzero(volumes == volumes.max())
    return int(rows[np.argmin(np.abs(2 * rows - (len(volumes) - 1)))])


def value_area(volumes: _Ints, control: int, percent: int = VALUE_AREA_PERCENT) -> tuple[int, int]:
    """First and last row around the point of control that hold `percent` of the volume; (-1, -1) for none."""
    if control < 0:
        return -1, -1
    rows = volumes.tolist()
    wanted, held = sum(rows) * percent, rows[control]
    low = high = control
    while held * 100 < wanted:
        above, below = sum(rows[high + 1 : high + 3]), sum(rows[max(low - 2, 0) : low])
        if low == 0 or (above >= below and high < len(rows) - 1):
            held, high = held + above, min(high + 2, len(rows) - 1)
        else:
            held, low = held + below, max(low - 2, 0)
    return low, high
