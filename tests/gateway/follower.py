"""A client of a desk whose market data goes through a relay that loses, doubles and mixes up what it carries.

Rules: the real session and the real books; one seed decides what happens to which message; time is the desk's.
"""

import random
from collections.abc import Iterable
from typing import Any

from server.client.actions import ReopenMarketData, SendControl, SendOrders, Subscribe, Unsubscribe
from server.client.book import BookBroken, DepthBook, OrderBook
from server.client.incoming import FellBehind, Incoming, LineChange, MarketDataReceived, StaleChange, StaleReason
from server.client.order_entry import OrderEntry
from server.client.session import ClientSession, Credentials, Stage
from server.protocol.enums import Topic
from tests.gateway.desk import PASSWORD, Desk

BOOK_TOPICS = (Topic.ORDERS, Topic.DEPTH, Topic.TRADES, Topic.QUOTE, Topic.STATUS)
Frames = list[tuple[bytes, bytes]]


class Relay:
    """Between publisher and client. Probabilities by message; `burst_left`: so many are dropped in a row."""

    def __init__(self, seed: int, *, drop: float = 0.0, double: float = 0.0, reorder: float = 0.0) -> None:
        self.random = random.Random(seed)
        self.drop, self.double, self.reorder = drop, double, reorder
        self.burst_left = 0
        self.dropped = 0
        self._held: Frames = []

    def calm(self) -> None:
        """From now on it carries what it gets."""
        self.drop = self.double = self.reorder = 0.0
        self.burst_left = 0

    def carry(self, messages: Iterable[tuple[bytes, bytes]]) -> Frames:
        """What comes out now; what is held back comes later, if at all."""
        out: Frames = []
        for message in messages:
            if self.burst_left:
                self.burst_left -= 1
                self.dropped += 1
            elif self.random.random() < self.drop:
                self.dropped += 1
            elif self.random.random() < self.reorder:
                self._held.append(message)
            else:
                out += [message] * (2 if self.random.random() < self.double else 1)
                while self._held and self.random.random() < 0.5:
                    out.append(self._held.pop(self.random.randrange(len(self._held))))
        if not self.reorder:
            out += self._held
            self._held = []
        return out


class Follower:
    """A logged-on session that follows all streams of one instrument; `lines` may be two relays."""

    def __init__(self, desk: Desk, name: str, instrument: int, *lines: Relay, key: int = 77) -> None:
        self.desk, self.instrument, self.lines = desk, instrument, lines or (Relay(0),)
        self.client = desk.client(name, key)
        desk.gateway.ports = (1, 2, 3 if len(self.lines) > 1 else 0)
        self.session = ClientSession(OrderEntry(4711), resume_from=0)
        self.orders, self.depth = OrderBook(), DepthBook()
        self.received: list[MarketDataReceived] = []
        self.stale: list[StaleChange] = []
        self.fallen_behind = 0
        self.silent: list[LineChange] = []
        self.broken: list[str] = []
        self._next_tick_ns = 0
        self.answers_arrive = True
        self.session.start(desk.clock.now_ns, Credentials(name, PASSWORD))
        self.act()
        while self.session.stage is not Stage.ONLINE:
            self.turn()
        for topic in BOOK_TOPICS:
            self.session.subscribe(topic, instrument)
        self.act()
        self.turn()

    def turn(self) -> Any:
        """A turn of the server, and everything that it sent reaches the client, through the relay or not."""
        outbox = self.desk.turn()
        self.take(outbox)
        return outbox

    def take(self, outbox: Any) -> None:
        """What a turn sent."""
        now_ns = self.desk.clock.now_ns
        for address, frame in outbox.control:
            if address == self.client.address and self.answers_arrive:
                self.session.on_control(frame, now_ns)
        for address, frame in outbox.orders:
            if address == self.client.address:
                self.session.on_orders(frame, now_ns)
        self._know()
        carried = [relay.carry(self._followed(outbox.market_data)) for relay in self.lines]
        for number, line in enumerate(carried):
            for topic, frame in line:
                self.session.on_market_data(topic, frame, now_ns, number)
        if now_ns >= self._next_tick_ns:
            self._next_tick_ns = now_ns + 50_000_000
            self.session.on_time(now_ns)
        self.act()

    def _followed(self, messages: Frames) -> Frames:
        ours = self.instrument.to_bytes(4, "big")
        return [(topic, frame) for topic, frame in messages if topic[1:] == ours or topic[0] == Topic.HEARTBEAT]

    def act(self) -> None:
        """Carry out what the session wants, and learn what it says."""
        self._know()
        actions, incoming = self.session.take()
        for action in actions:
            if isinstance(action, SendControl):
                self.desk.transport.request(self.client.key, self.client.address, action.frame)
            elif isinstance(action, SendOrders):
                self.desk.transport.order(self.client.key, self.client.address, action.frame)
            elif isinstance(action, Subscribe):
                self.desk.gateway.admits_subscription(self.client.key, action.prefix)
            elif isinstance(action, Unsubscribe):
                self.desk.gateway.ends_subscription(self.client.key, action.prefix)
            elif isinstance(action, ReopenMarketData):
                for relay in self.lines:
                    relay.carry([])
        self._learn(incoming)

    def _know(self) -> None:
        actions, incoming = self.session.take()
        self.session._actions[:0] = actions
        self._learn(incoming)

    def _learn(self, incoming: list[Incoming]) -> None:
        for item in incoming:
            if isinstance(item, StaleChange):
                self.stale.append(item)
            elif isinstance(item, LineChange):
                self.silent.append(item)
            elif isinstance(item, FellBehind):
                self.fallen_behind += 1
            elif isinstance(item, MarketDataReceived):
                self.received.append(item)
                self._apply(item)

    def _apply(self, item: MarketDataReceived) -> None:
        books = {Topic.ORDERS: self.orders, Topic.DEPTH: self.depth}
        book = books.get(item.topic)
        if book is None:
            return
        try:
            (book.apply_snapshot if item.snapshot else book.apply)(item.records)  # type: ignore[attr-defined]
        except BookBroken as error:
            self.broken.append(str(error))
            self.session.market.resync(item.topic, item.instrument, StaleReason.CHECKSUM)

    def is_in_step(self) -> bool:
        """Whether nothing is stale or missing."""
        return all(stream.synced for stream in self.session.feed.streams.values())

    def equals_the_server(self) -> bool:
        """Whether both books are the engine's."""
        view = self.desk.gateway._parts.view
        orders, depth = OrderBook(), DepthBook()
        orders.apply_snapshot(view.book_orders(self.instrument))
        depth.apply_snapshot(view.book_levels(self.instrument))
        return (
            self.orders.orders == orders.orders
            and self.orders.checksum() == orders.checksum()
            and (self.depth.bids, self.depth.asks) == (depth.bids, depth.asks)
        )
