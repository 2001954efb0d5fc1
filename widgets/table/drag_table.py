"""A painted table whose rows can be dragged to another place, and onto which symbols can be dropped."""

from __future__ import annotations

import json
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from widgets.table.cell_painting import ROW_PX
from widgets.table.columns import ColumnLike
from widgets.table.ordered_rows import OrderedRows
from widgets.table.painted_table import PaintedTable
from widgets.theme import Theme

LINES_MIME: Final = "application/x-tradepit-lines"
TEXT_MAX: Final = 4_000
_OVERRIDDEN: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Insert)


class DragTable(PaintedTable):
    """Drags lines (rows of the source), takes lines and texts. Several rows can be selected."""

    linesDropped = Signal(object, int)
    """Lines of the source, and the line before which they shall stand (-1: at the end)."""
    textsDropped = Signal(object, int)
    """Texts that may be symbols, and the line before which they shall stand."""

    def __init__(self, theme: Theme, columns: tuple[ColumnLike, ...], parent: QWidget | None = None) -> None:
        super().__init__(theme, columns, parent)
        self._theme = theme
        self._pressed_at: QPoint | None = None
        self._drop_y = -1
        self.can_drag = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        super().set_theme(theme)

    def selected_lines(self) -> list[int]:
        """Selected rows of the source, in the order in which they are shown."""
        model = self.model()
        if not isinstance(model, OrderedRows):
            return []
        return [model.source_row(row) for row in sorted(index.row() for index in self.selectionModel().selectedRows())]

    def event(self, event: QEvent) -> bool:
        """Delete and Insert belong to the list while it has the keyboard, not to the window."""
        is_key = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and event.key() in _OVERRIDDEN and not event.modifiers():
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin; on a row that is already one of several selected the press waits for the release."""
        self._pressed_at = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        row = self.rowAt(event.position().toPoint().y())
        selection = self.selectionModel()
        several = selection is not None and len(selection.selectedRows()) > 1 and not event.modifiers()
        if several and self._pressed_at is not None and row >= 0 and selection.isRowSelected(row):
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough from the press a drag begins; nothing is selected by sweeping."""
        if self._pressed_at is None or not self.can_drag:
            return
        way = (event.position().toPoint() - self._pressed_at).manhattanLength()
        lines = self.selected_lines()
        if way >= QApplication.startDragDistance() and lines:
            self._pressed_at = None
            drag = QDrag(self)
            drag.setMimeData(self.mime_of(lines))
            drag.exec(Qt.DropAction.MoveAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press on one of several that became no drag selects it alone."""
        if self._pressed_at is not None and not event.modifiers():
            self.selectRow(self.rowAt(event.position().toPoint().y()))
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def mime_of(self, lines: list[int]) -> QMimeData:
        """Lines for a drag: their numbers for this table, the texts of their first column for others."""
        mime, model = QMimeData(), self.model()
        mime.setData(LINES_MIME, json.dumps({"table": id(self), "lines": lines}).encode())
        if isinstance(model, OrderedRows):
            mime.setText("\n".join(model.source.cell(line, 0)[0] for line in lines))
        return mime

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Lines of this table and texts are welcome."""
        if event.mimeData().hasFormat(LINES_MIME) or event.mimeData().hasText():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would be put."""
        self._show_drop(self._boundary(event.position().toPoint().y())[1])
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went away."""
        self._show_drop(-1)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped and before which line."""
        before, _ = self._boundary(event.position().toPoint().y())
        self._show_drop(-1)
        mime = event.mimeData()
        lines = self._own_lines(mime)
        if lines:
            self.linesDropped.emit(lines, before)
        elif mime.hasText():
            self.textsDropped.emit([text for text in mime.text()[:TEXT_MAX].splitlines() if text.strip()], before)
        event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and over them where a drop would go."""
        super().paintEvent(event)
        if self._drop_y >= 0:
            painter = QPainter(self.viewport())
            painter.fillRect(0, self._drop_y - 1, self.viewport().width(), 2, self._theme.color("focus"))
            painter.end()

    def _own_lines(self, mime: QMimeData) -> list[int]:
        if not mime.hasFormat(LINES_MIME):
            return []
        try:
            told = json.loads(bytes(mime.data(LINES_MIME).data()))
            count = self.model().source.rowCount()
            lines = [int(line) for line in told["lines"]] if told["table"] == id(self) else []
        except (ValueError, TypeError, KeyError, AttributeError):
            return []
        return [line for line in lines if 0 <= line < count]

    def _boundary(self, y: int) -> tuple[int, int]:
        """The line before which a drop at `y` goes (-1: at the end), and where that boundary is."""
        model = self.model()
        count = model.rowCount() if model is not None else 0
        row = self.rowAt(y)
        if row >= 0 and y - self.rowViewportPosition(row) > ROW_PX // 2:
            row += 1
        if row < 0 or row >= count or not isinstance(model, OrderedRows):
            return -1, self.rowViewportPosition(count - 1) + ROW_PX if count else 1
        return model.source_row(row), max(self.rowViewportPosition(row), 1)

    def _show_drop(self, y: int) -> None:
        if y != self._drop_y:
            self._drop_y = y
            self.viewport().update()
