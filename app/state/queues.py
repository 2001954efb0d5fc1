"""How much rests ahead of each of the user's own orders, from the order-by-order feed.

Rules: at one price a place taken earlier has the lower public id, so what is ahead of an order is all that rests at
its price with a lower id. An order is known from its own ADD (or a snapshot) on; before that the answer is None.
"""

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import MarketDataFlag, MarketDataKind

_TAKES = (MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE)


class QueueGauge:
    """Own resting orders by public id."""

    def __init__(self) -> None:
        """No order is followed."""
        self._ahead: dict[int, int | None] = {}
        self._place: dict[int, tuple[int, int, int]] = {}

    def follow(self, public_order_id: int, instrument: int, side: int, price: int) -> None:
        """Begin to measure an order; nothing happens if it is followed already."""
        if public_order_id and public_order_id not in self._ahead:
            self._ahead[public_order_id] = None
            self._place[public_order_id] = (instrument, side, price)

    def forget(self, public_order_id: int) -> None:
        """The order rests no longer."""
        self._ahead.pop(public_order_id, None)
        self._place.pop(public_order_id, None)

    def ahead(self, public_order_id: int) -> int | None:
        """Lots ahead of an order; None while unknown."""
        return self._ahead.get(public_order_id)

    def of_instrument(self, instrument: int) -> list[int]:
        """Public ids followed in an instrument."""
        return [number for number, place in self._place.items() if place[0] == instrument]

    def instruments(self) -> set[int]:
        """Instruments in which orders are followed."""
        return {place[0] for place in self._place.values()}

    def unknown(self) -> set[int]:
        """Instruments with an order of which nothing is known yet."""
        return {self._place[number][0] for number, ahead in self._ahead.items() if ahead is None}

    def clear(self) -> None:
        """Follow nothing."""
        self._ahead.clear()
        self._place.clear()

    def snapshot(self, instrument: int, orders: NDArray[np.void]) -> bool:
        """Take ADD rows of the whole book; True if anything changed."""
        followed = self.of_instrument(instrument)
        for number in followed:
            _, side, price = self._place[number]
            level = orders[(orders["price"] == price) & (orders["side"] == side)]
            if (level["public_order_id"] == number).any():
                self._ahead[number] = int(level["quantity"][level["public_order_id"] < number].sum())
        return bool(followed)

    def apply(self, instrument: int, records: NDArray[np.void]) -> bool:
        """Take order-by-order records, oldest first; True if anything changed."""
        changed = False
        for number in self.of_instrument(instrument):
            _, side, price = self._place[number]
            rows = records[(records["price"] == price) & (records["side"] == side)]
            if not len(rows):
                continue
            start = 0
            added = np.flatnonzero((rows["public_order_id"] == number) & (rows["kind"] == MarketDataKind.ADD))
            if len(added):
                start = int(added[0]) + 1
                own = rows[added[0]]
                self._ahead[number] = int(own["level_quantity"]) - int(own["quantity"])
                changed = True
            known, rest = self._ahead[number], rows[start:]
            shown = rest["flags"] & MarketDataFlag.HIDDEN == 0
            gone = rest["quantity"][np.isin(rest["kind"], _TAKES) & shown & (rest["public_order_id"] < number)]
            if known is not None and len(gone):
                self._ahead[number] = max(0, known - int(gone.sum()))
                changed = True
        return changed
