"""A client: the real session, order entry and books over simulated sockets, as `server/client/connection.py` does it.

Rules: what the session wants is left to the sockets; what it knows is built from what the session hands over, and from
nothing else.
"""

from collections.abc import Callable, Iterable
from functools import partial

from app.state.orders import OrderTable
from server.client.book import BookBroken, DepthBook, OrderBook
from server.client.incoming import (
    EventsReceived,
    Faulted,
    Incoming,
    LoggedOn,
    MarketDataReceived,
    OrdersUnknown,
    PrivateRolledBack,
)
from server.client.order_entry import OrderEntry
from server.client.session import ClientSession, Credentials, SessionWishes, Stage
from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN, ORDERS_DOMAIN
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, FaultCode, RejectReason, Topic
from server.protocol.errors import RemoteProtocolError
from tests.simulator.faults import Counts
from tests.simulator.network import Link, Network
from tests.simulator.schedule import Schedule
from tests.simulator.sockets import Sockets

_FOR_CAUSE = (
    FaultCode.MALFORMED, FaultCode.TOO_LARGE, FaultCode.FOREIGN_SESSION, FaultCode.UNSUPPORTED_VERSION,
    FaultCode.WRONG_CREDENTIALS, FaultCode.NOT_PERMITTED,
)  # fmt: skip
BOOK_TOPICS = (Topic.ORDERS, Topic.DEPTH, Topic.TRADES, Topic.QUOTE)


