"""One hot list as the server computed it: the first instruments of the day by a ranking."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models.keyed_model import Cell, Heading, KeyedModel
from app.state.workstation import Workstation
from server.protocol import control
from server.protocol.enums import Ranking
from server.protocol.records import HOT_RECORD, NO_PRICE
from widgets.formatting import DASH, format_money, format_price, format_quantity

_TITLES: Final = {
    Ranking.GAINERS: "Last",
    Ranking.LOSERS: "Last",
    Ranking.RELATIVE_VOLUME: "Volume, × usual",
    Ranking.RANGE: "Range %",
    Ranking.TURNOVER: "Turnover",
    Ranking.VOLUME: "Volume",
    Ranking.TRADES: "Trades",
}
_FIELDS: Final = {
    Ranking.RELATIVE_VOLUME: "relative_ppm",
    Ranking.RANGE: "range_ppm",
    Ranking.TURNOVER: "turnover",
    Ranking.VOLUME: "volume",
    Ranking.TRADES: "trades",
}
_NOTHING: Final[Cell] = (DASH, "label", "", None, None)


class HotListModel(KeyedModel):
    """Rows in the server's order, best first; instruments that this workstation does not know are left out."""

    def __init__(self, state: Workstation, ranking: Ranking, parent: QObject | None = None) -> None:
        """Empty until a list came."""
        super().__init__(parent)
        self._state, self.ranking = state, ranking
        kind = "bar" if ranking in _FIELDS else "data"
        self.headings = (
            Heading("Instrument", 84, "l", "name"),
            Heading("UTC day %", 84, "r"),
            Heading(_TITLES[ranking], 140, "r", kind),
        )
        self._rows: NDArray[np.void] = np.zeros(0, HOT_RECORD)
        self._places: list[int] = []

    def take(self) -> None:
        """The list has come anew."""
        records = self._state.market.hot_lists.get(self.ranking, self._rows[:0])
        places = self._state.market.instruments.rows_of(records["instrument"])
        self._rows, self._places = records[places >= 0], places[places >= 0].tolist()
        self.reset()

    def count(self) -> int:
        """Rows of the list."""
        return len(self._rows)

    def instrument_at(self, row: int) -> int:
        """The instrument of a row."""
        return int(self._rows["instrument"][row])

    def as_of_ns(self) -> int:
        """When the list was made, by the exchange's clock; 0 before there is one."""
        return int(self._rows["time_ns"][0]) if len(self._rows) else 0

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        record, info = self._rows[row], self._state.market.instruments.at(self._places[row])
        if column == 0:
            return info.symbol, "", "", None, None
        if column == 1:
            change = int(record["change_ppm"])
            tone = "up" if change > 0 else "down" if change < 0 else "label"
            return _hundredths(change), tone, "", None, None
        field = _FIELDS.get(self.ranking)
        if field is None:
            price = int(record["last_price"])
            if price == NO_PRICE:
                return _NOTHING
            return format_price(price, info.price_decimals), "", "", None, None
        value, most = int(record[field]), max(1, int(self._rows[field].max()))
        return self._figure(value, info), "", "", None, value / most

    def _figure(self, value: int, info: control.Instrument) -> str:
        match self.ranking:
            case Ranking.RELATIVE_VOLUME:
                return format_price((value + 5_000) // 10_000, 2)
            case Ranking.RANGE:
                return format_price((value + 50) // 100, 2)
            case Ranking.TURNOVER:
                return format_money(value * info.cash_scale, info.money_decimals, shown_decimals=0)
            case Ranking.VOLUME:
                return format_quantity(value, info.quantity_decimals)
        return format_quantity(value)


def _hundredths(ppm: int) -> str:
    """Millionths as per cent with two decimals."""
    size = (abs(ppm) + 50) // 100
    return format_price(size if ppm >= 0 else -size, 2, signed=True)
