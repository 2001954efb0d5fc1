"""The mouse on drawings: the active tool takes every press, a drawing that is there takes those that hit it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from widgets.chart.drawing_layer import DrawingLayer
from widgets.chart.mouse_routing import MouseHandler, PlotPoint
from widgets.chart.pane import Pane
from widgets.drawing.hit import hit_at
from widgets.drawing.tool import Pointer

Told = Callable[[], None]


class DrawingMouse(MouseHandler):
    """What both have in common: `changed` is called when something looks different."""

    def __init__(self, layer: DrawingLayer, pane: Pane, changed: Told) -> None:
        self.layer, self.tool = layer, layer.tool
        self.magnet = True
        self._pane, self._changed = pane, changed

    def _pointer(self, at: PlotPoint) -> Pointer:
        turned = bool(at.modifiers & Qt.KeyboardModifier.ControlModifier)
        level = bool(at.modifiers & Qt.KeyboardModifier.ShiftModifier)
        return Pointer(at.x, at.y - self._pane.frame.top, self.magnet != turned, level)

    def _press(self, at: PlotPoint) -> bool:
        taken = self.tool.press(self.layer.plane, self.layer.figures(), self._pointer(at))
        self._changed()
        return taken

    def drag(self, at: PlotPoint) -> None:
        """The thing that was grabbed follows."""
        if self.tool.move(self.layer.plane, self._pointer(at)):
            self._changed()

    def release(self, at: PlotPoint) -> None:
        """It stays where it is."""
        self.tool.release(self.layer.plane, self._pointer(at))
        self._changed()

    def cancel(self) -> None:
        """It goes back."""
        self.tool.start(None)
        self._changed()


class PlacingMouse(DrawingMouse):
    """While a tool is active: clicks and drags set anchors."""

    def press(self, at: PlotPoint) -> bool:
        """A drag from the first anchor to the second."""
        return self.tool.is_placing and at.button is Qt.MouseButton.LeftButton and self._press(at)

    def click(self, at: PlotPoint) -> bool:
        """Set an anchor; the right button ends the tool."""
        if not self.tool.is_placing:
            return False
        if at.button is Qt.MouseButton.LeftButton:
            self._press(at)
            self.release(at)
        else:
            self.cancel()
        return True

    def double_click(self, at: PlotPoint) -> bool:
        """The second of two quick anchors."""
        return self.click(at)

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """Show what the next anchor would make."""
        if not self.tool.is_placing:
            return None
        self.drag(at)
        return Qt.CursorShape.CrossCursor


class GrabbingMouse(DrawingMouse):
    """On drawings that are there; `menu(at)` opens their menu, `edit()` their numbers."""

    def __init__(self, layer: DrawingLayer, pane: Pane, changed: Told, edit: Told, menu: Told) -> None:
        super().__init__(layer, pane, changed)
        self._edit, self._menu = edit, menu

    def press(self, at: PlotPoint) -> bool:
        """Grab what is here; elsewhere the selection ends."""
        return at.pane is self._pane and at.button is Qt.MouseButton.LeftButton and self._press(at)

    def click(self, at: PlotPoint) -> bool:
        """Select what is here; the right button opens its menu."""
        if at.pane is not self._pane or at.button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return False
        taken = self._press(at)
        self.release(at)
        if taken and at.button is Qt.MouseButton.RightButton:
            self._menu()
        return taken

    def double_click(self, at: PlotPoint) -> bool:
        """Edit what is here by numbers."""
        taken = at.pane is self._pane and self.click(at)
        if taken:
            self._edit()
        return taken

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """Say what a press would take."""
        if at.pane is not self._pane or self.tool.is_placing:
            return None
        hit = hit_at(self.layer.figures(), at.x, at.y - self._pane.frame.top, self.tool.selected)
        if hit is None:
            return None
        movable = hit.handle is not None and not hit.drawing.locked
        return Qt.CursorShape.CrossCursor if movable else Qt.CursorShape.PointingHandCursor
