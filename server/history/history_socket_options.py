"""The options of the history process's socket: one client, the gateway, on loopback."""

from typing import Final

from server.client.socket_options import CURVE_BYTES, SocketOptions
from server.protocol.codec import REQUEST_BYTES_MAX

HISTORY: Final = SocketOptions(
    send_messages=300, receive_messages=300, message_bytes=REQUEST_BYTES_MAX + CURVE_BYTES, linger_ms=0,
    handshake_ms=3000, heartbeat_ms=2000, silence_ms=6000, immediate=False,
)  # fmt: skip
"""More than the gateway lets be on their way (256)."""
