"""A made-up book history for the tests of the heat map: a value for each second and row, told the slow way."""

from dataclasses import dataclass, field

import numpy as np

from widgets.heat_map.source import KNOWN, NO_PRICE, NOT_RECORDED

SECOND_NS = 1_000_000_000
FIRST_NS = 20_000 * 86_400 * SECOND_NS + 43_200 * SECOND_NS
MIDDLE = 4836
REACH = 190


@dataclass
class Columns:
    """What a source hands over."""

    quantities: np.ndarray
    orders: np.ndarray
    states: np.ndarray
    bids: np.ndarray
    asks: np.ndarray


@dataclass
class MadeSource:
    """`seconds` of a book from FIRST_NS on; those of `lost` are unknown."""

    seconds: int
    lost: range = range(0)
    kept: dict[int, dict[int, int]] = field(default_factory=dict)

    @property
    def first_ns(self) -> int:
        """The beginning."""
        return FIRST_NS

    @property
    def now_ns(self) -> int:
        """The end."""
        return FIRST_NS + self.seconds * SECOND_NS

    def go_on(self, seconds: int) -> None:
        """Time passes."""
        self.seconds += seconds

    def second(self, number: int) -> dict[int, int]:
        """Quantities by row in one second."""
        if number not in self.kept:
            rng = np.random.default_rng(number)
            rows = np.arange(MIDDLE - REACH, MIDDLE + REACH + 1)
            wall = np.where(rows % 9 == number // 60 % 9, 5_000, 0)
            made = wall + rng.integers(1, 900, len(rows))
            made[REACH : REACH + 2] = 0
            self.kept[number] = dict(zip(rows.tolist(), made.tolist(), strict=True))
        return self.kept[number]

    def greatest(self, begin_ns: int, end_ns: int) -> dict[int, int]:
        """By row the most that rested in a time, empty where nothing is known; rows out of reach are unknown."""
        first, last = (begin_ns - FIRST_NS) // SECOND_NS, -(-(end_ns - FIRST_NS) // SECOND_NS)
        numbers = [one for one in range(max(first, 0), min(last, self.seconds)) if one not in self.lost]
        found: dict[int, int] = {}
        for number in numbers:
            for row, quantity in self.second(number).items():
                found[row] = max(found.get(row, NOT_RECORDED), quantity)
        return found

    def read(self, first_ns: int, width_ns: int, count: int, row_low: int, cells: int, per_cell: int = 1) -> Columns:
        """As a source does."""
        quantities = np.full((count, cells), NOT_RECORDED, np.int64)
        states = np.zeros(count, np.uint8)
        for place in range(count):
            found = self.greatest(first_ns + place * width_ns, first_ns + (place + 1) * width_ns)
            states[place] = KNOWN if found else 0
            for cell in range(cells):
                low = row_low + cell * per_cell
                quantities[place, cell] = max(found.get(row, NOT_RECORDED) for row in range(low, low + per_cell))
        known = states > 0
        bids, asks = (np.where(known, MIDDLE + side, NO_PRICE) for side in (0, 1))
        return Columns(quantities, np.where(quantities > 0, 3, 0), states, bids, asks)
