"""`kill -9` of the server under load: nothing acknowledged is lost, nothing is doubled, nobody is left behind."""

from pathlib import Path

import pytest

from tests.system.kill_server import kill_under_load

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(400)]


@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_a_few_kills(tmp_path: Path, durability: str):
    print("seed 11")
    kill_under_load(tmp_path, kills=2, seed=11, durability=durability)


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["os", "fsync"])
def test_twenty_kills(tmp_path: Path, durability: str):
    print("seed 12")
    kill_under_load(tmp_path, kills=20, seed=12, durability=durability)
