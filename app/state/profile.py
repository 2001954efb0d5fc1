"""How much traded at each price of the session, from the trades themselves."""

import numpy as np
from numpy.typing import NDArray


class VolumeProfile:
    """Traded quantity by price of one instrument and one UTC day; each trade counts once."""

    def __init__(self) -> None:
        """Nothing traded."""
        self.prices: NDArray[np.int64] = np.empty(0, np.int64)
        self.quantities: NDArray[np.int64] = np.empty(0, np.int64)
        self.complete = False
        """True once history back to the beginning of the day has been added."""
        self.first_number = 0
        """The oldest trade counted; 0: none yet."""
        self.first_time_ns = 0
        self._last_number = 0

    def add_live(self, trades: NDArray[np.void]) -> None:
        """Take rows with price, quantity, trade_number, time_ns, oldest first, newer than all before."""
        fresh = trades[trades["trade_number"] > self._last_number]
        if len(fresh):
            self._note_first(fresh[0])
            self._last_number = int(fresh["trade_number"][-1])
            self._add(fresh)

    def add_history(self, ticks: NDArray[np.void], day_begin_ns: int, *, more: bool) -> None:
        """Take the page of trades before the oldest one counted; those of the day before are left out."""
        today = ticks[ticks["time_ns"] >= day_begin_ns]
        self.complete = not more or len(today) < len(ticks)
        older = today if not self.first_number else today[today["trade_number"] < self.first_number]
        if len(older):
            self._note_first(older[0])
            self._last_number = max(self._last_number, int(older["trade_number"][-1]))
            self._add(older)

    def _note_first(self, trade: np.void) -> None:
        number = int(trade["trade_number"])
        if not self.first_number or number < self.first_number:
            self.first_number, self.first_time_ns = number, int(trade["time_ns"])

    def _add(self, trades: NDArray[np.void]) -> None:
        prices = np.concatenate([self.prices, trades["price"]])
        quantities = np.concatenate([self.quantities, trades["quantity"]])
        self.prices, places = np.unique(prices, return_inverse=True)
        self.quantities = np.zeros(len(self.prices), np.int64)
        np.add.at(self.quantities, places, quantities)
