"""Books as a client keeps them: from a snapshot and the updates after it.

Rules: pure. `DepthBook` takes LEVEL rows (absolute, quantity 0 = gone), `OrderBook` the engine's order by order
records; a record that fits to nothing, or a CHECKSUM that is not the book's, raises `BookBroken`, and the owner asks
for a snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from server.protocol.book_checksum import CHECKSUM_LEVELS, CHECKSUM_ORDERS, book_checksum
from server.protocol.codec import Records
from server.protocol.enums import MarketDataFlag, MarketDataKind, Side

_HIDDEN: Final = int(MarketDataFlag.HIDDEN)
_CHECKSUM: Final = int(MarketDataKind.CHECKSUM)
Level = tuple[int, int, int]
"""Price, quantity, number of orders."""


class BookBroken(ValueError):
    """A record does not fit to the book before it."""


def split_at_checksums(records: Records) -> Iterator[tuple[Records, int | None]]:
    """The changes between two CHECKSUM rows, and what the book's checksum must be after them (None: not said)."""
    begin = 0
    for end in np.flatnonzero(records["kind"] == _CHECKSUM).tolist():
        yield records[begin:end], int(records["quantity"][end])
        begin = end + 1
    if begin < len(records):
        yield records[begin:], None


@dataclass(slots=True)
class DepthBook:
    """Price levels of one instrument."""

    bids: dict[int, tuple[int, int]] = field(default_factory=dict)
    asks: dict[int, tuple[int, int]] = field(default_factory=dict)

    def apply_snapshot(self, records: Records) -> None:
        """Replaces the book by LEVEL rows."""
        self.bids.clear()
        self.asks.clear()
        self.apply(records)

    def apply(self, records: Records) -> None:
        """Applies LEVEL rows, and compares at each CHECKSUM."""
        for changes, checksum in split_at_checksums(records):
            self._apply(changes)
            if checksum is not None and checksum != self.checksum():
                raise BookBroken("the levels are not the exchange's")

    def checksum(self) -> int:
        """What a CHECKSUM of DEPTH would say."""
        return _checksum(self.levels(Side.BUY, CHECKSUM_LEVELS), self.levels(Side.SELL, CHECKSUM_LEVELS))

    def _apply(self, records: Records) -> None:
        sides = (self.bids, self.asks)
        for side, price, quantity, orders in zip(
            records["side"].tolist(),
            records["price"].tolist(),
            records["level_quantity"].tolist(),
            records["level_orders"].tolist(),
            strict=True,
        ):
            if quantity:
                sides[side][price] = (quantity, orders)
            else:
                sides[side].pop(price, None)

    def best_bid(self) -> Level | None:
        """The highest bid."""
        if not self.bids:
            return None
        price = max(self.bids)
        return (price, *self.bids[price])

    def best_ask(self) -> Level | None:
        """The lowest ask."""
        if not self.asks:
            return None
        price = min(self.asks)
        return (price, *self.asks[price])

    def levels(self, side: Side, count: int) -> list[Level]:
        """Up to `count` levels of one side, best first."""
        if side == Side.BUY:
            return [(price, *self.bids[price]) for price in sorted(self.bids, reverse=True)[:count]]
        return [(price, *self.asks[price]) for price in sorted(self.asks)[:count]]


@dataclass(slots=True)
class OrderBook:
    """Resting orders of one instrument by public id, in queue order within a level."""

    orders: dict[int, list[int]] = field(default_factory=dict)
    """Public id to [side, price, quantity]; a dict keeps the order of arrival, which is queue order in a level."""
    _used_up: set[int] = field(default_factory=set)
    """Orders whose shown part the present auction has used up: what they do not show may go on trading in it."""

    def apply_snapshot(self, records: Records) -> None:
        """Replaces the book by ADD rows, oldest first within a level."""
        self.orders.clear()
        self.apply(records)

    def apply(self, records: Records) -> None:
        """Applies ADD, EXECUTE, REDUCE and DELETE rows, and compares at each CHECKSUM; other kinds change nothing."""
        for changes, checksum in split_at_checksums(records):
            self._apply(changes)
            if checksum is not None and checksum != self.checksum():
                raise BookBroken("the orders are not the exchange's")

    def checksum(self) -> int:
        """What a CHECKSUM of ORDERS would say."""
        sides: list[list[Level]] = [[], []]
        for number, (side, price, quantity) in self.orders.items():
            sides[side].append((number, price, quantity))
        bids = sorted(sides[Side.BUY], key=lambda order: -order[1])[:CHECKSUM_ORDERS]
        asks = sorted(sides[Side.SELL], key=lambda order: order[1])[:CHECKSUM_ORDERS]
        return _checksum(bids, asks)

    def _apply(self, records: Records) -> None:
        """Hidden executions change nothing."""
        records = records[records["flags"] & _HIDDEN == 0]
        auction = records["flags"] & MarketDataFlag.AUCTION != 0
        for kind, side, order, price, quantity, in_auction in zip(
            records["kind"].tolist(),
            records["side"].tolist(),
            records["public_order_id"].tolist(),
            records["price"].tolist(),
            records["quantity"].tolist(),
            auction.tolist(),
            strict=True,
        ):
            if not in_auction:
                self._used_up.clear()
            if kind == MarketDataKind.ADD:
                if order in self.orders:
                    raise BookBroken(f"order {order} is already in the book")
                self.orders[order] = [side, price, quantity]
            elif kind in (MarketDataKind.EXECUTE, MarketDataKind.REDUCE):
                self._take(order, quantity, in_auction)
            elif kind == MarketDataKind.DELETE and self.orders.pop(order, None) is None:
                raise BookBroken(f"order {order} is not in the book")

    def levels(self, side: Side) -> dict[int, tuple[int, int]]:
        """Price to (quantity, orders) of one side."""
        levels: dict[int, tuple[int, int]] = {}
        for order_side, price, quantity in self.orders.values():
            if order_side == side:
                before = levels.get(price, (0, 0))
                levels[price] = (before[0] + quantity, before[1] + 1)
        return levels

    def _take(self, order: int, quantity: int, in_auction: bool) -> None:
        """In an auction an order trades with what it does not show too."""
        resting = self.orders.get(order)
        if resting is None and in_auction and order in self._used_up:
            return
        if resting is None or (resting[2] < quantity and not in_auction):
            raise BookBroken(f"order {order} has not {quantity} to give")
        resting[2] -= min(quantity, resting[2])
        if resting[2] == 0:
            del self.orders[order]
            if in_auction:
                self._used_up.add(order)


def _checksum(bids: list[Level], asks: list[Level]) -> int:
    return book_checksum(*(np.array(rows, np.int64).reshape(-1, 3) for rows in (bids, asks)))
