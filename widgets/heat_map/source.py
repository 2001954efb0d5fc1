"""Where a heat map reads its columns from: whoever keeps book history looks like this."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

NOT_RECORDED: Final = -1
KNOWN, DOUBTED = 1, 2
"""Bits of a column's state: something is known of its time; for a part of it the book was not to be trusted."""
NO_PRICE: Final = -(1 << 63)


class HeatBlock(Protocol):
    """Columns (n) by cells (m), oldest first, lowest row first."""

    @property
    def quantities(self) -> NDArray[np.int64]:
        """(n, m) lots; NOT_RECORDED where nobody knows."""

    @property
    def orders(self) -> NDArray[np.int64]:
        """(n, m) orders."""

    @property
    def states(self) -> NDArray[np.uint8]:
        """(n,) bits; 0 where nothing was recorded."""

    @property
    def bids(self) -> NDArray[np.int64]:
        """(n,) best bids in price units, NO_PRICE for none."""

    @property
    def asks(self) -> NDArray[np.int64]:
        """(n,) best asks."""


class HeatSource(Protocol):
    """The history of one book, by time and row of prices."""

    @property
    def first_ns(self) -> int:
        """The oldest recorded time, 0 for none."""

    @property
    def now_ns(self) -> int:
        """The end of the newest column, 0 for none."""

    def read(self, first_ns: int, width_ns: int, count: int, row_low: int, cells: int, per_cell: int = 1) -> HeatBlock:
        """`count` columns of `width_ns` from `first_ns` on; a cell is the greatest of `per_cell` rows, from `row_low`
        up.
        """
