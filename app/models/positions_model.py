"""The position blotter: what the user holds, what it cost and what it is worth at the last price."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models.keyed_model import EMPTY, Cell, Heading, KeyedModel
from app.models.own_money import own_money, own_tone
from app.models.units import Units
from app.state.accounts import average_price
from app.state.workstation import Workstation
from server.protocol.records import NO_PRICE
from widgets.formatting import DASH, format_mean_price, format_percent, format_price, format_quantity

HEADINGS = (
    Heading("Instr.", 76, "l", "name", "text"),
    Heading("Position", 80, "r", "data", "min"),
    Heading("Average", 96, "r", "data", "none"),
    Heading("Last", 92, "r", "data", "none"),
    Heading("Open P&L", 96, "r", "data", "min"),
    Heading("Day P&L", 96, "r", "data", "min"),
    Heading("Notional", 110, "r", "data", "min"),
    Heading("Limit", 88, "r", "meter", "none"),
)
_MONEY = {4: "open_profit", 5: "day_profit", 6: "value"}


class PositionsModel(KeyedModel):
    """Positions by row of the state's position table."""

    headings = HEADINGS

    def __init__(self, state: Workstation, is_stale: Callable[[int], bool], parent: QObject | None = None) -> None:
        """`is_stale(instrument)` says whether its price must not be trusted."""
        super().__init__(parent)
        self._state = state
        self._is_stale = is_stale
        self._units = Units(state.market)

    def count(self) -> int:
        """All positions."""
        return len(self._state.accounts.positions)

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """Numbers to sort by."""
        rows = self._state.accounts.positions.rows[: self._shown]
        instruments, units = rows["instrument"], self._units
        if column in _MONEY:
            return units.money(instruments, rows[_MONEY[column]])
        match column:
            case 0:
                return units.symbols(instruments)
            case 1:
                return units.quantities(instruments, rows["net"])
            case 2:
                return self._from_cells(2)
            case 3:
                return units.prices(instruments, rows["mark"])
            case 7:
                limits = rows["position_max"]
                return np.where(limits > 0, np.abs(rows["net"]) / np.maximum(limits, 1), np.nan)
        return None

    def _from_cells(self, column: int) -> NDArray[np.float64]:
        """Figures that only the cells compute, of instruments that the person has positions in: a few."""
        numbers = [self.cell(row, column)[3] for row in range(self._shown)]
        return np.array([np.nan if number is None else number for number in numbers], np.float64)

    def cell_tint(self, row: int, column: int) -> str:
        """A value from a price that has stopped is hatched."""
        if column not in (3, 4, 5):
            return ""
        return "stale_tint" if self._is_stale(int(self._state.accounts.positions.rows["instrument"][row])) else ""

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        position = self._state.accounts.positions.rows[row]
        instrument = self._state.market.instruments.get(int(position["instrument"]))
        if instrument is None:
            return (str(position["instrument"]), "", "", None, None) if column == 0 else EMPTY
        net, mark = int(position["net"]), int(position["mark"])
        match column:
            case 0:
                return instrument.symbol, "", "", None, None
            case 1:
                text = format_quantity(net, instrument.quantity_decimals, signed=True)
                return text, "own" if net else "label", "", float(net), None
            case 2:
                average = average_price(position, instrument.cash_scale)
                if average is None:
                    return DASH, "label", "", None, None
                text = format_mean_price(average, instrument.price_decimals)
                return text, "", "", average * 10.0**-instrument.price_decimals, None
            case 3:
                if mark == NO_PRICE:
                    return DASH, "label", "", None, None
                return format_price(mark, instrument.price_decimals), "", "", float(mark), None
            case 4:
                return _profit(int(position["open_profit"]), instrument.money_decimals)
            case 5:
                return _profit(int(position["day_profit"]), instrument.money_decimals)
            case 6:
                value = int(position["value"])
                return own_money(value, instrument.money_decimals, shown_decimals=0), "", "", float(value), None
            case _:
                limit = int(position["position_max"])
                if not limit:
                    return DASH, "label", "", None, None
                return f"{format_percent(abs(net), limit, 0)} %", "", "", abs(net) / limit, abs(net) / limit


def _profit(amount: int, money_decimals: int) -> Cell:
    return own_money(amount, money_decimals, signed=True), own_tone(amount), "", float(amount), None
