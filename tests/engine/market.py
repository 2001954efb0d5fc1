"""A small market for tests: one instrument, two traders with an account each, and commands in one line."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange, Outputs
from server.protocol.enums import CommandKind, OrderType, Phase, Right, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT

INSTRUMENT = 1
ANN, BOB = 1, 2


class Market:
    """An exchange with what stamps and counts its commands. A user's session and account have the user's number."""

    def __init__(self, price_max: int = 1_000_000, cash_scale: int = 1) -> None:
        self.exchange = Exchange()
        self.counters = {ANN: 0, BOB: 0}
        listing = np.zeros(1, LIST_INSTRUMENT)
        listing["kind"], listing["instrument"], listing["symbol"] = CommandKind.LIST_INSTRUMENT, INSTRUMENT, b"TEST"
        listing["price_min"], listing["price_max"], listing["tick_size"], listing["lot_size"] = 1, price_max, 1, 1
        listing["quantity_max"], listing["cash_scale"], listing["reference_price"] = 1_000_000, cash_scale, NO_PRICE
        self.send(listing.view(COMMAND))
        for user in (ANN, BOB):
            opening = np.zeros(1, OPEN_ACCOUNT)
            opening["kind"], opening["account"], opening["orders_max"] = CommandKind.OPEN_ACCOUNT, user, 1_000_000
            opening["credit_limit"], opening["short_allowed"] = 1 << 60, 1
            self.send(opening.view(COMMAND))
            self.server(CommandKind.GRANT, account=user, decision_maker=user, flags=Right.TRADE)
            self.server(CommandKind.SESSION_OPENED, session=user, user=user)
        self.server(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE)

    def send(self, rows: NDArray[np.void]) -> Outputs:
        """Stamps and applies rows as one batch."""
        first = self.exchange.sequence + 1
        rows["sequence"] = rows["time_ns"] = np.arange(first, first + len(rows))
        rows["group_count"] = 1
        return self.exchange.apply(rows)

    def server(self, kind: CommandKind, **fields: Any) -> Outputs:
        """One command of the server."""
        return self.send(row(kind, **fields))

    def row(self, user: int, kind: CommandKind, **fields: Any) -> NDArray[np.void]:
        """A client's command with the next counter of its user."""
        self.counters[user] += 1
        key = {"user": user, "session": user, "client_instance": 9, "counter": self.counters[user], "account": user}
        return row(kind, instrument=INSTRUMENT, **{**key, **fields})

    def limit(self, user: int, side: int, price: int, quantity: int = 1, **fields: Any) -> NDArray[np.void]:
        """A limit order that stays."""
        terms = {"side": side, "price": price, "quantity": quantity, "order_type": OrderType.LIMIT}
        return self.row(user, CommandKind.NEW_ORDER, time_in_force=TimeInForce.GTC, **{**terms, **fields})

    def cancel(self, user: int, order_id: int) -> NDArray[np.void]:
        """A cancel by order id."""
        return self.row(user, CommandKind.CANCEL_ORDER, order_id=order_id)


def row(kind: CommandKind, **fields: Any) -> NDArray[np.void]:
    """One COMMAND row."""
    command = np.zeros(1, COMMAND)
    command["kind"] = kind
    for name, value in fields.items():
        command[name] = value
    return command
