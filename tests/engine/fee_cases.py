"""200 fee cases: a schedule, the fills of orders under it, and what each fill costs, computed by fractions.

The table lies in fee_cases.txt; `python -m tests.engine.fee_cases` writes it anew from the seeds. The fees in it come
from `charges`, which knows nothing of the engine: sums as `Fraction`, one rounding at the end of each.
"""

import random
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, EventKind, Liquidity, Phase, Rounding, Side
from server.protocol.records import COMMAND, FEE_SCHEDULE, INSTRUMENT_RULES, NO_PRICE
from tests.engine.market import ANN, BOB, INSTRUMENT, Market

CASES: Final = 200
TABLE: Final = Path(__file__).with_name("fee_cases.txt")
SCHEDULE: Final = 7
E8: Final = 100_000_000
RATES: Final = ("maker_e8", "taker_e8", "auction_e8")
ROLES: Final = {Liquidity.MAKER: "maker_e8", Liquidity.TAKER: "taker_e8", Liquidity.AUCTION: "auction_e8"}

Tier = dict[str, int]
Fill = tuple[int, int, int, int, int]
"""order_id, account, liquidity, price, quantity."""


@dataclass(slots=True)
class Bill:
    """What one order was charged so far, exactly."""

    trading: Fraction = Fraction(0)
    clearing: Fraction = Fraction(0)
    regulatory: Fraction = Fraction(0)
    paid: int = 0
    fills: int = 0


@dataclass(slots=True)
class Payer:
    """An account's traded value and its orders' bills."""

    traded: int = 0
    bills: dict[int, Bill] = field(default_factory=dict)


def to_multiple(amount: Fraction, unit: int, rounding: int) -> int:
    """The nearest multiple; of two the even one, or the one farther from zero."""
    units = amount / unit
    if rounding == Rounding.HALF_EVEN:
        return round(units) * unit  # a Fraction rounds half to even
    away = int(abs(units) + Fraction(1, 2))
    return (away if units > 0 else -away) * unit


def charges(tiers: list[Tier], fills: list[Fill], cash_scale: int) -> list[int]:
    """The fee of each fill, in order."""
    payers: dict[int, Payer] = {}
    unit = 10 ** tiers[0]["rounding_digits"]
    fees = []
    for order_id, account, liquidity, price, quantity in fills:
        payer = payers.setdefault(account, Payer())
        bill = payer.bills.setdefault(order_id, Bill())
        tier = max((tier for tier in tiers if tier["tier_value"] <= payer.traded), key=lambda t: t["tier_value"])
        value = abs(price * quantity * cash_scale)
        bill.trading += Fraction(value * tier[ROLES[Liquidity(liquidity)]], E8) + quantity * tier["per_lot"]
        bill.trading += tier["per_order"] if bill.fills == 0 else 0
        bill.fills += 1
        total = to_multiple(bill.trading, unit, tier["rounding"])
        total = max(total, tier["minimum"]) if tier["minimum"] else total
        total = min(total, tier["maximum"]) if tier["maximum"] else total
        before = to_multiple(bill.clearing + bill.regulatory, unit, tier["rounding"])
        bill.clearing += Fraction(value * tier["clearing_e8"], E8)
        bill.regulatory += Fraction(value * tier["regulatory_e8"], E8)
        after = to_multiple(bill.clearing + bill.regulatory, unit, tier["rounding"])
        fees.append(total - bill.paid + after - before)
        bill.paid = total
        payer.traded += value
    return fees


def made_tiers(draw: random.Random) -> list[Tier]:
    """A schedule: one to three tiers that share what tiers share."""
    shared = {
        "rounding": draw.choice((Rounding.HALF_UP, Rounding.HALF_EVEN)),
        "rounding_digits": draw.choice((0, 0, 1, 2, 4)),
        "clearing_e8": draw.choice((0, 0, 1_000, 12_345)), "regulatory_e8": draw.choice((0, 0, 229, 2_780)),
    }  # fmt: skip
    count = draw.choice((1, 1, 1, 2, 3))
    values = [0, *sorted(draw.sample(range(1, 3_000_000), count - 1))]
    tiers = []
    for value in values:
        minimum = draw.choice((0, 0, 0, 1, 50, 700))
        tiers.append({
            **{name: draw.choice((0, 25_000, 50_000, 123_457, -20_000, 1_000_000)) for name in RATES},
            "per_lot": draw.choice((0, 0, 3, 35, -2)), "per_order": draw.choice((0, 0, 0, 10, 100)),
            "minimum": minimum, "maximum": draw.choice((0, 0, minimum + 5, minimum + 1_500)),
            "tier_value": value, **shared,
        })  # fmt: skip
    return tiers


