"""Rows in the order of a column, kept while single keys change.

Rules: the order is by section, key and row number, and is always that of a sort of all rows; keys are numbers or
texts; what is no number comes last, up or down; in descending order later rows come first among equals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SINGLE_MOVES_MAX: Final = 48
"""With more changed keys than this all rows are sorted again."""

Keys = NDArray[np.float64] | list[str] | None
"""Numbers or texts by row; None: rows keep their own order."""


class RowOrder:
    """`rows` are those shown, in order; `place[row]` is where a row is, -1 for one that is not shown."""

    def __init__(self, count: int = 0) -> None:
        self.rows: NDArray[np.int64] = np.arange(count)
        self.place: NDArray[np.int64] = np.arange(count)
        self._keys: Keys = None
        self._sections: NDArray[np.int64] | None = None
        self._descending = False

    def sort(
        self,
        count: int,
        keys: Keys,
        sections: NDArray[np.int64] | None,
        descending: bool,
        shown: NDArray[np.bool_] | None,
    ) -> NDArray[np.int64]:
        """Take all keys (of `count` rows) anew; the rows to show in their order, which `take` puts into force."""
        self._descending = descending
        self._sections = sections
        tie = -np.arange(count) if descending and keys is not None else np.arange(count)
        columns = [tie]
        if isinstance(keys, list):
            self._keys = keys
            _, ranks = np.unique(np.array(keys, np.str_), return_inverse=True) if count else (0, np.zeros(0, np.int64))
            columns.append(-ranks if descending else ranks)
        elif keys is not None:
            self._keys = _comparable(keys[:count], descending)
            columns.append(self._keys)
        else:
            self._keys = None
        if sections is not None:
            columns.append(sections[:count])
        order = np.lexsort(columns) if len(columns) > 1 else np.arange(count)
        return order if shown is None else order[shown[order]]

    def take(self, rows: NDArray[np.int64], count: int) -> None:
        """These of `count` rows are shown, in this order, from now on."""
        self.rows = rows
        self.place = np.full(count, -1, np.int64)
        self.place[rows] = np.arange(len(rows))

    def move(self, row: int, key: float | str) -> bool:
        """A shown row has another key; True if it stands elsewhere now. The others must be in order."""
        keys = self._keys
        if keys is None:
            return False
        if isinstance(keys, list):
            keys[row] = str(key)
        else:
            keys[row] = _comparable(np.array([key], np.float64), self._descending)[0]
        old = int(self.place[row])
        new = self._found(row, old)
        if new == old:
            return False
        low, high = min(old, new), max(old, new) + 1
        if new < old:
            self.rows[new + 1 : old + 1] = self.rows[new:old].copy()
        else:
            self.rows[old:new] = self.rows[old + 1 : new + 1].copy()
        self.rows[new] = row
        self.place[self.rows[low:high]] = np.arange(low, high)
        return True

    def _found(self, row: int, old: int) -> int:
        """Where a row belongs among the others, which are in order."""
        rows = self.rows
        if old and self._before(row, int(rows[old - 1])):
            low, high, shift = 0, old - 1, 0
        elif old + 1 < len(rows) and self._before(int(rows[old + 1]), row):
            low, high, shift = old + 1, len(rows), -1
        else:
            return old
        while low < high:
            middle = (low + high) // 2
            if self._before(row, int(rows[middle])):
                high = middle
            else:
                low = middle + 1
        return low + shift

    def _before(self, one: int, other: int) -> bool:
        sections, keys = self._sections, self._keys
        assert keys is not None
        if sections is not None and sections[one] != sections[other]:
            return bool(sections[one] < sections[other])
        mine, its = keys[one], keys[other]
        if mine != its:
            return bool(mine < its) != (self._descending and isinstance(keys, list))
        return (one < other) != self._descending


def _comparable(numbers: NDArray[np.float64], descending: bool) -> NDArray[np.float64]:
    """Numbers that ascend in the wanted order; what is no number comes last."""
    signed = -numbers if descending else numbers.astype(np.float64)
    return np.where(np.isnan(signed), np.inf, signed)


def changed_membership(
    old: NDArray[np.int64], new: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of `old` that are not in `new`, and the other way round, each in its own order."""
    before, after = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    before[old] = True
    after[new] = True
    return old[~after[old]], new[~before[new]]


def sections_of(source: object) -> NDArray[np.int64] | None:
    """The sections of a model's rows, if it has any."""
    told = getattr(source, "sections", None)
    return None if told is None else told()


def texts_of(cells: Sequence[str]) -> list[str]:
    """Texts as they are compared: without regard to case."""
    return [text.casefold() for text in cells]
