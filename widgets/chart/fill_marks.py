"""Own executions gathered for the eye: those of one side that would touch become one mark with their sum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from widgets import side as sides
from widgets.chart.frame import ChartFrame
from widgets.chart.marks import Fills

CLUSTER_PX = 10
GAP_PX = 9
LEAST_HALF_PX, MOST_HALF_PX = 3.5, 6.5


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class FillMarks:
    """Marks as arrays of one length: column, row, half width in px, side, how many fills, their quantity."""

    x: NDArray[np.int64] = field(default_factory=_none)
    y: NDArray[np.int64] = field(default_factory=_none)
    half: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    side: NDArray[np.int64] = field(default_factory=_none)
    count: NDArray[np.int64] = field(default_factory=_none)
    quantity: NDArray[np.int64] = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.x)


def gathered(fills: Fills, frame: ChartFrame) -> FillMarks:
    """The marks in sight: buys under their bars, sells over them, larger for more; clusters keep every fill."""
    first, last = frame.visible()
    if last <= first or not len(fills.time_ns):
        return FillMarks()
    index = np.searchsorted(frame.bars.time_ns, fills.time_ns, "right") - 1
    seen = np.flatnonzero((index >= first) & (index < last))
    if not len(seen):
        return FillMarks()
    index, side = index[seen], fills.side[seen].astype(np.int64)
    columns = frame.x_px(frame.span.places_of(index))
    order = np.lexsort((columns, side))
    index, columns, side = index[order], columns[order], side[order]
    cells = columns // CLUSTER_PX
    starts = np.flatnonzero(np.concatenate([[True], (cells[1:] != cells[:-1]) | (side[1:] != side[:-1])]))
    count = np.diff(np.append(starts, len(columns)))
    told = len(fills.quantity) == len(fills.time_ns)
    quantity = np.add.reduceat(fills.quantity[seen][order], starts) if told else np.zeros(len(starts), np.int64)
    low, high = frame.bars.column("low")[index], frame.bars.column("high")[index]
    below = frame.y_px(np.minimum.reduceat(low, starts)) + GAP_PX
    above = frame.y_px(np.maximum.reduceat(high, starts)) - GAP_PX
    share = np.sqrt(quantity / max(int(quantity.max()), 1))
    return FillMarks(
        np.add.reduceat(columns, starts) // count, np.where(side[starts] == sides.BUY, below, above),
        LEAST_HALF_PX + (MOST_HALF_PX - LEAST_HALF_PX) * share, side[starts], count, quantity,
    )  # fmt: skip
