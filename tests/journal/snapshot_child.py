"""A process to be killed: a journal, an engine and snapshots as fast as they can be; prints what is durable.

`python -m tests.journal.snapshot_child DIRECTORY COMMANDS`; one line a step: the durable sequence, snapshots written.
"""

import select
import sys
import time
from pathlib import Path

from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.restoring import Snapshots, candidates, restore
from server.journal.snapshot_store import SnapshotStore
from server.journal.snapshotter import Snapshotter
from server.protocol.enums import Durability
from server.settings import SnapshotSettings
from tests.benchmarks.recovery import order_flow

BATCH = 50


def main() -> None:
    """Go on with the flow from where the journal ends; the parent ends it."""
    directory, count = Path(sys.argv[1]), int(sys.argv[2])
    flow = order_flow(count)
    store = SnapshotStore.open(directory)
    found = candidates(store)
    journal = Journal.open(directory, durability=Durability.FSYNC, segment_bytes=1 << 18, starts=found.starts)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=journal.last_sequence, segment_bytes=1 << 18)
    exchange = restore(journal, log, Snapshots(store, found)).exchange
    logged = log.last_command_sequence
    for commands in journal.replay(split_after=logged, after=exchange.sequence):
        outputs = exchange.apply(commands)
        if int(commands["sequence"][-1]) > logged:
            log.append(outputs.events, outputs.market_data)
    snapshotter = Snapshotter(
        store, journal, log, exchange, settings=SnapshotSettings(commands=BATCH), timer=time.monotonic_ns
    )
    snapshotter.begin(exchange.sequence)
    while exchange.sequence + BATCH <= count:
        batch = flow[exchange.sequence : exchange.sequence + BATCH]
        journal.append(batch)
        outputs = exchange.apply(batch)
        while journal.durable_sequence() < exchange.sequence:
            select.select([journal.wake_fd], [], [])
            journal.clear_wake()
        log.append(outputs.events, outputs.market_data)
        snapshotter.on_turn(lambda: log.last_command_sequence)
        print(exchange.sequence, snapshotter.written, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
