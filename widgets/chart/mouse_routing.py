"""Who gets the mouse on the plot: handlers are asked in the order of their priority, the first that wants it has it.

Rules: a press that a handler takes gives it every move until the release or until Escape. A handler that is not asked
has no say: an active drawing tool goes before an order line, that before a drawing's handle, panning comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

from widgets.chart.pane import Pane

BORDER: Final = 0
TOOL: Final = 10
ORDER: Final = 20
DRAWING: Final = 30
PAN: Final = 100
"""Priorities: borders between panes, the active drawing tool, own orders, drawings that are there, panning."""


@dataclass(frozen=True, slots=True)
class PlotPoint:
    """Where the mouse is: px of the plot, the pane, and what stands there."""

    x: float
    y: float
    pane: Pane
    place: float
    time_ns: int
    value: float
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def pane_y(self) -> float:
        """The row within the pane."""
        return self.y - self.pane.frame.top


class MouseHandler:
    """Base of what takes the mouse; each method that is not overridden declines."""

    def press(self, at: PlotPoint) -> bool:
        """A drag begins at the place of the press; true takes it."""
        del at
        return False

    def drag(self, at: PlotPoint) -> None:
        """The pointer moved during a drag that was taken."""

    def release(self, at: PlotPoint) -> None:
        """The drag that was taken ends."""

    def cancel(self) -> None:
        """The drag that was taken is given up (Escape, or the chart shows something else)."""

    def click(self, at: PlotPoint) -> bool:
        """One click, any button; true takes it."""
        del at
        return False

    def double_click(self, at: PlotPoint) -> bool:
        """Two clicks; true takes them."""
        del at
        return False

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """The pointer moves without a button; a cursor says that a press here would be taken."""
        del at
        return None

    def leave(self) -> None:
        """The pointer left the plot, or a handler of a higher priority wants it."""


class MouseRouter:
    """The handlers by priority."""

    def __init__(self) -> None:
        self._handlers: list[tuple[int, MouseHandler]] = []
        self._taken: MouseHandler | None = None
        self._hovered: MouseHandler | None = None

    @property
    def busy(self) -> bool:
        """Whether a drag is under way."""
        return self._taken is not None

    def add(self, handler: MouseHandler, priority: int) -> None:
        """Ask a handler from now on; among equals the older one first."""
        self._handlers.append((priority, handler))
        self._handlers.sort(key=lambda entry: entry[0])

    def remove(self, handler: MouseHandler) -> None:
        """Ask it no more."""
        if self._taken is handler:
            self.cancel()
        self._handlers = [entry for entry in self._handlers if entry[1] is not handler]

    def press(self, at: PlotPoint) -> None:
        """A drag begins."""
        self._taken = next((handler for _, handler in self._handlers if handler.press(at)), None)

    def drag(self, at: PlotPoint) -> None:
        """The pointer moved with the button down."""
        if self._taken is not None:
            self._taken.drag(at)

    def release(self, at: PlotPoint) -> None:
        """The button is up."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.release(at)

    def cancel(self) -> bool:
        """Give up a drag; true if there was one."""
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.cancel()
        return taken is not None

    def click(self, at: PlotPoint) -> bool:
        """One click."""
        return any(handler.click(at) for _, handler in self._handlers)

    def double_click(self, at: PlotPoint) -> bool:
        """Two clicks."""
        return any(handler.double_click(at) for _, handler in self._handlers)

    def hover(self, at: PlotPoint) -> Qt.CursorShape | None:
        """The pointer moves without a button; give the cursor of the first handler that wants it."""
        for _, handler in self._handlers:
            shape = handler.hover(at)
            if shape is not None:
                self._hover_by(handler)
                return shape
        self._hover_by(None)
        return None

    def leave(self) -> None:
        """The pointer left the plot."""
        self._hover_by(None)

    def _hover_by(self, handler: MouseHandler | None) -> None:
        if self._hovered is not None and self._hovered is not handler:
            self._hovered.leave()
        self._hovered = handler
