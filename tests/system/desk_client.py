"""A client with its own view of the world: what a test needs to ask and to wait for."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from server.client.book import DepthBook, OrderBook
from server.client.connection import Connection
from server.client.incoming import (
    DropCopyEnded,
    DropCopyReceived,
    EventsReceived,
    Incoming,
    LoggedOn,
    MarketDataReceived,
    PrivateSynced,
    ReplyReceived,
)
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderType, Side, TimeInForce, Topic
from server.protocol.records import COMMAND
from tests.system.running import ACCOUNT


class DeskClient:
    """A connection and everything that it brought."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.events: list[np.void] = []
        self.depth: dict[int, DepthBook] = {}
        self.orders: dict[int, OrderBook] = {}
        self.trades: list[np.void] = []
        self.quotes: dict[int, np.void] = {}
        self.incoming: list[Incoming] = []
        self.copied: list[np.void] = []
        self.ended: list[DropCopyEnded] = []

    def poll(self, timeout_ms: int = 20) -> None:
        """Takes what has come."""
        for item in self.connection.poll(timeout_ms):
            self.incoming.append(item)
            if isinstance(item, EventsReceived):
                self.events.extend(item.events)
            elif isinstance(item, MarketDataReceived):
                self._take(item)
            elif isinstance(item, DropCopyReceived):
                self.copied.extend(item.events)
            elif isinstance(item, DropCopyEnded):
                self.ended.append(item)

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = 20.0) -> Any:
        """Polls until `condition` gives something true, and returns that."""
        deadline_s = time.monotonic() + timeout_s
        while not (found := condition()):
            assert time.monotonic() < deadline_s, f"no {what} within {timeout_s:.0f} s"
            self.poll()
        return found

    def synced(self) -> None:
        """Waits until the private stream is complete."""
        self.until(lambda: any(isinstance(item, PrivateSynced) for item in self.incoming), "private stream")

    def order(
        self, side: Side, price: int, quantity: int, *, instrument: int = 1, account: int = ACCOUNT,
        time_in_force: TimeInForce = TimeInForce.GTC,
    ) -> int:  # fmt: skip
        """Sends a limit order; returns its counter."""
        command = np.zeros(1, COMMAND)
        command["kind"] = CommandKind.NEW_ORDER
        command["account"], command["instrument"] = account, instrument
        command["side"], command["price"], command["quantity"] = side, price, quantity
        command["order_type"], command["time_in_force"] = OrderType.LIMIT, time_in_force
        return self.connection.send(command)

    def cancel(self, order_id: int) -> int:
        """Cancels by id; returns the counter."""
        command = np.zeros(1, COMMAND)
        command["kind"], command["order_id"] = CommandKind.CANCEL_ORDER, order_id
        return self.connection.send(command)

    def answer(self, counter: int) -> np.void:
        """The event that answered the command `counter`."""
        found: np.void = self.until(
            lambda: next(
                (row for row in self.events if row["counter"] == counter and row["kind"] != EventKind.EXECUTED), None
            ),
            f"answer to command {counter}",
        )
        return found

    def of_kind(self, kind: EventKind) -> list[np.void]:
        """The events of one kind so far."""
        return [row for row in self.events if row["kind"] == kind]

    def ask(self, message: control.AnyRequest) -> control.AnyReply:
        """Asks and waits."""
        number = self.connection.request(message)
        item = self.until(
            lambda: next(
                (i for i in self.incoming if isinstance(i, ReplyReceived) and i.request.request_id == number), None
            ),
            f"answer to {type(message).__name__}",
        )
        return item.reply

    def logons(self) -> list[LoggedOn]:
        """The sessions that began after the blocking logon."""
        return [item for item in self.incoming if isinstance(item, LoggedOn)]

    def _take(self, item: MarketDataReceived) -> None:
        records: Records = item.records
        if item.topic == Topic.DEPTH:
            depth = self.depth.setdefault(item.instrument, DepthBook())
            (depth.apply_snapshot if item.snapshot else depth.apply)(records)
        elif item.topic == Topic.ORDERS:
            orders = self.orders.setdefault(item.instrument, OrderBook())
            (orders.apply_snapshot if item.snapshot else orders.apply)(records)
        elif item.topic == Topic.TRADES:
            self.trades.extend(records)
        elif item.topic == Topic.QUOTE and len(records):
            self.quotes[item.instrument] = records[-1]
