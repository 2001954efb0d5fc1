"""The control plane: logon, queries and operation, one reply for each request.

Rules: before logon a key is answered `Hello` and `Logon` alone. A request that is not MessagePack of the protocol
closes the key's session. Answers about the engine's state are made after the batch of the same turn was applied
(`answers`), and travel behind all that it caused; a `Done` therefore means that the command is durable. Operators'
requests ask the engine for the right at that moment, not the session.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from msgspec import structs
from numpy.typing import NDArray

from server.gateway.authenticator import Authenticator, Outcome, PrivateHistory
from server.gateway.commands import grant, session_opened
from server.gateway.counters import Counters
from server.gateway.history_relay import HistoryRelay
from server.gateway.operator_requests import Later, OperatorRequests
from server.gateway.order_history import order_status
from server.gateway.outbox import Arrivals, Outbox
from server.gateway.queries import Queries
from server.gateway.request_limits import RequestLimits
from server.gateway.session_terms import agree
from server.gateway.sessions import Session, SessionTable
from server.journal.errors import JournalError
from server.protocol import control
from server.protocol.codec import MESSAGE_BYTES_MAX, REQUEST_BYTES_MAX, decode_request, encode_control
from server.protocol.enums import PROTOCOL_VERSION, FaultCode, Right
from server.protocol.errors import RemoteProtocolError
from server.protocol.records import EVENT
from server.settings import TRADING_RIGHTS, GatewaySettings

RESUME_PAGE = (MESSAGE_BYTES_MAX - 4096) // EVENT.itemsize
USER_BYTES_MAX = 64
PASSWORD_BYTES_MAX = 256
PASSWORD_LENGTH_MIN = 8
log = structlog.get_logger("gateway.control")
Answer = Callable[[], control.Reply | None]
"""An answer made after the turn's batch; None: it will come by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what: the connection, its key, and the session that the key has."""

    now_ns: int
    key: str
    address: bytes
    session: Session


Handler = Callable[[Asked, Any], control.Reply | None]


@dataclass(frozen=True, slots=True)
class PendingLogon:
    """A logon whose password is being verified."""

    key: str
    address: bytes
    peer: str
    request: control.Logon


@dataclass(frozen=True, slots=True)
class PendingUser:
    """A user whose password is being hashed, and the operator who asked."""

    address: bytes
    request: control.AddUser
    operator: int
    operator_session: int


@dataclass(frozen=True, slots=True)
class ControlParts:
    """What the control plane works with."""

    settings: GatewaySettings
    sessions: SessionTable
    queries: Queries
    counters: Counters
    authenticator: Authenticator
    private_history: PrivateHistory
    history: HistoryRelay
    welcome: Callable[[int], control.Welcome]
    """request id -> Welcome."""
    status: Callable[[int], control.Status]
    """request id -> Status, called after the batch."""
    close_session: Callable[[Session, FaultCode, bytes], None]
    append: Callable[[NDArray[Any]], None]
    """Append a command to this turn's batch."""
    handlers: "Mapping[type[Any], Callable[[Asked, Any], control.Reply | None]]" = field(default_factory=dict)
    """Requests that others answer, after the turn's batch."""


