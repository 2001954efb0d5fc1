"""What agents ask for, and the orders that they have resting.

Rules: pure; prices in ticks. `CommandBatch` turns intentions into COMMAND rows; the index of a row tells whose it is.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from server.protocol.codec import Records
from server.protocol.enums import CommandKind, OrderFlag, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND

BUY: Final = int(Side.BUY)
SELL: Final = int(Side.SELL)


class OrderOwner(Protocol):
    """An agent with resting orders."""

    account: int

    def on_gone(self, order: "RestingOrder") -> None:
        """The order is no longer live."""

    def on_filled(self, order: "RestingOrder", quantity: int, now_ns: int) -> None:
        """A part of the order traded."""


@dataclass(slots=True, eq=False)
class RestingOrder:
    """One order of an agent; `order_id` is 0 until the exchange has answered."""

    owner: OrderOwner
    instrument: int
    side: int
    price: int
    leaves: int
    order_id: int = 0
    cancelling: bool = False
    expires_ns: int = 0


@dataclass(slots=True)
class CommandBatch:
    """Commands of several agents, in order."""

    ticks: dict[int, int]
    """Instrument to tick size."""
    rows: list[tuple[int, int, int, int, int, int, int, int, int]] = field(default_factory=list)
    orders: list[RestingOrder | None] = field(default_factory=list)
    """For each row the order that it makes; None for a cancel or an order that never rests."""

    def rest(self, order: RestingOrder, post_only: bool) -> None:
        """A limit order that stays until cancelled."""
        flags = int(OrderFlag.POST_ONLY) if post_only else 0
        self._add(CommandKind.NEW_ORDER, order, int(TimeInForce.GTC), flags, 0)
        self.orders.append(order)

    def take(self, order: RestingOrder) -> None:
        """A limit order that trades at once or not at all (IOC)."""
        self._add(CommandKind.NEW_ORDER, order, int(TimeInForce.IOC), 0, 0)
        self.orders.append(None)

    def cancel(self, order: RestingOrder) -> None:
        """Cancels an order that the exchange has answered; any other, or a second call, is passed over."""
        if order.order_id and not order.cancelling:
            order.cancelling = True
            self._add(CommandKind.CANCEL_ORDER, order, 0, 0, order.order_id)
            self.orders.append(None)

    def commands(self) -> Records:
        """The rows as COMMAND records, shape (n,)."""
        commands = np.zeros(len(self.rows), COMMAND)
        kind, account, instrument, side, price, quantity, time_in_force, flags, order_id = zip(*self.rows, strict=True)
        commands["kind"] = kind
        commands["account"] = account
        commands["instrument"] = instrument
        commands["side"] = side
        commands["price"] = price
        commands["quantity"] = quantity
        commands["time_in_force"] = time_in_force
        commands["flags"] = flags
        commands["order_id"] = order_id
        commands["order_type"] = np.where(commands["kind"] == CommandKind.NEW_ORDER, int(OrderType.LIMIT), 0)
        commands["capacity"] = 1
        return commands

    def _add(self, kind: CommandKind, order: RestingOrder, time_in_force: int, flags: int, order_id: int) -> None:
        is_new = kind == CommandKind.NEW_ORDER
        price = order.price * self.ticks[order.instrument] if is_new else 0
        self.rows.append(
            (
                int(kind),
                order.owner.account,
                order.instrument,
                order.side,
                price,
                order.leaves if is_new else 0,
                time_in_force,
                flags,
                order_id,
            )
        )
