"""The history of one book: what rested in each row of prices, from tenths of a second to a day back.

Rules: the finest column is the book as it stood when the column ended; a coarser one is the greatest of the finer
ones in it, so a big level is never lost by looking from afar. A record counts in the column of its own time, or in
the open one if that is over. While the book is not to be trusted columns say so and hold nothing. Time that steps
back by little waits; by much, what was recorded after it is forgotten.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.state.depth import DepthBook
from app.state.heat_columns import DOUBTED, KNOWN, ROWS, Block, Column, ColumnRing
from app.state.price_rows import PriceRows
from app.state.trades import TradeRing
from server.protocol.records import NO_PRICE

BASE_NS: Final = 100_000_000
SECOND_NS: Final = 1_000_000_000
LEVELS: Final = ((BASE_NS, 3_000), (SECOND_NS, 10_800), (5 * SECOND_NS, 5_760), (30 * SECOND_NS, 2_880))
"""Width and number of the columns that are kept: five minutes, three hours, eight hours, a day."""
TRADES: Final = 1 << 16
BEHIND_MAX: Final = 600
"""So many columns may be filled with one book at once; of a longer pause nobody knows anything."""
BACK_MAX: Final = 100
"""Time that goes back by more columns than that has begun anew."""
CHUNK: Final = 256


class LiquidityHistory:
    """Follows one book; rows are those of `rows`."""

    def __init__(self, book: DepthBook, rows: PriceRows) -> None:
        """Nothing is recorded."""
        self.book, self.rows = book, rows
        self.trades = TradeRing(TRADES)
        self._rings = tuple(ColumnRing(width_ns, capacity) for width_ns, capacity in LEVELS)
        self._open = -1
        self._doubted = False
        self._trusted = False
        self._base = 0
        self._newest: Column | None = None
        self.first_ns = 0
        """The oldest time that is recorded; 0: none yet."""

    @property
    def now_ns(self) -> int:
        """The end of the newest column, the open one included."""
        return (self._open + 1) * BASE_NS if self._open >= 0 else 0

    @property
    def base(self) -> int:
        """The lowest row that is recorded now."""
        return self._base

    def apply(self, records: NDArray[np.void], now_ns: int) -> None:
        """Hand LEVEL rows to the book, oldest first, and close the columns that they leave behind."""
        if not len(records):
            self.book.apply(records, now_ns)
            return
        numbers = np.maximum.accumulate(records["time_ns"] // BASE_NS)
        if self._open < 0:
            self._open = int(numbers[-1])
        starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]])).tolist()
        for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
            self._close_before(int(numbers[start]))
            self.book.apply(records[start:end], now_ns)
            self._newest = None

    def reset(self, records: NDArray[np.void], now_ns: int) -> None:
        """Hand a snapshot to the book."""
        self.book.reset(records, now_ns)
        self._newest = None

    def advance(self, time_ns: int, *, trusted: bool) -> None:
        """The exchange's time is this; close what is over. `trusted`: whether the book is sound now."""
        number = time_ns // BASE_NS
        if self._open < 0 or number < self._open - BACK_MAX:
            self._begin_at(number)
        trusted = trusted and self.book.complete
        if not trusted:
            self._doubted = True
        if trusted != self._trusted:
            self._trusted, self._newest = trusted, None
        self._close_before(number)

    def put_history(self, column: Column, time_ns: int, width_ns: int) -> None:
        """Put one older column under what was recorded live; of one that is there the greatest of both counts."""
        for ring in self._rings:
            if ring.width_ns >= width_ns and time_ns > self.now_ns - ring.capacity * ring.width_ns:
                ring.fold(time_ns // ring.width_ns, column)

    def reach_back(self, time_ns: int) -> None:
        """What can be known from a time on is in."""
        self.first_ns = min(self.first_ns or time_ns, time_ns)

    def read(self, first_ns: int, width_ns: int, count: int, row_low: int, cells: int, per_cell: int = 1) -> Block:
        """`count` columns of `width_ns` from `first_ns` (a multiple of it) on; cell i shows the greatest of `per_cell`
        rows from row_low + i x per_cell up. The newest column has what stands in the book now.
        """
        block = Block.unknown(count, cells)
        for begin in range(0, count, CHUNK):
            chunk = np.arange(begin, min(begin + CHUNK, count))
            part = self._read(first_ns + begin * width_ns, width_ns, len(chunk), row_low, cells, per_cell)
            block.put(chunk, part, np.arange(len(chunk)))
        open_place = (self._open * BASE_NS - first_ns) // width_ns
        if self._open >= 0 and 0 <= open_place < count:
            self._add_open(block, open_place, row_low, per_cell)
        return block

    def _read(self, first_ns: int, width_ns: int, count: int, row_low: int, cells: int, per_cell: int) -> Block:
        fitting = [ring for ring in self._rings if width_ns % ring.width_ns == 0]
        best = fitting[-1] if fitting else self._rings[0]
        factor = width_ns // best.width_ns
        block = best.read(first_ns // best.width_ns, count * factor, row_low, cells, per_cell).merged(factor)
        numbers = first_ns // width_ns + np.arange(count)
        finer = best
        for ring in self._rings:
            if ring.width_ns <= best.width_ns:
                continue
            missing = block.states == 0
            missing &= ((numbers + 1) * width_ns > self.first_ns) & (numbers < self._open * BASE_NS // width_ns)
            if finer is not self._rings[0]:
                missing &= numbers * width_ns < self.now_ns - finer.capacity * finer.width_ns
            self._fill(block, np.flatnonzero(missing), ring, first_ns, width_ns, row_low, per_cell)
            finer = ring
        return block

    @staticmethod
    def _fill(
        block: Block, missing: NDArray[np.intp], ring: ColumnRing, first_ns: int, width_ns: int, row_low: int,
        per_cell: int,
    ) -> None:  # fmt: skip
        """What finer columns no longer have, the coarser one that covers it tells."""
        if not len(missing):
            return
        numbers = (first_ns + missing * width_ns) // ring.width_ns
        first = int(numbers[0])
        coarse = ring.read(first, int(numbers[-1]) - first + 1, row_low, block.quantities.shape[1], per_cell)
        block.put(missing, coarse, (numbers - first).astype(np.intp))

    def _add_open(self, block: Block, place: int, row_low: int, per_cell: int) -> None:
        column = self._sample()
        block.states[place] |= column.state
        if not column.state & KNOWN:
            return
        block.bids[place], block.asks[place] = column.bid, column.ask
        ring = ColumnRing(BASE_NS, 1)
        ring.write(0, 1, column)
        now = ring.read(0, 1, row_low, block.quantities.shape[1], per_cell)
        np.maximum(block.quantities[place], now.quantities[0], out=block.quantities[place])
        np.maximum(block.orders[place], now.orders[0], out=block.orders[place])

    def _begin_at(self, number: int) -> None:
        if self._open >= 0:
            for ring in self._rings:
                ring.forget_after(number * BASE_NS // ring.width_ns)
        self._open, self._doubted = number, False

    def _close_before(self, number: int) -> None:
        """Write the open column and those up to `number`, which opens."""
        count = number - self._open
        if count <= 0:
            return
        if count > BEHIND_MAX:
            self._write(self._open, count, Column.unknown(self._base))
            self._open, self._doubted = number, True
            return
        column, first = self._sample(), self._open
        if self._doubted and not column.state & DOUBTED:
            self._write(first, 1, column.doubted())
            first, count = first + 1, count - 1
        if count:
            self._write(first, count, column)
        self.first_ns = self.first_ns or self._open * BASE_NS
        self._open, self._doubted = number, not self._trusted

    def _write(self, first: int, count: int, column: Column) -> None:
        """Put the same book into `count` columns, and into the coarser ones around them."""
        self._rings[0].write(first, count, column)
        begin_ns, end_ns = first * BASE_NS, (first + count) * BASE_NS - 1
        for ring in self._rings[1:]:
            last = end_ns // ring.width_ns
            for number in range(max(begin_ns // ring.width_ns, last - ring.capacity + 1), last + 1):
                ring.fold(number, column)

    def _sample(self) -> Column:
        """The book as it stands."""
        if self._newest is None:
            self._newest = self._taken() if self._trusted else Column.unknown(self._base)
        return self._newest

    def _taken(self) -> Column:
        bids, asks = self.book.bids, self.book.asks
        best = bids.best(), asks.best()
        self._follow(*best)
        return Column.of(self._base, *self.rows.sums(bids.columns, asks.columns), *best, state=KNOWN)

    def _follow(self, bid: int, ask: int) -> None:
        """Hold the rows around the middle: they move when it leaves the inner half of them."""
        there = [price // self.rows.step for price in (bid, ask) if price != NO_PRICE]
        if not there:
            return
        middle = sum(there) // len(there)
        if not ROWS // 4 <= middle - self._base < ROWS - ROWS // 4:
            self._base = middle - ROWS // 2
