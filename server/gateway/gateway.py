"""The gateway as one object: arrivals in, commands and an outbox out; no sockets, no files, no clock.

Rules: the pipeline calls, in each turn and in this order, `on_arrivals`, `take_commands`, `on_events`,
`on_market_data`, `on_time`, and takes the outbox in between. All that leaves travels in one order behind the commands
that were applied before it, so that nothing shows what is not durable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from server.gateway.authenticator import Authenticator, PrivateHistory
from server.gateway.backlog import NO_BACKLOG, Backlog
from server.gateway.commands import FIRST_SERVER_KIND, session_closed, time_command
from server.gateway.control_plane import ControlParts, ControlPlane
from server.gateway.counters import Counters
from server.gateway.drop_copy import DropCopy
from server.gateway.egress import Egress
from server.gateway.exchange_view import ExchangeView
from server.gateway.frames import FrameWriter, ServerIdentity
from server.gateway.history_relay import HistoryRelay
from server.gateway.order_entry import OrderEntry
from server.gateway.outbox import Arrivals, Outbox
from server.gateway.publisher import MILLISECOND_NS, Publisher
from server.gateway.queries import Queries
from server.gateway.sessions import Session, SessionTable
from server.protocol import control
from server.protocol.codec import decode_topic
from server.protocol.enums import PROTOCOL_VERSION, FaultCode, Topic
from server.protocol.errors import RemoteProtocolError
from server.settings import GatewaySettings, Reference

CONTROL_DOMAIN = "control"
ORDERS_DOMAIN = "orders"
MARKET_DATA_DOMAIN = "market_data"
_TOPICS = frozenset(int(topic) for topic in Topic)
log = structlog.get_logger("gateway")
CounterSource = Callable[[], dict[str, int]]


@dataclass(frozen=True, slots=True)
class GatewayParts:
    """What a gateway is made of."""

    settings: GatewaySettings
    identity: ServerIdentity
    view: ExchangeView
    reference: Reference
    authenticator: Authenticator
    private_history: PrivateHistory
    history: HistoryRelay
    build: str = ""
    name: str = ""


class Gateway:
    """Sessions, order entry, control plane, egress and publisher of one shard."""

    def __init__(self, parts: GatewayParts) -> None:
        self._parts = parts
        self.settings = parts.settings
        self._frames = FrameWriter(parts.identity)
        self.counters = Counters()
        self.counter_sources: list[CounterSource] = []
        self.sessions = SessionTable(parts.identity.epoch)
        self.publisher = Publisher(self._frames, parts.settings)
        self.ports = (0, 0, 0)
        """Order port and the one or two (0: none) of market data, told in `Welcome`."""
        self._revoked: list[str] = []
        self.outbox = Outbox()
        self.prompt = Outbox()
        """What follows from no command and may leave at once, past all that waits for the disk."""
        self._backlog = NO_BACKLOG
        self._commands = bytearray()
        self._time_ns = 0
        self._heartbeat_due_ns = 0
        self._grant_changes = 0
        self._orders = OrderEntry(
            parts.settings, self.sessions, self.counters, self._frames, self.close_session, self.prompt
        )
        self._egress = Egress(self.sessions, self.counters, self._frames)
        self._drop_copy = DropCopy(parts.view, parts.private_history, self.counters, self._frames, parts.identity.epoch)
        self._control = ControlPlane(
            ControlParts(
                settings=parts.settings,
                sessions=self.sessions,
                queries=Queries(parts.view, self.publisher, parts.reference),
                counters=self.counters,
                authenticator=parts.authenticator,
                private_history=parts.private_history,
                history=parts.history,
                welcome=self._welcome,
                status=self._status,
                close_session=self.close_session,
                append=self.append,
                handlers=self._drop_copy.handlers(),
            )
        )

    def begin(self) -> None:
        """After recovery: take over the books and close the sessions of the former run."""
        self.publisher.begin(self._parts.view)
        self._drop_copy.begin()
        for session, user in self._parts.view.open_sessions():
            self.append(session_closed(session, user, FaultCode.SERVER_RESTARTED))

    def append(self, rows: NDArray[Any]) -> None:
        """Add server commands to the next batch."""
        self._commands += rows.tobytes()

    def admits(self, domain: str, key: str) -> bool:
        """Whether a key may connect: anyone to the control plane, elsewhere a key with a live session."""
        admitted = domain == CONTROL_DOMAIN or (
            domain in (ORDERS_DOMAIN, MARKET_DATA_DOMAIN) and key in self.sessions.by_key
        )
        if not admitted:
            self.counters.add("handshakes.refused")
        return admitted

    def has_session(self, key: str) -> bool:
        """Whether a key has a live session."""
        return key in self.sessions.by_key

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """Whether a key may have a topic: one of an instrument, or a topic's first byte for all instruments."""
        session = self.sessions.by_key.get(key)
        if session is None or not _is_topic(topic):
            self.counters.add("subscriptions.refused")
            return False
        if topic not in session.topics and len(session.topics) >= self.settings.subscriptions_max:
            self.counters.add("subscriptions.refused")
            return False
        session.topics.add(topic)
        self.publisher.streams.want(topic)
        return True

    def ends_subscription(self, key: str, topic: bytes) -> None:
        """A key lets go of a topic; unknown keys and topics are ignored."""
        session = self.sessions.by_key.get(key)
        if session is not None:
            session.topics.discard(topic)

    def take_revoked(self) -> list[str]:
        """Keys whose session has ended since the last call."""
        revoked, self._revoked = self._revoked, []
        return revoked

    def on_arrivals(self, now_ns: int, time_ns: int, arrivals: Arrivals, backlog: Backlog) -> None:
        """Handle all that arrived. `now_ns` runs the timers, `time_ns` is the market's clock that frames carry.

        `backlog` is what waits for the disk.
        """
        self._time_ns = time_ns
        self._backlog = backlog
        if arrivals.control:
            stalled = backlog.is_stalled
            self._control.on_messages(now_ns, arrivals, self.prompt if stalled else self.outbox, is_stalled=stalled)
        outcomes = self._parts.authenticator.completed()
        if outcomes:
            self._control.on_outcomes(now_ns, outcomes, self.outbox)
        if arrivals.history:
            self.outbox.control.extend(self._parts.history.on_replies(arrivals.history))
        if arrivals.orders:
            self._orders.on_messages(
                now_ns,
                time_ns,
                arrivals.orders,
                self._commands,
                self.outbox,
                engine_sequence=self._parts.view.sequence,
                backlog=backlog,
            )

    def take_commands(self, next_due_ns: int, *, probes: bool = False) -> bytearray | None:
        """The batch of this turn as COMMAND rows, with a TIME at its end if one is due; None if empty.

        `probes`: a TIME is wanted in any case, to see whether the journal takes commands again.
        """
        if 0 < next_due_ns <= self._time_ns or (probes and not self._commands):
            self.append(time_command())
        if not self._commands:
            return None
        taken, self._commands = self._commands, bytearray()
        return taken

    def on_events(self, events: bytes, engine_sequence: int) -> None:
        """Private events (EVENT rows) of the batch just applied."""
        if events:
            self.counters.events(events)
            self._egress.on_events(events, self.outbox, engine_sequence, self._time_ns)
            self._drop_copy.on_events(events, self.outbox, engine_sequence, self._time_ns)

    def on_market_data(self, records: bytes, engine_sequence: int) -> None:
        """Market data (BOOK_RECORD rows) of the batch just applied."""
        if records:
            self.publisher.on_market_data(
                records, self.outbox.market_data, engine_sequence=engine_sequence, time_ns=self._time_ns
            )

    def answer(self) -> None:
        """Answers to the requests of this turn, read from the engine. Only after the turn's batch was applied."""
        self._control.answers(self.outbox)
        self._drop_copy.serve(self.outbox)

    def answer_reads(self) -> None:
        """The same for requests that only read, when the turn's batch was refused: the state is as it was."""
        self._control.read(self.outbox)

    def due_ns(self) -> int:
        """When `on_time` has something to do next."""
        return 0 if self._drop_copy.is_busy else min(self._heartbeat_due_ns, self.publisher.due_ns())

    def on_time(self, now_ns: int) -> None:
        """What is done by the clock: conflated lanes, heartbeats, silent sessions, late requests."""
        if now_ns < self.due_ns():
            return
        if self._backlog.is_stalled:
            self.publisher.on_stall(now_ns, self._time_ns, self.prompt.market_data)
        else:
            self.publisher.on_time(now_ns, self._time_ns, self._parts.view, self.outbox.market_data)
        if now_ns < self._heartbeat_due_ns:
            return
        self._heartbeat_due_ns = now_ns + self.settings.heartbeat_ms * MILLISECOND_NS
        for session in self.sessions.silent(now_ns):
            self.close_session(session, FaultCode.HEARTBEAT_LOST, session.order_address)
        self._close_without_rights()
        for session in self.sessions:
            if session.confirmed and session.order_address:
                self._orders.beat(session, self._time_ns, self._parts.view.sequence, self._backlog, self.outbox, 0)
        self._drop_copy.heartbeats(self.outbox, self._parts.view.sequence, self._time_ns)
        self._parts.history.on_time(now_ns, self.outbox)

    def take_outbox(self) -> Outbox:
        """The outbox, and an empty one in its place."""
        taken, self.outbox = self.outbox, Outbox()
        return taken

    def withdraw(self, commands: NDArray[Any]) -> None:
        """The batch could not be journaled: clients are told BUSY, the server's commands wait for the next."""
        kinds = commands["kind"]
        own = commands[kinds >= FIRST_SERVER_KIND]
        self._commands[:0] = own[own["kind"] != FIRST_SERVER_KIND].tobytes()
        refused = commands[kinds < FIRST_SERVER_KIND]
        for number in np.unique(refused["session"]).tolist():
            session = self.sessions.by_number.get(number)
            if session is not None and session.order_address:
                rows = refused[refused["session"] == number].tobytes()
                self._orders.refusals.add(session, session.order_address, rows)

    def take_prompt(self) -> Outbox | None:
        """What may leave at once, refusals of this turn included; None if nothing is there."""
        prompt, refusals = self.prompt, self._orders.refusals
        if not refusals.rows and not prompt.has_messages():
            return None
        prompt.orders.extend(refusals.take())
        taken = Outbox(prompt.control.copy(), prompt.orders.copy(), prompt.market_data.copy())
        prompt.clear()
        return taken

    def close_session(self, session: Session, code: FaultCode, address: bytes) -> None:
        """End a session now: it is forgotten, SESSION_CLOSED is sequenced, and the address (if any) told why."""
        self.sessions.remove(session)
        self._drop_copy.forget(session)
        self._revoked.append(session.key)
        self.append(session_closed(session.number, session.user, code))
        self._tell(session, code, address)

    def _close_without_rights(self) -> None:
        """Whoever had rights and has none left has nothing to do here."""
        changes = self._parts.view.grant_changes
        if changes == self._grant_changes:
            return
        self._grant_changes = changes
        for session in self.sessions:
            if session.had_rights and not any(rights for _, rights in self._parts.view.grants(session.user)):
                self.close_session(session, FaultCode.RIGHTS_WITHDRAWN, session.order_address)

    def stop(self) -> None:
        """Tell all sessions that the server stops. In the journal they stay open: the next start closes them, so that
        a grace begins when its client can come back."""
        for session in self.sessions:
            self.sessions.remove(session)
            self._drop_copy.forget(session)
            self._revoked.append(session.key)
            self._tell(session, FaultCode.SERVER_STOPPING, session.order_address)

    def _tell(self, session: Session, code: FaultCode, address: bytes) -> None:
        """Why a session has ended: in the log, in the counters, and to the client if there is an address."""
        self.counters.fault(code)
        log.info("session closed", session=session.number, user=session.user, reason=code.name)
        if address:
            self.outbox.orders.append(
                (address, self._frames.fault(code, session=session.number, time_ns=self._time_ns))
            )

    def _welcome(self, request_id: int) -> control.Welcome:
        identity = self._parts.identity
        order_port, market_data_port, market_data_b_port = self.ports
        return control.Welcome(
            request_id=request_id,
            version_min=PROTOCOL_VERSION,
            version_max=PROTOCOL_VERSION,
            build=self._parts.build,
            epoch=identity.epoch,
            mode=identity.mode,
            durability=identity.durability,
            order_port=order_port,
            market_data_port=market_data_port,
            server_time_ns=self._time_ns,
            heartbeat_ms=self.settings.heartbeat_ms,
            name=self._parts.name,
            market_data_b_port=market_data_b_port,
        )

    def _status(self, request_id: int) -> control.Status:
        counters = self.counters.snapshot()
        for source in self.counter_sources:
            counters.update(source())
        counters["sessions"] = len(self.sessions)
        counters["engine.sequence"] = self._parts.view.sequence
        counters["epoch"] = self._parts.identity.epoch
        return control.Status(request_id=request_id, counters=counters, state_hash=self._parts.view.state_hash())


def _is_topic(topic: bytes) -> bool:
    if len(topic) == 1:
        return topic[0] in _TOPICS
    try:
        decode_topic(topic)
    except RemoteProtocolError:
        return False
    return True
