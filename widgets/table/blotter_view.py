"""A blotter: head with filters, painted rows, totals, and a sentence where there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.table.cell_painting import PAD_PX, ROW_PX, CellPainter
from widgets.table.columns import ColumnLike
from widgets.table.filter_header import FilterHeader
from widgets.table.ordered_rows import OrderedRows
from widgets.table.painted_table import PaintedTable
from widgets.theme import Theme

Total = tuple[str, str]
LEAST_STRETCH = 0.9


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

    def __init__(
        self, theme: Theme, columns: Sequence[ColumnLike], parent: QWidget | None = None, *, name: str = "Blotter"
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: OrderedRows | None = None
        self._empty = ("", "")
        self.table = PaintedTable(theme, self.columns, self)
        self.table.setAccessibleName(name)
        self.setAccessibleName(name)
        self.header = FilterHeader(theme, self.columns, self.table)
        self.table.setHorizontalHeader(self.header)
        self.header.filterChanged.connect(self._filter)
        self.header.sectionClicked.connect(self._title_clicked)
        self.header.sectionResized.connect(lambda *_: self.totals.update())
        self.table.horizontalScrollBar().valueChanged.connect(lambda _: self.totals.update())
        self.table.activated.connect(self._activated)
        self.table.resized.connect(self._fit_columns)
        self.totals = TotalsRow(theme, self.table, self.columns, self)
        self.totals.hide()
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
        """Share the width among the columns in proportion; they shrink a little before they scroll."""
        natural = [column.width for column in self.columns]
        width = self.table.viewport().width()
        stretch = max(width / max(sum(natural), 1), LEAST_STRETCH)
        widths = [int(size * stretch) for size in natural]
        widths[-1] += max(width - sum(widths), 0) if stretch > LEAST_STRETCH else 0
        for i, size in enumerate(widths):
            self.header.resizeSection(i, size)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F filters, Escape clears all filters."""
        if event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.header.edit_first_filter()
        elif event.key() == Qt.Key.Key_Escape and self.rows is not None and self.rows.hidden_count():
            for column in range(len(self.columns)):
                self.header.set_filter_text(column, "")
        else:
            super().keyPressEvent(event)
