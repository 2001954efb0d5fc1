"""A process to be killed: appends to journal and event log as fast as it can, and prints what it may acknowledge.

`python -m tests.journal.appending_child DIRECTORY os|fsync SEED`; one line a step: the durable sequence.
"""

import random
import select
import sys
from pathlib import Path

from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.protocol.enums import Durability
from tests.journal.flows import fill, outputs

QUEUED_MAX = 100


def main() -> None:
    """Append for ever; the parent ends it."""
    directory, mode, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    chance = random.Random(seed)
    durability = Durability.FSYNC if mode == "fsync" else Durability.OS
    journal = Journal.open(directory, durability=durability, segment_bytes=1 << 16)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=journal.last_sequence, segment_bytes=1 << 16)
    streams = {1: log.last_event_sequence}
    logged = journal.last_sequence
    while True:
        fill(journal, [chance.choice([1, 1, 1, 2, 5, 40])])
        durable = journal.durable_sequence()
        if durable > logged:
            for command in range(logged + 1, durable + 1):
                log.append(*outputs(command, log.last_event_sequence + 1, [1], streams))
            logged = durable
            print(durable, flush=True)
        elif journal.queued > QUEUED_MAX:
            select.select([journal.wake_fd], [], [])
            journal.clear_wake()


if __name__ == "__main__":
    main()
