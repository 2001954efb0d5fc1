"""The visible books of the past, replayed from the event log's market data and looked at once a second. Pure.

Rules: a level's quantity stands in the record that changed it. An execution in an auction names the auction's price and
not that of the order's level, so resting orders are followed by their public id. A column is what is other at the end
of a second than at the end of the last one; one is made only when a later second has begun.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from server.protocol.codec import Records
from server.protocol.enums import MarketDataFlag, MarketDataKind

SECOND_NS: Final = 10**9
_ADD: Final = int(MarketDataKind.ADD)
_DELETE: Final = int(MarketDataKind.DELETE)
_HIDDEN: Final = int(MarketDataFlag.HIDDEN)
_AUCTION: Final = int(MarketDataFlag.AUCTION)
_FIELDS: Final = (
    "instrument", "time_ns", "kind", "side", "flags", "public_order_id", "price", "quantity", "level_quantity",
)  # fmt: skip
Levels = dict[int, int]
"""Quantity by level; a level is named by price x 2 + side."""


class Column(NamedTuple):
    """What has changed in one second: level to quantity at its end (0: gone), and the whole book then, to be read at
    once."""

    instrument: int
    time_ns: int
    changes: Levels
    book: Levels


@dataclass(slots=True)
class Book:
    """One instrument: its levels, what those that have changed were at the end of the last column, its orders."""

    levels: Levels = field(default_factory=dict)
    before: Levels = field(default_factory=dict)
    orders: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Public id to (price, quantity)."""
    _used_up: list[int] = field(default_factory=list)
    """Orders whose shown part the present auction has used up: they may trade more, and their price is still wanted."""

    def apply(self, kind: int, side: int, flags: int, order: int, price: int, quantity: int, left: int) -> None:
        """Take one ADD, EXECUTE, REDUCE or DELETE of this instrument, which left `left` in its level."""
        if flags & _HIDDEN:
            return
        own_price = self._follow(kind, order, price, quantity, flags & _AUCTION)
        if own_price is None:
            return
        level = own_price * 2 + side
        known = self.levels.get(level, 0)
        if known != left:
            self.before.setdefault(level, known)
            if left:
                self.levels[level] = left
            else:
                del self.levels[level]

    def take_changes(self) -> Levels:
        """What is other than at the last call."""
        changes = {level: self.levels.get(level, 0) for level in self.before}
        changes = {level: quantity for level, quantity in changes.items() if quantity != self.before[level]}
        self.before.clear()
        return changes

    def restore_order(self, order: int, price: int, quantity: int) -> None:
        """An order as it was when the state was kept."""
        self.orders[order] = (price, quantity)
        if not quantity:
            self._used_up.append(order)

    def _follow(self, kind: int, order: int, price: int, quantity: int, in_auction: int) -> int | None:
        """Keep the order's quantity; the price of its level, None if it is not known."""
        if self._used_up and not in_auction:
            self._forget_used_up()
        if kind == _ADD:
            self.orders[order] = (price, quantity)
            return price
        if kind == _DELETE:
            self.orders.pop(order, None)
            return price
        held = self.orders.get(order)
        if held is None:
            return None if in_auction else price
        left = max(0, held[1] - quantity)
        if left or in_auction:
            self.orders[order] = (held[0], left)
            if not left:
                self._used_up.append(order)
        else:
            del self.orders[order]
        return held[0] if in_auction else price

    def _forget_used_up(self) -> None:
        for order in self._used_up:
            if self.orders.get(order, (0, 1))[1] == 0:
                del self.orders[order]
        self._used_up.clear()


class Sampler:
    """All books, and the second that they are in. `put` takes each column before anything after it is applied."""

    def __init__(self, put: Callable[[Column], None]) -> None:
        self.books: dict[int, Book] = {}
        self.second = 0
        """Seconds since 1970; every second before it has ended."""
        self._put = put

    @property
    def ended_ns(self) -> int:
        """All before this time is told."""
        return self.second * SECOND_NS

    def add(self, market_data: Records) -> None:
        """Take BOOK_RECORD rows in order of time; columns of seconds that have ended by them are put."""
        if not len(market_data):
            return
        records = market_data[market_data["kind"] <= _DELETE]
        books, next_ns = self.books, self.ended_ns + SECOND_NS
        for instrument, time_ns, *record in zip(*(records[name].tolist() for name in _FIELDS), strict=True):
            if time_ns >= next_ns:
                self.advance(time_ns // SECOND_NS)
                next_ns = self.ended_ns + SECOND_NS
            book = books.get(instrument)
            if book is None:
                book = books[instrument] = Book()
            book.apply(*record)
        self.advance(int(market_data["time_ns"][-1]) // SECOND_NS)

    def advance(self, second: int) -> None:
        """It is this second now: puts the columns of the one before it, if that was another."""
        if second <= self.second:
            return
        for instrument, book in self.books.items():
            changes = book.take_changes() if book.before else {}
            if changes:
                self._put(Column(instrument, self.ended_ns, changes, book.levels))
        self.second = second
