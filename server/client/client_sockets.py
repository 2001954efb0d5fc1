"""The options of the client's sockets, each with its reason.

Rules: the table of PROTOCOL.md section 8 says the same, and a test compares them.
"""

from typing import Final

from server.client.socket_options import CURVE_BYTES, SocketOptions
from server.protocol.codec import MESSAGE_BYTES_MAX

CLIENT_CONTROL: Final = SocketOptions(
    send_messages=256, receive_messages=1000, message_bytes=MESSAGE_BYTES_MAX + CURVE_BYTES, linger_ms=0,
    handshake_ms=5000, heartbeat_ms=2000, silence_ms=6000, immediate=True,
)  # fmt: skip
"""A request is small and answered within seconds; replies may be a snapshot of 1 MiB each."""
CLIENT_ORDERS: Final = SocketOptions(
    send_messages=256, receive_messages=4000, message_bytes=MESSAGE_BYTES_MAX + CURVE_BYTES, linger_ms=0,
    handshake_ms=5000, heartbeat_ms=2000, silence_ms=6000, immediate=True,
)  # fmt: skip
"""Few orders may wait unsent: the rest waits where it can be counted, and goes with the session."""
CLIENT_MARKET_DATA: Final = SocketOptions(
    send_messages=1000, receive_messages=20_000, message_bytes=MESSAGE_BYTES_MAX + CURVE_BYTES, linger_ms=0,
    handshake_ms=5000, heartbeat_ms=2000, silence_ms=6000, immediate=False,
)  # fmt: skip
"""A few seconds of a busy market; what is more is better dropped and taken by a snapshot."""
