"""A small market in which every limit is tight: orders, quotes and baskets against limits that come and go.

Rules: a flow depends on its seed alone; the numbers of the limits lie about what the orders use, so that each check
refuses, warns and passes. It yields one batch for each group, already stamped.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import Check, CommandKind, OrderFlag, OrderType, Phase, Scope, TimeInForce
from server.protocol.records import (
    ACCOUNT_TERMS,
    COMMAND,
    LIST_INSTRUMENT,
    NO_PRICE,
    OPEN_ACCOUNT,
    OPERATION,
    QUOTE_ENTRY,
    RISK_SETTING,
)
from tests.oracle.exchange import OracleExchange

Rows = NDArray[np.void]
START_NS = 10**12
STEPS_NS = (1, 10, 1_000, 1_000_000)
INSTRUMENTS, ACCOUNTS, USERS = (1, 2), (1, 2, 3), (1, 2)
OFFICER, APPROVER = 8, 9
SCOPE_IDS = {
    Scope.VENUE: (0,), Scope.FIRM: (1, 2), Scope.DESK: (1, 2, 3), Scope.USER: USERS, Scope.ACCOUNT: ACCOUNTS,
    Scope.ALGORITHM: (1, 2),
}  # fmt: skip
NUMBERS = {
    Check.ORDER_QUANTITY: 9, Check.ORDER_VALUE: 900, Check.PRICE_DISTANCE: 50_000, Check.MESSAGE_RATE: 5,
    Check.DUPLICATE_ORDER: 2, Check.EXECUTION_THROTTLE: 4, Check.OPEN_ORDERS: 6, Check.OPEN_VALUE: 3_000,
    Check.LONG_POSITION: 20, Check.SHORT_POSITION: 20, Check.GROSS_POSITION: 40, Check.NET_POSITION: 15,
    Check.DAILY_LOSS: 50, Check.ORDER_TO_TRADE: 4, Check.BASKET_COUNT: 2, Check.BASKET_VALUE: 2_000,
}  # fmt: skip
"""About what is used."""
WINDOWS_NS = {
    Check.MESSAGE_RATE: (1_000, 10**6, 10**8), Check.DUPLICATE_ORDER: (10**8,), Check.EXECUTION_THROTTLE: (0, 10**7),
}  # fmt: skip
OF_ALL_INSTRUMENTS = (Check.DAILY_LOSS, Check.BASKET_COUNT, Check.BASKET_VALUE)
SET, REMOVE, REQUIRE, NO_LONGER_REQUIRE = range(4)


def record(layout: np.dtype[np.void], kind: CommandKind, **fields: Any) -> Rows:
    """One record with these fields."""
    row = np.zeros(1, layout)
    row["kind"], row["group_count"] = kind, 1
    for name, field in fields.items():
        row[name] = field
    return row


class TightLimits:
    """The flow; `oracle` runs beside it to know which orders live."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.oracle = OracleExchange()
        self.sequence, self.time_ns, self.day = 0, START_NS, 0
        self.counters: Counter[int] = Counter()

    def batches(self, count: int) -> Iterator[Rows]:
        """Groups until `count` records were made."""
        steps = (
            self.order, self.basket, self.quotes, self.cancel, self.replace, self.limit, self.block, self.account,
            self.time, self.end_day,
        )  # fmt: skip
        for group in self.founding():
            yield self.stamped(group)
        while self.sequence < count:
            for group in self.draw.choices(steps, (40, 9, 9, 12, 13, 10, 0.5, 1, 1, 0.4))[0]():
                yield self.stamped(group)

    def stamped(self, group: list[Rows]) -> Rows:
        """The group as one batch, which the oracle has done."""
        for row in group:
            self.sequence += 1
            self.time_ns += self.draw.choice(STEPS_NS)
            row["sequence"], row["time_ns"] = self.sequence, self.time_ns
        batch = np.concatenate([row.view(COMMAND) for row in group])
        self.oracle.apply(batch)
        return batch

    def founding(self) -> Iterator[list[Rows]]:
        """Instruments, accounts with firms and desks, users."""
        terms = {"price_min": 1, "price_max": 1_000, "quantity_max": 100, "cash_scale": 1, "reference_price": 100}
        for number in INSTRUMENTS:
            listing = {"instrument": number, "symbol": b"TIGHT", "tick_size": 1, "lot_size": 1, "currency": 1}
            yield [record(LIST_INSTRUMENT, CommandKind.LIST_INSTRUMENT, **terms, **listing)]
        for number in ACCOUNTS:
            opening = {"account": number, "credit_limit": 1 << 50, "short_allowed": 1, "currency": 1, "orders_max": 50}
            yield [record(OPEN_ACCOUNT, CommandKind.OPEN_ACCOUNT, **opening)]
            yield [record(ACCOUNT_TERMS, CommandKind.SET_ACCOUNT, account=number, firm=1 + number // 3, desk=number)]
            for user in USERS:
                yield [record(COMMAND, CommandKind.GRANT, account=number, decision_maker=user, flags=3)]
        for user in USERS:
            yield [record(COMMAND, CommandKind.SESSION_OPENED, session=user, user=user)]
        yield [record(COMMAND, CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE)]

    def by(self, user: int) -> dict[str, int]:
        """What says whose command it is, with the next counter."""
        self.counters[user] += 1
        return {"session": user, "user": user, "client_instance": 1, "counter": self.counters[user]}

    def working(self, **fields: Any) -> dict[str, Any]:
        """Fields of a limit order about the market."""
        draw = self.draw
        return {
            "side": draw.randrange(2), "order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC,
            "price": draw.randrange(95, 106), "quantity": draw.randrange(1, 10), "algorithm": draw.randrange(3),
            "flags": draw.choice((0, 0, 0, OrderFlag.CONFIRMED, OrderFlag.REDUCE_ONLY)),
        } | fields  # fmt: skip

    def order(self) -> Iterator[list[Rows]]:
        """A limit order, at times one at any price."""
        draw = self.draw
        fields = self.working(account=draw.choice(ACCOUNTS), instrument=draw.choice(INSTRUMENTS))
        if draw.random() < 0.1:
            fields |= {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC, "price": NO_PRICE}
        yield [record(COMMAND, CommandKind.NEW_ORDER, **self.by(draw.choice(USERS)), **fields)]

    def basket(self) -> Iterator[list[Rows]]:
        """Two or three orders of one account."""
        draw = self.draw
        user, place = draw.choice(USERS), {"account": draw.choice(ACCOUNTS), "instrument": draw.choice(INSTRUMENTS)}
        orders = [
            record(COMMAND, CommandKind.NEW_ORDER, **self.by(user), **self.working(**place))
            for _ in range(draw.choice((2, 3)))
        ]  # fmt: skip
        yield grouped(orders)

    def quotes(self) -> Iterator[list[Rows]]:
        """One or two quotes."""
        draw, user = self.draw, self.draw.choice(USERS)
        key = {"account": draw.choice(ACCOUNTS), "algorithm": draw.randrange(3)}
        group = [record(COMMAND, CommandKind.MASS_QUOTE, **self.by(user), **key, flags=draw.choice((0, 128)))]
        for _ in range(draw.choice((1, 2))):
            bid = draw.randrange(96, 104)
            quote = {"bid_price": bid, "ask_price": bid + draw.randrange(1, 4), "instrument": draw.choice(INSTRUMENTS)}
            sizes = {"bid_quantity": draw.randrange(6), "ask_quantity": draw.randrange(6)}
            group.append(record(QUOTE_ENTRY, CommandKind.QUOTE_ENTRY, session=user, user=user, **quote, **sizes))
        yield grouped(group)

    def cancel(self) -> Iterator[list[Rows]]:
        """A cancel of an order that lives."""
        user = self.draw.choice(USERS)
        for order_id in self.chosen():
            yield [record(COMMAND, CommandKind.CANCEL_ORDER, **self.by(user), order_id=order_id)]

    def replace(self) -> Iterator[list[Rows]]:
        """Another price and total for an order that lives."""
        draw = self.draw
        for order_id in self.chosen():
            change = {"price": draw.randrange(95, 106), "quantity": draw.randrange(1, 12)}
            flags = draw.choice((0, OrderFlag.CONFIRMED))
            key = self.by(draw.choice(USERS))
            yield [record(COMMAND, CommandKind.REPLACE_ORDER, **key, order_id=order_id, flags=flags, **change)]

    def chosen(self) -> list[int]:
        """One live order, if there is any."""
        live = sorted(self.oracle.live)
        return [self.draw.choice(live)] if live else []

    def limit(self) -> Iterator[list[Rows]]:
        """A limit set, for good or for a time, or taken away."""
        draw = self.draw
        scope, check = draw.choice(list(Scope)), draw.choice(list(Check))
        hard = draw.randrange(NUMBERS[check] // 2, 3 * NUMBERS[check] + 1)
        action = draw.choices((SET, REMOVE, REQUIRE, NO_LONGER_REQUIRE), (60, 36, 0.5, 3))[0]
        fields = {
            "scope": scope, "scope_id": draw.choice(SCOPE_IDS[scope]), "check": check, "action": action, "hard": hard,
            "soft": draw.choice((0, 0, hard // 2)), "window_ns": draw.choice(WINDOWS_NS.get(check, (0,))),
            "approver": draw.choice((0, APPROVER)), "user": draw.choice((0, OFFICER)),
            "instrument": 0 if check in OF_ALL_INSTRUMENTS else draw.choice((0, 0, *INSTRUMENTS)),
        }  # fmt: skip
        if action in (REQUIRE, NO_LONGER_REQUIRE):
            fields |= {"scope_id": 0, "instrument": 0}
        if draw.random() < 0.15:
            begins = self.time_ns + draw.choice((0, 10**6))
            fields |= {"effective_ns": begins, "expires_ns": begins + draw.choice((10**6, 10**8))}
        yield [record(RISK_SETTING, CommandKind.SET_LIMIT, **fields)]

    def block(self) -> Iterator[list[Rows]]:
        """A scope blocked, mostly let go."""
        draw = self.draw
        scope = draw.choice(list(Scope)[1:])
        fields = {"scope": scope, "scope_id": draw.choice(SCOPE_IDS[scope]), "instrument": draw.choice((0, 1))}
        yield [record(RISK_SETTING, CommandKind.SET_BLOCK, action=draw.choices(range(4), (88, 4, 4, 4))[0], **fields)]

    def account(self) -> Iterator[list[Rows]]:
        """An account that goes to another firm and desk."""
        draw = self.draw
        place = {"account": draw.choice(ACCOUNTS), "firm": draw.randrange(3), "desk": draw.randrange(4)}
        yield [record(ACCOUNT_TERMS, CommandKind.SET_ACCOUNT, **place)]

    def time(self) -> Iterator[list[Rows]]:
        """Time passes."""
        yield [record(COMMAND, CommandKind.TIME)]

    def end_day(self) -> Iterator[list[Rows]]:
        """The day ends, and the counters of the day begin anew."""
        self.day += 1
        days = {"numerator": 20_260_000 + day_number(self.day), "denominator": 20_260_000 + day_number(self.day + 1)}
        yield [record(COMMAND, CommandKind.SET_PHASE, side=Phase.CLOSED, price=NO_PRICE)]
        yield [record(OPERATION, CommandKind.END_DAY, **days)]
        yield [record(COMMAND, CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE)]


def day_number(day: int) -> int:
    """Month and day of the so-manieth day of months of 28 days."""
    return (1 + (day - 1) // 28) * 100 + 1 + (day - 1) % 28


def grouped(records: list[Rows]) -> list[Rows]:
    """The records as one group."""
    for row in records:
        row["group_count"] = 0
    records[0]["group_count"] = len(records)
    return records
