"""The demo trader's own past: a few orders over the seeded hours, so that blotters and positions are not empty.

Rules: pure; prices in ticks. It trades through the trader's account with counters of its own client instance, keeps
each position small and leaves some orders working near the market when the run ends.
"""

from random import Random
from typing import Final

import numpy as np

from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderState, OrderType, TimeInForce
from server.protocol.records import COMMAND
from server.simulation.catalogue import TRADER_ACCOUNT, DemoInstrument
from server.simulation.maker import round_size
from server.simulation.orders import BUY, SELL
from server.simulation.takers import Touch

PAUSE_SECONDS: Final = 240.0
PATIENCE_NS: Final = 420_000_000_000
LAST_ORDERS: Final = ((BUY, 3), (BUY, 7), (SELL, 5), (SELL, 9))
"""Side and distance in ticks of what is left working in the first instrument."""


class DeskTrader:
    """A person at the desk. `items` in the order of preference."""

    def __init__(self, items: list[DemoInstrument], seed: int) -> None:
        self._rng = Random(f"{seed}/desk")
        self._items = items
        self._positions: dict[int, int] = dict.fromkeys((item.instrument for item in items), 0)
        self._working: dict[int, int] = {}
        """Order id to the time of its acceptance."""
        self._number = 0
        self.due_ns = 0

    def act(self, now_ns: int, touches: dict[int, Touch]) -> Records | None:
        """A cancel of what has waited too long, or a new order; None if there is nothing to do."""
        rng = self._rng
        if self.due_ns == 0:
            self.due_ns = now_ns + int(60e9)
            return None
        self.due_ns = now_ns + int(rng.expovariate(1.0 / PAUSE_SECONDS) * 1e9) + 2_000_000_000
        stale = [order_id for order_id, since_ns in self._working.items() if now_ns - since_ns > PATIENCE_NS]
        if stale:
            return self._cancel(stale[0])
        item = self._items[min(int(rng.expovariate(0.45)), len(self._items) - 1)]
        touch = touches[item.instrument]
        if not touch.complete:
            return None
        position = self._positions[item.instrument]
        unit = round_size(item.size * 1.5)
        side = (SELL if position > 0 else BUY) if abs(position) >= 3 * unit else rng.choice((BUY, SELL))
        if rng.random() < 0.55:
            price = touch.ask + 1 if side == BUY else touch.bid - 1
            return self._order(item, side, price, unit, TimeInForce.IOC)
        away = rng.randint(0, 2)
        price = touch.bid - away if side == BUY else touch.ask + away
        return self._order(item, side, price, unit, TimeInForce.DAY)

    def last_orders(self, touches: dict[int, Touch]) -> Records:
        """What is left working at the end, shape (n,)."""
        item = self._items[0]
        touch = touches[item.instrument]
        rows = [
            self._order(
                item,
                side,
                touch.bid - away if side == BUY else touch.ask + away,
                round_size(item.size * (1.0 + 0.5 * index)),
                TimeInForce.DAY if index % 2 == 0 else TimeInForce.GTC,
            )
            for index, (side, away) in enumerate(LAST_ORDERS)
        ]
        return np.concatenate(rows)

    def on_events(self, events: Records) -> None:
        """The trader's private events, in order."""
        for row in events:
            kind, order_id = int(row["kind"]), int(row["order_id"])
            if kind == EventKind.ACCEPTED and row["time_in_force"] != TimeInForce.IOC:
                self._working[order_id] = int(row["time_ns"])
            elif kind == EventKind.EXECUTED:
                quantity = int(row["last_quantity"])
                self._positions[int(row["instrument"])] += quantity if row["side"] == BUY else -quantity
                if row["state"] == OrderState.FILLED:
                    self._working.pop(order_id, None)
            elif kind == EventKind.CANCELED:
                self._working.pop(order_id, None)

    def _order(self, item: DemoInstrument, side: int, price: int, quantity: int, time_in_force: TimeInForce) -> Records:
        self._number += 1
        command = np.zeros(1, COMMAND)
        command["kind"] = CommandKind.NEW_ORDER
        command["account"] = TRADER_ACCOUNT
        command["instrument"] = item.instrument
        command["label"] = f"desk-{self._number:04d}".encode()
        command["side"] = side
        command["order_type"] = OrderType.LIMIT
        command["time_in_force"] = time_in_force
        command["price"] = max(1, price) * item.tick_size
        command["quantity"] = quantity
        return command

    def _cancel(self, order_id: int) -> Records:
        command = np.zeros(1, COMMAND)
        command["kind"] = CommandKind.CANCEL_ORDER
        command["order_id"] = order_id
        return command
