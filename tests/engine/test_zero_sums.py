"""What the watch over money, lots and open quantities would see: an event that says another number than it should."""

from collections.abc import Iterator

import numpy as np
import pytest

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.engine.hashing_rows import rows_of_kind
from server.engine.layout_money import KIND_BALANCE
from server.protocol.enums import EventKind
from server.protocol.records import POSITION_EVENT
from tests.engine.open_quantities import OpenQuantities
from tests.engine.zero_sums import ZeroSums, sums_of_engine
from tests.oracle.flow import RandomRun, random_run
from tests.oracle.flow_areas import MIXES


@pytest.fixture(scope="module")
def run() -> RandomRun:
    """A flow with fees, currencies, corrections and corporate actions."""
    return random_run(7, 4_000, areas=MIXES["money"])


@pytest.fixture
def exchange(run: RandomRun) -> Iterator[Exchange]:
    """The engine after that flow."""
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        exchange = Exchange(1)
        exchange.apply(run.commands)
        yield exchange


def test_nothing_comes_from_nowhere(run: RandomRun) -> None:
    assert (run.events["fee"] != 0).any(), "no fee was charged"
    assert ZeroSums().follow(run.events, run.commands, run.starts) == []


@pytest.mark.parametrize(("field", "name"), [("net", "lots"), ("cash", "cash")])
def test_a_position_that_says_one_too_many_is_seen(run: RandomRun, field: str, name: str) -> None:
    events = run.events.copy()
    trade = int(np.flatnonzero(events["kind"] == EventKind.EXECUTED)[-1])
    position = trade + int(np.flatnonzero(events["kind"][trade:] == EventKind.POSITION)[0])
    events.view(POSITION_EVENT)[field][position] += 1
    assert name in ZeroSums().follow(events, run.commands, run.starts)[0]


def test_a_fee_that_nobody_paid_is_seen(run: RandomRun) -> None:
    events = run.events.copy()
    events["fee"][np.flatnonzero(events["kind"] == EventKind.EXECUTED)[-1]] += 1
    assert "cash" in ZeroSums().follow(events, run.commands, run.starts)[0]


def test_the_sums_of_the_engine_are_zero(exchange: Exchange) -> None:
    assert sums_of_engine(exchange) == []


@pytest.mark.parametrize(
    ("kind", "word", "said"),
    [(at.KIND_POSITION, at.POSITION_NET, "lots"), (KIND_BALANCE, at.ACCOUNT_CASH, "cash")],
)
def test_one_more_in_any_row_is_seen(exchange: Exchange, kind: np.uint64, word: np.uint64, said: str) -> None:
    exchange.memory[rows_of_kind(exchange.memory, kind)[0] + word] += at.ONE
    assert said in sums_of_engine(exchange)[0]


def test_an_order_that_the_engine_holds_otherwise_is_seen(run: RandomRun, exchange: Exchange) -> None:
    quantities = OpenQuantities()
    assert quantities.follow(run.events) == []
    assert quantities.orders
    assert quantities.compared(exchange) == []
    next(iter(quantities.orders.values())).leaves += 1
    assert len(quantities.compared(exchange)) == 1
