"""Cost methods: what each takes out, and that all agree once nothing is held."""

from random import Random

import pytest

from server.protocol.enums import CostMethod
from tests.oracle.accounts import Position
from tests.oracle.lots import cost_taken_out, open_lot


def traded(method: CostMethod, fills: list[tuple[int, int]], named: int = 0) -> Position:
    """The position after fills of (lots, price); fill number n is trade n, from 1."""
    position = Position()
    for trade_id, (lots, price) in enumerate(fills, 1):
        direction = 1 if lots > 0 else -1
        closed = min(abs(lots), abs(position.net)) if position.net * direction < 0 else 0
        if closed:
            position.realised += -direction * closed * price - cost_taken_out(position, method, closed, named)
        if closed < abs(lots):
            opened = direction * (abs(lots) - closed)
            open_lot(position, method, trade_id, opened, opened * price)
    return position


@pytest.mark.parametrize(
    ("method", "named", "realised"),
    [
        (CostMethod.AVERAGE, 0, 300),
        (CostMethod.FIFO, 0, 400),
        (CostMethod.LIFO, 0, 200),
        (CostMethod.SPECIFIC_LOT, 2, 300),
        (CostMethod.SPECIFIC_LOT, 0, 400),
    ],
)
def test_a_sale_takes_the_cost_of_its_method(method: CostMethod, named: int, realised: int) -> None:
    position = traded(method, [(10, 10), (10, 20), (10, 30), (-10, 50)], named)
    assert (position.net, position.realised) == (20, realised)
    assert position.cost == 600 - (500 - realised)


@pytest.mark.parametrize("seed", range(50))
def test_all_methods_realise_the_same_once_flat(seed: int) -> None:
    draw = Random(seed)
    fills = [(draw.choice((-1, 1)) * draw.randrange(1, 9), draw.randrange(-20, 100)) for _ in range(12)]
    held = sum(lots for lots, _ in fills)
    fills += [(-held, 37)] if held else []
    results = set()
    for method in CostMethod:
        position = traded(method, fills, draw.randrange(1, 13))
        assert (position.net, position.cost, position.lots) == (0, 0, [])
        results.add(position.realised)
    assert results == {-sum(lots * price for lots, price in fills)}, f"seed {seed}"


def test_crossing_zero_closes_every_lot_and_opens_one() -> None:
    position = traded(CostMethod.FIFO, [(5, 10), (5, 12), (-16, 20)])
    assert (position.net, position.cost, position.realised) == (-6, -120, 90)
    assert [(lot.trade_id, lot.net, lot.cost) for lot in position.lots] == [(3, -6, -120)]
