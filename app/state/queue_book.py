"""Every order of a book in its place, from the order-by-order feed.

Rules: a place taken earlier has the lower public id, so arrays sorted by id are queues; an id is never used twice;
what a snapshot told is older than the snapshot by nobody knows how much; after a gap the book is not complete until a
snapshot replaces it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import MarketDataFlag, MarketDataKind

ORDERS_MAX: Final = 200_000
"""More orders of one book are not kept: the newest are left out and the book says so."""
_TAKES: Final = (MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE)
_ORDER = np.dtype([
    ("id", "<i8"), ("price", "<i8"), ("quantity", "<i8"), ("time_ns", "<i8"), ("side", "u1"), ("old", "?"),
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Queue:
    """The orders of one level, first in line first. `old`: it stood there before `times` already."""

    ids: NDArray[np.int64]
    quantities: NDArray[np.int64]
    times: NDArray[np.int64]
    old: NDArray[np.bool_]


class QueueBook:
    """The orders of one instrument."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._orders: NDArray[np.void] = np.zeros(0, _ORDER)
        self.complete = False
        self.is_cut = False
        """Whether orders were left out."""

    def __len__(self) -> int:
        return len(self._orders)

    def broken(self) -> None:
        """Note that a record was lost."""
        self.complete = False

    def snapshot(self, records: NDArray[np.void]) -> None:
        """Replace everything by ADD rows of the whole book."""
        self._orders, self.is_cut = np.zeros(0, _ORDER), False
        self._add(records[records["kind"] == MarketDataKind.ADD], old=True)
        self.complete = True

    def apply(self, records: NDArray[np.void]) -> None:
        """Take order-by-order records, oldest first."""
        kinds = records["kind"]
        self._add(records[kinds == MarketDataKind.ADD], old=False)
        takes = records[np.isin(kinds, _TAKES) & (records["flags"] & MarketDataFlag.HIDDEN == 0)]
        ids, held = takes["public_order_id"].astype(np.int64), self._orders["id"]
        if not len(ids) or not len(held):
            return
        places = np.minimum(np.searchsorted(held, ids), len(held) - 1)
        known = held[places] == ids
        left = self._orders["quantity"].copy()
        np.subtract.at(left, places[known], takes["quantity"][known])
        left[places[known & (takes["kind"] == MarketDataKind.DELETE)]] = 0
        self._orders["quantity"] = left
        if (left <= 0).any():
            self._orders = self._orders[left > 0]

    def queue(self, side: int, price: int) -> Queue:
        """The orders at a price of a side."""
        orders = self._orders
        level = orders[(orders["price"] == price) & (orders["side"] == side)]
        return Queue(level["id"], level["quantity"], level["time_ns"], level["old"])

    def _add(self, records: NDArray[np.void], *, old: bool) -> None:
        if not len(records):
            return
        added = np.zeros(len(records), _ORDER)
        added["id"] = records["public_order_id"].astype(np.int64)
        for name in ("price", "quantity", "time_ns", "side"):
            added[name] = records[name]
        added["old"] = old
        orders = np.concatenate([self._orders, added])
        orders = orders[np.argsort(orders["id"], kind="stable")]
        self.is_cut = self.is_cut or len(orders) > ORDERS_MAX
        self._orders = orders[:ORDERS_MAX]
