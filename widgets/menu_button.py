"""A flat button that opens a menu of choices: it reads what is chosen, and a caret says that there is more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from widgets.controls import FlatButton
from widgets.glyphs import draw_glyph
from widgets.theme import Theme

CARET_PX = 12


class MenuButton(FlatButton):
    """`chosen(group, value)` when another choice of a group is taken; `groups` are titles with (words, value) pairs."""

    chosen = Signal(str, object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent, height_px=24)
        self._name_of, self._caret_theme = name, theme
        self._menu = QMenu(self)
        self._menu.setAccessibleName(name)
        self._actions: dict[tuple[str, object], QAction] = {}
        self.clicked.connect(self.open_menu)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._caret_theme = theme
        super().set_theme(theme)

    def add_group(self, group: str, title: str, choices: Sequence[tuple[str, object]], *, nested: bool = False) -> None:
        """Choices of which one is taken, under a title or in a menu of their own."""
        menu = self._menu.addMenu(title) if nested else self._menu
        if title and not nested:
            menu.addSection(title)
        actions = QActionGroup(menu)
        for words, value in choices:
            action = menu.addAction(words)
            action.setCheckable(True)
            actions.addAction(action)
            action.triggered.connect(lambda _=False, value=value: self.chosen.emit(group, value))
            self._actions[group, value] = action

    def add_action(self, words: str, group: str, value: object) -> None:
        """One more line that is a question of its own."""
        self._menu.addSeparator()
        self._menu.addAction(words).triggered.connect(lambda: self.chosen.emit(group, value))

    def add_menu_of(self, other: MenuButton) -> QAction:
        """The menu of another button as one below this one's."""
        return self._menu.addMenu(other.menu())

    def menu(self) -> QMenu:
        """The menu, titled as the button is named."""
        self._menu.setTitle(self._name_of)
        return self._menu

    def add_switch(self, words: str, group: str, on: bool) -> None:
        """Something that is on or off: `chosen(group, bool)`."""
        self._menu.addSeparator()
        action = self._menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(lambda checked: self.chosen.emit(group, checked))
        self._actions[group, True] = action

    def set_current(self, group: str, value: object) -> None:
        """Mark what is chosen; a value without a line marks none. Nothing is emitted."""
        for (other, candidate), action in self._actions.items():
            if other == group:
                action.blockSignals(True)
                action.setChecked(candidate == value)
                action.blockSignals(False)

    def set_words(self, words: str) -> None:
        """What the button reads."""
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(f"{self._name_of}: {words}")
            self.updateGeometry()
            self.update()

    def open_menu(self) -> None:
        """Show the choices under the button."""
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens as well as the space bar."""
        if event.key() == Qt.Key.Key_Down:
            self.open_menu()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """With room for the caret."""
        hint = super().sizeHint()
        return QSize(hint.width() + CARET_PX, hint.height())

    def minimumSizeHint(self) -> QSize:
        """With room for the caret."""
        hint = super().minimumSizeHint()
        return QSize(hint.width() + CARET_PX, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, and the caret at their right."""
        super().paintEvent(event)
        painter = QPainter(self)
        draw_glyph(painter, "caret", self.width() - 9, self.height() / 2, self._caret_theme.color("label"), 6)
        painter.end()
