"""The scalper's arrangement: heat map and ladder on the same rows, ticket and tape right of them, blotters below."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.panels.panel import Panel

LEAST: Final = 1024, 600
LADDER_PX, RIGHT_PX, BOTTOM_PX, TICKET_PX = 520, 340, 200, 360
_NAMES: Final = ("heat_map", "ladder", "ticket", "tape", "blotter", "positions")


def lay_out_scalper(docks: QMainWindow, panels: Sequence[Panel], open_here: Callable[[str], Panel]) -> None:
    """Arrange the panels of a main window; other docks are hidden. `open_here` opens a kind that there is none of."""
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    found = {panel.objectName(): panel for panel in panels}
    heat_map, ladder, ticket, tape, blotter, positions = (found.get(name) or open_here(name) for name in _NAMES)
    for dock in panels:
        if dock.window() is docks.window():
            docks.removeDockWidget(dock)
    docks.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, heat_map)
    docks.splitDockWidget(heat_map, blotter, down)
    docks.splitDockWidget(heat_map, ladder, across)
    docks.splitDockWidget(ladder, ticket, across)
    docks.splitDockWidget(ticket, tape, down)
    docks.splitDockWidget(blotter, positions, across)
    for dock in (heat_map, ladder, ticket, tape, blotter, positions):
        dock.show()
    width, height = max(LEAST[0], docks.width()), max(LEAST[1], docks.height())
    ladder_px, right_px = min(LADDER_PX, width * 36 // 100), min(RIGHT_PX, width * 26 // 100)
    row: list[QDockWidget] = [heat_map, ladder, ticket]
    docks.resizeDocks(row, [width - ladder_px - right_px, ladder_px, right_px], across)
    docks.resizeDocks([blotter, positions], [width * 61 // 100, width * 39 // 100], across)
    docks.resizeDocks([heat_map, blotter], [height - BOTTOM_PX, BOTTOM_PX], down)
    docks.resizeDocks([ticket, tape], [TICKET_PX, height - BOTTOM_PX - TICKET_PX], down)
