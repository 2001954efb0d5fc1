"""Fees of a fill, and the worst that an order could still have to pay (17.3).

Rules: an order's three sums are exact, in 10^-8 money units; only what is charged is rounded; what rounding leaves over
goes to the rounding account.
"""

from dataclasses import dataclass, field

from server.protocol.enums import Liquidity, Rounding
from tests.oracle.accounts import Account, Charges
from tests.oracle.layouts import FeeSchedule

E8 = 100_000_000


@dataclass(frozen=True, slots=True)
class Fee:
    """What one fill costs, and who gets it."""

    trading: int = 0
    service: int = 0
    clearing: int = 0
    regulatory: int = 0

    @property
    def total(self) -> int:
        """What the account pays; negative: a rebate."""
        return self.trading + self.service

    @property
    def residue(self) -> int:
        """What rounding made of clearing and regulatory fees."""
        return self.service - self.clearing - self.regulatory


NO_FEE = Fee()


@dataclass(eq=False, slots=True)
class Schedules:
    """All fee schedules: by number, their tiers so far."""

    tiers: dict[int, list[FeeSchedule]] = field(default_factory=dict)

    def is_complete(self, schedule: int) -> bool:
        """True if all its tiers are set."""
        tiers = self.tiers.get(schedule)
        return bool(tiers) and len(tiers) == tiers[0].tiers

    def chosen(self, account: Account, rules_schedule: int, currency: int) -> int:
        """The schedule of a new order: the account's, else the instrument's; 0: none."""
        own = account.settings.fee_schedule if account.settings else 0
        for schedule in (own, rules_schedule):
            if schedule and self.is_complete(schedule) and self.tiers[schedule][0].currency == currency:
                return schedule
        return 0


def rounded(amount_e8: int, terms: FeeSchedule) -> int:
    """The nearest multiple of the schedule's unit."""
    unit = 10**terms.rounding_digits
    units, rest = divmod(abs(amount_e8), unit * E8)
    twice = 2 * rest
    if twice > unit * E8 or (twice == unit * E8 and (terms.rounding == Rounding.HALF_UP or units % 2 == 1)):
        units += 1
    return unit * units if amount_e8 >= 0 else -unit * units


def rounded_up(amount_e8: int, terms: FeeSchedule) -> int:
    """The least multiple of the schedule's unit that is not less."""
    unit = 10**terms.rounding_digits
    return -(-amount_e8 // (unit * E8)) * unit


def bounded(amount: int, minimum: int, maximum: int) -> int:
    """The amount, not below the minimum, then not above the maximum; 0 is no bound."""
    if minimum:
        amount = max(amount, minimum)
    return min(amount, maximum) if maximum else amount


def charge(
    tiers: list[FeeSchedule], charges: Charges, traded: int, value: int, quantity: int, liquidity: int, *, first: bool
) -> Fee:
    """Add a fill to the order's sums. Returns what it costs."""
    terms = [tier for tier in tiers if tier.tier_value <= traded][-1]
    rate = {Liquidity.MAKER: terms.maker_e8, Liquidity.TAKER: terms.taker_e8, Liquidity.AUCTION: terms.auction_e8}
    before = Charges(**{name: getattr(charges, name) for name in Charges.__slots__})

    charges.trading += value * rate[Liquidity(liquidity)] + quantity * terms.per_lot * E8
    charges.trading += terms.per_order * E8 if first else 0
    charges.clearing += value * terms.clearing_e8
    charges.regulatory += value * terms.regulatory_e8
    charges.charged = bounded(rounded(charges.trading, terms), terms.minimum, terms.maximum)

    service = rounded(charges.clearing + charges.regulatory, terms) - rounded(
        before.clearing + before.regulatory, terms
    )
    return Fee(
        trading=charges.charged - before.charged,
        service=service,
        clearing=charges.clearing // E8 - before.clearing // E8,
        regulatory=charges.regulatory // E8 - before.regulatory // E8,
    )


def worst_fee(tiers: list[FeeSchedule], charges: Charges, value: int, quantity: int, *, first: bool) -> int:
    """The most that `quantity` more lots, worth `value`, could cost; `first`: nothing of the order was filled."""
    if quantity == 0:
        return 0

    def greatest(*names: str) -> int:
        return max(0, *(getattr(tier, name) for tier in tiers for name in names))

    terms = tiers[0]
    trading = charges.trading + value * greatest("maker_e8", "taker_e8", "auction_e8")
    trading += (quantity * greatest("per_lot") + (greatest("per_order") if first else 0)) * E8
    maximum = greatest("maximum") if all(tier.maximum for tier in tiers) else 0
    most = bounded(rounded_up(trading, terms), greatest("minimum"), maximum)

    service = charges.clearing + charges.regulatory
    service_most = rounded_up(service + value * (terms.clearing_e8 + terms.regulatory_e8), terms)
    return max(0, most - charges.charged) + max(0, service_most - rounded(service, terms))
