"""The price levels of one instrument as arrays, kept sorted best first; updates are absolute.

Rules: arrays handed out are never written again; a LEVEL record replaces its level, quantity 0 removes it; a batch may
name a level more than once and the last one counts; after a gap, or a CHECKSUM that is not its own, the book is marked
broken until a snapshot replaces it.
"""

import numpy as np
from numpy.typing import NDArray

from app.state.joining import joined
from server.protocol.book_checksum import levels_checksum
from server.protocol.enums import MarketDataKind, Side
from server.protocol.records import NO_PRICE

Prices = NDArray[np.int64]
WAITING_MAX = 1024


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

    @property
    def columns(self) -> tuple[Prices, Prices, Prices]:
        """Prices, quantities and orders, best first."""
        return self.prices, self.quantities, self.orders

    def best(self) -> int:
        """The best price, or NO_PRICE."""
        return int(self._keys[0]) * self._sign if len(self._keys) else NO_PRICE

    def clear(self) -> None:
        """Forget every level."""
        self._keys = self.quantities = self.orders = np.empty(0, np.int64)

    def apply(self, prices: Prices, quantities: Prices, orders: Prices) -> None:
        """Take absolute levels in the order in which they came."""
        keys = np.concatenate([self._keys, prices * self._sign])
        order = keys.argsort(kind="stable")
        keys = keys[order]
        quantity = np.concatenate([self.quantities, quantities])[order]
        kept = np.empty(len(keys), np.bool_)
        kept[-1:] = True
        np.not_equal(keys[1:], keys[:-1], out=kept[:-1])
        kept &= quantity > 0
        self._keys, self.quantities = keys[kept], quantity[kept]
        self.orders = np.concatenate([self.orders, orders])[order][kept]

    def quantity_at(self, price: int) -> int:
        """What rests at `price`, 0 if nothing."""
        key = price * self._sign
        place = int(np.searchsorted(self._keys, key))
        return int(self.quantities[place]) if place < len(self._keys) and self._keys[place] == key else 0


class DepthBook:
    """Both sides of one instrument. Updates wait until somebody looks: a book that is not shown costs nothing."""

    def __init__(self, waiting_max: int = WAITING_MAX) -> None:
        """An empty book that waits for its snapshot. More than `waiting_max` updates do not wait."""
        self._waiting_max = waiting_max
        self._bids = DepthSide(bids=True)
        self._asks = DepthSide(bids=False)
        self._waiting: list[NDArray[np.void]] = []
        self._waiting_count = 0
        self.complete = False
        """False until a snapshot came, and again after a gap: what is shown must then be marked."""
        self.engine_sequence = 0
        """The newest engine sequence seen; an order bound to this book names it as `displayed_sequence`."""
        self.received_ns = 0
        self.checked = 0
        """Checksums that were compared."""

    @property
    def bids(self) -> DepthSide:
        """The buy side as of the last update."""
        self._settle()
        return self._bids

    @property
    def asks(self) -> DepthSide:
        """The sell side as of the last update."""
        self._settle()
        return self._asks

    def reset(self, records: NDArray[np.void], now_ns: int) -> None:
        """Replace everything by a snapshot of LEVEL rows."""
        self._waiting.clear()
        self._bids.clear()
        self._asks.clear()
        self.apply(records, now_ns)
        self.complete = True

    def broken(self) -> None:
        """Note that an update was lost."""
        self.complete = False

    def apply(self, records: NDArray[np.void], now_ns: int) -> None:
        """Take LEVEL rows, oldest first; at the last CHECKSUM among them compare."""
        self.received_ns = now_ns
        if not len(records):
            return
        self.engine_sequence = max(self.engine_sequence, int(records["sequence"][-1]))
        checks = np.flatnonzero(records["kind"] == MarketDataKind.CHECKSUM)
        if len(checks):
            last = int(checks[-1])
            self._wait(records[:last])
            self._compare(int(records["quantity"][last]))
            records = records[last + 1 :]
        self._wait(records)
        if self._waiting_count > self._waiting_max:
            self._settle()

    def _wait(self, records: NDArray[np.void]) -> None:
        if len(records):
            self._waiting.append(records)
            self._waiting_count += len(records)

    def _compare(self, checksum: int) -> None:
        """A book that was not complete before is not judged: a snapshot is on its way."""
        self.checked += 1
        if self.complete and levels_checksum(self.bids.columns, self.asks.columns) != checksum:
            self.complete = False

    def _settle(self) -> None:
        if not self._waiting:
            return
        records = joined(self._waiting)
        self._waiting = []
        self._waiting_count = 0
        buys = records["side"] == Side.BUY
        for rows, levels in ((records[buys], self._bids), (records[~buys], self._asks)):
            if len(rows):
                levels.apply(rows["price"], rows["level_quantity"], rows["level_orders"].astype(np.int64))
