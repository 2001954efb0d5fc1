"""A list of rows to pick from: a short name, what it is, and where it belongs; painted, so that hundreds are cheap."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from widgets.painting import report_error
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX: Final = 22
NAME_PX: Final = 148


@dataclass(frozen=True, slots=True)
class PickRow:
    """One row; `key` comes back when it is picked."""

    key: Hashable
    name: str
    detail: str = ""
    place: str = ""


class PickList(QAbstractScrollArea):
    """`picked` with the key on Enter or a double click; `currentChanged` with the index, -1 for none."""

    picked = Signal(object)
    currentChanged = Signal(int)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None, *, empty: str = "") -> None:
        super().__init__(parent)
        self._rows: list[PickRow] = []
        self._current = -1
        self._empty = empty
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        self.viewport().update()

    def set_rows(self, rows: Sequence[PickRow], current: int = 0) -> None:
        """Show rows; one of them is marked."""
        self._rows = list(rows)
        self._current = -2
        self._fit_bar()
        self.set_current(current)

    @property
    def rows(self) -> list[PickRow]:
        """What is shown."""
        return list(self._rows)

    @property
    def current(self) -> int:
        """Index of the marked row, -1 for none."""
        return self._current

    def set_current(self, index: int) -> None:
        """Mark a row and bring it into sight."""
        index = min(max(index, 0), len(self._rows) - 1)
        if index == self._current:
            return
        self._current = index
        if index >= 0:
            self.setAccessibleDescription(f"{self._rows[index].name} {self._rows[index].detail}")
            bar, page = self.verticalScrollBar(), self.viewport().height()
            bar.setValue(min(max(bar.value(), (index + 1) * ROW_PX - page), index * ROW_PX))
        self.viewport().update()
        self.currentChanged.emit(index)

    def pick(self) -> None:
        """As Enter does."""
        if 0 <= self._current < len(self._rows):
            self.picked.emit(self._rows[self._current].key)

    def _fit_bar(self) -> None:
        self.verticalScrollBar().setRange(0, max(len(self._rows) * ROW_PX - self.viewport().height(), 0))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer rows are in sight."""
        super().resizeEvent(event)
        self._fit_bar()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages move the mark, Enter picks."""
        page = max(self.viewport().height() // ROW_PX - 1, 1)
        steps = {
            Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._rows), Qt.Key.Key_End: len(self._rows),
        }  # fmt: skip
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.key() in steps:
            self.set_current(self._current + steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pick()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press marks the row under it."""
        row = (round(event.position().y()) + self.verticalScrollBar().value()) // ROW_PX
        if row < len(self._rows):
            self.set_current(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two presses pick it."""
        self.mousePressEvent(event)
        self.pick()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        del event
        painter = QPainter(self.viewport())
        try:
            self._draw(painter)
        except Exception:  # noqa: BLE001 - an error in a paint event ends the process inside Qt
            report_error()
        painter.end()

    def _draw(self, painter: QPainter) -> None:
        theme, width, offset = self._theme, self.viewport().width(), self.verticalScrollBar().value()
        painter.fillRect(self.viewport().rect(), theme.color("canvas"))
        if not self._rows and self._empty:
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            self._label.left(painter, 8, self._label.top_for(4, ROW_PX), self._empty)
        for index in range(offset // ROW_PX, min((offset + self.viewport().height()) // ROW_PX + 1, len(self._rows))):
            self._draw_row(painter, QRect(0, index * ROW_PX - offset, width, ROW_PX), index)

    def _draw_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        theme, row, label, data = self._theme, self._rows[index], self._label, self._data
        if index == self._current:
            painter.fillRect(rect, theme.color("selected"))
            painter.fillRect(0, rect.y(), 2, ROW_PX, theme.color("focus" if self.hasFocus() else "label"))
        painter.setFont(label.font)
        painter.setPen(theme.color("label"))
        place_px = label.width(row.place) + 16 if row.place else 8
        wide = rect.width() > NAME_PX + 160 + place_px
        if row.place and wide:
            label.right(painter, rect.width() - 8, label.top_for(rect.y(), ROW_PX), row.place)
        limit = rect.width() - NAME_PX - 8 - (place_px if wide else 8)
        if row.detail and limit > 40:
            painter.setPen(theme.color("text_2"))
            label.left(painter, NAME_PX, label.top_for(rect.y(), ROW_PX), label.elided(row.detail, limit))
        painter.setFont(data.font)
        painter.setPen(theme.color("text"))
        room = NAME_PX - 16 if row.detail else rect.width() - 16
        data.left(painter, 8, data.top_for(rect.y(), ROW_PX), data.elided(row.name, room))
