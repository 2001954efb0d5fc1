"""The client's ZeroMQ sockets, owned by the thread that calls; no thread of its own and no call that blocks unasked.

Rules: all but `wake` belong to one thread. CURVE always. Orders: ZMQ_IMMEDIATE and a small high-water mark, so that
nothing waits in a queue for a server that is not there; what can't be sent now stays here and is dropped with the
session. `poll` carries out the session's actions; `hello`, `logon` and `ask` add a deadline, for tools and tests.
"""

import logging
import secrets
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import zmq

from server.client.actions import (
    CloseStreams,
    OpenStreams,
    ReopenMarketData,
    SendControl,
    SendOrders,
    Subscribe,
    Unsubscribe,
)
from server.client.client_sockets import CLIENT_CONTROL, CLIENT_MARKET_DATA, CLIENT_ORDERS
from server.client.drop_copy import DropCopyCursor
from server.client.incoming import Faulted, Incoming, LoggedOn, ReplyReceived, StaleReason, Welcomed
from server.client.market_feed import PATIENCE_NS
from server.client.order_entry import VALID_FOR_NS, OrderEntry
from server.client.session import ClientSession, Credentials, SessionWishes, Stage
from server.client.socket_options import SocketOptions, open_socket
from server.protocol import control
from server.protocol.codec import Records
from server.protocol.enums import FaultCode, Topic
from server.protocol.errors import RemoteProtocolError

MESSAGES_PER_POLL: Final = 500
CONTROL_OUTBOX: Final = 4096
"""Requests that wait for the socket; a workstation asks for some hundred at once when it has logged on."""
_READABLE: Final = int(zmq.POLLIN)

_log = logging.getLogger(__name__)


