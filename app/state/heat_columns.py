"""Columns of book history on a ring: what rested in each row of prices during one slice of time.

Rules: a column is found by its number, the time divided by the width, so nothing moves when older ones are put in or
a slice is missing; rows are addressed modulo the height, and each column says which rows it holds, so a market that
moves costs nothing that grows with history. A cell that is not held reads as NOT_RECORDED, never as empty.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import NO_PRICE

ROWS: Final = 384
"""Rows that a column holds, around the middle of its book."""
NOT_RECORDED: Final = -1
KNOWN, DOUBTED = 1, 2
"""Bits of a column's state: something is known of its time; for a part of its time the book was not to be trusted."""
ORDERS_MAX: Final = 65_535

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """One moment or slice: `base` is the lowest row held; row r stands at r modulo the height of the arrays."""

    base: int
    quantities: Ints
    orders: NDArray[np.uint16]
    bid: int
    ask: int
    state: int

    @classmethod
    def of(cls, base: int, rows: Ints, quantities: Ints, orders: Ints, bid: int, ask: int, *, state: int) -> "Column":
        """The rows from `base` on; what rests elsewhere is left out. A row may be named twice: the sum counts."""
        inside = (rows >= base) & (rows < base + ROWS)
        places = rows[inside] % ROWS
        sums, counts = np.zeros(ROWS, np.int64), np.zeros(ROWS, np.int64)
        np.add.at(sums, places, quantities[inside])
        np.add.at(counts, places, orders[inside])
        return cls(base, sums, np.minimum(counts, ORDERS_MAX).astype(np.uint16), bid, ask, state)

    @classmethod
    def unknown(cls, base: int) -> "Column":
        """Nobody knows what rested."""
        return cls(base, np.zeros(ROWS, np.int64), np.zeros(ROWS, np.uint16), NO_PRICE, NO_PRICE, DOUBTED)

    def doubted(self) -> "Column":
        """The same, known for a part of its time alone."""
        return replace(self, state=self.state | DOUBTED)


@dataclass(frozen=True, slots=True)
class Block:
    """Columns by cells, oldest first, lowest row first. `quantities` (columns, cells) in lots, NOT_RECORDED where
    nobody knows; `orders` beside them; `states`, `bids` and `asks` (columns,), prices NO_PRICE where there is none.
    """

    quantities: Ints
    orders: Ints
    states: NDArray[np.uint8]
    bids: Ints
    asks: Ints

    @classmethod
    def unknown(cls, columns: int, cells: int) -> "Block":
        """Nothing is known."""
        return cls(
            np.full((columns, cells), NOT_RECORDED, np.int64), np.zeros((columns, cells), np.int64),
            np.zeros(columns, np.uint8), np.full(columns, NO_PRICE, np.int64), np.full(columns, NO_PRICE, np.int64),
        )  # fmt: skip

    def merged(self, factor: int) -> "Block":
        """Each `factor` columns as one: the greatest of each cell, the newest known prices."""
        if factor == 1:
            return self
        count, cells = len(self.states) // factor, self.quantities.shape[1]
        states = self.states.reshape(count, factor)
        newest = factor - 1 - np.argmax((states & KNOWN)[:, ::-1], axis=1)
        each = np.arange(count)
        return Block(
            self.quantities.reshape(count, factor, cells).max(axis=1),
            self.orders.reshape(count, factor, cells).max(axis=1),
            np.bitwise_or.reduce(states, axis=1),
            self.bids.reshape(count, factor)[each, newest],
            self.asks.reshape(count, factor)[each, newest],
        )

    def put(self, places: NDArray[np.intp], other: "Block", taken: NDArray[np.intp]) -> None:
        """Overwrite columns `places` by the columns `taken` of another block."""
        for mine, its in (
            (self.quantities, other.quantities), (self.orders, other.orders), (self.states, other.states),
            (self.bids, other.bids), (self.asks, other.asks),
        ):  # fmt: skip
            mine[places] = its[taken]


