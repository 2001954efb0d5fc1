"""A keyed table on one structured array: rows are appended, changed in place and never move.

Rules: a row keeps its index for life, so models and selections can hold it; columns are views for sorting and
painting; a view is valid until the next `append`, because growing copies.
"""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 64


class KeyedTable:
    """Rows of one layout, found by any number of keys."""

    def __init__(self, layout: np.dtype[np.void]) -> None:
        """An empty table of `layout`."""
        self._rows: NDArray[np.void] = np.zeros(_FIRST_CAPACITY, layout)
        self._count = 0
        self._index: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> NDArray[np.void]:
        """All rows, oldest first; a view, writable by the owner of the table alone."""
        return self._rows[: self._count]

    def column(self, name: str) -> NDArray[np.generic]:
        """One column of all rows, a view."""
        return self._rows[name][: self._count]

    def find(self, key: Hashable) -> int:
        """The row of `key`, or -1."""
        return self._index.get(key, -1)

    def append(self, key: Hashable) -> int:
        """A new zeroed row under `key`; returns its index. The key must be new."""
        assert key not in self._index, key
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        row = self._count
        self._count += 1
        self._index[key] = row
        return row

    def alias(self, key: Hashable, row: int) -> None:
        """Make `key` find `row` too."""
        self._index[key] = row

    def clear(self) -> None:
        """Forget every row."""
        self._rows[: self._count] = np.zeros((), self._rows.dtype)
        self._count = 0
        self._index.clear()
