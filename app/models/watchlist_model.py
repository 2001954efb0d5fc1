"""A watchlist: headings and instruments in the person's order, with columns, some of them by the person's formula."""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.models.expressions import Expression, ExpressionError, parse
from app.models.instrument_fields import FIELDS, InstrumentFields
from app.models.keyed_model import EMPTY, Cell, Heading, KeyedModel
from app.models.shared_watchlists import Formula
from app.models.watchlist_columns import COLUMNS, NOTHING, WatchCells, formula_heading
from app.state.watchlists import Line, Watchlist
from app.state.workstation import Workstation
from widgets.formatting import format_price

FLASH_NS: Final = 160_000_000
FLASH_AGAIN_NS: Final = 334_000_000
"""A line flashes at most three times a second."""
LAST: Final = 2
_LARGEST: Final = 1e15


class WatchlistModel(KeyedModel):
    """Lines of one list; without a list every instrument under the server's groups."""

    headings = tuple(column.heading for column in COLUMNS)

    def __init__(
        self,
        state: Workstation,
        clock: Callable[[], int],
        stale_ns: Callable[[int], int],
        parent: QObject | None = None,
    ) -> None:
        """`stale_ns(row)`: for how long the price of an instrument row has stood still by a fault, 0 if it is sound."""
        super().__init__(parent)
        self._state, self._clock, self._stale_ns = state, clock, stale_ns
        self.fields = InstrumentFields(state.market)
        self._cells = WatchCells(state.market, self.fields, stale_ns)
        self.listed: Watchlist | None = None
        self._folded: set[str] = set()
        """Of the list of all: the groups that are folded."""
        self.problems: dict[str, str] = {}
        """Why a formula cannot be computed, by its title."""
        self._formulas: list[tuple[Formula, Expression | None]] = []
        self._values: dict[int, NDArray[np.float64]] = {}
        self._lines: list[tuple[Line, int, int]] = []
        """Line, its place in the list, and the row of its instrument (-1: a heading, or not listed here)."""
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._line_of_row: NDArray[np.intp] = np.zeros(0, np.intp)
        self._sections: NDArray[np.int64] = np.zeros(0, np.int64)
        self._flashed_ns: NDArray[np.int64] = np.zeros(0, np.int64)
        self._lit: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self.flashes = True
        """Whether the last price flashes where it moved."""

    def show(self, listed: Watchlist | None) -> None:
        """Show a list, None for all instruments."""
        self.listed = listed
        self.relist()

    def set_formulas(self, formulas: Collection[Formula]) -> None:
        """Columns of the person's own, behind the others."""
        self.beginResetModel()
        self._formulas, self.problems = [], {}
        self._values.clear()
        headings: list[Heading] = [column.heading for column in COLUMNS]
        for formula in formulas:
            try:
                expression: Expression | None = parse(formula.text, FIELDS)
            except ExpressionError as error:
                self.problems[formula.title] = f"{error} (at {error.at})"
                expression = None
            self._formulas.append((formula, expression))
            headings.append(formula_heading(formula, self.problems.get(formula.title, "")))
        self.headings = tuple(headings)
        self.endResetModel()

    def relist(self) -> None:
        """Read list and instruments anew."""
        lines = self.all_lines() if self.listed is None else list(self.listed.lines)
        instruments = self._state.market.instruments
        self._lines, sections, section, folded = [], [], 0, False
        for place, line in enumerate(lines):
            if line.heading:
                folded, section = line.folded, section + 2
                self._lines.append((line, place, -1))
                sections.append(section)
            elif not folded:
                known = instruments.by_symbol(line.symbol)
                self._lines.append((line, place, instruments.row(known.instrument) if known else -1))
                sections.append(section + 1)
        count = len(instruments)
        self._sections = np.array(sections, np.int64)
        self._rows = np.array([row for _, _, row in self._lines], np.intp)
        self._line_of_row = np.full(count, -1, np.intp)
        self._line_of_row[self._rows[self._rows >= 0]] = np.flatnonzero(self._rows >= 0)
        if len(self._lit) != count:
            self._flashed_ns, self._lit = np.zeros(count, np.int64), np.zeros(count, np.bool_)
        self._renew()
        self.reset()

    def all_lines(self) -> list[Line]:
        """Every instrument under the server's groups."""
        lines: list[Line] = []
        group = ""
        for instrument in self._state.market.instruments:
            if instrument.group != group:
                group = instrument.group
                lines.append(Line(heading=group, folded=group in self._folded))
            lines.append(Line(instrument.symbol))
        return lines

    def fold_all_list(self, heading: str) -> None:
        """Open or close a group of the list of all instruments."""
        self._folded ^= {heading}
        self.relist()

    def count(self) -> int:
        """Headings and instruments that are not folded away."""
        return len(self._lines)

    def line_at(self, line: int) -> tuple[Line, int]:
        """A line and its place in the list."""
        return self._lines[line][:2]

    def instrument_at(self, line: int) -> int:
        """The instrument of a line, 0 for a heading and for one that is not listed here."""
        row = self._lines[line][2]
        return self._state.market.instruments.at(row).instrument if row >= 0 else 0

    def line_of(self, instrument: int) -> int:
        """The line of an instrument, -1 if it has none."""
        row = self._state.market.instruments.row(instrument)
        return int(self._line_of_row[row]) if 0 <= row < len(self._line_of_row) else -1

    def update(self, rows: Collection[int]) -> None:
        """Instrument rows changed; lines whose flash has ended are told too."""
        self._renew()
        now_ns = self._clock()
        ended = self._lit & (now_ns - self._flashed_ns >= FLASH_NS)
        self._lit[ended] = False
        changed = np.fromiter(rows, np.intp, len(rows))
        changed = changed[changed >= 0]
        if self.flashes and len(changed):
            moved = self._state.market.quotes.moved_ns[changed] >= self._flashed_ns[changed] + FLASH_AGAIN_NS
            self._flashed_ns[changed[moved]] = now_ns
            self._lit[changed[moved]] = True
        lines = self._line_of_row[np.concatenate([changed, np.flatnonzero(ended)])]
        self.refresh(np.unique(lines[lines >= 0]).tolist())

    def sections(self) -> NDArray[np.int64]:
        """Lines are sorted within their group, a heading before what stands under it."""
        return self._sections

    def row_tone(self, row: int) -> str:
        """Headings, and instruments whose price must not be trusted."""
        line, _, place = self._lines[row]
        if place < 0:
            return "group" if line.heading else ""
        return "stale" if self._stale_ns(place) else ""

    def cell_tint(self, row: int, column: int) -> str:
        """The last price flashes where it moved."""
        place = self._lines[row][2]
        if column != LAST or place < 0 or not self._lit[place]:
            return ""
        return "up_tint" if self._state.market.quotes.direction[place] > 0 else "down_tint"

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """What a column sorts by; headings have no number."""
        if column >= len(COLUMNS):
            values = self._formula_values(column - len(COLUMNS))
        elif COLUMNS[column].field:
            values = self.fields(COLUMNS[column].field)
        else:
            return None
        if not len(values):
            return np.full(len(self._rows), np.nan)
        return np.where(self._rows >= 0, values[self._rows], np.nan)

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        line, _, place = self._lines[row]
        if place < 0:
            return self._bare_cell(line, column)
        if column < len(COLUMNS):
            return COLUMNS[column].draw(self._cells, place)
        values = self._formula_values(column - len(COLUMNS))
        value, decimals = float(values[place]), self._formulas[column - len(COLUMNS)][0].decimals
        if value != value:
            return NOTHING
        if abs(value) * 10**decimals > _LARGEST:
            return f"{value:.3g}", "", "", value, None
        return format_price(round(value * 10**decimals), decimals), "", "", value, None

    def _bare_cell(self, line: Line, column: int) -> Cell:
        """A heading, or an instrument that this server does not list."""
        if line.heading:
            return (line.heading, "label", "right" if line.folded else "caret", None, None) if column == 0 else EMPTY
        if column == 0:
            return line.symbol, "label", "", None, None
        return ("not listed", "label", "", None, None) if column == LAST else EMPTY

    def _formula_values(self, place: int) -> NDArray[np.float64]:
        found = self._values.get(place)
        if found is None:
            expression = self._formulas[place][1]
            computed = expression(self.fields) if expression else np.float64(np.nan)
            found = self._values[place] = np.broadcast_to(computed, (len(self._state.market.instruments),))
        return found

    def _renew(self) -> None:
        self.fields.renew()
        self._values.clear()
