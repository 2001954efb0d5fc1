"""Fees against fractions and against sums done by hand: rounding, minimum, cap, tiers, the worst that may come."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from server.protocol.enums import Liquidity, Rounding
from server.protocol.records import FEE_SCHEDULE
from tests.oracle.accounts import Charges
from tests.oracle.fees import E8, charge, rounded, worst_fee
from tests.oracle.layouts import FeeSchedule

NOTHING = FeeSchedule._make(np.zeros(1, FEE_SCHEDULE)[0].tolist())
ROLES = (Liquidity.MAKER, Liquidity.TAKER, Liquidity.AUCTION)


def terms(**fields: int) -> FeeSchedule:
    """A tier with these fields."""
    return NOTHING._replace(**fields)


def totals(tier: FeeSchedule, fills: list[tuple[int, int]], liquidity: Liquidity = Liquidity.TAKER) -> list[int]:
    """The fees of the fills (value, quantity) of one order."""
    charges = Charges()
    return [
        charge([tier], charges, 0, value, quantity, liquidity, first=number == 0).total
        for number, (value, quantity) in enumerate(fills)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "fills", "fees"),
    [
        (terms(taker_e8=100_000), [(1_000, 1)], [1]),
        (terms(taker_e8=100_000), [(499, 1)], [0]),
        (terms(taker_e8=100_000), [(500, 1)], [1]),
        (terms(taker_e8=100_000), [(500, 1), (500, 1)], [1, 0]),
        (terms(taker_e8=-100_000), [(500, 1)], [-1]),
        (terms(taker_e8=100_000, rounding=Rounding.HALF_EVEN), [(500, 1), (1_000, 1)], [0, 2]),
        (terms(per_lot=3), [(10, 4), (10, 1)], [12, 3]),
        (terms(per_order=7), [(10, 4), (10, 1)], [7, 0]),
        (terms(per_lot=3, minimum=10), [(10, 1), (10, 1), (10, 2)], [10, 0, 2]),
        (terms(per_lot=3, maximum=10), [(10, 3), (10, 3), (10, 3)], [9, 1, 0]),
        (terms(per_lot=3, rounding_digits=1), [(10, 1), (10, 1), (10, 3)], [0, 10, 10]),
        (terms(clearing_e8=40_000, regulatory_e8=20_000), [(1_000, 1), (1_000, 1)], [1, 0]),
    ],
)
def test_a_fee_done_by_hand(tier: FeeSchedule, fills: list[tuple[int, int]], fees: list[int]) -> None:
    assert totals(tier, fills) == fees


def test_the_tier_is_the_last_one_that_was_reached() -> None:
    tiers = [terms(tiers=2, taker_e8=E8 // 100), terms(tiers=2, tier=1, tier_value=1_000, taker_e8=E8 // 1_000)]
    fees = [charge(tiers, Charges(), traded, 1_000, 1, Liquidity.TAKER, first=True).total for traded in (999, 1_000)]
    assert fees == [10, 1]


def drawn_tier(draw: Random) -> FeeSchedule:
    """Any tier that can be set."""
    minimum = draw.choice((0, draw.randrange(50)))
    rates = {f"{name}_e8": draw.randrange(-400_000, 400_000) for name in ("maker", "taker", "auction")}
    return terms(
        **rates, rounding=draw.randrange(2), rounding_digits=draw.randrange(3), per_lot=draw.randrange(-3, 4),
        per_order=draw.randrange(-5, 6), minimum=minimum, maximum=draw.choice((0, minimum + draw.randrange(90))),
        clearing_e8=draw.randrange(90_000), regulatory_e8=draw.randrange(90_000),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(200))
def test_parts_add_up_and_no_fee_is_above_the_worst(seed: int) -> None:
    draw = Random(seed)
    tier, charges = drawn_tier(draw), Charges()
    fills = [(draw.randrange(1, 100_000), draw.randrange(1, 50)) for _ in range(draw.randrange(1, 6))]
    left_value, left_lots = sum(value for value, _ in fills), sum(lots for _, lots in fills)
    exact = clearing = regulatory = Fraction()
    paid = [0, 0, 0]
    for number, (value, lots) in enumerate(fills):
        worst = worst_fee([tier], charges, left_value, left_lots, first=number == 0)
        liquidity = draw.choice(ROLES)
        fee = charge([tier], charges, 0, value, lots, liquidity, first=number == 0)
        assert fee.total <= worst, f"seed {seed}"
        rate = (tier.maker_e8, tier.taker_e8, tier.auction_e8)[liquidity - 1]
        exact += Fraction(value * rate, E8) + lots * tier.per_lot + (tier.per_order if number == 0 else 0)
        clearing += Fraction(value * tier.clearing_e8, E8)
        regulatory += Fraction(value * tier.regulatory_e8, E8)
        assert fee.total == fee.trading + fee.clearing + fee.regulatory + fee.residue
        paid = [paid[0] + fee.trading, paid[1] + fee.clearing, paid[2] + fee.regulatory]
        left_value, left_lots = left_value - value, left_lots - lots
    assert paid[1:] == [int(clearing), int(regulatory)], f"seed {seed}"
    unit = 10**tier.rounding_digits
    assert abs(rounded(charges.trading, tier) - exact) <= Fraction(unit, 2), f"seed {seed}"
    if not tier.minimum and not tier.maximum:
        assert paid[0] == rounded(charges.trading, tier), f"seed {seed}"
