"""Seeds on disk: complete, repeatable, movable to another end, and ready for a server to go on from."""

from pathlib import Path

import numpy as np
import pytest

from server.journal.journal import Journal
from server.protocol.codec import Records
from server.protocol.enums import Durability
from server.simulation.seed_store import SEEDED_FILE, copy_seed, new_run_directory, read_seeded
from server.simulation.seeding import retime, seed_directory
from tests.system.running import replayed_hash

END_NS = 1_790_000_000_000_000_000
HOURS = 0.02
SHIFT_NS = 86_400_000_000_000


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short seed for the tests that only read it."""
    directory = tmp_path_factory.mktemp("seeds") / "first"
    told: list[float] = []
    seed_directory(directory, 3, HOURS, END_NS, told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    return directory


def commands_of(directory: Path) -> Records:
    """Everything in the journal of a directory."""
    journal = Journal.open(directory, shard=1, durability=Durability.OS)
    try:
        return np.concatenate(list(journal.replay()))
    finally:
        journal.close()


def test_a_seed_says_what_it_is_and_its_journal_replays_to_it(seeded: Path):
    described = read_seeded(seeded)
    assert described is not None
    assert (described.seed, described.end_ns) == (3, END_NS)
    sequence, state_hash = replayed_hash(seeded)
    assert sequence == described.commands
    assert f"{state_hash:016x}" == described.state_hash
    assert list((seeded / "history").glob("1/*"))


def test_the_same_seed_is_the_same_market(seeded: Path, tmp_path: Path):
    again = seed_directory(tmp_path / "again", 3, HOURS, END_NS, lambda share: None)
    described = read_seeded(seeded)
    assert described is not None
    assert again.state_hash == described.state_hash


def test_a_moved_seed_has_the_same_commands_at_other_times(seeded: Path, tmp_path: Path):
    moved = retime(seeded, tmp_path / "moved", END_NS + SHIFT_NS)
    assert moved.end_ns == END_NS + SHIFT_NS
    before, after = commands_of(seeded), commands_of(tmp_path / "moved")
    assert (after["time_ns"] - before["time_ns"] == SHIFT_NS).all()
    after["time_ns"] = before["time_ns"]
    assert after.tobytes() == before.tobytes()
    assert f"{replayed_hash(tmp_path / 'moved')[1]:016x}" == moved.state_hash


def test_a_copy_is_complete_and_independent(seeded: Path, tmp_path: Path):
    copy_seed(seeded, tmp_path / "copy")
    assert commands_of(tmp_path / "copy").tobytes() == commands_of(seeded).tobytes()
    assert not (tmp_path / "copy" / SEEDED_FILE).exists()


def test_an_unfinished_seed_is_none(tmp_path: Path):
    assert read_seeded(tmp_path) is None
    (tmp_path / SEEDED_FILE).write_text("{")
    assert read_seeded(tmp_path) is None


def test_directories_of_killed_runs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEPIT_CACHE", str(tmp_path))
    left = tmp_path / "demo" / "run-999999999-1"
    left.mkdir(parents=True)
    mine = new_run_directory()
    assert mine.exists()
    assert not left.exists()
    assert new_run_directory() != mine
    assert mine.exists()
