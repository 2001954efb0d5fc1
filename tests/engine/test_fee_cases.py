"""Fees of the engine against a table of 200 cases, which fractions have computed."""

from fractions import Fraction

import pytest

from server.protocol.enums import Rounding
from tests.engine.fee_cases import CASES, TABLE, case, charges, line, to_multiple

LINES = TABLE.read_text(encoding="utf-8").splitlines()


def test_the_table_has_all_cases() -> None:
    assert len(LINES) == CASES
    assert sum(text.count("=") > 12 for text in LINES) > CASES // 2, "the cases are too thin to tell anything"


@pytest.mark.parametrize("number", range(CASES))
def test_the_engine_charges_what_the_table_says(number: int) -> None:
    tiers, cash_scale, filled = case(number)
    fills, fees = [fill for fill, _ in filled], [fee for _, fee in filled]
    assert line(number, tiers, cash_scale, fills, fees) == LINES[number]
    assert fees == charges(tiers, fills, cash_scale)


@pytest.mark.parametrize(
    ("amount", "up", "even"),
    [("5/2", 3, 2), ("7/2", 4, 4), ("-5/2", -3, -2), ("-1/2", -1, 0), ("1/2", 1, 0), ("49/100", 0, 0)],
)
def test_halves(amount: str, up: int, even: int) -> None:
    assert to_multiple(Fraction(amount), 1, Rounding.HALF_UP) == up
    assert to_multiple(Fraction(amount), 1, Rounding.HALF_EVEN) == even
