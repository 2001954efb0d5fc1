"""The server's machine: its disks, the process on them, and the thread that makes the journal durable.

Rules: the process is the real one from the journal up, put together by the same functions; only what touches the world
is replaced. The journal's thread is an action of the schedule: it commits some time after something was queued, while
the loop waits, and leaves the loop what it met, as the thread does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from server.bootstrap import Core, core_over, recovered_pipeline
from server.gateway.gateway import ORDERS_DOMAIN
from server.history.folding import Folder
from server.journal.errors import JournalError, JournalFailed
from server.journal.event_log import EventLog
from server.journal.group_commit import NO_SPACE_RETRY_S
from server.journal.journal import Journal, mark_of
from server.journal.key_file import KeyRing
from server.journal.recovery import read_journal
from server.journal.replaying import replayed_all
from server.journal.restoring import Snapshots
from server.journal.snapshot import Start
from server.pipeline import Pipeline
from server.protocol.codec import Records
from server.protocol.enums import Durability, FaultCode, Mode, SkipReason
from server.settings import GatewaySettings, Reference, ServerSettings
from tests.simulator.decay import Decay
from tests.simulator.disk import SimulatedDisk
from tests.simulator.faults import DISK_SLOW, Counts
from tests.simulator.history import HistoryFiles, HistoryProcess
from tests.simulator.network import Network, ServerTransport
from tests.simulator.schedule import MICROSECOND, MILLISECOND, SECOND, Schedule
from tests.simulator.snapshots import SETTINGS as SNAPSHOT_SETTINGS
from tests.simulator.snapshots import SnapshotFiles

SEGMENT_BYTES = 96 << 10
"""Small, so that a run has many segments."""
RESERVE_BYTES = 16 << 10
IDLE_MS = 1000
SETTINGS = ServerSettings(
    data=Path(), mode=Mode.DEMO, durability=Durability.FSYNC,
    gateway=GatewaySettings(heartbeat_ms=250, session_timeout_ms=4000, retransmit_records=512),
    snapshots=SNAPSHOT_SETTINGS,
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """An answer about a password."""

    ticket: int
    user: int
    code: FaultCode = FaultCode.NONE
    text: str = ""


class SlowPasswords:
    """Answers after a while, as the worker with its hashes does; every password is right."""

    def __init__(self, schedule: Schedule, users: dict[str, int], wake: Callable[[], None]) -> None:
        self._schedule = schedule
        self._users = users
        self._wake = wake
        self._outcomes: list[Outcome] = []

    def verify(self, ticket: int, now_ns: int, user: str, password: str, peer: str) -> None:
        """Ask whether the password is the user's."""

        def answer() -> None:
            self._outcomes.append(Outcome(ticket, self._users[user]))
            self._wake()

        self._schedule.between(5 * MILLISECOND, 120 * MILLISECOND, answer)

    def create(self, ticket: int, user: str, password: str) -> None:
        """Nobody asks for this here."""
        raise AssertionError("no user is made in a run")

    def completed(self) -> list[Outcome]:
        """Outcomes since the last call."""
        taken, self._outcomes = self._outcomes, []
        return taken


