"""The options of the server's sockets, each with its reason.

Rules: the table of PROTOCOL.md section 8 says the same, and a test compares them.
"""

from typing import Final

from server.client.socket_options import CURVE_BYTES, SocketOptions
from server.protocol.codec import MESSAGE_BYTES_MAX, REQUEST_BYTES_MAX

LINGER_MS: Final = 500

CONTROL: Final = SocketOptions(
    send_messages=200, receive_messages=100, message_bytes=4 * REQUEST_BYTES_MAX, linger_ms=LINGER_MS,
    handshake_ms=3000, heartbeat_ms=2000, silence_ms=6000, immediate=False,
)  # fmt: skip
"""Replies may be 1 MiB each, and nobody needs 200 of them unread; requests come one by one. A message may be larger
than a request, so that it is refused by name and not by a broken connection."""
ORDERS: Final = SocketOptions(
    send_messages=4000, receive_messages=1000, message_bytes=2 * MESSAGE_BYTES_MAX, linger_ms=LINGER_MS,
    handshake_ms=3000, heartbeat_ms=2000, silence_ms=6000, immediate=False,
)  # fmt: skip
"""Each turn sends a session one message: 4,000 are seconds of the busiest session. What is beyond is had again from the
event log. Orders beyond 1,000 wait with their sender, where `valid_until` counts for them."""
MARKET_DATA: Final = SocketOptions(
    send_messages=20_000, receive_messages=1000, message_bytes=1024, linger_ms=LINGER_MS, handshake_ms=3000,
    heartbeat_ms=2000, silence_ms=6000, immediate=False,
)  # fmt: skip
"""A few seconds of a busy market; a subscriber that is further behind has a gap and takes a snapshot. A client sends
subscriptions alone, of 5 bytes."""
HISTORY_CLIENT: Final = SocketOptions(
    send_messages=300, receive_messages=300, message_bytes=MESSAGE_BYTES_MAX + CURVE_BYTES, linger_ms=0,
    handshake_ms=3000, heartbeat_ms=2000, silence_ms=6000, immediate=True,
)  # fmt: skip
"""More than the relay lets be on their way (256)."""
