"""The rows of a model in another order and without those that a filter hides.

Order and filter follow the source at most once a turn of the event loop; the selection stays on its row. While they
are held (the pointer is over the rows) no row moves and none goes; new ones come at the end. The source keeps its
rows where they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from widgets.table.columns import Cell
from widgets.table.row_filter import RowFilter
from widgets.table.row_order import SINGLE_MOVES_MAX, Keys, RowOrder, changed_membership, sections_of, texts_of

_Index = QModelIndex | QPersistentModelIndex
UNSORTED = -1


class OrderedRows(QAbstractTableModel):
    """A view of `source`. Give what a row is in the source with `source_row`."""

    reordered = Signal()

    def __init__(self, source: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.sort_column, self.descending = UNSORTED, False
        self.held_back = False
        """Whether rows would stand elsewhere if they were not held."""
        self._held = False
        self._filter = RowFilter(lambda row, column: source.cell(row, column)[0])
        self._order = RowOrder()
        self._changed: set[int] = set()
        self._all_changed = True
        self._pending = QTimer(self)
        self._pending.setSingleShot(True)
        self._pending.timeout.connect(self.reorder)
        self._order.take(self._computed(), source.rowCount())
        source.dataChanged.connect(self._source_changed)
        source.rowsInserted.connect(self._schedule_all)
        source.rowsRemoved.connect(self._reset)
        source.modelReset.connect(self._reset)

    def source_row(self, row: int) -> int:
        """The row of the source; -1 for a row that is not there."""
        return int(self._order.rows[row]) if 0 <= row < len(self._order.rows) else -1

    def row_of(self, source_row: int) -> int:
        """Where a row of the source is shown; -1 if it is hidden."""
        return int(self._order.place[source_row]) if 0 <= source_row < len(self._order.place) else -1

    def set_filter(self, column: int, kind: str, text: str) -> None:
        """Hide the rows that do not match: "min" is a least number, all else a part of the text."""
        self._filter.set(column, kind, text)
        self._reset()

    def hidden_count(self) -> int:
        """How many rows of the source the filter hides."""
        return self.source.rowCount() - len(self._order.rows) if self._filter.is_set else 0

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column: by number where it has numbers, else by text. A person asked: nothing is held."""
        self.sort_column, self.descending = column, order == Qt.SortOrder.DescendingOrder
        self._all_changed = True
        self._follow()

    def hold(self, held: bool) -> None:
        """Let no row move from now on, or let them move again."""
        if held == self._held:
            return
        self._held = held
        if not held and self.held_back:
            self.held_back = False
            self._all_changed = True
            self.reorder()

    def _source_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        top, bottom = first.row(), last.row()
        shown = self._order.place[top : bottom + 1]
        shown = shown[shown >= 0]
        if len(shown):
            last_column = self.columnCount() - 1
            self.dataChanged.emit(
                self.createIndex(int(shown.min()), 0), self.createIndex(int(shown.max()), last_column)
            )
        self._filter.changed(top, bottom)
        if self.sort_column != UNSORTED or self._filter.is_set:
            if bottom - top + len(self._changed) > SINGLE_MOVES_MAX:
                self._all_changed = True
            else:
                self._changed.update(range(top, bottom + 1))
            self._schedule()

    def _schedule_all(self, *_: object) -> None:
        self._all_changed = True
        self._schedule()

    def _schedule(self) -> None:
        if not self._pending.isActive():
            self._pending.start(0)

    def _reset(self, *_: object) -> None:
        self._filter.forget()
        self.beginResetModel()
        self._order.take(self._computed(), self.source.rowCount())
        self.endResetModel()
        self.held_back = False
        self.reordered.emit()

    def reorder(self) -> None:
        """Let order and filter follow what changed, and tell what moved; if rows are held, only show new ones."""
        if self._held:
            self._show_new()
        elif self._all_changed or self._filter.is_set:
            self._follow()
        elif self._changed:
            self._move()

    def _move(self) -> None:
        """Put single rows where they belong."""
        changed, self._changed = self._changed, set()
        keys = self._keys_of(changed)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        sources = [self.source_row(index.row()) for index in before]
        moved = False
        for row, key in keys.items():
            moved |= self._order.move(row, key)
        if moved:
            self._restore(before, sources)
        self.layoutChanged.emit()
        if moved:
            self.reordered.emit()

    def _keys_of(self, changed: set[int]) -> dict[int, Any]:
        """The keys of the changed rows that are shown."""
        rows = [row for row in sorted(changed) if self.row_of(row) >= 0]
        numbers_at = getattr(self.source, "numbers_at", None)
        if numbers_at is not None:
            numbers = numbers_at(self.sort_column, rows)
        else:
            numbers = self.source.numbers(self.sort_column)
            numbers = None if numbers is None else numbers[rows]
        if numbers is None:
            return {row: texts_of([self.source.cell(row, self.sort_column)[0]])[0] for row in rows}
        return dict(zip(rows, numbers.tolist(), strict=True))

    def _show_new(self) -> None:
        """Show rows that are new at the end; all else waits."""
        count, known = self.source.rowCount(), len(self._order.place)
        self.held_back = True
        matching = self._filter.matching(count)
        new = np.arange(known, count)
        if matching is not None:
            new = new[matching[known:]]
        if count > known:
            self._insert(new, count)
        self.reordered.emit()

    def _follow(self) -> None:
        """Compute everything anew and get there by removing, moving and inserting."""
        count = self.source.rowCount()
        wanted, old = self._computed(), self._order.rows
        gone, added = changed_membership(old, wanted, max(count, len(self._order.place)))
        if len(gone):
            kept = wanted[~np.isin(wanted, added)] if len(added) else wanted
            self._arrange(np.concatenate([kept, gone]))
            self.beginRemoveRows(QModelIndex(), len(kept), len(kept) + len(gone) - 1)
            self._order.take(kept, count)
            self.endRemoveRows()
        if len(added):
            self._insert(added, count)
        elif len(self._order.place) != count:
            self._order.take(self._order.rows, count)
        if not np.array_equal(wanted, self._order.rows):
            self._arrange(wanted)
        elif not len(gone) and not len(added):
            return
        self.reordered.emit()

    def _insert(self, added: NDArray[np.int64], count: int) -> None:
        shown = len(self._order.rows)
        if len(added):
            self.beginInsertRows(QModelIndex(), shown, shown + len(added) - 1)
        self._order.take(np.concatenate([self._order.rows, added]), count)
        if len(added):
            self.endInsertRows()

    def _arrange(self, rows: NDArray[np.int64]) -> None:
        """The same rows in another order; selections go with their rows."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        sources = [self.source_row(index.row()) for index in before]
        self._order.take(rows, len(self._order.place))
        self._restore(before, sources)
        self.layoutChanged.emit()

    def _restore(self, before: list[QModelIndex], sources: list[int]) -> None:
        after = [self.createIndex(self.row_of(row), i.column()) for row, i in zip(sources, before, strict=True)]
        self.changePersistentIndexList(before, after)

    def _computed(self) -> NDArray[np.int64]:
        count = self.source.rowCount()
        self._changed.clear()
        self._all_changed = False
        keys: Keys = None
        if self.sort_column != UNSORTED and count:
            keys = self.source.numbers(self.sort_column)
            if keys is None:
                keys = texts_of(self.source.texts(self.sort_column))
        return self._order.sort(count, keys, sections_of(self.source), self.descending, self._filter.matching(count))

    # what the view reads

    def cell(self, row: int, column: int) -> Cell:
        """The source's cell."""
        cell: Cell = self.source.cell(self.source_row(row), column)
        return cell

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """Rows that are shown."""
        return 0 if parent.isValid() else len(self._order.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's name and default
        """The source's columns."""
        return 0 if parent.isValid() else int(self.source.columnCount())

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The source's data."""
        if not index.isValid():
            return None
        return self.source.data(self.source.index(self.source_row(index.row()), index.column()), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The source's titles."""
        return self.source.headerData(section, orientation, role)
