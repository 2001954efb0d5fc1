"""The client's half of idempotent order entry: contiguous counters, stored before sending, resolved after a break.

Rules: pure. Each command has the key (client instance, counter). It stays pending until an event names its key; a
break makes pending commands UNKNOWN. After the next logon those that the engine has seen are resolved by the resumed
events, the others are sent again with the same key. Because a command carries `valid_until_ns`, a late one is
refused by the engine instead of surprising anybody.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from server.client.actions import SendOrders
from server.protocol.codec import Records, encode_message
from server.protocol.enums import CommandKind, EnvelopeKind, EventKind, RejectReason
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND, ENVELOPE

VALID_FOR_NS: Final = 5_000_000_000
_GATEWAY_REASONS: Final = 64
_EXPIRING = (int(CommandKind.NEW_ORDER), int(CommandKind.REPLACE_ORDER))


class OrderFrames:
    """Makes the frames of the order channel."""

    def __init__(self) -> None:
        self._envelope = np.zeros(1, ENVELOPE)

    def commands(self, epoch: int, session: int, commands: Records) -> SendOrders:
        """A message of commands. Raises `LocalProtocolError` if it is too large."""
        return SendOrders(self._frame(EnvelopeKind.COMMANDS, epoch, session, 0, commands))

    def heartbeat(self, epoch: int, session: int, time_ns: int) -> SendOrders:
        """A heartbeat that carries the client's clock."""
        return SendOrders(self._frame(EnvelopeKind.HEARTBEAT, epoch, session, time_ns, None), heartbeat=True)

    def _frame(self, kind: EnvelopeKind, epoch: int, session: int, time_ns: int, commands: Records | None) -> bytes:
        envelope = self._envelope
        envelope["kind"] = kind
        envelope["epoch"] = epoch
        envelope["session"] = session
        envelope["time_ns"] = time_ns
        return encode_message(envelope, commands)


class OrderEntry:
    """Counters and unanswered commands of one client instance.

    `store(commands)` is called with each batch before it may be sent; a client that outlives its process writes
    the rows to disk there.
    """

    def __init__(self, client_instance: int, store: Callable[[Records], None] | None = None) -> None:
        self.client_instance = client_instance
        self.counter = 0
        self._store = store
        self._pending: dict[int, Records] = {}
        self._resend_from: int | None = None
        self._instance_key = np.uint64(client_instance)

    def prepare(self, commands: Records, session: int, now_ns: int, valid_for_ns: int = VALID_FOR_NS) -> Records:
        """A stamped copy of `commands` (shape (n,)), stored as pending. Raises `LocalProtocolError` on another layout.

        NEW_ORDER and REPLACE_ORDER without a `valid_until_ns` get one of `now_ns + valid_for_ns` (0: none).
        """
        if commands.dtype != COMMAND:
            raise LocalProtocolError(f"commands of layout {commands.dtype}")
        stamped = commands.copy()
        count = len(stamped)
        stamped["version"] = 1
        stamped["group_count"] = 1
        stamped["session"] = session
        stamped["client_instance"] = self._instance_key
        first = self.counter + 1
        if count == 1:
            stamped["counter"] = first
            row = stamped[0]
            if valid_for_ns and row["valid_until_ns"] == 0 and int(row["kind"]) in _EXPIRING:
                stamped["valid_until_ns"] = now_ns + valid_for_ns
        else:
            stamped["counter"] = np.arange(first, first + count, dtype=np.uint64)
            if valid_for_ns:
                expiring = np.isin(stamped["kind"], _EXPIRING) & (stamped["valid_until_ns"] == 0)
                stamped["valid_until_ns"][expiring] = now_ns + valid_for_ns
        if self._store is not None:
            self._store(stamped)
        self.counter += count
        for offset in range(count):
            self._pending[first + offset] = stamped[offset : offset + 1]
        return stamped

    def on_events(self, events: Records) -> None:
        """Strikes out the commands that `events` answer; a gap or a busy gateway asks for a resend."""
        pending = self._pending
        if not pending:
            return
        mine = events["client_instance"] == self._instance_key
        rows = events[mine]
        for counter, kind, reason, limit in zip(
            rows["counter"].tolist(),
            rows["kind"].tolist(),
            rows["reason"].tolist(),
            rows["limit"].tolist(),
            strict=True,
        ):
            if counter not in pending:
                continue
            if kind == EventKind.REJECTED and (reason == RejectReason.COUNTER_GAP or reason >= _GATEWAY_REASONS):
                missing = min(counter, limit) if reason == RejectReason.COUNTER_GAP else counter
                self._resend_from = missing if self._resend_from is None else min(missing, self._resend_from)
                continue
            del pending[counter]

    def on_logon(self, last_counter: int, session: int) -> None:
        """A session begins and the engine has seen `last_counter` of this instance: pending rows get its number."""
        self.counter = max(self.counter, last_counter)
        for row in self._pending.values():
            row["session"] = session
        above = [counter for counter in self._pending if counter > last_counter]
        self._resend_from = min(above) if above else None

    def take_resend(self) -> Records | None:
        """The commands to send again, by counter, once; None if there are none."""
        if self._resend_from is None:
            return None
        rows = [self._pending[counter] for counter in sorted(self._pending) if counter >= self._resend_from]
        self._resend_from = None
        return np.concatenate(rows) if rows else None

    def abandon(self, up_to_counter: int) -> None:
        """Forgets commands whose answers the server can no longer name (their events were lost with an old epoch)."""
        for counter in [counter for counter in self._pending if counter <= up_to_counter]:
            del self._pending[counter]

    @property
    def pending(self) -> Records:
        """The unanswered commands by counter, shape (n,)."""
        if not self._pending:
            return np.empty(0, COMMAND)
        return np.concatenate([self._pending[counter] for counter in sorted(self._pending)])

    @property
    def pending_count(self) -> int:
        """How many commands are unanswered."""
        return len(self._pending)
