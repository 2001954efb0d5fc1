"""A blotter: head with filters, painted rows, totals, and a sentence where there is nothing to show.

Ctrl+C copies what is selected with its titles, Ctrl+Shift+C all rows; a right press on the head chooses columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QKeyCombination, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from widgets.csv_text import clipboard_text
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.table.cell_painting import PAD_PX, ROW_PX, CellPainter
from widgets.table.column_control import ColumnControl
from widgets.table.column_layout import ColumnLayout
from widgets.table.columns import ColumnLike
from widgets.table.filter_header import FilterHeader
from widgets.table.ordered_rows import OrderedRows
from widgets.table.painted_table import PaintedTable
from widgets.table.table_text import table_rows, written_columns
from widgets.theme import Theme

Total = tuple[str, str]
_COPY_ALL = QKeyCombination(Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_C)


class TotalsRow(QWidget):
    """The sums under the columns they belong to."""

    def __init__(self, theme: Theme, table: PaintedTable, columns: tuple[ColumnLike, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._table, self._columns = table, columns
        self._totals: list[Total] = []
        self.setFixedHeight(ROW_PX)
        self.setAccessibleName("Totals")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._cells = CellPainter(theme)
        self.update()

    def set_columns(self, columns: tuple[ColumnLike, ...]) -> None:
        """Other columns; no sums."""
        self._columns = columns
        self.set_totals([])

    def set_totals(self, totals: Sequence[Total]) -> None:
        """Text and tone of each column."""
        self._totals = list(totals)
        self.setAccessibleDescription(", ".join(text for text, _ in totals if text))
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the sums; words may run into the columns behind."""
        del event
        theme = self._cells.theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("hairline"))
        for i, (text, tone) in enumerate(self._totals):
            if not text or self._table.isColumnHidden(i):
                continue
            column = self._columns[i]
            figures = column.kind in ("data", "progress", "meter", "bar") and column.align == "r"
            cache = self._cells.data_strong if figures else self._cells.label
            x, size = self._table.columnViewportPosition(i), self._table.columnWidth(i)
            painter.setFont(cache.font)
            painter.setPen(theme.color(tone or ("text" if figures else "label")))
            top = cache.top_for(0, ROW_PX)
            if column.align == "r":
                cache.right(painter, x + size - PAD_PX, top, text)
            else:
                cache.left(painter, x + PAD_PX, top, text)


