"""The server's composition root: the only file that knows every part. `python -m server.bootstrap --data DIR`.

Rules: it prints one JSON line when it is ready, and ends when the pipe to its parent closes (`--parent-pipe`), a line
`stop` comes, or it is interrupted. What keeps it from starting or going on is one sentence on stderr and exit
status 2. The order of the parts: lock and journal, event log, engine, recovery, identity, gateway, sockets.
"""

import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import structlog
import zmq

from server.arguments import parse_arguments
from server.client.parent_pipe import watch_parent
from server.engine.exchange import Exchange
from server.engine.kernel import Words
from server.engine.switches import ENGINE, FULL
from server.gateway.authenticator import Authenticator
from server.gateway.engine_view import EngineView
from server.gateway.event_writer import EventWriter
from server.gateway.frames import ServerIdentity
from server.gateway.gateway import Gateway, GatewayParts
from server.gateway.history_process import HistoryProcess
from server.gateway.history_relay import HistoryRelay
from server.gateway.outbox import Transport
from server.gateway.reference import reference_commands
from server.gateway.sockets import Endpoints, PortInUse, ZmqTransport
from server.identity.passwords import Passwords
from server.identity.server_key import load_or_make
from server.identity.store import IdentityError, IdentityStore, UserExists
from server.identity.worker import IdentityWorker
from server.journal.errors import EngineFault, JournalError
from server.journal.event_log import EventLog
from server.journal.fault_search import located
from server.journal.journal import Journal, read_only
from server.journal.replaying import replayed
from server.journal.restoring import Restored, Snapshots, candidates, explained, restore
from server.journal.skips import skips_of
from server.journal.snapshot_store import SnapshotStore
from server.journal.snapshotter import Snapshotter
from server.journal.storage import FileStorage
from server.pipeline import Pipeline
from server.settings import (
    Reference,
    ServerSettings,
    SettingsError,
    encode_reference,
    read_reference,
)

SHARD = 1
BUILD = "0.1.0"
REFERENCE_FILE = "reference.json"
LOG_FILE = "server.log"
STOP_NS = 5_000_000_000
IDLE_MS = 1000
log = structlog.get_logger("server")


@dataclass(slots=True)
class Core:
    """What holds state: journal, event log, engine, and the gateway over them."""

    journal: Journal
    event_log: EventLog
    event_writer: EventWriter
    exchange: Exchange
    gateway: Gateway
    history: HistoryRelay
    reference: Reference
    snapshotter: Snapshotter | None = None
    notes: list[str] = field(default_factory=list)
    """What was wrong with snapshots at the start."""
    first_state: Callable[[], Words | None] = lambda: None
    """The memory of the snapshot that the engine began with, read again; None: it began with nothing."""

    def close(self) -> None:
        """Make everything durable and let go of the data directory."""
        if self.snapshotter is not None:
            self.snapshotter.close()
        self.event_log.close()
        self.journal.close()


@dataclass(slots=True)
class Stopping:
    """A request to stop, from the parent's pipe or a signal, that also ends a poll."""

    asked: bool = False
    ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def ask(self) -> None:
        """Stop at the end of the turn."""
        self.asked = True
        self.ends[1].send(b"\0")

    def clear(self) -> None:
        """Make the descriptor unreadable."""
        self.ends[0].recv(4096)


def real_clock() -> int:
    """Nanoseconds since the epoch, UTC."""
    return time.time_ns()


def simulated_clock(start_ns: int, pace: int) -> Callable[[], int]:
    """A clock that begins now at `start_ns` and runs `pace` times as fast as the real one."""
    began_ns = time.monotonic_ns()
    return lambda: start_ns + (time.monotonic_ns() - began_ns) * pace


def open_core(settings: ServerSettings, authenticator: Authenticator, reference: Reference) -> Core:
    """Open journal, event log and engine of a data directory; recovery is `Pipeline.recover`. Raises JournalError."""
    store = SnapshotStore.open(settings.data, shard=SHARD)
    found = candidates(store)
    with explained(found):
        journal = Journal.open(settings.data, shard=SHARD, durability=settings.durability, starts=found.starts)
    try:
        event_log = EventLog.open(
            settings.data, shard=SHARD, epoch=journal.epoch, journal_sequence=journal.last_sequence
        )
        return core_over(settings, authenticator, reference, journal, event_log, Snapshots(store, found))
    except BaseException:
        journal.close()
        raise


