"""Random commands that mostly make sense, made with a look at the oracle's present state."""

from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING, Any

from server.protocol.enums import CommandKind, OrderFlag, OrderType, Phase, TimeInForce
from server.protocol.records import NO_PRICE
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow_world import (
    ACCOUNTS,
    INSTRUMENTS,
    SESSIONS,
    USERS,
    Draft,
    Group,
    command,
    listing,
    opening,
    terms_of,
)

if TYPE_CHECKING:
    from tests.oracle.flow_area import Area

LIVE_ORDERS_MANY = 250
CALLS = (Phase.PRE_OPEN, Phase.CLOSING_CALL)
INSTANCES = (5, 1 << 63)


class Trader:
    """Draws commands of all users; every draw depends on the seed and the oracle alone."""

    def __init__(self, oracle: OracleExchange, draw: Random, areas: "Iterable[type[Area]]" = ()) -> None:
        self.oracle = oracle
        self.draw = draw
        self.ended: list[int] = []
        self.areas = [area(self) for area in areas]

    def settings(self) -> list[Group]:
        """What the areas need besides the founding of the market."""
        return [group for area in self.areas for group in area.settings()]

    def next_group(self) -> Group:
        """One command, or a group."""
        many = len(self.oracle.live) > LIVE_ORDERS_MANY
        makers: list[tuple[Callable[[], Draft | Group], float]] = [
            (self.new_group, 30 if many else 56), (self.cancel, 34 if many else 14), (self.replace, 16),
            (self.mass_cancel, 0.7), (self.time, 2), (self.set_phase, 0.9), (self.operate, 1.6),
        ]  # fmt: skip
        for area in self.areas:
            makers += area.makers()
        make = self.draw.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0]
        made = make()
        return made if isinstance(made, list) else [made]

    def new_group(self) -> Group:
        """A new order, dressed by one of the areas half of the time."""
        order = self.new_order()
        dressers = [area for area in self.areas if area.share]
        if not dressers or self.draw.random() < 0.45:
            return [order]
        area = self.draw.choices(dressers, [area.share for area in dressers])[0]
        return area.dressed(order)

    def client_fields(self, user: int) -> dict[str, Any]:
        """Session, key, and the ids that are only carried along."""
        draw = self.draw
        instance = draw.choice(INSTANCES)
        sessions = [session for session, owner in SESSIONS.items() if owner == user]
        fields = {
            "user": user, "session": draw.choice(sessions), "client_instance": instance,
            "counter": self.oracle.counters.get((user, instance), 0) + 1,
        }  # fmt: skip
        if draw.random() < 0.1:
            fields["valid_until_ns"] = self.oracle.time_ns + 10**10
            fields["displayed_sequence"] = draw.getrandbits(64)
        return fields

    def price_near(self, instrument: int) -> int:
        """A price around the reference or the book, rarely anywhere on the grid."""
        draw, terms = self.draw, terms_of(instrument)
        span = (terms["price_max"] - terms["price_min"]) // terms["tick_size"]
        if draw.random() < 0.03:
            ticks = draw.randint(0, span)
        else:
            book = self.oracle.instruments[instrument].book
            centre = book.best_price(draw.randint(0, 1))
            if centre is None or draw.random() < 0.3:
                centre = terms["reference_price"]
            if centre == NO_PRICE:
                centre = terms["price_min"] + span // 2 * terms["tick_size"]
            ticks = (centre - terms["price_min"]) // terms["tick_size"] + draw.randint(-4, 4)
        return int(terms["price_min"] + min(max(ticks, 0), span) * terms["tick_size"])

    def quantity_near(self, instrument: int) -> int:
        """Mostly small, sometimes the most that is allowed."""
        largest = terms_of(instrument)["quantity_max"]
        return largest if self.draw.random() < 0.02 else self.draw.randint(1, min(largest, 30))

    def new_order(self) -> Draft:
        """A new order of any type."""
        draw = self.draw
        instrument = draw.choices(list(INSTRUMENTS), [50, 25, 10, 10, 5])[0]
        user = draw.choice(list(USERS))
        suitable = [
            account for account in USERS[user] if ACCOUNTS[account]["currency"] == INSTRUMENTS[instrument]["currency"]
        ]
        fields = self.client_fields(user) | {
            "account": draw.choice(suitable or USERS[user]), "instrument": instrument, "side": draw.randint(0, 1),
            "order_type": OrderType.LIMIT, "price": self.price_near(instrument),
            "quantity": self.quantity_near(instrument), "time_in_force": draw.choice((1, 2, 2)),
            "capacity": draw.randint(0, 2), "self_trade_group": draw.getrandbits(32),
            "decision_maker": draw.getrandbits(32), "algorithm": draw.choice((0, 1, 2, draw.getrandbits(32))),
        }  # fmt: skip
        if draw.random() < 0.25:
            fields["label"] = draw.choice(self.labels())
        in_call = self.oracle.instruments[instrument].phase in CALLS
        special = draw.random() * (20 if in_call else 1)
        if special < 0.12:
            fields |= {"order_type": OrderType.MARKET, "price": NO_PRICE, "time_in_force": draw.choice((3, 3, 4))}
        elif special < 0.24:
            fields["time_in_force"] = draw.choice((TimeInForce.IOC, TimeInForce.FOK))
        elif special < 0.34:
            fields["flags"] = OrderFlag.POST_ONLY
        return command(CommandKind.NEW_ORDER, **fields)

    def labels(self) -> list[bytes]:
        """Few enough that they meet again."""
        return [b"L%d" % number for number in range(200)] + [b"\0zero first", b"\xff" * 16, b"a", b"A"]

    def named(self) -> dict[str, Any]:
        """Fields of a command about an order: mostly of a live one, by one who may."""
        draw, live = self.draw, self.oracle.live
        if not live or draw.random() < 0.04:
            fields = self.client_fields(draw.choice(list(USERS)))
            return fields | {"order_id": draw.choice([*self.ended[-20:], 1, draw.getrandbits(64)])}
        order = live[draw.choice(list(live))]
        if draw.random() < 0.04:
            self.ended.append(order.order_id)
        if draw.random() < 0.85:
            user = order.user
        else:
            user = draw.choice([user for user, accounts in USERS.items() if order.account.number in accounts])
        fields = self.client_fields(user)
        if order.label and draw.random() < 0.5:
            return fields | {"label": order.label}
        return fields | {"order_id": order.order_id}

    def cancel(self) -> Draft:
        """Cancel an order."""
        return command(CommandKind.CANCEL_ORDER, **self.named())

    def replace(self) -> Draft:
        """Change an order: less, more, another price, another place."""
        draw, fields = self.draw, self.named()
        order = self.oracle.live.get(fields.get("order_id", 0)) or self.oracle.labelled_order(
            fields["user"], fields.get("label", b"")
        )
        if order is None:
            return command(CommandKind.REPLACE_ORDER, price=10_001, quantity=1, **fields)
        fields["price"] = order.price if draw.random() < 0.5 else self.price_near(order.instrument.number)
        fields["quantity"] = order.quantity
        if draw.random() < 0.7:
            fields["quantity"] = draw.choice((order.quantity + 5, order.filled + 1, order.filled, draw.randint(1, 40)))
        if draw.random() < 0.15:
            fields["flags"] = OrderFlag.LOSE_PRIORITY
        return command(CommandKind.REPLACE_ORDER, **fields)

    def mass_cancel(self) -> Draft:
        """Cancel what an account has, or a part of it."""
        draw, user = self.draw, self.draw.choice(list(USERS))
        return command(
            CommandKind.MASS_CANCEL, account=draw.choice(USERS[user]), instrument=draw.choice([0, *INSTRUMENTS]),
            side=draw.choice((0, 1, 2, 2)), **self.client_fields(user),
        )  # fmt: skip

    def time(self) -> Draft:
        """Let time pass."""
        return command(CommandKind.TIME)

    def set_phase(self) -> Draft:
        """Another phase; mostly on the way to CONTINUOUS."""
        draw = self.draw
        instrument = draw.choice([0, *INSTRUMENTS])
        phase = draw.choices([Phase(number) for number in range(5)], [6, 14, 60, 12, 8])[0]
        price = NO_PRICE
        if instrument and draw.random() < 0.3:
            price = self.price_near(instrument)
        return command(CommandKind.SET_PHASE, instrument=instrument, side=phase, price=price, user=draw.choice((0, 1)))

    def operate(self) -> Draft:
        """What an operator does to accounts, rights and sessions."""
        draw = self.draw
        kind = draw.randrange(8)
        account, user = draw.choice(list(ACCOUNTS)), draw.choice(list(USERS))
        if kind == 0:
            amount = draw.choice((1, -1, 5_000, -5_000, 1 << 40, 100_000))
            return command(CommandKind.ADJUST_CASH, account=account, quantity=amount, user=9, session=3)
        if kind == 1:
            instrument = draw.choice(list(INSTRUMENTS))
            quantity = self.quantity_near(instrument) * draw.choice((1, -1))
            price = self.price_near(instrument)
            return command(
                CommandKind.ADJUST_POSITION, account=account, instrument=instrument, quantity=quantity, price=price
            )
        if kind in (2, 3):
            rights = draw.choice((0, 1, 3, 7)) if draw.random() < 0.1 else 3
            return command(CommandKind.GRANT, account=draw.choice(USERS[user]), decision_maker=user, flags=rights)
        if kind in (4, 5, 6):
            session, owner = draw.choice(list(SESSIONS.items()))
            opened = draw.random() < 0.94
            kind = CommandKind.SESSION_OPENED if opened else CommandKind.SESSION_CLOSED
            return command(kind, session=session, user=owner, order_id=draw.getrandbits(64))
        return opening(draw.randint(1_000, 1_010)) if draw.random() < 0.5 else listing(draw.randint(1_000, 1_005))
