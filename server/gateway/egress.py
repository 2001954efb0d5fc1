"""Private events of a batch: one message for each session, with all events of its user.

Rules: every event goes to the user that it names and to nobody else; a session that has not spoken on the order socket
yet, or cannot keep up, sees the gap in the next heartbeat and resumes. User 0 is the system and has no session. A few
events are handled as bytes, without numpy: that is the hot path of one order a batch.
"""

import struct
from typing import Final

import numpy as np

from server.gateway.counters import Counters
from server.gateway.frames import ENVELOPE_SIZE, FrameWriter
from server.gateway.outbox import Outbox
from server.gateway.sessions import Session, SessionTable
from server.protocol.codec import MESSAGE_BYTES_MAX
from server.protocol.enums import EnvelopeKind
from server.protocol.records import EVENT

EVENT_SIZE: Final = EVENT.itemsize
ROWS_MAX: Final = (MESSAGE_BYTES_MAX - ENVELOPE_SIZE) // EVENT_SIZE
_EVENTS: Final = int(EnvelopeKind.EVENTS)
_FEW: Final = 8
_FIELDS = EVENT.fields
assert _FIELDS is not None
_STREAM_SEQUENCE: Final = int(_FIELDS["stream_sequence"][1])
_USER: Final = int(_FIELDS["user"][1])
_unpack_user = struct.Struct("<I").unpack_from
_unpack_sequence = struct.Struct("<Q").unpack_from


class Egress:
    """Groups events by user and frames them for each of the user's sessions."""

    __slots__ = ("_counters", "_frames", "_sessions")

    def __init__(self, sessions: SessionTable, counters: Counters, frames: FrameWriter) -> None:
        self._sessions = sessions
        self._counters = counters
        self._frames = frames

    def on_events(self, content: bytes, outbox: Outbox, engine_sequence: int, time_ns: int) -> None:
        """Put the messages for a batch of EVENT rows, in their order, into the outbox."""
        by_user = self._sessions.by_user
        if len(content) == EVENT_SIZE:
            sessions = by_user.get(_unpack_user(content, _USER)[0])
            if sessions is not None:
                self._to_sessions(sessions, content, outbox, engine_sequence, time_ns)
            return
        for user, part in _by_user(content):
            if user in by_user:
                self._to_sessions(by_user[user], part, outbox, engine_sequence, time_ns)

    def _to_sessions(
        self, sessions: list[Session], content: bytes, outbox: Outbox, engine_sequence: int, time_ns: int
    ) -> None:
        first = _unpack_sequence(content, _STREAM_SEQUENCE)[0]
        count = len(content) // EVENT_SIZE
        for session in sessions:
            if not session.confirmed:
                continue
            session.next_stream_sequence = first + count
            if not session.order_address:
                self._counters.add("drops.private_unbound", count)
                continue
            if count <= ROWS_MAX:
                frame = self._frames.content(
                    _EVENTS, count, content, session.number, 0, first, engine_sequence, time_ns
                )
                outbox.orders.append((session.order_address, frame))
                continue
            for begin in range(0, count, ROWS_MAX):
                part = content[begin * EVENT_SIZE : (begin + ROWS_MAX) * EVENT_SIZE]
                rows = len(part) // EVENT_SIZE
                frame = self._frames.content(
                    _EVENTS, rows, part, session.number, 0, first + begin, engine_sequence, time_ns
                )
                outbox.orders.append((session.order_address, frame))


def _by_user(content: bytes) -> list[tuple[int, bytes]]:
    """The events of each user, in their order; a user's stream numbers are consecutive."""
    size = len(content)
    if size <= _FEW * EVENT_SIZE:
        users = [_unpack_user(content, place)[0] for place in range(_USER, size, EVENT_SIZE)]
        if users.count(users[0]) == len(users):
            return [(users[0], content)]
        rows = [content[place : place + EVENT_SIZE] for place in range(0, size, EVENT_SIZE)]
        return [
            (wanted, b"".join([row for user, row in zip(users, rows, strict=True) if user == wanted]))
            for wanted in dict.fromkeys(users)
        ]
    events = np.frombuffer(content, EVENT)
    owners = events["user"]
    return [(user, events[owners == user].tobytes()) for user in np.unique(owners).tolist()]
