"""The painted part of a ladder with its mouse and keys.

A press reads the scene as it was painted last, not as it is by now. While the pointer is inside, the rows stand still.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import side as sides
from widgets.formatting import format_price
from widgets.ladder.columns import NAMES, LadderColumns, fit_columns
from widgets.ladder.levels import LadderClick, Levels
from widgets.ladder.painting import HEADER_PX, LadderPainter
from widgets.ladder.scene import CLICKABLE_STATES, ROW_PX, LadderScene
from widgets.painting import painted
from widgets.theme import Theme

_SIDE_OF = {"bid": sides.BUY, "ask": sides.SELL}
_OWN_SIDE_OF = {"bid_own": sides.BUY, "ask_own": sides.SELL}


class LadderCanvas(QWidget):
    """Rows of prices; the first 20 px are the names of the columns."""

    priceClicked = Signal(object)
    cancelClicked = Signal(object)
    rowsMoved = Signal()
    """Other prices stand in the rows than before."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = LadderScene()
        self.quantity = 0
        self._shown: LadderScene | None = None
        self._pointer_inside = False
        self._hovered: tuple[int, str] | None = None
        self._since_move = QElapsedTimer()
        self._columns = LadderColumns((0,) * (len(NAMES) + 1))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Depth ladder")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._painter = LadderPainter(theme)
        self._guard_ms = theme.motion["click_guard_ms"]
        self.fit_columns()

    def sizeHint(self) -> QSize:
        """The width of all columns, sixteen rows high."""
        return QSize(448, HEADER_PX + 16 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        """Price and depth, five rows."""
        return QSize(208, HEADER_PX + 5 * ROW_PX)

    def fit_columns(self) -> None:
        """Share the width anew; the figures in sight may have become longer."""
        scene = self.scene
        highest = max(scene.levels.best_ask or 0, scene.last_price or 0, scene.top_price or 0, 10**scene.price_decimals)
        price_figures = len(format_price(highest, scene.price_decimals))
        figure_px = self._theme.fonts.mono_advance()
        self._columns = fit_columns(self.width(), figure_px, price_figures, 6)
        self.update()

    def set_levels(self, levels: Levels) -> None:
        """Another moment of the book; centres only if the pointer is not inside. Only changed rows are painted."""
        scene, first = self.scene, self.scene.top_price is None
        marked = bool(scene.market_is())
        before, scene.levels = scene.levels, levels
        marked = marked or bool(scene.market_is())
        if scene.needs_centring() and (first or not self._pointer_inside):
            self.centre()
            return
        changed = scene.changed_rows(before) if scene.top_price is not None and not marked else None
        if changed is None:
            self.update()
            return
        for row in np.flatnonzero(changed).tolist():
            self.update_row(row)

    def update_row(self, row: int) -> None:
        """Paint a row again."""
        if 0 <= row <= self.scene.rows:
            self.update(0, HEADER_PX + row * ROW_PX, self.width(), ROW_PX)

    def centre(self) -> None:
        """Put the middle of the book into the middle; clicks are void for a moment, since rows moved."""
        price = self.scene.centre_price()
        if price is None:
            return
        before = self.scene.top_price
        self.scene.centre_on(price)
        if before is None:
            self.fit_columns()
        elif before != self.scene.top_price:
            self._since_move.start()
        self._moved()

    def _moved(self) -> None:
        self.update()
        self.rowsMoved.emit()

    def scroll_rows(self, rows: int) -> None:
        """The trader moves the rows, up with positive ones; clicks are void for a moment."""
        if rows and self.scene.top_price is not None:
            self.scene.top_price += rows * self.scene.tick_size
            self._since_move.start()
            self._moved()

    def columns(self) -> LadderColumns:
        """Where the columns are."""
        return self._columns

    def _cell_at(self, x: float, y: float) -> tuple[int, str] | None:
        if y < HEADER_PX or self.scene.top_price is None:
            return None
        return int((y - HEADER_PX) // ROW_PX), self._columns.at(x)

    def _click(self, scene: LadderScene, side: int, price: int, modifiers: int) -> LadderClick:
        return LadderClick(
            scene.symbol, side, price, self.quantity, scene.levels.quantity_at(side, price),
            scene.levels.best_bid, scene.levels.best_ask, scene.levels.revision, scene.armed, modifiers,
        )  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell what was shown at the pressed cell: depth places, an own order cancels."""
        self._pointer_inside = True
        scene = self._shown
        cell = self._cell_at(event.position().x(), event.position().y())
        if event.button() != Qt.MouseButton.LeftButton or scene is None or cell is None:
            return
        price = scene.price_of(cell[0])
        moved_just_now = self._since_move.isValid() and self._since_move.elapsed() < self._guard_ms
        if price is None or scene.state not in CLICKABLE_STATES or moved_just_now:
            return
        self._act(scene, cell[1], price, event.modifiers().value)

    def _act(self, scene: LadderScene, column: str, price: int, modifiers: int) -> None:
        if column in _OWN_SIDE_OF:
            side = _OWN_SIDE_OF[column]
            if any(own.side == side and own.price == price for own in scene.own):
                self.cancelClicked.emit(self._click(scene, side, price, modifiers))
        elif column in _SIDE_OF:
            self.priceClicked.emit(self._click(scene, _SIDE_OF[column], price, modifiers))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which cell the pointer is on."""
        self._pointer_inside = True
        cell = self._cell_at(event.position().x(), event.position().y())
        if cell != self._hovered:
            self._hovered = cell
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """From now on the rows stand still."""
        self._pointer_inside = True
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The rows may follow the market again."""
        self._pointer_inside = False
        self._hovered = None
        if self.scene.needs_centring():
            self.centre()
        self.update()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by rows: the trader moves the ladder, nobody else."""
        steps = round(event.angleDelta().y() / 40)
        if steps and self.scene.top_price is not None:
            self.scene.top_price += steps * self.scene.tick_size
            self._moved()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move a price cursor, B and S trade at it, Delete cancels there, Space centres."""
        scene, key = self._shown, event.key()
        moves = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if key == Qt.Key.Key_Space:
            self.centre()
        elif key in moves and scene is not None and scene.top_price is not None:
            self._move_cursor(moves[Qt.Key(key)])
        elif scene is not None and scene.cursor_price is not None and scene.state in CLICKABLE_STATES:
            price, modifiers = scene.cursor_price, event.modifiers().value
            if key == Qt.Key.Key_Delete:
                for column in _OWN_SIDE_OF:
                    self._act(scene, column, price, modifiers)
            elif key in (Qt.Key.Key_B, Qt.Key.Key_S):
                self._act(scene, "bid" if key == Qt.Key.Key_B else "ask", price, modifiers)
            else:
                super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _move_cursor(self, ticks: int) -> None:
        scene = self.scene
        start = scene.cursor_price if scene.cursor_price is not None else scene.price_of(scene.rows // 2)
        assert start is not None and scene.top_price is not None
        scene.cursor_price = start + ticks * scene.tick_size
        self.setAccessibleDescription(scene.sentence_at(scene.cursor_price))
        row = scene.row_of(scene.cursor_price)
        if row < 0:
            scene.top_price -= row * scene.tick_size
        elif row >= scene.rows:
            scene.top_price -= (row - scene.rows + 1) * scene.tick_size
        self._moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of rows: keep the middle where it is."""
        before = self.scene.rows
        self.scene.rows = max((self.height() - HEADER_PX) // ROW_PX, 1)
        if self.scene.top_price is not None:
            self.scene.top_price += (self.scene.rows // 2 - before // 2) * self.scene.tick_size
        self.fit_columns()
        self.rowsMoved.emit()
        super().resizeEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint what is exposed, and remember what is on the screen now: a press acts on that."""
        for exposed in event.region():
            painter.setClipRect(exposed)
            first = max((exposed.top() - HEADER_PX) // ROW_PX, 0)
            last = min((exposed.bottom() - HEADER_PX) // ROW_PX, self.scene.rows)
            self._painter.paint(painter, self.scene, self._columns, self.height(), (first, last))
            self._paint_marks(painter)
        self._shown = replace(self.scene)

    def _paint_marks(self, painter: QPainter) -> None:
        theme, scene = self._theme, self.scene
        if scene.armed:
            painter.fillRect(0, 0, 2, self.height(), theme.color("warning"))
            painter.fillRect(self.width() - 2, 0, 2, self.height(), theme.color("warning"))
        self._painter.paint_market_mark(painter, scene, self._columns, self.height())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hovered is not None and self._hovered[1] in _SIDE_OF and scene.state in CLICKABLE_STATES:
            row, name = self._hovered
            painter.setPen(theme.pen("text" if scene.armed else "hairline_strong", 1))
            cell = QRect(self._columns.left(name), HEADER_PX + row * ROW_PX, self._columns.width(name), ROW_PX)
            painter.drawRect(cell.adjusted(1, 0, -1, -1))
            self._painter.paint_hover(painter, scene, self._columns, row, name)
        if scene.cursor_price is not None and self.hasFocus():
            y = HEADER_PX + min(max(scene.row_of(scene.cursor_price), -1), scene.rows + 1) * ROW_PX
            painter.setPen(theme.pen("focus", 1))
            painter.drawRect(0, y, self._columns.left("volume") - 1, ROW_PX - 1)
