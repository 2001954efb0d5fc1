"""Messages of the order socket: checked, bound to the session of their key, and gathered as commands.

Rules: bytes that are no message of the protocol close the session that sent them and no other; what the records say
about orders is left to the engine. Session, user and client instance of a command are written here, from the key.
Rejects made here (BUSY) carry no sequence and use up no counter. One record a message is the hot path: no numpy there.
"""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.gateway.commands import FIRST_SERVER_KIND
from server.gateway.counters import Counters
from server.gateway.frames import ENVELOPE_SIZE, HEAD_STRUCT, FrameWriter
from server.gateway.outbox import OrderMessage, Outbox
from server.gateway.sessions import Session, SessionTable
from server.protocol.codec import MESSAGE_BYTES_MAX
from server.protocol.enums import (
    PROTOCOL_VERSION,
    CommandKind,
    EnvelopeKind,
    EventKind,
    FaultCode,
    OrderState,
    RejectReason,
)
from server.protocol.records import COMMAND, EVENT

COMMAND_SIZE = COMMAND.itemsize
FIELDS = COMMAND.fields
assert FIELDS is not None
_OWNER = struct.Struct("<IIQ")
_OWNER_OFFSET = int(FIELDS["session"][1])
assert int(FIELDS["user"][1]) == _OWNER_OFFSET + 4, "session, user and client instance are written in one piece"
assert int(FIELDS["client_instance"][1]) == _OWNER_OFFSET + 8
_ONE_COMMAND = ENVELOPE_SIZE + COMMAND_SIZE
_COMMANDS = int(EnvelopeKind.COMMANDS)
_HEARTBEAT = int(EnvelopeKind.HEARTBEAT)
_CANCELS = (int(CommandKind.CANCEL_ORDER), int(CommandKind.MASS_CANCEL))
CONTINUATIONS = (int(CommandKind.ORDER_TERMS), int(CommandKind.QUOTE_ENTRY))
"""Records that belong to the one before them: never answered by themselves."""
_COPIED = (
    "account", "instrument", "session", "client_instance", "counter", "label", "side", "order_type", "time_in_force",
    "capacity", "price", "quantity", "user",
)  # fmt: skip

CloseSession = Callable[[Session, FaultCode, bytes], None]
"""Close a session for a reason, with the address that is told."""


class OrderEntry:
    """Turns messages into command bytes appended to `commands`, heartbeats and faults into the outbox."""

    __slots__ = ("_close", "_counters", "_frames", "_held_max", "_sessions")

    def __init__(
        self, sessions: SessionTable, counters: Counters, frames: FrameWriter, held_max: int, close: CloseSession
    ) -> None:
        self._sessions = sessions
        self._counters = counters
        self._frames = frames
        self._held_max = held_max
        self._close = close

    def on_messages(
        self,
        now_ns: int,
        time_ns: int,
        messages: list[OrderMessage],
        commands: bytearray,
        outbox: Outbox,
        *,
        engine_sequence: int,
        held: int,
    ) -> None:
        """Handle messages in their order. `held` is how many commands wait for the disk."""
        by_key = self._sessions.by_key
        head = HEAD_STRUCT.unpack_from
        for key, address, frame in messages:
            session = by_key.get(key)
            if session is None:
                self._counters.fault(FaultCode.NOT_LOGGED_ON)
                outbox.orders.append((address, self._frames.fault(FaultCode.NOT_LOGGED_ON, session=0, time_ns=time_ns)))
                continue
            size = len(frame)
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
                if held >= self._held_max:
                    self._on_busy(session, address, frame, count, commands, outbox, held)
                elif size == _ONE_COMMAND and count == 1 and _is_client_record(frame):
                    offset = len(commands) + _OWNER_OFFSET
                    commands += frame[ENVELOPE_SIZE:]
                    _OWNER.pack_into(commands, offset, number, session.user, session.client_instance)
                elif not self._take_many(session, frame, count, commands):
                    self._close(session, FaultCode.MALFORMED, address)
            elif kind == _HEARTBEAT and size == ENVELOPE_SIZE and count == 0:
                session.heard_ns = now_ns
                session.order_address = address
                outbox.orders.append((address, self._heartbeat(session, time_ns, engine_sequence, client_time_ns)))
            else:
                self._close(session, FaultCode.MALFORMED, address)

    def _heartbeat(self, session: Session, time_ns: int, engine_sequence: int, echo_time_ns: int) -> bytes:
        return self._frames.heartbeat(
            session=session.number,
            next_sequence=session.next_stream_sequence,
            engine_sequence=engine_sequence,
            time_ns=time_ns,
            echo_time_ns=echo_time_ns,
        )

    def _take_many(self, session: Session, frame: bytes, count: int, commands: bytearray) -> bool:
        """Append all records of a message; False (and nothing appended) if they are not a client's records."""
        records = decode_client_records(frame, count)
        if records is None:
            return False
        _own(records, session)
        commands += records.tobytes()
        return True

    def _on_busy(
        self,
        session: Session,
        address: bytes,
        frame: bytes,
        count: int,
        commands: bytearray,
        outbox: Outbox,
        held: int,
    ) -> None:
        """Above the limit cancels alone are taken, and from twice the limit on nothing."""
        records = decode_client_records(frame, count)
        if records is None:
            self._close(session, FaultCode.MALFORMED, address)
            return
        _own(records, session)
        if held < 2 * self._held_max and np.isin(records["kind"], _CANCELS).all():
            commands += records.tobytes()
            return
        refused = records[~np.isin(records["kind"], CONTINUATIONS)]
        self._counters.add("rejects", len(refused))
        self._counters.add("rejects.BUSY", len(refused))
        outbox.orders.append((address, self.busy(refused, session.number)))

    def busy(self, records: NDArray[Any], session: int) -> bytes:
        """An EVENTS frame outside the stream (sequence 0): each of these commands was refused, none was counted."""
        events = np.zeros(len(records), EVENT)
        for name in _COPIED:
            events[name] = records[name]
        events["kind"] = EventKind.REJECTED
        events["version"] = PROTOCOL_VERSION
        events["shard"] = records["shard"]
        events["group_count"] = 1
        events["reason"] = RejectReason.BUSY
        events["state"] = OrderState.REJECTED
        return self._frames.records(EnvelopeKind.EVENTS, events, session=session)


def decode_client_records(frame: bytes, count: int) -> NDArray[Any] | None:
    """The records of a COMMANDS message as a writable copy, or None unless all of them are a client's."""
    if count < 1 or len(frame) != ENVELOPE_SIZE + count * COMMAND_SIZE:
        return None
    records = np.frombuffer(frame, COMMAND, count, ENVELOPE_SIZE)
    if (records["version"] != PROTOCOL_VERSION).any() or (records["kind"] >= FIRST_SERVER_KIND).any():
        return None
    return records.copy()


def _own(records: NDArray[Any], session: Session) -> None:
    """Write whose they are; what continues an order has no client instance."""
    records["session"] = session.number
    records["user"] = session.user
    records["client_instance"][~np.isin(records["kind"], CONTINUATIONS)] = np.uint64(session.client_instance)


def _is_client_record(frame: bytes) -> bool:
    return frame[ENVELOPE_SIZE] < FIRST_SERVER_KIND and frame[ENVELOPE_SIZE + 1] == PROTOCOL_VERSION


def _size_fault(size: int) -> FaultCode:
    return FaultCode.TOO_LARGE if size > MESSAGE_BYTES_MAX else FaultCode.MALFORMED
