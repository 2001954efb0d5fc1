"""The painted part of a heat map with its mouse and keys.

Dragging moves time and prices, the wheel zooms time (with Control prices, with Shift it moves time), End follows the
newest column again, a double click centres the prices.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.heat_map.bubble_atlas import RADII
from widgets.heat_map.colour_scale import ColourScale, ScaleKind
from widgets.heat_map.heat_painter import HeatPainter
from widgets.heat_map.marks import Bubbles, OwnSpan, Trades
from widgets.heat_map.scene import HeatScene
from widgets.heat_map.source import NO_PRICE, HeatSource
from widgets.painting import painted
from widgets.theme import Theme

AXIS_PX = 76
FIT_COLUMNS = 32
"""The colour scale is looked at again after so many new columns."""
WHEEL_STEP = 120
SCROLL_CELLS = 3


class HeatCanvas(QWidget):
    """Columns of one instrument. The price axis is at the right while there is no ladder beside."""

    olderNeeded = Signal(object)
    """The view is near the oldest recorded time, which comes along."""
    viewChanged = Signal()
    rowsScrolled = Signal(int)
    """The trader wants to move the rows of the ladder beside by so many, up with positive ones."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = HeatScene()
        self.scale = ColourScale(theme)
        self.shows_key = True
        self._newest, self._fitted = 0, 0
        self._drag: QPoint | None = None
        self._drag_rest = (0, 0)
        self._asked_ns = -1
        self._trades = Trades()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Liquidity heat map")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._painter = HeatPainter(theme, self.scale)
        self.scale.set_theme(theme)
        self.scene.image.recolour(self.scale)
        self.update()

    def sizeHint(self) -> QSize:
        """Ten minutes beside a ladder."""
        return QSize(628, 720)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(180, 80)

    def plot_width(self) -> int:
        """The pixels that columns use."""
        return max(self.width() - (0 if self.scene.rows.joined else AXIS_PX), 1)

    # what it shows

    def set_source(self, source: HeatSource | None, step: int) -> None:
        """Show another history, from its newest column; `step` in price units is what one of its rows holds."""
        scene = self.scene
        scene.source, scene.rows.step = source, step
        scene.rows.held = False
        scene.rows.placed = scene.rows.joined
        scene.time.go_live()
        scene.bubbles, self._trades, self._asked_ns = Bubbles(), Trades(), -1
        scene.image.forget()
        self._fitted = 0
        self.refresh()

    def refresh(self) -> None:
        """The newest columns may have changed."""
        scene, source = self.scene, self.scene.source
        if source is None:
            self.update()
            return
        before = scene.time.newest
        scene.time.set_range(source.first_ns, source.now_ns)
        scene.image.forget_from(min(before, scene.time.newest))
        moved = self._follow_prices()
        self._show()
        newest = scene.time.newest
        if abs(newest - self._fitted) >= FIT_COLUMNS:
            self._fitted = newest
            moved = scene.image.fit(self.scale) or moved
        if moved or newest != self._newest:
            self._newest = newest
            self.update()
        elif scene.time.last >= newest - 1:
            left = scene.time.x_of(newest) - RADII[-1] - 1
            self.update(left, 0, self.width() - left, self.height())
        self._ask_for_older()

    def reload(self) -> None:
        """Older columns have come."""
        self.scene.image.forget()
        self._asked_ns = -1
        self._changed()

    def set_trades(self, trades: Trades, changed_ns: int = 0) -> None:
        """All prints that are known; those before `changed_ns` are the same as the last time."""
        self._trades = trades
        self._gather(changed_ns // self.scene.time.width_ns if changed_ns else None)

    def set_own(self, own: Iterable[OwnSpan]) -> None:
        """Own orders, working and ended."""
        spans = tuple(own)
        if spans != self.scene.own:
            self.scene.own = spans
            self.update()

    def set_last_price(self, price: int | None) -> None:
        """The price of the last trade, marked on the axis."""
        if price != self.scene.last_price:
            self.scene.last_price = price
            self.update(self.plot_width(), 0, AXIS_PX, self.height())

    def set_bubble_least(self, quantity: int) -> None:
        """Show trades from a quantity on."""
        self.scene.bubble_least = max(quantity, 1)
        self.update()

    def set_scale(self, kind: ScaleKind, contrast: int) -> None:
        """How quantities become colours."""
        self.scale.choose(kind, contrast)
        self.scene.image.fit(self.scale)
        self.scene.image.recolour(self.scale)
        self.update()

    def join_rows(self, top_row: int, offset_px: int) -> None:
        """Take the rows of the ladder beside: its first row, and at which of our pixels it begins."""
        joined = self.scene.rows.joined
        if self.scene.rows.join(top_row, offset_px):
            self._changed(resized=not joined)

    def part_rows(self) -> None:
        """Have rows of its own again."""
        if self.scene.rows.joined:
            self.scene.rows.part()
            self._changed(resized=True)

    def show_span(self, span_ns: int) -> None:
        """Show about so much time."""
        self.scene.time.plot_px = self.plot_width()
        if self.scene.time.show_span(span_ns):
            self._changed()

    def go_live(self) -> None:
        """Follow the newest column and the market."""
        self.scene.time.go_live()
        self.scene.rows.held = False
        self._changed()

    # how it moves

    def _changed(self, *, resized: bool = False) -> None:
        """Another part of time or prices is shown."""
        scene = self.scene
        if resized:
            scene.time.plot_px = self.plot_width()
        self._follow_prices()
        self._show()
        scene.image.fit(self.scale)
        self._gather(None)
        self.update()
        self.viewChanged.emit()
        self._ask_for_older()

    def _show(self) -> None:
        scene = self.scene
        if scene.source is not None:
            scene.image.show(scene.time, scene.rows, scene.source, self.scale)

    def _follow_prices(self) -> bool:
        """Keep the middle of the newest book in sight."""
        scene = self.scene
        if scene.source is None or not scene.is_recorded():
            return False
        newest = scene.source.read(scene.time.newest * scene.time.width_ns, scene.time.width_ns, 1, 0, 1)
        there = [int(prices[0]) for prices in (newest.bids, newest.asks) if prices[0] != NO_PRICE]
        if not there and scene.last_price is not None:
            there = [scene.last_price]
        return bool(there) and scene.rows.follow(sum(there) // len(there) // scene.rows.step)

    def _gather(self, from_number: int | None) -> None:
        """Gather trades into bubbles; columns before `from_number` have them already."""
        scene = self.scene
        time = scene.time
        first, end = time.first, time.last + 1
        if from_number is None or time.first not in (self._gathered, self._gathered + 1):
            kept, start = Bubbles(), first
        else:
            kept, start = scene.bubbles.from_number(first, from_number), max(from_number, first)
        self._gathered = time.first
        late = Bubbles.of(
            self._trades.between(start * time.width_ns, end * time.width_ns), time.width_ns, scene.rows.step
        )
        scene.bubbles = kept.and_then(late)
        if len(scene.bubbles.quantities):
            scene.bubble_greatest = int(scene.bubbles.quantities.max())

    _gathered = -2

    def _ask_for_older(self) -> None:
        scene = self.scene
        if scene.source is None or not scene.is_recorded():
            return
        first_ns = scene.source.first_ns
        if scene.time.first * scene.time.width_ns < first_ns and first_ns != self._asked_ns:
            self._asked_ns = first_ns
            self.olderNeeded.emit(first_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns and cells."""
        self.scene.rows.resize(self.height())
        self._changed(resized=True)
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom time; with Control prices; Shift or a sideways wheel moves time."""
        delta = event.angleDelta()
        steps = round((delta.y() or delta.x()) / WHEEL_STEP) or (1 if delta.y() + delta.x() > 0 else -1)
        modifiers, scene = event.modifiers(), self.scene
        if modifiers & Qt.KeyboardModifier.ShiftModifier or delta.x():
            scene.time.pan(steps * max(scene.time.count // 12, 1))
            self._changed()
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._zoom_prices(steps, event.position().y())
        elif scene.time.zoom(steps, event.position().x()):
            self._changed()
        event.accept()

    def _zoom_prices(self, steps: int, y: float) -> None:
        joined = self.scene.rows.joined
        if self.scene.rows.zoom(steps, y):
            self._changed(resized=joined)

    def _scroll_prices(self, cells: int) -> None:
        if self.scene.rows.joined:
            self.rowsScrolled.emit(cells)
        elif cells:
            self.scene.rows.scroll(cells)
            self._changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, plus and minus zoom time (Control: prices), End follows, Space centres the prices."""
        scene, key = self.scene, event.key()
        many = max(scene.time.count // 2, 1)
        moves = {Qt.Key.Key_Left: 10, Qt.Key.Key_Right: -10, Qt.Key.Key_PageUp: many, Qt.Key.Key_PageDown: -many}
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in moves:
            scene.time.pan(moves[Qt.Key(key)])
            self._changed()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._scroll_prices(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            steps = -1 if key == Qt.Key.Key_Minus else 1
            if control:
                self._zoom_prices(steps, self.height() / 2)
            elif scene.time.zoom(steps, self.plot_width()):
                self._changed()
        elif key == Qt.Key.Key_Home and scene.source is not None:
            scene.time.go_to(scene.source.first_ns)
            self._changed()
        elif key == Qt.Key.Key_End:
            self.go_live()
        elif key == Qt.Key.Key_Space:
            self._centre_prices()
        else:
            super().keyPressEvent(event)

    def _centre_prices(self) -> None:
        self.scene.rows.held = False
        if not self.scene.rows.joined:
            self.scene.rows.placed = False
        self._changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._drag_rest = event.position().toPoint(), (0, 0)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Centre the prices and follow."""
        del event
        self._centre_prices()
        self.go_live()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drag no longer."""
        del event
        self._drag = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or read what is under the pointer."""
        place = event.position().toPoint()
        if self._drag is not None:
            self._dragged(place - self._drag)
            self._drag = place
        self._point(place)

    def _dragged(self, by: QPoint) -> None:
        scene = self.scene
        across, down = self._drag_rest[0] + by.x(), self._drag_rest[1] + by.y()
        columns, cells = int(across / scene.time.column_px), int(down / scene.rows.cell_px)
        self._drag_rest = across - columns * scene.time.column_px, down - cells * scene.rows.cell_px
        if columns:
            scene.time.pan(columns)
            self._changed()
        if cells:
            self._scroll_prices(cells)

    def _point(self, place: QPoint | None) -> None:
        scene = self.scene
        inside = place is not None and place.x() < self.plot_width() and self.rect().contains(place)
        pointer = (place.x(), place.y()) if place is not None and inside else None
        if pointer == scene.pointer:
            return
        for rect in self._painter.crosshair_rects(scene, self.size()):
            self.update(rect)
        scene.pointer = pointer
        for rect in self._painter.crosshair_rects(scene, self.size()):
            self.update(rect)

    def leaveEvent(self, event: QEvent) -> None:
        """No crosshair."""
        self._point(None)
        super().leaveEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint what is exposed."""
        painter.setClipRegion(event.region())
        plot = QRect(0, 0, self.plot_width(), self.height())
        self._painter.paint(painter, self.scene, plot, self.width(), shows_key=self.shows_key)
