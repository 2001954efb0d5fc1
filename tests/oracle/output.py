"""Events and market data records as the exchange writes them, collected as tuples, handed out as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, EventKind, MarketDataKind
from server.protocol.records import BOOK_RECORD, EVENT, POSITION_EVENT, RISK_REJECTION, TOP_RECORD
from tests.oracle.accounts import Account, Position
from tests.oracle.state import Command, Instrument, Order

LAYOUTS = {"event": EVENT, "position": POSITION_EVENT, "risk": RISK_REJECTION, "book": BOOK_RECORD, "top": TOP_RECORD}
Rows = list[tuple[str, tuple[Any, ...]]]
"""Records in their order, each with the name of its layout."""


def zeros(layout: np.dtype[np.void]) -> dict[str, Any]:
    """The fields of a record, all empty."""
    return dict(zip(layout.names or (), np.zeros(1, layout)[0].tolist(), strict=True))


EVENT_ZERO = zeros(EVENT)
POSITION_ZERO = zeros(POSITION_EVENT)
RISK_ZERO = zeros(RISK_REJECTION)
BOOK_ZERO = zeros(BOOK_RECORD)


def signed(number: int) -> int:
    """The low 64 bits as a signed number."""
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


class Output:
    """The records of the commands since the last `take`, and the counters of events."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.event_sequence = 0
        self.stream_sequences: dict[int, int] = {}
        self.command: Command = Command._make([0] * len(Command._fields))
        self._events: Rows = []
        self._market_data: Rows = []

    def event(self, kind: EventKind, user: int, **fields: Any) -> None:
        """Write an event; fields that are not named are 0."""
        row = EVENT_ZERO | self._head(kind, user) | {"user": user} | fields
        self._events.append(("event", tuple(row.values())))

    def risk_event(self, kind: EventKind, user: int, **fields: Any) -> None:
        """Write a REJECTED or LIMIT_WARNING that says which limit, of whom, used and requested."""
        row = RISK_ZERO | self._head(kind, user) | {"user": user} | fields
        self._events.append(("risk", tuple(row.values())))

    def order_event(self, kind: EventKind, order: Order, **fields: Any) -> None:
        """Write an event about an order, with the order's own fields; `fields` come on top."""
        own = {
            "account": order.account.number, "instrument": order.instrument.number,
            "order_id": order.order_id, "public_order_id": order.public_order_id,
            "client_instance": order.client_instance, "counter": order.counter, "label": order.label,
            "side": order.side, "order_type": order.order_type, "time_in_force": order.time_in_force,
            "flags": order.flags, "capacity": order.capacity,
            "price": order.price, "quantity": order.quantity, "leaves": order.leaves, "filled": order.filled,
        }  # fmt: skip
        self.event(kind, order.user, **(own | fields))

    def position(
        self, user: int, account: Account, instrument: Instrument, position: Position, session: int = 0
    ) -> None:
        """Write a POSITION event, with the account's balance in the instrument's currency."""
        self._position(EventKind.POSITION, user, account, instrument, position, session)

    def daily_result(
        self, user: int, account: Account, instrument: Instrument, position: Position, session: int, spare: list[int]
    ) -> None:
        """Write a DAILY_RESULT event."""
        self._position(EventKind.DAILY_RESULT, user, account, instrument, position, session, spare=spare)

    def cash(self, user: int, account: Account, session: int) -> None:
        """Write a POSITION event of an account's own cash, with no instrument."""
        self._balance(EventKind.POSITION, user, account, account.currency, session)

    def balance(self, user: int, account: Account, currency: int, session: int) -> None:
        """Write a BALANCE event."""
        self._balance(EventKind.BALANCE, user, account, currency, session)

    def _position(
        self, kind: EventKind, user: int, account: Account, instrument: Instrument, position: Position, session: int,
        **fields: Any,
    ) -> None:  # fmt: skip
        own = {
            "instrument": instrument.number, "net": position.net, "cost": position.cost,
            "realised": position.realised, "open_buy": position.open_buy, "open_sell": position.open_sell,
            "fees": position.fees, "income": position.income, "mark": position.mark, "lots": len(position.lots),
        }  # fmt: skip
        self._balance(kind, user, account, instrument.currency, session, **(own | fields))

    def _balance(
        self, kind: EventKind, user: int, account: Account, currency: int, session: int, **fields: Any
    ) -> None:
        balance = account.balance(currency)
        own = {
            "user": user, "account": account.number, "session": session, "cash": balance.cash,
            "reserved": balance.reserved, "position_max": account.position_max, "currency": currency,
            "credit_limit": account.credit_limit if currency == account.currency else 0,
        }  # fmt: skip
        row = POSITION_ZERO | self._head(kind, user) | own | fields
        self._events.append(("position", tuple(row.values())))

    def _head(self, kind: EventKind, user: int) -> dict[str, Any]:
        self.event_sequence += 1
        self.stream_sequences[user] = self.stream_sequences.get(user, 0) + 1
        return {
            "kind": int(kind), "version": PROTOCOL_VERSION, "shard": self.shard, "group_count": 1,
            "reason": 0,
            "sequence": self.event_sequence, "command_sequence": self.command.sequence,
            "time_ns": self.command.time_ns, "stream_sequence": self.stream_sequences[user],
        }  # fmt: skip

    def book_record(self, kind: MarketDataKind, instrument: Instrument, **fields: Any) -> None:
        """Write a market data record; fields that are not named are 0."""
        fields["kind"] = int(kind)
        fields["instrument"] = instrument.number
        fields["phase"] = instrument.phase
        fields["sequence"] = self.command.sequence
        fields["time_ns"] = self.command.time_ns
        row = BOOK_ZERO | fields
        row["level_quantity"] = signed(row["level_quantity"])
        self._market_data.append(("book", tuple(row.values())))

    def order_record(
        self,
        kind: MarketDataKind,
        order: Order,
        price: int,
        quantity: int,
        flags: int = 0,
        trade_number: int = 0,
        *,
        unseen: bool = False,
    ) -> None:
        """Write a record about a resting order, with the level as it is now; without its id if it is not shown."""
        level_quantity, level_orders = order.instrument.book.level(order.side, order.price)
        self.book_record(
            kind, order.instrument, side=order.side, flags=flags, price=price,
            public_order_id=0 if unseen else order.public_order_id,
            quantity=quantity, level_quantity=level_quantity, level_orders=level_orders, trade_number=trade_number,
        )  # fmt: skip

    def top(self, instrument: Instrument) -> None:
        """Write the TOP of an instrument if it differs from its last one."""
        top = instrument.book.top()
        if top == instrument.last_top:
            return
        instrument.last_top = top
        bid, bid_quantity, bid_orders, ask, ask_quantity, ask_orders = top
        row = (
            int(MarketDataKind.TOP), 0, 0, instrument.phase, instrument.number,
            self.command.sequence, self.command.time_ns,
            bid, signed(bid_quantity), ask, signed(ask_quantity), bid_orders, ask_orders,
        )  # fmt: skip
        self._market_data.append(("top", row))

    def take(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """(events, market data) since the last call, and forget them."""
        events, market_data = merged(self._events, EVENT), merged(self._market_data, BOOK_RECORD)
        self._events.clear()
        self._market_data.clear()
        return events, market_data


def merged(rows: Rows, main: np.dtype[np.void]) -> NDArray[np.void]:
    """One array of the layout `main`, in which rows of other layouts of the same size stand at their places."""
    array = np.zeros(len(rows), main)
    places: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(rows):
        places.setdefault(name, []).append(place)
    for name, chosen in places.items():
        array.view(LAYOUTS[name])[chosen] = np.array([rows[place][1] for place in chosen], LAYOUTS[name])
    return array