class ControlPlane:
    """Answers requests; keeps the logons and users that wait for a password's hash."""

    def __init__(self, parts: ControlParts) -> None:
        self._parts = parts
        self._limits = RequestLimits(parts.settings)
        self._answers: list[tuple[bytes, Answer]] = []
        self._reads: list[tuple[bytes, Answer]] = []
        self._logons: dict[int, PendingLogon] = {}
        self._users: dict[int, PendingUser] = {}
        self._next_ticket = 1
        operator = self._operator = OperatorRequests(
            parts.queries, parts.sessions, self._refused, parts.status, parts.append, parts.close_session
        )
        self._handlers: dict[type[Any], Handler] = {
            control.Logoff: self._logoff,
            control.GetInstruments: self._get_instruments,
            control.GetAccounts: self._get_accounts,
            control.GetOpenOrders: self._get_open_orders,
            control.ResumePrivate: self._resume_private,
            control.GetSnapshot: self._get_snapshot,
            control.Retransmit: self._retransmit,
            control.GetStatus: self._by_operator(operator.get_status),
            control.AddUser: self._add_user,
            control.SetPhase: self._by_operator(operator.set_phase),
            control.SetRights: self._by_operator(operator.set_rights),
            control.GetOrderStatus: self._get_order_status,
            control.CloseSession: self._by_operator(operator.close_session),
        }

    def _by_operator(self, handle: Callable[[Session, Any, Later, Later], control.Reply | None]) -> Handler:
        def answered(asked: Asked, request: Any) -> control.Reply | None:
            later, confirmed = (
                (lambda answer: self._later(asked, answer)),
                (lambda answer: self._answers.append((asked.address, answer))),
            )
            return handle(asked.session, request, later, confirmed)

        return answered

    def on_messages(self, now_ns: int, arrivals: Arrivals, outbox: Outbox, *, is_stalled: bool) -> None:
        """Handle requests in their order. `is_stalled`: nothing but `Hello` is answered, and that past the disk."""
        counters, by_key = self._parts.counters, self._parts.sessions.by_key
        for key, address, frame in arrivals.control:
            peer = arrivals.peers.get(key, "")
            if not self._limits.allows_message(key, peer, now_ns, has_session=key in by_key):
                counters.add("drops.requests")
                continue
            counters.add("requests")
            try:
                request = decode_request(frame)
            except RemoteProtocolError as error:
                self._on_garbage(key, address, frame, str(error), outbox)
                continue
            counters.add(f"requests.{type(request).__name__}")
            reply: control.Reply | None
            if is_stalled and not isinstance(request, control.Hello):
                reply = self._refused(request, FaultCode.BUSY, "The exchange's disk does not keep up; try again.")
            elif not self._limits.allows(key, peer, request, now_ns):
                reply = self._refused(request, FaultCode.BUSY, "Too many requests; try again.")
            else:
                reply = self._on_request(now_ns, key, address, peer, request, outbox)
            if reply is not None:
                outbox.control.append((address, encode_control(reply)))

    def _on_garbage(self, key: str, address: bytes, frame: bytes, text: str, outbox: Outbox) -> None:
        code = FaultCode.TOO_LARGE if len(frame) > REQUEST_BYTES_MAX else FaultCode.MALFORMED
        session = self._parts.sessions.by_key.get(key)
        if session is not None:
            self._parts.close_session(session, code, session.order_address)
        else:
            self._parts.counters.fault(code)
        outbox.control.append((address, encode_control(control.Refused(code=code, text=text[:200]))))

    def _on_request(
        self, now_ns: int, key: str, address: bytes, peer: str, request: control.AnyRequest, outbox: Outbox
    ) -> control.Reply | None:
        session = self._parts.sessions.by_key.get(key)
        if session is not None:
            session.heard_ns = now_ns
            session.control_address = address
        if isinstance(request, control.Hello):
            return self._hello(request)
        if isinstance(request, control.Logon):
            return self._logon(now_ns, key, address, peer, request)
        if session is None:
            return self._refused(request, FaultCode.NOT_LOGGED_ON, "Log on first.")
        if isinstance(request, control.HistoryRequest | control.CancelRequest):
            return self._parts.history.ask(now_ns, key, address, request, outbox)
        asked = Asked(now_ns, key, address, session)
        handler = self._parts.handlers.get(type(request))
        if handler is not None:

            def answer() -> control.Reply | None:
                if self._parts.sessions.by_key.get(key) is session:
                    return handler(asked, request)
                return self._refused(request, FaultCode.NOT_LOGGED_ON, "Log on first.")

            self._later(asked, answer)
            return None
        return self._handlers[type(request)](asked, request)

    def _refused(self, request: control.Request, code: FaultCode, text: str) -> control.Refused:
        self._parts.counters.fault(code)
        return control.Refused(request_id=request.request_id, code=code, text=text)

    def _hello(self, request: control.Hello) -> control.Reply:
        if not request.version_min <= PROTOCOL_VERSION <= request.version_max:
            return self._refused(
                request, FaultCode.UNSUPPORTED_VERSION, f"This server speaks version {PROTOCOL_VERSION}."
            )
        return self._parts.welcome(request.request_id)

    def _logon(self, now_ns: int, key: str, address: bytes, peer: str, request: control.Logon) -> control.Reply | None:
        if not 0 < request.client_instance < 1 << 64 or not _is_name(request.user):
            return self._refused(request, FaultCode.INVALID_REQUEST, "User or client instance out of range.")
        if len(request.password.encode(errors="replace")) > PASSWORD_BYTES_MAX:
            return self._refused(request, FaultCode.WRONG_CREDENTIALS, "User or password is wrong.")
        settings = self._parts.settings
        waiting = any(pending.key == key for pending in self._logons.values())
        pending = len(self._logons) + len(self._users)
        full = key not in self._parts.sessions.by_key and len(self._parts.sessions) >= settings.sessions_max
        of_address = sum(pending.peer == peer for pending in self._logons.values()) if peer else 0
        crowded = of_address >= settings.logons_pending_per_address_max
        if waiting or crowded or pending >= settings.logons_pending_max or full:
            return self._refused(request, FaultCode.BUSY, "Too many logons at once; try again.")
        ticket = self._ticket()
        self._logons[ticket] = PendingLogon(key, address, peer, request)
        self._parts.authenticator.verify(ticket, now_ns, request.user, request.password, peer)
        return None

    def _ticket(self) -> int:
        ticket = self._next_ticket
        self._next_ticket += 1
        return ticket

    def on_outcomes(self, now_ns: int, outcomes: Sequence[Outcome], outbox: Outbox) -> None:
        """Go on with the logons and new users whose passwords were dealt with."""
        for outcome in outcomes:
            logon = self._logons.pop(outcome.ticket, None)
            user = self._users.pop(outcome.ticket, None)
            asked = logon or user
            if asked is None:
                continue
            if outcome.code is not FaultCode.NONE:
                reply = self._refused(asked.request, outcome.code, outcome.text)
                outbox.control.append((asked.address, encode_control(reply)))
            elif logon is not None:
                self._open_session(now_ns, logon, outcome.user)
            elif user is not None:
                self._grant_new_user(user, outcome.user)

    def _open_session(self, now_ns: int, logon: PendingLogon, user: int) -> None:
        sessions, request = self._parts.sessions, logon.request
        former = sessions.former(logon.key, user, request.client_instance)
        own = [one for one in sessions.by_user.get(user, ()) if one not in former]
        if len(own) >= self._parts.settings.sessions_per_user_max:
            text = f"This user has {len(own)} sessions; close one first."
            refused = self._refused(request, FaultCode.TOO_MANY_SESSIONS, text)
            self._answers.append((logon.address, lambda: refused))
            return
        terms = agree(self._parts.settings, request)
        session = sessions.open(
            key=logon.key,
            user=user,
            user_name=request.user,
            client_instance=request.client_instance,
            address=logon.address,
            now_ns=now_ns,
            terms=terms,
        )
        self._parts.append(
            session_opened(
                session.number,
                user,
                key_id(logon.key),
                client_instance=request.client_instance,
                terms=terms.flags,
                grace_ns=terms.grace_ns,
            )
        )
        for one in former:  # only now: a client that comes again is never gone
            self._parts.close_session(one, FaultCode.REPLACED, one.order_address)
        self._parts.counters.add("sessions.opened")
        log.info("session opened", session=session.number, user=user, key_id=f"{key_id(logon.key):016x}")
        self._answers.append((logon.address, lambda: self._confirm(session, logon.request)))

    def _confirm(self, session: Session, request: control.Logon) -> control.Reply:
        reply = self._parts.queries.logon_accepted(request.request_id, session)
        session.confirmed = True
        session.had_rights = bool(reply.rights)
        session.next_stream_sequence = reply.last_stream_sequence + 1
        return structs.replace(
            reply, kept_stream_sequence=_kept(self._parts.private_history, session.user, request, reply)
        )

    def answers(self, outbox: Outbox) -> None:
        """Make the answers that read the engine, now that the turn's batch is applied."""
        if not self._answers and not self._reads:
            return
        ready, self._answers = self._answers, []
        for address, answer in ready:
            _put(outbox, address, answer())
        self.read(outbox)

    def read(self, outbox: Outbox) -> None:
        """Make those answers alone that follow from no command of the turn, whose batch had to be refused."""
        ready, self._reads = self._reads, []
        for address, answer in ready:
            _put(outbox, address, answer())

    def _later(self, asked: Asked, answer: Answer) -> None:
        self._reads.append((asked.address, answer))

    def _logoff(self, asked: Asked, request: control.Logoff) -> None:
        self._parts.close_session(asked.session, FaultCode.LOGGED_OFF, asked.session.order_address)
        self._answers.append((asked.address, lambda: control.Done(request_id=request.request_id)))

    def _get_instruments(self, asked: Asked, request: control.GetInstruments) -> None:
        self._later(asked, lambda: self._parts.queries.instruments(request))

    def _get_accounts(self, asked: Asked, request: control.GetAccounts) -> None:
        self._later(asked, lambda: self._parts.queries.accounts(request, asked.session.user))

    def _get_open_orders(self, asked: Asked, request: control.GetOpenOrders) -> None:
        self._later(asked, lambda: self._parts.queries.open_orders(request, asked.session.user))

    def _get_snapshot(self, asked: Asked, request: control.GetSnapshot) -> None:
        self._later(asked, lambda: self._parts.queries.snapshot(request))

    def _retransmit(self, asked: Asked, request: control.Retransmit) -> None:
        self._later(asked, lambda: self._parts.queries.retransmit(request))

    def _resume_private(self, asked: Asked, request: control.ResumePrivate) -> control.Reply:
        if not 0 <= request.after_sequence < 1 << 63:
            return self._refused(request, FaultCode.INVALID_REQUEST, "after_sequence out of range.")
        count = min(max(request.count, 1), RESUME_PAGE)
        try:
            rows = self._parts.private_history.events_of(asked.session.user, request.after_sequence, count)
        except (JournalError, OSError) as error:
            log.error("event log cannot be read", error=str(error))
            return self._refused(request, FaultCode.UNAVAILABLE, "The event log cannot be read.")
        last = int(rows["stream_sequence"][-1]) if len(rows) else request.after_sequence
        return control.Records(
            request_id=request.request_id,
            layout="EVENT",
            records=rows.tobytes(),
            sequence=last,
            more=len(rows) == count,
        )

    def _get_order_status(self, asked: Asked, request: control.GetOrderStatus) -> control.Reply | None:
        if not (0 <= request.client_instance < 1 << 64 and 0 < request.counter < 1 << 64):
            return self._refused(request, FaultCode.INVALID_REQUEST, "No such client instance or counter.")
        parts = self._parts
        self._later(asked, lambda: order_status(parts.queries, parts.private_history, request, asked.session.user))
        return None

    def _add_user(self, asked: Asked, request: control.AddUser) -> control.Reply | None:
        parts = self._parts
        refused = self._operator.may_not(request, asked.session.user)
        if refused is not None:
            return refused
        if not _is_name(request.user) or not _is_password(request.password):
            return self._refused(
                request,
                FaultCode.INVALID_REQUEST,
                f"A user has 1 to {USER_BYTES_MAX} bytes, a password {PASSWORD_LENGTH_MIN} characters or more.",
            )
        if not all(parts.queries.is_account(account) for account in [*request.accounts, *request.viewed]):
            return self._refused(request, FaultCode.NOT_FOUND, "No such account.")
        if len(self._logons) + len(self._users) >= parts.settings.logons_pending_max:
            return self._refused(request, FaultCode.BUSY, "Too many logons at once; try again.")
        ticket = self._ticket()
        self._users[ticket] = PendingUser(asked.address, request, asked.session.user, asked.session.number)
        parts.authenticator.create(ticket, request.user, request.password)
        return None

    def _grant_new_user(self, pending: PendingUser, user: int) -> None:
        operator, session = pending.operator, pending.operator_session
        for account in pending.request.accounts:
            self._parts.append(grant(account, user, TRADING_RIGHTS, user=operator, session=session))
        for account in set(pending.request.viewed).difference(pending.request.accounts):
            self._parts.append(grant(account, user, int(Right.VIEW), user=operator, session=session))
        if pending.request.operator:
            self._parts.append(grant(0, user, int(Right.OPERATE), user=operator, session=session))
        log.info("user added", user=user, operator=operator)
        request_id = pending.request.request_id
        self._answers.append((pending.address, lambda: control.Done(request_id=request_id, number=user)))


def key_id(key: str) -> int:
    """The first eight bytes of a CURVE public key (its 64 hexadecimal digits), as the number that a command carries."""
    return int(key[:16], 16)


def _is_name(user: str) -> bool:
    return 0 < len(user.encode(errors="replace")) <= USER_BYTES_MAX and user.isprintable()


def _is_password(password: str) -> bool:
    return len(password) >= PASSWORD_LENGTH_MIN and len(password.encode(errors="replace")) <= PASSWORD_BYTES_MAX


def _put(outbox: Outbox, address: bytes, reply: control.Reply | None) -> None:
    """None: the answer will come by itself."""
    if reply is not None:
        outbox.control.append((address, encode_control(reply)))


def _kept(history: PrivateHistory, user: int, request: control.Logon, reply: control.LogonAccepted) -> int:
    """How much of what the client has of its private events is still so; -1: it has not told."""
    known, last = request.known_stream_sequence, reply.last_stream_sequence
    if known <= 0:
        return -1
    try:
        return history.newest_kept(user, known, request.known_epoch, last)
    except (JournalError, OSError) as error:
        log.error("event log cannot be read", error=str(error))
        return min(known, last)
