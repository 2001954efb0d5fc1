"""A journal, an event log, an engine and its snapshots on disks of paper, with real orders and nothing in between."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.key_file import KeyRing
from server.journal.restoring import Restored, Snapshots, candidates, restore
from server.journal.snapshot_store import SnapshotStore
from server.journal.snapshotter import Snapshotter
from server.protocol.enums import Durability
from server.settings import SnapshotSettings
from tests.benchmarks.recovery import order_flow
from tests.journal.memory_storage import MemoryStorage

COMMANDS = 1200
FLOW = order_flow(COMMANDS)
KEYS = KeyRing({1: bytes(range(32))})
SEGMENT_BYTES = 8192


def hash_at(sequence: int) -> int:
    """The state hash after so many commands of the flow."""
    exchange = Exchange()
    exchange.apply(FLOW[:sequence])
    return exchange.state_hash()


@dataclass
class Disks:
    """What stays when the process goes."""

    journal: MemoryStorage = field(default_factory=MemoryStorage)
    events: MemoryStorage = field(default_factory=MemoryStorage)
    snapshots: MemoryStorage = field(default_factory=MemoryStorage)

    def all(self) -> tuple[MemoryStorage, MemoryStorage, MemoryStorage]:
        """The three."""
        return self.journal, self.events, self.snapshots

    def after_kill(self) -> "Disks":
        """Copies of what the operating system knows."""
        return Disks(*(disk.after_kill() for disk in self.all()))

    def after_power_cut(self, seed: int) -> "Disks":
        """Copies of what may be left."""
        return Disks(*(disk.after_power_cut(seed + number) for number, disk in enumerate(self.all())))


class Life:
    """One start of the process, up to where it is recovered."""

    def __init__(
        self, disks: Disks, every: int = 100, kept: int = 3, keys: KeyRing | None = KEYS, fingerprint: bytes = b"f" * 32
    ) -> None:
        store = SnapshotStore(disks.snapshots, keys=lambda: keys, fingerprint=fingerprint)
        found = candidates(store)
        self.journal = Journal(
            disks.journal, threaded=False, segment_bytes=SEGMENT_BYTES, durability=Durability.FSYNC, keys=keys,
            starts=found.starts,
        )  # fmt: skip
        self.log = EventLog(
            disks.events, shard=1, epoch=self.journal.epoch, journal_sequence=self.journal.last_sequence,
            segment_bytes=SEGMENT_BYTES, threaded=False, keys=keys,
        )  # fmt: skip
        self.restored: Restored = restore(self.journal, self.log, Snapshots(store, found, threaded=False))
        self.exchange = self.restored.exchange
        self.restored_to = self.exchange.sequence
        self.reports: list[str] = []
        self.snapshotter = Snapshotter(
            store, self.journal, self.log, self.exchange, settings=SnapshotSettings(commands=every, kept=kept),
            threaded=False, timer=lambda: 0, report=self.reports.append,
        )  # fmt: skip
        self.snapshotter.begin(self.restored_to)
        self._replay()

    def _replay(self) -> None:
        logged = self.log.last_command_sequence
        for commands in self.journal.replay(split_after=logged, after=self.exchange.sequence):
            outputs = self.exchange.apply(commands)
            if int(commands["sequence"][-1]) > logged:
                events, data = outputs.events, outputs.market_data
                self.log.append(events[events["command_sequence"] > logged], data[data["sequence"] > logged])

    def run(self, last: int, sizes: np.random.Generator, commits: bool = True) -> None:
        """Apply the flow up to command `last` in batches of random sizes."""
        while self.exchange.sequence < last:
            self.batch(min(int(sizes.integers(1, 25)), last - self.exchange.sequence))
            if commits and sizes.random() < 0.5:
                self.journal.commit()
        if commits:
            self.journal.commit()
            self.turn()

    def batch(self, count: int) -> None:
        """Apply the next commands, as the loop does."""
        sequence = self.exchange.sequence
        commands: NDArray[np.void] = FLOW[sequence : sequence + count]
        self.journal.append(commands)
        outputs = self.exchange.apply(commands)
        self.log.append(outputs.events, outputs.market_data)
        self.turn()

    def turn(self) -> None:
        """What the loop does between two batches."""
        self.snapshotter.on_turn(lambda: self.log.last_command_sequence)
