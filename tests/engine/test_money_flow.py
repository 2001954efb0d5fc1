"""Dense flows of fees, currencies, lots, margin, corrections and corporate actions: engine equals oracle."""

from collections import Counter

import pytest

from server.protocol.enums import EventKind
from tests.engine.differential import compare
from tests.oracle import flow_area_money
from tests.oracle.flow import random_run

AREAS = ("accounts", "rules", "terms", "fees", "currencies", "lots", "margin", "corrections", "corporate_actions")
TIMES = 5
"""How much more often than usual this flow sends the commands of chapters 17 to 19."""


@pytest.fixture
def dense(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the commands about money frequent."""
    for name in ("Fees", "Currencies", "Corrections", "CorporateActions"):
        area = getattr(flow_area_money, name)
        usual = area.makers
        monkeypatch.setattr(
            area, "makers", lambda self, usual=usual: [(make, share * TIMES) for make, share in usual(self)]
        )


@pytest.mark.usefixtures("dense")
def test_engine_equals_oracle() -> None:
    reached: Counter[int] = Counter()
    charged = 0
    for seed in (61, 62, 63):
        run = random_run(seed, 1_200, areas=AREAS)
        assert compare(run, seed) == [], f"seed {seed}"
        reached.update(run.events["kind"].tolist())
        charged += int((run.events["fee"] != 0).sum())
    for kind in (
        EventKind.TRADE_BUSTED, EventKind.TRADE_ADJUSTED, EventKind.CORPORATE_ACTION, EventKind.DAY_ENDED,
        EventKind.DAILY_RESULT, EventKind.BALANCE, EventKind.SETTING_CHANGED,
    ):  # fmt: skip
        assert reached[kind], f"no {kind.name} was made"
    assert charged, "nothing was charged"
