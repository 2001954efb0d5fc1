"""Random phases, auction orders, schedules and instruments' rules of chapters 13 and 14."""

from collections.abc import Callable
from typing import Any

from server.protocol.enums import CommandKind, OrderType, Phase, TimeInForce
from server.protocol.records import AUCTION_RULES, INSTRUMENT_RULES, NO_PRICE, SCHEDULE_ENTRY, TICK_TABLE
from tests.oracle.flow_area import Area
from tests.oracle.flow_world import INSTRUMENTS, Draft, Group, command

CALLS = (Phase.PRE_OPEN, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL, Phase.EXTENDED_CALL, Phase.CLOSING_CALL)
AUCTION_LIVES = (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE, TimeInForce.AUCTION)
PHASE_WEIGHTS = {
    Phase.CLOSED: 4, Phase.PRE_OPEN: 12, Phase.CONTINUOUS: 60, Phase.CLOSING_CALL: 10, Phase.HALTED: 3,
    Phase.START_OF_DAY: 3, Phase.INTRADAY_CALL: 8, Phase.VOLATILITY_CALL: 6, Phase.EXTENDED_CALL: 1,
    Phase.TRADING_AT_LAST: 6, Phase.LIMIT_STATE: 1, Phase.PAUSED: 1, Phase.SUSPENDED: 2,
}  # fmt: skip
EXTRA = range(1_000, 1_006)
"""Instruments that are listed on the way; only these are delisted."""
FITTING = (2, 300)
"""Instruments of which many prices fit any table."""


def signed_by(draw: Any) -> dict[str, int]:
    """Who sends an operator's command and who approves: mostly two persons, sometimes the server, rarely wrong."""
    chance = draw.random()
    if chance < 0.25:
        return {"user": 0, "approver": draw.choice((0, 0, 22))}
    if chance < 0.9:
        return {"user": 21, "approver": 22, "session": draw.choice((0, 9))}
    return {"user": 21, "approver": draw.choice((21, 0))}


