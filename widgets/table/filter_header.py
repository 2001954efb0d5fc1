"""The head of a blotter: titles with the sort mark, and a row of filter boxes under them.

One editor serves all boxes: it stands where one is edited and tells the text while it is typed.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QWidget

from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.table.columns import ColumnLike
from widgets.text_cache import TextCache
from widgets.theme import Theme

TITLE_PX, FILTER_PX = 20, 24
PAD_PX = 8


class FilterHeader(QHeaderView):
    """Titles and filters of `columns`; `filterChanged(column, text)` at every letter."""

    filterChanged = Signal(int, str)
    menuWanted = Signal(object)
    """A right press, with its global position."""

    def __init__(self, theme: Theme, columns: tuple[ColumnLike, ...], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = columns
        self.has_filters = any(column.filter != "none" for column in columns)
        self._texts = [""] * len(columns)
        self._edited = -1
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self._editor = QLineEdit(self.viewport())
        self._editor.hide()
        self._editor.setAccessibleName("Filter")
        self._editor.textEdited.connect(self._typed)
        self._editor.installEventFilter(self)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._strong = TextCache(theme.fonts.label), TextCache(theme.fonts.label_strong)
        self._editor.setFont(theme.fonts.label)
        self._editor.setStyleSheet("min-height: 16px; max-height: 18px; padding: 0 3px;")
        self.viewport().update()

    def set_columns(self, columns: tuple[ColumnLike, ...]) -> None:
        """The model has other columns; filters of those that have gone are gone."""
        kept = {column.title: text for column, text in zip(self._columns, self._texts, strict=True)}
        self._columns = columns
        self._texts = [kept.get(column.title, "") for column in columns]
        self.has_filters = any(column.filter != "none" for column in columns)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for what can be done with the columns."""
        self.menuWanted.emit(event.globalPos())

    def sizeHint(self) -> QSize:
        """Titles, and the filters if there are any."""
        return QSize(super().sizeHint().width(), TITLE_PX + (FILTER_PX if self.has_filters else 0))

    def set_filter_text(self, column: int, text: str) -> None:
        """Show a filter and tell it."""
        self._texts[column] = text
        self.filterChanged.emit(column, text)
        self.viewport().update()

    def filter_text(self, column: int) -> str:
        """The text of a filter."""
        return self._texts[column]

    def edit_filter(self, column: int) -> None:
        """Put the editor over the box of a column."""
        if self._columns[column].filter == "none":
            return
        self._edited = column
        self._editor.setGeometry(self._box(column))
        self._editor.setText(self._texts[column])
        self._editor.setAccessibleName(f"Filter {self._columns[column].title}")
        self._editor.show()
        self._editor.setFocus()
        self._editor.selectAll()

    def edit_first_filter(self) -> None:
        """Put the editor over the first box."""
        for i, column in enumerate(self._columns):
            if column.filter != "none":
                self.edit_filter(i)
                return

    def _box(self, column: int) -> QRect:
        return QRect(self.sectionViewportPosition(column) + 4, TITLE_PX + 3, self.sectionSize(column) - 8, 18)

    def _typed(self, text: str) -> None:
        self._texts[self._edited] = text
        self.filterChanged.emit(self._edited, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape clears, Enter and Tab leave the editor."""
        if watched is self._editor and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._editor.clear()
                self._typed("")
                self._close()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._close()
                return True
        elif watched is self._editor and event.type() == QEvent.Type.FocusOut:
            self._editor.hide()
        return super().eventFilter(watched, event)

    def _close(self) -> None:
        self._editor.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press into a filter box edits it; a press on a title sorts."""
        if event.position().y() >= TITLE_PX:
            column = self.logicalIndexAt(event.position().toPoint().x())
            if column >= 0:
                self.edit_filter(column)
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Not for the filter boxes."""
        if event.position().y() < TITLE_PX:
            super().mouseReleaseEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint titles and boxes."""
        del event
        theme = self._theme
        width, height = self.viewport().width(), self.viewport().height()
        painter.fillRect(0, 0, width, TITLE_PX, theme.color("chrome"))
        painter.fillRect(0, TITLE_PX - 1, width, 1, theme.color("hairline"))
        if self.has_filters:
            painter.fillRect(0, TITLE_PX, width, height - TITLE_PX, theme.color("canvas"))
            painter.fillRect(0, height - 1, width, 1, theme.color("hairline"))
        for i, column in enumerate(self._columns):
            if i >= self.count() or self.isSectionHidden(i):
                continue
            x, size = self.sectionViewportPosition(i), self.sectionSize(i)
            self._paint_title(painter, i, column, x, size)
            if column.filter != "none":
                self._paint_filter(painter, i, column)

    def _paint_title(self, painter: QPainter, i: int, column: ColumnLike, x: int, size: int) -> None:
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == i
        painter.setFont(self._label.font)
        painter.setPen(self._theme.color("text" if sorted_here else "label"))
        top = self._label.top_for(0, TITLE_PX - 1)
        room = size - 2 * PAD_PX + 6 - (12 if sorted_here else 0)
        title = self._label.elided(column.title, max(room, 0))
        width = self._label.width(title)
        left = x + PAD_PX
        if column.align == "r":
            left = x + size - PAD_PX - width
        elif column.align == "c":
            left = x + (size - width) // 2
        self._label.left(painter, left, top, title)
        if sorted_here:
            descending = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            glyph_x = left - 7 if column.align == "r" else left + width + 7
            draw_glyph(painter, "down" if descending else "up", glyph_x, TITLE_PX / 2, self._theme.color("label"), 6)

    def _paint_filter(self, painter: QPainter, i: int, column: ColumnLike) -> None:
        theme, box, text = self._theme, self._box(i), self._texts[i]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen("text_2" if text else "hairline", 1))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        shown = text or {"text": "any", "min": "min"}.get(column.filter, column.filter)
        painter.setFont(self._label.font)
        painter.setPen(theme.color("text" if text else "label"))
        shown = self._label.elided(shown, max(box.width() - 8, 0))
        top = self._label.top_for(box.y(), box.height())
        if column.align == "r":
            self._label.right(painter, box.right() - 4, top, shown)
        else:
            self._label.left(painter, box.x() + 5, top, shown)
