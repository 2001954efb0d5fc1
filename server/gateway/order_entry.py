"""Messages of the order socket: checked, bound to the session of their key, and gathered as commands.

Rules: bytes that are no message of the protocol close the session that sent them and no other; what the records say
about orders is left to the engine. Session, user and client instance of a command are written here, from the key.
Before anything is parsed the message and its bytes are taken from the user's budget; too much is flooding and closes
the session. A message is taken or refused (BUSY) as a whole: one that holds a cancel and an order is an order. One
record a message is the hot path: no numpy there.
"""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.backlog import ALL_REFUSED, NO_BACKLOG, ORDERS_REFUSED, Backlog
from server.gateway.commands import FIRST_SERVER_KIND
from server.gateway.counters import Counters
from server.gateway.frames import ENVELOPE_SIZE, HEAD_STRUCT, FrameWriter
from server.gateway.many_messages import CANCELS, MANY, take_together
from server.gateway.outbox import OrderMessage, Outbox
from server.gateway.refusals import CONTINUATIONS, Refusals
from server.gateway.sessions import Session, SessionTable
from server.gateway.token_bucket import TokenBucket
from server.gateway.user_budgets import MESSAGE_BYTES, UserBudget, UserBudgets
from server.protocol.codec import MESSAGE_BYTES_MAX
from server.protocol.enums import PROTOCOL_VERSION, EnvelopeKind, FaultCode
from server.protocol.records import COMMAND
from server.settings import GatewaySettings

COMMAND_SIZE = COMMAND.itemsize
FIELDS = COMMAND.fields
assert FIELDS is not None
_OWNER = struct.Struct("<IIQ")
_OWNER_OFFSET = int(FIELDS["session"][1])
assert int(FIELDS["user"][1]) == _OWNER_OFFSET + 4, "session, user and client instance are written in one piece"
assert int(FIELDS["client_instance"][1]) == _OWNER_OFFSET + 8
_ONE_COMMAND = ENVELOPE_SIZE + COMMAND_SIZE
_NO_GROUP = bytes(2)
_COMMANDS = int(EnvelopeKind.COMMANDS)
_HEARTBEAT = int(EnvelopeKind.HEARTBEAT)
STRANGERS_PER_S = 1000
"""Messages of keys without a session that are answered with a FAULT; more are dropped."""

CloseSession = Callable[[Session, FaultCode, bytes], None]
"""Close a session for a reason, with the address that is told."""


