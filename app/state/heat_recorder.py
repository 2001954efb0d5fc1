"""Whose book history is kept: the instruments shown last, and the rows of prices on which all views show them.

Rules: rows are chosen when both sides of a book are there, once; what was recorded before on other rows is forgotten.
"""

from collections.abc import Callable, Iterator
from typing import Final

from app.state.depth import DepthBook
from app.state.heat import LiquidityHistory
from app.state.heat_past import PastBook
from app.state.price_rows import PriceRows, choose_step

KEPT: Final = 4
"""Histories of so many instruments stay; each may take up to 90 MB after a day."""


class HeatRecorder:
    """Histories by instrument, the one shown last at the end."""

    def __init__(self) -> None:
        """Nothing is recorded."""
        self._histories: dict[int, LiquidityHistory] = {}
        self._rows: dict[int, PriceRows] = {}
        self._ticks: dict[int, int] = {}
        self._pasts: dict[LiquidityHistory, PastBook] = {}

    def __iter__(self) -> Iterator[tuple[int, LiquidityHistory]]:
        return iter(self._histories.items())

    def of(self, instrument: int) -> LiquidityHistory | None:
        """The history of an instrument, None if it is not recorded."""
        return self._histories.get(instrument)

    def past(self, instrument: int) -> PastBook | None:
        """What comes from the server for the history of an instrument, None if it is not recorded."""
        history = self._histories.get(instrument)
        return self._pasts.setdefault(history, PastBook(history)) if history is not None else None

    def record(self, instrument: int, book: DepthBook, tick_size: int) -> None:
        """Record from now on; the one that was shown longest ago is given up."""
        self._ticks[instrument] = tick_size
        history = self._histories.pop(instrument, None)
        self._histories[instrument] = history or LiquidityHistory(book, self.rows(instrument, book, tick_size))
        while len(self._histories) > KEPT:
            self._pasts.pop(self._histories.pop(next(iter(self._histories))), None)

    def rows(self, instrument: int, book: DepthBook, tick_size: int) -> PriceRows:
        """The rows of an instrument: of one tick until both sides of its book are there."""
        found = self._rows.get(instrument)
        if found is not None:
            return found
        bids, asks = book.bids.prices, book.asks.prices
        chosen = PriceRows(choose_step(bids, asks, tick_size) * tick_size)
        if len(bids) and len(asks):
            self._rows[instrument] = chosen
        return chosen

    def advance(self, time_ns: int, trusted: Callable[[int], bool]) -> None:
        """The exchange's time is this; `trusted` says whether the book of an instrument is sound."""
        for past in self._pasts.values():
            past.work()
        for instrument, history in list(self._histories.items()):
            if instrument not in self._rows and history.book.complete:
                rows = self.rows(instrument, history.book, self._ticks[instrument])
                if rows.step != history.rows.step:
                    self._pasts.pop(history, None)
                    history = self._histories[instrument] = LiquidityHistory(history.book, rows)
            history.advance(time_ns, trusted=trusted(instrument))
