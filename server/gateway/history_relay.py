"""Requests for bars and ticks, handed on to the history process and back.

Rules: the client's request id is replaced by a ticket of ours on the way there and put back on the way home; a request
that is not answered in time is refused with UNAVAILABLE, and so is every one while the process is not connected.
"""

import msgspec

from server.protocol import control
from server.protocol.codec import decode_reply, encode_control
from server.protocol.enums import FaultCode
from server.protocol.errors import RemoteProtocolError

PENDING_MAX = 256
DEADLINE_NS = 10_000_000_000
ControlReply = tuple[bytes, bytes]
_UNAVAILABLE = "The history is not available just now."


class HistoryRelay:
    """Requests on their way. `connected` is set by whoever owns the socket."""

    def __init__(self) -> None:
        self.connected = False
        self._next_ticket = 1
        self._pending: dict[int, tuple[bytes, int, int]] = {}

    def forward(
        self, now_ns: int, address: bytes, request: control.GetBars | control.GetTicks
    ) -> bytes | control.Refused:
        """The frame for the history process, or the refusal for the client."""
        if not self.connected or len(self._pending) >= PENDING_MAX:
            code = FaultCode.BUSY if self.connected else FaultCode.UNAVAILABLE
            return control.Refused(request_id=request.request_id, code=code, text=_UNAVAILABLE)
        ticket = self._next_ticket
        self._next_ticket += 1
        self._pending[ticket] = (address, request.request_id, now_ns + DEADLINE_NS)
        return encode_control(msgspec.structs.replace(request, request_id=ticket))

    def on_replies(self, frames: list[bytes]) -> list[ControlReply]:
        """The clients' replies to frames from the history process; what nobody waits for any more is dropped."""
        replies = []
        for frame in frames:
            try:
                reply = decode_reply(frame)
            except RemoteProtocolError:
                continue
            waiting = self._pending.pop(reply.request_id, None)
            if waiting is not None:
                address, request_id, _ = waiting
                replies.append((address, encode_control(msgspec.structs.replace(reply, request_id=request_id))))
        return replies

    def on_time(self, now_ns: int) -> list[ControlReply]:
        """Refusals of requests whose time is over."""
        late = [ticket for ticket, (_, _, deadline_ns) in self._pending.items() if deadline_ns <= now_ns]
        replies = []
        for ticket in late:
            address, request_id, _ = self._pending.pop(ticket)
            refusal = control.Refused(request_id=request_id, code=FaultCode.UNAVAILABLE, text=_UNAVAILABLE)
            replies.append((address, encode_control(refusal)))
        return replies
