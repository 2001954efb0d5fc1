"""The whole simulated market: every agent of every instrument, woken in the order of their times.

Rules: pure. `due_ns` says when somebody wants to act, `act(now_ns)` gives their commands, `sent(first_counter)` names
them, `on_events` and `on_top` bring back what happened. The same seed, times and events give the same commands.
"""

import heapq
from collections.abc import Iterable
from random import Random
from typing import Final

from server.protocol.codec import Records
from server.protocol.enums import EventKind, Liquidity, OrderState
from server.protocol.records import NO_PRICE
from server.simulation.catalogue import MAKER_ACCOUNTS, MOMENTUM_ACCOUNT, NOISE_ACCOUNT, DemoInstrument
from server.simulation.fair_value import FairValue
from server.simulation.maker import STYLES, MarketMaker
from server.simulation.orders import BUY, CommandBatch, OrderOwner, RestingOrder
from server.simulation.takers import MomentumTrader, NoiseTrader, Touch

IMPACT: Final = 0.1
"""Ticks that a typical trade moves the fair value for good."""
DEEPEST: Final = max(style.last_offset for style in STYLES)
_SIM_ACCOUNTS: Final = frozenset((*MAKER_ACCOUNTS, NOISE_ACCOUNT, MOMENTUM_ACCOUNT))

Wakeable = MarketMaker | NoiseTrader | MomentumTrader | RestingOrder


class InstrumentMarket:
    """The agents of one instrument."""

    def __init__(self, item: DemoInstrument, seed: int, schedule: "Schedule") -> None:
        rng = Random(f"{seed}/{item.symbol}")
        number = item.instrument
        self.item = item
        self.rng = rng
        self.touch = Touch()
        self.fair = FairValue(rng, item.reference_price / item.tick_size, item.volatility)
        self.schedule = schedule
        self.makers = [
            MarketMaker(rng, account, number, style, item.size, item.spread, self._on_maker_fill)
            for account, style in zip(MAKER_ACCOUNTS, STYLES, strict=True)
        ]
        self.noise = NoiseTrader(rng, NOISE_ACCOUNT, number, item.size, item.pace, self._on_expiry)
        self.momentum = MomentumTrader(rng, MOMENTUM_ACCOUNT, number, item.size, item.pace)
        self.slowness = max(0.7, min(2.2, item.pace**-0.5))

    def begin(self, now_ns: int) -> None:
        """Everybody's first time, spread over a few seconds; makers first."""
        for index, maker in enumerate(self.makers):
            self._wake_maker(maker, now_ns + index * 50_000_000)
        for taker in (self.noise, self.momentum):
            self.schedule.add(now_ns + int(self.rng.uniform(1.0, 4.0) * 1e9), self, taker)

    def wake(self, agent: Wakeable, due_ns: int, now_ns: int, batch: CommandBatch) -> None:
        """One agent's turn."""
        self.fair.advance(now_ns)
        if isinstance(agent, MarketMaker):
            if agent.due_ns != due_ns:
                return
            agent.wake(batch, self.fair, self.touch.bid, self.touch.ask, self.schedule.reach)
            seconds = agent.style.wake_seconds * self.slowness * self.schedule.calm * self.rng.uniform(0.6, 1.6)
            self._wake_maker(agent, now_ns + int(seconds * 1e9))
        elif isinstance(agent, RestingOrder):
            batch.cancel(agent)
        elif isinstance(agent, NoiseTrader):
            seconds = agent.wake(batch, now_ns, self.fair, self.touch, self.schedule.thin)
            self.schedule.add(now_ns + int(seconds * 1e9), self, agent)
        else:
            seconds = agent.wake(batch, now_ns, self.fair, self.touch)
            self.schedule.add(now_ns + int(seconds * 1e9), self, agent)

    def adopt(self, order: RestingOrder, account: int, now_ns: int) -> None:
        """An order of an earlier run finds its agent; one without a place is cancelled soon."""
        for maker in self.makers:
            if maker.account == account and maker.adopt(order):
                order.owner = maker
                return
        self.schedule.add(now_ns + int(self.rng.uniform(0.5, 60.0) * 1e9), self, order)

    def _wake_maker(self, maker: MarketMaker, due_ns: int) -> None:
        maker.due_ns = due_ns
        self.schedule.add(due_ns, self, maker)

    def _on_maker_fill(self, maker: MarketMaker, side: int, quantity: int, now_ns: int) -> None:
        ticks = IMPACT * min(6.0, (quantity / self.item.size) ** 0.5)
        self.fair.push(-ticks if side == BUY else ticks)
        soon_ns = now_ns + int(self.rng.uniform(0.12, 0.9) * self.schedule.calm * 1e9)
        if soon_ns < maker.due_ns:
            self._wake_maker(maker, soon_ns)

    def _on_expiry(self, order: RestingOrder) -> None:
        self.schedule.add(order.expires_ns, self, order)


class Schedule:
    """Who acts when. `calm` stretches the makers' intervals, `thin` the takers': 1 is live, more is for a long past.

    `reach` bounds the depth of the makers' ladders in ticks.
    """

    def __init__(self) -> None:
        self.calm = 1.0
        self.thin = 1.0
        self.reach = DEEPEST
        self._heap: list[tuple[int, int, InstrumentMarket, Wakeable]] = []
        self._count = 0

    def add(self, due_ns: int, market: InstrumentMarket, agent: Wakeable) -> None:
        """One more turn; equal times keep the order of this call."""
        self._count += 1
        heapq.heappush(self._heap, (due_ns, self._count, market, agent))

    @property
    def due_ns(self) -> int:
        """The next turn's time."""
        return self._heap[0][0]

    def pop(self, until_ns: int) -> Iterable[tuple[int, InstrumentMarket, Wakeable]]:
        """The turns up to `until_ns`, in order, also those that are added meanwhile."""
        while self._heap and self._heap[0][0] <= until_ns:
            due_ns, _, market, agent = heapq.heappop(self._heap)
            yield due_ns, market, agent


