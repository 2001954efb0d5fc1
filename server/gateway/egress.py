"""Private events of a batch: one message for each session, with all events of its user.

Rules: every event goes to the user that it names and to nobody else; a session that has not spoken on the order socket
yet, or cannot keep up, sees the gap in the next heartbeat and resumes. User 0 is the system and has no session.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.gateway.counters import Counters
from server.gateway.frames import ENVELOPE_SIZE, FrameWriter
from server.gateway.outbox import Outbox
from server.gateway.sessions import SessionTable
from server.protocol.codec import MESSAGE_BYTES_MAX
from server.protocol.enums import EnvelopeKind
from server.protocol.records import EVENT

ROWS_MAX: Final = (MESSAGE_BYTES_MAX - ENVELOPE_SIZE) // EVENT.itemsize
_EVENTS: Final = int(EnvelopeKind.EVENTS)


class Egress:
    """Groups events by user and frames them for each of the user's sessions."""

    __slots__ = ("_counters", "_frames", "_sessions")

    def __init__(self, sessions: SessionTable, counters: Counters, frames: FrameWriter) -> None:
        self._sessions = sessions
        self._counters = counters
        self._frames = frames

    def on_events(self, events: NDArray[Any], outbox: Outbox, *, engine_sequence: int, time_ns: int) -> None:
        """Put the messages for a batch of EVENT rows, in their order, into the outbox."""
        users = events["user"]
        first = int(users[0])
        if len(events) == 1 or bool((users == first).all()):
            self._to_user(first, events, outbox, engine_sequence, time_ns)
            return
        by_user = self._sessions.by_user
        for user in np.unique(users).tolist():
            if user in by_user:
                self._to_user(user, events[users == user], outbox, engine_sequence, time_ns)

    def _to_user(self, user: int, events: NDArray[Any], outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        for session in self._sessions.by_user.get(user, ()):
            if not session.confirmed:
                continue
            stream = events["stream_sequence"]
            session.next_stream_sequence = int(stream[-1]) + 1
            if not session.order_address:
                self._counters.add("drops.private_unbound", len(events))
                continue
            for begin in range(0, len(events), ROWS_MAX):
                part = events[begin : begin + ROWS_MAX]
                frame = self._frames.records(
                    _EVENTS,
                    part,
                    session=session.number,
                    sequence=int(stream[begin]),
                    engine_sequence=engine_sequence,
                    time_ns=time_ns,
                )
                outbox.orders.append((session.order_address, frame))
