"""The areas of the rule book that a random flow can draw from, each a switch.

Rules: `READY` are the areas that engine and oracle both know; a new one is written here, tried with `--areas`, and
joins `READY` when no difference is left. CI runs the mixes; long runs by hand draw a piece's areas by its seed.
"""

from collections.abc import Iterable
from random import Random

from tests.oracle.flow_area import Area
from tests.oracle.flow_area_money import CorporateActions, Corrections, Currencies, Fees, Lots, Margin
from tests.oracle.flow_area_orders import Baskets, Links, Pegs, Stops, Terms
from tests.oracle.flow_area_phases import AuctionOrders, Bands, Phases, Rules, Ticks, Volatility
from tests.oracle.flow_area_risk import Accounts, Limits, MassActions, Quotes
from tests.oracle.flow_area_sessions import Sessions

AREAS: dict[str, type[Area]] = {
    "terms": Terms, "stops": Stops, "pegs": Pegs, "baskets": Baskets, "links": Links, "phases": Phases,
    "auction_orders": AuctionOrders, "rules": Rules, "ticks": Ticks, "volatility": Volatility, "bands": Bands,
    "accounts": Accounts, "limits": Limits, "quotes": Quotes, "mass_actions": MassActions, "fees": Fees,
    "currencies": Currencies, "lots": Lots, "margin": Margin, "corrections": Corrections,
    "corporate_actions": CorporateActions, "sessions": Sessions,
}  # fmt: skip
READY: tuple[str, ...] = tuple(AREAS)
MIXES: dict[str, tuple[str, ...]] = {
    "first rules": (),
    "orders": ("terms", "stops", "pegs", "baskets", "links", "accounts"),
    "days": ("phases", "auction_orders", "rules", "ticks", "volatility", "bands", "terms", "stops"),
    "risk": ("accounts", "limits", "quotes", "mass_actions", "rules", "baskets", "stops", "sessions"),
    "money": ("phases", "accounts", "fees", "currencies", "lots", "margin", "corrections", "corporate_actions",
              "rules"),
    "everything": READY,
}  # fmt: skip
"""Realistic mixes: what comes together, so that much is reached in each; the last has it all."""


def areas_named(names: Iterable[str]) -> list[type[Area]]:
    """The areas of these names. Raises KeyError for one that does not exist."""
    return [AREAS[name] for name in names]


MIX_EVERY = 5
MOST_DRAWN = 5


def areas_drawn(seed: int) -> tuple[str, ...]:
    """Two to five areas, each area in its turn with others by chance; of every fifth seed one of the mixes in turn.

    So a few dozen seeds on end have every area and every mix. What carries the settings of an area comes with it.
    """
    turn, place = divmod(seed, MIX_EVERY)
    if place == 0:
        return list(MIXES.values())[turn % len(MIXES)]
    first = READY[(turn * (MIX_EVERY - 1) + place - 1) % len(READY)]
    draw = Random(f"areas of {seed}")
    others = draw.sample([area for area in READY if area != first], draw.randint(1, MOST_DRAWN - 1))
    drawn = {first, *others}
    carried = drawn | {carrier for area in drawn for carrier in carriers(AREAS[area])}
    return tuple(area for area in READY if area in carried)


def carriers(area: type[Area]) -> list[str]:
    """The areas whose commands carry the settings of this one."""
    own = {"rules": area.instrument_rules is not Area.instrument_rules,
           "accounts": area.account_terms is not Area.account_terms}  # fmt: skip
    return [name for name, carries in own.items() if carries]
