"""The random flow reaches what the rule book knows, and the oracle keeps its invariants on it."""

import numpy as np
import pytest

from server.protocol.enums import CommandKind, EventKind, Phase, RejectReason
from server.protocol.records import EVENT
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow import RandomRun, random_commands, random_run, table
from tests.oracle.invariants import check_invariants

NEVER = {RejectReason.NONE, RejectReason.ENGINE_FAULT}
CALLS = (Phase.PRE_OPEN, Phase.CLOSING_CALL)


@pytest.fixture(scope="module")
def run() -> RandomRun:
    """One flow that is long enough to reach everything."""
    return random_run(seed=1, count=20_000)


def test_every_reject_reason_is_reached(run: RandomRun) -> None:
    reached = {RejectReason(reason) for _, reason, _ in run.reached}
    wanted = {reason for reason in RejectReason if reason < RejectReason.BUSY} - NEVER
    assert wanted <= reached, f"the flow misses {sorted(wanted - reached)}\n{table(run.reached)}"


def test_every_kind_of_command_is_done_in_every_phase_that_allows_it(run: RandomRun) -> None:
    done = {(kind, phase) for kind, reason, phase in run.reached if reason == RejectReason.NONE}
    for phase in (Phase.CONTINUOUS, *CALLS):
        for kind in (CommandKind.NEW_ORDER, CommandKind.CANCEL_ORDER, CommandKind.REPLACE_ORDER):
            assert (kind, phase) in done, table(run.reached)
    for phase in (Phase.CLOSED, Phase.HALTED):
        assert (CommandKind.CANCEL_ORDER, phase) in done, table(run.reached)
        assert (CommandKind.NEW_ORDER, phase) not in done, table(run.reached)


@pytest.mark.parametrize("seed", [3, 4])
def test_invariants_hold_after_every_command(seed: int) -> None:
    random_run(seed, 4_000, after_each=check_invariants)


def test_most_commands_mean_something(run: RandomRun) -> None:
    events, market_data = run.oracle.output.take()
    assert np.mean(events["kind"] == EventKind.REJECTED) < 0.45
    assert np.count_nonzero(events["kind"] == EventKind.EXECUTED) > 4_000
    assert len(market_data) > 5_000


def test_a_seed_gives_the_same_flow_again() -> None:
    assert random_commands(6, 2_000).tobytes() == random_commands(6, 2_000).tobytes()
    assert random_commands(6, 2_000).tobytes() != random_commands(7, 2_000).tobytes()


def test_batches_do_not_matter_and_sequences_have_no_gaps() -> None:
    run = random_run(seed=8, count=3_000)
    events, market_data = run.oracle.output.take()
    other = OracleExchange()
    outputs = [other.apply(batch) for batch in np.array_split(run.commands, 17)]
    assert np.concatenate([output.events for output in outputs]).tobytes() == events.tobytes()
    assert np.concatenate([output.market_data for output in outputs]).tobytes() == market_data.tobytes()
    assert other.state_hash() == run.oracle.state_hash()
    assert outputs[-1].next_due_ns == run.oracle.next_due_ns
    check_sequences(events)


def check_sequences(events: np.ndarray) -> None:
    """Both counters of the events run from 1 without a gap."""
    assert events.dtype == EVENT
    assert (events["sequence"] == np.arange(1, len(events) + 1)).all()
    for user in np.unique(events["user"]):
        of_user = events["stream_sequence"][events["user"] == user]
        assert (of_user == np.arange(1, len(of_user) + 1)).all(), f"user {user}"
