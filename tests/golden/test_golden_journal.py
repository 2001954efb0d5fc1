"""The golden journal is read by this build and ends in the state that it always ended in."""

import json
import shutil
from pathlib import Path

from server.engine.exchange import Exchange
from server.journal.journal import Journal
from server.protocol.enums import Durability
from tests.golden import make_journal


def test_the_golden_journal_ends_in_its_state(tmp_path: Path) -> None:
    shutil.copytree(make_journal.FOLDER, tmp_path / "journal")
    expected = json.loads(make_journal.EXPECTED.read_text())
    journal = Journal.open(tmp_path, shard=1, durability=Durability.OS)
    try:
        exchange = Exchange(1)
        for commands in journal.replay():
            exchange.apply(commands)
        assert journal.last_sequence == exchange.sequence == expected["last_sequence"]
        assert journal.last_time_ns == exchange.time_ns == expected["last_time_ns"]
        assert exchange.event_sequence == expected["event_sequence"]
        assert f"{exchange.state_hash():#018x}" == expected["state_hash"]
    finally:
        journal.close()
