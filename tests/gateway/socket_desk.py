"""A whole server over real CURVE sockets in one thread with its clients: real journal, engine, gateway and transport.

Rules: nothing runs by itself; a test turns the server and polls the clients until what it waits for has happened.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import zmq

from server.bootstrap import open_core
from server.client.book import BookBroken, DepthBook, OrderBook
from server.client.connection import Connection
from server.client.incoming import FellBehind, Incoming, MarketDataReceived, StaleChange, StaleReason
from server.gateway.reference import reference_commands
from server.gateway.sockets import Endpoints, ZmqTransport
from server.pipeline import Pipeline
from server.protocol.enums import Durability, Mode, Topic
from server.settings import GatewaySettings, ServerSettings
from tests.gateway.desk import ANN, BOB, OPERATOR, PASSWORD, VLTA, KnownPasswords, order, reference

DEADLINE_S = 30.0
BOOK_TOPICS = (Topic.ORDERS, Topic.DEPTH)


class SocketDesk:
    """The server; `lines` is one or two."""

    def __init__(self, directory: Path, *, lines: int = 1, **limits: int) -> None:
        settings = ServerSettings(
            data=directory, mode=Mode.DEMO, durability=Durability.OS, gateway=GatewaySettings(**limits)
        )
        self.core = open_core(settings, KnownPasswords({"ann": ANN, "bob": BOB, "ops": OPERATOR}), reference())
        self.public, secret = zmq.curve_keypair()
        self.transport = ZmqTransport(
            Endpoints("127.0.0.1", 0, 0, 0, 0 if lines > 1 else None), public_key=self.public, secret_key=secret,
            admission=self.core.gateway, requests_per_turn=64, commands_per_turn=4096,
        )  # fmt: skip
        transport = self.transport
        self.core.gateway.ports = (transport.order_port, transport.market_data_port, transport.market_data_b_port)
        self.pipeline = Pipeline(
            clock=time.time_ns, transport=transport, journal=self.core.journal, event_writer=self.core.event_writer,
            exchange=self.core.exchange, gateway=self.core.gateway,
        )  # fmt: skip
        self.pipeline.recover()
        self.core.gateway.append(reference_commands(reference()))
        self.pipeline.turn(0)
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.clients: list[Reader] = []

    def reader(self, name: str) -> "Reader":
        """A logged-on client that follows the books of one instrument."""
        reader = Reader(self, name)
        self.clients.append(reader)
        self.until(reader.is_in_step, "the logon")
        return reader

    def until(self, done: Callable[[], bool], what: str, *, reading: bool = True) -> None:
        """Turn the server and let the clients read until something holds."""
        deadline = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < deadline, f"{what} did not happen"
            self.pipeline.turn(0)
            for client in self.clients:
                if reading or client.reads:
                    client.poll()

    def close(self) -> None:
        """Let go of everything."""
        for client in self.clients:
            client.connection.close()
        self.context.destroy(linger=0)
        self.transport.close()
        self.core.close()


class Reader:
    """A connection with the two books of an instrument. While `reads` is off nothing is taken from its sockets."""

    def __init__(self, desk: SocketDesk, name: str) -> None:
        self.desk = desk
        self.reads = True
        self.ahead_ns = 0
        """How far its clock is ahead, as if so much time had passed."""
        self.stopped_ns = 0
        """If not 0, its clock stands still there: however slow the machine is, nothing is late."""
        self.key_pair = zmq.curve_keypair()
        self.connection = Connection(
            "127.0.0.1", desk.transport.control_port, desk.public,
            lambda: self.stopped_ns or time.time_ns() + self.ahead_ns,
            context=desk.context, key_pair=self.key_pair,
        )  # fmt: skip
        self.orders, self.depth = OrderBook(), DepthBook()
        self.incoming: list[Incoming] = []
        self.counter = 0
        self.connection.start(name, PASSWORD)
        for topic in BOOK_TOPICS:
            self.connection.subscribe(topic, VLTA)

    def poll(self) -> None:
        """Take what has come."""
        if not self.reads:
            return
        for item in self.connection.poll(0):
            self.incoming.append(item)
            if isinstance(item, MarketDataReceived):
                self._apply(item)

    def _apply(self, item: MarketDataReceived) -> None:
        book: Any = self.orders if item.topic is Topic.ORDERS else self.depth
        try:
            (book.apply_snapshot if item.snapshot else book.apply)(item.records)
        except BookBroken:
            self.connection.resync(item.topic, item.instrument, StaleReason.CHECKSUM)

    def send(self, count: int, account: int, price: int = 4000) -> None:
        """So many orders that rest, in one message."""
        rows = np.concatenate([order(0, price=price + number % 50, account=account) for number in range(count)])
        self.connection.send(rows)

    def received(self, kind: type) -> list[Any]:
        """What came, of one kind."""
        return [item for item in self.incoming if isinstance(item, kind)]

    def reasons(self) -> set[StaleReason]:
        """Why anything was ever stale."""
        return {item.reason for item in self.received(StaleChange) if item.reason}

    @property
    def fell_behind(self) -> int:
        """How often it dropped its queue."""
        return len(self.received(FellBehind))

    def is_in_step(self) -> bool:
        """Whether its session is open and nothing is missing."""
        streams = self.connection.session.feed.streams.values()
        return self.connection.session.private.synced and all(stream.synced for stream in streams)

    def equals_the_server(self) -> bool:
        """Whether both books are the engine's."""
        view = self.desk.core.gateway._parts.view
        orders, depth = OrderBook(), DepthBook()
        orders.apply_snapshot(view.book_orders(VLTA))
        depth.apply_snapshot(view.book_levels(VLTA))
        same = self.orders.orders == orders.orders
        return same and (self.depth.bids, self.depth.asks) == (depth.bids, depth.asks)
