"""What clients do, drawn from the seed: orders of every kind, changes of mind, and leaving without a word.

Rules: an action counts when it was carried out; commands name what the client knows, which may be old. Prices are
drawn from a narrow range, so that orders meet.
"""

from random import Random

import numpy as np

from server.protocol.codec import Records
from server.protocol.enums import CommandKind, Link, OrderFlag, OrderType, Peg, Side, TimeInForce
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS, QUOTE_ENTRY
from tests.simulator.faults import DUPLICATE_SENT, Counts
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.trader import Trader

INSTRUMENTS = (1, 2, 3)
PRICE = 5000
_DOINGS = {
    "new": 44.0, "cancel": 15.0, "replace": 12.0, "mass": 0.6, "group": 4.0, "many": 4.0, "repeat": 4.0, "leave": 0.5,
    "log_off": 0.4, "feed": 0.8, "quote": 4.0, "stop": 4.0, "dated": 3.0, "peg": 1.0, "dead_man": 0.3, "rearm": 0.5,
    "auction": 2.0, "restart": 0.3, "vanish": 0.3,
}  # fmt: skip
_KINDS, _WEIGHTS = list(_DOINGS), list(_DOINGS.values())
_DEAD_MAN_NS = (0, 0, 200 * MILLISECOND, 2 * SECOND)


def staying(chance: Random) -> int:
    """The flag of an order that stays when its client is gone, or none."""
    return int(OrderFlag.STAYS) if chance.random() < 0.3 else 0


def send_with_terms(trader: Trader, order: Records, **terms: int) -> None:
    """An order with an ORDER_TERMS behind it."""
    row = np.zeros(1, ORDER_TERMS)
    row["kind"], row["shard"] = CommandKind.ORDER_TERMS, 1
    for name, field in terms.items():
        row[name] = field
    trader.send(np.concatenate([order, row.view(COMMAND)]), as_group=True)


