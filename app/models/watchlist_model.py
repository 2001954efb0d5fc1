"""The watchlist: every instrument under its group, with the day's course, the last price and its change."""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models.keyed_model import EMPTY, Cell, Heading, KeyedModel
from app.state.workstation import Workstation
from server.protocol.records import NO_PRICE
from widgets.formatting import DASH, format_duration, format_percent, format_price

HEADINGS: Final = (
    Heading("Instrument", 84, "l", "name", "none"),
    Heading("Day", 60, "c", "spark", "none"),
    Heading("Last", 92, "r", "data", "none"),
    Heading("Chg %", 64, "r", "data", "none"),
)
FLASH_NS: Final = 160_000_000
FLASH_AGAIN_NS: Final = 334_000_000
"""A line flashes at most three times a second."""


class WatchlistModel(KeyedModel):
    """Groups and instruments; `instrument_at` says which."""

    headings = HEADINGS
    changing = (1, 3)

    def __init__(
        self,
        state: Workstation,
        clock: Callable[[], int],
        stale_ns: Callable[[int], int],
        parent: QObject | None = None,
    ) -> None:
        """`stale_ns(row)`: for how long the price of an instrument row has stood still by a fault, 0 if it is sound."""
        super().__init__(parent)
        self._state = state
        self._clock = clock
        self._stale_ns = stale_ns
        self._lines: list[tuple[str, int]] = []
        self._line_of_row: dict[int, int] = {}
        self._flashing: dict[int, int] = {}
        self._lit: set[int] = set()
        self.flashes = True
        """Whether the last price flashes where it moved."""

    def relist(self) -> None:
        """Read the instruments anew."""
        self._lines = []
        self._line_of_row = {}
        group = ""
        for row, instrument in enumerate(self._state.market.instruments):
            if instrument.group != group:
                group = instrument.group
                self._lines.append((group, -1))
            self._line_of_row[row] = len(self._lines)
            self._lines.append(("", row))
        self.reset()

    def count(self) -> int:
        """Groups and instruments."""
        return len(self._lines)

    def instrument_at(self, line: int) -> int:
        """The instrument of a line, 0 for a group."""
        row = self._lines[line][1]
        return self._state.market.instruments.at(row).instrument if row >= 0 else 0

    def line_of(self, instrument: int) -> int:
        """The line of an instrument, -1 if it has none."""
        return self._line_of_row.get(self._state.market.instruments.row(instrument), -1)

    def update(self, rows: Collection[int]) -> None:
        """Instrument rows changed; lines whose flash has ended are told too."""
        now_ns, moved = self._clock(), self._state.market.quotes.moved_ns
        ended = {line for line in self._lit if now_ns - self._flashing[line] >= FLASH_NS}
        self._lit -= ended
        lines = {self._line_of_row[row] for row in rows if row in self._line_of_row}
        for line in lines if self.flashes else ():
            if int(moved[self._lines[line][1]]) >= self._flashing.get(line, 0) + FLASH_AGAIN_NS:
                self._flashing[line] = now_ns
                self._lit.add(line)
        self.refresh(lines | ended)

    def row_tone(self, row: int) -> str:
        """Groups, and instruments whose price must not be trusted."""
        place = self._lines[row][1]
        if place < 0:
            return "group"
        return "stale" if self._stale_ns(place) else ""

    def cell_tint(self, row: int, column: int) -> str:
        """The last price flashes where it moved."""
        place = self._lines[row][1]
        if column != 2 or place < 0:
            return ""
        if row not in self._lit:
            return ""
        return "up_tint" if self._state.market.quotes.direction[place] > 0 else "down_tint"

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """The list keeps the server's order."""
        del column
        return None

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        group, place = self._lines[row]
        if place < 0:
            return (group, "label", "", None, None) if column == 0 else EMPTY
        market = self._state.market
        instrument, last = market.instruments.at(place), int(market.quotes.rows["last_price"][place])
        if column == 0:
            return instrument.symbol, "", "", None, None
        if column == 1:
            return "", "", "", None, self._points(place)
        if column == 2:
            if last == NO_PRICE:
                return DASH, "label", "", None, None
            return format_price(last, instrument.price_decimals), "", "", float(last), None
        stale_ns = self._stale_ns(place)
        if stale_ns:
            return f"STALE {format_duration(stale_ns)}", "stale", "", None, None
        change = market.quotes.change(place)
        if change is None:
            return DASH, "label", "", None, None
        tone = "up" if change > 0 else "down" if change < 0 else "label"
        text = format_percent(change, market.quotes.base(place), signed=True)
        return text, tone, "", float(change) / market.quotes.base(place), None

    def _points(self, place: int) -> NDArray[np.float64]:
        points = self._state.market.sparklines.points(place).astype(np.float64)
        base = self._state.market.quotes.base(place)
        return points - base if base != NO_PRICE else points
