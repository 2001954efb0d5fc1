"""One instrument's order book: for each side, lists of orders by price, oldest first."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import Side
from server.protocol.records import NO_PRICE

if TYPE_CHECKING:
    from tests.oracle.state import Order

INT64 = 1 << 63


class Book:
    """Two sides; each a sorted list of prices and, for each price, the queue of its orders."""

    def __init__(self) -> None:
        self.prices: tuple[list[int], list[int]] = ([], [])
        self.levels: tuple[dict[int, list[Order]], dict[int, list[Order]]] = ({}, {})

    def add(self, order: "Order") -> None:
        """Put the order at the end of the queue of its price."""
        levels = self.levels[order.side]
        if order.price not in levels:
            levels[order.price] = []
            insort(self.prices[order.side], order.price)
        levels[order.price].append(order)

    def remove(self, order: "Order") -> None:
        """Take the order out of its queue."""
        levels = self.levels[order.side]
        levels[order.price].remove(order)
        if not levels[order.price]:
            del levels[order.price]
            prices = self.prices[order.side]
            del prices[bisect_left(prices, order.price)]

    def best_price(self, side: int) -> int | None:
        """The highest bid or the lowest ask."""
        prices = self.prices[side]
        if not prices:
            return None
        return prices[-1] if side == Side.BUY else prices[0]

    def best_order(self, side: int) -> "Order | None":
        """The order that is next to trade on this side."""
        price = self.best_price(side)
        return None if price is None else self.levels[side][price][0]

    def orders(self, side: int) -> "Iterator[Order]":
        """All orders of a side, best price first, oldest first within a price."""
        prices = self.prices[side]
        for price in reversed(prices) if side == Side.BUY else prices:
            yield from self.levels[side][price]

    def level(self, side: int, price: int) -> tuple[int, int]:
        """(quantity, orders) that rest at a price; (0, 0) where nothing does."""
        queue = self.levels[side].get(price, ())
        return sum(order.quantity - order.filled for order in queue), len(queue)

    def top(self) -> tuple[int, ...]:
        """Bid price, quantity, orders, ask price, quantity, orders."""
        found: list[int] = []
        for side in (Side.BUY, Side.SELL):
            price = self.best_price(side)
            found += (NO_PRICE, 0, 0) if price is None else (price, *self.level(side, price))
        return tuple(found)

    def crossed(self) -> bool:
        """True if a bid reaches an ask."""
        bid, ask = self.best_price(Side.BUY), self.best_price(Side.SELL)
        return bid is not None and ask is not None and bid >= ask


def reaches(side: int, price: int, resting_price: int) -> bool:
    """True if an order of `side` limited to `price` may trade with one that rests at `resting_price`."""
    return resting_price <= price if side == Side.BUY else resting_price >= price
