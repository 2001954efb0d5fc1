"""An inventory-aware market maker: a ladder of quotes around a reservation price that leans against its position.

Rules: pure; prices in ticks, one order a price and maker. Orders that still fit are left alone, so that queues grow
old as in a real book.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from server.simulation.fair_value import FairValue
from server.simulation.orders import BUY, SELL, CommandBatch, RestingOrder

ADDS_PER_WAKE: Final = 4
WALL_CHANCE: Final = 0.015


@dataclass(frozen=True, slots=True)
class MakerStyle:
    """How one kind of maker quotes. Offsets count ticks behind its own best price."""

    first_offset: int
    last_offset: int
    density: float
    """Share of its levels that it fills."""
    size: float
    """Its typical order as a multiple of the instrument's."""
    lean_ticks: float
    """How far a full inventory moves its prices."""
    wake_seconds: float


STYLES: Final = (
    MakerStyle(first_offset=0, last_offset=5, density=0.95, size=1.3, lean_ticks=1.6, wake_seconds=1.1),
    MakerStyle(first_offset=0, last_offset=14, density=0.75, size=2.2, lean_ticks=1.2, wake_seconds=1.9),
    MakerStyle(first_offset=2, last_offset=26, density=0.85, size=4.2, lean_ticks=0.8, wake_seconds=3.4),
)


def round_size(quantity: float) -> int:
    """A quantity as people choose it: one or two leading digits, at least 1."""
    step = 1
    while quantity >= step * 100:
        step *= 10
    return max(1, int(quantity / step + 0.5) * step)


class MarketMaker:
    """One maker in one instrument. `on_fill(side, quantity)` tells the market that it was hit."""

    def __init__(
        self,
        rng: Random,
        account: int,
        instrument: int,
        style: MakerStyle,
        size: int,
        spread: int,
        on_fill: Callable[["MarketMaker", int, int, int], None],
    ) -> None:
        self.account = account
        self.instrument = instrument
        self.style = style
        self.inventory = 0
        self.bids: dict[int, RestingOrder] = {}
        self.asks: dict[int, RestingOrder] = {}
        self.due_ns = 0
        self._rng = rng
        self._size = size * style.size
        self._spread = spread
        self._full = size * 60.0
        self._on_fill = on_fill

    def wake(self, batch: CommandBatch, fair: FairValue, best_bid: int, best_ask: int, reach: int) -> None:
        """Moves the ladder to where it should be, at most `reach` ticks deep.

        `best_bid`, `best_ask`: the market's, 0 where there is none.
        """
        rng = self._rng
        lean = max(-1.5, min(1.5, self.inventory / self._full)) * self.style.lean_ticks
        centre = fair.value - lean + rng.uniform(-0.25, 0.25)
        half = 0.5 * self._spread * (1.0 + 0.6 * max(0.0, fair.turbulence)) + 0.2 * rng.random()
        bid = math.floor(centre - half + 0.5)
        ask = max(math.ceil(centre + half - 0.5), bid + 1)
        if best_ask:
            bid = min(bid, best_ask - 1)
        if best_bid:
            ask = max(ask, best_bid + 1)
        self._lay(batch, BUY, self.bids, bid, reach)
        self._lay(batch, SELL, self.asks, ask, reach)

    def on_gone(self, order: RestingOrder) -> None:
        """The order is no longer live."""
        side = self.bids if order.side == BUY else self.asks
        if side.get(order.price) is order:
            del side[order.price]

    def on_filled(self, order: RestingOrder, quantity: int, now_ns: int) -> None:
        """A part of the order traded."""
        self.inventory += quantity if order.side == BUY else -quantity
        self._on_fill(self, order.side, quantity, now_ns)

    def adopt(self, order: RestingOrder) -> bool:
        """Takes over an order of an earlier run; False if its place is taken."""
        side = self.bids if order.side == BUY else self.asks
        if order.price in side:
            return False
        side[order.price] = order
        return True

    def _lay(self, batch: CommandBatch, side: int, orders: dict[int, RestingOrder], best: int, reach: int) -> None:
        style, rng = self.style, self._rng
        away = -1 if side == BUY else 1
        last_offset = min(style.last_offset, reach)
        nearest, deepest = style.first_offset - 1, last_offset + 7
        for price, order in list(orders.items()):
            offset = (price - best) * away
            if offset < nearest or offset > deepest or (offset == nearest and rng.random() < 0.4):
                batch.cancel(order)
        adds = ADDS_PER_WAKE if orders else last_offset + 1
        for offset in range(style.first_offset, last_offset + 1):
            price = best + away * offset
            if price in orders or price < 1:
                continue
            if rng.random() > style.density:
                continue
            depth = 0.55 + 0.9 * min(1.0, offset / 9.0)
            quantity = self._size * depth * math.exp(rng.gauss(-0.18, 0.6))
            if rng.random() < WALL_CHANCE:
                quantity *= 5.0
            order = RestingOrder(self, self.instrument, side, price, round_size(quantity))
            orders[price] = order
            batch.rest(order, post_only=True)
            adds -= 1
            if adds == 0:
                break
