"""A table model over rows that never move: they are appended at the end and change in place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Cell = tuple[str, str, str, float | None, Any]
"""Text, tone (a token or ""), glyph (a name or ""), number to compare by, and a fraction or points to draw."""

RANGES_MAX: Final = 24
"""More changed ranges than this are told as one that holds them all: to look at them one by one costs more."""
EMPTY: Final[Cell] = ("", "", "", None, None)
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: its title, its width in pixels, how it is aligned ("l", "r", "c"), drawn and filtered."""

    title: str
    width: int
    align: str = "l"
    kind: str = "data"
    filter: str = "none"


class KeyedModel(QAbstractTableModel):
    """Base of the blotters' models: a subclass gives `headings`, `count()` and `cell()`."""

    headings: tuple[Heading, ...] = ()
    changing: tuple[int, int] = (0, -1)
    """The first and the last column that can change after a row is there."""

    def __init__(self, parent: QObject | None = None) -> None:
        """No rows until the first `refresh`."""
        super().__init__(parent)
        self._shown = 0

    def count(self) -> int:
        """How many rows the state has."""
        raise NotImplementedError

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        raise NotImplementedError

    def row_tone(self, row: int) -> str:
        """The tone of a whole row, "" for none."""
        del row
        return ""

    def cell_tint(self, row: int, column: int) -> str:
        """The token of a cell's background, "" for none."""
        del row, column
        return ""

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """What a column sorts by; None: by its texts."""
        del column
        return None

    def numbers_at(self, column: int, rows: list[int]) -> NDArray[np.float64] | None:
        """`numbers` of some rows alone, for models that have them cheaper so."""
        numbers = self.numbers(column)
        return None if numbers is None else numbers[rows]

    def texts(self, column: int) -> list[str]:
        """The texts of a column, for sorting and filtering."""
        return [self.cell(row, column)[0] for row in range(self._shown)]

    def refresh(self, changed: Collection[int], columns: tuple[int, int] | None = None) -> None:
        """Tell the views of new rows and of the rows in `changed`, of some of their columns if these are given."""
        count = self.count()
        if count < self._shown:
            self.beginResetModel()
            self._shown = count
            self.endResetModel()
            return
        if count > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, count - 1)
            self._shown = count
            self.endInsertRows()
        told = ranges(changed)
        if len(told) > RANGES_MAX:
            told = [(told[0][0], told[-1][1])]
        for first, end in told:
            if first < count:
                left, right = columns or self.changing
                right = right % len(self.headings)
                self.dataChanged.emit(self.index(first, left), self.index(min(end, count - 1), right))

    def reset(self) -> None:
        """Tell the views that everything is another."""
        self.beginResetModel()
        self._shown = self.count()
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Rows told to the views."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Columns."""
        return 0 if parent.isValid() else len(self.headings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell, for whatever does not know `cell`."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) and index.isValid():
            return self.cell(index.row(), index.column())[0]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title of a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.headings[section].title
        return None


def ranges(rows: Collection[int]) -> Sequence[tuple[int, int]]:
    """Rows as contiguous (first, last) ranges, ascending."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found
