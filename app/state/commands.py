"""Commands as the workstation makes them; the connection stamps session, instance and counter.

Rules: a command says everything that the screen showed when the button went down: price, quantity, account,
instrument, the engine sequence behind the picture, and until when it may still count.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, OrderFlag, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND, LABEL_BYTES, NO_PRICE, ORDER_TERMS

VALID_FOR_NS: Final = 5_000_000_000
BOTH_SIDES: Final = 2


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order that a person decided on. `price` is ignored for MARKET."""

    account: int
    instrument: int
    side: Side
    quantity: int
    price: int
    order_type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.DAY
    post_only: bool = False
    displayed_sequence: int = 0


def new_order(order: NewOrder, label: str, now_ns: int) -> NDArray[np.void]:
    """NEW_ORDER, shape (1,), valid for five seconds from `now_ns`."""
    command = _command(CommandKind.NEW_ORDER, label)
    command["account"], command["instrument"] = order.account, order.instrument
    command["side"], command["order_type"] = order.side, order.order_type
    command["time_in_force"] = order.time_in_force
    command["price"] = NO_PRICE if order.order_type is OrderType.MARKET else order.price
    command["quantity"] = order.quantity
    command["flags"] = OrderFlag.POST_ONLY if order.post_only else OrderFlag.NONE
    command["valid_until_ns"] = now_ns + VALID_FOR_NS
    command["displayed_sequence"] = order.displayed_sequence
    return command


def cancel_order(order_id: int, label: bytes) -> NDArray[np.void]:
    """CANCEL_ORDER, shape (1,), by id, or by label while the id is unknown. It never expires."""
    command = _command(CommandKind.CANCEL_ORDER, "")
    command["order_id"] = order_id
    command["label"] = label
    return command


def replace_order(order_id: int, price: int, quantity: int, now_ns: int) -> NDArray[np.void]:
    """REPLACE_ORDER, shape (1,): a new price and a new total quantity."""
    command = _command(CommandKind.REPLACE_ORDER, "")
    command["order_id"], command["price"], command["quantity"] = order_id, price, quantity
    command["valid_until_ns"] = now_ns + VALID_FOR_NS
    return command


def replace_stop(order_id: int, price: int, stop_price: int, quantity: int, now_ns: int) -> NDArray[np.void]:
    """REPLACE_ORDER of a stop that waits, with its ORDER_TERMS, shape (2,), one group: `price` is its limit, NO_PRICE
    for one that has none.
    """
    terms = np.zeros(1, ORDER_TERMS)
    terms["kind"], terms["stop_price"] = CommandKind.ORDER_TERMS, stop_price
    return np.concatenate([replace_order(order_id, price, quantity, now_ns), terms.view(COMMAND)])


def mass_cancel(account: int, instrument: int = 0, side: int = BOTH_SIDES) -> NDArray[np.void]:
    """MASS_CANCEL, shape (1,): all live orders of the account, of an instrument if not 0, of a side if not 2."""
    command = _command(CommandKind.MASS_CANCEL, "")
    command["account"], command["instrument"], command["side"] = account, instrument, side
    return command


def _command(kind: CommandKind, label: str) -> NDArray[np.void]:
    command = np.zeros(1, COMMAND)
    command["kind"] = kind
    command["label"] = label.encode("ascii", "replace")[:LABEL_BYTES]
    return command
