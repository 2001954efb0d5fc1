"""The open questions of a session: which request a reply answers, and who wants to know.

Rules: pure. Every request is answered exactly once to its owner: by the server, by `refuse_late` or by `drop`. The
control connection can break and mend by itself, and what was on its way is lost without a word: so answers have a time.
"""

from collections.abc import Callable
from typing import Final

from msgspec import structs

from server.protocol import control
from server.protocol.codec import encode_control
from server.protocol.enums import FaultCode

ReplyHandler = Callable[[control.AnyReply], None]
OWN_NS: Final = 5_000_000_000
"""How long the session waits for an answer that it asked for itself, before it asks again."""
OWNER_NS: Final = 15_000_000_000
"""How long its owner's questions may take; longer than the server lets a question about history take."""

NO_ANSWER: Final = control.Refused(code=FaultCode.UNAVAILABLE, text="no answer in time")


class RequestTable:
    """Requests by id. A request without a handler is the owner's."""

    def __init__(self) -> None:
        self._last_id = 0
        self._open: dict[int, tuple[control.AnyRequest, ReplyHandler | None]] = {}
        self._due_ns: dict[int, int] = {}

    def ask(self, message: control.AnyRequest, handler: ReplyHandler | None, now_ns: int) -> tuple[int, bytes]:
        """Gives the request an id; returns it and the frame to send."""
        self._last_id += 1
        numbered = structs.replace(message, request_id=self._last_id)
        self._open[self._last_id] = (numbered, handler)
        self._due_ns[self._last_id] = now_ns + (OWNER_NS if handler is None else OWN_NS)
        return self._last_id, encode_control(numbered)

    def open_like(self, message: control.AnyRequest) -> list[int]:
        """The ids of the open requests that ask what `message` asks."""
        return [
            number
            for number, (request, _) in self._open.items()
            if structs.replace(request, request_id=message.request_id) == message
        ]

    def take(self, reply: control.AnyReply) -> tuple[control.AnyRequest, ReplyHandler | None] | None:
        """The request that `reply` answers, or None if nobody asked (any more)."""
        self._due_ns.pop(reply.request_id, None)
        return self._open.pop(reply.request_id, None)

    def refuse_late(self, now_ns: int) -> list[control.AnyRequest]:
        """Forgets those whose answer should have come by now: handlers are refused, the owner's are returned."""
        ids = [request_id for request_id, due_ns in self._due_ns.items() if now_ns >= due_ns]
        owners: list[control.AnyRequest] = []
        for request_id in ids:
            del self._due_ns[request_id]
            request, handler = self._open.pop(request_id)
            if handler is not None:
                handler(NO_ANSWER)
            else:
                owners.append(request)
        return owners

    def forget(self, kind: type[control.AnyRequest]) -> None:
        """Forgets those of a kind that is asked anew: their answers are worth nothing any more, nobody is told."""
        for request_id in [number for number, (request, _) in self._open.items() if isinstance(request, kind)]:
            del self._open[request_id]
            del self._due_ns[request_id]

    def drop(self) -> list[control.AnyRequest]:
        """Forgets all; returns those of the owner."""
        dropped, self._open = self._open, {}
        self._due_ns.clear()
        return [request for request, handler in dropped.values() if handler is None]

    def __len__(self) -> int:
        return len(self._open)
