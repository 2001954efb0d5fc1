"""A few seeds of the simulator in CI, that a run repeats, and that each planted bug is found."""

import subprocess
import sys

import pytest
import structlog

from tests.architecture.source_tree import PROJECT
from tests.simulator import faults
from tests.simulator.plants import PLANTS
from tests.simulator.world import World

ACTIONS = 2000


@pytest.fixture(autouse=True)
def quiet_log() -> None:
    """A run closes sessions by the dozen; its findings are not in the log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_nothing_breaks_it(seed: int) -> None:
    result = World(seed, ACTIONS).run()
    assert not result.wrong, result.line()
    counts = result.counts
    assert sum(count for name, count in counts.items() if name.startswith("action.")) >= ACTIONS
    assert sum(counts[crash] for crash in faults.CRASHES) >= 1
    assert counts[faults.PARTITION] >= 1
    assert counts["client.unknown_commands"] >= 1
    assert counts["client.resumed_events"] >= 1
    assert counts[faults.DISK_FULL] + counts[faults.DISK_ERROR] >= 1


def test_a_run_repeats_exactly() -> None:
    """In another process too, where hashes of strings differ."""
    command = [sys.executable, "-m", "tests.simulator", "--seed", "3", "--actions", "400"]
    lines = [
        subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": hash_seed}
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert lines[0] == lines[1]
    assert lines[0].splitlines()[-1].startswith("seed 3: ok, ")


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_bug_is_found(name: str) -> None:
    seeds = range(1, 6)
    assert any(World(seed, ACTIONS, PLANTS[name]).run().wrong for seed in seeds), f"{name} was not found"
