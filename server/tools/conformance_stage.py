"""The server part that a client is certified against: a small exchange on real sockets, and a maker who moves its book.

Rules: journal, engine, gateway and sockets are those of every server, put together by the composition root; what the
client must never have to wait for (a session time-out) is set so long that it does not happen. A restart takes the same
ports. What an item waits for has a limit, `patience_s`.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from server.bootstrap import Core, open_core, prepare, recovered_pipeline
from server.gateway.commands import command, session_opened
from server.gateway.engine_view import EngineView
from server.gateway.frames import FrameWriter, ServerIdentity
from server.gateway.refusals import Refusals
from server.gateway.sessions import Session
from server.gateway.sockets import Endpoints, ZmqTransport
from server.identity.passwords import Passwords
from server.identity.server_key import load_or_make
from server.identity.worker import IdentityWorker
from server.protocol import control
from server.protocol.enums import CommandKind, Durability, EnvelopeKind, FaultCode, Mode, OrderType, Side, TimeInForce
from server.settings import (
    AccountSetting,
    CurrencySetting,
    GatewaySettings,
    InstrumentSetting,
    Reference,
    ServerSettings,
    UserSetting,
    encode_reference,
)
from server.tools.certifier import Certifier, Heard, HeardAdmission, OrderMessage, let_through, unaltered

USER: Final = "client"
USER_ID, MAKER_ID = 1, 2
ACCOUNT, MAKER_ACCOUNT = 11, 12
INSTRUMENT: Final = 1
HEARTBEAT_MS: Final = 200
_MAKER_SESSION: Final = 7
_NEVER_MS: Final = 3_600_000
_CASH: Final = 10**12
_BOOTSTRAP: Final = "conformance.json"
Rows = NDArray[Any]
Wait = Iterator[None]
Found = TypeVar("Found")
Say = Callable[..., None]
"""`say(do, text, **numbers)`: tell the client's side what to do now, for a program and for a person."""


class Failed(Exception):
    """The client did what it must not, or did not do what it must; the text says what."""


class NotShown(Exception):
    """The client did not do the step; the text says what was waited for."""


class Mark:
    """A point in what was heard; `requests`, `messages`, `topics` and `answers` are what came after it."""

    def __init__(self, heard: Heard, certifier: Certifier) -> None:
        self._heard = heard
        self._certifier = certifier
        self._places = len(heard.requests), len(heard.messages), len(heard.topics), len(certifier.answers)

    @property
    def requests(self) -> list[control.AnyRequest]:
        """Requests on the control socket."""
        return self._heard.requests[self._places[0] :]

    @property
    def messages(self) -> list[OrderMessage]:
        """Messages on the order socket."""
        return self._heard.messages[self._places[1] :]

    @property
    def topics(self) -> list[bytes]:
        """Subscriptions."""
        return self._heard.topics[self._places[2] :]

    @property
    def commands(self) -> list[np.void]:
        """Commands, one by one."""
        return [row for message in self.messages for row in message.rows]

    @property
    def heartbeats(self) -> list[OrderMessage]:
        """The client's heartbeats."""
        return [message for message in self.messages if message.kind == EnvelopeKind.HEARTBEAT]

    @property
    def events(self) -> list[np.void]:
        """Private events that the server sent, whether they were let through or not."""
        return [row for rows in self._certifier.answers[self._places[3] :] for row in rows]

    def asked(self, kind: type[Any]) -> Any:
        """The first request of this type, or None."""
        return next((request for request in self.requests if isinstance(request, kind)), None)