class Trader:
    """One client instance of one user with a key of its own."""

    def __init__(
        self, schedule: Schedule, counts: Counts, network: Network, *, number: int, user: str, user_id: int,
        account: int, on_events: Callable[["Trader", Records], None],
        on_store: Callable[[bytes], None], on_begin: Callable[["Trader"], None], is_honest: bool,
        wishes: SessionWishes | None = None,
    ) -> None:  # fmt: skip
        """`on_begin` is called with each new process, `on_store` with what is stored; `wishes` are those of a logon.

        One that is not honest has its sessions closed for cause.
        """
        self.user = user
        self.user_id = user_id
        self.account = account
        self.key = f"{number:016x}" + "0" * 48
        self.instance = 1000 + number
        self.stored: list[bytes] = []
        """What order entry had stored before it was sent: COMMAND rows. It outlives the process."""
        self.broken: list[str] = []
        """What the session handed over and must not have."""
        self.offset_ns = 0
        """What its clock is ahead."""
        self.is_gone = False
        """Whether there is no process."""
        self._wishes_of_session = wishes
        self._schedule = schedule
        self._counts = counts
        self._network = network
        self._on_events = on_events
        self._on_store = on_store
        self._on_begin = on_begin
        self._is_honest = is_honest
        self._life = 0
        self._wishes = 0
        self._begin()

    def _begin(self) -> None:
        """A new process, which knows what was stored and nothing else."""
        self._life += 1
        self.is_gone = False
        entry = OrderEntry(self.instance, self._store, unanswered=self.stored)
        self.session = ClientSession(entry, resume_from=0, valid_for_ns=5_000_000_000, wishes=self._wishes_of_session)
        self.orders = OrderTable()
        self.events: list[Records] = []
        self.order_books: dict[int, OrderBook] = {}
        self.depth_books: dict[int, DepthBook] = {}
        self.quotes: dict[int, Records] = {}
        self.trade_gaps = 0
        self.sockets = Sockets(
            self._network, self._counts, self.key,
            on_control=self._on_control, on_orders=self._on_orders, on_data=self._on_data,
        )  # fmt: skip
        self._on_begin(self)

    def _store(self, rows: bytes) -> None:
        self.stored.append(rows)
        self._on_store(rows)

    def now_ns(self) -> int:
        """Its own clock."""
        return self._schedule.now_ns + self.offset_ns

    @property
    def is_online(self) -> bool:
        """Whether commands can be sent."""
        return self.session.stage is Stage.ONLINE and not self.is_gone

    def start(self) -> None:
        """Log on, and again after each break."""
        self.session.start(self.now_ns(), Credentials(self.user, "a long enough word"))
        self.act()
        self._plan_tick()

    def log_on_again(self) -> None:
        """Log on after a logoff."""
        if self.session.stage is Stage.IDLE and not self.is_gone:
            self.session.start(self.now_ns(), Credentials(self.user, "a long enough word"))
            self.act()

    def restart(self, instruments: Iterable[int]) -> None:
        """The process is killed and another one begins, on the same machine and with the same key."""
        self.sockets.close()
        self._begin()
        for instrument in instruments:
            self.follow(instrument)
        self.start()

    def vanish(self) -> int:
        """The process is killed, and no other one begins; a number to `come_back` with."""
        self.sockets.close()
        self._life += 1
        self.is_gone = True
        return self._life

    def come_back(self, number: int, instruments: Iterable[int]) -> None:
        """Another process begins, unless one has already."""
        if number == self._life:
            self.restart(instruments)

    def log_off(self) -> None:
        """End the session and stay away."""
        self.session.stop()
        self.act()

    def send(self, commands: Records, *, as_group: bool = False) -> None:
        """Send commands; the session is open. Each says in `decision_maker` which wish of its user it is."""
        for row in commands:
            if row["kind"] < CommandKind.ORDER_TERMS:
                self._wishes += 1
                row["decision_maker"] = self._wishes
        self.session.send(commands, self.now_ns(), as_group=as_group)
        self.act()

    def repeat(self, frame: bytes) -> None:
        """Send a frame of this session once more, as a client may that doubts."""
        self.sockets.throw(ORDERS_DOMAIN, frame)

    def follow(self, instrument: int) -> None:
        """Subscribe to all streams of an instrument that it keeps."""
        for topic in BOOK_TOPICS:
            self.session.subscribe(topic, instrument)
        self.act()

    def leave(self, instrument: int) -> None:
        """Unsubscribe from them."""
        for topic in BOOK_TOPICS:
            self.session.unsubscribe(topic, instrument)
        for books in (self.order_books, self.depth_books, self.quotes):
            books.pop(instrument, None)
        self.act()

    def links(self) -> list[Link]:
        """Its open connections."""
        return self._network.links_of(self.key)

    # ---- what arrives ----

    def _on_control(self, _: bytes, frame: bytes) -> None:
        self._take(lambda now_ns: self.session.on_control(frame, now_ns), CONTROL_DOMAIN, frame)

    def _on_orders(self, _: bytes, frame: bytes) -> None:
        self._take(lambda now_ns: self.session.on_orders(frame, now_ns), ORDERS_DOMAIN, frame)

    def _on_data(self, topic: bytes, frame: bytes) -> None:
        self._take(lambda now_ns: self.session.on_market_data(topic, frame, now_ns), MARKET_DATA_DOMAIN, frame)

    def _take(self, hand_over: Callable[[int], None], domain: str, frame: bytes) -> None:
        now_ns = self.now_ns()
        self._schedule.note(f"{self.key[:16]} {domain}", frame)
        try:
            hand_over(now_ns)
        except RemoteProtocolError as error:
            self._counts["client.protocol_error"] += 1
            self.session.on_disconnected(now_ns, str(error))
        self.act()

    def _plan_tick(self) -> None:
        self._schedule.after(self.session.heartbeat_ns // 4, partial(self._tick, self._life))

    def _tick(self, life: int) -> None:
        if life != self._life:
            return
        now_ns = self.now_ns()
        if self.sockets.orders_are_gone and self.is_online:
            self.session.on_disconnected(now_ns, "the server closed the connection")
        self.session.on_time(now_ns)
        self.act()
        self._plan_tick()

    # ---- what the session wants ----

    def act(self) -> None:
        """Carry out the session's actions and take what it hands over, until there is nothing left."""
        while not self.is_gone:
            actions, incoming = self.session.take()
            if not actions and not incoming:
                return
            for action in actions:
                self.sockets.carry_out(action)
            self.sockets.flush()
            for item in incoming:
                self._know(item)

    # ---- what it knows ----

    def _know(self, item: Incoming) -> None:
        if isinstance(item, EventsReceived):
            self._on_events(self, item.events)
            self._counts["client.engine_fault"] += int((item.events["reason"] == RejectReason.ENGINE_FAULT).sum())
            self._counts["client.resumed_events"] += len(item.events) if item.resumed else 0
            if int(item.events["stream_sequence"][0]):
                self.events.append(item.events)
                for event in item.events:
                    self.orders.apply_event(event)
        elif isinstance(item, MarketDataReceived):
            self._on_market_data(item)
        elif isinstance(item, PrivateRolledBack):
            self.broken.append(f"{self.user} was told that events after {item.sequence} never happened")
        elif isinstance(item, OrdersUnknown):
            self._counts["client.unknown_commands"] += len(item.commands)
        elif isinstance(item, LoggedOn):
            self.sockets.sent.clear()
        elif isinstance(item, Faulted):
            self._counts[f"client.fault.{item.code.name}"] += 1
            self.sockets.sent.clear()
            if self._is_honest and item.code in _FOR_CAUSE:
                self.broken.append(f"the session of {self.user} was closed for {item.code.name}, and it did nothing")

    def _on_market_data(self, item: MarketDataReceived) -> None:
        if (item.topic, item.instrument) not in self.session.feed.streams:
            return
        if item.topic is Topic.ORDERS:
            orders = self.order_books.setdefault(item.instrument, OrderBook())
            try:
                (orders.apply_snapshot if item.snapshot else orders.apply)(item.records)
            except BookBroken as error:
                self.broken.append(f"the book of {item.instrument} that {self.user} keeps broke: {error}")
        elif item.topic is Topic.DEPTH:
            depth = self.depth_books.setdefault(item.instrument, DepthBook())
            try:
                (depth.apply_snapshot if item.snapshot else depth.apply)(item.records)
            except BookBroken as error:
                self.broken.append(f"the depth of {item.instrument} that {self.user} keeps broke: {error}")
        elif item.topic is Topic.QUOTE:
            self.quotes[item.instrument] = item.records[-1:]
        elif item.topic is Topic.TRADES and item.gap:
            self.trade_gaps += 1
