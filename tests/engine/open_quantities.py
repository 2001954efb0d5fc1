"""What of each order is open, followed through the events: entered - filled - cancelled, never below 0.

Rules: `follow` reads events only, so it holds for the engine as for the oracle; `compared` looks into the engine. A
RESTATED may change an order's quantity (a bracket's child grows, prevention of self-trades reduces); filled may not
change but by EXECUTED.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.engine import views
from server.engine.exchange import Exchange
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

    def compared(self, x: Exchange) -> list[str]:
        """What is open by the events and by the engine's own rows, where these are not the same."""
        rows = [row for user in views.users(x) for row in views.open_orders(x, user)]
        held = {
            int(row["order_id"]): Open(*(int(row[name]) for name in ("quantity", "leaves", "filled"))) for row in rows
        }
        wrong = [number for number in self.orders.keys() | held.keys() if self.orders.get(number) != held.get(number)]
        return [
            f"order {number}: {self.orders.get(number)} by events, {held.get(number)}" for number in sorted(wrong)[:1]
        ]

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
