"""What lies over the columns, as values: own orders over time, and trades gathered into bubbles."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from widgets.side import BUY

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OwnSpan:
    """An own order from its entry to its end; `end_ns` None while it works. `price` in price units."""

    side: int
    price: int
    quantity: int
    begin_ns: int
    end_ns: int | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Trades:
    """Prints, oldest first: times, prices, quantities, aggressors' sides."""

    times: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    prices: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    quantities: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    sides: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, times: ArrayLike, prices: ArrayLike, quantities: ArrayLike, sides: ArrayLike) -> Trades:
        """From anything that is an array of integers."""
        return cls(*(np.asarray(values, np.int64) for values in (times, prices, quantities, sides)))

    def between(self, first_ns: int, end_ns: int) -> Trades:
        """Those of a time."""
        start, end = np.searchsorted(self.times, [first_ns, end_ns]).tolist()
        return Trades(self.times[start:end], self.prices[start:end], self.quantities[start:end], self.sides[start:end])


@dataclass(frozen=True, slots=True)
class Bubbles:
    """Trades of one column, row and side as one: columns, rows, quantities, sides; oldest first."""

    numbers: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    rows: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    quantities: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    sides: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, trades: Trades, width_ns: int, step: int) -> Bubbles:
        """Gather trades by column and row of prices: a buyer's print stands where the asks of its price do."""
        if not len(trades.times):
            return cls()
        numbers, sides = trades.times // width_ns, trades.sides
        rows = np.where(sides == BUY, -(-trades.prices // step), trades.prices // step)
        order = np.lexsort((sides, rows, numbers))
        numbers, rows, sides = numbers[order], rows[order], sides[order]
        other = (numbers[1:] != numbers[:-1]) | (rows[1:] != rows[:-1]) | (sides[1:] != sides[:-1])
        starts = np.flatnonzero(np.concatenate([[True], other]))
        sums = np.add.reduceat(trades.quantities[order], starts)
        return cls(numbers[starts], rows[starts], sums, sides[starts])

    def from_number(self, first: int, end: int) -> Bubbles:
        """Those of columns from `first` up to `end`, which is out."""
        kept = (self.numbers >= first) & (self.numbers < end)
        return Bubbles(self.numbers[kept], self.rows[kept], self.quantities[kept], self.sides[kept])

    def and_then(self, later: Bubbles) -> Bubbles:
        """Both."""
        pairs = zip((self.numbers, self.rows, self.quantities, self.sides),
                    (later.numbers, later.rows, later.quantities, later.sides), strict=True)  # fmt: skip
        return Bubbles(*(np.concatenate(pair) for pair in pairs))

    def at_least(self, quantity: int, most: int) -> Bubbles:
        """Those of at least a quantity; the largest last, `most` at most."""
        kept = np.flatnonzero(self.quantities >= quantity)
        kept = kept[np.argsort(-self.quantities[kept], kind="stable")[:most]][::-1]
        return Bubbles(self.numbers[kept], self.rows[kept], self.quantities[kept], self.sides[kept])
