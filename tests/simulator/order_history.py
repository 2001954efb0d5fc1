"""What clients saw of order entry, checked as a history: one outcome a command, in an order that real time allows.

Rules: a command that was sent after somebody had been told of another one comes after it in the sequence, whoever sent
either (strict serializability: there is one order, the journal's). Commands of one instance have the order of their
counters. Of one session nothing overtakes anything between the server's socket and the journal.
"""

from collections import deque

import numpy as np

from server.gateway.frames import ENVELOPE_SIZE, HEAD_STRUCT
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, RejectReason
from server.protocol.records import COMMAND
from tests.simulator.verdict import Wrong

_AGAIN = (int(RejectReason.DUPLICATE), int(RejectReason.COUNTER_GAP), int(RejectReason.BUSY))
_OUTCOMES = tuple(
    int(kind)
    for kind in (
        EventKind.ACCEPTED, EventKind.REJECTED, EventKind.REPLACED, EventKind.MASS_CANCELED, EventKind.MASS_QUOTED,
        EventKind.DEAD_MAN_SET, EventKind.PROTECTION_REARMED,
    )
)  # fmt: skip
_REPLACED = int(EventKind.REPLACED)
_QUOTED = int(EventKind.MASS_QUOTED)
Key = tuple[int, int]
"""Client instance and counter."""


def _as_sent(rows: Records) -> list[bytes]:
    """Each COMMAND row without what the server writes into it."""
    rows = rows.copy()
    for name in ("session", "user", "sequence", "time_ns"):
        rows[name] = 0
    size, content = COMMAND.itemsize, rows.tobytes()
    return [content[place : place + size] for place in range(0, len(content), size)]


def _is_filler(content: bytes) -> bool:
    """Whether it is what a client sends under a counter whose command has become too old: a cancel of nothing."""
    row = np.frombuffer(content, COMMAND)[0]
    return bool(row["kind"] == CommandKind.CANCEL_ORDER and not row["order_id"] and not row["decision_maker"])


class OrderHistory:
    """All clients of a run."""

    def __init__(self) -> None:
        self._told = 0
        """The newest command of which any client has heard."""
        self._told_when_sent: dict[Key, int] = {}
        self._sequence: dict[Key, int] = {}
        self._quotes: set[Key] = set()
        """Their entries have outcomes and sequences of their own; MASS_QUOTED tells of the whole."""
        self._arrived: dict[int, deque[Key]] = {}
        self._sent: dict[Key, bytes] = {}
        """Each command as its client stored it, without what the server writes into it."""

    def on_store(self, rows: bytes) -> None:
        """A client is about to send commands for the first time."""
        for row, content in zip(np.frombuffer(rows, COMMAND), _as_sent(np.frombuffer(rows, COMMAND)), strict=True):
            key = (int(row["client_instance"]), int(row["counter"]))
            if row["counter"]:
                self._told_when_sent.setdefault(key, self._told)
                self._sent.setdefault(key, content)
            if row["kind"] == CommandKind.MASS_QUOTE:
                self._quotes.add(key)

    def on_told(self, events: Records) -> None:
        """A client is told of private events. Raises Wrong if they cannot follow from what it knew."""
        for kind, reason, instance, counter, sequence in zip(
            *(events[name].tolist() for name in ("kind", "reason", "client_instance", "counter", "command_sequence")),
            strict=True,
        ):
            if not counter or kind not in _OUTCOMES or reason in _AGAIN:
                continue
            if kind == _QUOTED or (instance, counter) not in self._quotes:
                self._decided((instance, counter), sequence, kind)
        self._told = max(self._told, int(events["command_sequence"].max()))

    def _decided(self, key: Key, sequence: int, kind: int) -> None:
        before = self._told_when_sent.get(key)
        if before is None:
            raise Wrong(f"command {sequence} answers {key}, which nobody sent")
        if kind == _REPLACED and self._sequence.get(key, sequence) != sequence:
            return
        if self._sequence.setdefault(key, sequence) != sequence:
            raise Wrong(f"{key} was decided at {self._sequence[key]} and again at {sequence}")
        if sequence <= before:
            raise Wrong(f"{key} was sent when {before} was known, and was decided at {sequence}")

    # ---- between the socket and the journal ----

    def on_arrival(self, frame: bytes) -> None:
        """A frame has reached the server's order socket."""
        if len(frame) < ENVELOPE_SIZE + COMMAND.itemsize or frame[0] != EnvelopeKind.COMMANDS:
            return
        count, session = (int(HEAD_STRUCT.unpack_from(frame)[place]) for place in (3, 8))
        if len(frame) != ENVELOPE_SIZE + count * COMMAND.itemsize:
            return
        rows = np.frombuffer(frame, COMMAND, count, ENVELOPE_SIZE)
        keys = zip(rows["client_instance"].tolist(), rows["counter"].tolist(), strict=True)
        self._arrived.setdefault(session, deque()).extend(keys)

    def on_journaled(self, commands: bytes) -> None:
        """A batch is in the journal. Raises Wrong if a command stands before one that came earlier."""
        rows = np.frombuffer(commands, COMMAND)
        rows = rows[rows["kind"] < CommandKind.TIME]
        for session, instance, counter, content in zip(
            *(rows[name].tolist() for name in ("session", "client_instance", "counter")), _as_sent(rows), strict=True
        ):
            if counter and not _is_filler(content) and self._sent.get((instance, counter), content) != content:
                raise Wrong(f"command {counter} of {instance} is journaled otherwise than it was sent")
            arrived = self._arrived.get(session)
            while arrived and arrived[0] != (instance, counter):
                arrived.popleft()
            if not arrived:
                raise Wrong(f"command {counter} of {instance} overtook another one of its session, or never came")
            arrived.popleft()

    def on_server_gone(self) -> None:
        """What had arrived and was not journaled is gone too."""
        self._arrived.clear()

    # ---- at the end ----

    def check(self) -> None:
        """Each instance's commands have the order of their counters. Raises Wrong."""
        last: dict[int, tuple[int, int]] = {}
        for (instance, counter), sequence in sorted(self._sequence.items()):
            before = last.get(instance, (0, 0))
            if sequence <= before[1]:
                raise Wrong(f"of {instance}: {counter} was decided at {sequence}, {before[0]} at {before[1]}")
            last[instance] = (counter, sequence)
