"""The prints of one instrument in a ring of arrays.

Rules: a print keeps its absolute number (`begin` to `end`) for as long as it is kept; a slice is a view of contiguous
rows, valid until the next `append`; memory grows with what came, up to twice the capacity.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

CAPACITY: Final = 100_000
FIRST_ROOM: Final = 2_048
OWN, SWEEP, AUCTION, HIDDEN, SELF_TRADE, BUSTED = 1, 2, 4, 8, 16, 32
"""Own: a fill of the user. Sweep: the same aggressor as the print before, at another price. The rest: conditions."""
CONDITIONS: Final = AUCTION | HIDDEN | SELF_TRADE | BUSTED
PRINT: Final = np.dtype([
    ("time_ns", "i8"), ("price", "i8"), ("quantity", "i8"), ("number", "i8"), ("group", "i8"),
    ("side", "u1"), ("flags", "u1"),
])  # fmt: skip
"""`number` counts the trades of the instrument; prints of one aggressor have one `group`, 0 is no group."""


class PrintRing:
    """The last `capacity` prints."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._rows: NDArray[np.void] = np.zeros(min(FIRST_ROOM, 2 * capacity), PRINT)
        self._used = 0
        self._first = 0
        self.end = 0
        """How many prints ever came: the absolute number of the next one."""

    def __len__(self) -> int:
        return min(self._used, self._capacity)

    @property
    def begin(self) -> int:
        """The absolute number of the oldest print that is kept."""
        return self.end - len(self)

    def append(self, prints: NDArray[np.void]) -> None:
        """Add prints, oldest first; of more than fit the last are kept. Sweeps are marked on the way."""
        if not len(prints):
            return
        skipped = max(0, len(prints) - self._capacity)
        prints = prints[skipped:]
        if skipped:
            self._used, self._first = 0, self.end + skipped
            self.end += skipped
        if self._used + len(prints) > len(self._rows):
            self._make_room(len(prints))
        place = slice(self._used, self._used + len(prints))
        self._rows[place] = prints
        self._used = place.stop
        self.end += len(prints)
        self._mark_sweeps(max(place.start, 1), place.stop)

    def slice(self, first: int, last: int) -> NDArray[np.void]:
        """Prints by absolute number, `last` excluded; what is not kept is left out."""
        first, last = max(first, self.begin), min(last, self.end)
        return self._rows[first - self._first : max(last - self._first, first - self._first)]

    def all(self) -> NDArray[np.void]:
        """Every print that is kept, oldest first."""
        return self.slice(self.begin, self.end)

    def _make_room(self, wanted: int) -> None:
        kept = min(self._used, max(self._capacity - wanted, 0))
        room = len(self._rows)
        while room < min(2 * self._capacity, 2 * (kept + wanted)):
            room = min(2 * room, 2 * self._capacity)
        old = self._rows[self._used - kept : self._used]
        if room > len(self._rows):
            self._rows = np.zeros(room, PRINT)
            self._rows[:kept] = old
        else:
            self._rows[:kept] = old.copy()
        self._first += self._used - kept
        self._used = kept

    def _mark_sweeps(self, first: int, last: int) -> None:
        group, price = self._rows["group"], self._rows["price"]
        same = (group[first:last] == group[first - 1 : last - 1]) & (group[first:last] != 0)
        moved = same & (price[first:last] != price[first - 1 : last - 1])
        self._rows["flags"][first:last][moved] |= SWEEP