class Program:
    """One client's doings until it is told to stop."""

    def __init__(self, schedule: Schedule, counts: Counts, trader: Trader, pace_ns: int) -> None:
        self.actions = 0
        self.is_running = True
        self._schedule = schedule
        self._chance = schedule.chance
        self._counts = counts
        self._trader = trader
        self._pace_ns = pace_ns
        self._plan()

    def _plan(self) -> None:
        self._schedule.between(self._pace_ns // 4, 2 * self._pace_ns, self._act)

    def _act(self) -> None:
        if not self.is_running:
            return
        if self._trader.is_online:
            kind = self._chance.choices(_KINDS, _WEIGHTS)[0]
            getattr(self, f"_{kind}")()
            self.actions += 1
            self._counts[f"action.{kind}"] += 1
        self._plan()

    def _order(self) -> Records:
        chance = self._chance
        row = np.zeros(1, COMMAND)
        row["kind"], row["shard"] = CommandKind.NEW_ORDER, 1
        row["account"], row["instrument"] = self._trader.account, chance.choice(INSTRUMENTS)
        row["side"] = side = chance.randint(0, 1)
        row["quantity"] = chance.randint(1, 40) if chance.random() < 0.98 else 0
        row["order_type"] = OrderType.LIMIT if chance.random() < 0.93 else OrderType.MARKET
        is_market = int(row["order_type"][0]) == OrderType.MARKET
        row["price"] = NO_PRICE if is_market else PRICE + chance.randint(-12, 3) * (1 if side == Side.BUY else -1)
        times = (TimeInForce.GTC, TimeInForce.GTC, TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK)
        row["time_in_force"] = TimeInForce.IOC if is_market else chance.choice(times)
        if not is_market and chance.random() < 0.1:
            row["flags"] = chance.choice([OrderFlag.POST_ONLY, OrderFlag.HIDDEN])
            row["time_in_force"] = TimeInForce.GTC
        row["flags"] |= staying(chance)
        return row

    def _live(self) -> Records | None:
        rows = self._trader.orders.live()
        return self._trader.orders.rows[self._chance.choice(rows.tolist())] if len(rows) else None

    def _new(self) -> None:
        self._trader.send(self._order())

    def _many(self) -> None:
        self._trader.send(np.concatenate([self._order() for _ in range(self._chance.randint(2, 8))]))

    def _cancel(self) -> None:
        live = self._live()
        if live is None:
            return self._new()
        row = self._order()
        row["kind"], row["order_id"], row["instrument"] = CommandKind.CANCEL_ORDER, live["order_id"], live["instrument"]
        row["price"] = row["quantity"] = row["flags"] = 0
        self._trader.send(row)
        return None

    def _replace(self) -> None:
        live = self._live()
        if live is None:
            return self._new()
        row = self._order()
        row["kind"] = CommandKind.REPLACE_ORDER
        for name in ("order_id", "account", "instrument", "side", "order_type", "time_in_force"):
            row[name] = live[name]
        row["flags"] = staying(self._chance)
        price = PRICE if live["price"] == NO_PRICE else int(live["price"])
        row["price"] = price + self._chance.randint(-3, 3)
        row["quantity"] = int(live["filled"]) + self._chance.randint(1, 40)
        self._trader.send(row)
        return None

    def _mass(self) -> None:
        row = np.zeros(1, COMMAND)
        row["kind"], row["shard"], row["account"] = CommandKind.MASS_CANCEL, 1, self._trader.account
        row["instrument"], row["side"] = self._chance.choice((0, *INSTRUMENTS)), 2
        self._trader.send(row)

    def _group(self) -> None:
        """An order that shows a part of itself, or two of which one cancels the other."""
        chance = self._chance
        first, terms = self._order(), np.zeros(1, ORDER_TERMS)
        first["order_type"], first["time_in_force"], first["flags"] = (
            OrderType.LIMIT,
            TimeInForce.GTC,
            staying(self._chance),
        )
        first["price"] = PRICE + chance.randint(-12, 2) * (1 if first["side"][0] == Side.BUY else -1)
        first["quantity"] = chance.randint(10, 60)
        terms["kind"], terms["shard"] = CommandKind.ORDER_TERMS, 1
        if chance.random() < 0.5:
            terms["display_quantity"] = chance.randint(1, 9)
            self._trader.send(np.concatenate([first, terms.view(COMMAND)]), as_group=True)
            return
        second = first.copy()
        second["order_type"] = OrderType.STOP
        second["price"] = NO_PRICE
        terms["stop_price"] = PRICE + chance.randint(5, 15) * (1 if first["side"][0] == Side.BUY else -1)
        terms["link"] = Link.ONE_CANCELS_OTHER
        self._trader.send(np.concatenate([first, second, terms.view(COMMAND)]), as_group=True)

    def _lasting(self) -> Records:
        """A limit order that would rest a little away from the middle."""
        order = self._order()
        order["order_type"], order["time_in_force"], order["flags"] = (
            OrderType.LIMIT,
            TimeInForce.GTC,
            staying(self._chance),
        )
        order["quantity"] = self._chance.randint(1, 40)
        away = self._chance.randint(0, 12)
        order["price"] = PRICE - away if order["side"][0] == Side.BUY else PRICE + away
        return order

    def _stop(self) -> None:
        """Waits for a price that may come."""
        order, chance = self._lasting(), self._chance
        is_buy = order["side"][0] == Side.BUY
        order["order_type"] = kind = chance.choice((OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP))
        stop_price = PRICE + chance.randint(0, 10) * (1 if is_buy else -1)
        if kind != OrderType.STOP_LIMIT:
            order["price"] = NO_PRICE
        send_with_terms(self._trader, order, stop_price=stop_price, offset=3 if kind == OrderType.TRAILING_STOP else 0)

    def _dated(self) -> None:
        """Good until a time soon."""
        order = self._lasting()
        order["time_in_force"] = TimeInForce.GTD
        ahead_ns = self._chance.randint(10 * MILLISECOND, 3 * SECOND)
        send_with_terms(self._trader, order, expire_time_ns=self._schedule.clock() + ahead_ns)

    def _peg(self) -> None:
        """Follows the best price."""
        order = self._lasting()
        order["order_type"], order["price"] = OrderType.PEGGED, NO_PRICE
        send_with_terms(self._trader, order, peg=self._chance.choice((Peg.PRIMARY, Peg.MID)))

    def _auction(self) -> None:
        """For the next auction, with or without a price."""
        order = self._lasting()
        order["time_in_force"] = self._chance.choice((TimeInForce.AUCTION, TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE))
        if self._chance.random() < 0.3:
            order["order_type"], order["price"] = OrderType.MARKET, NO_PRICE
        self._trader.send(order)

    def _quote(self) -> None:
        """Both sides of one or more instruments, in the place of the last quotes."""
        chance = self._chance
        head = np.zeros(1, COMMAND)
        head["kind"], head["shard"], head["account"] = CommandKind.MASS_QUOTE, 1, self._trader.account
        entries = []
        for instrument in chance.sample(INSTRUMENTS, chance.randint(1, 3)):
            row = np.zeros(1, QUOTE_ENTRY)
            row["kind"], row["shard"], row["instrument"] = CommandKind.QUOTE_ENTRY, 1, instrument
            row["bid_price"] = PRICE - chance.randint(1, 6)
            row["ask_price"] = PRICE + chance.randint(0, 6)
            row["bid_quantity"], row["ask_quantity"] = chance.randint(0, 20), chance.randint(0, 20)
            entries.append(row.view(COMMAND))
        self._trader.send(np.concatenate([head, *entries]), as_group=True)

    def _dead_man(self) -> None:
        row = np.zeros(1, COMMAND)
        row["kind"], row["shard"], row["quantity"] = CommandKind.SET_DEAD_MAN, 1, self._chance.choice(_DEAD_MAN_NS)
        self._trader.send(row)

    def _rearm(self) -> None:
        row = np.zeros(1, COMMAND)
        row["kind"], row["shard"], row["account"] = CommandKind.REARM, 1, self._trader.account
        self._trader.send(row)

    def _restart(self) -> None:
        self._trader.restart(INSTRUMENTS)

    def _vanish(self) -> None:
        """Nobody is there for a while, longer than some graces."""
        number = self._trader.vanish()
        longest_ns = self._chance.choice((SECOND, 6 * SECOND))
        self._schedule.between(100 * MILLISECOND, longest_ns, lambda: self._trader.come_back(number, INSTRUMENTS))

    def _repeat(self) -> None:
        if self._trader.sockets.sent:
            self._counts[DUPLICATE_SENT] += 1
            self._trader.repeat(self._chance.choice(self._trader.sockets.sent[-40:]))

    def _leave(self) -> None:
        """All connections break, as when a cable is pulled and put back."""
        for link in self._trader.links():
            link.break_now()

    def _log_off(self) -> None:
        self._trader.log_off()
        self._schedule.between(10 * MILLISECOND, SECOND, self._trader.log_on_again)

    def _feed(self) -> None:
        """Leaves the streams of an instrument and comes back."""
        instrument = self._chance.choice(INSTRUMENTS)
        self._trader.leave(instrument)
        self._schedule.between(MILLISECOND, 200 * MILLISECOND, lambda: self._trader.follow(instrument))