class ConnectionRefused(Exception):
    """The server did not let us in, or did not answer in time; the text says which."""

    def __init__(self, code: FaultCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class Connection:
    """One client of one server. `clock` gives nanoseconds since the epoch, UTC; `wishes` go with each logon.

    `entry` carries an order entry over from an earlier connection, with what it has unanswered; by default a new client
    instance is drawn. `resume_from` is the newest private event that is known already (None: only what comes),
    seen in `resume_epoch` (0: not known).
    With `market_data_pause_ms` market data is taken in bursts so far apart, which disturbs another thread of the same
    interpreter much less than message by message; orders and replies are never held back.
    """

    def __init__(
        self,
        host: str,
        control_port: int,
        server_key: bytes,
        clock: Callable[[], int],
        *,
        key_pair: tuple[bytes, bytes] | None = None,
        entry: OrderEntry | None = None,
        resume_from: int | None = None,
        valid_for_ns: int = VALID_FOR_NS,
        build: str = "",
        context: zmq.Context[zmq.Socket[bytes]] | None = None,
        market_data_pause_ms: int = 0,
        wishes: SessionWishes | None = None,
        resume_epoch: int = 0,
    ) -> None:
        chosen = OrderEntry(secrets.randbits(63) | 1) if entry is None else entry
        self.session = ClientSession(chosen, resume_from, build, valid_for_ns, wishes, resume_epoch)
        self._host = host
        self._server_key = server_key
        self._clock = clock
        self._public_key, self._secret_key = zmq.curve_keypair() if key_pair is None else key_pair
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance() if context is None else context
        self._poller = zmq.Poller()
        self._pause_ms = market_data_pause_ms
        self._market_data_at_ns = 0
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._poller.register(self._wake_in, zmq.POLLIN)
        self._control = self._connect(zmq.DEALER, control_port, CLIENT_CONTROL)
        self._orders: zmq.Socket[bytes] | None = None
        self._market_data: list[zmq.Socket[bytes]] = []
        """One line, or two of the same content."""
        self._market_data_ports: tuple[int, ...] = ()
        self._monitor: zmq.Socket[bytes] | None = None
        self._control_outbox: deque[bytes] = deque()
        self._orders_outbox: deque[bytes] = deque()
        self._ready: list[Incoming] = []
        self._incoming: list[Incoming] = []
        self._next_tick_ns = 0
        self._tick_ms = 50

    # ---- without waiting ----

    def start(self, user: str, password: str) -> None:
        """Begins hello and logon; `poll` does the rest, and again after each break."""
        self.session.start(self._clock(), Credentials(user, password))
        self._act()

    def poll(self, timeout_ms: int) -> list[Incoming]:
        """Waits up to `timeout_ms` (or the next heartbeat) for something to know; returns what came, in order."""
        if self._ready:
            ready, self._ready = self._ready, []
            return ready
        readable = self._poller.poll(self._wait_ms(min(timeout_ms, self._tick_ms)))
        now_ns = self._clock()
        try:
            for sock, _ in readable:
                if self._orders is not None and sock is self._orders:
                    _drain(self._orders, self.session.on_orders, now_ns)
                elif sock is self._control:
                    _drain(self._control, self.session.on_control, now_ns)
                elif sock is self._wake_in or sock == self._wake_in.fileno():
                    self._wake_in.recv(4096)
                else:
                    self._receive_market_data(now_ns)
            if self._pause_ms and now_ns >= self._market_data_at_ns:
                self._market_data_at_ns = now_ns + self._pause_ms * 1_000_000
                self._receive_market_data(now_ns)
        except RemoteProtocolError as error:
            _log.warning("the server broke the protocol: %s", error)
            self.session.on_disconnected(now_ns, str(error))
        if now_ns >= self._next_tick_ns:
            self._tick(now_ns)
        self._act()
        incoming, self._incoming = self._incoming, []
        return incoming

    def _tick(self, now_ns: int) -> None:
        session = self.session
        tick_ns = session.heartbeat_ns // 4 if len(self._market_data) < 2 else PATIENCE_NS
        self._next_tick_ns = now_ns + tick_ns
        self._tick_ms = tick_ns // 1_000_000
        if self._monitor is not None and session.stage is Stage.ONLINE and _readable(self._monitor):
            session.on_disconnected(now_ns, "the server closed the connection")
        session.on_time(now_ns)

    def _wait_ms(self, timeout_ms: int) -> int:
        """How long a poll may wait: no longer than until market data that is taken in bursts is due again."""
        if not self._pause_ms or not self._market_data:
            return timeout_ms
        left_ms = (self._market_data_at_ns - self._clock()) // 1_000_000 + 1
        return max(0, min(timeout_ms, left_ms))

    def send(self, commands: Records, *, as_group: bool = False) -> int:
        """Sends COMMAND rows (shape (n,)) as one message; returns the first counter. Raises without a session.

        `as_group`: they are one group, applied as a whole.
        """
        counter = self.session.send(commands, self._clock(), as_group=as_group)
        self._act()
        return counter

    def request(self, message: control.AnyRequest) -> int:
        """Asks the control plane; the answer comes as `ReplyReceived` with the id returned here."""
        request_id = self.session.request(message)
        self._act()
        return request_id

    def cancel(self, message: control.AnyRequest) -> None:
        """Lets the server drop a question about history; its answer, a refusal, comes as that of any other."""
        self.session.cancel(message)
        self._act()

    def subscribe(self, topic: Topic, instrument: int) -> None:
        """Follows a market data stream from now on, over reconnections too."""
        self.session.subscribe(topic, instrument)
        self._act()

    def unsubscribe(self, topic: Topic, instrument: int) -> None:
        """Follows it no longer."""
        self.session.unsubscribe(topic, instrument)
        self._act()

    def follow_drop_copy(self, asked: control.OpenDropCopy, cursor: DropCopyCursor | None = None) -> None:
        """Follows all events of accounts that the user may view, after the cursor, over reconnections too."""
        self.session.drop_copy.follow(asked, cursor)
        self.session.on_time(self._clock())
        self._act()

    def resync(self, topic: Topic, instrument: int, reason: StaleReason) -> None:
        """Takes a stream anew, because what was made of it is wrong."""
        self.session.market.resync(topic, instrument, reason)
        self._act()

    def wake(self) -> None:
        """Ends a waiting `poll`, from any thread."""
        with suppress(BlockingIOError):
            self._wake_out.send(b"w")

    def close(self) -> None:
        """Logs off and closes the sockets; does not wait."""
        self.session.stop()
        self._act()
        self._close_streams()
        self._control.close(linger=200)
        self._wake_in.close()
        self._wake_out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- with a deadline, for tools and tests ----

    def hello(self, timeout_ms: int = 5000) -> control.Welcome:
        """Asks the server who it is. Raises `ConnectionRefused` if it does not say so in time."""
        self.session.start(self._clock())
        self._act()
        incoming = self._wait(lambda item: isinstance(item, Welcomed), timeout_ms)
        assert isinstance(incoming, Welcomed)
        return incoming.welcome

    def logon(self, user: str, password: str, timeout_ms: int = 10_000) -> control.LogonAccepted:
        """Opens a session. Raises `ConnectionRefused`. Private events and stream states follow by `poll`."""
        self.start(user, password)
        incoming = self._wait(lambda item: isinstance(item, LoggedOn), timeout_ms)
        assert isinstance(incoming, LoggedOn)
        return incoming.accepted

    def ask(self, message: control.AnyRequest, timeout_ms: int = 5000) -> control.AnyReply:
        """Asks and waits for the answer; what else arrives is kept for `poll`."""
        request_id = self.request(message)
        incoming = self._wait(
            lambda item: isinstance(item, ReplyReceived) and item.request.request_id == request_id, timeout_ms
        )
        assert isinstance(incoming, ReplyReceived)
        return incoming.reply

    def _wait(self, wanted: Callable[[Incoming], bool], timeout_ms: int) -> Incoming:
        deadline_ns = self._clock() + timeout_ms * 1_000_000
        kept: list[Incoming] = []
        while True:
            remaining_ms = (deadline_ns - self._clock()) // 1_000_000
            if remaining_ms < 0:
                self._ready = kept
                raise ConnectionRefused(FaultCode.UNAVAILABLE, f"no answer within {timeout_ms / 1000:.1f} s")
            incoming = self.poll(min(remaining_ms, 100))
            for index, item in enumerate(incoming):
                if wanted(item):
                    self._ready = kept + incoming[index + 1 :]
                    return item
                if isinstance(item, Faulted) and item.final:
                    self._ready = kept + incoming[index:]
                    raise ConnectionRefused(item.code, item.text)
                kept.append(item)

    # ---- sockets ----

    def _connect(self, kind: int, port: int, options: SocketOptions) -> zmq.Socket[bytes]:
        sock = open_socket(self._context, kind, options)
        sock.curve_serverkey = self._server_key
        sock.curve_publickey = self._public_key
        sock.curve_secretkey = self._secret_key
        sock.connect(f"tcp://{self._host}:{port}")
        if kind != zmq.SUB or not self._pause_ms:
            self._poller.register(sock, zmq.POLLIN)
        return sock

    def _act(self) -> None:
        actions, incoming = self.session.take()
        self._incoming.extend(incoming)
        for action in actions:
            if isinstance(action, SendOrders):
                self._send_orders(action)
            elif isinstance(action, SendControl):
                if len(self._control_outbox) < CONTROL_OUTBOX:
                    self._control_outbox.append(action.frame)
                else:  # the server takes nothing; whoever asked is told so in time by the table of requests
                    _log.warning("%d requests wait for the server already, one was given up", CONTROL_OUTBOX)
            elif isinstance(action, OpenStreams):
                self._close_streams()
                self._orders = self._connect(zmq.DEALER, action.order_port, CLIENT_ORDERS)
                ports = (action.market_data_port, action.market_data_b_port)
                self._market_data_ports = tuple(port for port in ports if port)
                self._market_data = [
                    self._connect(zmq.SUB, port, CLIENT_MARKET_DATA) for port in self._market_data_ports
                ]
                self._monitor = self._orders.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            elif isinstance(action, CloseStreams):
                self._close_streams()
            elif isinstance(action, ReopenMarketData):
                _close_sockets(self._poller, self._market_data)
                self._market_data = [
                    self._connect(zmq.SUB, port, CLIENT_MARKET_DATA) for port in self._market_data_ports
                ]
            else:
                assert isinstance(action, Subscribe | Unsubscribe)
                option = zmq.SUBSCRIBE if isinstance(action, Subscribe) else zmq.UNSUBSCRIBE
                for line in self._market_data:
                    line.setsockopt(option, action.prefix)
        if self._control_outbox:
            self._flush(self._control, self._control_outbox)
        if self._orders_outbox and self._orders is not None:
            self._flush(self._orders, self._orders_outbox)

    def _send_orders(self, action: SendOrders) -> None:
        if self._orders is None:
            return
        if not self._orders_outbox:
            try:
                self._orders.send(action.frame, zmq.NOBLOCK)
                return
            except zmq.Again:
                pass
        if not action.heartbeat:
            self._orders_outbox.append(action.frame)

    def _flush(self, sock: "zmq.Socket[bytes]", outbox: deque[bytes]) -> None:
        """Sends what waits; while something does, the poll also wakes when the socket can take it."""
        try:
            while outbox:
                sock.send(outbox[0], zmq.NOBLOCK)
                outbox.popleft()
            self._poller.modify(sock, zmq.POLLIN)
        except zmq.Again:
            self._poller.modify(sock, zmq.POLLIN | zmq.POLLOUT)

    def _close_streams(self) -> None:
        if self._monitor is not None and self._orders is not None:
            self._orders.disable_monitor()
        _close_sockets(self._poller, [*self._market_data, *([] if self._orders is None else [self._orders])])
        self._orders = None
        self._market_data = []
        self._monitor = None
        self._orders_outbox.clear()

    def _receive_market_data(self, now_ns: int) -> None:
        """What waits on each line, up to a limit; what is left lying after the session has given it up goes unread."""
        fallen_behind = self.session.feed.fallen_behind
        for number, line in enumerate(self._market_data):
            left = MESSAGES_PER_POLL
            while left and _readable(line):
                left -= 1
                frames = line.recv_multipart(zmq.NOBLOCK)
                if len(frames) != 2:
                    raise RemoteProtocolError(f"market data of {len(frames)} frames")
                self.session.on_market_data(frames[0], frames[1], now_ns, number)
                if self.session.feed.fallen_behind != fallen_behind:
                    return


def _drain(sock: "zmq.Socket[bytes]", take: Callable[[bytes, int], None], now_ns: int) -> None:
    """Hands over the frames that wait, up to a limit."""
    left = MESSAGES_PER_POLL
    while left and _readable(sock):
        left -= 1
        take(sock.recv(zmq.NOBLOCK), now_ns)


def _readable(sock: "zmq.Socket[bytes]") -> bool:
    """Whether another message waits; asking is cheaper than the exception of an empty receive."""
    events = sock.get(zmq.EVENTS)
    assert isinstance(events, int)
    return events & _READABLE != 0


def _close_sockets(poller: zmq.Poller, sockets: "list[zmq.Socket[bytes]]") -> None:
    for sock in sockets:
        if sock in poller:
            poller.unregister(sock)
        sock.close(linger=0)