class Phases(Area):
    """All phases, by the operator and by schedule; auction rules."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """SET_PHASE, SET_SCHEDULE, SET_AUCTION."""
        return [(self.set_phase, 1.0), (self.revive, 2.5), (self.schedule, 0.2), (self.auction_rules, 0.15)]

    def revive(self) -> Draft:
        """A step of an instrument that does not trade on its way back to CONTINUOUS."""
        draw = self.draw
        stuck = [n for n in INSTRUMENTS if self.phase(n) not in (Phase.CONTINUOUS, Phase.DELISTED)]
        if not stuck:
            return command(CommandKind.TIME)
        number = draw.choice(stuck)
        way = {Phase.SUSPENDED: Phase.PRE_OPEN, Phase.TRADING_AT_LAST: Phase.CLOSED}
        if self.phase(number) in CALLS and draw.random() < 0.6:
            return command(CommandKind.TIME)
        phase = way.get(self.phase(number), Phase.CONTINUOUS)
        return command(
            CommandKind.SET_PHASE, instrument=number, side=phase, price=NO_PRICE, user=21, algorithm=22, session=9
        )

    def phase(self, number: int) -> Phase:
        """The present phase of an instrument."""
        instrument = self.oracle.instruments.get(number)
        return Phase(instrument.phase) if instrument else Phase.CONTINUOUS

    def set_phase(self) -> Draft:
        """Any phase of any instrument, mostly CONTINUOUS; the more stuck it is the likelier."""
        draw = self.draw
        number = draw.choice([0, *INSTRUMENTS, *INSTRUMENTS])
        instrument = self.oracle.instruments.get(number)
        phase = draw.choices(list(PHASE_WEIGHTS), list(PHASE_WEIGHTS.values()))[0]
        if instrument and instrument.phase == Phase.SUSPENDED and draw.random() < 0.8:
            phase = Phase.PRE_OPEN
        listed = [extra for extra in EXTRA if extra in self.oracle.instruments]
        if listed and draw.random() < 0.04:
            number, phase = draw.choice(listed), draw.choice((Phase.DELISTED, Phase.CONTINUOUS, Phase.CONTINUOUS))
        price = self.trader.price_near(number) if number in INSTRUMENTS and draw.random() < 0.2 else NO_PRICE
        signed = signed_by(draw)
        return command(
            CommandKind.SET_PHASE, instrument=number, side=phase, price=price, user=signed["user"],
            algorithm=signed["approver"], quantity=draw.choice((0, 0, 7)),
        )  # fmt: skip

    def schedule(self) -> Group:
        """A few phases ahead, or none any more."""
        draw, number = self.draw, self.draw.choice(list(INSTRUMENTS))
        due_ns = self.oracle.time_ns
        phases = draw.choice(((1, 2), (3, 0), (6, 2), (2,), (3, 9, 0), (5, 1, 2), (4,), (13,), (7,), (0,)))
        groups = []
        for phase in phases[: draw.randint(1, 3)]:
            due_ns += draw.choice((1, 10**6, 10**8, 10**9))
            fields = {"kind": CommandKind.SET_SCHEDULE, "instrument": number, "phase": phase, "due_ns": due_ns}
            if draw.random() < 0.08:
                fields["due_ns"] = draw.choice((0, 0, -1, 1, self.oracle.time_ns))
            groups.append(Draft(SCHEDULE_ENTRY, fields | signed_by(draw)))
        return groups[:1]

    def auction_rules(self) -> Draft:
        """Short calls, so that their ends come within the flow."""
        draw = self.draw
        fields = {
            "kind": CommandKind.SET_AUCTION, "instrument": draw.choice(list(INSTRUMENTS)), "seed": draw.getrandbits(64),
            "volatility_ms": draw.choice((0, 1, 20, 300)), "random_ms": draw.choice((0, 1, 50)),
            "extension_ms": draw.choice((0, 1, 40)), "limit_state_ms": draw.choice((0, 1, 30)),
            "pause_ms": draw.choice((0, 1, 30)), "extensions_max": draw.choice((0, 1, 2)),
        }  # fmt: skip
        return Draft(AUCTION_RULES, fields | signed_by(draw))

    def settings(self) -> list[Group]:
        """Every instrument has auction rules from the start."""
        return [[self.auction_rules()] for _ in range(4)]


class AuctionOrders(Area):
    """Orders for an auction, with and without a price."""

    share = 5

    def dressed(self, order: Draft) -> Group:
        """AT_OPEN, AT_CLOSE or AUCTION; half of them MARKET."""
        draw, fields = self.draw, order.fields
        fields |= {"flags": 0, "time_in_force": draw.choice(AUCTION_LIVES), "order_type": OrderType.LIMIT}
        if draw.random() < 0.5:
            fields |= {"order_type": OrderType.MARKET, "price": NO_PRICE}
        elif fields["price"] == NO_PRICE:
            fields["price"] = self.trader.price_near(fields["instrument"])
        return [order]


class Rules(Area):
    """SET_RULES, at once and later, with what all areas that are switched on know of."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """Rules that last a while; half of the time everything is switched off again."""
        return [(self.rules, 0.5)]

    def settings(self) -> list[Group]:
        """The first rules."""
        return [[self.rules()] for _ in range(4)]

    def rules(self) -> Draft:
        """What the areas that are switched on know of."""
        draw = self.draw
        number = draw.choice(list(INSTRUMENTS))
        fields: dict[str, Any] = {"kind": CommandKind.SET_RULES, "instrument": number}
        if draw.random() < 0.6:
            for area in self.trader.areas:
                fields |= area.instrument_rules(number)
        if draw.random() < 0.2:
            fields["effective_ns"] = self.oracle.time_ns + draw.choice((1, 10**6, 10**9, -(10**9), 10**18))
        return Draft(INSTRUMENT_RULES, fields | signed_by(draw))

    def instrument_rules(self, number: int) -> dict[str, int]:
        """Some of the numbers of this area; mild ones, so that most orders still pass."""
        draw, terms = self.draw, INSTRUMENTS[number]
        fields: dict[str, int] = {}
        if draw.random() < 0.3:
            fields["quantity_min"] = draw.choice((1, 2, 3))
        if draw.random() < 0.3:
            fields["value_min"] = draw.choice((1, terms["cash_scale"] * 100))
        if draw.random() < 0.2:
            fields["value_max"] = fields.get("value_min", 0) + draw.choice((200_000, 1 << 40, 1 << 62))
        if draw.random() < 0.4:
            fields["protection_ppm"] = draw.choice((100, 1_000, 20_000, 1_000_000))
        if draw.random() < 0.3:
            fields["collar_ppm"] = draw.choice((1_000, 5_000, 100_000))
            fields["reference_age_ms"] = draw.choice((0, 0, 1, 100))
        return fields


class Ticks(Area):
    """Tick tables, and instruments that use them, few of whose prices may fit."""

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """New tables."""
        return [(self.table, 0.1)]

    def settings(self) -> list[Group]:
        """Two tables from the start."""
        return [self.table(1), self.table(2)]

    def table(self, number: int = 0) -> Group:
        """One to eight records of a table, mostly a right one."""
        draw = self.draw
        table = number or draw.choice((1, 2, 3, 4, 5, 6, 7, 8))
        ticks = sorted(draw.choice((1, 5, 10, 20, 50, 100)) for _ in range(draw.randint(1, 9)))
        steps, price = [], 0
        for tick in ticks:
            steps.append((price, tick))
            price += 100 * draw.choice((1, 3, 50))
        if draw.random() < 0.1 and not number:
            steps[-1] = (draw.choice((0, 7, -1)), draw.choice((0, 1, 3)))
        group = []
        for start in range(0, len(steps), 4):
            chosen = steps[start : start + 4]
            padded = chosen + [(0, 0)] * (4 - len(chosen))
            fields: dict[str, Any] = {"kind": CommandKind.SET_TICKS, "table": table, "count": len(chosen)}
            group.append(Draft(TICK_TABLE, fields | {"steps": padded} | ({} if group else signed_by(draw))))
        sender = {name: group[0].fields[name] for name in ("user", "session") if name in group[0].fields}
        for draft in group[1:]:
            draft.fields |= sender
        return group

    def instrument_rules(self, number: int) -> dict[str, int]:
        """One of the tables; rarely where hardly a price fits it, for then hardly an order comes in."""
        if number not in FITTING and self.draw.random() < 0.8:
            return {}
        return {"tick_table": self.draw.choice((0, 1, 2, 3, 9))}


class Volatility(Area):
    """Static and dynamic ranges."""

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """Ranges of a few ticks."""
        draw = self.draw
        chosen = {"static_ppm": draw.choice((0, 1_500, 20_000)), "dynamic_ppm": draw.choice((0, 600, 5_000))}
        return chosen if draw.random() < 0.5 else {}


class Bands(Area):
    """Price bands around the mean of the last trades."""

    def instrument_rules(self, _number: int) -> dict[str, int]:
        """Either tier."""
        return {"band_tier": self.draw.choice((0, 0, 1, 2))}
