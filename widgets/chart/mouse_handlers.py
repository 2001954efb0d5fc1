"""What the mouse does on the plot of its own accord: move borders of panes, cancel an order at its cross, pan."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import Qt

from widgets.chart.mouse_routing import MouseHandler, PlotPoint
from widgets.chart.pane_stack import PaneStack


class BorderHandler(MouseHandler):
    """Drags the border above an added pane."""

    def __init__(self, panes: PaneStack, moved: Callable[[], None]) -> None:
        self._panes, self._moved = panes, moved
        self._index: int | None = None

    def press(self, at: PlotPoint) -> bool:
        """A left press on a border takes it."""
        self._index = self._panes.border_at(at.y) if at.button == Qt.MouseButton.LeftButton else None
        return self._index is not None

    def drag(self, at: PlotPoint) -> None:
        """The border follows."""
        if self._index is not None:
            self._panes.drag_border(self._index, at.y)
            self._moved()

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """Two arrows over a border."""
        return Qt.CursorShape.SplitVCursor if self._panes.border_at(at.y) is not None else None


class OrderCancelHandler(MouseHandler):
    """A left click on the cross of an order's tag asks for its cancel."""

    def __init__(self, key_at: Callable[[float, float], Hashable | None], cancel: Callable[[Hashable], None]) -> None:
        self._key_at, self._cancel = key_at, cancel

    def click(self, at: PlotPoint) -> bool:
        """True if the click was on a cross."""
        key = self._key_at(at.x, at.y) if at.button == Qt.MouseButton.LeftButton else None
        if key is None:
            return False
        self._cancel(key)
        return True


class PanHandler(MouseHandler):
    """Moves the view with the pointer; a click names a price, two fit."""

    def __init__(
        self,
        pan: Callable[[float, float, PlotPoint], None],
        click: Callable[[PlotPoint], None],
        fit: Callable[[PlotPoint], None],
    ) -> None:
        self._pan, self._click, self._fit = pan, click, fit
        self._from: PlotPoint | None = None
        self._last = (0.0, 0.0)

    def press(self, at: PlotPoint) -> bool:
        """The left button takes hold of the plot."""
        if at.button != Qt.MouseButton.LeftButton:
            return False
        self._from, self._last = at, (at.x, at.y)
        return True

    def drag(self, at: PlotPoint) -> None:
        """The view follows the pointer; values move in the pane where the drag began."""
        if self._from is None:
            return
        moved = at.x - self._last[0], at.y - self._last[1]
        self._last = at.x, at.y
        self._pan(*moved, self._from)

    def click(self, at: PlotPoint) -> bool:
        """Tell the price."""
        if at.button != Qt.MouseButton.LeftButton:
            return False
        self._click(at)
        return True

    def double_click(self, at: PlotPoint) -> bool:
        """Fit the pane."""
        self._fit(at)
        return True
