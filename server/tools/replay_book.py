"""Ten levels of a book after each command, rebuilt from order-by-order market data alone."""

from bisect import bisect_left, insort
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import MarketDataKind, Side
from server.tools.replay_messages import LEVELS

Level = tuple[int, int]
Levels = tuple[tuple[Level, ...], tuple[Level, ...]]
"""(price, quantity) of up to ten bids and ten asks, best first."""

_CHANGES = frozenset({MarketDataKind.ADD, MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE})


class LevelBook:
    """What a follower of the ORDERS topic knows of one instrument."""

    def __init__(self) -> None:
        self._quantity: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._prices: tuple[list[int], list[int]] = ([], [])
        self._price_of: dict[int, int] = {}

    def change(self, kind: int, side: int, public_order_id: int, price: int, level_quantity: int) -> None:
        """Apply one record. An execution in an auction names the price of the trade: the order's own is remembered."""
        if kind == MarketDataKind.ADD:
            self._price_of[public_order_id] = price
        else:
            price = self._price_of[public_order_id]
        quantities, prices = self._quantity[side], self._prices[side]
        if not level_quantity:
            del quantities[price]
            del prices[bisect_left(prices, price)]
            return
        if price not in quantities:
            insort(prices, price)
        quantities[price] = level_quantity

    def levels(self, side: int) -> tuple[Level, ...]:
        """Up to ten levels, best first."""
        quantities = self._quantity[side]
        prices = self._prices[side]
        best = prices[: -LEVELS - 1 : -1] if side == Side.BUY else prices[:LEVELS]
        return tuple((price, quantities[price]) for price in best)


def moments(market_data: NDArray[np.void]) -> Iterator[tuple[int, Levels]]:
    """(command sequence, ten levels) after each command that changed the book, in order."""
    book = LevelBook()
    sides: list[tuple[Level, ...]] = [(), ()]
    sequence_before = 0
    touched: set[int] = set()
    columns = ("sequence", "kind", "side", "public_order_id", "price", "level_quantity")
    changes = market_data[np.isin(market_data["kind"], list(_CHANGES))]
    for sequence, kind, side, public_order_id, price, level_quantity in zip(
        *(changes[column].tolist() for column in columns), strict=True
    ):
        if sequence != sequence_before and touched:
            for side_touched in touched:
                sides[side_touched] = book.levels(side_touched)
            yield sequence_before, (sides[0], sides[1])
            touched.clear()
        sequence_before = sequence
        book.change(kind, side, public_order_id, price, level_quantity)
        touched.add(side)
    if touched:
        yield sequence_before, (book.levels(Side.BUY), book.levels(Side.SELL))
