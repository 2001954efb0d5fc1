"""The open questions of a session: which request a reply answers, and who wants to know.

Rules: pure. Every request is answered exactly once to its owner, by the server or by `drop`.
"""

from collections.abc import Callable

from msgspec import structs

from server.protocol import control
from server.protocol.codec import encode_control

ReplyHandler = Callable[[control.AnyReply], None]


class RequestTable:
    """Requests by id. A request without a handler is the owner's."""

    def __init__(self) -> None:
        self._last_id = 0
        self._open: dict[int, tuple[control.AnyRequest, ReplyHandler | None]] = {}

    def ask(self, message: control.AnyRequest, handler: ReplyHandler | None) -> tuple[int, bytes]:
        """Gives the request an id; returns it and the frame to send."""
        self._last_id += 1
        numbered = structs.replace(message, request_id=self._last_id)
        self._open[self._last_id] = (numbered, handler)
        return self._last_id, encode_control(numbered)

    def take(self, reply: control.AnyReply) -> tuple[control.AnyRequest, ReplyHandler | None] | None:
        """The request that `reply` answers, or None if nobody asked (any more)."""
        return self._open.pop(reply.request_id, None)

    def drop(self) -> list[control.AnyRequest]:
        """Forgets all; returns those of the owner."""
        dropped, self._open = self._open, {}
        return [request for request, handler in dropped.values() if handler is None]

    def __len__(self) -> int:
        return len(self._open)
