"""The random flow reaches what the rule book knows, and the oracle keeps its invariants on it."""

import numpy as np
import pytest

from server.protocol.enums import EventKind, Phase, RejectReason
from server.protocol.records import EVENT
from tests.engine.differential import splits
from tests.engine.open_quantities import OpenQuantities
from tests.oracle.coverage import table
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow import RandomRun, random_commands, random_run
from tests.oracle.flow_areas import MIXES, READY, areas_drawn
from tests.oracle.invariants import check_invariants

NEVER = {RejectReason.NONE}
CALLS = (Phase.PRE_OPEN, Phase.CLOSING_CALL)


@pytest.fixture(scope="module")
def run() -> RandomRun:
    """One flow of the first rules that is long enough to reach everything of them."""
    return random_run(seed=1, count=20_000, areas=MIXES["first rules"])


def test_every_reject_reason_is_reached(run: RandomRun) -> None:
    reached = {RejectReason(reason) for reason in run.reached.reasons()}
    wanted = {reason for reason in RejectReason if reason < RejectReason.BUSY} - NEVER
    assert wanted <= reached, f"the flow misses {sorted(wanted - reached)}\n{table(run.reached)}"


def test_every_kind_of_command_is_done_in_every_phase_that_allows_it(run: RandomRun) -> None:
    done = {(subject, phase) for subject, phase, reason in run.reached.answers if reason == RejectReason.NONE}
    for phase in (Phase.CONTINUOUS, *CALLS):
        for subject in ("LIMIT", "CANCEL_ORDER", "REPLACE_ORDER"):
            assert (subject, phase) in done, table(run.reached)
    for phase in (Phase.CLOSED, Phase.HALTED):
        assert ("CANCEL_ORDER", phase) in done, table(run.reached)
        assert ("LIMIT", phase) not in done, table(run.reached)


@pytest.mark.parametrize("mix", MIXES)
def test_invariants_hold_after_every_command(mix: str) -> None:
    random_run(3, 2_500, after_each=check_invariants, areas=MIXES[mix])


@pytest.mark.parametrize("mix", MIXES)
def test_every_mix_trades(mix: str) -> None:
    run = random_run(6, 5_000, areas=MIXES[mix])
    executed = np.count_nonzero(run.events["kind"] == EventKind.EXECUTED)
    assert executed > 120, table(run.reached)
    assert OpenQuantities().follow(run.events) == []


def test_most_commands_mean_something(run: RandomRun) -> None:
    assert np.mean(run.events["kind"] == EventKind.REJECTED) < 0.45
    assert np.count_nonzero(run.events["kind"] == EventKind.EXECUTED) > 3_000
    assert len(run.market_data) > 5_000


def test_a_seed_gives_the_same_flow_again() -> None:
    assert random_commands(6, 2_000).tobytes() == random_commands(6, 2_000).tobytes()
    assert random_commands(6, 2_000).tobytes() != random_commands(7, 2_000).tobytes()


@pytest.mark.parametrize("first", [0, 1, 1_000])
def test_a_few_dozen_seeds_draw_every_area_and_every_mix(first: int) -> None:
    drawn = [areas_drawn(seed) for seed in range(first, first + 30)]
    assert {area for areas in drawn for area in areas if len(areas) < len(READY)} == set(READY)
    assert set(MIXES.values()) <= set(drawn)
    assert drawn == [areas_drawn(seed) for seed in range(first, first + 30)]


def test_what_carries_the_settings_of_an_area_is_drawn_with_it() -> None:
    alone = [areas_drawn(seed) for seed in range(100) if areas_drawn(seed) not in MIXES.values()]
    assert all("rules" in areas for areas in alone if "volatility" in areas)
    assert all("accounts" in areas for areas in alone if "lots" in areas)


def test_batches_do_not_matter_and_sequences_have_no_gaps() -> None:
    run = random_run(seed=8, count=3_000)
    other = OracleExchange()
    outputs = [other.apply(run.commands[start:end]) for start, end in splits(run.starts, 3_000, 17)]
    assert b"".join(output.events.tobytes() for output in outputs) == run.events.tobytes()
    assert b"".join(output.market_data.tobytes() for output in outputs) == run.market_data.tobytes()
    assert other.state_hash() == run.oracle.state_hash()
    assert outputs[-1].next_due_ns == run.oracle.next_due_ns
    check_sequences(run.events)
    assert OpenQuantities().follow(run.events) == []


def check_sequences(events: np.ndarray) -> None:
    """Both counters of the events run from 1 without a gap."""
    assert events.dtype == EVENT
    assert (events["sequence"] == np.arange(1, len(events) + 1)).all()
    for user in np.unique(events["user"]):
        of_user = events["stream_sequence"][events["user"] == user]
        assert (of_user == np.arange(1, len(of_user) + 1)).all(), f"user {user}"
