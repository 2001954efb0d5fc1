"""The client's session without sockets: frames and times in, actions and incoming messages out.

Rules: pure; the owner's clock is an argument. It may be set: what is due goes by how far it has advanced, so that a
step back delays nothing; only heartbeats and ends of orders carry the clock itself. A session says hello, logs on,
opens its streams, resumes what it missed and starts again by itself when the server goes away, until it is told to stop
or a fault is final. Epochs only rise: a server of a lower epoch is refused.
"""

from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final

from server.client import faults
from server.client.actions import Action, CloseStreams, OpenStreams, SendControl
from server.client.channel_health import ChannelHealth
from server.client.drop_copy import DropCopyStream
from server.client.incoming import (
    Channel,
    EventsReceived,
    Faulted,
    Incoming,
    LoggedOn,
    OrdersUnknown,
    PrivateRolledBack,
    PrivateSynced,
    ReplyReceived,
    RoundTrip,
    Welcomed,
)
from server.client.market_channel import MarketChannel
from server.client.order_entry import ENVELOPE_STRUCT, VALID_FOR_NS, OrderEntry, OrderFrames
from server.client.overdue import Overdue
from server.client.private_stream import PrivateStream
from server.client.requests import NO_ANSWER, ReplyHandler, RequestTable
from server.client.restriction import Restriction
from server.protocol import control
from server.protocol.codec import (
    ENVELOPE_BYTES,
    Records,
    decode_bulk,
    decode_envelope,
    decode_records,
    decode_reply,
)
from server.protocol.enums import PROTOCOL_VERSION, AtEnd, EnvelopeKind, FaultCode, Topic
from server.protocol.errors import LocalProtocolError, RemoteProtocolError
from server.protocol.records import EVENT

RETRY_NS: Final = 1_000_000_000
RESEND_NS: Final = 100_000_000
RESEND_MAX_NS: Final = 1_600_000_000
"""The wait doubles up to here while the server goes on refusing."""
RESUME_PAGE: Final = 2000
_KINDS: Final = frozenset(int(kind) for kind in EnvelopeKind)


@unique
class Stage(Enum):
    """How far the session has come."""

    IDLE = "idle"
    HELLO = "hello"
    WELCOMED = "welcomed"
    LOGON = "logon"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password; the password stays in memory for logging on again after a break."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionWishes:
    """What a logon asks for; the server answers with what holds. The defaults leave all to the server."""

    at_end: AtEnd = AtEnd.SERVERS_CHOICE
    grace_ms: int = -1
    heartbeat_timeout_ms: int = 0


