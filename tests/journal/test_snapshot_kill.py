"""`kill -9` while snapshots are written: the state is that of the journal, and a half-written one is nothing."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from server.engine.exchange import Exchange
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.restoring import Snapshots, candidates, restore
from server.journal.snapshot_store import SnapshotStore
from tests.benchmarks.recovery import order_flow

ROUNDS = 4
COMMANDS = 20_000
pytestmark = pytest.mark.recovery


def test_a_killed_writer_leaves_a_state_that_is_right(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    flow = order_flow(COMMANDS)
    used = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "tests.journal.snapshot_child", str(tmp_path), str(COMMANDS)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            written = 0
            while not written:
                durable, written = map(int, child.stdout.readline().split())
            for _ in range(chance.randrange(30)):
                durable, written = map(int, child.stdout.readline().split())
            child.kill()
        store = SnapshotStore.open(tmp_path)
        found = candidates(store)
        assert found.notes == []
        journal = Journal.open(tmp_path, starts=found.starts)
        log = EventLog.open(tmp_path, epoch=journal.epoch, journal_sequence=journal.last_sequence)
        restored = restore(journal, log, Snapshots(store, found))
        assert restored.head is not None
        assert all("the event log ends before it" in note for note in restored.notes)
        used.append(restored.head.sequence)
        exchange = restored.exchange
        for commands in journal.replay(after=exchange.sequence):
            exchange.apply(commands)
        assert exchange.sequence >= durable
        alone = Exchange()
        alone.apply(flow[: exchange.sequence])
        assert exchange.state_hash() == alone.state_hash()
        log.close()
        journal.close()
        store.close()
    assert used == sorted(used) and used[-1] > used[0]