def core_over(
    settings: ServerSettings,
    authenticator: Authenticator,
    reference: Reference,
    journal: Journal,
    event_log: EventLog,
    snapshots: Snapshots | None = None,
    *,
    timer: Callable[[], int] = time.monotonic_ns,
) -> Core:
    """The engine, and the gateway over it, on an open journal and event log, wherever those lie.

    With `snapshots` (a store over any storage) the engine begins in the state of the newest that can be believed, and
    new ones are taken. Raises JournalError.
    """
    event_writer = EventWriter(event_log, journal.epochs)
    restored = Restored(Exchange(SHARD)) if snapshots is None else restore(journal, event_log, snapshots)
    exchange = restored.exchange
    snapshotter: Snapshotter | None = None
    if snapshots is not None:
        snapshotter = Snapshotter(
            snapshots.store, journal, event_log, exchange, settings=settings.snapshots, threaded=snapshots.threaded,
            timer=timer, report=lambda sentence: log.warning("snapshot", detail=sentence),
        )  # fmt: skip
        snapshotter.begin(exchange.sequence)
    history = HistoryRelay()
    parts = GatewayParts(
        settings=settings.gateway,
        identity=ServerIdentity(journal.epoch, int(settings.mode), int(settings.durability), SHARD),
        view=EngineView(exchange),
        reference=reference,
        authenticator=authenticator,
        private_history=event_writer,
        history=history,
        build=BUILD,
        name=settings.name,
    )
    gateway = Gateway(parts)
    return Core(
        journal, event_log, event_writer, exchange, gateway, history, reference, snapshotter, restored.notes,
        restored.first_state,
    )  # fmt: skip


def recovered_pipeline(
    core: Core, transport: Transport, *, clock: Callable[[], int], timer: Callable[[], int], pace: int = 1
) -> Pipeline:
    """The loop over a core, recovered; on a first start its first batch brings the reference data."""
    pipeline = Pipeline(
        clock=clock,
        timer=timer,
        pace=pace,
        transport=transport,
        journal=core.journal,
        event_writer=core.event_writer,
        exchange=core.exchange,
        gateway=core.gateway,
        snapshotter=core.snapshotter,
        first_state=core.first_state,
    )
    first_start = core.journal.last_sequence == 0
    pipeline.recover()
    if first_start:
        core.gateway.append(reference_commands(core.reference))
    return pipeline


def prepare(settings: ServerSettings, passwords: Passwords) -> tuple[Reference, IdentityStore]:
    """Reference data and identity store; a bootstrap file fills in what is not there yet.

    Raises SettingsError, IdentityError.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    store = IdentityStore(settings.data)
    kept = settings.data / REFERENCE_FILE
    reference = Reference()
    if settings.bootstrap is not None:
        reference = read_reference(settings.bootstrap)
        for user in reference.users:
            if store.find(user.user) is None:
                try:
                    store.add(user.user, passwords.hash(user.password), user.user_id)
                except UserExists as error:
                    raise SettingsError(f"{settings.bootstrap} does not fit the users here: {error}") from error
        if not kept.exists():
            FileStorage(settings.data).replace(REFERENCE_FILE, encode_reference(reference.without_users()))
    if kept.exists():
        reference = msgspec.structs.replace(read_reference(kept), users=reference.users)
    return reference, store


class Server:
    """A running server: the core, its sockets and its children."""

    def __init__(self, settings: ServerSettings) -> None:
        """Open everything up to the bound sockets. Raises what `main` turns into one sentence."""
        if ENGINE != FULL:
            raise SettingsError(
                f"TRADEPIT_ENGINE is {ENGINE}: that engine is for benchmarks alone, no server runs on it"
            )
        self._settings = settings
        passwords = Passwords()
        reference, store = prepare(settings, passwords)
        self._public_key, secret_key = load_or_make(settings.data)
        self._worker = IdentityWorker(store, passwords)
        self._core = open_core(settings, self._worker, reference)
        self._clock = real_clock
        if settings.clock_start_ns:
            self._clock = simulated_clock(settings.clock_start_ns, settings.clock_speed)
        try:
            self._transport = ZmqTransport(
                Endpoints(
                    settings.host,
                    settings.control_port,
                    settings.order_port,
                    settings.market_data_port,
                    settings.market_data_b_port,
                ),
                public_key=self._public_key,
                secret_key=secret_key,
                admission=self._core.gateway,
                requests_per_turn=settings.gateway.requests_per_turn,
                commands_per_turn=settings.gateway.commands_per_turn,
                limits=settings.sockets,
            )
        except BaseException:
            self._core.close()
            raise
        self._history_keys = zmq.curve_keypair()
        self._history: HistoryProcess | None = None
        try:
            self._pipeline = self._recovered_pipeline()
        except BaseException:
            closed(self)
            raise

    def _recovered_pipeline(self) -> Pipeline:
        core, transport = self._core, self._transport
        gateway = core.gateway
        gateway.ports = (transport.order_port, transport.market_data_port, transport.market_data_b_port)
        gateway.counter_sources.append(lambda: dict(transport.counters))
        started_ns = time.monotonic_ns()
        for note in core.notes:
            log.warning("snapshot", detail=note)
        restored_to = core.exchange.sequence
        pipeline = recovered_pipeline(
            core, transport, clock=self._clock, timer=time.monotonic_ns, pace=self._settings.clock_speed
        )
        log.info(
            "recovered",
            sequence=core.journal.last_sequence,
            epoch=core.journal.epoch,
            from_snapshot=restored_to,
            took_ms=(time.monotonic_ns() - started_ns) // 1_000_000,
        )
        transport.wake_on(core.journal.wake_fd, core.journal.clear_wake)
        transport.wake_on(self._worker.wake_fd, self._worker.clear_wake)
        return pipeline

    def run(self, stopping: Stopping, ready: Callable[[dict[str, Any]], None]) -> None:
        """Take the first turns (old sessions, first start), say that it is ready, and loop until asked to stop."""
        self._pipeline.turn(0)
        self._transport.wake_on(stopping.ends[0].fileno(), stopping.clear)
        if self._settings.history:
            self._history = HistoryProcess(self._settings.data, self._history_keys[0].decode())
            self._transport.wake_on(self._history.wake_fd, self._on_history)
        gc.collect()
        gc.freeze()
        ready(self.description())
        turn = self._pipeline.turn
        timeout_ms = 0 if self._settings.spin else IDLE_MS
        while not stopping.asked:
            turn(timeout_ms)
        self._pipeline.stop(time.monotonic_ns() + STOP_NS)

    def description(self) -> dict[str, Any]:
        """The ready line."""
        transport = self._transport
        return {
            "ready": True,
            "host": self._settings.host,
            "control_port": transport.control_port,
            "order_port": transport.order_port,
            "market_data_port": transport.market_data_port,
            "market_data_b_port": transport.market_data_b_port,
            "server_key": self._public_key.decode(),
            "epoch": self._core.journal.epoch,
            "mode": self._settings.mode.name.lower(),
            "pid": os.getpid(),
        }

    def located(self, fault: EngineFault) -> EngineFault:
        """The same fault with its exact command, by a replay; for a closed server, of which only its engine is used."""
        if fault.is_found:
            return fault
        exchange = self._core.exchange
        exchange.begin_again(self._core.first_state())
        storage, found = read_only(self._settings.data, SHARD)
        skips = skips_of(storage, found.segments)
        batches = replayed(storage, found.segments, skips, first_sequence=exchange.sequence + 1)
        return located(fault, batches, exchange, lambda _: None)

    def _on_history(self) -> None:
        assert self._history is not None, "only the child wakes this"
        for news in self._history.news():
            if news.port:
                public, secret = self._history_keys
                self._transport.connect_history(f"tcp://127.0.0.1:{news.port}", news.public_key, public, secret)
            else:
                self._transport.disconnect_history()
            self._core.history.connected = news.port != 0

    def close(self) -> None:
        """End the children, flush, and let go of the directory."""
        if self._history is not None:
            self._history.close()
        self._transport.close()
        self._worker.close()
        self._core.close()


def configure_log(data: Path) -> None:
    """JSON lines appended to the data directory's log file."""
    data.mkdir(parents=True, exist_ok=True)
    file = (data / LOG_FILE).open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )


