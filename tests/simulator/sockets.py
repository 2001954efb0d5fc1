"""A client's three sockets and what waits for them, as `server/client/connection.py` keeps them.

Rules: what is done with the session's actions is what the connection does with them, line by line; nothing that arrives
is looked into here.
"""

from collections import deque
from collections.abc import Callable

from server.client.actions import (
    Action,
    CloseStreams,
    OpenStreams,
    ReopenMarketData,
    SendControl,
    SendOrders,
    Subscribe,
    Unsubscribe,
)
from server.client.connection import CONTROL_OUTBOX
from server.gateway.gateway import CONTROL_DOMAIN, MARKET_DATA_DOMAIN, ORDERS_DOMAIN
from tests.simulator.faults import Counts
from tests.simulator.network import Network, Socket

OnFrame = Callable[[bytes, bytes], None]
"""Takes the topic, empty but for market data, and the frame."""


class Sockets:
    """The sockets of one process: control from the beginning, the streams while a session is open."""

    def __init__(
        self, network: Network, counts: Counts, key: str, *, on_control: OnFrame, on_orders: OnFrame, on_data: OnFrame
    ) -> None:
        self.sent: list[bytes] = []
        """The order frames of this session, those that still wait too."""
        self.orders_are_gone = False
        """Whether the order connection has broken under the session."""
        self._network = network
        self._counts = counts
        self._key = key
        self._on_orders = on_orders
        self._on_data = on_data
        self._orders: Socket | None = None
        self._data: Socket | None = None
        self._control_outbox: deque[bytes] = deque(maxlen=CONTROL_OUTBOX)
        self._orders_outbox: deque[bytes] = deque()
        self._topics: list[bytes] = []
        self._control = Socket(network, CONTROL_DOMAIN, key, on_control, self.flush, lambda: None)

    def close(self) -> None:
        """Let go of everything: the process ends."""
        self._close_streams()
        self._control.close()

    def throw(self, domain: str, frame: bytes, head: bytes = b"") -> None:
        """Any bytes to one of the server's sockets, past the session."""
        sockets = {CONTROL_DOMAIN: self._control, ORDERS_DOMAIN: self._orders}
        socket = sockets.get(domain, self._data)
        if socket is not None:
            socket.send(frame, head)

    def carry_out(self, action: Action) -> None:
        """What the session wants."""
        if isinstance(action, SendOrders):
            self._send_orders(action)
        elif isinstance(action, SendControl):
            self._control_outbox.append(action.frame)
        elif isinstance(action, OpenStreams):
            self._close_streams()
            self._orders = Socket(
                self._network, ORDERS_DOMAIN, self._key, self._on_orders, self.flush, self._orders_gone
            )
            self._data = self._data_socket()
        elif isinstance(action, CloseStreams):
            self._close_streams()
        elif isinstance(action, ReopenMarketData):
            assert self._data is not None
            self._counts["client.fell_behind"] += 1
            self._data.close()
            self._topics.clear()
            self._data = self._data_socket()
        elif isinstance(action, Subscribe):
            self._topics.append(action.prefix)
            if self._data is not None:
                self._data.send(action.prefix)
        elif isinstance(action, Unsubscribe):
            self._topics = [topic for topic in self._topics if topic != action.prefix]
            if self._data is not None:
                self._data.send(action.prefix, b"-")

    def flush(self) -> None:
        """Send what waits, as far as there are connections to take it."""
        while self._control_outbox and self._control.send(self._control_outbox[0]):
            self._control_outbox.popleft()
        while self._orders_outbox and self._orders and self._orders.send(self._orders_outbox[0]):
            self._orders_outbox.popleft()

    def _send_orders(self, action: SendOrders) -> None:
        if self._orders is None:
            return
        if not action.heartbeat:
            self.sent.append(action.frame)
        if not self._orders_outbox and self._orders.send(action.frame):
            return
        if not action.heartbeat:
            self._orders_outbox.append(action.frame)

    def _data_socket(self) -> Socket:
        return Socket(self._network, MARKET_DATA_DOMAIN, self._key, self._on_data, self._subscribe_again, lambda: None)

    def _subscribe_again(self) -> None:
        """What a SUB socket does by itself when it has connected."""
        assert self._data is not None
        for topic in self._topics:
            self._data.send(topic)

    def _orders_gone(self) -> None:
        self.orders_are_gone = True

    def _close_streams(self) -> None:
        for socket in (self._orders, self._data):
            if socket is not None:
                socket.close()
        self._orders = self._data = None
        self.orders_are_gone = False
        self._orders_outbox.clear()
        self._topics.clear()