class SimulatedMarket:
    """All instruments. `begin` must be called once before the first `act`."""

    def __init__(self, items: list[DemoInstrument], seed: int) -> None:
        self.schedule = Schedule()
        self.markets = {item.instrument: InstrumentMarket(item, seed, self.schedule) for item in items}
        self._ticks = {item.instrument: item.tick_size for item in items}
        self._orders: dict[int, RestingOrder] = {}
        self._unnamed: list[RestingOrder | None] = []
        self._waiting: dict[int, RestingOrder] = {}

    @property
    def due_ns(self) -> int:
        """When the next agent wants to act."""
        return self.schedule.due_ns

    @property
    def live_orders(self) -> int:
        """How many orders are known to rest."""
        return len(self._orders)

    def begin(self, now_ns: int, open_orders: Records | None = None) -> None:
        """Starts at `now_ns`, adopting the ACCEPTED rows of orders that are there already."""
        for market in self.markets.values():
            market.fair.advance(now_ns)
        if open_orders is not None:
            self._adopt(open_orders, now_ns)
        for market in self.markets.values():
            market.begin(now_ns)

    def act(self, now_ns: int) -> Records | None:
        """The commands of all whose time has come, or None. Each non-empty result must be answered by `sent`."""
        batch = CommandBatch(self._ticks)
        for due_ns, market, agent in self.schedule.pop(now_ns):
            market.wake(agent, due_ns, now_ns, batch)
        if not batch.rows:
            return None
        self._unnamed = batch.orders
        return batch.commands()

    def sent(self, first_counter: int) -> None:
        """The commands of the last `act` got contiguous counters from `first_counter` on."""
        for offset, order in enumerate(self._unnamed):
            if order is not None:
                self._waiting[first_counter + offset] = order
        self._unnamed = []

    def dropped(self) -> None:
        """The commands of the last `act` were not sent; their orders never were."""
        for order in self._unnamed:
            if order is not None:
                order.owner.on_gone(order)
        self._unnamed = []

    def on_top(self, instrument: int, bid_price: int, ask_price: int) -> None:
        """Best prices in price units, NO_PRICE where there is none."""
        touch = self.markets[instrument].touch
        tick = self._ticks[instrument]
        touch.bid = 0 if bid_price == NO_PRICE else bid_price // tick
        touch.ask = 0 if ask_price == NO_PRICE else ask_price // tick

    def on_events(self, events: Records, now_ns: int) -> None:
        """The simulator's private events, in order."""
        for kind, order_id, counter, account, instrument, side, liquidity, state, quantity in zip(
            events["kind"].tolist(),
            events["order_id"].tolist(),
            events["counter"].tolist(),
            events["account"].tolist(),
            events["instrument"].tolist(),
            events["side"].tolist(),
            events["liquidity"].tolist(),
            events["state"].tolist(),
            events["last_quantity"].tolist(),
            strict=True,
        ):
            if kind == EventKind.ACCEPTED:
                order = self._waiting.pop(counter, None)
                if order is not None:
                    order.order_id = order_id
                    self._orders[order_id] = order
            elif kind == EventKind.EXECUTED:
                if account == MOMENTUM_ACCOUNT and liquidity == Liquidity.TAKER:
                    self.markets[instrument].momentum.position += quantity if side == BUY else -quantity
                order = self._orders.get(order_id)
                if order is not None:
                    order.leaves -= quantity
                    order.owner.on_filled(order, quantity, now_ns)
                    if state == OrderState.FILLED:
                        self._gone(order_id)
            elif kind == EventKind.CANCELED:
                self._gone(order_id)
            elif kind == EventKind.REJECTED:
                order = self._waiting.pop(counter, None)
                if order is not None:
                    order.owner.on_gone(order)

    def _gone(self, order_id: int) -> None:
        order = self._orders.pop(order_id, None)
        if order is not None:
            order.owner.on_gone(order)

    def _adopt(self, open_orders: Records, now_ns: int) -> None:
        best: dict[int, list[int]] = {}
        for row in open_orders:
            instrument, account, side = int(row["instrument"]), int(row["account"]), int(row["side"])
            market = self.markets.get(instrument)
            if market is None or account not in _SIM_ACCOUNTS:
                continue
            price = int(row["price"]) // self._ticks[instrument]
            owner: OrderOwner = market.noise
            order = RestingOrder(owner, instrument, side, price, int(row["leaves"]), int(row["order_id"]))
            self._orders[order.order_id] = order
            market.adopt(order, account, now_ns)
            bid_ask = best.setdefault(instrument, [0, 0])
            if side == BUY:
                bid_ask[0] = max(bid_ask[0], price)
            else:
                bid_ask[1] = min(bid_ask[1] or price, price)
        for instrument, (bid, ask) in best.items():
            market = self.markets[instrument]
            market.touch.bid, market.touch.ask = bid, ask
            if bid and ask:
                market.fair.core = 0.5 * (bid + ask)
