"""Stands between a server and its sockets: hears what a client says, and withholds, repeats or changes what it is told.

Rules: what the client sent is kept as it arrived, whether it is let through or not; what the server sends is looked at
before it is altered. The server behind it is the real one and knows nothing of this.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.outbox import Admission, Arrivals, Outbox, Transport
from server.protocol import control
from server.protocol.codec import decode_envelope, decode_records, decode_reply, decode_request
from server.protocol.enums import EnvelopeKind
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import COMMAND, EVENT

Rows = NDArray[Any]


@unique
class Lane(Enum):
    """The three sockets."""

    CONTROL = "control"
    ORDERS = "orders"
    MARKET_DATA = "market data"


@dataclass(frozen=True, slots=True)
class OrderMessage:
    """A message of the order socket: its head, and COMMAND rows where it has some."""

    address: bytes
    kind: int
    session: int
    time_ns: int
    at_ns: int
    rows: Rows


@dataclass(slots=True)
class Heard:
    """All that a client said, oldest first on each socket."""

    requests: list[control.AnyRequest] = field(default_factory=list)
    messages: list[OrderMessage] = field(default_factory=list)
    topics: list[bytes] = field(default_factory=list)
    garbage: int = 0
    """Frames that are none of the protocol."""


Alter = Callable[[Lane, bytes], Sequence[bytes]]
"""What goes out in the place of a frame: nothing, itself, itself twice, or another one."""
Take = Callable[[OrderMessage], bool]
"""Whether a message of the order socket is let through to the server."""


def unaltered(_lane: Lane, frame: bytes) -> Sequence[bytes]:
    """Everything goes out as it is."""
    return (frame,)


def silent(_lane: Lane, _frame: bytes) -> Sequence[bytes]:
    """Nothing goes out."""
    return ()


def let_through(_message: OrderMessage) -> bool:
    """Everything reaches the server."""
    return True


class Certifier:
    """A transport around another one. `alter` and `take` are exchanged while it runs."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.alter: Alter = unaltered
        self.take: Take = let_through
        self.answers: list[Rows] = []
        """The private events that the server sent, message by message."""
        self.refusals: list[int] = []
        """The codes of requests that the server refused."""
        self._inner: Transport | None = None

    def attach(self, inner: Transport) -> None:
        """Work on these sockets from now on."""
        self._inner = inner

    @property
    def inner(self) -> Transport:
        """The sockets."""
        assert self._inner is not None, "attached before it is used"
        return self._inner

    def poll(self, timeout_ms: int) -> Arrivals:
        """What has arrived, heard, less what is swallowed."""
        arrivals = self.inner.poll(timeout_ms)
        for _, _, frame in arrivals.control:
            try:
                self.heard.requests.append(decode_request(frame))
            except RemoteProtocolError:
                self.heard.garbage += 1
        arrivals.orders = [arrived for arrived in arrivals.orders if self._heard(arrived[1], arrived[2])]
        return arrivals

    def _heard(self, address: bytes, frame: bytes) -> bool:
        try:
            head = decode_envelope(frame)
            is_commands = head["kind"] == EnvelopeKind.COMMANDS
            rows: Rows = decode_records(frame, int(head["count"]), COMMAND) if is_commands else np.empty(0, COMMAND)
        except RemoteProtocolError:
            self.heard.garbage += 1
            return True
        message = OrderMessage(
            address, int(head["kind"]), int(head["session"]), int(head["time_ns"]), time.monotonic_ns(), rows
        )
        self.heard.messages.append(message)
        return self.take(message)

    def send(self, outbox: Outbox) -> None:
        """Send everything as it is altered."""
        for _, frame in outbox.orders:
            head = decode_envelope(frame)
            if head["kind"] == EnvelopeKind.EVENTS:
                self.answers.append(decode_records(frame, int(head["count"]), EVENT))
        for _, frame in outbox.control:
            reply = decode_reply(frame)
            if isinstance(reply, control.Refused):
                self.refusals.append(reply.code)
        alter = self.alter
        self.inner.send(
            Outbox(
                control=[(to, altered) for to, frame in outbox.control for altered in alter(Lane.CONTROL, frame)],
                orders=[(to, altered) for to, frame in outbox.orders for altered in alter(Lane.ORDERS, frame)],
                market_data=[
                    (topic, altered)
                    for topic, frame in outbox.market_data
                    for altered in alter(Lane.MARKET_DATA, frame)
                ],
            )
        )

    def tell(self, address: bytes, frame: bytes) -> None:
        """A frame of the suite's own on the order socket."""
        self.inner.send(Outbox(orders=[(address, frame)]))

    def close(self) -> None:
        """Let go of the sockets."""
        self.inner.close()


class HeardAdmission:
    """The gateway's admission, with the subscriptions heard."""

    def __init__(self, inner: Admission, heard: Heard) -> None:
        self._inner = inner
        self._heard = heard

    def admits(self, domain: str, key: str) -> bool:
        """As the gateway says."""
        return self._inner.admits(domain, key)

    def has_session(self, key: str) -> bool:
        """As the gateway says."""
        return self._inner.has_session(key)

    def take_revoked(self) -> list[str]:
        """As the gateway says."""
        return self._inner.take_revoked()

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """As the gateway says."""
        self._heard.topics.append(topic)
        return self._inner.admits_subscription(key, topic)

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """As the gateway does."""
        self._inner.ends_subscription(key, topic)
