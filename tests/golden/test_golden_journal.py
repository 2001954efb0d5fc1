"""The golden journals are read by this build and end in the state that they always ended in."""

import json
import shutil
from pathlib import Path

import pytest

from server.engine.exchange import Exchange
from server.journal.journal import Journal
from server.protocol.enums import Durability
from tests.golden import make_journal


@pytest.mark.parametrize("is_sealed", [False, True])
def test_the_golden_journal_ends_in_its_state(tmp_path: Path, is_sealed: bool) -> None:
    if is_sealed:
        shutil.copytree(make_journal.SEALED, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copytree(make_journal.UNSEALED, tmp_path / "journal")
    folder = make_journal.SEALED if is_sealed else make_journal.UNSEALED
    expected = json.loads(folder.with_suffix(".json").read_text())
    journal = Journal.open(tmp_path, shard=1, durability=Durability.OS)
    try:
        assert {part.is_sealed for part in journal.recovered.segments} == {is_sealed}
        exchange = Exchange(1)
        for commands in journal.replay():
            exchange.apply(commands)
        assert journal.last_sequence == exchange.sequence == expected["last_sequence"]
        assert journal.last_time_ns == exchange.time_ns == expected["last_time_ns"]
        assert exchange.event_sequence == expected["event_sequence"]
        assert f"{exchange.state_hash():#018x}" == expected["state_hash"]
    finally:
        journal.close()
