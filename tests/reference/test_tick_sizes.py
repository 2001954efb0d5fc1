"""The tick sizes of RTS 11 cell by cell, and tick tables as the engine takes them."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from server.engine.exchange import Exchange
from server.protocol.enums import EventKind
from server.protocol.records import TICK_TABLE
from server.reference.tick_sizes import (
    BANDS,
    RANGES,
    liquidity_band,
    range_start,
    rts11_steps,
    set_ticks,
    tick_of,
)

ANNEX = """
0      0.0005 0.0002 0.0001 0.0001 0.0001 0.0001
0.1    0.001  0.0005 0.0002 0.0001 0.0001 0.0001
0.2    0.002  0.001  0.0005 0.0002 0.0001 0.0001
0.5    0.005  0.002  0.001  0.0005 0.0002 0.0001
1      0.01   0.005  0.002  0.001  0.0005 0.0002
2      0.02   0.01   0.005  0.002  0.001  0.0005
5      0.05   0.02   0.01   0.005  0.002  0.001
10     0.1    0.05   0.02   0.01   0.005  0.002
20     0.2    0.1    0.05   0.02   0.01   0.005
50     0.5    0.2    0.1    0.05   0.02   0.01
100    1      0.5    0.2    0.1    0.05   0.02
200    2      1      0.5    0.2    0.1    0.05
500    5      2      1      0.5    0.2    0.1
1000   10     5      2      1      0.5    0.2
2000   20     10     5      2      1      0.5
5000   50     20     10     5      2      1
10000  100    50     20     10     5      2
20000  200    100    50     20     10     5
50000  500    200    100    50     20     10
"""
"""Price from which on, then the tick of each liquidity band."""
UNIT = Decimal(10_000)
CELLS = [[Decimal(word) for word in line.split()] for line in ANNEX.split("\n") if line]
SHARED = Path(__file__).parents[3] / "shared" / "requirements.md"


def test_all_114_cells() -> None:
    assert len(CELLS) == RANGES
    assert sum(len(row) - 1 for row in CELLS) == 114
    for number, (start, *ticks) in enumerate(CELLS):
        assert Decimal(range_start(number)) / UNIT == start
        assert [Decimal(tick_of(number, band)) / UNIT for band in range(BANDS)] == ticks


def test_the_annex_above_is_that_of_the_requirements() -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here")
    rows = (
        SHARED.read_text(encoding="utf-8").partition("| Price from | to below |")[2].split("\n\n")[0].splitlines()[2:]
    )
    cells = [
        [Decimal(word.strip()) for number, word in enumerate(row.strip("|").split("|")) if number != 1] for row in rows
    ]
    assert cells == CELLS


@pytest.mark.parametrize(
    ("daily", "band"), [(0, 0), (9.99, 0), (10, 1), (79, 1), (80, 2), (600, 3), (2_000, 4), (9_000, 5)]
)
def test_liquidity_bands(daily: float, band: int) -> None:
    assert liquidity_band(daily) == band


@pytest.mark.parametrize("band", range(BANDS))
@pytest.mark.parametrize("decimals", range(7))
def test_steps_are_the_annex_in_the_price_unit(band: int, decimals: int) -> None:
    steps = rts11_steps(band, decimals)
    unit = Decimal(10) ** -decimals
    for start, *ticks in CELLS:
        for price in (start, start * 3 / 2):
            if price % unit:
                continue
            tick = max(step for step in steps if step[0] * unit <= price)[1] * unit
            wanted = max(row[1 + band] for row in CELLS if row[0] <= price)
            assert tick == max(wanted, unit), (price, ticks)
            assert not tick % wanted, "a coarser unit is a multiple of the tick"


def test_a_boundary_belongs_to_the_upper_range() -> None:
    steps = rts11_steps(0, 4)
    for start, *ticks in CELLS:
        assert max(step for step in steps if step[0] <= start * UNIT)[1] == ticks[0] * UNIT


@pytest.mark.parametrize("band", range(BANDS))
def test_the_engine_takes_each_table(band: int) -> None:
    exchange = Exchange(1)
    commands = set_ticks(band + 1, rts11_steps(band, 4))
    commands["sequence"] = np.arange(1, len(commands) + 1)
    events = exchange.apply(commands).events
    assert [EventKind(int(event["kind"])) for event in events] == [EventKind.SETTING_CHANGED]
    assert commands.view(TICK_TABLE)["count"].sum() == len(rts11_steps(band, 4))


def test_no_seventh_band() -> None:
    with pytest.raises(ValueError, match="band 6"):
        rts11_steps(6, 2)
