"""A client under load that writes down what it was told, and checks it against what the server says later.

Rules: seeded; the audit is over the user's whole private stream, since that is what an acknowledgement is.
"""

import time
from random import Random

import numpy as np

from server.client.connection import Connection
from server.client.incoming import EventsReceived, Faulted, PrivateRolledBack, PrivateSynced
from server.client.order_entry import OrderEntry
from server.protocol.codec import Records
from server.protocol.enums import CommandKind, EventKind, OrderType, RejectReason, TimeInForce
from server.protocol.errors import LocalProtocolError
from server.protocol.records import COMMAND, EVENT
from tests.system.running import ACCOUNT, TRADER, RunningServer

PENDING_MAX = 3000
READ_S = 60.0
_ANSWERS = (
    EventKind.ACCEPTED,
    EventKind.REJECTED,
    EventKind.CANCELED,
    EventKind.REPLACED,
    EventKind.MASS_CANCELED,
)


class Auditor:
    """Sends random orders of one user over one client instance, across the server's lives."""

    def __init__(self, seed: int, user: str = TRADER, account: int = ACCOUNT) -> None:
        self.rng = Random(seed)
        self.user = user
        self.entry = OrderEntry(seed * 7919 + 1)
        self._account = account
        self.seen: list[bytes] = []
        """Each private event in stream order, as it was received."""
        self.sent = 0
        self.live: list[int] = []
        self.lost = False
        self.synced = False
        self.rolled_back: list[tuple[int, int]] = []
        """(known, what was left) of each time that the server said it had lost its tail."""
        self.may_roll_back = False
        self._epoch = 0
        self._told = -1
        self._earlier: list[OrderEntry] = []
        """Instances that were given up, because the server had lost the tail of what they did."""

    @property
    def sequence(self) -> int:
        """The newest private event that was received."""
        return len(self.seen)

    def connect(self, server: RunningServer) -> Connection:
        """Logs on and goes on where the last connection ended."""
        self.lost = self.synced = False
        connection = server.log_on(
            self.user, entry=self.entry, resume_from=self.sequence, resume_epoch=self._epoch, valid_for_ns=0
        )
        self._epoch = connection.session.epoch
        return connection

    def step(self, connection: Connection, *, send: bool = True, timeout_ms: int = 50) -> None:
        """Perhaps sends a message of some commands; takes what has come."""
        if send and not self.lost and self.entry.pending_count < PENDING_MAX:
            commands = self._commands(self.rng.choice((1, 1, 2, 5, 20)))
            try:
                connection.send(commands)
                self.sent += len(commands)
            except LocalProtocolError:
                self.lost = True
        for item in connection.poll(0 if send else timeout_ms):
            if isinstance(item, EventsReceived):
                self._take(item.events)
            elif isinstance(item, PrivateSynced):
                self.synced = True
            elif isinstance(item, PrivateRolledBack):
                self._roll_back(item)
            elif isinstance(item, Faulted):
                self.lost = True

    def check(self) -> None:
        """Every command has exactly one answer that counts: none lost, none doubled."""
        events = np.frombuffer(b"".join(self.seen), EVENT)
        assert events["stream_sequence"].tolist() == list(range(1, len(events) + 1))
        for entry in (*self._earlier, self.entry):
            self._check_instance(entry, events)

    def _check_instance(self, entry: OrderEntry, events: Records) -> None:
        own = events[events["client_instance"] == np.uint64(entry.client_instance)]
        not_counting = (own["kind"] == EventKind.REJECTED) & np.isin(
            own["reason"], [int(RejectReason.DUPLICATE), int(RejectReason.COUNTER_GAP)]
        )
        requested = (own["kind"] != EventKind.CANCELED) | (own["reason"] == 0)
        answers = own[np.isin(own["kind"], [int(kind) for kind in _ANSWERS]) & ~not_counting & requested]
        counters = answers["counter"]
        values, counts = np.unique(counters, return_counts=True)
        doubled = values[counts > 1].tolist()
        assert not doubled, f"answered twice: {doubled[:10]}"
        if entry is self.entry:
            missing = sorted(set(range(1, entry.counter + 1)) - set(values.tolist()))
            assert not missing, f"never answered: {missing[:10]} of {entry.counter}"
        ids = own["order_id"][own["kind"] == EventKind.ACCEPTED]
        assert len(np.unique(ids)) == len(ids), "an order was made twice"

    def _roll_back(self, item: PrivateRolledBack) -> None:
        assert self.may_roll_back, f"the server lost events after {item.sequence}; {item.known} were seen"
        self._told = item.sequence
        self.lost = True

    def reconcile(self, server: RunningServer) -> None:
        """After a power cut in `os` mode: find out what is left of what was seen, and begin anew behind it."""
        reader = Auditor(self.rng.randrange(1 << 40), self.user)
        reader.read_all(server)
        pairs = enumerate(zip(reader.seen, self.seen, strict=False))
        end = min(reader.sequence, self.sequence)
        common = next((place for place, (told, seen) in pairs if told != seen), end)
        if common == self.sequence:
            return
        self._told = -1
        connection = self.connect(server)
        deadline_s = time.monotonic() + READ_S
        while self._told < 0 and not self.synced and time.monotonic() < deadline_s:
            self.step(connection, send=False)
        connection.close()
        assert self._told == common, f"lost behind {common} of {self.sequence}, the server said {self._told}"
        self.rolled_back.append((self.sequence, common))
        del self.seen[common:]
        self._begin_anew()

    def read_all(self, server: RunningServer) -> None:
        """Take the whole private stream of the user."""
        connection = self.connect(server)
        deadline_s = time.monotonic() + READ_S
        while not self.synced:
            assert time.monotonic() < deadline_s, "the private stream never came to its end"
            self.step(connection, send=False)
        connection.close()

    def _begin_anew(self) -> None:
        self._earlier.append(self.entry)
        self.entry = OrderEntry(self.entry.client_instance + 1)
        self.live.clear()

    def _take(self, events: Records) -> None:
        for row in events[events["stream_sequence"] > 0]:
            self.seen.append(row.tobytes())
        accepted = events[events["kind"] == EventKind.ACCEPTED]
        self.live.extend(accepted["order_id"].tolist())
        del self.live[:-500]

    def _commands(self, count: int) -> Records:
        commands = np.zeros(count, COMMAND)
        for row in commands:
            if self.live and self.rng.random() < 0.25:
                row["kind"] = CommandKind.CANCEL_ORDER
                row["order_id"] = self.rng.choice(self.live)
                continue
            row["kind"] = CommandKind.NEW_ORDER
            row["account"] = self._account
            row["instrument"] = self.rng.choice((1, 2))
            row["side"] = self.rng.choice((0, 1))
            row["order_type"] = OrderType.LIMIT
            row["time_in_force"] = self.rng.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC))
            row["price"] = 10_000 + self.rng.randint(-20, 20)
            row["quantity"] = self.rng.randint(0, 50)
        return commands
