"""ZeroMQ under the gateway: two ROUTERs, one XPUB or two, and the ZAP handler, all owned by the calling thread.

Rules: the ZAP handler is bound before any other socket, in the same thread, so that no handshake can pass it by. Every
socket has its limits set (`gateway_sockets.py`). Sends never wait: a peer that is gone or full is counted. The key of
a message is the User-Id of its own frame. A key whose session has ended is cut off from market data before anything
else is published. Orders are taken first; handshakes and connections are looked at a few a turn. Each kind of socket
has an I/O thread of its own, so that handshakes of strangers on the control socket never wait in front of an order.

Waiting is done on the sockets' descriptors, because zmq_poll asks every socket twice, and each question is a call of
the system. Such a descriptor tells of news to a socket, not of messages in it, and any call may use the news up. So a
socket that was used since it was last found empty is asked before the wait (`_unsure`), and all are after a wait in
vain.
"""

import selectors
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zmq

from server.client.socket_options import INTERNAL, SocketOptions, open_socket
from server.gateway.connection_guard import ConnectionGuard, network_of
from server.gateway.connection_monitor import SWEEP_NS, ConnectionMonitor, connections_allowed, shut_down
from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN, ORDERS_DOMAIN
from server.gateway.gateway_sockets import CONTROL, HISTORY_CLIENT, LINGER_MS, MARKET_DATA, ORDERS
from server.gateway.market_data_line import MarketDataLine
from server.gateway.outbox import Admission, Arrivals, OrderMessage, Outbox
from server.gateway.zap import ENDPOINT, address_of, answer, put_off
from server.settings import SocketSettings

IO_THREADS = 3
_ORDERS_THREAD, _CONTROL_THREAD, _MARKET_DATA_THREAD = 1, 2, 4
_NO_WAIT = zmq.NOBLOCK
_FIRST_PART = zmq.NOBLOCK | zmq.SNDMORE


class PortInUse(Exception):
    """A socket cannot be bound; the text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where to bind; a port of 0 means any free one."""

    host: str
    control_port: int
    order_port: int
    market_data_port: int
    market_data_b_port: int | None = None
    """None: there is no second line."""


