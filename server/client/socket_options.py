"""Every option of a ZeroMQ socket that matters under load, chosen for each socket; the one place that makes sockets.

Rules: no option has a default here: whoever makes a socket says how much may queue on it, how large a message may be,
how long a handshake, a silence and a close may take. A high-water mark counts messages of one connection, and libzmq
may take as little as half of it or, with the kernel's buffers, more. A test lets no other line make a socket.
"""

from dataclasses import dataclass
from typing import Final

import zmq

CURVE_BYTES: Final = 256
"""What encryption may add to a frame, with room."""
KEEPALIVE_IDLE_S: Final = 10
KEEPALIVE_INTERVAL_S: Final = 3
KEEPALIVE_PROBES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """Messages and milliseconds; `message_bytes` -1 and `handshake_ms` 0 on sockets that no network reaches."""

    send_messages: int
    """SNDHWM. What is beyond it is refused (DEALER, ROUTER) or dropped (XPUB); nothing waits."""
    receive_messages: int
    """RCVHWM. What is beyond it waits in the sender's TCP."""
    message_bytes: int
    """MAXMSGSIZE. A larger one costs its connection."""
    linger_ms: int
    """How long a close may go on sending."""
    handshake_ms: int
    """A connection that has not finished its handshake by then is closed."""
    heartbeat_ms: int
    """ZMTP PING; 0: none."""
    silence_ms: int
    """A connection that answers no PING for so long is closed: a black hole is found."""
    immediate: bool
    """Whether messages are queued for a peer that is connected and for no other."""


INTERNAL: Final = SocketOptions(
    send_messages=1000, receive_messages=0, message_bytes=-1, linger_ms=0, handshake_ms=0, heartbeat_ms=0,
    silence_ms=0, immediate=False,
)  # fmt: skip
"""Within the process (ZAP, monitors). Unbounded on the receiving side: the sender is libzmq's I/O thread, which would
block; what comes there is bounded by the connections."""


def open_socket(context: "zmq.Context[zmq.Socket[bytes]]", kind: int, options: SocketOptions) -> "zmq.Socket[bytes]":
    """A socket of that kind with all of its options set, not yet bound or connected."""
    socket = context.socket(kind)
    socket.setsockopt(zmq.SNDHWM, options.send_messages)
    socket.setsockopt(zmq.RCVHWM, options.receive_messages)
    socket.setsockopt(zmq.MAXMSGSIZE, options.message_bytes)
    socket.setsockopt(zmq.LINGER, options.linger_ms)
    socket.setsockopt(zmq.HANDSHAKE_IVL, options.handshake_ms)
    socket.setsockopt(zmq.IMMEDIATE, int(options.immediate))
    if options.heartbeat_ms:
        socket.setsockopt(zmq.HEARTBEAT_IVL, options.heartbeat_ms)
        socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, options.silence_ms)
        socket.setsockopt(zmq.HEARTBEAT_TTL, options.silence_ms)
        socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S)
        socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, KEEPALIVE_INTERVAL_S)
        socket.setsockopt(zmq.TCP_KEEPALIVE_CNT, KEEPALIVE_PROBES)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    return socket
