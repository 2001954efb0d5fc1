"""What came in and what goes out between two turns of the pipeline, as plain lists.

Rules: an outbox is released as a whole once the command that it follows from is durable, and in this order: control
replies, private events, market data. The addresses are the routing ids of the connections.
"""

from dataclasses import dataclass, field
from typing import Protocol

OrderMessage = tuple[str, bytes, bytes]
"""Key, routing id and frame of one message on the order or control socket."""


@dataclass(slots=True)
class Arrivals:
    """What a poll of the transport brought, oldest first on each socket."""

    orders: list[OrderMessage] = field(default_factory=list)
    control: list[OrderMessage] = field(default_factory=list)
    history: list[bytes] = field(default_factory=list)
    """Replies of the history process to requests that were relayed."""
    peers: dict[str, str] = field(default_factory=dict)
    """The network address of each key in `control`; a transport without a network has none."""


@dataclass(slots=True)
class Outbox:
    """Messages to send: (routing id, frame), for market data (topic, frame), for history the frame alone."""

    control: list[tuple[bytes, bytes]] = field(default_factory=list)
    orders: list[tuple[bytes, bytes]] = field(default_factory=list)
    market_data: list[tuple[bytes, bytes]] = field(default_factory=list)
    history: list[bytes] = field(default_factory=list)

    def has_messages(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.orders or self.market_data or self.control or self.history)

    def clear(self) -> None:
        """Forget everything, after it was sent."""
        self.control.clear()
        self.orders.clear()
        self.market_data.clear()
        self.history.clear()


class Transport(Protocol):
    """How bytes come and go: ZeroMQ sockets, or memory in tests and seeding."""

    def poll(self, timeout_ms: int) -> Arrivals:
        """All that has arrived, waiting up to `timeout_ms` for the first of it (0: not at all)."""

    def send(self, outbox: Outbox) -> None:
        """Send everything; a peer that is gone or too slow is counted, never waited for."""

    def close(self) -> None:
        """Let go of all sockets."""


class Admission(Protocol):
    """What a transport asks the gateway about a CURVE key, at the handshake and at each subscription."""

    def admits(self, domain: str, key: str) -> bool:
        """Whether a key may connect to the socket of this ZAP domain."""

    def has_session(self, key: str) -> bool:
        """Whether a key has a live session."""

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """Whether a key may have this topic."""

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """A key has let go of this topic."""

    def take_revoked(self) -> list[str]:
        """Keys whose session has ended since the last call: what they are subscribed to must stop now."""
