"""Random fees, currencies, lots, margin, corrections and corporate actions of chapters 17 to 19."""

from collections.abc import Callable
from typing import Any

from server.protocol.enums import CommandKind, Phase
from server.protocol.records import EXCHANGE_RATE, FEE_SCHEDULE, NO_PRICE, OPERATION
from tests.oracle.flow_area import Area
from tests.oracle.flow_area_orders import with_terms
from tests.oracle.flow_area_phases import EXTRA, signed_by
from tests.oracle.flow_world import ACCOUNTS, INSTRUMENTS, Draft, Group, command

SHARD_BITS = 48
SCHEDULES = (1, 2, 3, 4)
CURRENCIES = (1, 2, 3)
RATES_E8 = (0, 1, 3_333, 50_000, 1_000_000, -2_000)
FIRST_DAY = 20_260_105


class Fees(Area):
    """Schedules of one to three tiers; accounts and instruments choose them."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """More tiers."""
        return [(self.tier, 0.2)]

    def settings(self) -> list[Group]:
        """Three complete schedules from the start."""
        return [[draft] for number, tiers in ((1, 1), (2, 3), (3, 2)) for draft in self.schedule(number, tiers)]

    def schedule(self, number: int, tiers: int) -> list[Draft]:
        """The tiers of one schedule; the third is in another currency."""
        draw = self.draw
        common = {
            "schedule": number, "tiers": tiers, "currency": 2 if number == 3 else 1, "rounding": draw.choice((0, 1)),
            "rounding_digits": draw.choice((0, 0, 1, 2)), "clearing_e8": draw.choice((0, 777)),
            "regulatory_e8": draw.choice((0, 1_999)), "user": 21, "approver": 22,
        }  # fmt: skip
        return [
            self.fee(tier=tier, tier_value=tier * draw.choice((10**6, 10**8)) + tier, **common)
            for tier in range(tiers)
        ]  # fmt: skip

    def fee(self, **fields: Any) -> Draft:
        """One tier with random rates."""
        draw = self.draw
        numbers = {
            "maker_e8": draw.choice(RATES_E8), "taker_e8": draw.choice(RATES_E8), "auction_e8": draw.choice(RATES_E8),
            "per_lot": draw.choice((0, 0, 1, 7, -2)), "per_order": draw.choice((0, 0, 5, 100)),
            "minimum": draw.choice((0, 0, 3, 50)), "maximum": draw.choice((0, 0, 60, 10_000)),
        }  # fmt: skip
        return Draft(FEE_SCHEDULE, {"kind": CommandKind.SET_FEES} | numbers | fields)

    def tier(self) -> Draft:
        """A tier that comes at its turn, too late or not at all."""
        draw = self.draw
        return self.fee(
            schedule=draw.choice((0, *SCHEDULES)), tier=draw.choice((0, 1, 2)), tiers=draw.choice((1, 2, 9)),
            currency=1, tier_value=draw.choice((0, 10**6)), **signed_by(draw),
        )  # fmt: skip

    def account_terms(self) -> dict[str, int]:
        """The account's schedule."""
        return {"fee_schedule": self.draw.choice((0, *SCHEDULES))}

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """The instrument's schedule."""
        return {"fee_schedule": self.draw.choice((0, *SCHEDULES))}