class Machine:
    """Two directories that stay, and a process that comes and goes. `plant` may spoil a core before it recovers."""

    def __init__(
        self, schedule: Schedule, counts: Counts, network: Network, reference: Reference, keys: KeyRing,
        plant: Callable[[Core], None], history_plant: Callable[[Folder], None], on_arrival: Callable[[bytes], None],
    ) -> None:  # fmt: skip
        self.schedule = schedule
        self.counts = counts
        self.network = network
        self.journal_disk = SimulatedDisk(schedule, counts, "journal")
        self.event_disk = SimulatedDisk(schedule, counts, "events")
        self.snapshots = SnapshotFiles(schedule, counts, keys)
        self.history_files = HistoryFiles(schedule, counts)
        self.history = HistoryProcess(schedule, counts, self.history_files, self.event_disk, keys, history_plant)
        self.disks = (self.journal_disk, self.event_disk, self.snapshots.disk)
        self.core: Core | None = None
        self.pipeline: Pipeline | None = None
        self.transport: ServerTransport | None = None
        self.slow_until_ns = 0
        self.decay = Decay(schedule, counts, self.journal_disk, self.event_disk, keys)
        self.decays_next = False
        """Whether durable bytes will be others after this life."""
        self.keys = keys
        self._reference = reference
        self._plant = plant
        self._on_arrival = on_arrival
        self._life = 0
        self._commit_is_planned = False

    def boot(self, transport: ServerTransport, on_recovered: Callable[[], None]) -> Pipeline:
        """Recover and listen. Raises JournalError, PowerCut."""
        self._life += 1
        self._commit_is_planned = False
        self.transport = transport
        snapshots = self.snapshots.open()
        journal = self._journal(transport.wake, snapshots.found.starts)
        try:
            event_log = EventLog(
                self.event_disk, shard=1, epoch=journal.epoch, journal_sequence=journal.last_sequence,
                segment_bytes=SEGMENT_BYTES, threaded=False, keys=self.keys,
            )  # fmt: skip
            self.core = self._core_over(transport, journal, event_log, snapshots)
        except BaseException:
            journal._wake.close()
            raise
        self.snapshots.on_core(self.core, log_is_spoiled=self.decay.is_of_events)
        self._plant(self.core)
        self.core.gateway.ports = (1, 2, 0)
        self.pipeline = recovered_pipeline(self.core, transport, clock=self.schedule.clock, timer=self.schedule.timer)
        self.decay.on_recovered(self.core.journal.recovered.first_ordinal)
        on_recovered()
        self.pipeline.turn(0)
        self.history.starts()
        self.network.server = Listening(self.core, transport, self._on_arrival)
        return self.pipeline

    def _journal(self, on_durable: Callable[[], None], starts: Iterable[Start] = ()) -> Journal:
        return Journal(
            self.journal_disk, durability=Durability.FSYNC, threaded=False, segment_bytes=SEGMENT_BYTES,
            on_durable=on_durable, keys=self.keys, reserve_bytes=RESERVE_BYTES, starts=starts,
        )  # fmt: skip

    def _core_over(
        self, transport: ServerTransport, journal: Journal, event_log: EventLog, snapshots: Snapshots
    ) -> Core:
        users = {user.user: user.user_id for user in self._reference.users}
        passwords = SlowPasswords(self.schedule, users, transport.wake)
        return core_over(SETTINGS, passwords, self._reference, journal, event_log, snapshots, timer=self.schedule.timer)

    def whole_journal(self) -> list[Records]:
        """All commands that a start has to know, whatever stands for the first of them. Raises JournalError."""
        found = read_journal(self.journal_disk, 1, mark_of(self.journal_disk), self.keys)
        return list(replayed_all(self.journal_disk, found))

    def skip(self, sequence: int) -> None:
        """What `tradepit journal skip` does, on a server that is down; a disk that fails lets it be tried again."""
        self.heal()
        journal = self._journal(lambda: None)
        journal.append_skip(sequence, int(SkipReason.ENGINE_FAULT), self.schedule.clock())
        journal.close()

    def heal(self) -> None:
        """Nothing is to happen to the disks any more."""
        for disk in self.disks:
            disk.heal()
        self.decays_next = self.snapshots.spoils_next = False

    def plan_commit(self) -> None:
        """The journal's thread wakes up if something is queued, and now and then while there is no space."""
        assert self.core is not None
        if self._commit_is_planned or not (self.core.journal.queued or self.core.journal.is_full):
            return
        self._commit_is_planned = True
        delay_ns = self.schedule.chance.randint(100 * MICROSECOND, 3 * MILLISECOND)
        if self.core.journal.is_full:
            delay_ns = int(NO_SPACE_RETRY_S * SECOND)
        if self.schedule.now_ns < self.slow_until_ns:
            self.counts[DISK_SLOW] += 1
            delay_ns += self.schedule.chance.randint(20 * MILLISECOND, 200 * MILLISECOND)
        life = self._life
        self.schedule.after(delay_ns, lambda: self._commit(life))

    def _commit(self, life: int) -> None:
        if life != self._life or self.core is None or self.transport is None:
            return
        self._commit_is_planned = False
        journal = self.core.journal
        try:
            journal.commit()
        except JournalError as error:
            journal._group.failure = error if isinstance(error, JournalFailed) else JournalFailed(str(error))
            self.transport.wake()
        else:
            self.plan_commit()

    def ends(self, *, power: bool) -> None:
        """The process is gone, and what it held in memory; with the power goes what was not synced."""
        self._life += 1
        self.network.server_is_gone()
        if self.core is not None:
            self.core.journal._wake.close()
        self.core = self.pipeline = None
        for disk in (self.journal_disk, self.event_disk):
            disk.process_is_gone(power=power)
        self.snapshots.ends(power=power)
        self.history.ends(power=power)
        if self.decays_next:
            self.decays_next = False
            self.decay.strike()


class Listening:
    """The listening sockets: the gateway's word on keys, and the loop's transport."""

    def __init__(self, core: Core, transport: ServerTransport, on_arrival: Callable[[bytes], None]) -> None:
        self._gateway = core.gateway
        self._on_arrival = on_arrival
        self._transport = transport

    def admits(self, domain: str, key: str) -> bool:
        """Whether a key may connect."""
        return self._gateway.admits(domain, key)

    def admits_subscription(self, key: str, topic: bytes) -> bool:
        """Whether a key may have a topic."""
        return self._gateway.admits_subscription(key, topic)

    def on_frame(self, domain: str, key: str, address: bytes, frame: bytes) -> None:
        """A frame arrived."""
        if domain == ORDERS_DOMAIN:
            self._on_arrival(frame)
        self._transport.on_frame(domain, key, address, frame)
