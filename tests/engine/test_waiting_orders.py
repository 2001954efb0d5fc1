"""Engine and oracle side by side over a dense flow of stops, pegs, pairs and brackets."""

import numpy as np
import pytest

from server.engine.exchange import Exchange
from tests.engine.waiting_flow import WaitingFlow
from tests.oracle import OracleExchange

GROUPS = 500


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_output_and_the_hash_are_the_same(seed: int) -> None:
    assert difference(seed, GROUPS) == ""


def difference(seed: int, groups: int) -> str:
    """What is not the same at the first group where anything is not; empty if all is."""
    flow, engine, oracle = WaitingFlow(seed), Exchange(), OracleExchange()
    founding = flow.founding()
    with np.errstate(over="ignore"):
        for number in range(groups):
            rows = founding.pop(0) if founding else flow.next_group()
            ours, theirs = engine.apply(rows), oracle.apply(rows)
            flow.told(ours.events)
            for name in ("events", "market_data"):
                if getattr(ours, name).tobytes() != getattr(theirs, name).tobytes():
                    return (
                        f"seed {seed}, group {number}, {name}:\n{getattr(ours, name)}\n{getattr(theirs, name)}\n{rows}"
                    )
            if number % 20 == 0 and engine.state_hash() != oracle.state_hash():
                return f"seed {seed}, group {number}: state hash\n{rows}"
    return ""