class ColumnRing:
    """The newest `capacity` columns of one width."""

    def __init__(self, width_ns: int, capacity: int, rows: int = ROWS) -> None:
        """Nothing is recorded; memory is taken by what is written."""
        self.width_ns, self.capacity, self.rows = width_ns, capacity, rows
        self._numbers: Ints = np.full(capacity, -1, np.int64)
        self._bases: Ints = np.zeros(capacity, np.int64)
        self._states = np.zeros(capacity, np.uint8)
        self._bids: Ints = np.zeros(capacity, np.int64)
        self._asks: Ints = np.zeros(capacity, np.int64)
        self._quantities: Ints = np.zeros((capacity, rows), np.int64)
        self._orders = np.zeros((capacity, rows), np.uint16)

    def write(self, first: int, count: int, column: Column) -> None:
        """Put the same column under `count` numbers from `first` on."""
        first, count = max(first, first + count - self.capacity), min(count, self.capacity)
        numbers = first + np.arange(count)
        slots = numbers % self.capacity
        self._numbers[slots] = numbers
        self._bases[slots], self._states[slots] = column.base, column.state
        self._bids[slots], self._asks[slots] = column.bid, column.ask
        self._quantities[slots], self._orders[slots] = column.quantities, column.orders

    def fold(self, number: int, column: Column) -> None:
        """Add a part of a slice: the greatest of each cell counts, prices are those of the newest known part."""
        slot = number % self.capacity
        if self._numbers[slot] > number:
            return
        if self._numbers[slot] != number or not self._states[slot] & KNOWN:
            state = int(self._states[slot]) if self._numbers[slot] == number else 0
            self.write(number, 1, column)
            self._states[slot] |= state
            return
        self._states[slot] |= column.state
        if not column.state & KNOWN:
            return
        self._bids[slot], self._asks[slot] = column.bid, column.ask
        self._rebase(slot, column.base)
        np.maximum(self._quantities[slot], column.quantities, out=self._quantities[slot])
        np.maximum(self._orders[slot], column.orders, out=self._orders[slot])

    def _rebase(self, slot: int, base: int) -> None:
        """Hold other rows from now on: those that are out of reach are forgotten."""
        before = int(self._bases[slot])
        if before == base:
            return
        held = np.arange(before, before + self.rows)
        gone = held[(held < base) | (held >= base + self.rows)] % self.rows
        self._quantities[slot, gone] = 0
        self._orders[slot, gone] = 0
        self._bases[slot] = base

    def holds(self, first: int, count: int) -> NDArray[np.bool_]:
        """Which of `count` numbers from `first` on are recorded."""
        numbers = first + np.arange(count)
        held: NDArray[np.bool_] = self._numbers[numbers % self.capacity] == numbers
        return held

    def read(self, first: int, count: int, row_low: int, cells: int, per_cell: int) -> Block:
        """`count` columns from number `first` on; a cell shows the greatest of `per_cell` rows from `row_low` up."""
        block = Block.unknown(count, cells)
        numbers = first + np.arange(count)
        slots = numbers % self.capacity
        held = np.flatnonzero(self._numbers[slots] == numbers)
        slots = slots[held]
        block.states[held] = self._states[slots]
        known = self._states[slots] & KNOWN > 0
        held, slots = held[known], slots[known]
        block.bids[held], block.asks[held] = self._bids[slots], self._asks[slots]
        bases = self._bases[slots]
        for base in np.unique(bases).tolist():
            same = bases == base
            self._read_rows(block, held[same], slots[same], base, row_low, per_cell)
        return block

    def _read_rows(
        self, block: Block, places: NDArray[np.intp], slots: Ints, base: int, row_low: int, per_cell: int
    ) -> None:
        """Fill the cells of columns that hold the same rows."""
        cells = block.quantities.shape[1]
        low, high = max(row_low, base), min(row_low + cells * per_cell, base + self.rows)
        if low >= high:
            return
        at = np.ix_(slots, np.arange(low, high) % self.rows)
        first_cell, last_cell = (low - row_low) // per_cell, (high - 1 - row_low) // per_cell
        into = np.s_[first_cell : last_cell + 1]
        quantities, orders = self._quantities[at], self._orders[at].astype(np.int64)
        if per_cell > 1:
            starts = np.arange(first_cell, last_cell + 1) * per_cell + row_low - low
            starts[0] = 0
            quantities = np.maximum.reduceat(quantities, starts, axis=1)
            orders = np.maximum.reduceat(orders, starts, axis=1)
        block.quantities[places, into] = quantities
        block.orders[places, into] = orders

    def forget_after(self, number: int) -> None:
        """Forget the columns that are newer than `number`: time went back."""
        self._numbers[self._numbers > number] = -1

    def first(self) -> int:
        """The oldest number recorded; -1 for none."""
        held = self._numbers[self._numbers >= 0]
        return int(held.min()) if len(held) else -1