def case_market(tiers: list[Tier], cash_scale: int) -> Market:
    """A market whose instrument has the schedule."""
    market = Market(cash_scale=cash_scale)
    for number, tier in enumerate(tiers):
        row = np.zeros(1, FEE_SCHEDULE)
        row["kind"], row["schedule"], row["tier"], row["tiers"] = CommandKind.SET_FEES, SCHEDULE, number, len(tiers)
        for name, amount in tier.items():
            row[name] = amount
        market.send(row.view(COMMAND))
    rules = np.zeros(1, INSTRUMENT_RULES)
    rules["kind"], rules["instrument"], rules["fee_schedule"] = CommandKind.SET_RULES, INSTRUMENT, SCHEDULE
    market.send(rules.view(COMMAND))
    return market


def played(draw: random.Random, market: Market) -> list[tuple[Fill, int]]:
    """Some orders of both traders, continuous or in an auction: each fill with the fee that the engine took for it."""
    events: list[NDArray[np.void]] = []
    auction = draw.random() < 0.25
    if auction:
        for phase in (Phase.CLOSED, Phase.PRE_OPEN):
            market.server(CommandKind.SET_PHASE, side=phase, price=NO_PRICE)
    for _ in range(draw.randrange(4, 14)):
        user, side = draw.choice(((ANN, Side.BUY), (BOB, Side.SELL), (ANN, Side.SELL), (BOB, Side.BUY)))
        price, quantity = draw.randrange(90, 111) * draw.choice((1, 1, 97)), draw.randrange(1, 400)
        events.append(market.send(market.limit(user, side, price, quantity)).events.copy())
    if auction:
        events.append(market.server(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE).events.copy())
    executed = [event for batch in events for event in batch if event["kind"] == EventKind.EXECUTED]
    return [(fill_of(event), int(event["fee"])) for event in executed]


def fill_of(event: Any) -> Fill:
    """What an EXECUTED event says of its fill."""
    names = ("order_id", "account", "liquidity", "last_price", "last_quantity")
    order_id, account, liquidity, price, quantity = (int(event[name]) for name in names)
    return order_id, account, liquidity, price, quantity


def case(number: int) -> tuple[list[Tier], int, list[tuple[Fill, int]]]:
    """Schedule, cash_scale, and fills with the engine's fees of a numbered case."""
    draw = random.Random(number)
    tiers, cash_scale = made_tiers(draw), draw.choice((1, 1, 7, 100))
    with np.errstate(over="ignore"):
        return tiers, cash_scale, played(draw, case_market(tiers, cash_scale))


def line(number: int, tiers: list[Tier], cash_scale: int, fills: list[Fill], fees: list[int]) -> str:
    """A case as a line of the table."""
    terms = "; ".join(" ".join(f"{name}={amount:d}" for name, amount in tier.items() if amount) for tier in tiers)
    told = " ".join(
        f"{order_id & 0xFFFF}{'?MTA'[liquidity]}{quantity}@{price}={fee}"
        for (order_id, _, liquidity, price, quantity), fee in zip(fills, fees, strict=True)
    )
    return f"{number} | x{cash_scale} | {terms or 'nothing'} | {told or 'no fills'}"


def expected_line(number: int) -> str:
    """The line of a case with the fees that fractions give."""
    tiers, cash_scale, filled = case(number)
    fills = [fill for fill, _ in filled]
    return line(number, tiers, cash_scale, fills, charges(tiers, fills, cash_scale))


def main() -> None:
    """Writes the table."""
    TABLE.write_text("\n".join(expected_line(number) for number in range(CASES)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{CASES} cases in {TABLE.name}\n")


if __name__ == "__main__":
    main()
