"""The order blotter: every order of the user, from the press of a button to its end."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models import words
from app.models.keyed_model import EMPTY, Cell, Heading, KeyedModel
from app.models.reasons import cancel_word, reject_word
from app.models.units import Units
from app.state.orders import LIVE_STATES
from app.state.workstation import Workstation
from server.protocol.enums import CancelReason, OrderState, OrderType, Side, TimeInForce
from server.protocol.records import NO_PRICE
from widgets.formatting import (
    DASH,
    format_duration,
    format_mean_price,
    format_price,
    format_quantity,
    format_time,
)

HEADINGS = (
    Heading("Time UTC", 110, "l", "data", "text"),
    Heading("Instr.", 70, "l", "name", "text"),
    Heading("Side", 64, "l", "text", "any"),
    Heading("Type", 44, "l", "text", "any"),
    Heading("TIF", 44, "l", "text", "any"),
    Heading("Qty", 72, "r", "data", "min"),
    Heading("Filled", 72, "r", "progress", "none"),
    Heading("Leaves", 72, "r", "data", "none"),
    Heading("Limit", 84, "r", "data", "min"),
    Heading("Avg price", 88, "r", "data", "none"),
    Heading("Last", 84, "r", "data", "none"),
    Heading("Ahead", 64, "r", "data", "none"),
    Heading("State", 148, "l", "text", "text"),
    Heading("Age", 56, "r", "data", "none"),
    Heading("Client id", 78, "r", "data", "text"),
)
_PLAIN = {0: "time_ns", 2: "side", 3: "order_type", 4: "time_in_force", 12: "state"}
_QUANTITIES = {5: "quantity", 6: "filled", 7: "leaves"}

RUNNING = (10, 13)
"""Columns that change by themselves while an order works: from the last price to the age."""


class OrdersModel(KeyedModel):
    """Orders by row of the state's order table."""

    headings = HEADINGS

    def __init__(self, state: Workstation, clock: Callable[[], int], parent: QObject | None = None) -> None:
        """`clock` gives the time that ages are measured to."""
        super().__init__(parent)
        self._state = state
        self._clock = clock
        self._units = Units(state.market)
        self._cells = (
            self._time, self._symbol, self._side, self._type, self._time_in_force, self._quantity, self._filled,
            self._leaves, self._limit, self._average, self._last, self._ahead, self._order_state, self._age,
            self._label,
        )  # fmt: skip

    def count(self) -> int:
        """All orders."""
        return len(self._state.orders)

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        return self._cells[column](row, self._state.orders.rows[row])

    def row_tone(self, row: int) -> str:
        """UNKNOWN is the one filled row."""
        return "alarm" if self._state.orders.rows["state"][row] == OrderState.UNKNOWN else ""

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """Numbers to sort by."""
        return self._numbers(column, self._state.orders.rows[: self._shown])

    def numbers_at(self, column: int, rows: list[int]) -> NDArray[np.float64] | None:
        """Those of some rows."""
        return self._numbers(column, self._state.orders.rows[rows])

    def _numbers(self, column: int, rows: NDArray[np.void]) -> NDArray[np.float64] | None:
        if column in _PLAIN:
            return rows[_PLAIN[column]].astype(np.float64)
        instruments, units = rows["instrument"], self._units
        if column in _QUANTITIES:
            return units.quantities(instruments, rows[_QUANTITIES[column]])
        match column:
            case 1:
                return units.symbols(instruments)
            case 8:
                return units.prices(instruments, rows["price"])
            case 9:
                filled = rows["filled"] > 0
                mean = rows["traded_value"] // np.maximum(rows["filled"], 1)
                return np.where(filled, units.prices(instruments, mean), np.nan)
            case 10:
                return units.lasts(instruments)
            case 11:
                return _ahead_of(self._state, rows, units)
            case 13:
                working = np.isin(rows["state"], list(LIVE_STATES))
                return np.where(working, -rows["state_ns"].astype(np.float64), np.nan)
        return None

    def live_rows(self) -> list[int]:
        """Rows whose age still runs."""
        return [int(row) for row in self._state.orders.live()]

    def _decimals(self, order: np.void) -> tuple[int, int]:
        instrument = self._state.market.instruments.get(int(order["instrument"]))
        return (instrument.price_decimals, instrument.quantity_decimals) if instrument else (0, 0)

    def _time(self, row: int, order: np.void) -> Cell:
        del row
        time_ns = int(order["time_ns"])
        return format_time(time_ns), "", "", float(time_ns), None

    def _symbol(self, row: int, order: np.void) -> Cell:
        del row
        instrument = self._state.market.instruments.get(int(order["instrument"]))
        return (instrument.symbol if instrument else str(order["instrument"])), "", "", None, None

    def _side(self, row: int, order: np.void) -> Cell:
        del row
        word, tone, glyph = words.SIDE[Side(int(order["side"]))]
        return word, tone, glyph, None, None

    def _type(self, row: int, order: np.void) -> Cell:
        del row
        kind = int(order["order_type"])
        word = words.TYPE.get(OrderType(kind), OrderType(kind).name.replace("_", " ")) if kind else ""
        return word, "text_2", "", None, None

    def _time_in_force(self, row: int, order: np.void) -> Cell:
        del row
        kind = int(order["time_in_force"])
        word = words.TIME_IN_FORCE.get(TimeInForce(kind), TimeInForce(kind).name) if kind else ""
        return word, "text_2", "", None, None

    def _quantity(self, row: int, order: np.void) -> Cell:
        del row
        quantity = int(order["quantity"])
        return format_quantity(quantity, self._decimals(order)[1]), "", "", float(quantity), None

    def _filled(self, row: int, order: np.void) -> Cell:
        del row
        filled = int(order["filled"])
        fraction = filled / int(order["quantity"]) if order["quantity"] else 0.0
        text = format_quantity(filled, self._decimals(order)[1])
        return text, "" if filled else "label", "", float(filled), fraction

    def _leaves(self, row: int, order: np.void) -> Cell:
        del row
        leaves = int(order["leaves"])
        text = format_quantity(leaves, self._decimals(order)[1])
        return text, "" if leaves else "label", "", float(leaves), None

    def _limit(self, row: int, order: np.void) -> Cell:
        del row
        price = int(order["price"])
        if price == NO_PRICE:
            return "market", "text_2", "", None, None
        return format_price(price, self._decimals(order)[0]), "", "", float(price), None

    def _average(self, row: int, order: np.void) -> Cell:
        average = self._state.orders.average_price(row)
        if average is None:
            return DASH, "label", "", None, None
        return format_mean_price(average, self._decimals(order)[0]), "", "", average, None

    def _last(self, row: int, order: np.void) -> Cell:
        del row
        market = self._state.market
        place = market.instruments.row(int(order["instrument"]))
        last = int(market.quotes.rows["last_price"][place]) if place >= 0 else NO_PRICE
        if last == NO_PRICE:
            return DASH, "label", "", None, None
        return format_price(last, self._decimals(order)[0]), "", "", float(last), None

    def _ahead(self, row: int, order: np.void) -> Cell:
        ahead = self._state.queues.ahead(int(order["public_order_id"])) if self._works(row) else None
        if ahead is None:
            return DASH, "label", "", None, None
        return format_quantity(ahead, self._decimals(order)[1]), "", "", float(ahead), None

    def _order_state(self, row: int, order: np.void) -> Cell:
        del row
        state, reason = OrderState(int(order["state"])), int(order["reason"])
        word, tone, glyph = words.STATE[state]
        if state is OrderState.REJECTED:
            word = f"rejected: {reject_word(reason)}"
        elif state is OrderState.CANCELED and reason != CancelReason.REQUESTED:
            word = cancel_word(reason)
        return word, tone, glyph, None, None

    def _age(self, row: int, order: np.void) -> Cell:
        if not self._works(row):
            return DASH, "label", "", None, None
        age = max(0, self._clock() - int(order["state_ns"]))
        waits = int(order["state"]) in (OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE, OrderState.PENDING_NEW)
        return format_duration(age), "warning" if waits else "text_2", "", float(age), None

    def _label(self, row: int, order: np.void) -> Cell:
        del row
        label = bytes(order["label"])
        return (label.decode("ascii", "replace"), "label", "", None, None) if label else EMPTY

    def _works(self, row: int) -> bool:
        return int(self._state.orders.rows["state"][row]) in LIVE_STATES


def _ahead_of(state: Workstation, rows: NDArray[np.void], units: Units) -> NDArray[np.float64]:
    """What rests ahead of each order, NaN where that is not known."""
    lots = np.zeros(len(rows), np.int64)
    known = np.zeros(len(rows), np.bool_)
    for row in np.flatnonzero(np.isin(rows["state"], list(LIVE_STATES))).tolist():
        ahead = state.queues.ahead(int(rows["public_order_id"][row]))
        known[row] = ahead is not None
        lots[row] = ahead or 0
    return np.where(known, units.quantities(rows["instrument"], lots), np.nan)
