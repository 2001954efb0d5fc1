"""All panels and the windows that they stand in: opened, moved, closed, kept and brought back.

Rules: the first panel of a kind is only hidden, never destroyed; further ones are named "kind.2" and so on. What is
kept is JSON (`saved`); unknown kinds and broken values are left out, a layout never stops the start.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QWidget

from app.desk import Desk
from app.panel_window import STATE_VERSION, PanelWindow, put_on_screen, screen_of, take_out
from app.panels.catalogue import KINDS, PanelKind, kind_named, make_panel
from app.panels.panel import Panel
from app.state.selection import LEADING, LETTERS, NOT_LINKED
from widgets.theme import Theme

VERSION: Final = 1
CASCADE_PX: Final = 32
Saved = dict[str, Any]


class Workspace(QObject):
    """The panels of one desk. `docks` is the main window's place for them, `theme` gives the present theme."""

    def __init__(self, desk: Desk, docks: QMainWindow, theme: Callable[[], Theme], parent: QObject) -> None:
        """One panel of each kind that the default desk has."""
        super().__init__(parent)
        self.desk, self.docks, self._theme = desk, docks, theme
        self.panels: list[Panel] = []
        self.windows: list[PanelWindow] = []
        self.actions: Sequence[QAction] = ()
        """The keys that count in every window."""
        self._focused: Panel | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)
        for kind in KINDS:
            if kind.on_desk:
                self._made(kind, kind.name)

    def first(self, kind: str) -> Any:
        """The first panel of a kind. Raise `StopIteration` if there is none."""
        return next(panel for panel in self.panels if panel.kind == kind)

    def named(self, name: str) -> Panel | None:
        """The panel of that name."""
        return next((panel for panel in self.panels if panel.objectName() == name), None)

    def active(self, kind: str) -> Any:
        """The panel of a kind that keys and commands mean: the one with the focus, else one of the group that has it,
        else the first that can be seen.
        """
        group = self.active_group()
        found = [panel for panel in self.panels if panel.kind == kind]
        focused = self.focused()
        ranked = sorted(found, key=lambda one: (one is not focused, one.group != group, not one.seen))
        return ranked[0]

    def focused(self) -> Panel | None:
        """The panel that had the keyboard last."""
        return self._focused if self._focused in self.panels else None

    def active_group(self) -> str:
        """The link group that keys and commands mean."""
        focused = self.focused()
        return focused.group if focused is not None else LEADING

    # ---- opening and closing ----

    def open(self, name: str, window: PanelWindow | None = None, *, link: str | None = None) -> Panel:
        """Open a panel of a kind in a window (None: a new one); a hidden first one of the kind is shown again."""
        kind = kind_named(name)
        if kind is None:
            raise ValueError(f"no kind of panel {name!r}")
        panel = next((one for one in self.panels if one.kind == name and one.isHidden()), None)
        if panel is None:
            panel = self._made(kind, self._free_name(name))
            before = self.desk.selection.of(self.active_group())
            if link is not None:
                panel.set_link(link)
            elif panel.is_linked_kind:
                self.desk.join(panel.group, before)
        if window is None:
            window = self._new_window(kind.size)
        window.add(panel)
        window.show()
        return panel

    def open_here(self, name: str) -> Panel:
        """Open a panel of a kind as a dock of the main window."""
        kind = kind_named(name)
        if kind is None:
            raise ValueError(f"no kind of panel {name!r}")
        panel = next((one for one in self.panels if one.kind == name and one.isHidden()), None)
        panel = panel or self._made(kind, self._free_name(name))
        self._dock(panel)
        return panel

    def to_new_window(self, panel: Panel) -> None:
        """Give a panel a window of its own."""
        size = panel.size()
        window = self._new_window((size.width(), size.height()))
        panel.setFloating(False)
        window.add(panel)
        window.show()
        self._close_empty()

    def to_main_window(self, panel: Panel) -> None:
        """Take a panel back."""
        self._dock(panel)
        self._close_empty()

    def close(self, panel: Panel) -> None:
        """Close a panel: the first one of its kind is hidden, others go."""
        if panel.objectName() == panel.kind:
            self._dock(panel)
            panel.hide()
        else:
            self.panels.remove(panel)
            panel.hide()
            panel.close_panel()
            panel.setParent(None)
        self._close_empty()

    def close_windows(self) -> None:
        """All windows but the main one close; nothing is forgotten by that."""
        windows, self.windows = self.windows, []
        for window in windows:
            for panel in window.panels():
                self.panels.remove(panel)
                panel.close_panel()
            window.close()
            window.deleteLater()

    def show_menu(self, panel: Panel, position: QPoint) -> None:
        """What can be done with a panel."""
        menu = QMenu(panel)
        if panel.is_linked_kind:
            for letter in LETTERS:
                word = menu.addAction(f"Link group {letter}")
                word.setCheckable(True)
                word.setChecked(panel.link == letter)
                word.triggered.connect(lambda _=False, one=letter: panel.set_link(one))
            pin = menu.addAction("Not linked (pinned)")
            pin.setCheckable(True)
            pin.setChecked(panel.link == NOT_LINKED)
            pin.triggered.connect(lambda: panel.set_link(NOT_LINKED))
            menu.addSeparator()
        menu.addAction("Another one in a new window").triggered.connect(lambda: self.open(panel.kind))
        if panel.window() is self.docks.window():
            menu.addAction("Move to a new window").triggered.connect(lambda: self.to_new_window(panel))
        else:
            menu.addAction("Move to the main window").triggered.connect(lambda: self.to_main_window(panel))
        menu.addAction("Close").triggered.connect(lambda: self.close(panel))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    # ---- keeping ----

    def saved(self) -> str:
        """All panels and windows, to be kept."""
        market = self.desk.state.market.instruments
        symbols = {}
        for group, instrument in self.desk.selection.saved().items():
            info = market.get(instrument)
            if info is not None:
                symbols[group] = info.symbol
        panels = [
            {
                "name": one.objectName(), "kind": one.kind, "link": one.link, "window": _window_name(one),
                "own": one.saved(),
            }
            for one in self.panels
        ]  # fmt: skip
        windows = [
            {
                "name": one.objectName(), "screen": screen_of(one), "rect": list(one.geometry().getRect()),
                "state": base64.b64encode(bytes(one.docks.saveState(STATE_VERSION).data())).decode(),
            }
            for one in self.windows
        ]  # fmt: skip
        return json.dumps({"version": VERSION, "symbols": symbols, "panels": panels, "windows": windows})

    def restore(self, text: str) -> None:
        """Take what `saved` gave in an earlier run, as far as it can be read."""
        try:
            told = json.loads(text) if text else {}
        except ValueError:
            return
        if not isinstance(told, dict) or told.get("version") != VERSION:
            return
        for group, symbol in _mapping(told.get("symbols")).items():
            self.desk.select_symbol(str(symbol), str(group))
        windows = {str(one.get("name")): one for one in _mappings(told.get("windows"))}
        opened: dict[str, PanelWindow] = {}
        for one in _mappings(told.get("panels")):
            self._restore_panel(one, windows, opened)
        for name, window in opened.items():
            window.docks.restoreState(_bytes(windows[name].get("state")), STATE_VERSION)
            window.show()

    def _restore_panel(self, told: Saved, windows: dict[str, Saved], opened: dict[str, PanelWindow]) -> None:
        name, kind = str(told.get("name")), kind_named(str(told.get("kind")))
        if kind is None or name.partition(".")[0] != kind.name:
            return
        panel = self.named(name) or self._made(kind, name)
        link = told.get("link")
        if panel.is_linked_kind and (link in LETTERS or link == NOT_LINKED):
            panel.set_link(str(link))
        panel.restore(_mapping(told.get("own")))
        place = str(told.get("window") or "")
        if place in windows:
            if place not in opened:
                opened[place] = self._new_window(kind.size, place)
                rect = windows[place].get("rect")
                if isinstance(rect, list) and len(rect) == 4 and all(isinstance(part, int) for part in rect):
                    put_on_screen(opened[place], QRect(*rect), str(windows[place].get("screen")))
            opened[place].add(panel)
        elif panel.parent() is None:
            self._dock(panel)

    # ---- inside ----

    def _focus_changed(self, _: QWidget | None, now: QWidget | None) -> None:
        """Command line and palette take the keyboard, but not the meaning of a group."""
        while now is not None and not isinstance(now, Panel):
            now = now.parentWidget()
        if now is not None:
            self._focused = now

    def _made(self, kind: PanelKind, name: str) -> Panel:
        panel = make_panel(kind, self.desk, self._theme(), name)
        panel.menuRequested.connect(self.show_menu)
        self.panels.append(panel)
        return panel

    def _free_name(self, kind: str) -> str:
        taken = {panel.objectName() for panel in self.panels}
        number = 2
        while f"{kind}.{number}" in taken:
            number += 1
        return kind if kind not in taken else f"{kind}.{number}"

    def _dock(self, panel: Panel) -> None:
        take_out(panel)
        panel.setFloating(False)
        self.docks.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, panel)
        panel.show()

    def _new_window(self, size: tuple[int, int], name: str = "") -> PanelWindow:
        taken = {window.objectName() for window in self.windows}
        number = next(one for one in range(1, len(taken) + 2) if f"window.{one}" not in taken)
        window = PanelWindow(self.desk, self._theme(), name or f"window.{number}", self.actions)
        window.closed.connect(self._window_closed)
        main = self.docks.window()
        wanted = QRect(main.geometry().topLeft() + QPoint(CASCADE_PX, CASCADE_PX) * (number + 1), main.size())
        wanted.setSize(wanted.size().boundedTo(QRect(0, 0, *size).size()))
        put_on_screen(window, wanted, screen_of(main))
        self.windows.append(window)
        return window

    def _window_closed(self, window: PanelWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)
            for panel in window.panels():
                self.close(panel)
            window.deleteLater()

    def _close_empty(self) -> None:
        for window in [one for one in self.windows if not one.panels()]:
            self.windows.remove(window)
            window.close()
            window.deleteLater()


def _window_name(panel: Panel) -> str:
    window = panel.window()
    return window.objectName() if isinstance(window, PanelWindow) else ""


def _mapping(told: object) -> Saved:
    return told if isinstance(told, dict) else {}


def _mappings(told: object) -> list[Saved]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _bytes(told: object) -> bytes:
    try:
        return base64.b64decode(str(told), validate=True)
    except (binascii.Error, ValueError):
        return b""
