"""Events and market data records as the exchange writes them, collected as tuples, handed out as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, EventKind, MarketDataKind
from server.protocol.records import BOOK_RECORD, EVENT, POSITION_EVENT, TOP_RECORD
from tests.oracle.state import Account, Command, Instrument, Order, Position

EVENT_NAMES = EVENT.names or ()
BOOK_NAMES = BOOK_RECORD.names or ()
EVENT_ZERO = {name: b"" if EVENT[name].kind == "S" else 0 for name in EVENT_NAMES}
BOOK_ZERO = dict.fromkeys(BOOK_NAMES, 0)
POSITION_SPARE = (0,) * 8


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
        self._events: list[tuple[Any, ...]] = []
        self._positions: list[tuple[Any, ...]] = []
        self._position_rows: list[int] = []
        self._market_data: list[tuple[Any, ...]] = []
        self._tops: list[tuple[Any, ...]] = []
        self._top_rows: list[int] = []

    def event(self, kind: EventKind, user: int, **fields: Any) -> None:
        """Write an event; fields that are not named are 0."""
        row = EVENT_ZERO | self._head(kind, user) | {"user": user} | fields
        self._events.append(tuple(row.values()))

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

    def position(self, user: int, account: Account, instrument: int, position: Position, session: int = 0) -> None:
        """Write a POSITION event."""
        head = self._head(EventKind.POSITION, user)
        self._position_rows.append(len(self._events))
        self._events.append(())
        self._positions.append(
            (
                *head.values(), user, account.number, instrument, session,
                position.net, position.cost, position.realised, position.open_buy, position.open_sell,
                account.cash, account.reserved, account.credit_limit, account.position_max, POSITION_SPARE,
            )
        )  # fmt: skip

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
        self._market_data.append(tuple(row.values()))

    def order_record(
        self, kind: MarketDataKind, order: Order, price: int, quantity: int, flags: int = 0, trade_number: int = 0
    ) -> None:
        """Write a record about a resting order, with the level as it is now."""
        level_quantity, level_orders = order.instrument.book.level(order.side, order.price)
        self.book_record(
            kind, order.instrument, side=order.side, flags=flags, public_order_id=order.public_order_id, price=price,
            quantity=quantity, level_quantity=level_quantity, level_orders=level_orders, trade_number=trade_number,
        )  # fmt: skip

    def top(self, instrument: Instrument) -> None:
        """Write the TOP of an instrument if it differs from its last one."""
        top = instrument.book.top()
        if top == instrument.last_top:
            return
        instrument.last_top = top
        bid, bid_quantity, bid_orders, ask, ask_quantity, ask_orders = top
        self._top_rows.append(len(self._market_data))
        self._market_data.append(())
        self._tops.append(
            (
                int(MarketDataKind.TOP), 0, 0, instrument.phase, instrument.number,
                self.command.sequence, self.command.time_ns,
                bid, signed(bid_quantity), ask, signed(ask_quantity), bid_orders, ask_orders,
            )
        )  # fmt: skip

    def take(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """(events, market data) since the last call, and forget them."""
        events = merged(self._events, EVENT, self._positions, POSITION_EVENT, self._position_rows)
        market_data = merged(self._market_data, BOOK_RECORD, self._tops, TOP_RECORD, self._top_rows)
        for rows in (
            self._events, self._positions, self._position_rows, self._market_data, self._tops, self._top_rows,
        ):  # fmt: skip
            rows.clear()
        return events, market_data


def merged(
    rows: list[tuple[Any, ...]], layout: np.dtype[np.void],
    others: list[tuple[Any, ...]], other_layout: np.dtype[np.void], other_rows: list[int],
) -> NDArray[np.void]:  # fmt: skip
    """One array of `layout`, in which `others`, of a second layout of the same size, stand at `other_rows`."""
    array = np.zeros(len(rows), layout)
    is_other = np.zeros(len(rows), bool)
    is_other[other_rows] = True
    array[~is_other] = np.array([row for row in rows if row], layout)
    array.view(other_layout)[is_other] = np.array(others, other_layout)
    return array
