"""Where every limit is tight, engine and oracle agree on each refusal, warning and count, and all limits refuse."""

from collections import Counter

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.protocol.enums import EventKind, RejectReason
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow_tight_limits import TightLimits
from tests.oracle.invariants import check_invariants
from tests.oracle.limits import REASONS

pytestmark = pytest.mark.differential
SEEDS = range(1, 7)
LENGTH = 1_500


def run(seed: int) -> Counter[int]:
    """Compares a whole flow; returns how often each reason came."""
    engine, oracle = Exchange(), OracleExchange()
    reasons: Counter[int] = Counter()
    for number, batch in enumerate(TightLimits(seed).batches(LENGTH)):
        expected = oracle.apply(batch)
        outputs = engine.apply(batch)
        where = f"seed {seed}, batch {number}: {batch}"
        assert outputs.events.tobytes() == expected.events.tobytes(), where
        assert outputs.market_data.tobytes() == expected.market_data.tobytes(), where
        if number % 10 == 0:
            assert engine.state_hash() == oracle.state_hash(), where
        refused = expected.events[expected.events["kind"] == EventKind.REJECTED]
        reasons.update(refused["reason"].tolist())
    check_invariants(oracle)
    return reasons


def test_engine_and_oracle_agree_and_limits_refuse() -> None:
    with np.errstate(over="ignore"):
        reasons = sum((run(seed) for seed in SEEDS), Counter())
    wanted = {*REASONS.values(), RejectReason.SOFT_LIMIT, RejectReason.BLOCKED, RejectReason.LIMIT_MISSING}
    missed = wanted - {RejectReason(reason) for reason in reasons}
    assert not missed, f"never refused by {sorted(missed)}"