class Currencies(Area):
    """Accounts with several currencies, rates, conversions, balances."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """SET_RATE, CONVERT, ADJUST_BALANCE."""
        return [(self.rate, 0.2), (self.convert, 0.4), (self.balance, 0.3)]

    def settings(self) -> list[Group]:
        """Rates from the start."""
        return [[self.rate(1, 2)], [self.rate(2, 1)], [self.rate(1, 3)]]

    def rate(self, base: int = 0, quote: int = 0) -> Draft:
        """A rate of a pair, sometimes an old one."""
        draw, now_ns = self.draw, max(10**10, self.oracle.time_ns)
        fields = {
            "kind": CommandKind.SET_RATE, "base": base or draw.choice(CURRENCIES),
            "quote": quote or draw.choice(CURRENCIES), "numerator": draw.choice((1, 3, 110_000, 1 << 53)),
            "denominator": draw.choice((1, 2, 100_000, 7)), "rate_time_ns": now_ns - draw.choice((0, 1, 10**9)),
            "max_age_ns": draw.choice((0, 0, 10**8, 10**12)),
        }  # fmt: skip
        if draw.random() < 0.05:
            fields |= draw.choice(
                ({"numerator": 0}, {"denominator": -1}, {"max_age_ns": -1}, {"rate_time_ns": 1 << 62})
            )
        return Draft(EXCHANGE_RATE, fields | signed_by(draw))

    def operation(self, kind: int, **fields: Any) -> Draft:
        """An OPERATION, signed."""
        return Draft(OPERATION, {"kind": kind, "reason": self.draw.choice((0, 3))} | signed_by(self.draw) | fields)

    def convert(self) -> Draft:
        """An amount that is mostly there."""
        draw = self.draw
        fields = {"account": draw.choice(list(ACCOUNTS)), "currency": draw.choice(CURRENCIES)}
        amount = draw.choice((1, 100, 5_000, 100_000, 1 << 40, 1 << 61, 0))
        return self.operation(CommandKind.CONVERT, currency_2=draw.choice(CURRENCIES), amount=amount, **fields)

    def balance(self) -> Draft:
        """In or out."""
        draw = self.draw
        fields = {"account": draw.choice(list(ACCOUNTS)), "currency": draw.choice(CURRENCIES)}
        amount = draw.choice((1, -1, 5_000, -5_000, 10**6, 1 << 40, -(1 << 40), 1 << 61, 0))
        return self.operation(CommandKind.ADJUST_BALANCE, amount=amount, **fields)

    def account_terms(self) -> dict[str, int]:
        """Whether the account may have other currencies."""
        return {"currencies": self.draw.choice((0, 1, 1))}


class Lots(Area):
    """Cost methods, and sales of a named lot."""

    share = 1

    def account_terms(self) -> dict[str, int]:
        """A method; another one is refused while the account holds something."""
        return {"cost_method": self.draw.choice((0, 1, 2, 3))}

    def dressed(self, order: Draft) -> Group:
        """An order that names a lot."""
        trades = self.oracle.trades_made
        if not trades:
            return [order]
        trade = max(1, trades - self.draw.randint(0, 40))
        return with_terms(order, lot_trade_id=self.oracle.shard << SHARD_BITS | trade)


class Margin(Area):
    """Margin accounts and instruments' margins."""

    def settings(self) -> list[Group]:
        """Cash for the accounts that live on credit, which counts for nothing here."""
        return [[command(CommandKind.ADJUST_CASH, account=number, quantity=1 << 45)] for number in (1, 2, 6)]

    def account_terms(self) -> dict[str, int]:
        """Cash or margin."""
        return {"account_kind": self.draw.choice((0, 1, 1))}

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """Initial at or above maintenance margin."""
        initial = self.draw.choice((0, 50_000, 200_000, 1_000_000))
        return {"initial_margin_ppm": initial, "maintenance_margin_ppm": self.draw.choice((0, initial, initial // 2))}


class Corrections(Area):
    """Busts and adjustments of recent trades."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """BUST_TRADE, ADJUST_TRADE."""
        return [(self.bust, 0.5), (self.adjust, 0.4)]

    def operation(self, kind: int, **fields: Any) -> Draft:
        """An OPERATION on a trade of the last fifty, rarely on none."""
        draw, trades = self.draw, self.oracle.trades_made
        trade = max(1, trades - draw.randint(0, 50)) if draw.random() < 0.93 else trades + 5
        trade_id = self.oracle.shard << SHARD_BITS | trade
        return Draft(OPERATION, {"kind": kind, "trade_id": trade_id} | signed_by(draw) | fields)

    def bust(self) -> Draft:
        """Takes a trade back."""
        return self.operation(CommandKind.BUST_TRADE, reason=4)

    def adjust(self) -> Draft:
        """Another price, near one of the instruments'."""
        price = self.trader.price_near(self.draw.choice(list(INSTRUMENTS)))
        return self.operation(CommandKind.ADJUST_TRADE, amount=price, reason=4)


class CorporateActions(Area):
    """Splits, dividends, new names, ends of days."""

    def __init__(self, trader: Any) -> None:
        super().__init__(trader)
        self.day = FIRST_DAY

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """Each rarely; ends of days come with the phases that they need."""
        return [
            (self.split, 0.12),
            (self.dividend, 0.15),
            (self.rename, 0.05),
            (self.close_all, 0.06),
            (self.end_day, 0.1),
        ]

    def operation(self, kind: int, **fields: Any) -> Draft:
        """An OPERATION, signed."""
        return Draft(OPERATION, {"kind": kind} | signed_by(self.draw) | fields)

    def split(self) -> Draft:
        """Mostly of an instrument that is halted."""
        draw = self.draw
        numerator, denominator = draw.choice(((2, 1), (1, 2), (3, 2), (1, 10), (5, 3), (1, 1), (0, 1), (1, 1_000_001)))
        halted = [n for n, i in self.oracle.instruments.items() if i.phase in (Phase.CLOSED, Phase.HALTED, 5, 12)]
        number = draw.choice(halted) if halted and draw.random() < 0.9 else draw.choice(list(INSTRUMENTS))
        return self.operation(CommandKind.SPLIT, instrument=number, numerator=numerator, denominator=denominator)

    def dividend(self) -> Draft:
        """A few units a lot."""
        amount = self.draw.choice((1, 7, 250, 0, 1 << 53, -1))
        return self.operation(CommandKind.DIVIDEND, instrument=self.draw.choice(list(INSTRUMENTS)), amount=amount)

    def rename(self) -> Draft:
        """A name or none."""
        number = self.draw.choice([*INSTRUMENTS, *EXTRA])
        return self.operation(CommandKind.RENAME, instrument=number, symbol=self.draw.choice((b"NEWNAME", b"X", b"")))

    def close_all(self) -> Draft:
        """So that a day can end."""
        return command(CommandKind.SET_PHASE, instrument=0, side=Phase.CLOSED, price=NO_PRICE, user=0)

    def end_day(self) -> Draft:
        """The next day, or one that has ended already."""
        draw, day = self.draw, self.day
        if all(i.phase in (Phase.CLOSED, Phase.SUSPENDED, Phase.DELISTED) for i in self.oracle.instruments.values()):
            self.day += 1 if self.day % 100 < 28 else 73
            day = self.day
        after = day + 1 if day % 100 < 28 else day + 73
        if draw.random() < 0.1:
            after = draw.choice((day, day - 1, 20_261_301, 0))
        return self.operation(CommandKind.END_DAY, numerator=day, denominator=after)