class BlotterView(QWidget):
    """Rows of a model (see the package) under `columns`."""

    rowActivated = Signal(int)
    rowSelected = Signal(int)
    exportWanted = Signal()

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[ColumnLike],
        parent: QWidget | None = None,
        *,
        name: str = "Blotter",
        layout: ColumnLayout | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.column_layout = layout or ColumnLayout(self.columns)
        self.rows: OrderedRows | None = None
        self._empty = ("", "")
        self.table = self._make_table(theme)
        self.table.setAccessibleName(name)
        self.setAccessibleName(name)
        self.header = FilterHeader(theme, self.columns, self.table)
        self.table.setHorizontalHeader(self.header)
        self.header.filterChanged.connect(self._filter)
        self.header.sectionClicked.connect(self._title_clicked)
        self.header.menuWanted.connect(lambda at: self.column_menu().popup(at))
        self.table.horizontalScrollBar().valueChanged.connect(lambda _: self.totals.update())
        self.table.activated.connect(self._activated)
        self.table.resized.connect(self._fit_columns)
        self.totals = TotalsRow(theme, self.table, self.columns, self)
        self.totals.hide()
        self.columns_of_head = ColumnControl(
            self.header, self.column_layout, lambda: self.table.viewport().width(), self.totals.update
        )
        self.setFocusProxy(self.table)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.table, 1)
        box.addWidget(self.totals)
        self._overlay = StateOverlay(theme, self.table, self.header.sizeHint().height())

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        for part in (self.table, self.header, self.totals, self._overlay):
            part.set_theme(theme)

    def set_model(self, model: Any) -> None:
        """Show a model."""
        self.rows = OrderedRows(model, self)
        self.table.setModel(self.rows)
        for signal in (self.rows.reordered, self.rows.modelReset, self.rows.rowsInserted, self.rows.rowsRemoved):
            signal.connect(self._check_empty)
        selection = self.table.selectionModel()
        selection.selectionChanged.connect(self._selection_changed)
        self._fit_columns()
        self._check_empty()

    def _make_table(self, theme: Theme) -> PaintedTable:
        return PaintedTable(theme, self.columns, self)

    def set_columns(self, columns: Sequence[ColumnLike]) -> None:
        """The model has other columns; it has been reset."""
        self.columns = tuple(columns)
        self.column_layout.set_columns(self.columns)
        self.table.set_columns(self.columns)
        self.header.set_columns(self.columns)
        self.totals.set_columns(self.columns)
        self._fit_columns()

    def show_columns(self, titles: Sequence[str]) -> None:
        """Show these columns, in this order."""
        self.column_layout.choose(titles)
        self._fit_columns()

    def saved(self) -> dict[str, object]:
        """Columns and order as JSON values."""
        saved = self.column_layout.saved()
        if self.rows is not None and 0 <= self.rows.sort_column < len(self.columns):
            saved["sort"] = [self.columns[self.rows.sort_column].title, self.rows.descending]
        return saved

    def restore(self, saved: dict[str, object]) -> None:
        """Take what `saved` gave; what is none of it changes nothing."""
        self.column_layout.restore(saved)
        self._fit_columns()
        order = saved.get("sort")
        titles = [column.title for column in self.columns]
        if isinstance(order, list) and len(order) == 2 and order[0] in titles:
            self.sort_by(titles.index(order[0]), bool(order[1]))

    def column_menu(self) -> QMenu:
        """Columns to show and hide, copy and export."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        self.columns_of_head.add_to(menu)
        menu.addAction("Copy all rows", self.copy_all)
        menu.addAction("Export as CSV…", self.exportWanted.emit)
        return menu

    def texts(self, places: Sequence[int] | None = None) -> tuple[list[str], list[list[str]]]:
        """Titles and texts of the rows shown (or of some of them), columns as they are chosen."""
        written = written_columns(self.columns, self.column_layout.chosen)
        titles = [self.columns[place].title for place in written]
        return titles, list(table_rows(self.rows, self.columns, written, places)) if self.rows is not None else []

    def copy_selected(self) -> None:
        """Put the selected rows with their titles on the clipboard."""
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows()) if self.rows else []
        QGuiApplication.clipboard().setText(clipboard_text(*self.texts(places)))

    def copy_all(self) -> None:
        """Put all rows that are shown on the clipboard."""
        QGuiApplication.clipboard().setText(clipboard_text(*self.texts()))

    def sort_by(self, column: int, descending: bool = False) -> None:
        """Order by a column."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.header.setSortIndicatorShown(True)
        self.header.setSortIndicator(column, order)
        if self.rows is not None:
            self.rows.sort(column, order)

    def set_totals(self, totals: Sequence[Total]) -> None:
        """Text and tone of each column's total; none for an empty list."""
        self.totals.set_totals(totals)
        self.totals.setVisible(bool(totals))

    def set_empty_message(self, title: str, detail: str = "") -> None:
        """What to say when there is no row: why, and what would change it."""
        self._empty = (title, detail)
        self._check_empty()

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)

    def selected_row(self) -> int:
        """The row of the model that is selected; -1 for none."""
        rows = self.table.selectionModel().selectedRows() if self.rows is not None else []
        return self.rows.source_row(rows[0].row()) if rows and self.rows is not None else -1

    def select_row(self, source_row: int) -> None:
        """Select a row of the model, if it is shown."""
        if self.rows is not None and self.rows.row_of(source_row) >= 0:
            self.table.selectRow(self.rows.row_of(source_row))

    def _filter(self, column: int, text: str) -> None:
        if self.rows is not None:
            selected = self.selected_row()
            self.rows.set_filter(column, self.columns[column].filter, text)
            self.select_row(selected)
            self._check_empty()

    def _title_clicked(self, column: int) -> None:
        same = self.header.isSortIndicatorShown() and self.rows is not None and self.rows.sort_column == column
        first_descending = self.columns[column].align == "r"
        descending = not self.rows.descending if same and self.rows is not None else first_descending
        self.sort_by(column, descending)

    def _activated(self, index: QModelIndex) -> None:
        if self.rows is not None:
            self.rowActivated.emit(self.rows.source_row(index.row()))

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        del selected, deselected
        self.rowSelected.emit(self.selected_row())

    def _check_empty(self, *_: object) -> None:
        if self.rows is None or self._overlay.state not in ("live", "empty"):
            return
        if self.rows.rowCount():
            self._overlay.set_state("live")
            return
        hidden = self.rows.hidden_count()
        title, detail = self._empty
        if hidden:
            title, detail = "Nothing matches", f"{hidden:,} rows are hidden by the filter · Esc clears it"
        if title:
            self._overlay.set_state("empty", title, detail)

    def _fit_columns(self) -> None:
        if self.rows is not None:
            self.columns_of_head.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F filters, Escape clears all filters, Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.keyCombination() == _COPY_ALL:
            self.copy_all()
        elif event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.header.edit_first_filter()
        elif event.key() == Qt.Key.Key_Escape and self.rows is not None and self.rows.hidden_count():
            for column in range(len(self.columns)):
                self.header.set_filter_text(column, "")
        else:
            super().keyPressEvent(event)
