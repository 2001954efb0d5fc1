"""The rows of a model in another order and without those that a filter hides.

Order and filter are computed at once for all rows with numpy, at most once a turn of the event loop; the selection
stays on its row. The source keeps its rows where they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from widgets.formatting import MINUS
from widgets.table.columns import Cell

_Index = QModelIndex | QPersistentModelIndex
UNSORTED = -1


class OrderedRows(QAbstractTableModel):
    """A view of `source`. Give what a row is in the source with `source_row`."""

    reordered = Signal()

    def __init__(self, source: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.sort_column, self.descending = UNSORTED, False
        self._filters: dict[int, tuple[str, str]] = {}
        self._order: NDArray[np.int64] = np.arange(source.rowCount())
        self._listed: list[int] = self._order.tolist()
        self._place = self._order.copy()
        self._matching = np.ones(len(self._order), np.bool_)
        self._unmatched: set[int] = set()
        self._pending = QTimer(self)
        self._pending.setSingleShot(True)
        self._pending.timeout.connect(self.reorder)
        source.dataChanged.connect(self._source_changed)
        source.rowsInserted.connect(self._schedule)
        source.rowsRemoved.connect(self._reset)
        source.modelReset.connect(self._reset)

    def source_row(self, row: int) -> int:
        """The row of the source; -1 for a row that is not there."""
        return self._listed[row] if 0 <= row < len(self._listed) else -1

    def row_of(self, source_row: int) -> int:
        """Where a row of the source is shown; -1 if it is hidden."""
        return int(self._place[source_row]) if 0 <= source_row < len(self._place) else -1

    def set_filter(self, column: int, kind: str, text: str) -> None:
        """Hide the rows that do not match: "min" is a least number, all else a part of the text."""
        if text.strip():
            self._filters[column] = (kind, text.strip())
        else:
            self._filters.pop(column, None)
        self._reset()

    def clear_filters(self) -> None:
        """Show all rows."""
        self._filters.clear()
        self._reset()

    def hidden_count(self) -> int:
        """How many rows of the source the filter hides."""
        return self.source.rowCount() - len(self._order) if self._filters else 0

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column: by number where it has numbers, else by text."""
        self.sort_column, self.descending = column, order == Qt.SortOrder.DescendingOrder
        self.reorder()

    def _source_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        shown = self._place[first.row() : last.row() + 1]
        shown = shown[shown >= 0]
        if len(shown):
            self.dataChanged.emit(self.index(int(shown.min()), 0), self.index(int(shown.max()), self.columnCount() - 1))
        if self._filters:
            self._unmatched.update(range(first.row(), last.row() + 1))
        if self.sort_column != UNSORTED or self._filters:
            self._schedule()

    def _schedule(self, *_: object) -> None:
        if not self._pending.isActive():
            self._pending.start(0)

    def _reset(self, *_: object) -> None:
        self._matching = np.ones(0, np.bool_)
        self.beginResetModel()
        self._take(self._computed())
        self.endResetModel()
        self.reordered.emit()

    def reorder(self) -> None:
        """Compute order and filter anew and tell what moved."""
        order = self._computed()
        if np.array_equal(order, self._order):
            return
        appended = len(order) - len(self._order)
        old = self._order
        if appended < 0 or not np.isin(old, order, assume_unique=True).all():
            self.beginResetModel()
            self._take(order)
            self.endResetModel()
            self.reordered.emit()
            return
        if appended:
            self.beginInsertRows(QModelIndex(), len(old), len(order) - 1)
            self._take(np.concatenate([old, np.setdiff1d(order, old, assume_unique=True)]))
            self.endInsertRows()
        if not np.array_equal(order, self._order):
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            rows = [self.source_row(index.row()) for index in before]
            self._take(order)
            after = [self.index(self.row_of(row), i.column()) for row, i in zip(rows, before, strict=True)]
            self.changePersistentIndexList(before, after)
            self.layoutChanged.emit()
        self.reordered.emit()

    def _take(self, order: NDArray[np.int64]) -> None:
        self._order, self._listed = order, order.tolist()
        self._place = np.full(self.source.rowCount(), -1, np.int64)
        self._place[order] = np.arange(len(order))

    def _computed(self) -> NDArray[np.int64]:
        count = self.source.rowCount()
        order = np.arange(count)
        if self.sort_column != UNSORTED and count:
            numbers = self.source.numbers(self.sort_column)
            if numbers is None:
                _, numbers = np.unique(np.array(self.source.texts(self.sort_column)), return_inverse=True)
            numbers = np.asarray(numbers)[:count]
            if self.descending:
                order = np.lexsort((-order, -numbers))
            else:
                order = np.lexsort((order, numbers))
        return order[self._matches(count)[order]] if self._filters and count else order

    def _matches(self, count: int) -> NDArray[np.bool_]:
        """Which rows match all filters; only rows that are new or changed are looked at."""
        known = len(self._matching)
        if known > count:
            known = 0
        wanted = {row for row in self._unmatched if row < known} | set(range(known, count))
        self._matching = np.concatenate([self._matching[:known], np.zeros(count - known, np.bool_)])
        self._unmatched.clear()
        for row in wanted:
            self._matching[row] = all(
                _holds(kind, text, self.source.cell(row, column)[0]) for column, (kind, text) in self._filters.items()
            )
        return self._matching

    # what the view reads

    def cell(self, row: int, column: int) -> Cell:
        """The source's cell."""
        cell: Cell = self.source.cell(self._listed[row], column)
        return cell

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Rows that are shown."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """The source's columns."""
        return 0 if parent.isValid() else int(self.source.columnCount())

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The source's data."""
        if not index.isValid():
            return None
        return self.source.data(self.source.index(int(self._order[index.row()]), index.column()), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The source's titles."""
        return self.source.headerData(section, orientation, role)


def _holds(kind: str, wanted: str, text: str) -> bool:
    return _number(text) >= _number(wanted) if kind == "min" else wanted.lower() in text.lower()


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "").replace(MINUS, "-"))
    except ValueError:
        return float("-inf")