def print_ready(description: dict[str, Any]) -> None:
    """The one line on standard output."""
    log.info("ready", **description)
    print(json.dumps(description), flush=True)


def closed(server: Server) -> bool:
    """Close what can be closed; False if the disk did not take the last of it (the journal is whole up to there)."""
    try:
        server.close()
    except (JournalError, OSError) as error:
        log.error("not closed cleanly", error=str(error))
        return False
    return True


def stopped_by(fault: EngineFault, settings: ServerSettings, server: Server | None) -> int:
    """The engine failed: the state is discarded, the command named, and what an operator types to go on without it."""
    if server is not None:
        closed(server)
        try:
            fault = server.located(fault)
        except (JournalError, OSError) as error:
            log.error("fault not located", error=str(error))
    log.error("engine fault", error=str(fault), sequence=fault.first_sequence, exc_info=fault.cause)
    advice = "Start the server again: it names the command."
    if fault.is_found:
        advice = (
            "If a mended version is not at hand, go on without that command: tradepit journal skip"
            f" {settings.data} --sequence {fault.first_sequence} --reason ENGINE-FAULT"
        )
    print(f"tradepit server: {fault} {advice}", file=sys.stderr, flush=True)
    return 2


def main(arguments: list[str] | None = None) -> int:
    """Run a server until it is told to stop. 0: stopped as asked; 2: one sentence on stderr says why not."""
    server: Server | None = None
    try:
        settings = parse_arguments(sys.argv[1:] if arguments is None else arguments)
        configure_log(settings.data)
        stopping = Stopping()
        signal.signal(signal.SIGINT, lambda *_: stopping.ask())
        signal.signal(signal.SIGTERM, lambda *_: stopping.ask())
        if settings.parent_pipe:
            watch_parent(stopping.ask)
        sys.setswitchinterval(0.0005)
        server = Server(settings)
        server.run(stopping, print_ready)
    except EngineFault as fault:
        return stopped_by(fault, settings, server)
    except (SettingsError, JournalError, IdentityError, PortInUse, OSError) as error:
        log.error("stopped", error=str(error))
        print(f"tradepit server: {error}", file=sys.stderr, flush=True)
        if server is not None:
            closed(server)
        return 2
    except BaseException:
        log.exception("failed")
        raise
    if not closed(server):
        return 2
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