class Stage:
    """The exchange, what is heard of the client, and waiting."""

    def __init__(self, directory: Path, patience_s: float, say: "Say") -> None:
        self.say = say
        self.password = secrets.token_urlsafe(12)
        self.patience_s = patience_s
        self.heard = Heard()
        self.certifier = Certifier(self.heard)
        self.faults: dict[str, int] = {}
        self._settings = ServerSettings(
            data=directory / "data",
            mode=Mode.DEMO,
            durability=Durability.OS,
            bootstrap=directory / _BOOTSTRAP,
            gateway=GatewaySettings(heartbeat_ms=HEARTBEAT_MS, session_timeout_ms=_NEVER_MS),
            name="Tradepit conformance",
        )
        (directory / _BOOTSTRAP).write_bytes(encode_reference(_reference(self.password)))
        self._ports = (0, 0, 0)
        self._maker_counter = 0
        self._open()

    def _open(self) -> None:
        passwords = Passwords()
        reference, store = prepare(self._settings, passwords)
        public_key, secret_key = load_or_make(self._settings.data)
        self.server_key = public_key.decode()
        self._worker = IdentityWorker(store, passwords)
        self.core: Core = open_core(self._settings, self._worker, reference)
        self.gateway = self.core.gateway
        transport = ZmqTransport(
            Endpoints(self._settings.host, *self._ports),
            public_key=public_key,
            secret_key=secret_key,
            admission=HeardAdmission(self.gateway, self.heard),
            requests_per_turn=self._settings.gateway.requests_per_turn,
            commands_per_turn=self._settings.gateway.commands_per_turn,
        )
        self._ports = (transport.control_port, transport.order_port, transport.market_data_port)
        self.control_port = transport.control_port
        self.gateway.ports = (transport.order_port, transport.market_data_port, 0)
        self.certifier.attach(transport)
        self._pipeline = recovered_pipeline(self.core, self.certifier, clock=time.time_ns, timer=time.monotonic_ns)
        transport.wake_on(self.core.journal.wake_fd, self.core.journal.clear_wake)
        transport.wake_on(self._worker.wake_fd, self._worker.clear_wake)
        self.gateway.append(session_opened(_MAKER_SESSION, MAKER_ID, 0))

    def close(self) -> None:
        """Stop the exchange, without a word to the client."""
        for name, count in self.gateway.counters.values.items():
            if name.startswith("faults."):
                self.faults[name] = self.faults.get(name, 0) + count
        self.certifier.close()
        self._worker.close()
        self.core.event_writer.flush(time.monotonic_ns())
        self.core.close()

    def restart(self) -> None:
        """Stop, and start again on the same ports: the epoch rises."""
        self.close()
        self._open()

    def turn(self) -> None:
        """One round of the server."""
        self._pipeline.turn(20)

    # ---- what is behind the client ----

    @property
    def session(self) -> Session | None:
        """The client's session."""
        return next(iter(self.gateway.sessions), None)

    @property
    def epoch(self) -> int:
        """Of the server now."""
        return self.core.journal.epoch

    def best_offer(self) -> tuple[int, int]:
        """Price and quantity of the best offer."""
        top = EngineView(self.core.exchange).top(INSTRUMENT)[0]
        return int(top["ask_price"]), int(top["ask_quantity"])

    def make(self, side: Side, price: int, quantity: int) -> None:
        """The maker sends a limit order in the next turn."""
        self._maker_counter += 1
        self.gateway.append(
            command(
                CommandKind.NEW_ORDER, session=_MAKER_SESSION, user=MAKER_ID, client_instance=1,
                counter=self._maker_counter, account=MAKER_ACCOUNT, instrument=INSTRUMENT, side=side, price=price,
                quantity=quantity, order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC,
            )
        )  # fmt: skip

    def end_session(self, code: FaultCode) -> None:
        """The server closes the client's session and says why."""
        session = self.session
        if session is not None:
            spoken = [message.address for message in self.heard.messages if message.session == session.number]
            self.gateway.close_session(session, code, session.order_address or (spoken[-1] if spoken else b""))

    def refuse_busy(self, message: OrderMessage) -> None:
        """Answer the message as a gateway under too much load does."""
        identity = ServerIdentity(self.epoch, int(Mode.DEMO), int(Durability.OS))
        refusals = Refusals(self.gateway.counters, FrameWriter(identity))
        refusals.add(self.gateway.sessions.by_number[message.session], message.address, message.rows.tobytes())
        for address, frame in refusals.take():
            self.certifier.tell(address, frame)

    # ---- waiting ----

    def mark(self) -> Mark:
        """From here on."""
        return Mark(self.heard, self.certifier)

    def until(
        self, found: Callable[[], Found], what: str, verdict: type[Failed] | type[NotShown] = NotShown
    ) -> Iterator[None]:
        """Wait until `found` gives something true; at the end of patience raise `verdict`."""
        deadline_s = time.monotonic() + self.patience_s
        while not found():
            if time.monotonic() >= deadline_s:
                raise verdict(what)
            yield

    def calm(self, wrong: Callable[[], Any], what: str, seconds: float = 1.0) -> Iterator[None]:
        """Wait for a while; `wrong` giving something true fails the item."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            if wrong():
                raise Failed(what)
            yield

    def back(self, mark: Mark, verdict: type[Failed] | type[NotShown] = Failed) -> Iterator[None]:
        """Wait for a new session of the client after a break."""
        yield from self.until(
            lambda: mark.asked(control.Logon) is not None and self.session is not None and self.session.confirmed,
            "the client did not log on again",
            verdict,
        )

    def joined(self) -> Iterator[None]:
        """Wait for the client to have a session."""
        yield from self.until(lambda: self.session is not None and self.session.confirmed, "there is no session")

    def reset(self) -> None:
        """Nothing is altered or swallowed any more."""
        self.certifier.alter = unaltered
        self.certifier.take = let_through


def _reference(password: str) -> Reference:
    """One instrument, the client with an account, and a maker who never logs on."""
    return Reference(
        currencies=[CurrencySetting(number=978, code="EUR", money_decimals=2)],
        instruments=[
            InstrumentSetting(
                instrument=INSTRUMENT, symbol="CERT", name="Certificate", currency=978, price_max=100_000, tick_size=5,
                price_min=5, quantity_max=10_000, reference_price=10_000,
            )
        ],
        accounts=[
            AccountSetting(account=ACCOUNT, name="CLIENT", currency=978, cash=_CASH),
            AccountSetting(account=MAKER_ACCOUNT, name="MAKER", currency=978, cash=_CASH),
        ],
        users=[
            UserSetting(user_id=USER_ID, user=USER, password=password, accounts=[ACCOUNT]),
            UserSetting(user_id=MAKER_ID, user="maker", password=secrets.token_urlsafe(16), accounts=[MAKER_ACCOUNT]),
        ],
    )  # fmt: skip
