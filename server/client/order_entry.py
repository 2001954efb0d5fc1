"""The client's half of idempotent order entry: contiguous counters, stored before sending, resolved after a break.

Rules: pure. Each command has the key (client instance, counter). It stays pending until an event names its key; a
break makes pending commands UNKNOWN. After the next logon those that the engine has seen are resolved by the resumed
events, the others are sent again with the same key. Because a command carries `valid_until_ns`, a late one is
refused by the engine instead of surprising anybody.
"""

from collections.abc import Callable, Iterable
from struct import Struct
from typing import Final

import numpy as np

from server.client import resending
from server.client.actions import SendOrders
from server.protocol.codec import ENVELOPE_BYTES, MESSAGE_BYTES_MAX, Records
from server.protocol.enums import PROTOCOL_VERSION, CommandKind, EnvelopeKind, EventKind, RejectReason
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND, EVENT

VALID_FOR_NS: Final = 5_000_000_000
_GATEWAY_REASONS: Final = range(64, 100)
_CONTINUATIONS: Final = (int(CommandKind.ORDER_TERMS), int(CommandKind.QUOTE_ENTRY))
_EXPIRING = (int(CommandKind.NEW_ORDER), int(CommandKind.REPLACE_ORDER))
_COMMANDS: Final = int(EnvelopeKind.COMMANDS)
_HEARTBEAT: Final = int(EnvelopeKind.HEARTBEAT)
_FEW_EVENTS: Final = 16

ENVELOPE_STRUCT: Final = Struct("<BBHIIBBHIIQQqqQ")
"""The fields of ENVELOPE in their order; a test compares the two."""
_U16: Final = Struct("<H")
_U32: Final = Struct("<I")
_I64: Final = Struct("<q")
_KEY: Final = Struct("<QQ")


def _offset(name: str) -> int:
    assert COMMAND.fields is not None
    return int(COMMAND.fields[name][1])


def _event_fields(*fields: tuple[str, str]) -> Struct:
    """A struct of some fields of EVENT, in their order, with the rest as padding."""
    layout, at = "<", 0
    for name, code in fields:
        assert EVENT.fields is not None
        offset = int(EVENT.fields[name][1])
        layout += f"{offset - at}x{code}"
        at = offset + Struct(f"<{code}").size
    return Struct(f"{layout}{EVENT.itemsize - at}x")


_ANSWER: Final = _event_fields(
    ("kind", "B"), ("reason", "H"), ("client_instance", "Q"), ("counter", "Q"), ("limit", "q")
)
_VERSION: Final = _offset("version")
_GROUP_COUNT: Final = _offset("group_count")
_SESSION: Final = _offset("session")
_INSTANCE: Final = _offset("client_instance")
_VALID_UNTIL: Final = _offset("valid_until_ns")


class OrderFrames:
    """Makes the frames of the order channel, packed by `struct`: numpy would cost more than the sending."""

    @staticmethod
    def commands(epoch: int, session: int, commands: bytes) -> SendOrders:
        """A message of COMMAND rows. Raises `LocalProtocolError` if it is too large."""
        count, rest = divmod(len(commands), COMMAND.itemsize)
        assert rest == 0, "whole rows"
        if ENVELOPE_BYTES + len(commands) > MESSAGE_BYTES_MAX:
            raise LocalProtocolError(f"{count} commands are too many for one message")
        return SendOrders(_envelope(_COMMANDS, count, epoch, session, 0) + commands)

    @staticmethod
    def heartbeat(epoch: int, session: int, time_ns: int) -> SendOrders:
        """A heartbeat that carries the client's clock."""
        return SendOrders(_envelope(_HEARTBEAT, 0, epoch, session, time_ns), heartbeat=True)


def _envelope(kind: int, count: int, epoch: int, session: int, time_ns: int) -> bytes:
    return ENVELOPE_STRUCT.pack(kind, PROTOCOL_VERSION, 0, count, epoch, 0, 0, 0, session, 0, 0, 0, time_ns, 0, 0)


