"""A whole server without sockets: real journal, engine and gateway, a clock and passwords of the test's own.

Rules: time stands still until a test moves it; a client speaks in frames, as over the wire.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from server.bootstrap import Core, open_core
from server.gateway.memory import MemoryTransport
from server.gateway.reference import reference_commands
from server.journal.journal import Journal
from server.pipeline import Pipeline
from server.protocol import control
from server.protocol.codec import decode_envelope, decode_records, decode_reply, encode_control, encode_message
from server.protocol.enums import (
    PROTOCOL_VERSION,
    CommandKind,
    Durability,
    EnvelopeKind,
    FaultCode,
    Mode,
    OrderType,
    Side,
    TimeInForce,
)
from server.protocol.records import ALL_RECORDS, COMMAND, ENVELOPE, EVENT, NO_PRICE
from server.settings import (
    AccountSetting,
    CurrencySetting,
    GatewaySettings,
    InstrumentSetting,
    Reference,
    ServerSettings,
    SnapshotSettings,
    UserSetting,
)

START_NS = 1_700_000_000_000_000_000
PASSWORD = "a long enough word"
ANN, BOB, OPERATOR = 7, 8, 9
VLTA, KRNL = 1, 2
ANN_ACCOUNT, BOB_ACCOUNT = 100, 200


def reference() -> Reference:
    """Two instruments, two funded accounts, two traders and an operator."""
    shares = [("VLTA", "Voltara Power"), ("KRNL", "Kernel Systems")]
    return Reference(
        currencies=[CurrencySetting(number=1, code="EUR", money_decimals=2)],
        instruments=[
            InstrumentSetting(
                instrument=number, symbol=symbol, name=name, group="Energy", price_max=100_000, quantity_max=1_000_000,
                reference_price=5000,
            )
            for number, (symbol, name) in enumerate(shares, 1)
        ],
        accounts=[
            AccountSetting(account=ANN_ACCOUNT, name="A-100", cash=10**12),
            AccountSetting(account=BOB_ACCOUNT, name="A-200", cash=10**12),
        ],
        users=[
            UserSetting(user_id=ANN, user="ann", password=PASSWORD, accounts=[ANN_ACCOUNT]),
            UserSetting(user_id=BOB, user="bob", password=PASSWORD, accounts=[BOB_ACCOUNT]),
            UserSetting(user_id=OPERATOR, user="ops", password=PASSWORD, operator=True),
        ],
    )  # fmt: skip


class Clock:
    """Nanoseconds that a test moves."""

    def __init__(self) -> None:
        self.now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns

    def advance_ms(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now_ns += milliseconds * 1_000_000


@dataclass(frozen=True)
class Outcome:
    """An answer of the fake authenticator."""

    ticket: int
    user: int
    code: FaultCode = FaultCode.NONE
    text: str = ""


class KnownPasswords:
    """Answers at once, or when the test lets it (`hold`)."""

    def __init__(self, users: dict[str, int]) -> None:
        self.users = users
        self.hold = False
        self._outcomes: list[Outcome] = []

    def verify(self, ticket: int, now_ns: int, user: str, password: str, peer: str) -> None:
        """One password fits all."""
        if user in self.users and password == PASSWORD:
            self._outcomes.append(Outcome(ticket, self.users[user]))
        else:
            self._outcomes.append(Outcome(ticket, 0, FaultCode.WRONG_CREDENTIALS, "User or password is wrong."))

    def create(self, ticket: int, user: str, password: str) -> None:
        """The next number."""
        if user in self.users:
            self._outcomes.append(Outcome(ticket, 0, FaultCode.INVALID_REQUEST, "exists"))
        else:
            self.users[user] = max(self.users.values()) + 1
            self._outcomes.append(Outcome(ticket, self.users[user]))

    def completed(self) -> list[Outcome]:
        """What was asked, unless held."""
        if self.hold:
            return []
        taken, self._outcomes = self._outcomes, []
        return taken


def order(
    counter: int, *, kind: int = CommandKind.NEW_ORDER, side: int = Side.BUY, price: int = 5000, quantity: int = 10,
    account: int = ANN_ACCOUNT, instrument: int = VLTA, order_type: int = OrderType.LIMIT,
    time_in_force: int = TimeInForce.GTC, instance: int = 1, **fields: int,
) -> np.ndarray:  # fmt: skip
    """One COMMAND row as a client makes it."""
    row = np.zeros(1, COMMAND)
    values = {
        "kind": kind, "version": PROTOCOL_VERSION, "shard": 1, "group_count": 1, "client_instance": instance,
        "counter": counter, "account": account, "instrument": instrument, "side": side, "price": price,
        "quantity": quantity, "order_type": order_type, "time_in_force": time_in_force, **fields,
    }  # fmt: skip
    for name, value in values.items():
        row[name] = value
    return row


class Desk:
    """The server under test and a way to talk to it."""

    def __init__(
        self, directory: Path, *, durability: Durability = Durability.OS, first: bool = True,
        clock: Clock | None = None, wrap: Callable[[Journal], Any] = lambda journal: journal,
        snapshots: SnapshotSettings | None = None, **limits: int,
    ) -> None:  # fmt: skip
        self.clock = clock or Clock()
        self.transport = MemoryTransport()
        self.passwords = KnownPasswords({"ann": ANN, "bob": BOB, "ops": OPERATOR})
        settings = ServerSettings(
            data=directory, mode=Mode.DEMO, durability=durability, gateway=GatewaySettings(**limits),
            snapshots=snapshots or SnapshotSettings(),
        )  # fmt: skip
        self.core: Core = open_core(settings, self.passwords, reference())
        self.gateway = self.core.gateway
        self.pipeline = Pipeline(
            clock=self.clock,
            transport=self.transport,
            journal=wrap(self.core.journal),
            event_writer=self.core.event_writer,
            exchange=self.core.exchange,
            gateway=self.gateway,
            snapshotter=self.core.snapshotter,
        )
        self.restored_to = self.core.exchange.sequence
        self.pipeline.recover()
        if first:
            self.gateway.append(reference_commands(reference()))
        self.pipeline.turn(0)
        self.transport.take()

    def turn(self) -> Any:
        """One turn of the loop; what it sent."""
        self.pipeline.turn(0)
        return self.transport.take()

    def close(self) -> None:
        """Let go of the directory, as a stopping server does."""
        self.core.event_writer.flush(self.clock.now_ns)
        self.core.close()

    def client(self, name: str, key: int = 1) -> "Client":
        """A client with a key of its own, not logged on."""
        return Client(self, name, f"{key:04x}{name.encode().hex():0>60}", f"{name}-{key}".encode(), key)

    def trader(self, name: str, key: int = 1) -> "Client":
        """A client that is logged on and has spoken on the order socket."""
        client = self.client(name, key)
        client.log_on()
        client.heartbeat()
        return client


class Client:
    """Frames in the name of one key."""

    def __init__(self, desk: Desk, name: str, key: str, address: bytes, instance: int) -> None:
        self.desk = desk
        self.name = name
        self.key = key
        self.address = address
        self.instance = instance
        self.session = 0

    def ask(self, request: control.Request) -> Any:
        """The reply to one request, within two turns."""
        self.desk.transport.request(self.key, self.address, encode_control(request))
        replies: list[Any] = []
        for _ in range(2):
            replies += [decode_reply(frame) for at, frame in self.desk.turn().control if at == self.address]
        assert len(replies) == 1, replies
        return replies[0]

    def log_on(self, **terms: int) -> Any:
        """Logon; remembers the session."""
        own = {"request_id": 1, "client_instance": self.instance} | terms
        reply = self.ask(control.Logon(user=self.name, password=PASSWORD, **own))
        if isinstance(reply, control.LogonAccepted):
            self.session = reply.session
        return reply

    def message(self, rows: np.ndarray | None, *, kind: int = EnvelopeKind.COMMANDS, **fields: int) -> bytes:
        """A frame for the order socket."""
        envelope = np.zeros(1, ENVELOPE)
        envelope["kind"] = kind
        envelope["session"] = self.session
        frame = bytearray(encode_message(envelope, rows))
        head = np.frombuffer(frame, ENVELOPE, 1)
        for name, value in fields.items():
            head[name] = value
        return bytes(frame)

    def push(self, frame: bytes) -> None:
        """Put a frame on the order socket."""
        self.desk.transport.order(self.key, self.address, frame)

    def heartbeat(self) -> Any:
        """Speak on the order socket; the envelope of the answer."""
        self.push(self.message(None, kind=EnvelopeKind.HEARTBEAT, time_ns=12345))
        return self.received(self.desk.turn())[0][0]

    def send(self, *rows: np.ndarray) -> np.ndarray:
        """Send commands in one message, take a turn; the events that came."""
        self.push(self.message(np.concatenate(rows)))
        return self.events(self.desk.turn())

    def received(self, outbox: Any) -> list[tuple[Any, np.ndarray | None]]:
        """(envelope, events) of each message to this client."""
        found = []
        for at, frame in outbox.orders:
            if at == self.address:
                envelope = decode_envelope(frame)
                rows = decode_records(frame, envelope["count"], EVENT) if envelope["count"] else None
                found.append((envelope, rows))
        return found

    def events(self, outbox: Any) -> np.ndarray:
        """All events to this client."""
        rows = [rows for _, rows in self.received(outbox) if rows is not None]
        return np.concatenate(rows) if rows else np.zeros(0, EVENT)

    def fault(self, outbox: Any) -> FaultCode:
        """The reason for which the server closed the session."""
        codes = [env["code"] for env, _ in self.received(outbox) if env["kind"] == EnvelopeKind.FAULT]
        assert len(codes) == 1, codes
        return FaultCode(codes[0])


def published(outbox: Any, topic: bytes) -> list[tuple[Any, np.ndarray]]:
    """(envelope, records) of each market data message of a topic; the layout follows from the topic."""
    layouts = {ord("Q"): "QUOTE_RECORD", ord("A"): "STATISTICS_RECORD", ord("H"): "STREAM_POSITION"}
    found = []
    for at, frame in outbox.market_data:
        if at == topic:
            envelope = decode_envelope(frame)
            layout = ALL_RECORDS[layouts.get(topic[0], "BOOK_RECORD")]
            found.append((envelope, decode_records(frame, envelope["count"], layout)))
    return found


NOTHING = NO_PRICE
