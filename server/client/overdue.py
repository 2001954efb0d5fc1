"""Commands whose answer is due for too long while the session lives: told once, then asked about, with patience.

Rules: pure. One question at a time, about the oldest: its answer says how far the server has come with all of them.
The pauses double; after `ATTEMPTS_MAX` questions nothing is asked any more until the next session, and what is not
resolved stays unknown. Nothing is ever sent under a new key.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from server.client.incoming import EventsReceived, Incoming, OrdersUnknown
from server.client.order_entry import OrderEntry
from server.client.private_stream import PrivateStream
from server.client.requests import ReplyHandler
from server.protocol import control
from server.protocol.codec import decode_bulk
from server.protocol.enums import OrderOutcome
from server.protocol.records import COMMAND

ANSWER_DUE_NS: Final = 3_000_000_000
FIRST_PAUSE_NS: Final = 1_000_000_000
PAUSE_MAX_NS: Final = 30_000_000_000
ATTEMPTS_MAX: Final = 10
Ask = Callable[[control.AnyRequest, ReplyHandler], int]
Tell = Callable[[Incoming], None]


class Overdue:
    """What to tell and what to ask of one client instance's unanswered commands."""

    def __init__(
        self, entry: OrderEntry, private: PrivateStream, ask: Ask, tell: Tell, answer_due_ns: int = ANSWER_DUE_NS
    ) -> None:
        self._entry = entry
        self._private = private
        self._ask = ask
        self._tell = tell
        self._answer_due_ns = answer_due_ns
        self._told = 0
        self._asking = False
        self._attempts = 0
        self._ask_at_ns = 0

    def restart(self) -> None:
        """A session begins: what is unanswered from before may be told and asked about anew, after its time."""
        self._told = 0
        self._asking = False
        self._attempts = 0
        self._ask_at_ns = 0

    def on_time(self, now_ns: int) -> None:
        """Tells what has become overdue, and asks about the oldest if it is time to."""
        waiting = self._entry.sent_before(now_ns - self._answer_due_ns)
        if not waiting:
            self._attempts = 0
            return
        new = [counter for counter in waiting if counter > self._told]
        if new:
            self._told = new[-1]
            self._tell(OrdersUnknown(np.frombuffer(self._entry.rows_of(new), COMMAND)))
        if self._asking or now_ns < self._ask_at_ns or self._attempts >= ATTEMPTS_MAX:
            return
        self._asking = True
        self._ask_at_ns = now_ns + min(FIRST_PAUSE_NS << self._attempts, PAUSE_MAX_NS)
        self._attempts += 1
        question = control.GetOrderStatus(client_instance=self._entry.client_instance, counter=waiting[0])
        self._ask(question, partial(self._on_status, waiting[0]))

    def _on_status(self, counter: int, reply: control.AnyReply) -> None:
        self._asking = False
        if not isinstance(reply, control.OrderStatus) or not self._entry.is_open(counter):
            return
        if reply.outcome == OrderOutcome.NOT_SEEN:
            self._entry.resend_from(reply.last_counter + 1)
        elif self._private.sequence < reply.stream_sequence:
            self._private.synced = False
        else:
            self._resolve(counter, reply)

    def _resolve(self, counter: int, status: control.OrderStatus) -> None:
        """All private events are here and none of them named the command: what the server says of it holds.

        Without an event it ended further back than the server looks: nothing of it lives, and that is all one knows.
        """
        events = decode_bulk(control.Records(layout="EVENT", records=status.records), "EVENT")
        self._entry.settle(counter)
        self._attempts = 0
        self._ask_at_ns = 0
        if len(events):
            self._tell(EventsReceived(events, resumed=True))
