"""Which rows of a model a filter lets through; only rows that are new or changed are looked at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from widgets.formatting import MINUS


class RowFilter:
    """Texts by column: "min" is a least number, all else a part of the text."""

    def __init__(self, text: Callable[[int, int], str]) -> None:
        """`text(row, column)` is what a cell shows."""
        self._text = text
        self._wanted: dict[int, tuple[str, str]] = {}
        self._matching: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._changed: set[int] = set()

    @property
    def is_set(self) -> bool:
        """Whether it hides anything."""
        return bool(self._wanted)

    def set(self, column: int, kind: str, text: str) -> None:
        """Ask for a text in a column; an empty one asks for nothing."""
        if text.strip():
            self._wanted[column] = (kind, text.strip())
        else:
            self._wanted.pop(column, None)
        self.forget()

    def forget(self) -> None:
        """Look at all rows again."""
        self._matching = np.zeros(0, np.bool_)

    def changed(self, first: int, last: int) -> None:
        """Rows have changed."""
        if self._wanted:
            self._changed.update(range(first, last + 1))

    def matching(self, count: int) -> NDArray[np.bool_] | None:
        """Which of `count` rows pass; None: all."""
        if not self._wanted:
            return None
        known = len(self._matching) if len(self._matching) <= count else 0
        looked_at = {row for row in self._changed if row < known} | set(range(known, count))
        self._matching = np.concatenate([self._matching[:known], np.zeros(count - known, np.bool_)])
        self._changed.clear()
        for row in looked_at:
            self._matching[row] = all(
                _holds(kind, text, self._text(row, column)) for column, (kind, text) in self._wanted.items()
            )
        return self._matching


def _holds(kind: str, wanted: str, text: str) -> bool:
    return _number(text) >= _number(wanted) if kind == "min" else wanted.lower() in text.lower()


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "").replace(MINUS, "-"))
    except ValueError:
        return float("-inf")