class OrderEntry:
    """Counters and unanswered commands of one client instance.

    `store(rows)` is called with each batch (COMMAND rows as bytes) before it may be sent, `settled(counter)` when the
    command or group that begins with this counter is answered; a client that outlives its process keeps them on disk
    (`order_store`), and begins with the `counter` and the `unanswered` batches that it finds there. One that kept all
    that it ever sent resumes its private events from before the oldest of them, which strikes out what was answered.
    """

    def __init__(
        self,
        client_instance: int,
        store: Callable[[bytes], None] | None = None,
        settled: Callable[[int], None] | None = None,
        *,
        counter: int = 0,
        unanswered: Iterable[bytes] = (),
    ) -> None:
        self.client_instance = client_instance
        self.counter = counter
        self._store = store
        self._settled = settled
        self._pending: dict[int, bytes] = {}
        self._sent_ns: dict[int, int] = {}
        self._heads: dict[int, int] = {}
        self._resend_from: int | None = None
        self._was_busy = False
        for rows in unanswered:
            self._restore(rows)

    def _restore(self, rows: bytes) -> None:
        """Groups, or commands alone, that were sent in an earlier life: unanswered as far as anybody here knows."""
        records = np.frombuffer(rows, COMMAND)
        start = 0
        while start < len(records):
            group = records[start : start + max(1, int(records["group_count"][start]))]
            counters = group["counter"][~np.isin(group["kind"], _CONTINUATIONS)].tolist()
            first = counters[0]
            self._pending[first] = group.tobytes()
            self._sent_ns[first] = 0
            self._heads.update(dict.fromkeys(counters[1:], first))
            self.counter = max(self.counter, counters[-1])
            start += len(group)

    def prepare(
        self, commands: Records, session: int, now_ns: int, valid_for_ns: int = VALID_FOR_NS, sent_ns: int = 0
    ) -> bytes:
        """A stamped copy of `commands` (shape (n,)) as bytes, stored as pending. Another layout raises.

        NEW_ORDER and REPLACE_ORDER without a `valid_until_ns` get one of `now_ns + valid_for_ns` (0: none).
        `sent_ns`: when that was, by the clock of `sent_before`.
        """
        if commands.dtype != COMMAND:
            raise LocalProtocolError(f"commands of layout {commands.dtype}")
        first, count = self.counter + 1, len(commands)
        valid_until_ns = now_ns + valid_for_ns if valid_for_ns else 0
        stamped = bytearray(commands.tobytes())
        if count == 1:
            self._stamp_one(stamped, session, first, valid_until_ns)
        else:
            self._stamp_many(stamped, session, first, valid_until_ns)
        frozen = bytes(stamped)
        if self._store is not None:
            self._store(frozen)
        self.counter += count
        if count == 1:
            self._pending[first] = frozen
            self._sent_ns[first] = sent_ns
        else:
            size = COMMAND.itemsize
            for index in range(count):
                self._pending[first + index] = frozen[index * size : (index + 1) * size]
                self._sent_ns[first + index] = sent_ns
        return frozen

    def prepare_group(
        self, records: Records, session: int, now_ns: int, valid_for_ns: int = VALID_FOR_NS, sent_ns: int = 0
    ) -> bytes:
        """A stamped copy of one group (rows of 128 bytes in COMMAND's layout, shape (n,)), stored as pending.

        Each order has a counter of its own, what continues an order (terms, quotes) has none. The group is answered,
        and sent again, as a whole.
        """
        stamped = records.view(COMMAND).copy()
        counted = ~np.isin(stamped["kind"], _CONTINUATIONS)
        if not len(stamped) or not counted[0]:
            raise LocalProtocolError("a group begins with an order")
        count = int(counted.sum())
        first = self.counter + 1
        stamped["version"] = PROTOCOL_VERSION
        stamped["session"] = session
        stamped["group_count"] = 0
        stamped["group_count"][0] = len(stamped)
        stamped["client_instance"][counted] = np.uint64(self.client_instance)
        stamped["counter"][counted] = np.arange(first, first + count, dtype=np.uint64)
        expiring = np.isin(stamped["kind"], _EXPIRING) & (stamped["valid_until_ns"] == 0)
        stamped["valid_until_ns"][expiring] = now_ns + valid_for_ns if valid_for_ns else 0
        frozen = stamped.tobytes()
        if self._store is not None:
            self._store(frozen)
        self.counter += count
        self._pending[first] = frozen
        self._sent_ns[first] = sent_ns
        self._heads.update(dict.fromkeys(range(first + 1, first + count), first))
        return frozen

    def _stamp_one(self, row: bytearray, session: int, counter: int, valid_until_ns: int) -> None:
        row[_VERSION] = PROTOCOL_VERSION
        _U16.pack_into(row, _GROUP_COUNT, 1)
        _U32.pack_into(row, _SESSION, session)
        _KEY.pack_into(row, _INSTANCE, self.client_instance, counter)
        if valid_until_ns and row[0] in _EXPIRING and _I64.unpack_from(row, _VALID_UNTIL)[0] == 0:
            _I64.pack_into(row, _VALID_UNTIL, valid_until_ns)

    def _stamp_many(self, rows: bytearray, session: int, first: int, valid_until_ns: int) -> None:
        stamped = np.frombuffer(rows, COMMAND)
        stamped["version"] = PROTOCOL_VERSION
        stamped["group_count"] = 1
        stamped["session"] = session
        stamped["client_instance"] = np.uint64(self.client_instance)
        stamped["counter"] = np.arange(first, first + len(stamped), dtype=np.uint64)
        if valid_until_ns:
            expiring = np.isin(stamped["kind"], _EXPIRING) & (stamped["valid_until_ns"] == 0)
            stamped["valid_until_ns"][expiring] = valid_until_ns

    def on_events(self, events: Records) -> None:
        """Strikes out the commands that `events` answer; a gap or a busy gateway asks for a resend."""
        pending = self._pending
        if not pending:
            return
        own = self.client_instance
        for kind, reason, instance, counter, limit in _answers(events, own):
            if instance != own:
                continue
            counter = self._heads.pop(counter, counter)
            if counter not in pending:
                continue
            self._was_busy |= kind == EventKind.REJECTED and reason in _GATEWAY_REASONS
            if kind == EventKind.REJECTED and (reason == RejectReason.COUNTER_GAP or reason in _GATEWAY_REASONS):
                missing = min(counter, limit) if reason == RejectReason.COUNTER_GAP else counter
                self.resend_from(missing)
                continue
            self.settle(counter)

    def settle(self, counter: int) -> None:
        """The command, or the group that it belongs to, is answered; one that is not open is ignored."""
        counter = self._heads.pop(counter, counter)
        if self._pending.pop(counter, None) is None:
            return
        del self._sent_ns[counter]
        if self._settled is not None:
            self._settled(counter)

    def resend_from(self, counter: int) -> None:
        """The server has not seen this command: it and those behind it are to be sent again, with their keys."""
        self._resend_from = counter if self._resend_from is None else min(counter, self._resend_from)

    def sent_before(self, time_ns: int) -> list[int]:
        """The counters of what is unanswered since before `time_ns`, ascending."""
        found = []
        for counter, sent_ns in self._sent_ns.items():  # in the order of their sending
            if sent_ns > time_ns:
                break
            found.append(counter)
        return found

    def is_open(self, counter: int) -> bool:
        """Whether a command, or the group that it is in, is unanswered."""
        return self._heads.get(counter, counter) in self._pending

    def rows_of(self, counters: Iterable[int]) -> bytes:
        """What these counters begin, as COMMAND rows."""
        return b"".join(self._pending[counter] for counter in counters)

    def on_logon(self, last_counter: int, session: int) -> None:
        """A session begins and the engine has seen `last_counter` of this instance: pending rows get its number.

        Counters that we know as answered and the server does not know were lost with the tail of its journal: nothing
        of them happened, nor of what was sent behind them, and their counters are used again.
        """
        lost = [counter for counter in sorted(self._pending) if counter > last_counter]
        if self.counter > last_counter and (not lost or lost[0] != last_counter + 1):
            for counter in lost:
                self.settle(counter)
            self.counter = last_counter
        self.counter = max(self.counter, last_counter)
        for counter, rows in self._pending.items():
            renewed = bytearray(rows)
            for begin in range(0, len(rows), COMMAND.itemsize):
                _U32.pack_into(renewed, begin + _SESSION, session)
            self._pending[counter] = bytes(renewed)
        above = [counter for counter in self._pending if counter > last_counter]
        self._resend_from = min(above) if above else None
        self._was_busy = False

    def take_resend(self) -> list[bytes]:
        """The messages to send again as COMMAND rows, by counter, once; empty if there are none."""
        if self._resend_from is None:
            return []
        parts, self._resend_from = resending.messages(self._pending, self._resend_from, was_busy=self._was_busy)
        self._was_busy = self._was_busy and self._resend_from is not None
        return parts

    def abandon(self, up_to_counter: int) -> None:
        """Forgets commands whose answers the server can no longer name (their events were lost with an old epoch)."""
        for counter in [counter for counter in self._pending if counter <= up_to_counter]:
            self.settle(counter)

    @property
    def pending(self) -> Records:
        """The unanswered commands by counter, shape (n,)."""
        return np.frombuffer(b"".join(self._pending[counter] for counter in sorted(self._pending)), COMMAND)

    @property
    def pending_count(self) -> int:
        """How many commands are unanswered."""
        return len(self._pending)


def _answers(events: Records, instance: int) -> Iterable[tuple[int, int, int, int, int]]:
    """Kind, reason, instance, counter and limit of each event; of many, those of `instance` alone."""
    if len(events) <= _FEW_EVENTS:
        return _ANSWER.iter_unpack(events.tobytes())
    events = events[events["client_instance"] == np.uint64(instance)]
    names = ("kind", "reason", "client_instance", "counter", "limit")
    return zip(*(events[name].tolist() for name in names), strict=True)
