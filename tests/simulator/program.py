"""What clients do, drawn from the seed: orders of every kind, changes of mind, and leaving without a word.

Rules: an action counts when it was carried out; commands name what the client knows, which may be old. Prices are
drawn from a narrow range, so that orders meet.
"""

import numpy as np

from server.protocol.codec import Records
from server.protocol.enums import CommandKind, Link, OrderFlag, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS
from tests.simulator.faults import DUPLICATE_SENT, Counts
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.trader import Trader

INSTRUMENTS = (1, 2, 3)
PRICE = 5000
_KINDS = ("new", "cancel", "replace", "mass", "group", "many", "repeat", "leave", "log_off", "feed")
_WEIGHTS = (50, 16, 12, 0.6, 6, 4, 4, 0.5, 0.4, 0.8)


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
        row["flags"] = 0
        row["price"] = int(live["price"]) + self._chance.randint(-3, 3)
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
        first["order_type"], first["time_in_force"], first["flags"] = OrderType.LIMIT, TimeInForce.GTC, 0
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

    def _repeat(self) -> None:
        if self._trader.sent:
            self._counts[DUPLICATE_SENT] += 1
            self._trader.repeat(self._chance.choice(self._trader.sent[-40:]))

    def _leave(self) -> None:
        """All connections break, as when a cable is pulled and put back."""
        for link in self._trader.links():
            link.break_now()

    def _log_off(self) -> None:
        self._trader.log_off()
        self._schedule.between(10 * MILLISECOND, SECOND, self._trader.log_on_again)

    def _feed(self) -> None:
        instrument = self._chance.choice(INSTRUMENTS)
        self._trader.leave(instrument)
        self._schedule.between(MILLISECOND, 200 * MILLISECOND, lambda: self._trader.follow(instrument))
