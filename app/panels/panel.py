"""What every dock does: a head of 24 px, a body, and a refresh once a frame while it can be seen."""

from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from app.desk import Desk
from app.state.changes import Changes
from widgets.panel_header import PanelHeader
from widgets.theme import Theme


class Panel(QDockWidget):
    """A dock. Subclasses implement `show_changes` and `show_all`."""

    turn = 0
    """In which of two frames it is told what changed."""

    def __init__(self, desk: Desk, theme: Theme, name: str, title: str, link: str = "") -> None:
        """`name` identifies the dock in a saved layout and never changes; `title` is what a person reads."""
        super().__init__(title)
        self.setObjectName(name)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        self.desk = desk
        self.theme = theme
        self.header = PanelHeader(theme, title, self, link=link)
        self.setTitleBarWidget(self.header)
        self.body = QWidget(self)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.setWidget(self.body)
        self._seen = False
        self.visibilityChanged.connect(self._visibility_changed)
        desk.watch(self._frame, self.turn)

    @property
    def seen(self) -> bool:
        """Whether anything of the dock can be seen now."""
        return self._seen

    def show_changes(self, changes: Changes) -> None:
        """Something may have changed since the last frame."""
        raise NotImplementedError

    def show_all(self) -> None:
        """The dock has come into sight, or shows something else now."""
        raise NotImplementedError

    def _frame(self, changes: Changes) -> None:
        if self._seen:
            self.show_changes(changes)

    def _visibility_changed(self, visible: bool) -> None:
        self._seen = visible
        if visible:
            self.show_all()
