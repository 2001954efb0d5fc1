"""Whose book history is kept: the instruments shown last, and the rows of prices on which all views show them.

Rules: rows are chosen when both sides of a book are there, once; what was recorded before on other rows is forgotten.
"""

from collections.abc import Callable, Iterable
from typing import Final

from app.state.depth import DepthBook
from app.state.heat import LiquidityHistory
from app.state.heat_past import PastBook
from app.state.price_rows import PriceRows, choose_step

KEPT: Final = 4
"""Histories of so many instruments stay; each may take up to 90 MB after a day."""


class HeatRecorder:
    """Histories by instrument, the one shown last at the end."""

    def __init__(
        self, book_of: Callable[[int], DepthBook], tick_of: Callable[[int], int], is_sound: Callable[[int], bool]
    ) -> None:
        """Nothing is recorded. By instrument: book, tick size (0: unknown), whether its depth may be trusted."""
        self._book_of, self._tick_of, self._is_sound = book_of, tick_of, is_sound
        self._histories: dict[int, LiquidityHistory] = {}
        self._rows: dict[int, PriceRows] = {}
        self._pasts: dict[LiquidityHistory, PastBook] = {}

    def of(self, instrument: int) -> LiquidityHistory | None:
        """The history of an instrument, None if it is not recorded."""
        return self._histories.get(instrument)

    def past(self, instrument: int) -> PastBook | None:
        """What comes from the server for the history of an instrument, None if it is not recorded."""
        history = self._histories.get(instrument)
        return self._pasts.setdefault(history, PastBook(history)) if history is not None else None

    def record(self, instrument: int, shown: Iterable[int] = ()) -> LiquidityHistory | None:
        """Record from now on; returns the history if it is a new one. Beyond the bound the one shown longest ago goes,
        but none that is `shown`.
        """
        if not self._tick_of(instrument):
            return None
        history = self._histories.pop(instrument, None)
        made = LiquidityHistory(self._book_of(instrument), self.rows(instrument)) if history is None else None
        kept = history or made
        assert kept is not None
        self._histories[instrument] = kept
        held = {instrument, *shown}
        for old in [one for one in self._histories if one not in held][: max(0, len(self._histories) - KEPT)]:
            self._pasts.pop(self._histories.pop(old), None)
        return made

    def rows(self, instrument: int) -> PriceRows:
        """The rows on which ladder and heat map show an instrument: of one tick until both sides are there."""
        found = self._rows.get(instrument)
        if found is not None:
            return found
        book, tick_size = self._book_of(instrument), max(self._tick_of(instrument), 1)
        bids, asks = book.bids.prices, book.asks.prices
        chosen = PriceRows(choose_step(bids, asks, tick_size) * tick_size)
        if len(bids) and len(asks):
            self._rows[instrument] = chosen
        return chosen

    def advance(self, time_ns: int) -> None:
        """The exchange's time is this: recorded books go on, whether anything came or not."""
        for past in self._pasts.values():
            past.work()
        for instrument, history in list(self._histories.items()):
            if instrument not in self._rows and history.book.complete:
                rows = self.rows(instrument)
                if rows.step != history.rows.step:
                    self._pasts.pop(history, None)
                    history = self._histories[instrument] = LiquidityHistory(history.book, rows)
            history.advance(time_ns, trusted=self._is_sound(instrument))
