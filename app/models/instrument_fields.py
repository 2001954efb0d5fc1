"""The figures of all instruments by name, each as one array: what columns sort by and expressions read.

Rules: figures are in natural units (a price of 48.37 is 48.37), for the eye and for sorting alone; what is not known
is NaN; an array is computed once until `renew`.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.state.market import Market
from server.protocol.records import NO_PRICE

Column = NDArray[np.float64]

_PRICES: Final = {
    "last": "last_price", "bid": "bid_price", "ask": "ask_price", "open": "open_price", "high": "high_price",
    "low": "low_price",
}  # fmt: skip
_QUANTITIES: Final = {
    "bid_size": "bid_quantity", "ask_size": "ask_quantity", "last_size": "last_quantity", "volume": "volume",
}  # fmt: skip


class InstrumentFields:
    """Fields of a market by the rows of its instrument table."""

    def __init__(self, market: Market) -> None:
        """Nothing is computed before it is asked for."""
        self._market = market
        self._columns: dict[str, Column] = {}
        self._scales: tuple[object, Column, Column, Column, Column] | None = None

    def renew(self) -> None:
        """The market has changed: compute anew when asked."""
        self._columns.clear()

    def __call__(self, name: str) -> Column:
        """One figure of all instruments. Raises `KeyError` for a name that is no field."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._computed(name)
        return found

    def _computed(self, name: str) -> Column:
        rows = self._market.quotes.rows
        price_unit, lot, _, _ = self._units()
        if name in _PRICES:
            return _known(rows[_PRICES[name]]) * price_unit
        if name in _QUANTITIES:
            return rows[_QUANTITIES[name]].astype(np.float64) * lot
        with np.errstate(all="ignore"):
            found = _DERIVED[name](self)
        return np.where(np.isfinite(found), found, np.nan)

    def close(self) -> Column:
        """What the day's change is measured from."""
        return _known(self._market.quotes.bases()) * self._units()[0]

    def tick(self) -> Column:
        """The smallest step of a price."""
        return self._units()[2]

    def turnover(self) -> Column:
        """Traded today, in whole units of the currency."""
        return self._market.quotes.turnover.astype(np.float64) * self._units()[3]

    def trades(self) -> Column:
        """How many trades today."""
        return self._market.quotes.trades.astype(np.float64)

    def usual(self, *, by_now: bool) -> Column:
        """The average volume of a day, or what is usual by this time of day."""
        quotes = self._market.quotes
        found = (quotes.expected_volume if by_now else quotes.average_volume).astype(np.float64)
        return np.where(found > 0, found, np.nan) * self._units()[1]

    def _units(self) -> tuple[Column, Column, Column, Column]:
        """Price unit, lot, tick and money unit of each instrument."""
        table = self._market.instruments
        if self._scales is None or self._scales[0] is not table:
            listed = table.all
            self._scales = (
                table,
                np.array([10.0**-one.price_decimals for one in listed], np.float64),
                np.array([10.0**-one.quantity_decimals for one in listed], np.float64),
                np.array([one.tick_size * 10.0**-one.price_decimals for one in listed], np.float64),
                np.array([10.0**-one.money_decimals for one in listed], np.float64),
            )
        return self._scales[1:]


def _known(prices: NDArray[np.int64]) -> Column:
    return np.where(prices == NO_PRICE, np.nan, prices.astype(np.float64))


_DERIVED: Final[dict[str, Callable[[InstrumentFields], Column]]] = {
    "close": InstrumentFields.close,
    "tick": InstrumentFields.tick,
    "turnover": InstrumentFields.turnover,
    "trades": InstrumentFields.trades,
    "average_volume": lambda of: of.usual(by_now=False),
    "usual_volume": lambda of: of.usual(by_now=True),
    "relative_volume": lambda of: of("volume") / of("usual_volume"),
    "mid": lambda of: (of("bid") + of("ask")) / 2,
    "spread": lambda of: of("ask") - of("bid"),
    "spread_ticks": lambda of: np.rint(of("spread") / of("tick")),
    "change": lambda of: of("last") - of("close"),
    "change_percent": lambda of: of("change") / np.abs(of("close")) * 100,
    "range": lambda of: of("high") - of("low"),
    "range_place": lambda of: (of("last") - of("low")) / of("range"),
    "imbalance": lambda of: (of("bid_size") - of("ask_size")) / (of("bid_size") + of("ask_size")),
}
FIELDS: Final = tuple(sorted({*_PRICES, *_QUANTITIES, *_DERIVED}))
"""Every name that an expression may read."""
