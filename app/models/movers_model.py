"""Instruments by how far they moved today and how much of them traded, in money."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models.keyed_model import Cell, Heading, KeyedModel
from app.state.workstation import Workstation
from server.protocol.records import NO_PRICE
from widgets.formatting import DASH, format_money, format_percent

HEADINGS: Final = (
    Heading("Movers", 76, "l", "name"),
    Heading("Chg %", 60, "r", "data"),
    Heading("Turnover", 150, "r", "bar"),
)


class MoversModel(KeyedModel):
    """Rows are those of the instrument table; the view puts the largest first."""

    headings = HEADINGS

    def __init__(self, state: Workstation, parent: QObject | None = None) -> None:
        """A model over the state's quotes."""
        super().__init__(parent)
        self._state = state

    def count(self) -> int:
        """All instruments."""
        return len(self._state.market.instruments)

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """The size of the change, whatever its sign; the turnover."""
        if column == 1:
            return np.array([abs(self._change(row)) for row in range(self._shown)], np.float64)
        if column == 2:
            return self._turnover()
        return None

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        market = self._state.market
        info = market.instruments.at(row)
        if column == 0:
            return info.symbol, "", "", None, None
        if column == 1:
            change = market.quotes.change(row)
            if change is None:
                return DASH, "label", "", None, None
            tone = "up" if change > 0 else "down" if change < 0 else "label"
            return format_percent(change, market.quotes.base(row), signed=True), tone, "", self._change(row), None
        turnover = self._turnover()
        most = max(1.0, float(turnover.max()))
        text = format_money(int(market.quotes.turnover[row]), info.money_decimals, shown_decimals=0)
        return text, "", "", float(turnover[row]), float(turnover[row]) / most

    def _turnover(self) -> NDArray[np.float64]:
        """Turnover of every instrument in whole units of its currency."""
        units = [10.0**-one.money_decimals for one in self._state.market.instruments]
        turnover = self._state.market.quotes.turnover[: self._shown].astype(np.float64)
        return turnover * np.array(units[: self._shown], np.float64)

    def _change(self, row: int) -> float:
        quotes = self._state.market.quotes
        change, base = quotes.change(row), quotes.base(row)
        return 0.0 if change is None or base in (0, NO_PRICE) else change / base
