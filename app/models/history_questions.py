"""Questions to the server's history on their way: so many at once, asked again when it was too busy.

Rules: every question sent is answered exactly once, by records or a refusal. A refusal for want of time or room (the
history is a process of its own and may be starting) is no answer: it is asked again after a while, with a pause that
doubles. What nobody wants any more is taken from the queue, or cancelled at the server.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import structs

from server.protocol import control
from server.protocol.enums import FaultCode

AT_ONCE: Final = 16
"""Half of what the server lets a key have under way."""
_FIRST_PAUSE_NS: Final = 300_000_000
_LAST_PAUSE_NS: Final = 5_000_000_000
_AGAIN: Final = (FaultCode.UNAVAILABLE, FaultCode.BUSY)


class HistoryQuestions:
    """`send` sends a request and does not wait; `cancel` says that its answer is not wanted any more."""

    def __init__(
        self, send: Callable[[control.AnyRequest], None], cancel: Callable[[control.AnyRequest], None]
    ) -> None:
        """Nothing is asked."""
        self._send = send
        self._cancel = cancel
        self._queue: deque[control.AnyRequest] = deque()
        self._under_way: list[control.AnyRequest] = []
        self._again: list[tuple[int, control.AnyRequest]] = []
        self._pause_ns = _FIRST_PAUSE_NS

    def ask(self, request: control.AnyRequest) -> None:
        """Ask as soon as there is room. What was sent may be asked anew: its answer may be older than the reason."""
        if request not in self._queue:
            self._queue.append(request)
            self._go_on()

    def answered(self, request: control.AnyRequest) -> None:
        """Records came for it."""
        self._pause_ns = _FIRST_PAUSE_NS
        self._end(request)

    def refused(self, request: control.AnyRequest, code: int, now_ns: int) -> bool:
        """It was refused; whether it will be asked again."""
        asked = self._end(request)
        if asked is None or code not in _AGAIN:
            return False
        self._again.append((now_ns + self._pause_ns, asked))
        self._pause_ns = min(2 * self._pause_ns, _LAST_PAUSE_NS)
        return True

    def retry(self, now_ns: int) -> None:
        """Ask again what was refused and is due."""
        while self._again and self._again[0][0] <= now_ns:
            self.ask(self._again.pop(0)[1])

    def drop(self, is_unwanted: Callable[[control.AnyRequest], bool]) -> list[control.AnyRequest]:
        """Ask no more what is not wanted, and cancel what was sent of it; which those are.

        The refusal of what was cancelled still comes, and is not of the same asked anew meanwhile.
        """
        unsent = [request for request in self._queue if is_unwanted(request)]
        unsent += [request for _, request in self._again if is_unwanted(request)]
        self._queue = deque(request for request in self._queue if request not in unsent)
        self._again = [(due_ns, request) for due_ns, request in self._again if request not in unsent]
        sent = [request for request in self._under_way if is_unwanted(request)]
        for request in sent:
            self._cancel(request)
        return unsent + sent

    def _end(self, request: control.AnyRequest) -> control.AnyRequest | None:
        asked = structs.replace(request, request_id=0)
        if asked not in self._under_way:
            return None
        self._under_way.remove(asked)
        self._go_on()
        return asked

    def _go_on(self) -> None:
        while self._queue and len(self._under_way) < AT_ONCE:
            request = self._queue.popleft()
            self._under_way.append(request)
            self._send(request)
