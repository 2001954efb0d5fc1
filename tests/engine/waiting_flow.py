"""A dense flow of stops, pegs, pairs and brackets in one small market: most of it valid, much of it triggered.

Rules: everything follows from the seed; the ids of live orders are those that an exchange's own events gave.
"""

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, EventKind, Link, OrderState, OrderType, Peg, Phase, Side, TimeInForce
from server.protocol.records import COMMAND, INSTRUMENT_RULES, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT, ORDER_TERMS

USERS = (1, 2, 3)
MIDDLE = 500
HIDDEN = 8
MODES = (0, 0, 0, 0, 1, 2, 3, 4)
CALLS = (Phase.CLOSING_CALL, Phase.INTRADAY_CALL)
RULES = ({}, {"protection_ppm": 15_000}, {"dynamic_ppm": 12_000, "protection_ppm": 30_000}, {"static_ppm": 90_000})
LIVES = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD)
Row = NDArray[np.void]


class WaitingFlow:
    """Makes one group of commands after the other; is told the events that each gave."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.rules = RULES[seed % len(RULES)]
        self.sequence = 0
        self.time_ns = 1_000_000_000
        self.counters = dict.fromkeys(USERS, 0)
        self.live: dict[int, int] = {}
        self.last = MIDDLE
        self.phase = Phase.CONTINUOUS

    def row(self, kind: int, layout: np.dtype[np.void] = COMMAND, **fields: Any) -> Row:
        """One stamped record; a client's has the next counter."""
        self.sequence += 1
        self.time_ns += self.draw.randrange(1, 1_000_000)
        row = np.zeros(1, layout)
        row["kind"], row["group_count"], row["sequence"], row["time_ns"] = kind, 1, self.sequence, self.time_ns
        for name, value in fields.items():
            row[name] = value
        return row.view(COMMAND)

    def client(self, user: int, kind: int, **fields: Any) -> Row:
        """A client's record."""
        self.counters[user] += 1
        key = {"user": user, "session": user, "client_instance": 1, "counter": self.counters[user], "account": user}
        return self.row(kind, **{**key, "instrument": 1, **fields})

    def founding(self) -> list[Row]:
        """The market: one instrument, three accounts; the third may not be short and has little cash."""
        rows = [self.row(
            CommandKind.LIST_INSTRUMENT, LIST_INSTRUMENT, instrument=1, price_min=1, price_max=1_001, tick_size=2,
            lot_size=1, quantity_max=1_000, cash_scale=1, reference_price=501,
        )]  # fmt: skip
        for user in USERS:
            terms = {"orders_max": 60, "short_allowed": user != 3, "credit_limit": 30_000 if user == 3 else 1 << 40}
            rows.append(self.row(CommandKind.OPEN_ACCOUNT, OPEN_ACCOUNT, account=user, **terms))
            rows.append(self.row(CommandKind.GRANT, account=user, decision_maker=user, flags=3))
            rows.append(self.row(CommandKind.SESSION_OPENED, user=user, session=user))
        if self.rules:
            rows.append(self.row(CommandKind.SET_RULES, INSTRUMENT_RULES, instrument=1, **self.rules))
        rows.append(self.row(CommandKind.SET_PHASE, side=Phase.CONTINUOUS, price=NO_PRICE))
        return rows

    def next_group(self) -> Row:
        """The next command, or group."""
        kinds = (self.limit, self.stop, self.trailing, self.peg, self.pair, self.bracket, self.cancel, self.replace)
        weights = (40, 10, 4, 5, 6, 9, 14, 6)
        if self.phase != Phase.CONTINUOUS and self.draw.random() < (0.08 if self.phase in CALLS else 0.5):
            return self.set_phase(Phase.CONTINUOUS)
        if self.draw.random() < 0.03:
            return self.server_command()
        return self.draw.choices(kinds, weights)[0](self.draw.choice(USERS))

    def told(self, events: Row) -> None:
        """Remembers which orders live, the last price and the phase."""
        for event in events[events["kind"] == EventKind.PHASE_CHANGED]:
            self.phase = Phase(int(event["phase"]))
        for event in events[np.isin(events["kind"], (EventKind.EXECUTED, EventKind.ACCEPTED, EventKind.CANCELED))]:
            if event["state"] in (OrderState.FILLED, OrderState.CANCELED):
                self.live.pop(int(event["order_id"]), None)
            else:
                self.live[int(event["order_id"])] = int(event["user"])
            if event["kind"] == EventKind.EXECUTED:
                self.last = int(event["last_price"])

    def price(self, away: int) -> int:
        """A valid price up to so many ticks from the last one."""
        return min(max(1, (self.last | 1) + 2 * self.draw.randint(-away, away)), 1_001)

    def order(self, user: int, side: int, price: int, quantity: int, **fields: Any) -> Row:
        """A NEW_ORDER; LIMIT unless said."""
        flags = self.draw.choice(MODES) << 8
        return self.client(user, CommandKind.NEW_ORDER, **{
            "side": side, "price": price, "quantity": quantity, "order_type": OrderType.LIMIT,
            "time_in_force": self.draw.choice(LIVES[:2]), "flags": flags, **fields,
        })  # fmt: skip

    def terms(self, order: Row, **fields: Any) -> Row:
        """An order with its ORDER_TERMS behind it, not stamped as a group yet."""
        if order["time_in_force"][0] == TimeInForce.GTD:
            fields["expire_time_ns"] = self.time_ns + self.draw.randrange(1, 50_000_000)
        user = int(order["user"][0])
        return np.concatenate(
            [order, self.row(CommandKind.ORDER_TERMS, ORDER_TERMS, user=user, session=user, **fields)]
        )

    def grouped(self, *parts: Row) -> Row:
        """Records as one group."""
        rows = np.concatenate(parts)
        rows["group_count"] = 0
        rows["group_count"][0] = len(rows)
        return rows

    def limit(self, user: int) -> Row:
        """A plain order, mostly near the last price; some at once."""
        life = self.draw.choice((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC))
        side, quantity = self.draw.randrange(2), self.draw.randint(1, 12)
        order = self.order(user, side, self.price(6), quantity, time_in_force=life)
        return order if life == TimeInForce.IOC else self.grouped(self.partly_shown(order))

    def partly_shown(self, order: Row) -> Row:
        """Mostly the order as it is; sometimes hidden, or an iceberg."""
        which = self.draw.random()
        if which < 0.08:
            order["flags"] |= HIDDEN
        elif which < 0.2:
            return self.terms(order, display_quantity=self.draw.randint(1, int(order["quantity"][0])))
        return order

    def stop_price(self, side: int) -> int:
        """A price that the last trade has not reached for a stop of this side, mostly."""
        away = 2 * self.draw.randint(0, 8)
        return min(max(1, (self.last | 1) + (away if side == Side.BUY else -away)), 1_001)

    def stop_order(self, user: int, side: int, quantity: int, link: int = 0) -> Row:
        """A STOP or a STOP_LIMIT with its terms."""
        stop_price = self.stop_price(side)
        life = self.draw.choice(LIVES)
        limited = self.draw.random() < 0.5
        price = stop_price + 2 * self.draw.randint(-2, 3) if limited else NO_PRICE
        kind = OrderType.STOP_LIMIT if limited else OrderType.STOP
        order = self.order(user, side, price, quantity, order_type=kind, time_in_force=life)
        return self.terms(order, stop_price=stop_price, link=link)

    def stop(self, user: int) -> Row:
        """A stop alone."""
        return self.grouped(self.stop_order(user, self.draw.randrange(2), self.draw.randint(1, 12)))

    def trailing_order(self, user: int, side: int, quantity: int, link: int = 0) -> Row:
        """A TRAILING_STOP with its terms."""
        order = self.order(user, side, NO_PRICE, quantity, order_type=OrderType.TRAILING_STOP)
        begin = NO_PRICE if self.draw.random() < 0.5 else self.stop_price(side)
        if self.draw.random() < 0.5:
            return self.terms(order, stop_price=begin, offset=self.draw.randint(1, 15), link=link)
        return self.terms(order, stop_price=begin, trail_ppm=self.draw.randint(1, 30_000), link=link)

    def trailing(self, user: int) -> Row:
        """A trailing stop alone."""
        return self.grouped(self.trailing_order(user, self.draw.randrange(2), self.draw.randint(1, 12)))

    def peg(self, user: int) -> Row:
        """A peg."""
        order = self.order(user, self.draw.randrange(2), NO_PRICE, self.draw.randint(1, 9), order_type=OrderType.PEGGED)
        order["flags"] |= HIDDEN
        cap = self.price(10) if self.draw.random() < 0.4 else NO_PRICE
        peg, offset = self.draw.choice(list(Peg)[1:]), self.draw.randint(-5, 5)
        return self.grouped(self.terms(order, price_cap=cap, peg=peg, offset=offset))

    def pair(self, user: int) -> Row:
        """Two legs, of which one cancels the other."""
        side, quantity = self.draw.randrange(2), self.draw.randint(1, 12)
        if self.draw.random() < 0.5:
            limit = self.order(user, side, self.price(8), quantity)
            stop = self.trailing_order if self.draw.random() < 0.3 else self.stop_order
            return self.grouped(limit, stop(user, side, quantity, Link.ONE_CANCELS_OTHER))
        first = self.stop_order(user, side, quantity)
        limit = self.order(user, side, self.price(8), quantity)
        return self.grouped(first, self.terms(limit, link=Link.ONE_CANCELS_OTHER))

    def bracket(self, user: int) -> Row:
        """An entry near the market with one child or two."""
        side, quantity = self.draw.randrange(2), self.draw.randint(1, 12)
        parts = [self.partly_shown(self.order(user, side, self.price(4), quantity))]
        children = self.draw.choice(("t", "s", "ts", "ts", "st"))
        for child in children:
            if child == "t":
                target = self.order(user, 1 - side, self.price(8), quantity)
                parts.append(self.terms(target, link=Link.TARGET))
            else:
                parts.append(self.stop_order(user, 1 - side, quantity, Link.STOP_LOSS))
        return self.grouped(*parts)

    def some_order(self, user: int) -> int:
        """A live order of the user, or none."""
        own = [order for order, owner in self.live.items() if owner == user]
        return self.draw.choice(own) if own else 0

    def cancel(self, user: int) -> Row:
        """A cancel, sometimes of all."""
        if self.draw.random() < 0.06:
            return self.client(user, CommandKind.MASS_CANCEL, side=self.draw.randrange(3))
        return self.client(user, CommandKind.CANCEL_ORDER, order_id=self.some_order(user))

    def replace(self, user: int) -> Row:
        """A replace, with or without terms."""
        price = self.draw.choice((NO_PRICE, self.price(6), self.price(6)))
        fields = {"order_id": self.some_order(user), "price": price, "quantity": self.draw.randint(1, 12)}
        order = self.client(user, CommandKind.REPLACE_ORDER, flags=self.draw.choice((0, 0, 2)), **fields)
        if self.draw.random() < 0.5:
            return order
        begin = self.draw.choice((0, NO_PRICE, self.stop_price(Side.BUY), self.stop_price(Side.SELL)))
        return self.grouped(self.terms(order, stop_price=begin, offset=self.draw.choice((0, 0, 4, 9))))

    def server_command(self) -> Row:
        """A change of phase, time, or lots from outside."""
        which = self.draw.random()
        if which < 0.5:
            return self.set_phase(self.draw.choice((*CALLS, Phase.CONTINUOUS, Phase.HALTED, Phase.CLOSED)))
        if which < 0.9:
            self.time_ns += 20_000_000
            return self.row(CommandKind.TIME)
        lots = self.draw.randint(-6, 6) or 1
        return self.row(CommandKind.ADJUST_POSITION, account=3, instrument=1, quantity=lots, price=501)

    def set_phase(self, phase: Phase) -> Row:
        """A change of phase."""
        return self.row(CommandKind.SET_PHASE, side=phase, price=NO_PRICE, instrument=1)
