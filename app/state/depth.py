"""The price levels of one instrument as arrays, kept sorted best first; updates are absolute.

Rules: a LEVEL record replaces its level, quantity 0 removes it; a batch may name a level more than once and the last
one counts; after a gap the book is marked broken until a snapshot replaces it.
"""

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import Side
from server.protocol.records import NO_PRICE

Prices = NDArray[np.int64]


class DepthSide:
    """One side: `prices` best first, with quantity and number of orders beside them."""

    def __init__(self, *, bids: bool) -> None:
        """An empty side."""
        self._sign = -1 if bids else 1
        self._keys: Prices = np.empty(0, np.int64)
        self.quantities: Prices = np.empty(0, np.int64)
        self.orders: Prices = np.empty(0, np.int64)

    @property
    def prices(self) -> Prices:
        """Level prices, best first."""
        return self._keys * self._sign

    def best(self) -> int:
        """The best price, or NO_PRICE."""
        return int(self._keys[0]) * self._sign if len(self._keys) else NO_PRICE

    def clear(self) -> None:
        """Forget every level."""
        self._keys = self.quantities = self.orders = np.empty(0, np.int64)

    def apply(self, prices: Prices, quantities: Prices, orders: Prices) -> None:
        """Take absolute levels in the order in which they came."""
        keys, newest = np.unique((prices * self._sign)[::-1], return_index=True)
        quantity, count = quantities[::-1][newest], orders[::-1][newest]
        place = np.searchsorted(self._keys, keys)
        inside = place < len(self._keys)
        known = np.zeros(len(keys), np.bool_)
        known[inside] = self._keys[place[inside]] == keys[inside]
        changed = place[known]
        self.quantities[changed] = quantity[known]
        self.orders[changed] = count[known]
        fresh = ~known & (quantity > 0)
        if fresh.any():
            self._keys = np.insert(self._keys, place[fresh], keys[fresh])
            self.quantities = np.insert(self.quantities, place[fresh], quantity[fresh])
            self.orders = np.insert(self.orders, place[fresh], count[fresh])
        if (quantity == 0).any():
            kept = self.quantities > 0
            self._keys, self.quantities, self.orders = self._keys[kept], self.quantities[kept], self.orders[kept]

    def quantity_at(self, price: int) -> int:
        """What rests at `price`, 0 if nothing."""
        key = price * self._sign
        place = int(np.searchsorted(self._keys, key))
        return int(self.quantities[place]) if place < len(self._keys) and self._keys[place] == key else 0


class DepthBook:
    """Both sides of one instrument."""

    def __init__(self) -> None:
        """An empty book that waits for its snapshot."""
        self.bids = DepthSide(bids=True)
        self.asks = DepthSide(bids=False)
        self.complete = False
        """False until a snapshot came, and again after a gap: what is shown must then be marked."""
        self.engine_sequence = 0
        """The newest engine sequence seen; an order bound to this book names it as `displayed_sequence`."""
        self.received_ns = 0

    def reset(self, records: NDArray[np.void], now_ns: int) -> None:
        """Replace everything by a snapshot of LEVEL rows."""
        self.bids.clear()
        self.asks.clear()
        self.apply(records, now_ns)
        self.complete = True

    def broken(self) -> None:
        """Note that an update was lost."""
        self.complete = False

    def apply(self, records: NDArray[np.void], now_ns: int) -> None:
        """Take LEVEL rows, oldest first."""
        self.received_ns = now_ns
        if not len(records):
            return
        self.engine_sequence = max(self.engine_sequence, int(records["sequence"].max()))
        for side, levels in ((Side.BUY, self.bids), (Side.SELL, self.asks)):
            rows = records[records["side"] == side]
            if len(rows):
                levels.apply(rows["price"], rows["level_quantity"], rows["level_orders"].astype(np.int64))
