"""Those who cross the spread: noise with its own rhythm and blocks, and momentum that chases what already moves.

Rules: pure; prices in ticks. Aggressive orders are IOC with a limit a few ticks away, so that nobody empties a book.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from server.simulation.fair_value import FairValue
from server.simulation.maker import round_size
from server.simulation.orders import BUY, SELL, CommandBatch, RestingOrder

BLOCK_CHANCE: Final = 0.012
FOLLOW_CHANCE: Final = 0.42
PASSIVE_CHANCE: Final = 0.38
SLOWEST: Final = 0.05
"""Actions a second at least, so that every minute has a trade."""
FAST_SECONDS: Final = 25.0
SLOW_SECONDS: Final = 150.0


@dataclass(slots=True)
class Touch:
    """Best prices in ticks, 0 where there is none."""

    bid: int = 0
    ask: int = 0

    @property
    def complete(self) -> bool:
        """Both sides are there."""
        return self.bid > 0 and self.ask > 0


class NoiseTrader:
    """Many small people in one instrument: clustered arrivals, a slowly turning preference, some limit orders."""

    def __init__(
        self,
        rng: Random,
        account: int,
        instrument: int,
        size: int,
        pace: float,
        on_expiry: Callable[[RestingOrder], None],
    ) -> None:
        self.account = account
        self.instrument = instrument
        self._rng = rng
        self._size = size
        self._pace = pace
        self._mood = 0.0
        self._on_expiry = on_expiry

    def wake(self, batch: CommandBatch, now_ns: int, fair: FairValue, touch: Touch, thin: float) -> float:
        """Acts once; returns the seconds until the next time. `thin` above 1: fewer, larger orders."""
        rng = self._rng
        rate = max(self._pace * math.exp(0.7 * fair.turbulence) * 0.7 / thin, SLOWEST)
        if touch.complete:
            self._mood = 0.985 * self._mood + rng.gauss(0.0, 0.05)
            middle = 0.5 * (touch.bid + touch.ask)
            chance = 0.5 + 0.38 * math.tanh((fair.value - middle) / 2.5) + self._mood
            side = BUY if rng.random() < chance else SELL
            if rng.random() < PASSIVE_CHANCE:
                self._rest(batch, now_ns, side, touch)
            else:
                self._take(batch, side, touch, thin)
        if rng.random() < FOLLOW_CHANCE:
            return rng.expovariate(2.2 * max(rate, 0.5 / thin))
        return rng.expovariate(rate)

    def on_gone(self, order: RestingOrder) -> None:
        """Nothing is kept of an order that is gone."""

    def on_filled(self, order: RestingOrder, quantity: int, now_ns: int) -> None:
        """A fill changes nothing for many small people."""

    def _take(self, batch: CommandBatch, side: int, touch: Touch, thin: float) -> None:
        rng = self._rng
        quantity = self._size * thin**0.7 * math.exp(rng.gauss(-0.5, 1.0))
        reach = rng.randint(0, 3)
        if rng.random() < BLOCK_CHANCE:
            quantity *= rng.uniform(8.0, 22.0)
            reach = rng.randint(3, 9)
        price = touch.ask + reach if side == BUY else max(1, touch.bid - reach)
        batch.take(RestingOrder(self, self.instrument, side, price, round_size(quantity)))

    def _rest(self, batch: CommandBatch, now_ns: int, side: int, touch: Touch) -> None:
        rng = self._rng
        inside = touch.ask - touch.bid > 1 and rng.random() < 0.25
        behind = 0 if rng.random() < 0.5 else int(rng.expovariate(0.28))
        if side == BUY:
            price = touch.bid + 1 if inside else max(1, touch.bid - behind)
        else:
            price = touch.ask - 1 if inside else touch.ask + behind
        quantity = round_size(self._size * math.exp(rng.gauss(-0.3, 0.9)))
        order = RestingOrder(self, self.instrument, side, price, quantity)
        order.expires_ns = now_ns + int(rng.expovariate(1.0 / 75.0) * 1e9) + 500_000_000
        batch.rest(order, post_only=False)
        self._on_expiry(order)


class MomentumTrader:
    """Compares a fast with a slow average of the middle price; buys what rises, and lets go when it no longer does."""

    def __init__(self, rng: Random, account: int, instrument: int, size: int, pace: float) -> None:
        self.account = account
        self.instrument = instrument
        self.position = 0
        self._rng = rng
        self._size = size
        self._rest_seconds = 6.0 / math.sqrt(max(0.3, pace))
        self._fast = 0.0
        self._slow = 0.0
        self._seen_ns = 0
        self._burst = 0

    def wake(self, batch: CommandBatch, now_ns: int, fair: FairValue, touch: Touch) -> float:
        """Acts once; returns the seconds until the next time."""
        rng = self._rng
        if not touch.complete:
            return 2.0
        middle = 0.5 * (touch.bid + touch.ask)
        if self._seen_ns == 0:
            self._fast = self._slow = middle
        seconds = min(60.0, (now_ns - self._seen_ns) / 1e9) if self._seen_ns else 0.0
        self._seen_ns = now_ns
        self._fast += (middle - self._fast) * (1.0 - math.exp(-seconds / FAST_SECONDS))
        self._slow += (middle - self._slow) * (1.0 - math.exp(-seconds / SLOW_SECONDS))
        signal = (self._fast - self._slow) / (fair.sigma * 9.0 + 0.5)
        full = self._size * 10
        if self._burst > 0:
            self._burst -= 1
        elif abs(signal) > 1.1 and rng.random() < 0.25:
            self._burst = rng.randint(2, 5)
        if self._burst > 0 and abs(self.position) < full:
            self._take(batch, BUY if signal > 0 else SELL, touch)
            return rng.expovariate(1.2)
        if self.position and (signal * self.position <= 0 or abs(signal) < 0.25) and rng.random() < 0.5:
            self._take(batch, SELL if self.position > 0 else BUY, touch)
            return rng.expovariate(0.6)
        return self._rest_seconds * rng.uniform(0.6, 1.4)

    def on_gone(self, order: RestingOrder) -> None:
        """It never has an order resting."""

    def on_filled(self, order: RestingOrder, quantity: int, now_ns: int) -> None:
        """Position comes from the exchange's events (`on_position`)."""

    def _take(self, batch: CommandBatch, side: int, touch: Touch) -> None:
        quantity = round_size(self._size * math.exp(self._rng.gauss(0.0, 0.5)))
        if self.position and (side == SELL) == (self.position > 0):
            quantity = min(quantity, abs(self.position))
        price = touch.ask + 2 if side == BUY else max(1, touch.bid - 2)
        batch.take(RestingOrder(self, self.instrument, side, price, quantity))
