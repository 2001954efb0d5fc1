"""`kill -9` of the process that writes: what it acknowledged is there, in order, and the event log does not lead."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.journal.event_log import EventLog
from server.journal.journal import Journal
from tests.journal.flows import replayed, stamped

ROUNDS = 3
pytestmark = pytest.mark.recovery


@pytest.mark.parametrize("mode", ["os", "fsync"])
def test_acknowledged_commands_survive_being_killed(tmp_path: Path, mode: str) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    acknowledged = 0
    for round_number in range(ROUNDS):
        command = [sys.executable, "-m", "tests.journal.appending_child", str(tmp_path), mode, str(seed + round_number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 40)):
                acknowledged = int(child.stdout.readline())
            child.kill()
            lines = child.stdout.read().split("\n")
        acknowledged = int(lines[-2]) if len(lines) > 1 else acknowledged
        journal = Journal.open(tmp_path)
        assert journal.epoch == 2 * round_number + 2
        assert journal.last_sequence >= acknowledged
        commands = replayed(journal)
        assert (commands == stamped(1, journal.last_sequence)).all()
        log = EventLog.open(tmp_path, epoch=journal.epoch, journal_sequence=journal.last_sequence)
        assert log.last_command_sequence <= journal.last_sequence
        events = log.events_of(1, 0, journal.last_sequence)
        assert (events["stream_sequence"] == np.arange(1, log.last_event_sequence + 1)).all()
        log.close()
        journal.close()
    assert acknowledged > ROUNDS
