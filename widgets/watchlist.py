"""The watchlist: a table of instruments under headings, whose lines a person puts in order.

Keys: Alt+Up and Alt+Down move lines, Delete takes them out, Insert adds, Left, Right and Space fold a group, Ctrl+Z and
Ctrl+Shift+Z undo and redo. A title sorts within the groups; its third press is the list's own order again.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from widgets.table import BlotterView, Column, ColumnLike
from widgets.table.column_layout import ColumnLayout
from widgets.table.drag_table import DragTable
from widgets.table.ordered_rows import UNSORTED
from widgets.table.painted_table import PaintedTable
from widgets.theme import Theme

COLUMNS = (
    Column("Instrument", 84, "l", "name"),
    Column("Day", 64, "c", "spark"),
    Column("Last", 88, "r", "data"),
    Column("Chg %", 76, "r", "data"),
    Column("Range", 84, "c", "range"),
    Column("Vol ×", 96, "r", "bar"),
    Column("Spread", 68, "r", "data"),
)


class WatchlistView(BlotterView):
    """Lines are rows of the model. What a person asks for is told; nothing changes here by itself."""

    moveWanted = Signal(object, int)
    """Lines, and the line before which they shall stand (-1: at the end)."""
    stepWanted = Signal(object, bool)
    """Lines, and whether one line down (else up)."""
    removeWanted = Signal(object)
    addWanted = Signal()
    textsDropped = Signal(object, int)
    foldWanted = Signal(int)
    undoWanted = Signal()
    redoWanted = Signal()

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[ColumnLike] = COLUMNS,
        parent: QWidget | None = None,
        layout: ColumnLayout | None = None,
    ) -> None:
        super().__init__(theme, columns, parent, name="Watchlist", layout=layout or ColumnLayout(columns, drops=True))
        table = self.table
        assert isinstance(table, DragTable)
        table.linesDropped.connect(self._dropped)
        table.textsDropped.connect(self.textsDropped)
        table.clicked.connect(self._clicked)
        table.installEventFilter(self)

    def _make_table(self, theme: Theme) -> PaintedTable:
        return DragTable(theme, self.columns, self)

    def set_editable(self, editable: bool) -> None:
        """Whether lines can be dragged."""
        self.table.can_drag = editable

    def selected_lines(self) -> list[int]:
        """Selected rows of the model, in the order shown."""
        table = self.table
        return table.selected_lines() if isinstance(table, DragTable) else []

    def select_lines(self, lines: Sequence[int]) -> None:
        """Select rows of the model."""
        if self.rows is None:
            return
        self.table.clearSelection()
        mode = self.table.selectionModel().SelectionFlag
        for line in lines:
            row = self.rows.row_of(line)
            if row >= 0:
                self.table.selectionModel().select(self.rows.index(row, 0), mode.Select | mode.Rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the head of this file."""
        lines, key = self.selected_lines(), event.key()
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undoWanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redoWanted.emit()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and lines:
            self.unsort()
            self.stepWanted.emit(lines, key == Qt.Key.Key_Down)
        elif key == Qt.Key.Key_Delete and lines:
            self.removeWanted.emit(lines)
        elif key == Qt.Key.Key_Insert:
            self.addWanted.emit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: object, event: object) -> bool:
        """Keys that the table would take for itself."""
        if isinstance(event, QKeyEvent) and event.type() is QKeyEvent.Type.KeyPress and watched is self.table:
            alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
            folds = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers()
            if folds and self._is_heading(self.selected_row()):
                self.foldWanted.emit(self.selected_row())
                return True
            if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def unsort(self) -> None:
        """Show the list in its own order."""
        self.header.setSortIndicatorShown(False)
        if self.rows is not None and self.rows.sort_column != UNSORTED:
            self.rows.sort(UNSORTED)

    def _title_clicked(self, column: int) -> None:
        rows = self.rows
        first_descending = self.columns[column].align == "r"
        if rows is not None and rows.sort_column == column and rows.descending != first_descending:
            self.unsort()
        else:
            super()._title_clicked(column)

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if len(self.selected_lines()) == 1:
            super()._selection_changed(selected, deselected)

    def _dropped(self, lines: list[int], before: int) -> None:
        self.unsort()
        self.moveWanted.emit(lines, before)

    def _clicked(self, index: QModelIndex) -> None:
        """A press on the sign of a heading folds it."""
        line = self.rows.source_row(index.row()) if self.rows is not None else -1
        at = self.table.viewport().mapFromGlobal(self.table.cursor().pos())
        if self._is_heading(line) and 0 <= at.x() <= 28:
            self.foldWanted.emit(line)

    def _is_heading(self, line: int) -> bool:
        return line >= 0 and self.rows is not None and self.rows.source.row_tone(line) == "group"
