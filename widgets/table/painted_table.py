"""A QTableView that paints its visible cells itself, in one pass over the exposed part.

Rules: no row moves while the pointer is over the rows; a sign says that some would.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from widgets.painting import painted
from widgets.table.cell_painting import ROW_PX, STALE_TINT, CellPainter
from widgets.table.columns import ColumnLike
from widgets.table.ordered_rows import OrderedRows
from widgets.theme import Theme

HELD = "order held"


class PaintedTable(QTableView):
    """Selection, keys, scrolling and accessibility are Qt's; the pixels are ours."""

    resized = Signal()

    def __init__(self, theme: Theme, columns: tuple[ColumnLike, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._cells = CellPainter(theme)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setMinimumSectionSize(ROW_PX)
        rows.setDefaultSectionSize(ROW_PX)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def set_columns(self, columns: tuple[ColumnLike, ...]) -> None:
        """The model has other columns."""
        self._columns = columns
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._cells = CellPainter(theme)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Hold the rows while the pointer is over them."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.HoverEnter):
            self._hold(True)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._hold(False)
        return super().viewportEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is under the pointer any more."""
        self._hold(False)
        super().hideEvent(event)

    def _hold(self, held: bool) -> None:
        model = self.model()
        if isinstance(model, OrderedRows):
            model.hold(held)
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is another width for the columns."""
        super().resizeEvent(event)
        self.resized.emit()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the exposed rows and columns, rectangle by rectangle."""
        theme, model = self._cells.theme, self.model()
        selection = self.selectionModel()
        chosen = {index.row() for index in selection.selectedRows()} if selection is not None else set()
        for exposed in event.region():
            painter.fillRect(exposed, theme.color("canvas"))
            if isinstance(model, OrderedRows) and model.rowCount():
                painter.setClipRect(exposed)
                self._paint_rows(painter, model, exposed, chosen)
        painter.setClipRect(self.viewport().rect())
        if isinstance(model, OrderedRows) and model.held_back:
            self._cells.paint_sign(painter, self.viewport().rect(), HELD)
        if self.hasFocus() and self.currentIndex().isValid():
            row = self.rowViewportPosition(self.currentIndex().row())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("focus", 1))
            painter.drawRect(0, row, self.viewport().width() - 1, ROW_PX - 1)

    def _paint_rows(self, painter: QPainter, model: OrderedRows, exposed: QRect, chosen: set[int]) -> None:
        first, last = self.rowAt(exposed.top()), self.rowAt(exposed.bottom())
        if first < 0:
            return
        last = model.rowCount() - 1 if last < 0 else last
        source, width, cells = model.source, self.viewport().width(), self._cells
        cells.begin()
        rows = []
        for row in range(first, last + 1):
            y, source_row = self.rowViewportPosition(row), model.source_row(row)
            tone, selected = source.row_tone(source_row), row in chosen
            if tone or selected:
                cells.paint_row_ground(painter, QRect(0, y, width, ROW_PX), tone, selected)
            if tone == "group":
                text, _, glyph, _, _ = source.cell(source_row, 0)
                cells.paint_group(painter, QRect(0, y, width, ROW_PX), text, glyph)
            else:
                rows.append((y, source_row, tone, selected))
        for column, x, size in self._visible_columns(exposed):
            described = self._columns[column]
            for y, source_row, tone, selected in rows:
                rect = QRect(x, y, size, ROW_PX)
                tint = source.cell_tint(source_row, column)
                if tint and not selected:
                    cells.paint_tint(painter, rect, tint)
                stale = tint == STALE_TINT and not selected
                cells.paint_cell(painter, rect, described, source.cell(source_row, column), "stale" if stale else tone)

    def _visible_columns(self, exposed: QRect) -> list[tuple[int, int, int]]:
        spans = []
        for column in range(len(self._columns)):
            x, size = self.columnViewportPosition(column), self.columnWidth(column)
            if size and x <= exposed.right() and x + size > exposed.left() and not self.isColumnHidden(column):
                spans.append((column, x, size))
        return spans
