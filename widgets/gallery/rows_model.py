"""Tables of the gallery: fixed rows of cells behind the interface that a blotter reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from widgets.table.columns import Cell, ColumnLike

_Index = QModelIndex | QPersistentModelIndex


def words(text: str, tone: str = "", glyph: str = "") -> Cell:
    """A cell of words."""
    return text, tone, glyph, None, None


def figure(text: str, tone: str = "", extra: Any = None) -> Cell:
    """A cell of a figure; what is no number sorts first."""
    return text, tone, "", None, extra


class RowsModel(QAbstractTableModel):
    """Rows that are given once and may be changed one by one."""

    def __init__(
        self,
        columns: Sequence[ColumnLike],
        rows: Sequence[Sequence[Cell]],
        tones: dict[int, str] | None = None,
        tints: dict[tuple[int, int], str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns, self.rows = columns, [list(row) for row in rows]
        self.tones, self.tints = tones or {}, tints or {}

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        return self.rows[row][column]

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """Figures as numbers, where the column is one of figures."""
        if self.columns[column].align != "r":
            return None
        texts = (text.replace(",", "").replace("−", "-").rstrip(" %") for text in self.texts(column))
        return np.array([float(t) if t.lstrip("+-").replace(".", "", 1).isdigit() else -np.inf for t in texts])

    def texts(self, column: int) -> list[str]:
        """A column."""
        return [row[column][0] for row in self.rows]

    def row_tone(self, row: int) -> str:
        """The tone of a row."""
        return self.tones.get(row, "")

    def cell_tint(self, row: int, column: int) -> str:
        """The tint of a cell."""
        return self.tints.get((row, column), "")

    def replace(self, row: int, column: int, cell: Cell) -> None:
        """Change a cell."""
        self.rows[row][column] = cell
        self.dataChanged.emit(self.index(row, column), self.index(row, column))

    def append(self, row: Sequence[Cell]) -> None:
        """Add a row at the end."""
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows))
        self.rows.append(list(row))
        self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()][index.column()][0]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title of a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.columns[section].title
        return None
