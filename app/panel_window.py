"""A further window of the desk, for another monitor: docks of its own under the same mode, clock and keys."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from app.desk import Desk
from app.frame_clock import PaintedWindow
from app.models.placement import placed
from app.panels.catalogue import kind_named
from app.panels.panel import Panel
from app.state.changes import Changes
from server.protocol.enums import Mode
from widgets.mode import ModeBadge, ModeFrame
from widgets.theme import Theme

BADGE_PX: Final = 20
STATE_VERSION: Final = 1


def dock_area(parent: QWidget) -> QMainWindow:
    """A place for docks that is not a window of its own."""
    docks = QMainWindow(parent)
    docks.setWindowFlags(Qt.WindowType.Widget)
    docks.setDockNestingEnabled(True)
    return docks


def kind_width(name: str) -> int:
    """How wide a panel of a kind would like to be, px; panels side by side share the room in this proportion."""
    kind = kind_named(name)
    return kind.size[0] if kind is not None else BADGE_PX


def take_out(panel: Panel) -> None:
    """A dock that moves leaves its old place first: Qt does not see to it."""
    place = panel.parentWidget()
    if isinstance(place, QMainWindow):
        place.removeDockWidget(panel)


class PanelWindow(PaintedWindow):
    """A window of panels. Closing it closes them."""

    closed = Signal(object)

    def __init__(self, desk: Desk, theme: Theme, name: str, actions: Sequence[QAction]) -> None:
        """Empty; `name` identifies it in the saved layout."""
        super().__init__(desk)
        self.setObjectName(name)
        self.setAccessibleName(f"Tradepit {name}")
        self.addActions(list(actions))
        self.docks = dock_area(self)
        self.badge = ModeBadge(theme, BADGE_PX, self)
        self.mode_row = QWidget(self)
        row = QHBoxLayout(self.mode_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.badge)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self.mode_row)
        column.addWidget(self.docks, 1)
        self.frame_border = ModeFrame(theme, self)
        self._watcher = desk.watch(self._show_changes)
        self._show_mode()

    def add(self, panel: Panel) -> None:
        """Put a panel beside those that are there."""
        take_out(panel)
        across = Qt.Orientation.Horizontal
        self.docks.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, panel, across)
        panel.show()
        panels = self.panels()
        self.docks.resizeDocks(panels, [kind_width(one.kind) for one in panels], across)
        self._show_mode()

    def panels(self) -> list[Panel]:
        """The panels in it."""
        return self.docks.findChildren(Panel, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say so; the owner decides what becomes of the panels."""
        self.desk.watchers.remove(self._watcher)
        self.closed.emit(self)
        super().closeEvent(event)

    def _show_changes(self, changes: Changes) -> None:
        if changes.server:
            self._show_mode()

    def _show_mode(self) -> None:
        mode = self.desk.state.mode
        if mode is not None:
            self.badge.set_mode(mode.name.lower())
            self.frame_border.set_mode(mode.name.lower())
        self.mode_row.setVisible(mode in (Mode.DEMO, Mode.REPLAY))
        titles = " · ".join(panel.windowTitle() for panel in self.panels())
        word = "" if mode in (None, Mode.LIVE) else f" · {mode.name}"
        self.setWindowTitle(f"{titles or 'Panels'} · Tradepit{word}")


def screen_of(window: QWidget) -> str:
    """The name of the screen that a window is on."""
    screen = window.screen()
    return screen.name() if screen is not None else ""


def put_on_screen(window: QWidget, wanted: QRect, screen: str) -> None:
    """Place a window where it was, or where it can be seen now."""
    areas = [(one.name(), one.availableGeometry()) for one in QGuiApplication.screens()]
    primary = QGuiApplication.primaryScreen()
    areas.sort(key=lambda one: primary is None or one[0] != primary.name())
    known = [(name, (area.x(), area.y(), area.width(), area.height())) for name, area in areas]
    if known:
        rect = (wanted.x(), wanted.y(), wanted.width(), wanted.height())
        window.setGeometry(QRect(*placed(rect, screen, known)))
