"""What of each order is open, followed through the events: entered - filled - cancelled, never below 0.

Rules: it reads events only, so it holds for the engine as for the oracle. A RESTATED may change an order's quantity
(a bracket's child grows, prevention of self-trades reduces); filled may not change but by EXECUTED.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import EventKind

ABOUT_ORDERS = (
    EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.CANCELED, EventKind.REPLACED, EventKind.RESTATED,
    EventKind.TRIGGERED,
)  # fmt: skip
FIELDS = ("kind", "order_id", "quantity", "leaves", "filled", "last_quantity", "sequence")


@dataclass(slots=True)
class Open:
    """One order as its last event left it."""

    quantity: int
    leaves: int
    filled: int


class OpenQuantities:
    """All orders seen so far."""

    def __init__(self) -> None:
        self.orders: dict[int, Open] = {}

    def follow(self, events: NDArray[np.void]) -> list[str]:
        """What is wrong in these events; at most the first."""
        chosen = events[np.isin(events["kind"], [int(kind) for kind in ABOUT_ORDERS])]
        for row in zip(*(chosen[name].tolist() for name in FIELDS), strict=True):
            wrong = self.see(*row)
            if wrong:
                return [f"event {row[-1]} of order {row[1]}: {wrong}"]
        return []

    def see(self, kind: int, order_id: int, quantity: int, leaves: int, filled: int, last: int, _: int) -> str:
        """Take one event; what is wrong with it, or nothing."""
        order = self.orders.get(order_id)
        if kind == EventKind.ACCEPTED:
            if order or filled or leaves != quantity or leaves <= 0:
                return f"accepted with {leaves} of {quantity}, {filled} filled"
            self.orders[order_id] = Open(quantity, leaves, 0)
            return ""
        if order is None:
            return "it was never accepted, or has ended"
        if kind == EventKind.EXECUTED:
            order.filled += last
            order.leaves -= last
        elif kind == EventKind.CANCELED:
            order.leaves -= last
        else:
            order.quantity, order.leaves = quantity, quantity - order.filled
        if (order.leaves, order.filled) != (leaves, filled) or min(leaves, last) < 0:
            return f"open {leaves}, filled {filled}, but {order.leaves} and {order.filled} follow from what came before"
        if kind == EventKind.CANCELED or not leaves:
            del self.orders[order_id]
        return ""
