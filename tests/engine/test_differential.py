"""The engine equals the oracle: every event, every market data record, the due time, the hash, however it is split.

Rules: seeds are printed by a failure; 300,000 commands here, 1,000,000 with -m slow or by hand with
`python -m tests.engine.differential`; again with bounds checks and, a small run, as plain Python.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.engine.exchange import Exchange
from tests.engine.differential import compare, engine_outputs
from tests.oracle.flow import random_commands, random_run
from tests.oracle.flow_areas import MIXES

pytestmark = pytest.mark.differential
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(101, 105))
@pytest.mark.parametrize("mix", MIXES)
def test_a_long_run_gives_what_the_oracle_gives(mix: str, seed: int) -> None:
    """24 runs, 300,000 commands in all."""
    assert compare(random_run(seed, 12_500, areas=MIXES[mix]), seed) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [121, 122])
def test_phases_auctions_and_rules_give_what_the_oracle_gives(seed: int) -> None:
    areas = ("phases", "auction_orders", "rules", "ticks", "volatility", "bands")
    assert compare(random_run(seed, 6_000, areas=areas), seed) == []


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 400))
def test_a_short_run_of_any_seed_gives_what_the_oracle_gives(seed: int, count: int) -> None:
    assert compare(random_run(seed, count), seed) == []


def test_any_split_into_batches_gives_the_same() -> None:
    run = random_run(105, 6_000)
    whole = Exchange()
    outputs = whole.apply(run.commands)
    events, market_data = outputs.events.copy(), outputs.market_data.copy()
    for seed in range(5):
        split = Exchange()
        split_events, split_market_data = engine_outputs(split, run, seed)
        assert split_events.tobytes() == events.tobytes(), f"split {seed}"
        assert split_market_data.tobytes() == market_data.tobytes(), f"split {seed}"
        assert split.state_hash() == whole.state_hash(), f"split {seed}"


def test_bytes_in_and_out_are_the_same_records() -> None:
    commands = random_commands(106, 2_000)
    outputs = Exchange().apply(commands)
    assert Exchange().apply_bytes(commands.tobytes()) == (
        outputs.events.tobytes(),
        outputs.market_data.tobytes(),
        outputs.next_due_ns,
    )


def test_commands_in_any_kind_of_memory_are_understood() -> None:
    commands = random_commands(107, 300)
    expected = Exchange().apply(commands).events.tobytes()
    frozen = commands.copy()
    frozen.flags.writeable = False
    assert Exchange().apply(frozen).events.tobytes() == expected
    spaced = np.repeat(commands, 2)[::2]
    assert Exchange().apply(spaced).events.tobytes() == expected
    assert Exchange().apply_bytes(memoryview(b"\0" + commands.tobytes())[1:])[0] == expected  # type: ignore[arg-type]
    assert Exchange().apply_bytes(b"") == (b"", b"", 0)


def run_apart(commands: int, seed: int, *options: str, **environment: str) -> str:
    """The comparison in a process of its own, with other settings of the compiler."""
    numbers = ["--commands", str(commands), "--seed", str(seed)]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.engine.differential", *numbers, *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_plain_python_gives_the_same() -> None:
    assert "1500 commands, 0 differences" in run_apart(1_500, 301, NUMBA_DISABLE_JIT="1")


def test_pieces_with_areas_of_their_own() -> None:
    said = run_apart(900, 2, "--draw-areas", "--piece", "300", NUMBA_DISABLE_JIT="1")
    assert [line.split(" (")[0] for line in said.splitlines()[:3]] == ["seed 2", "seed 3", "seed 4"]
    assert "(pegs," in said
    assert "900 commands, 0 differences" in said


@pytest.mark.timeout(400)
def test_no_index_is_out_of_bounds() -> None:
    assert "20000 commands, 0 differences" in run_apart(20_000, 303, NUMBA_BOUNDSCHECK="1")


def test_a_rebate_is_part_of_the_worst_fee() -> None:
    """What a partly filled order with a rebate and no minimum holds back: sequence 4976 of this seed once differed."""
    assert compare(random_run(302, 20_000, areas=MIXES["everything"]), 302) == []


def test_limits_of_a_basket_are_not_looked_at_for_the_house() -> None:
    """Sequence 34,819 of this seed is a basket of account 0, which no command may name: it once differed."""
    areas = ("accounts", "limits", "quotes", "mass_actions", "rules", "baskets", "stops")
    assert compare(random_run(60075, 35_000, areas=areas), 60075) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_million_commands() -> None:
    run_apart(1_000_000, 1000)
