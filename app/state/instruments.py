"""The instruments of the server, by number, with the row that every table of the workstation gives them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from server.protocol import control
from server.protocol.enums import Phase
from server.protocol.records import NO_PRICE

TABLE_MAX = 1_000_000
"""Numbers below are found at once for many instruments; the exchange counts them from 1."""


class InstrumentTable:
    """What can be traded; rows are in the server's order of groups and symbols and do not change while connected."""

    def __init__(self, instruments: Iterable[control.Instrument] = ()) -> None:
        """Rows sorted by group as the server first names it, then as the server lists them."""
        listed = list(instruments)
        groups: dict[str, int] = {}
        for instrument in listed:
            groups.setdefault(instrument.group, len(groups))
        self._rows = sorted(listed, key=lambda one: groups[one.group])
        self._index = {instrument.instrument: row for row, instrument in enumerate(self._rows)}
        highest = max((one.instrument for one in self._rows if one.instrument < TABLE_MAX), default=0)
        self._row_by_number: NDArray[np.intp] = np.full(highest + 1, -1, np.intp)
        for number, row in self._index.items():
            if number < TABLE_MAX:
                self._row_by_number[number] = row
        self._by_symbol = {instrument.symbol.upper(): instrument for instrument in self._rows}
        self._by_isin = {instrument.isin: instrument for instrument in self._rows if instrument.isin}
        self._by_name = {instrument.name.upper(): instrument for instrument in self._rows}
        self._searched = [f"{one.symbol}\n{one.name}\n{one.isin}".upper() for one in self._rows]
        self.phases: list[int] = [instrument.phase for instrument in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[control.Instrument]:
        return iter(self._rows)

    @property
    def all(self) -> Sequence[control.Instrument]:
        """Every instrument, in row order."""
        return self._rows

    def row(self, instrument: int) -> int:
        """The row of an instrument, or -1 if the server never named it."""
        return self._index.get(instrument, -1)

    def rows_of(self, numbers: NDArray[np.uint32]) -> NDArray[np.intp]:
        """The rows of many instruments, -1 for one that the server never named."""
        last = len(self._row_by_number) - 1
        rows = self._row_by_number[np.minimum(numbers, last)]
        found = np.where(numbers <= last, rows, -1)
        for place in np.flatnonzero(numbers >= TABLE_MAX).tolist():
            found[place] = self.row(int(numbers[place]))
        return found

    def at(self, row: int) -> control.Instrument:
        """The instrument of a row."""
        return self._rows[row]

    def get(self, instrument: int) -> control.Instrument | None:
        """The instrument of a number, or None."""
        row = self._index.get(instrument, -1)
        return None if row < 0 else self._rows[row]

    def by_symbol(self, symbol: str) -> control.Instrument | None:
        """The instrument of a symbol in any case, or None."""
        return self._by_symbol.get(symbol.upper())

    def matching(self, text: str, limit: int = 12) -> list[control.Instrument]:
        """Instruments whose symbol is or begins with `text`, then those whose symbol, name or ISIN contains it.

        Of several words each has to be found.
        """
        wanted = text.upper().split()
        if not wanted:
            return self._rows[:limit]
        ranked: list[tuple[int, int]] = []
        for row, searched in enumerate(self._searched):
            if all(word in searched for word in wanted):
                symbol = self._rows[row].symbol.upper()
                ranked.append((0 if symbol == text.strip().upper() else 1 if symbol.startswith(wanted[0]) else 2, row))
        return [self._rows[row] for _, row in sorted(ranked)[:limit]]

    def by_code(self, text: str) -> control.Instrument | None:
        """The instrument with this symbol, ISIN or whole name in any case, or None."""
        wanted = text.strip().upper()
        found = self._by_symbol.get(wanted) or self._by_isin.get(wanted)
        return found or self._by_name.get(wanted)

    def set_phase(self, instrument: int, phase: int) -> bool:
        """Note the phase of an instrument; True if it changed. Unknown instruments are ignored."""
        row = self.row(instrument)
        if row < 0 or self.phases[row] == phase:
            return False
        self.phases[row] = phase
        return True

    def phase(self, instrument: int) -> Phase:
        """The phase of an instrument; CLOSED if it is unknown."""
        row = self.row(instrument)
        return Phase(self.phases[row]) if row >= 0 else Phase.CLOSED


def on_grid(instrument: control.Instrument, price: int, *, up: bool) -> int:
    """The price on the instrument's grid nearest to `price` from above or below, kept within its bounds."""
    if price == NO_PRICE:
        return instrument.reference_price
    steps, rest = divmod(price - instrument.price_min, instrument.tick_size)
    if rest and up:
        steps += 1
    nearest = instrument.price_min + steps * instrument.tick_size
    return max(instrument.price_min, min(instrument.price_max, nearest))
