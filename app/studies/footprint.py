"""What traded at each price of each bar, at the bid and at the ask; imbalances, delta and cumulative delta.

Rules: integers. A seller who came to a bid counts at the bid, a buyer who came to an ask at the ask; what an auction
traded counts as volume only. An imbalance is diagonal: the ask of a row against the bid of the row below it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.studies.tape import BUYER, SELLER, Tape

IMBALANCE_PERCENT: Final = 300
IMBALANCE_LEAST: Final = 1
KEPT_BARS: Final = 512
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of one bar, lowest price first; only rows that traded. `step` is the height of a row in price units."""

    step: int
    prices: _Ints
    bids: _Ints
    asks: _Ints
    volumes: _Ints

    @property
    def delta(self) -> int:
        """What buyers began less what sellers began."""
        return int(self.asks.sum() - self.bids.sum())

    @property
    def volume(self) -> int:
        """All that traded, auctions too."""
        return int(self.volumes.sum())


def cells_of(trades: NDArray[np.void], step: int) -> Cells:
    """The cells of PRINT rows."""
    prices, place = np.unique(trades["price"] // step, return_inverse=True)
    sums = np.zeros((3, len(prices)), np.int64)
    for row, side in ((0, SELLER), (1, BUYER)):
        began = trades["aggressor"] == side
        np.add.at(sums[row], place[began], trades["quantity"][began])
    np.add.at(sums[2], place, trades["quantity"])
    return Cells(step, prices * step, sums[0], sums[1], sums[2])


def merged(one: Cells, other: Cells) -> Cells:
    """Both together; they are of one step."""
    prices, place = np.unique(np.concatenate([one.prices, other.prices]), return_inverse=True)
    sums = np.zeros((3, len(prices)), np.int64)
    for row, name in enumerate(("bids", "asks", "volumes")):
        np.add.at(sums[row], place, np.concatenate([getattr(one, name), getattr(other, name)]))
    return Cells(one.step, prices, sums[0], sums[1], sums[2])


def imbalances(
    cells: Cells, percent: int = IMBALANCE_PERCENT, least: int = IMBALANCE_LEAST
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows whose bid, and rows whose ask, is `percent` or more of its diagonal neighbour, and `least` or more.

    The neighbour of an ask is the bid one row below, that of a bid the ask one row above; a row that did not trade
    is 0, and anything is more than that.
    """
    bids, asks, prices = cells.bids, cells.asks, cells.prices
    if not len(prices):
        none = np.zeros(0, np.bool_)
        return none, none
    adjacent = np.diff(prices) == cells.step
    below = np.concatenate([[0], np.where(adjacent, bids[:-1], 0)])
    above = np.concatenate([np.where(adjacent, asks[1:], 0), [0]])
    return (
        (bids >= max(least, 1)) & (bids * 100 >= above * percent),
        (asks >= max(least, 1)) & (asks * 100 >= below * percent),
    )


class Footprint:
    """The cells of bars of a tape: made when they are asked for, kept, and grown with the open bar."""

    def __init__(self, tape: Tape) -> None:
        """Nothing is made."""
        self.tape = tape
        self._step, self._by = 1, "time_ns"
        self._kept: dict[tuple[int, int], tuple[Cells, int]] = {}
        self._reloads = tape.reloads

    def cells(self, begin: int, end: int, step: int, by: str = "time_ns") -> Cells:
        """What traded in [begin, end) of a field of the tape: times, or numbers of trades."""
        if step != self._step or by != self._by or self._reloads != self.tape.reloads:
            self._kept.clear()
            self._step, self._by, self._reloads = step, by, self.tape.reloads
        rows = self.tape.rows
        kept = self._kept.pop((begin, end), None)
        if kept is None:
            first, last = np.searchsorted(rows[by], [begin, end])
            found = cells_of(rows[first:last], step)
        else:
            found, first = kept
            if first == len(rows):
                last = first
            else:
                last = first + int(np.searchsorted(rows[by][first:], end))
            if last > first:
                found = merged(found, cells_of(rows[first:last], step))
        self._kept[begin, end] = (found, int(last))
        if len(self._kept) > KEPT_BARS:
            del self._kept[next(iter(self._kept))]
        return found


def deltas(trades: NDArray[np.void], begins: _Ints, by: str = "time_ns") -> _Ints:
    """Delta of each bar that begins at a value of a field of PRINT rows (ascending); trades before count nowhere."""
    signs = np.where(trades["aggressor"] == BUYER, 1, np.where(trades["aggressor"] == SELLER, -1, 0))
    place = np.searchsorted(begins, trades[by], side="right") - 1
    sums = np.zeros(len(begins), np.int64)
    np.add.at(sums, place[place >= 0], (signs * trades["quantity"])[place >= 0])
    return sums
