"""What one step of an instrument's integers is worth, for sorting figures of different instruments by their size."""

import numpy as np
from numpy.typing import NDArray

from app.state.market import Market
from server.protocol.records import NO_PRICE

Figures = NDArray[np.float64]


class Units:
    """Figures of many instruments in natural units; NaN for instruments that are not known."""

    def __init__(self, market: Market) -> None:
        """Follows the market's list of instruments."""
        self._market = market
        self._table: object = None
        self._price: Figures = np.zeros(0)
        self._lot: Figures = np.zeros(0)
        self._money: Figures = np.zeros(0)
        self._cash: Figures = np.zeros(0)
        self._symbol: Figures = np.zeros(0)

    def prices(self, instruments: NDArray[np.uint32], prices: NDArray[np.int64]) -> Figures:
        """Prices; NO_PRICE is NaN."""
        rows, known = self._rows(instruments)
        return np.where(known & (prices != NO_PRICE), prices * self._price[rows], np.nan)

    def quantities(self, instruments: NDArray[np.uint32], quantities: NDArray[np.int64]) -> Figures:
        """Quantities."""
        rows, known = self._rows(instruments)
        return np.where(known, quantities * self._lot[rows], np.nan)

    def money(self, instruments: NDArray[np.uint32], amounts: NDArray[np.int64]) -> Figures:
        """Amounts of money."""
        rows, known = self._rows(instruments)
        return np.where(known, amounts * self._money[rows], np.nan)

    def values(
        self, instruments: NDArray[np.uint32], prices: NDArray[np.int64], quantities: NDArray[np.int64]
    ) -> Figures:
        """Price times quantity in money."""
        rows, known = self._rows(instruments)
        cash = prices.astype(np.float64) * quantities * self._cash[rows] * self._money[rows]
        return np.where(known, cash, np.nan)

    def lasts(self, instruments: NDArray[np.uint32]) -> Figures:
        """The last price of each."""
        rows, known = self._rows(instruments)
        lasts = self._market.quotes.rows["last_price"]
        found = lasts[rows] if len(lasts) else np.full(len(rows), NO_PRICE)
        return self.prices(instruments, np.where(known, found, NO_PRICE))

    def symbols(self, instruments: NDArray[np.uint32]) -> Figures:
        """Where the symbol of each stands among all, in the order of the alphabet."""
        rows, known = self._rows(instruments)
        return np.where(known, self._symbol[rows], np.nan)

    def _rows(self, instruments: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        table = self._market.instruments
        if self._table is not table:
            self._table, listed = table, table.all
            self._price = np.array([10.0**-one.price_decimals for one in listed] or [0.0])
            self._lot = np.array([10.0**-one.quantity_decimals for one in listed] or [0.0])
            self._money = np.array([10.0**-one.money_decimals for one in listed] or [0.0])
            self._cash = np.array([float(one.cash_scale) for one in listed] or [0.0])
            symbols = [one.symbol.casefold() for one in listed] or [""]
            self._symbol = np.argsort(np.argsort(np.array(symbols))).astype(np.float64)
        rows = table.rows_of(instruments)
        return np.maximum(rows, 0), rows >= 0