class ClientSession:
    """See the module. `resume_from`: the newest private event that the owner has; None: only what comes from now on.

    It was seen in `resume_epoch` or before (0: not known), so that the server can say how much of it is still so.
    """

    def __init__(
        self,
        entry: OrderEntry,
        resume_from: int | None = None,
        build: str = "",
        valid_for_ns: int = VALID_FOR_NS,
        wishes: SessionWishes | None = None,
        resume_epoch: int = 0,
    ) -> None:
        self.entry = entry
        self.stage = Stage.IDLE
        self.session = 0
        self.epoch = 0
        self.heartbeat_ns = 250_000_000
        self.market = MarketChannel(
            self.request,
            lambda action: self._actions.append(action),  # noqa: PLW0108 - `take` puts other lists there
            lambda item: self._incoming.append(item),  # noqa: PLW0108
            lambda: self._passed_ns,
        )
        self.feed = self.market.feed
        self.private = PrivateStream()
        self.drop_copy = DropCopyStream()
        self.health = ChannelHealth()
        self._build = build
        self._valid_for_ns = valid_for_ns
        self._wishes = wishes or SessionWishes()
        self._resume_from = resume_from
        self._seen_epoch = resume_epoch
        self._credentials: Credentials | None = None
        self._welcome: control.Welcome | None = None
        self.requests = RequestTable()
        self._actions: list[Action] = []
        self._incoming: list[Incoming] = []
        self._retry_at_ns = 0
        self._heartbeat_at_ns = 0
        self._resend_at_ns = 0
        self._resend_wait_ns = RESEND_NS
        self._restriction = Restriction()
        self._frames = OrderFrames()
        self._overdue = Overdue(entry, self.private, self.request, self._incoming.append)
        self._now_ns = 0
        self._passed_ns = 0
        """The owner's clock without its steps back."""

    # ---- what the owner does ----

    def start(self, now_ns: int, credentials: Credentials | None = None) -> None:
        """Says hello; with credentials it logs on as soon as the server has answered."""
        self._see(now_ns)
        self._credentials = credentials
        if self.stage == Stage.WELCOMED and credentials is not None:
            self._log_on()
            return
        self._say_hello()

    def stop(self) -> None:
        """Logs off, if a session is open, and forgets the credentials. Nothing is tried again."""
        if self.stage == Stage.ONLINE:
            self.request(control.Logoff())
        self._credentials = None
        self._end_session()
        self.stage = Stage.IDLE

    def request(self, message: control.AnyRequest, handler: ReplyHandler | None = None) -> int:
        """Asks the control plane; without a handler the answer comes as `ReplyReceived`. Returns the request's id."""
        request_id, frame = self.requests.ask(message, handler, self._passed_ns)
        self._actions.append(SendControl(frame))
        return request_id

    def send(self, commands: Records, now_ns: int, *, as_group: bool = False) -> int:
        """Stamps, stores and sends commands (shape (n,)) as one message. Returns the counter of the first.

        `as_group`: they are one group, orders with their ORDER_TERMS or a MASS_QUOTE with its entries. Raises
        `LocalProtocolError` without a session: nothing is kept for later.
        """
        if self.stage != Stage.ONLINE:
            raise LocalProtocolError("orders need an open session")
        first = self.entry.counter + 1
        prepare = self.entry.prepare_group if as_group else self.entry.prepare
        stamped = prepare(commands, self.session, now_ns, self._valid_for_ns, self._passed_ns)
        self._actions.append(self._frames.commands(self.epoch, self.session, stamped))
        return first

    def subscribe(self, topic: Topic, instrument: int) -> None:
        """Follows a market data stream, over reconnections too. A second call changes nothing."""
        self.market.subscribe(topic, instrument, online=self.stage == Stage.ONLINE)

    def unsubscribe(self, topic: Topic, instrument: int) -> None:
        """Follows it no longer."""
        self.market.unsubscribe(topic, instrument, online=self.stage == Stage.ONLINE)

    def take(self) -> tuple[list[Action], list[Incoming]]:
        """What the connection has to do now and what the owner has to know, each in order."""
        taken = self._actions, self._incoming[:]
        self._actions = []
        self._incoming.clear()
        taken[1].extend(self.drop_copy.take())
        taken[1].extend(self.health.take_changes())
        taken[1].extend(self.feed.take_changes())
        return taken

    # ---- what arrives ----

    def on_control(self, frame: bytes, now_ns: int) -> None:
        """A frame of the control socket. Raises `RemoteProtocolError` if it is no reply."""
        self._see(now_ns)
        reply = decode_reply(frame)
        self.health.seen(Channel.CONTROL, self._passed_ns)
        asked = self.requests.take(reply)
        if asked is None:
            return
        request, handler = asked
        if handler is not None:
            handler(reply)
        else:
            self._incoming.append(ReplyReceived(request, reply))
        if self.drop_copy.needy:
            self._request_drop_copy()

    def on_orders(self, frame: bytes, now_ns: int) -> None:
        """A frame of the order socket. Raises `RemoteProtocolError` on garbage or a lower epoch."""
        self._see(now_ns)
        if self.stage != Stage.ONLINE:
            return
        if len(frame) < ENVELOPE_BYTES or frame[0] not in _KINDS or frame[1] != PROTOCOL_VERSION:
            decode_envelope(frame)
        kind, _, _, count, epoch, _, _, code, _, _, sequence, _, time_ns, echo_ns, _ = ENVELOPE_STRUCT.unpack_from(
            frame
        )
        if not self._epoch_holds(epoch):
            return
        self.health.seen(Channel.ORDERS, self._passed_ns)
        if kind == EnvelopeKind.EVENTS:
            events = decode_records(frame, count, EVENT)
            if sequence == 0:
                self.entry.on_events(events)
                self._incoming.append(EventsReceived(events, resumed=False))
                return
            for received in self.private.on_events(sequence, events):
                self.entry.on_events(received.events)
                self._incoming.append(received)
            if not self.private.synced:
                self._request_page()
        elif kind == EnvelopeKind.HEARTBEAT:
            if echo_ns:
                self._incoming.append(RoundTrip(now_ns - echo_ns, time_ns))
            self._incoming.extend(self._restriction.heard(code))
            self.private.on_next_sequence(sequence)
            self._request_page()
        elif kind == EnvelopeKind.DROP_COPY:
            self.drop_copy.on_message(code, sequence, decode_records(frame, count, EVENT))
            self._request_drop_copy()
        elif kind == EnvelopeKind.FAULT:
            self._fault(code, faults.sentence(code))
        else:
            raise RemoteProtocolError(f"envelope kind {kind} on the order channel")

    def on_market_data(self, topic_frame: bytes, frame: bytes, now_ns: int, line: int = 0) -> None:
        """A message of a market data socket. Raises `RemoteProtocolError` on garbage or a lower epoch."""
        self._see(now_ns)
        if self.stage != Stage.ONLINE:
            return
        if len(frame) < ENVELOPE_BYTES or frame[0] not in _KINDS or frame[1] != PROTOCOL_VERSION:
            decode_envelope(frame)
        kind, _, _, count, epoch, _, _, _, _, _, sequence, engine_sequence, time_ns, _, _ = ENVELOPE_STRUCT.unpack_from(
            frame
        )
        if not self._epoch_holds(epoch):
            return
        if kind == EnvelopeKind.HEARTBEAT:
            self.health.beat(self._passed_ns)
        self.health.seen(Channel.MARKET_DATA, self._passed_ns)
        self.market.on_message(
            topic_frame, kind, frame, count=count, sequence=sequence, engine_sequence=engine_sequence,
            published_ns=time_ns, now_ns=self._passed_ns, line=line,
        )  # fmt: skip

    def on_time(self, now_ns: int) -> None:
        """Heartbeats, retries and the ageing of channels; to be called at least every heartbeat."""
        self._see(now_ns)
        if self.stage in (Stage.HELLO, Stage.LOGON) and self._passed_ns >= self._retry_at_ns:
            self._say_hello()
        if self.stage != Stage.ONLINE:
            return
        silence = self.health.lost(self._passed_ns, self.heartbeat_ns)
        if silence:
            self._fault(FaultCode.HEARTBEAT_LOST, silence)
            return
        if self._passed_ns >= self._heartbeat_at_ns:
            self._send_heartbeat()
        if self._passed_ns >= self._resend_at_ns and self.private.synced:
            again = self.entry.take_resend()
            self._resend_wait_ns = min(2 * self._resend_wait_ns, RESEND_MAX_NS) if again else RESEND_NS
            self._resend_at_ns = self._passed_ns + self._resend_wait_ns
            self._actions.extend(self._frames.commands(self.epoch, self.session, rows) for rows in again)
        self._overdue.on_time(self._passed_ns)
        refused = self.requests.refuse_late(self._passed_ns)
        self._incoming.extend(ReplyReceived(request, NO_ANSWER) for request in refused)
        self._request_page()
        self.market.on_time(self._passed_ns, self.heartbeat_ns)
        self.drop_copy.allow_retry()
        self._request_drop_copy()

    def on_disconnected(self, now_ns: int, reason: str) -> None:
        """The connection saw its peer go."""
        self._see(now_ns)
        if self.stage != Stage.IDLE:
            self._fault(FaultCode.UNAVAILABLE, reason)

    def _see(self, now_ns: int) -> None:
        """The owner's clock shows this."""
        self._passed_ns += max(0, now_ns - self._now_ns)
        self._now_ns = now_ns

    # ---- the stages ----

    def _say_hello(self) -> None:
        self.stage = Stage.HELLO
        self._retry_at_ns = self._passed_ns + RETRY_NS
        self.health.connecting(Channel.CONTROL, self._passed_ns)
        hello = control.Hello(version_min=PROTOCOL_VERSION, version_max=PROTOCOL_VERSION, build=self._build)
        self.requests.forget(control.Hello)
        self.request(hello, self._on_welcome)

    def _on_welcome(self, reply: control.AnyReply) -> None:
        if self.stage != Stage.HELLO:
            return
        if isinstance(reply, control.Refused):
            self._fault(reply.code, reply.text)
            return
        if not isinstance(reply, control.Welcome):
            raise RemoteProtocolError(f"{type(reply).__name__} in answer to hello")
        if not reply.version_min <= PROTOCOL_VERSION <= reply.version_max:
            self._fault(FaultCode.UNSUPPORTED_VERSION, f"the server speaks {reply.version_min} to {reply.version_max}")
            return
        if reply.epoch < self.epoch:
            raise RemoteProtocolError(f"epoch {reply.epoch} after {self.epoch}")
        self.epoch = reply.epoch
        self.heartbeat_ns = max(reply.heartbeat_ms, 10) * 1_000_000
        self._welcome = reply
        self.stage = Stage.WELCOMED
        self._incoming.append(Welcomed(reply))
        if self._credentials is not None:
            self._log_on()

    def _log_on(self) -> None:
        assert self._credentials is not None
        self.stage = Stage.LOGON
        self._retry_at_ns = self._passed_ns + 10 * RETRY_NS
        logon = control.Logon(
            user=self._credentials.user,
            password=self._credentials.password,
            client_instance=self.entry.client_instance,
            at_end=int(self._wishes.at_end),
            grace_ms=self._wishes.grace_ms,
            heartbeat_timeout_ms=self._wishes.heartbeat_timeout_ms,
            known_stream_sequence=max(self._resume_from or 0, self.private.sequence),
            known_epoch=self._seen_epoch,
        )
        self.requests.forget(control.Logon)
        self.request(logon, self._on_logon)

    def _on_logon(self, reply: control.AnyReply) -> None:
        if self.stage != Stage.LOGON:
            return
        if isinstance(reply, control.Refused):
            self._fault(reply.code, reply.text)
            return
        if not isinstance(reply, control.LogonAccepted) or self._welcome is None:
            raise RemoteProtocolError(f"{type(reply).__name__} in answer to logon")
        self.stage = Stage.ONLINE
        self.session = reply.session
        if self._resume_from is None:
            self._resume_from = reply.last_stream_sequence
        known = max(self._resume_from, self.private.sequence)
        kept = reply.kept_stream_sequence if reply.kept_stream_sequence >= 0 else reply.last_stream_sequence
        if known > kept:
            self._incoming.append(PrivateRolledBack(known, kept))
            self.entry.abandon(reply.last_counter)
            known = self._resume_from = kept
        self._seen_epoch = self._welcome.epoch
        self.private.restart(known)
        self.entry.on_logon(reply.last_counter, reply.session)
        self._overdue.restart()
        self._incoming.append(LoggedOn(self._welcome, reply, known))
        for channel in (Channel.ORDERS, Channel.MARKET_DATA):
            self.health.connecting(channel, self._passed_ns)
        welcome = self._welcome
        self._actions.append(OpenStreams(welcome.order_port, welcome.market_data_port, welcome.market_data_b_port))
        self._send_heartbeat()
        self._request_page()
        self.market.restart(lines=2 if welcome.market_data_b_port else 1)
        self.drop_copy.on_session(is_open=True)
        self._request_drop_copy()

    def _fault(self, code: int, text: str) -> None:
        final = faults.known(code) in faults.FINAL
        self._end_session()
        self._incoming.append(Faulted(faults.known(code), text, final))
        self.stage = Stage.IDLE if final else Stage.HELLO
        self._retry_at_ns = self._passed_ns + RETRY_NS

    def _end_session(self) -> None:
        if self.stage == Stage.ONLINE:
            self._actions.append(CloseStreams())
            if self.entry.pending_count:
                self._incoming.append(OrdersUnknown(self.entry.pending))
        self.session = 0
        self.drop_copy.on_session(is_open=False)
        self._incoming.extend(self._restriction.heard(FaultCode.NONE))
        self.health.down()
        refused = control.Refused(code=FaultCode.UNAVAILABLE, text="the session ended before the answer")
        self._incoming.extend(ReplyReceived(request, refused) for request in self.requests.drop())

    # ---- details ----

    def _request_page(self) -> None:
        private = self.private
        if private.synced or private.requested or self.stage != Stage.ONLINE:
            return
        private.requested = True
        self.request(control.ResumePrivate(after_sequence=private.sequence, count=RESUME_PAGE), self._on_page)

    def _on_page(self, reply: control.AnyReply) -> None:
        if not isinstance(reply, control.Records):
            self.private.requested = False
            return
        events = decode_bulk(reply, "EVENT")
        for received in self.private.on_page(events, reply.more):
            self.entry.on_events(received.events)
            self._incoming.append(received)
        if self.private.synced:
            self._incoming.append(PrivateSynced(self.private.sequence))
            self._resend_at_ns = 0
        else:
            self._request_page()

    def _request_drop_copy(self) -> None:
        wanted = self.drop_copy.take_request()
        if wanted is not None:
            self.request(wanted, self.drop_copy.on_reply)

    def _send_heartbeat(self) -> None:
        self._heartbeat_at_ns = self._passed_ns + self.heartbeat_ns
        self._actions.append(self._frames.heartbeat(self.epoch, self.session, self._now_ns))

    def _epoch_holds(self, epoch: int) -> bool:
        if epoch == self.epoch:
            return True
        if epoch < self.epoch:
            raise RemoteProtocolError(f"epoch {epoch} after {self.epoch}")
        self._fault(FaultCode.UNAVAILABLE, f"the server started again (epoch {epoch})")
        return False
