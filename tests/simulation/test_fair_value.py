"""The hidden value: repeatable, moving, within its band whatever the seed."""

from random import Random

import pytest

from server.simulation.fair_value import BAND, FairValue

HOUR_NS = 3_600_000_000_000


@pytest.mark.parametrize("seed", range(8))
def test_a_long_run_stays_within_the_band_and_moves(seed: int):
    fair = FairValue(Random(seed), 4837.0, 2.0)
    seen = []
    for hour in range(1, 200):
        fair.advance(hour * HOUR_NS // 20)
        seen.append(fair.value)
    assert all(abs(value / 4837.0 - 1.0) <= BAND + 0.02 for value in seen)
    assert max(seen) - min(seen) > 20.0


def test_time_that_goes_back_changes_nothing():
    fair = FairValue(Random(1), 1000.0, 1.0)
    fair.advance(HOUR_NS)
    fair.advance(HOUR_NS + 10**9)
    value = fair.value
    fair.advance(HOUR_NS)
    assert fair.value == value


def test_a_push_lasts():
    fair = FairValue(Random(1), 1000.0, 1.0)
    fair.push(5.0)
    assert fair.value == 1005.0
