"""Rejects that the gateway makes itself: BUSY, outside the stream, one message a session and turn.

Rules: they follow from nothing that the engine knows, so they need not wait for the disk. They use up no counter. What
continues an order (its terms, the entries of a quote) is never answered by itself. A refusal must cost less than the
order would have: rows are copied as bytes.
"""

from typing import Final

import numpy as np

from server.gateway.counters import Counters
from server.gateway.egress import ROWS_MAX
from server.gateway.frames import FrameWriter
from server.gateway.sessions import Session
from server.protocol.enums import (
    PROTOCOL_VERSION,
    CommandKind,
    EnvelopeKind,
    EventKind,
    OrderState,
    RejectReason,
)
from server.protocol.records import COMMAND, EVENT

CONTINUATIONS: Final = (int(CommandKind.ORDER_TERMS), int(CommandKind.QUOTE_ENTRY))
"""Records that belong to the one before them: never answered by themselves."""
_COPIED: Final = (
    "account", "instrument", "client_instance", "counter", "label", "side", "order_type", "time_in_force", "capacity",
    "price", "quantity", "shard",
)  # fmt: skip
_COMMAND_SIZE: Final = COMMAND.itemsize
_EVENT_FIELDS, _COMMAND_FIELDS = EVENT.fields, COMMAND.fields
assert _EVENT_FIELDS is not None
assert _COMMAND_FIELDS is not None
_PLACES: Final = [
    (
        slice(int(_EVENT_FIELDS[name][1]), int(_EVENT_FIELDS[name][1]) + EVENT[name].itemsize),
        slice(int(_COMMAND_FIELDS[name][1]), int(_COMMAND_FIELDS[name][1]) + COMMAND[name].itemsize),
    )
    for name in _COPIED
]
assert all(EVENT[name] == COMMAND[name] for name in _COPIED), "copied as bytes"
_SESSION: Final = slice(int(_EVENT_FIELDS["session"][1]), int(_EVENT_FIELDS["session"][1]) + 4)
_USER: Final = slice(int(_EVENT_FIELDS["user"][1]), int(_EVENT_FIELDS["user"][1]) + 4)
_EVENTS: Final = int(EnvelopeKind.EVENTS)


def _template() -> bytes:
    row = np.zeros(1, EVENT)
    row["kind"], row["version"], row["group_count"] = EventKind.REJECTED, PROTOCOL_VERSION, 1
    row["reason"], row["state"] = RejectReason.BUSY, OrderState.REJECTED
    return row.tobytes()


_BUSY: Final = _template()


class Refusals:
    """Refused commands of a turn, by session."""

    __slots__ = ("_counters", "_frames", "rows")

    def __init__(self, counters: Counters, frames: FrameWriter) -> None:
        self._counters = counters
        self._frames = frames
        self.rows: dict[int, tuple[bytes, bytearray]] = {}

    def add(self, session: Session, address: bytes, commands: bytes) -> None:
        """Refuse COMMAND rows (as bytes) of a session, in its name; the address is told."""
        _, events = self.rows.setdefault(session.number, (address, bytearray()))
        before = len(events)
        owner = (session.number.to_bytes(4, "little"), session.user.to_bytes(4, "little"))
        for place in range(0, len(commands), _COMMAND_SIZE):
            if commands[place] not in CONTINUATIONS:
                events += _refused(commands[place : place + _COMMAND_SIZE], owner)
        count = (len(events) - before) // len(_BUSY)
        self._counters.add("rejects", count)
        self._counters.add("rejects.BUSY", count)

    def take(self) -> list[tuple[bytes, bytes]]:
        """The messages of all sessions: address and frame."""
        messages: list[tuple[bytes, bytes]] = []
        size_max = ROWS_MAX * len(_BUSY)
        for number, (address, events) in self.rows.items():
            for begin in range(0, len(events), size_max):
                part = bytes(events[begin : begin + size_max])
                messages.append((address, self._frames.content(_EVENTS, len(part) // len(_BUSY), part, number)))
        self.rows.clear()
        return messages


def _refused(command: bytes, owner: tuple[bytes, bytes]) -> bytearray:
    event = bytearray(_BUSY)
    event[_SESSION], event[_USER] = owner
    for to, from_ in _PLACES:
        event[to] = command[from_]
    return event
