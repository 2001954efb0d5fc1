"""One instrument's order book: for each side, queues of orders by price, what is shown first.

Rules: within a price the orders that show something stand before those that show nothing; within either, the older
place stands first; market orders of a call have a queue of their own, before every price.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import Side
from server.protocol.records import NO_PRICE

if TYPE_CHECKING:
    from tests.oracle.state import Order


class Level:
    """The orders at one price of one side."""

    def __init__(self) -> None:
        self.showing: list[Order] = []
        self.hidden: list[Order] = []

    def queue(self, order: "Order") -> "list[Order]":
        """The queue in which this order stands."""
        return self.hidden if order.is_hidden else self.showing

    def orders(self) -> "list[Order]":
        """All orders in the order in which they trade."""
        return self.showing + self.hidden


class Book:
    """Two sides; each a sorted list of prices and, for each price, the level."""

    def __init__(self) -> None:
        self.prices: tuple[list[int], list[int]] = ([], [])
        self.levels: tuple[dict[int, Level], dict[int, Level]] = ({}, {})
        self.market: tuple[list[Order], list[Order]] = ([], [])

    def add(self, order: "Order") -> None:
        """Put the order at the end of its queue."""
        if order.price == NO_PRICE:
            self.market[order.side].append(order)
            return
        levels = self.levels[order.side]
        if order.price not in levels:
            levels[order.price] = Level()
            insort(self.prices[order.side], order.price)
        levels[order.price].queue(order).append(order)

    def remove(self, order: "Order") -> None:
        """Take the order out of its queue."""
        if order.price == NO_PRICE:
            self.market[order.side].remove(order)
            return
        levels = self.levels[order.side]
        level = levels[order.price]
        level.queue(order).remove(order)
        if not level.showing and not level.hidden:
            del levels[order.price]
            prices = self.prices[order.side]
            del prices[bisect_left(prices, order.price)]

    def best_first(self, side: int) -> Iterator[int]:
        """The prices of a side, best first."""
        prices = self.prices[side]
        return reversed(prices) if side == Side.BUY else iter(prices)

    def best_price(self, side: int) -> int | None:
        """The highest bid or the lowest ask, shown or not."""
        return next(self.best_first(side), None)

    def best_shown(self, side: int) -> int | None:
        """The highest bid or the lowest ask of which something is shown."""
        return next((price for price in self.best_first(side) if self.levels[side][price].showing), None)

    def best_order(self, side: int) -> "Order | None":
        """The order that is next to trade on this side."""
        if self.market[side]:
            return self.market[side][0]
        price = self.best_price(side)
        if price is None:
            return None
        level = self.levels[side][price]
        return level.showing[0] if level.showing else level.hidden[0]

    def limit_orders(self, side: int) -> "Iterator[Order]":
        """The orders with a price, best price first, in the order in which they trade."""
        for price in self.best_first(side):
            yield from self.levels[side][price].orders()

    def orders(self, side: int) -> "Iterator[Order]":
        """All orders of a side in the order in which they trade, market orders first."""
        yield from self.market[side]
        yield from self.limit_orders(side)

    def level(self, side: int, price: int) -> tuple[int, int]:
        """(quantity, orders) that are shown at a price; (0, 0) where nothing is."""
        level = self.levels[side].get(price)
        if level is None:
            return 0, 0
        shown = [order.shown for order in level.showing if order.shown]
        return sum(shown), len(shown)

    def top(self) -> tuple[int, ...]:
        """Bid price, quantity, orders, ask price, quantity, orders, of what is shown."""
        found: list[int] = []
        for side in (Side.BUY, Side.SELL):
            price = self.best_shown(side)
            found += (NO_PRICE, 0, 0) if price is None else (price, *self.level(side, price))
        return tuple(found)

    def crossed(self) -> bool:
        """True if a bid reaches an ask."""
        bid, ask = self.best_price(Side.BUY), self.best_price(Side.SELL)
        return bid is not None and ask is not None and bid >= ask


def reaches(side: int, price: int, resting_price: int) -> bool:
    """True if an order of `side` limited to `price` may trade with one that rests at `resting_price`."""
    return resting_price <= price if side == Side.BUY else resting_price >= price
