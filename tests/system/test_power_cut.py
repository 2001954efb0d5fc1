"""Power cuts, emulated with real processes: what was durable is there once, and of the rest a beginning."""

from pathlib import Path

import pytest

from tests.system.cut_server import cut_under_load
from tests.system.power_cut import follow, plate_of
from tests.system.running import RunningServer

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(400)]


@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_few_power_cuts(tmp_path: Path, durability: str):
    print("seed 21")
    cut_under_load(tmp_path, cuts=2, seed=21, durability=durability)


def test_what_a_first_start_makes_is_durable_when_it_is_ready(tmp_path: Path):
    data, log = tmp_path / "data", tmp_path / "witness"
    data.mkdir()
    plate = plate_of(data)
    with RunningServer(data, "fsync", prepared=("--witness", str(log)), extra=("--no-history",)) as server:
        server.child.kill()
    follow(plate, log)
    names = plate.names["."]
    assert names.keys() >= {"reference.json", "server.key", "journal.key", "journal", "events"}
    for name in ("reference.json", "server.key", "journal.key"):
        assert plate.contents[names[name]] == (data / name).read_bytes()
