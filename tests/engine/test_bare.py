"""The bare engine matches as the rule book says and does nothing else; a switch that does not work is noticed.

Rules: one process has one engine, so all of this runs in processes of its own, as plain Python.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.bare_flow import bare_run
from tests.oracle.coverage import Reached

ROOT = Path(__file__).parents[2]
BARE = {"TRADEPIT_ENGINE": "bare", "NUMBA_DISABLE_JIT": "1"}


def run_bare(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The comparison of the bare engine with the oracle."""
    return subprocess.run(
        [sys.executable, "-m", "tests.engine.bare_differential", *arguments],
        cwd=ROOT,
        env={**os.environ, **BARE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.differential
@pytest.mark.parametrize("seed", ["401", "402"])
def test_market_data_books_and_due_times_are_those_of_the_oracle(seed: str) -> None:
    ended = run_bare("--commands", "10000", "--seed", seed)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "10000 commands, 0 differences" in ended.stdout


@pytest.mark.differential
@pytest.mark.parametrize("module", ["events", "idempotency", "registry", "risk", "money", "live_orders", "trades"])
def test_a_switch_that_is_left_on_is_noticed(module: str) -> None:
    assert run_bare("--commands", "600", "--left-on", module).returncode != 0


def test_another_engine_than_these_two_is_refused() -> None:
    assert "may be 'full' or 'bare'" in run_bare(TRADEPIT_ENGINE="naked").stderr


def test_the_flow_reaches_what_it_is_for() -> None:
    reached: Reached = bare_run(401, 4_000).reached
    subjects = {subject for subject, _, _ in reached.answers}
    assert {"ICEBERG", "HIDDEN", "STOP", "PEGGED", "ONE_CANCELS_OTHER", "SET_RULES", "SET_PHASE", "TIME"} <= subjects, (
        subjects
    )
