"""Prices grouped into rows of several ticks, for books too sparse to be read tick by tick.

Rules: a bid is shown at the row at or below its price, an ask at the row at or above: a row never promises a better
price than there is. The step is chosen once for an instrument, so that rows do not move while somebody looks.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import Side

STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEPTH: Final = 10
"""So many levels of each side should be seen at once,"""
ROWS: Final = 36
"""on so many rows."""
Prices = NDArray[np.int64]
Levels = tuple[Prices, Prices, Prices]
"""Prices, quantities, orders."""


def choose_step(bids: Prices, asks: Prices, tick_size: int) -> int:
    """Ticks a row: the least round number with which the best levels of both sides fit. 1 for an empty side."""
    if not len(bids) or not len(asks):
        return 1
    span = int(asks[:DEPTH][-1] - bids[:DEPTH][-1]) // tick_size
    return next((step for step in STEPS if span <= step * ROWS), STEPS[-1])


class PriceRows:
    """Rows of `step` price units."""

    def __init__(self, step: int) -> None:
        """`step` is the tick size times the ticks a row."""
        self.step = step

    def row_price(self, price: int, side: int) -> int:
        """The row at which a price of a side is shown."""
        down = price // self.step * self.step
        return down if side == Side.BUY or down == price else down + self.step

    def levels(self, prices: Prices, quantities: Prices, side: int) -> tuple[Prices, Prices]:
        """Levels (best first) grouped into rows, best first; of the quantities, or orders, the sums."""
        if self.step == 1 or not len(prices):
            return prices, quantities
        rows = prices // self.step * self.step
        if side == Side.SELL:
            rows = np.where(rows == prices, rows, rows + self.step)
        starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        return rows[starts], np.add.reduceat(quantities, starts)

    def volumes(self, prices: Prices, quantities: Prices) -> tuple[Prices, Prices]:
        """What traded at each price (ascending), grouped into rows."""
        return self.levels(prices, quantities, Side.BUY)

    def sums(self, bids: Levels, asks: Levels) -> Levels:
        """Row numbers (price by step, a bid down, an ask up), quantities and orders of all levels of both sides; a row
        may come more than once.
        """
        rows = np.concatenate([bids[0] // self.step, -(-asks[0] // self.step)])
        return rows, np.concatenate([bids[1], asks[1]]), np.concatenate([bids[2], asks[2]])
