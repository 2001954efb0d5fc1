"""The fill blotter: every execution of the user."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models import words
from app.models.keyed_model import Cell, Heading, KeyedModel
from app.models.units import Units
from app.state.workstation import Workstation
from server.protocol.enums import Liquidity, Side
from widgets.formatting import format_money, format_price, format_quantity, format_time

HEADINGS = (
    Heading("Time UTC", 110, "l", "data", "text"),
    Heading("Instr.", 74, "l", "name", "text"),
    Heading("Side", 66, "l", "text", "any"),
    Heading("Qty", 84, "r", "data", "min"),
    Heading("Price", 92, "r", "data", "min"),
    Heading("Value", 110, "r", "data", "none"),
    Heading("Liquidity", 76, "l", "text", "any"),
    Heading("Leaves", 84, "r", "data", "none"),
    Heading("Fee", 76, "r", "data", "none"),
    Heading("Client id", 84, "r", "data", "text"),
    Heading("Trade", 96, "r", "data", "text"),
)
_PLAIN = {0: "time_ns", 2: "side", 6: "liquidity"}
_TRADE_NUMBER_BITS = (1 << 48) - 1


class FillsModel(KeyedModel):
    """Fills by row of the state's fill table."""

    headings = HEADINGS

    def __init__(self, state: Workstation, parent: QObject | None = None) -> None:
        """A model over the state's fills."""
        super().__init__(parent)
        self._state = state
        self._units = Units(state.market)

    def count(self) -> int:
        """All fills."""
        return len(self._state.fills)

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """Numbers to sort by."""
        rows = self._state.fills.rows[: self._shown]
        if column in _PLAIN:
            return rows[_PLAIN[column]].astype(np.float64)
        instruments, units = rows["instrument"], self._units
        match column:
            case 1:
                return units.symbols(instruments)
            case 3:
                return units.quantities(instruments, rows["quantity"])
            case 4:
                return units.prices(instruments, rows["price"])
            case 5:
                return units.values(instruments, rows["price"], rows["quantity"])
            case 7:
                return units.quantities(instruments, rows["leaves"])
            case 8:
                return units.money(instruments, rows["fee"])
            case 10:
                return (rows["trade_id"] & np.uint64(_TRADE_NUMBER_BITS)).astype(np.float64)
        return None

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        fill = self._state.fills.rows[row]
        instrument = self._state.market.instruments.get(int(fill["instrument"]))
        price_decimals, lots, money, scale = (
            (instrument.price_decimals, instrument.quantity_decimals, instrument.money_decimals, instrument.cash_scale)
            if instrument
            else (0, 0, 0, 1)
        )
        price, quantity = int(fill["price"]), int(fill["quantity"])
        match column:
            case 0:
                return format_time(int(fill["time_ns"])), "", "", float(fill["time_ns"]), None
            case 1:
                return (instrument.symbol if instrument else str(fill["instrument"])), "", "", None, None
            case 2:
                word, tone, glyph = words.SIDE[Side(int(fill["side"]))]
                return word, tone, glyph, None, None
            case 3:
                return format_quantity(quantity, lots), "own", "", float(quantity), None
            case 4:
                return format_price(price, price_decimals), "", "", float(price), None
            case 5:
                value = price * quantity * scale
                return format_money(value, money), "", "", float(value), None
            case 6:
                word = words.LIQUIDITY[Liquidity(int(fill["liquidity"]))]
                return (f"{word} late", "warning", "", None, None) if fill["late"] else (word, "text_2", "", None, None)
            case 7:
                return format_quantity(int(fill["leaves"]), lots), "text_2", "", float(fill["leaves"]), None
            case 8:
                return format_money(int(fill["fee"]), money), "text_2", "", float(fill["fee"]), None
            case 9:
                return bytes(fill["label"]).decode("ascii", "replace"), "label", "", None, None
            case _:
                return str(int(fill["trade_id"]) & _TRADE_NUMBER_BITS), "label", "", float(fill["trade_id"]), None
