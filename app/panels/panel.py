"""What every dock does: a head of 24 px, a body, a link group, and a refresh while it can be seen.

Rules: a panel that shows one instrument takes it from `self.instrument` and implements `show_instrument`; it is told of
changes at most `rate_hz` times a second and not at all while hidden; `show_all` follows when it comes into sight.
Several panels of a kind can be open: what it keeps beside the desk's state is its own (`saved`, `restore`).
"""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from app.desk import Desk
from app.models.provenance import provenance
from app.models.watchers import DEFAULT_HZ
from app.state.changes import Changes
from app.state.selection import LEADING, group_key, next_letter
from widgets.panel_header import PanelHeader
from widgets.theme import Theme

LINK_PX: Final = 30
"""Of a head, what belongs to the link letter."""


class Panel(QDockWidget):
    """A dock. Subclasses implement `show_changes` and `show_all`, linked ones `show_instrument`."""

    rate_hz = DEFAULT_HZ
    """At most so often it is told what changed."""

    menuRequested = Signal(object, object)
    """(panel, global position): the head was asked for what can be done with the panel."""

    def __init__(self, desk: Desk, theme: Theme, name: str, title: str, link: str = "") -> None:
        """`name` is the kind of the panel; `title` is what a person reads; `link` the group it begins in, "" for a
        panel that shows no single instrument and follows none.
        """
        super().__init__(title)
        self.kind = name
        self.is_linked_kind = bool(link)
        self.setObjectName(name)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        self.desk = desk
        self.theme = theme
        self.link = link
        self.paints = 0
        """How often the panel has been painted as a window of its own; see `settled`."""
        self._switched_at = -1
        self._switched_ns = 0
        self._bound = 0
        self.seen = False
        """Whether anything of the dock can be seen now."""
        self._missed = False
        self.header = PanelHeader(theme, title, self, link=link)
        self.setTitleBarWidget(self.header)
        self.body = QWidget(self)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setWidget(self.body)
        self.visibilityChanged.connect(self._visibility_changed)
        self.header.linkClicked.connect(self.next_link)
        desk.group_selected.connect(self._group_selected)
        desk.looks_changed.connect(self._looks_changed)
        self.watcher = desk.watch(self._frame, self.rate_hz, self._is_seen)

    # ---- for subclasses ----

    def show_changes(self, changes: Changes) -> None:
        """Something may have changed since the last time. `changes` is shared: read only."""
        raise NotImplementedError

    def show_all(self) -> None:
        """The dock has come into sight: read everything anew."""
        raise NotImplementedError

    def show_instrument(self, instrument: int) -> None:
        """The group shows another instrument and the dock can be seen: change everything in this call."""

    def leave_instrument(self) -> None:
        """The panel is about to be bound to another instrument, seen or not."""

    def show_link(self, letter: str) -> None:
        """The panel is in another group, "" for none of the shared ones; heads of their own show the letter."""
        self.header.set_link(letter or "–")

    def saved(self) -> dict[str, object]:
        """What is the panel's own (bar size, filter, columns) as JSON values, kept with the layout."""
        return {}

    def restore(self, saved: dict[str, object]) -> None:
        """Take what `saved` gave in an earlier run; unknown or missing values are no error."""

    def source(self) -> str:
        """Where the figures come from, how old they are and what is known of them: the tooltip of the head."""
        return provenance(self.desk.state, self.instrument if self.is_linked_kind else 0, self.desk.clock())

    # ---- the link group ----

    @property
    def group(self) -> str:
        """The key of its link group; a panel that follows none moves the leading one."""
        return LEADING if not self.is_linked_kind else group_key(self.link, self.objectName())

    @property
    def instrument(self) -> int:
        """What its group shows, 0 before there is anything."""
        return self.desk.selection.of(self.group)

    def select(self, instrument: int) -> None:
        """Show an instrument here and in every panel of the group."""
        self.desk.select(instrument, self.group)

    def set_link(self, letter: str) -> None:
        """Come into another group (A to F), or follow none (""); a group that has an instrument keeps it."""
        if not self.is_linked_kind or letter == self.link:
            return
        before, old_group = self.instrument, self.group
        self.link = letter
        self.desk.selection.forget(old_group)
        self.show_link(letter)
        if self.desk.join(self.group, before) != before:
            self._switch()

    def next_link(self) -> None:
        """The next letter; after the last one not linked."""
        self.set_link(next_letter(self.link))

    @property
    def settled(self) -> bool:
        """Whether the screen shows the instrument that the panel is bound to now; else no order may leave here."""
        painted = getattr(self.window(), "paints", self._switched_at + 1) > self._switched_at
        guard_ns = self.theme.motion["click_guard_ms"] * 1_000_000
        return painted and abs(self.desk.clock() - self._switched_ns) >= guard_ns

    # ---- seeing and being told ----

    def close_panel(self) -> None:
        """The panel goes for good."""
        self.desk.watchers.remove(self.watcher)
        self.desk.following.leave_all(self.objectName())
        self.desk.selection.forget(self.group)
        self.desk.group_selected.disconnect(self._group_selected)
        self.desk.looks_changed.disconnect(self._looks_changed)
        self.visibilityChanged.disconnect(self._visibility_changed)
        self.seen = False
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        """A floating panel is a window: its paints count. The head tells where its figures come from."""
        if event.type() is QEvent.Type.UpdateRequest and self.isWindow():
            handled = super().event(event)
            self.paints += 1
            return handled
        if event.type() is QEvent.Type.ToolTip:
            self.setToolTip(self.source())
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the head: what can be done with the panel."""
        head = self.titleBarWidget()
        if head is not None and head.geometry().contains(event.pos()):
            self.menuRequested.emit(self, event.globalPos())
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The letter of a head that does not listen itself is a button too."""
        head = self.titleBarWidget()
        inside = head is not None and head is not self.header and head.geometry().contains(event.position().toPoint())
        is_left = event.button() == Qt.MouseButton.LeftButton
        if inside and self.is_linked_kind and event.position().x() < LINK_PX and is_left:
            self.next_link()
            event.accept()
        else:
            super().mousePressEvent(event)

    def _is_seen(self) -> bool:
        if not self.seen:
            return False
        handle = self.window().windowHandle()
        if handle is None or handle.isExposed():
            return True
        self._missed = True
        return False

    def _frame(self, changes: Changes) -> None:
        if self._missed:
            self._looks_changed()
        else:
            self.show_changes(changes)

    def _visibility_changed(self, visible: bool) -> None:
        self.seen, self._missed = visible, False
        if visible:
            self._bound = self.instrument
            self.show_all()

    def _looks_changed(self) -> None:
        self._missed = False
        if self.seen:
            self.show_all()

    def _group_selected(self, group: str, instrument: int) -> None:
        del instrument
        if self.is_linked_kind and (group == self.group or not self.desk.selection.has(self.group)):
            self._switch()

    def _switch(self) -> None:
        """From now on until it is painted and a moment has passed, the screen may show another instrument than ours."""
        if self._bound not in (0, self.instrument):
            self.leave_instrument()
            self._switched_at, self._switched_ns = getattr(self.window(), "paints", 0), self.desk.clock()
        self._bound = self.instrument
        if self.seen:
            self.show_instrument(self.instrument)
            self.body.update()
