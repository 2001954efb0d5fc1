"""What a session asks its connection to do.

Rules: plain values; a connection carries them out in order and knows nothing else of the session.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendControl:
    """Send a frame on the control socket."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class SendOrders:
    """Send a frame on the order socket. A heartbeat is dropped if the socket can't take it now; orders wait."""

    frame: bytes
    heartbeat: bool = False


@dataclass(frozen=True, slots=True)
class OpenStreams:
    """Connect the order and market data sockets."""

    order_port: int
    market_data_port: int
    market_data_b_port: int = 0
    """The second line of market data; 0: there is none."""


@dataclass(frozen=True, slots=True)
class CloseStreams:
    """Close the order and market data sockets; what was not sent is dropped."""


@dataclass(frozen=True, slots=True)
class ReopenMarketData:
    """Drop what waits on the market data sockets and connect them anew; the subscriptions follow."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Add a subscription to the market data socket."""

    prefix: bytes


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Remove a subscription."""

    prefix: bytes


Action = SendControl | SendOrders | OpenStreams | CloseStreams | ReopenMarketData | Subscribe | Unsubscribe
