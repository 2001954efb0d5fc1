"""Questions about history, handed on to the history process and back.

Rules: the client's request id is replaced by a ticket of ours on the way there and put back on the way home; a question
is answered exactly once, by the process, or refused here: with CANCELLED when its asker says so, with UNAVAILABLE when
it is not answered in time and while the process is not connected. Whatever is refused here the process is told to drop.
"""

from collections import Counter
from dataclasses import dataclass

import msgspec

from server.gateway.outbox import Outbox
from server.protocol import control
from server.protocol.codec import decode_reply, encode_control
from server.protocol.enums import FaultCode
from server.protocol.errors import RemoteProtocolError

PENDING_MAX = 256
PENDING_PER_KEY_MAX = 32
DEADLINE_NS = 10_000_000_000
ControlReply = tuple[bytes, bytes]
_UNAVAILABLE = "The history is not available just now."


@dataclass(frozen=True, slots=True)
class Pending:
    """A question on its way: who asked it by which connection, under which number, and until when it may take."""

    key: str
    address: bytes
    request_id: int
    deadline_ns: int

    def refused(self, code: FaultCode, text: str) -> ControlReply:
        """The refusal for the asker."""
        return self.address, encode_control(control.Refused(request_id=self.request_id, code=code, text=text))


class HistoryRelay:
    """Questions on their way. `connected` is set by whoever owns the socket."""

    def __init__(self) -> None:
        self.connected = False
        self._next_ticket = 1
        self._pending: dict[int, Pending] = {}
        self._of_key: Counter[str] = Counter()

    def ask(
        self,
        now_ns: int,
        key: str,
        address: bytes,
        request: control.HistoryRequest | control.CancelRequest,
        outbox: Outbox,
    ) -> control.Reply | None:
        """Put the question for the process into the outbox, or cancel one; the reply if there is one at once."""
        if isinstance(request, control.CancelRequest):
            return self._cancel(address, request, outbox)
        if not self.connected:
            return _refusal(request, FaultCode.UNAVAILABLE, _UNAVAILABLE)
        if len(self._pending) >= PENDING_MAX:
            return _refusal(request, FaultCode.BUSY, "Too many questions about history at once; try again.")
        if self._of_key[key] >= PENDING_PER_KEY_MAX:
            text = f"You have {PENDING_PER_KEY_MAX} questions about history under way; wait for an answer."
            return _refusal(request, FaultCode.BUSY, text)
        ticket = self._next_ticket
        self._next_ticket += 1
        self._pending[ticket] = Pending(key, address, request.request_id, now_ns + DEADLINE_NS)
        self._of_key[key] += 1
        outbox.history.append(encode_control(msgspec.structs.replace(request, request_id=ticket)))
        return None

    def on_replies(self, frames: list[bytes]) -> list[ControlReply]:
        """The clients' replies to frames from the history process; what nobody waits for any more is dropped."""
        replies = []
        for frame in frames:
            try:
                reply = decode_reply(frame)
            except RemoteProtocolError:
                continue
            if reply.request_id in self._pending:
                asked = self._take(reply.request_id)
                again = msgspec.structs.replace(reply, request_id=asked.request_id)
                replies.append((asked.address, encode_control(again)))
        return replies

    def on_time(self, now_ns: int, outbox: Outbox) -> None:
        """Refuse the questions whose time is over."""
        for ticket in [ticket for ticket, asked in self._pending.items() if asked.deadline_ns <= now_ns]:
            self._drop(ticket, FaultCode.UNAVAILABLE, _UNAVAILABLE, outbox)

    def _cancel(self, address: bytes, request: control.CancelRequest, outbox: Outbox) -> control.Done:
        tickets = [
            ticket
            for ticket, asked in self._pending.items()
            if asked.address == address and asked.request_id == request.cancels
        ]
        for ticket in tickets:
            self._drop(ticket, FaultCode.CANCELLED, "The question was cancelled.", outbox)
        return control.Done(request_id=request.request_id, number=len(tickets))

    def _drop(self, ticket: int, code: FaultCode, text: str, outbox: Outbox) -> None:
        outbox.control.append(self._take(ticket).refused(code, text))
        outbox.history.append(encode_control(control.CancelRequest(cancels=ticket)))

    def _take(self, ticket: int) -> Pending:
        asked = self._pending.pop(ticket)
        self._of_key[asked.key] -= 1
        if not self._of_key[asked.key]:
            del self._of_key[asked.key]
        return asked


def _refusal(request: control.HistoryRequest, code: FaultCode, text: str) -> control.Refused:
    return control.Refused(request_id=request.request_id, code=code, text=text)
