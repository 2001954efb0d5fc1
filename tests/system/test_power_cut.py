"""Power cuts, emulated with real processes: what was durable is there once, and of the rest a beginning."""

from pathlib import Path

import pytest

from tests.system.cut_server import cut_under_load

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(400)]


@pytest.mark.parametrize("durability", ["fsync"])
def test_a_few_power_cuts(tmp_path: Path, durability: str):
    print("seed 21")
    cut_under_load(tmp_path, cuts=3, seed=21, durability=durability)
