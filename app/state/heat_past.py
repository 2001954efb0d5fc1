"""Book history from before the window looked: pages of the server, put under what was recorded live, a bit a frame.

Rules: a page begins from an empty book and says what changed by the end of each column; between two columns the book
stays; pages come newest first and each joins the one after it. Nothing is known of a time that no page covers.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.state.depth import DepthSide
from app.state.heat import SECOND_NS, LiquidityHistory
from app.state.heat_columns import KNOWN, ROWS, Column
from server.protocol.enums import DepthFlag, Side
from server.protocol.records import NO_PRICE

COLUMNS_A_FRAME: Final = 20


class PastBook:
    """Works pages of DEPTH_COLUMN records into one history."""

    def __init__(self, history: LiquidityHistory) -> None:
        """Nothing waits."""
        self._history = history
        self._live_ns = 0
        self._sides = DepthSide(bids=True), DepthSide(bids=False)
        self._pages: list[NDArray[np.void]] = []
        self._starts: list[int] = []
        self._base = history.base
        self.exhausted = False
        """Whether the server has nothing older."""
        self.asked = False
        """Whether a page is under way."""
        self.pages_done = 0

    @property
    def busy(self) -> bool:
        """Whether a page is being worked in."""
        return bool(self._pages)

    def take(self, page: NDArray[np.void], *, more: bool) -> None:
        """Take a page, oldest column first; `more`: there are older ones."""
        self._live_ns = self._live_ns or self._history.first_ns
        self.exhausted, self.asked = not more or not len(page), False
        if len(page):
            self._pages.append(page)

    def fail(self, *, final: bool) -> None:
        """There was no answer; `final`: nor will there be one."""
        self.asked, self.exhausted = False, self.exhausted or final

    def work(self, columns: int = COLUMNS_A_FRAME) -> bool:
        """Put some columns in; True when a page was finished."""
        if not self._pages:
            return False
        page = self._pages[0]
        if not self._starts:
            times = page["time_ns"]
            self._starts = np.flatnonzero(np.concatenate([[True], times[1:] != times[:-1]])).tolist()
        starts, self._starts = self._starts[: columns + 1], self._starts[columns:]
        ends = [*starts[1:], len(page)]
        for start, end in list(zip(starts, ends, strict=True))[:columns]:
            next_ns = int(page["time_ns"][end]) if end < len(page) else int(page["time_ns"][start]) + SECOND_NS
            self._apply(page[start:end])
            self._put(int(page["time_ns"][start]), next_ns)
        if self._starts:
            return False
        self._history.reach_back(int(page["time_ns"][0]))
        self._pages.pop(0)
        self.pages_done += 1
        return True

    def _apply(self, rows: NDArray[np.void]) -> None:
        if rows["flags"][0] & DepthFlag.FULL:
            for levels in self._sides:
                levels.clear()
        named = np.arange(rows["prices"].shape[1]) < rows["count"][:, None]
        sides, prices, quantities = rows["sides"][named], rows["prices"][named], rows["quantities"][named]
        for side, levels in zip((Side.BUY, Side.SELL), self._sides, strict=True):
            of_side = sides == side
            if of_side.any():
                levels.apply(prices[of_side], quantities[of_side], np.zeros(int(of_side.sum()), np.int64))

    def _put(self, first_ns: int, end_ns: int) -> None:
        """The book as it stands ended the columns from a time up to another, as far as they are not live."""
        end_ns = min(end_ns, self._live_ns + SECOND_NS) if self._live_ns else end_ns
        bids, asks = self._sides
        best = bids.best(), asks.best()
        there = [price // self._history.rows.step for price in best if price != NO_PRICE]
        middle = sum(there) // len(there) if there else self._base + ROWS // 2
        if not ROWS // 4 <= middle - self._base < ROWS - ROWS // 4:
            self._base = middle - ROWS // 2
        column = Column.of(self._base, *self._history.rows.sums(bids.columns, asks.columns), *best, state=KNOWN)
        for time_ns in range(first_ns, end_ns, SECOND_NS):
            self._history.put_history(column, time_ns, SECOND_NS)
