"""A heat map under mouse and keys.

Dragging moves time and prices, the wheel zooms time (with Control prices, with Shift it moves time), End follows the
newest column again, a double click centres the prices.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.heat_map.heat_surface import HeatSurface
from widgets.theme import Theme

WHEEL_STEP = 120


class HeatCanvas(HeatSurface):
    """The trader moves it here; nobody else does, but for the market while it follows."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._drag: QPoint | None = None
        self._drag_rest = (0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom time; with Control prices; Shift or a sideways wheel moves time."""
        delta = event.angleDelta()
        steps = round((delta.y() or delta.x()) / WHEEL_STEP) or (1 if delta.y() + delta.x() > 0 else -1)
        modifiers, scene = event.modifiers(), self.scene
        if modifiers & Qt.KeyboardModifier.ShiftModifier or delta.x():
            scene.time.pan(steps * max(scene.time.count // 12, 1))
            self.moved()
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._zoom_prices(steps, event.position().y())
        elif scene.time.zoom(steps, event.position().x()):
            self.moved()
        event.accept()

    def _zoom_prices(self, steps: int, y: float) -> None:
        joined = self.scene.rows.joined
        if self.scene.rows.zoom(steps, y):
            self.moved(resized=joined)

    def _scroll_prices(self, cells: int) -> None:
        if self.scene.rows.joined:
            self.rowsScrolled.emit(cells)
        elif cells:
            self.scene.rows.scroll(cells)
            self.moved()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, plus and minus zoom time (Control: prices), End follows, Space centres the prices."""
        scene, key = self.scene, event.key()
        many = max(scene.time.count // 2, 1)
        moves = {Qt.Key.Key_Left: 10, Qt.Key.Key_Right: -10, Qt.Key.Key_PageUp: many, Qt.Key.Key_PageDown: -many}
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in moves:
            scene.time.pan(moves[Qt.Key(key)])
            self.moved()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._scroll_prices(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            steps = -1 if key == Qt.Key.Key_Minus else 1
            if control:
                self._zoom_prices(steps, self.height() / 2)
            elif scene.time.zoom(steps, self.plot_width()):
                self.moved()
        elif key == Qt.Key.Key_Home and scene.source is not None:
            scene.time.go_to(scene.source.first_ns)
            self.moved()
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
        self.moved()

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
        self.point(place)

    def _dragged(self, by: QPoint) -> None:
        scene = self.scene
        across, down = self._drag_rest[0] + by.x(), self._drag_rest[1] + by.y()
        columns, cells = int(across / scene.time.column_px), int(down / scene.rows.cell_px)
        self._drag_rest = across - columns * scene.time.column_px, down - cells * scene.rows.cell_px
        if columns:
            scene.time.pan(columns)
            self.moved()
        if cells:
            self._scroll_prices(cells)

    def leaveEvent(self, event: QEvent) -> None:
        """No crosshair."""
        self.point(None)
        super().leaveEvent(event)
