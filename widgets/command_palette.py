"""The command palette: what is typed may be a symbol, a command or the text of an order; choosing never sends one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from widgets.controls import paint_key
from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

WIDTH_PX, ROW_PX, FOOT_PX = 640, 24, 24
FOOT = "↑ ↓ choose · Enter takes · Esc leaves"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing to choose. Entries of one section stand together; `glyph` and `tone` mark an order's side."""

    key: Hashable
    section: str
    text: str
    detail: str = ""
    figure: str = ""
    tone: str = "text"
    glyph: str = ""
    shortcut: str = ""


class EntryList(QWidget):
    """The entries, painted, with their sections."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[str | PaletteEntry] = []
        self._current = -1
        self.setAccessibleName("Choices")
        self.setMouseTracking(True)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._label, self._strong, self._data = (
            TextCache(font) for font in (fonts.label, fonts.label_strong, fonts.data)
        )
        self.update()

    def set_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Show entries; the first one is marked."""
        self._rows = []
        section = None
        for entry in entries:
            if entry.section != section:
                section = entry.section
                self._rows.append(section)
            self._rows.append(entry)
        self._current = -1
        self.move_mark(1)
        self.setFixedHeight(len(self._rows) * ROW_PX + FOOT_PX)

    def current(self) -> PaletteEntry | None:
        """The marked entry."""
        row = self._rows[self._current] if 0 <= self._current < len(self._rows) else None
        return row if isinstance(row, PaletteEntry) else None

    def move_mark(self, step: int) -> None:
        """Mark the next entry in a direction, if there is one."""
        row = self._current + step
        while 0 <= row < len(self._rows) and not isinstance(self._rows[row], PaletteEntry):
            row += step
        if 0 <= row < len(self._rows):
            self._current = row
            entry = self.current()
            self.setAccessibleDescription(f"{entry.text} {entry.detail}" if entry else "")
        self.update()

    def sizeHint(self) -> QSize:
        """All rows and the foot."""
        return QSize(WIDTH_PX, len(self._rows) * ROW_PX + FOOT_PX)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what is under the pointer."""
        row = int(event.position().y()) // ROW_PX
        if row < len(self._rows) and isinstance(self._rows[row], PaletteEntry) and row != self._current:
            self._current = row
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take what is under the pointer."""
        self.mouseMoveEvent(event)
        entry = self.current()
        if entry is not None and int(event.position().y()) // ROW_PX == self._current:
            self.chosen.emit(entry.key)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint sections, entries and the foot."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("raised"))
        for i, row in enumerate(self._rows):
            y = i * ROW_PX
            if isinstance(row, PaletteEntry):
                self._paint_entry(painter, QRect(0, y, self.width(), ROW_PX), row, i == self._current)
            else:
                self._put(painter, self._label, 12, y, row, "label")
        y = self.height() - FOOT_PX
        painter.fillRect(0, y, self.width(), 1, theme.color("hairline"))
        self._put(painter, self._label, 12, y, FOOT, "label")

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: PaletteEntry, marked: bool) -> None:
        theme, x, right = self._theme, 12, rect.right() - 12
        if marked:
            painter.fillRect(rect, theme.color("selected"))
            painter.fillRect(0, rect.y(), 2, ROW_PX, theme.color("text"))
        if entry.glyph:
            draw_glyph(painter, entry.glyph, x + 4, rect.center().y() + 1, theme.color(entry.tone), 8)
            x += 14
        x += self._put(painter, self._strong, x, rect.y(), entry.text, entry.tone) + 16
        self._put(painter, self._label, max(x, 96), rect.y(), entry.detail, "text_2")
        if entry.shortcut:
            right -= paint_key(painter, theme, self._label, right, rect.center().y() + 1, entry.shortcut) + 12
        if entry.figure:
            painter.setFont(self._data.font)
            painter.setPen(theme.color("text"))
            self._data.right(painter, right, self._data.top_for(rect.y(), ROW_PX), entry.figure)

    def _put(self, painter: QPainter, cache: TextCache, x: int, y: int, text: str, token: str) -> int:
        painter.setFont(cache.font)
        painter.setPen(self._theme.color(token))
        return cache.left(painter, x, cache.top_for(y, ROW_PX), text)


class CommandPalette(QFrame):
    """Over the middle of `window`. Who listens to `queryChanged` answers with `set_entries`."""

    queryChanged = Signal(str)
    chosen = Signal(object)

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Command palette")
        self._query = QLineEdit(self)
        self._query.setAccessibleName("Command")
        self._list = EntryList(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._query)
        column.addWidget(self._list)
        self._query.textEdited.connect(self.queryChanged)
        self._query.installEventFilter(self)
        self._list.chosen.connect(self._take)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._query.setFont(theme.fonts.data)
        self._query.setStyleSheet("min-height: 30px; max-height: 30px; padding: 0 10px;")
        self._list.set_theme(theme)
        self.update()

    def set_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """What fits the text, best first."""
        self._list.set_entries(entries)
        self._place()

    def show_palette(self, text: str = "") -> None:
        """Show it with a text and take the keyboard."""
        self._query.setText(text)
        self.queryChanged.emit(text)
        self._place()
        self.show()
        self.raise_()
        self._query.setFocus()

    def _place(self) -> None:
        window = self.parentWidget()
        height = 36 + self._list.sizeHint().height()
        self.setGeometry((window.width() - WIDTH_PX) // 2, 80, WIDTH_PX, min(height, window.height() - 100))

    def _take(self, key: Hashable) -> None:
        self.hide()
        self.chosen.emit(key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows mark, Enter takes, Escape leaves; losing the keyboard leaves too."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            entry = self._list.current()
            if step:
                self._list.move_mark(step)
            elif event.key() == Qt.Key.Key_Escape:
                self.hide()
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and entry is not None:
                self._take(entry.key)
            else:
                return super().eventFilter(watched, event)
            return True
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        return super().eventFilter(watched, event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The ground with its border."""
        del event
        painter.fillRect(self.rect(), self._theme.color("raised"))
        painter.setPen(self._theme.color("hairline_strong"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
