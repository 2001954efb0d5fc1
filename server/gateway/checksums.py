"""When which book's checksum is due, and the record that carries it.

Rules: at most every `period_ns` for an instrument, and only after a change; the last change is followed by one too.
Instruments take turns, so that not all of them are due at one time. The sums are made from the engine's book, never
from what was published: they are there to find what went wrong in between.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.book_checksum import levels_checksum, orders_checksum
from server.protocol.enums import MarketDataKind, Side, Topic
from server.protocol.records import BOOK_RECORD, NO_PRICE

NEVER_NS: Final = 1 << 62
_TURN_NS: Final = 37_000_000
"""How far apart the first checksums of two neighbouring instruments are."""
Records = NDArray[Any]


class ChecksumTimes:
    """What changed since its last checksum, and when the next may be made. Times by the publisher's timer."""

    def __init__(self, period_ns: int) -> None:
        self._period_ns = period_ns
        self._changed: set[int] = set()
        self._next_ns: dict[int, int] = {}
        self.due_ns = NEVER_NS

    def changed(self, instruments: list[int], now_ns: int) -> None:
        """The books of these instruments are other ones now."""
        if not self._period_ns:
            return
        for instrument in instruments:
            if instrument not in self._changed:
                self._changed.add(instrument)
                first_ns = now_ns + instrument * _TURN_NS % self._period_ns
                self.due_ns = min(self.due_ns, self._next_ns.setdefault(instrument, first_ns))

    def take(self, now_ns: int) -> list[int]:
        """The instruments whose checksum is to be made now, ascending."""
        if now_ns < self.due_ns:
            return []
        ready = sorted(number for number in self._changed if self._next_ns[number] <= now_ns)
        self._changed.difference_update(ready)
        for number in ready:
            self._next_ns[number] = now_ns + self._period_ns
        self.due_ns = min((self._next_ns[number] for number in self._changed), default=NEVER_NS)
        return ready


def depth_checksum(orders: Records) -> int:
    """Of the levels behind ADD rows: bids best first, then asks, a level's orders together."""
    prices, sides = orders["price"], orders["side"]
    is_first = np.ones(len(orders), bool)
    is_first[1:] = (prices[1:] != prices[:-1]) | (sides[1:] != sides[:-1])
    levels = orders[is_first]
    bids, asks = (_columns(levels, side, ("price", "level_quantity", "level_orders")) for side in Side)
    return levels_checksum(bids, asks)


def order_checksum(orders: Records) -> int:
    """Of ADD rows: bids best first, then asks, oldest first within a level."""
    bids, asks = (_columns(orders, side, ("public_order_id", "price", "quantity")) for side in Side)
    return orders_checksum(bids, asks)


CHECKSUMS: Final[dict[Topic, Callable[[Any], int]]] = {Topic.DEPTH: depth_checksum, Topic.ORDERS: order_checksum}
"""From the ADD rows of a book to the checksum of a topic."""


def _columns(rows: Records, side: Side, names: tuple[str, str, str]) -> tuple[Records, Records, Records]:
    mine = rows[rows["side"] == side]
    first, second, third = (mine[name].astype(np.int64) for name in names)
    return first, second, third


def checksum_row(instrument: int, checksum: int, engine_sequence: int, time_ns: int) -> Records:
    """A CHECKSUM record (1,)."""
    row = np.zeros(1, BOOK_RECORD)
    row["kind"] = MarketDataKind.CHECKSUM
    row["instrument"] = instrument
    row["sequence"] = engine_sequence
    row["time_ns"] = time_ns
    row["price"] = NO_PRICE
    row["quantity"] = checksum
    return row
