"""What a ladder shows, as values: the book in arrays, own orders by level, and a click."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class OwnLevel:
    """Own quantity at one price. `ahead` is what stands before it in the queue, None where nobody
    knows; `pending` is a cancel under way.
    """

    side: int
    price: int
    quantity: int
    ahead: int | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class LadderClick:
    """What was on the screen when the button went down."""

    symbol: str
    side: int
    price: int
    quantity: int
    shown_quantity: int
    best_bid: int | None
    best_ask: int | None
    revision: int
    armed: bool
    modifiers: int = 0


def _ints(values: ArrayLike) -> NDArray[np.int64]:
    return np.asarray(values, np.int64)


@dataclass(frozen=True, slots=True)
class Levels:
    """One moment of the book: prices and quantities of each side, best first; orders where they are known."""

    bid_prices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    bid_quantities: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    ask_prices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    ask_quantities: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    revision: int = 0
    bid_orders: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    ask_orders: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(
        cls, bid_prices: ArrayLike, bid_quantities: ArrayLike, ask_prices: ArrayLike, ask_quantities: ArrayLike,
        revision: int = 0, bid_orders: ArrayLike = (), ask_orders: ArrayLike = (),
    ) -> Levels:  # fmt: skip
        """From anything that is an array of integers."""
        return cls(
            _ints(bid_prices), _ints(bid_quantities), _ints(ask_prices), _ints(ask_quantities), revision,
            _ints(bid_orders), _ints(ask_orders),
        )  # fmt: skip

    @property
    def best_bid(self) -> int | None:
        """The best bid; None for an empty side."""
        return int(self.bid_prices[0]) if len(self.bid_prices) else None

    @property
    def best_ask(self) -> int | None:
        """The best ask; None for an empty side."""
        return int(self.ask_prices[0]) if len(self.ask_prices) else None

    def side(self, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Prices and quantities of a side, best first."""
        return (self.bid_prices, self.bid_quantities) if side == 0 else (self.ask_prices, self.ask_quantities)

    def orders(self, side: int) -> NDArray[np.int64]:
        """Orders at each level of a side, best first; zeros where nobody knows."""
        orders, prices = (self.bid_orders, self.bid_prices) if side == 0 else (self.ask_orders, self.ask_prices)
        return orders if len(orders) == len(prices) else np.zeros(len(prices), np.int64)

    def summed(self) -> Levels:
        """The same with what stands up to each price instead of at it."""
        return Levels(
            self.bid_prices, np.cumsum(self.bid_quantities), self.ask_prices, np.cumsum(self.ask_quantities),
            self.revision, np.cumsum(self.orders(0)), np.cumsum(self.orders(1)),
        )  # fmt: skip

    def near(self, levels: int) -> tuple[int, int]:
        """What the best levels of bid and ask hold together."""
        return int(self.bid_quantities[:levels].sum()), int(self.ask_quantities[:levels].sum())

    def up_to(self, side: int, price: int) -> tuple[int, int]:
        """Quantity and orders of a side from its best price up to one."""
        prices, quantities = self.side(side)
        count = int((prices >= price).sum() if side == 0 else (prices <= price).sum())
        return int(quantities[:count].sum()), int(self.orders(side)[:count].sum())

    def orders_at(self, side: int, price: int) -> int:
        """Orders at a price; 0 for none."""
        return int(self.orders(side)[self.side(side)[0] == price].sum())

    def quantity_at(self, side: int, price: int) -> int:
        """What is shown at a price; 0 for nothing."""
        prices, quantities = self.side(side)
        return int(quantities[prices == price].sum())

    def middle(self) -> int | None:
        """A price to centre on: between the sides, or the one side that is there."""
        bid, ask = self.best_bid, self.best_ask
        if bid is None or ask is None:
            return bid if ask is None else ask
        return (bid + ask) // 2
