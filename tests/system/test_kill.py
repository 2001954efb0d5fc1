"""`kill -9` of the server under load: nothing acknowledged is lost, nothing is doubled, nobody is left behind."""

import json
from pathlib import Path

import pytest

from tests.system.kill_server import kill_under_load

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(400)]


@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_few_kills(tmp_path: Path, durability: str):
    print("seed 11")
    kill_under_load(tmp_path, kills=2, seed=11, durability=durability)


def test_a_few_kills_with_snapshots(tmp_path: Path):
    """Each start goes on from a snapshot, and the state is that of the journal alone."""
    print("seed 13")
    kill_under_load(tmp_path, kills=4, seed=13, durability="fsync", extra=("--snapshot-commands", "20"))
    lines = [json.loads(line) for line in (tmp_path / "data" / "server.log").read_text().splitlines()]
    begun_at = [line["from_snapshot"] for line in lines if line["event"] == "recovered"]
    assert begun_at == sorted(begun_at) and begun_at[-1] > 0


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_twenty_kills(tmp_path: Path, durability: str):
    print("seed 12")
    kill_under_load(tmp_path, kills=20, seed=12, durability=durability)
