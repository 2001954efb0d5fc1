"""The day's course of each instrument in a few points, for a line of 40 pixels."""

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import NO_PRICE

POINTS = 48
POINT_NS = 15 * 60 * 1_000_000_000


class Sparklines:
    """The newest closes of every instrument, one a quarter of an hour; the last one follows the price."""

    def __init__(self, count: int) -> None:
        """No points."""
        self._closes: NDArray[np.int64] = np.zeros((count, POINTS), np.int64)
        self._counts: NDArray[np.int64] = np.zeros(count, np.int64)
        self._times: NDArray[np.int64] = np.zeros(count, np.int64)

    def load(self, row: int, bars: NDArray[np.void]) -> None:
        """Take BAR_RECORD rows of `POINT_NS`, oldest first."""
        closes = bars["close"][-POINTS:]
        if not len(closes):
            return
        self._closes[row, : len(closes)] = closes
        self._counts[row] = len(closes)
        self._times[row] = bars["time_ns"][-1]

    def follow_all(self, rows: NDArray[np.intp], prices: NDArray[np.int64], times: NDArray[np.int64]) -> None:
        """The prices of rows (each at most once) are these now."""
        known = (prices != NO_PRICE) & (times > 0)
        rows, prices, begins = rows[known], prices[known], times[known] // POINT_NS * POINT_NS
        counts = self._counts[rows]
        same = (counts > 0) & (begins <= self._times[rows])
        self._closes[rows[same], counts[same] - 1] = prices[same]
        for row, price, begin in zip(rows[~same].tolist(), prices[~same].tolist(), begins[~same].tolist(), strict=True):
            self._begin(row, price, begin)

    def _begin(self, row: int, price: int, begin_ns: int) -> None:
        count = int(self._counts[row])
        if count == POINTS:
            self._closes[row, :-1] = self._closes[row, 1:].copy()
            count -= 1
        self._closes[row, count] = price
        self._counts[row] = count + 1
        self._times[row] = begin_ns

    def points(self, row: int) -> NDArray[np.int64]:
        """Closes of a row, oldest first; empty if nothing is known."""
        return self._closes[row, : int(self._counts[row])]