class ZmqTransport:
    """The server's sockets. Not thread-safe: made, polled and closed by the loop's thread."""

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        public_key: bytes,
        secret_key: bytes,
        admission: Admission,
        requests_per_turn: int,
        commands_per_turn: int,
        limits: SocketSettings | None = None,
        timer: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context(IO_THREADS)
        self._limits = limits or SocketSettings()
        self._timer = timer
        self._guard = ConnectionGuard(
            self._limits, connections_allowed(self._limits.connections_max), admission.has_session
        )
        self._sweep_due_ns = 0
        self._admission = admission
        self._requests_per_turn = requests_per_turn
        self._commands_per_turn = commands_per_turn
        self._keys = (public_key, secret_key)
        self.counters: dict[str, int] = defaultdict(int)
        self._selector = selectors.DefaultSelector()
        self._unsure: set[zmq.Socket[bytes]] = set()
        self._history: zmq.Socket[bytes] | None = None
        self._monitors: dict[zmq.Socket[bytes], ConnectionMonitor] = {}
        self._zap = open_socket(self._context, zmq.REP, INTERNAL)
        self._zap.bind(ENDPOINT)
        try:
            self._control, self.control_port = self._bind(
                zmq.ROUTER, CONTROL_DOMAIN, endpoints.host, endpoints.control_port, CONTROL, _CONTROL_THREAD
            )
            self._orders, self.order_port = self._bind(
                zmq.ROUTER, ORDERS_DOMAIN, endpoints.host, endpoints.order_port, ORDERS, _ORDERS_THREAD
            )
            self._lines = [
                self._line(endpoints.host, port)
                for port in (endpoints.market_data_port, endpoints.market_data_b_port)
                if port is not None
            ]
        except PortInUse:
            self._context.destroy(linger=0)
            raise
        self.market_data_port = self._lines[0].port
        self.market_data_b_port = self._lines[1].port if len(self._lines) > 1 else 0
        for socket in self._sockets():
            self._watch(socket)

    def _line(self, host: str, port: int) -> MarketDataLine:
        socket, bound = self._bind(zmq.XPUB, MARKET_DATA_DOMAIN, host, port, MARKET_DATA, _MARKET_DATA_THREAD)
        return MarketDataLine(socket, bound, self._admission, self._count)

    def _count(self, name: str) -> None:
        self.counters[name] += 1

    def _bind(
        self, kind: int, domain: str, host: str, port: int, options: SocketOptions, thread: int
    ) -> tuple[zmq.Socket[bytes], int]:
        socket = open_socket(self._context, kind, options)
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self._keys
        socket.setsockopt(zmq.ZAP_DOMAIN, domain.encode())
        socket.setsockopt(zmq.AFFINITY, thread)
        if kind == zmq.ROUTER:
            socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        else:
            socket.setsockopt(zmq.XPUB_MANUAL, 1)
        try:
            socket.bind(f"tcp://{host}:{port or '*'}")
        except zmq.ZMQError as error:
            place = f"{host}:{port}"
            reason = zmq.strerror(error.errno or 0)
            raise PortInUse(f"The {domain.replace('_', ' ')} socket cannot use {place}: {reason}.") from error
        bound = int(socket.getsockopt_string(zmq.LAST_ENDPOINT).rsplit(":", 1)[1])
        monitor = ConnectionMonitor(self._context, socket, bound, self._guard, is_control=domain == CONTROL_DOMAIN)
        self._monitors[monitor.socket] = monitor
        return socket, bound

    def _watch(self, socket: zmq.Socket[bytes]) -> None:
        self._selector.register(int(socket.FD), selectors.EVENT_READ, socket)
        self._unsure.add(socket)

    def wake_on(self, descriptor: int, on_wake: Callable[[], None]) -> None:
        """End a poll when this descriptor becomes readable, and call `on_wake`, which has to clear it."""
        self._selector.register(descriptor, selectors.EVENT_READ, on_wake)

    def connect_history(self, endpoint: str, server_key: bytes, public_key: bytes, secret_key: bytes) -> None:
        """Connect to the history process (anew, if it was restarted)."""
        self.disconnect_history()
        socket = open_socket(self._context, zmq.DEALER, HISTORY_CLIENT)
        socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = server_key, public_key, secret_key
        socket.connect(endpoint)
        self._watch(socket)
        self._history = socket

    def disconnect_history(self) -> None:
        """Let go of the history process."""
        if self._history is not None:
            self._selector.unregister(int(self._history.FD))
            self._unsure.discard(self._history)
            self._history.close(linger=0)
            self._history = None

    def poll(self, timeout_ms: int) -> Arrivals:
        """All that has arrived, waiting up to `timeout_ms` for the first of it."""
        arrivals = Arrivals()
        waiting = [socket for socket in self._unsure if _is_readable(socket)] if self._unsure else []
        self._unsure.clear()
        more_orders = self._orders in waiting
        ready = self._selector.select(0 if waiting else timeout_ms / 1000)
        self.sweep()
        if not ready and not waiting:
            if timeout_ms:
                self._unsure.update(self._sockets())
            return arrivals
        for key, _ in ready:
            if not isinstance(key.data, zmq.Socket):
                key.data()
            elif key.data not in waiting:
                waiting.append(key.data)
        if self._orders in waiting:
            self._drain(self._orders, arrivals.orders, self._commands_per_turn if more_orders else 1)
        for socket in waiting:
            if socket.closed:  # what was woken on let go of it: the history process has ended
                continue
            if socket is self._control:
                self._drain_control(arrivals)
            elif socket is self._zap:
                self._answer_handshakes()
            elif socket is self._history:
                self._drain_history(socket, arrivals.history)
            elif socket in self._monitors:
                self._unsure.add(socket)
                self.counters["connections.refused"] += self._monitors[socket].take(self._timer(), _is_readable)
            elif socket is not self._orders:
                self._unsure.add(socket)
                next(line for line in self._lines if line.socket is socket).on_readable()
        self._cut_revoked()
        return arrivals

    def _cut_revoked(self) -> None:
        for key in self._admission.take_revoked():
            for line in self._lines:
                line.revoke(key)

    def _sockets(self) -> list[zmq.Socket[bytes]]:
        sockets = [self._orders, self._control, self._zap, *(line.socket for line in self._lines), *self._monitors]
        return sockets if self._history is None else [*sockets, self._history]

    def _drain(self, socket: zmq.Socket[bytes], into: list[OrderMessage], limit: int) -> None:
        """Receive up to `limit` messages. A message of more than one frame becomes one that no decoder takes.

        Of orders the first that ends a wait is taken alone; if there are more, the next poll finds them at once.
        """
        receive = socket.recv
        for _ in range(limit):
            try:
                address = receive(_NO_WAIT)
            except zmq.Again:
                return
            frame: Any = receive(_NO_WAIT, copy=False)
            key = frame.get("User-Id")
            if frame.more:
                self._skip_parts(socket)
                into.append((key, address, b""))
            else:
                into.append((key, address, frame.bytes))
        self._unsure.add(socket)

    def _skip_parts(self, socket: zmq.Socket[bytes]) -> None:
        while socket.getsockopt(zmq.RCVMORE):
            socket.recv(_NO_WAIT)

    def _drain_control(self, arrivals: Arrivals) -> None:
        """Requests, with the network address of each key; whose connections they are is told to the guard."""
        socket = self._control
        self._unsure.add(socket)
        for _ in range(self._requests_per_turn):
            if not _is_readable(socket):
                break
            address = socket.recv(_NO_WAIT)
            frame: Any = socket.recv(_NO_WAIT, copy=False)
            key = frame.get("User-Id")
            arrivals.peers[key] = network_of(frame.get("Peer-Address"))
            self._guard.spoke(frame.get(zmq.SRCFD), key)
            content = b"" if frame.more else frame.bytes
            if frame.more:
                self._skip_parts(socket)
            arrivals.control.append((key, address, content))

    def _answer_handshakes(self) -> None:
        """A few of those that wait. An address with too many is put off: its client tries again by itself."""
        self._unsure.add(self._zap)
        for _ in range(self._limits.handshakes_per_turn):
            if not _is_readable(self._zap):
                break
            request = self._zap.recv_multipart(_NO_WAIT)
            if self._guard.allows_handshake(address_of(request), self._timer()):
                reply = answer(request, self._admission)
            else:
                self.counters["handshakes.put_off"] += 1
                reply = put_off(request)
            self._zap.send_multipart(reply, _NO_WAIT)

    def sweep(self) -> None:
        """Once a second: end control connections that have no session and had their time to get one."""
        now_ns = self._timer()
        if now_ns < self._sweep_due_ns:
            return
        self._sweep_due_ns = now_ns + SWEEP_NS
        for descriptor, peer in self._guard.overdue(now_ns):
            shut_down(descriptor, peer)
            self.counters["connections.overdue"] += 1
        self.counters["connections"] = len(self._guard)

    def _drain_history(self, socket: zmq.Socket[bytes], into: list[bytes]) -> None:
        while _is_readable(socket):
            into.append(socket.recv_multipart(_NO_WAIT)[-1])

    def send(self, outbox: Outbox) -> None:
        """Send everything: control replies, private events, market data, requests for the history process."""
        if outbox.control:
            self._send_routed(self._control, outbox.control, "drops.control")
        if outbox.orders:
            self._send_routed(self._orders, outbox.orders, "drops.private")
        if outbox.market_data:
            self._cut_revoked()
            for line in self._lines:
                self._unsure.add(line.socket)
                line.send(outbox.market_data)
        if outbox.history and self._history is not None:
            self._unsure.add(self._history)
            for frame in outbox.history:
                try:
                    self._history.send(frame, _NO_WAIT)
                except zmq.Again:
                    self.counters["drops.history"] += 1

    def _send_routed(self, socket: zmq.Socket[bytes], messages: list[tuple[bytes, bytes]], drops: str) -> None:
        self._unsure.add(socket)
        send = socket.send
        for address, frame in messages:
            try:
                send(address, _FIRST_PART)
                send(frame, _NO_WAIT)
            except zmq.ZMQError:
                self.counters[drops] += 1

    def close(self) -> None:
        """Send what is queued (for a moment at most) and let go of everything."""
        self.disconnect_history()
        self._selector.close()
        for monitor in self._monitors.values():
            monitor.close()
        for socket in (self._control, self._orders):
            socket.close(linger=LINGER_MS)
        for line in self._lines:
            line.close(LINGER_MS)
        self._zap.close(linger=0)
        self._context.term()


def _is_readable(socket: Any) -> bool:
    return bool(socket.getsockopt(zmq.EVENTS) & zmq.POLLIN)
