"""Every combination of order type, phase and reject reason that the rules allow is reached, on both exchanges.

Rule: what is impossible is said with its reason in `probes.py`; by hand `python -m tests.scenarios.coverage` prints it.
"""

import pytest

from server.engine.exchange import Exchange
from server.protocol.enums import RejectReason as R
from tests.oracle import OracleExchange
from tests.scenarios.coverage import AnyExchange, cells
from tests.scenarios.probes import ELSEWHERE, KINDS, WAYS


@pytest.mark.differential
@pytest.mark.timeout(300)
@pytest.mark.parametrize("exchange", [OracleExchange, Exchange], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", KINDS)
def test_every_reason_is_reached_in_every_phase(name: str, exchange: type[AnyExchange]) -> None:
    found = cells(exchange, [name])
    assert not [cell for cell in found if not cell.why_not and not cell.reached]


def test_every_reason_has_a_way_to_it_or_stands_elsewhere() -> None:
    assert set(WAYS) | set(ELSEWHERE) | {R.PHASE_FORBIDS} == set(R)
    assert not set(WAYS) & set(ELSEWHERE)
