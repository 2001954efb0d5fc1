"""The state of the exchange: everything that exists, how it is found, and what is held for it."""

from collections import deque
from collections.abc import Callable
from typing import Any

from server.protocol.enums import OrderType
from tests.oracle.accounts import HOUSE, SYSTEM, Account, Position
from tests.oracle.fees import Schedules
from tests.oracle.holds import hold
from tests.oracle.layouts import ExchangeRate
from tests.oracle.ledger import Ledger
from tests.oracle.links import Link
from tests.oracle.output import Output
from tests.oracle.presence import Client, SessionTerms
from tests.oracle.protections import Protection
from tests.oracle.risk_book import RiskBook
from tests.oracle.state import Command, Instrument, Order
from tests.oracle.ticks import Steps
from tests.oracle.timers import TimerKind, Timers
from tests.oracle.trades import TRADES_KEPT, Trade


class Registry:
    """What there is. It is changed by others."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.output = Output(shard)
        self.orders_made = 0
        self.places_taken = 0
        self.trades_made = 0
        self.instruments: dict[int, Instrument] = {}
        self.accounts: dict[int, Account] = {HOUSE: Account(HOUSE, None)}
        self.positions: dict[tuple[int, int], Position] = {}
        self.grants: dict[tuple[int, int], int] = {}
        self.counters: dict[tuple[int, int], int] = {}
        self.sessions: dict[tuple[int, int], SessionTerms] = {}
        self.absent: dict[Client, int] = {}
        """Those whose grace runs: since which command."""
        self.live: dict[int, Order] = {}
        self.labels: dict[tuple[int, bytes], Order] = {}
        self.keys: dict[tuple[int, int, int], list[Order]] = {}
        self.timers = Timers()
        self.trades: deque[Trade] = deque(maxlen=TRADES_KEPT)
        self.ledger = Ledger()
        self.schedules = Schedules()
        self.rates: dict[tuple[int, int], ExchangeRate] = {}
        self.risk = RiskBook()
        self.quotes: dict[tuple[int, int], tuple[int, int]] = {}
        self.protections: dict[tuple[int, int], Protection] = {}
        self.dead_men: dict[int, int] = {}
        self.more_tops: set[int] = set()
        """Instruments that the present command changed besides its own."""
        self.on_timer: dict[int, Callable[[Any, int, int], None]] = {}
        self.system = {number: Account(number, None) for number in SYSTEM}
        self.last_day_ended = 0
        self.tick_tables: dict[int, Steps] = {}
        self.changed_links: list[Link] = []
        """Those to be settled, the one that changed first before the others."""
        self.put_off: set[int] = set()
        """Instruments whose TOP comes at the end of the command."""
        self.traded: set[int] = set()
        """Instruments that traded in this command."""

    def made_id(self, count: int) -> int:
        """An id of this shard."""
        return self.shard << 48 | count

    def next_place(self) -> int:
        """The public id of the next place in a queue."""
        self.places_taken += 1
        return self.made_id(self.places_taken)

    def position(self, account: int, instrument: int) -> Position:
        """The position, made now if it is the first time that one is needed."""
        if (account, instrument) not in self.positions:
            position = self.positions[account, instrument] = Position()
            owner = self.accounts[account] if account in self.accounts else self.system[account]
            self.ledger.positions[owner, self.instruments[instrument].currency].append(position)
        return self.positions[account, instrument]

    def forget_position(self, account: int, instrument: int) -> None:
        """Let a position that was made for a try be as if it had never been."""
        position = self.positions.pop((account, instrument), None)
        if position:
            self.ledger.positions[self.accounts[account], self.instruments[instrument].currency].remove(position)

    def schedule_of(self, account: Account, instrument: Instrument) -> int:
        """The fee schedule of a new order; 0: none."""
        return self.schedules.chosen(account, instrument.rules.fee_schedule, instrument.currency)

    def steps_of(self, instrument: Instrument) -> Steps | None:
        """The tick table of the instrument, if it has one."""
        return self.tick_tables.get(instrument.rules.tick_table)

    def named_order(self, c: Command) -> Order | None:
        """The live order that a cancel or replace names."""
        return self.live.get(c.order_id) if c.order_id else self.labelled_order(c.user, c.label)

    def labelled_order(self, user: int, label: bytes) -> Order | None:
        """The user's live order of that label; none for the empty one."""
        return self.labels.get((user, label)) if label else None

    def keyed_order(self, user: int, client_instance: int, counter: int) -> Order | None:
        """The live order that this command made; the first, where it made several."""
        made = self.keys.get((user, client_instance, counter))
        return made[0] if made else None

    def start(self, order: Order) -> None:
        """Count a new order as live, with its reserve."""
        self.live[order.order_id] = order
        self.keys.setdefault((order.user, order.client_instance, order.counter), []).append(order)
        if order.label:
            self.labels[order.user, order.label] = order
        order.account.live_orders += 1
        order.charges.schedule = self.schedule_of(order.account, order.instrument)
        if order.expire_time_ns:
            self.timers.set(TimerKind.EXPIRY, order.order_id, order.expire_time_ns)
        if order.order_type == OrderType.PEGGED:
            order.instrument.pegs[order.order_id] = order
        self.hold(order, 1)

    def hold(self, order: Order, sign: int) -> None:
        """Add (1) or take away (-1) what the order reserves and has open."""
        hold(self, order, sign)

    def change_open(self, order: Order, price: int, quantity: int) -> None:
        """Give the order another price and total."""
        self.hold(order, -1)
        order.price, order.quantity = price, quantity
        self.hold(order, 1)