class OrderEntry:
    """Turns messages into command bytes appended to `commands`, heartbeats and faults into the outbox.

    What need not wait for the disk goes into `refusals`, and heartbeats during a stall into `prompt`.
    """

    __slots__ = (
        "_budgets", "_close", "_counters", "_frames", "_prompt", "_sessions", "_settings", "_strangers", "refusals",
    )  # fmt: skip

    def __init__(
        self,
        settings: GatewaySettings,
        sessions: SessionTable,
        counters: Counters,
        frames: FrameWriter,
        close: CloseSession,
        prompt: Outbox,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._counters = counters
        self._frames = frames
        self._close = close
        self._budgets = UserBudgets(settings)
        self.refusals = Refusals(counters, frames)
        self._strangers = TokenBucket(STRANGERS_PER_S, STRANGERS_PER_S, 0)
        self._prompt = prompt

    def on_messages(
        self,
        now_ns: int,
        time_ns: int,
        messages: list[OrderMessage],
        commands: bytearray,
        outbox: Outbox,
        *,
        engine_sequence: int,
        backlog: Backlog,
    ) -> None:
        """Handle messages in their order."""
        by_key = self._sessions.by_key
        budgets = self._budgets.by_user
        head = HEAD_STRUCT.unpack_from
        pressure = 0 if backlog is NO_BACKLOG else backlog.pressure(self._settings)
        is_busy_turn = len(messages) >= MANY and not pressure
        if is_busy_turn and take_together(now_ns, messages, by_key, self._budgets, commands):
            return
        for key, address, frame in messages:
            session = by_key.get(key)
            if session is None:
                self._on_stranger(now_ns, time_ns, address, outbox)
                continue
            size = len(frame)
            budget = budgets.get(session.user) or self._budgets.add(session.user, now_ns)
            if not budget.traffic.takes(size + MESSAGE_BYTES, now_ns):
                self._close(session, FaultCode.FLOODING, address)
                continue
            if not ENVELOPE_SIZE <= size <= MESSAGE_BYTES_MAX:
                self._close(session, _size_fault(size), address)
                continue
            kind, version, _, count, _, _, _, _, number, _, _, _, client_time_ns = head(frame)
            if version != PROTOCOL_VERSION:
                self._close(session, FaultCode.UNSUPPORTED_VERSION, address)
            elif number != session.number:
                self._close(session, FaultCode.FOREIGN_SESSION, address)
            elif kind == _COMMANDS:
                session.heard_ns = now_ns
                session.order_address = address
                if size == _ONE_COMMAND and count == 1 and _is_client_record(frame):
                    record = frame[ENVELOPE_SIZE:]
                    is_taken = _has_room(budget, pressure, now_ns, 1, is_cancel=record[0] in CANCELS)
                else:
                    records = decode_client_records(frame, count)
                    if records is None:
                        self._close(session, FaultCode.MALFORMED, address)
                        continue
                    record = _owned(records, session)
                    is_cancel = bool(np.isin(records["kind"], CANCELS).all())
                    is_taken = _has_room(budget, pressure, now_ns, count, is_cancel=is_cancel)
                if not is_taken:
                    self.refusals.add(session, address, record)
                    continue
                offset = len(commands) + _OWNER_OFFSET
                commands += record
                _OWNER.pack_into(commands, offset, number, session.user, session.client_instance)
            elif kind == _HEARTBEAT and size == ENVELOPE_SIZE and count == 0:
                session.heard_ns = now_ns
                session.order_address = address
                self.beat(session, time_ns, engine_sequence, backlog, outbox, client_time_ns)
            else:
                self._close(session, FaultCode.MALFORMED, address)

    def _on_stranger(self, now_ns: int, time_ns: int, address: bytes, outbox: Outbox) -> None:
        """A key without a session, whose connection is from before: told so, unless it asks for it too often."""
        self._counters.fault(FaultCode.NOT_LOGGED_ON)
        if self._strangers.takes(1, now_ns):
            fault = self._frames.fault(FaultCode.NOT_LOGGED_ON, session=0, time_ns=time_ns)
            outbox.orders.append((address, fault))

    def beat(
        self, session: Session, time_ns: int, engine_sequence: int, backlog: Backlog, outbox: Outbox, echo_time_ns: int
    ) -> None:
        """A HEARTBEAT to a session. During a stall it goes out beside what waits, and names no next event."""
        announced = backlog.announced(self._settings)
        if backlog.is_stalled:
            frame = self._frames.heartbeat(
                session=session.number, next_sequence=0, engine_sequence=0, time_ns=time_ns,
                echo_time_ns=echo_time_ns, code=announced,
            )  # fmt: skip
            self._prompt.orders.append((session.order_address, frame))
            return
        frame = self._frames.heartbeat(
            session=session.number, next_sequence=session.next_stream_sequence, engine_sequence=engine_sequence,
            time_ns=time_ns, echo_time_ns=echo_time_ns, code=announced,
        )  # fmt: skip
        outbox.orders.append((session.order_address, frame))


def _has_room(budget: UserBudget, pressure: int, now_ns: int, count: int, *, is_cancel: bool) -> bool:
    """Whether a message of `count` commands is taken: orders and cancels have separate room."""
    if is_cancel:
        return pressure < ALL_REFUSED and budget.cancels.takes(count, now_ns)
    return pressure < ORDERS_REFUSED and budget.orders.takes(count, now_ns)


def _owned(records: NDArray[Any], session: Session) -> bytes:
    """The rows as bytes, in the name of the session, its user and its client; what continues an order has no client."""
    records["session"] = session.number
    records["user"] = session.user
    records["client_instance"][~np.isin(records["kind"], CONTINUATIONS)] = np.uint64(session.client_instance)
    return records.tobytes()


def decode_client_records(frame: bytes, count: int) -> NDArray[Any] | None:
    """The records of a COMMANDS message as a writable copy, or None unless all of them are a client's."""
    if count < 1 or len(frame) != ENVELOPE_SIZE + count * COMMAND_SIZE:
        return None
    records = np.frombuffer(frame, COMMAND, count, ENVELOPE_SIZE)
    if (records["version"] != PROTOCOL_VERSION).any() or (records["kind"] >= FIRST_SERVER_KIND).any():
        return None
    if records["group_count"][0] == 0:  # it would join a torn group of the message before, if a batch holds both
        return None
    return records.copy()


def _is_client_record(frame: bytes) -> bool:
    head = ENVELOPE_SIZE
    return (
        frame[head] < FIRST_SERVER_KIND
        and frame[head + 1] == PROTOCOL_VERSION
        and frame[head + 4 : head + 6] != _NO_GROUP
    )


def _size_fault(size: int) -> FaultCode:
    return FaultCode.TOO_LARGE if size > MESSAGE_BYTES_MAX else FaultCode.MALFORMED
