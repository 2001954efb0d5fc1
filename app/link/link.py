"""The I/O thread: owns the connection, receives, and sends what the window asks for.

Rules: the window calls only the methods of `Link`; none of them blocks. Everything received goes to the inbox, private
events as they came. The connection reconnects by itself; an error of ours ends the thread and is told to the window.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.link.inbox import Acknowledged, Broken, Inbox, Measured, NotKept, NotSent, Sent
from server.client.connection import Connection
from server.client.incoming import (
    EventsReceived,
    Incoming,
    MarketDataReceived,
    OrdersUnknown,
    ReplyReceived,
    StaleReason,
)
from server.client.order_store import OrderStore
from server.client.session import SessionWishes
from server.protocol import control
from server.protocol.enums import CommandKind, Topic
from server.protocol.errors import LocalProtocolError

POLL_MS: Final = 100
BURST_MS: Final = 10
"""Market data is taken so far apart: the window takes it once a frame anyway, and paints undisturbed between."""
MEASURE_NS: Final = 200_000_000
UNANSWERED_MAX: Final = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server is and who we are; the password stays in memory, for logging on again."""

    host: str
    control_port: int
    server_key: bytes
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Endpoint({self.host}:{self.control_port}, {self.user!r})"


class Link:
    """One connection in one thread. `clock` gives nanoseconds since the epoch, UTC."""

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Callable[[], int],
        build: str = "",
        *,
        orders: Path | None = None,
        wishes: SessionWishes | None = None,
    ) -> None:
        """Nothing is connected before `start`. `orders`: where commands are kept on disk; None: nowhere."""
        self.inbox = Inbox()
        self.client_instance = 0
        """Half of the key of every order from here; set once the thread runs."""
        self._endpoint = endpoint
        self._clock = clock
        self._build = build
        self._orders = orders
        self._wishes = wishes
        self._store: OrderStore | None = None
        self._anew = False
        self.counter_at_start = 0
        """Commands that the instance had sent before this link; set with the instance."""
        self._outbox: deque[Callable[[Connection], None]] = deque()
        self._stopping = threading.Event()
        self._running = threading.Event()
        self._connection: Connection | None = None
        self._unanswered: dict[int, int] = {}
        self._asked: dict[int, int] = {}
        self._control_round_trip_ns = -1
        self._history_round_trip_ns = -1
        self._market_data_ns = 0
        self._measure_at_ns = 0
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def renewed(self) -> "Link":
        """Another link to the same server, that knows nothing yet and has not started; a client instance of its own."""
        link = Link(self._endpoint, self._clock, self._build, orders=self._orders, wishes=self._wishes)
        link._anew = True
        return link

    def stop(self, timeout_s: float = 2.0) -> None:
        """Log off and end the thread; waits for it."""
        self._stopping.set()
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def send(self, commands: NDArray[np.void], *, as_group: bool = False) -> None:
        """Send COMMAND rows (shape (n,)) as one message, `as_group`: one that is applied as a whole, an order and its
        terms. `Sent` or `NotSent` follows in the inbox.
        """
        self._later(lambda connection: self._send(connection, commands, as_group))

    def request(self, message: control.AnyRequest) -> None:
        """Ask the control plane; `ReplyReceived` follows in the inbox."""
        self._later(lambda connection: self._ask(connection, message))

    def cancel(self, message: control.AnyRequest) -> None:
        """The answer to a question about history is not wanted any more; `ReplyReceived` follows all the same."""
        self._later(lambda connection: connection.cancel(message))

    def subscribe(self, topic: Topic, instrument: int) -> None:
        """Follow a market data stream, over reconnections too."""
        self._later(lambda connection: connection.subscribe(topic, instrument))

    def unsubscribe(self, topic: Topic, instrument: int) -> None:
        """Follow it no longer."""
        self._later(lambda connection: connection.unsubscribe(topic, instrument))

    def resync(self, topic: Topic, instrument: int, reason: StaleReason) -> None:
        """Take a stream anew, because what was made of it here is wrong."""
        self._later(lambda connection: connection.resync(topic, instrument, reason))

    def wake(self) -> None:
        """Let the thread look at once instead of at its next turn."""
        self._wake()

    def _later(self, action: Callable[[Connection], None]) -> None:
        self._outbox.append(action)
        self._wake()

    def _wake(self) -> None:
        connection = self._connection
        if connection is not None and self._running.is_set():
            with suppress(OSError):  # the thread may be closing it at this moment
                connection.wake()

    def _run(self) -> None:
        try:
            with self._connected() as connection:
                while not self._stopping.is_set():
                    self._turn(connection)
                self._running.clear()
        except Exception as error:  # noqa: BLE001 - the window must learn that its figures stand still
            _log.exception("the link has ended")
            self._running.clear()
            self.inbox.put_item(Broken(f"{type(error).__name__}: {error}"))
        finally:
            if self._store is not None:
                self._store.close()

    def _connected(self) -> Connection:
        end = self._endpoint
        self._store = self._opened_store()
        connection = Connection(
            end.host,
            end.control_port,
            end.server_key,
            self._clock,
            resume_from=0,
            build=self._build,
            entry=self._store.entry if self._store is not None else None,
            wishes=self._wishes,
            market_data_pause_ms=BURST_MS,
        )
        self.client_instance = connection.session.entry.client_instance
        self.counter_at_start = connection.session.entry.counter
        unanswered = connection.session.entry.pending
        if len(unanswered):
            self.inbox.put_item(Sent(unanswered, self._clock()))
            self.inbox.put_item(OrdersUnknown(unanswered))
        self._connection = connection
        connection.start(end.user, end.password)
        self._running.set()
        return connection

    def _opened_store(self) -> OrderStore | None:
        """The commands kept on disk; without them the window still works, and says so."""
        if self._orders is None:
            return None
        try:
            return OrderStore.open(self._orders, self._endpoint.server_key, self._endpoint.user, anew=self._anew)
        except OSError as error:
            _log.warning("the order store cannot be used: %s", error)
            self.inbox.put_item(NotKept(f"{error.strerror or error}"))
            return None

    def _turn(self, connection: Connection) -> None:
        while self._outbox:
            self._outbox.popleft()(connection)
        incoming = connection.poll(POLL_MS)
        now_ns = self._clock()
        if incoming:
            self._observe(incoming, now_ns)
            self.inbox.put(incoming)
        if now_ns >= self._measure_at_ns:
            self._measure_at_ns = now_ns + MEASURE_NS
            session = connection.session
            counts = session.feed.counts()
            gaps = sum(one.gaps for one in counts.values()) + session.private.gaps
            self.inbox.put_item(
                Measured(
                    gaps,
                    self._market_data_ns,
                    self._control_round_trip_ns,
                    counts,
                    session.feed.fallen_behind,
                    self._history_round_trip_ns,
                    [(line.messages, line.first) for line in session.market.lines.lines],
                )
            )
            for topic, instrument in self.inbox.take_lost():
                connection.resync(topic, instrument, StaleReason.OVERFLOW)

    def _observe(self, incoming: list[Incoming], now_ns: int) -> None:
        """Note the times that only this thread sees."""
        for one in incoming:
            if isinstance(one, MarketDataReceived):
                self._market_data_ns = now_ns
            elif isinstance(one, EventsReceived):
                if self._unanswered and not one.resumed:
                    self._answered(one.events, now_ns)
            elif isinstance(one, ReplyReceived):
                sent_ns = self._asked.pop(one.request.request_id, 0)
                if sent_ns and isinstance(one.request, control.GetBars | control.GetBarSeries | control.GetTicks):
                    self._history_round_trip_ns = now_ns - sent_ns
                elif sent_ns:
                    self._control_round_trip_ns = now_ns - sent_ns

    def _answered(self, events: NDArray[np.void], now_ns: int) -> None:
        mine = events["client_instance"] == np.uint64(self.client_instance)
        for counter in events["counter"][mine].tolist():
            sent_ns = self._unanswered.pop(counter, 0)
            if sent_ns:
                self.inbox.put_item(Acknowledged(now_ns - sent_ns))

    def _send(self, connection: Connection, commands: NDArray[np.void], as_group: bool) -> None:
        now_ns = self._clock()
        try:
            first = connection.send(commands, as_group=as_group)
        except LocalProtocolError as error:
            self.inbox.put_item(NotSent(commands, str(error)))
            return
        stamped = commands.copy()
        counted = stamped["kind"] != CommandKind.ORDER_TERMS  # what continues an order has no counter of its own
        end = first + int(counted.sum())
        stamped["client_instance"][counted] = np.uint64(self.client_instance)
        stamped["counter"][counted] = np.arange(first, end, dtype=np.uint64)
        if len(self._unanswered) < UNANSWERED_MAX:
            self._unanswered.update(dict.fromkeys(range(first, end), now_ns))
        self.inbox.put_item(Sent(stamped, now_ns))

    def _ask(self, connection: Connection, message: control.AnyRequest) -> None:
        if len(self._asked) > UNANSWERED_MAX:
            self._asked.clear()
        self._asked[connection.request(message)] = self._clock()
