"""The studies of a chart: search all there are, add, change, order and take away; the chart shows it while one does.

Rules: the dialog knows rows and drafts; whoever listens searches, checks and draws. Enter in the search adds what is
marked, Del takes away, Ctrl with an arrow moves; Esc puts the chart back as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.pick_list import PickList, PickRow
from widgets.study_form import StudyDraft, StudyForm
from widgets.theme import Theme

SIZE: Final = (960, 600)
_LIST_KEYS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class StudyPicker(QDialog):
    """Left what there is, right what is on the chart, and the form of what is marked there."""

    searched = Signal(str)
    added = Signal(object)
    removed = Signal(int)
    moved = Signal(int, int)
    marked = Signal(int)
    edited = Signal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Studies of the chart")
        self.setAccessibleName("Studies of the chart")
        self.resize(*SIZE)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search by name, group or use")
        self.search.setAccessibleName("Search studies")
        self.found = PickList(theme, "Studies found", self, empty="Nothing has that name.")
        self.chosen = PickList(theme, "Studies on the chart", self, empty="No study yet: pick one at the left.")
        self.form = StudyForm(theme, self)
        self._labels = [QLabel(text, self) for text in ("All studies", "On the chart", "")]
        self._buttons = {
            name: FlatButton(theme, text, self, key=key, height_px=24)
            for name, text, key in (
                ("add", "Add", "⏎"), ("up", "Up", "Ctrl ↑"), ("down", "Down", "Ctrl ↓"), ("remove", "Remove", "Del"),
                ("done", "Done", ""), ("cancel", "Cancel", "Esc"),
            )
        }  # fmt: skip
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self.search.installEventFilter(self)
        self.search.setFocus()

    def _lay_out(self) -> None:
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        left, right, tools, feet = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget in (self._labels[0], self.search, self.found):
            left.addWidget(widget)
        left.addWidget(self._buttons["add"])
        for name in ("up", "down", "remove"):
            tools.addWidget(self._buttons[name])
        right.addWidget(self._labels[1])
        right.addWidget(self.chosen, 2)
        right.addLayout(tools)
        right.addWidget(self._labels[2])
        right.addWidget(area, 3)
        feet.addStretch(1)
        feet.addWidget(self._buttons["cancel"])
        feet.addWidget(self._buttons["done"])
        right.addLayout(feet)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(12, 12, 12, 12)
        columns.setSpacing(12)
        columns.addLayout(left, 5)
        columns.addLayout(right, 5)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.searched)
        self.search.returnPressed.connect(self.found.pick)
        self.found.picked.connect(self.added)
        self.chosen.currentChanged.connect(self.marked)
        self.chosen.picked.connect(lambda _: self.form.setFocus())
        self.form.changed.connect(lambda draft: self.edited.emit(self.chosen.current, draft))
        self._buttons["add"].clicked.connect(self.found.pick)
        self._buttons["up"].clicked.connect(lambda: self._move(-1))
        self._buttons["down"].clicked.connect(lambda: self._move(1))
        self._buttons["remove"].clicked.connect(self._remove)
        self._buttons["done"].clicked.connect(self.accept)
        self._buttons["cancel"].clicked.connect(self.reject)
        for button in self._buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        for widget in (self.found, self.chosen, self.form, *self._buttons.values()):
            widget.set_theme(theme)
        for label in self._labels:
            label.setFont(theme.fonts.label_strong)

    def set_found(self, rows: Sequence[PickRow]) -> None:
        """What a search found."""
        self.found.set_rows(rows)
        self._labels[0].setText(f"All studies · {len(rows)}")

    def set_chosen(self, rows: Sequence[PickRow], current: int) -> None:
        """What is on the chart, and which one is marked."""
        self.chosen.set_rows(rows, current)

    def set_draft(self, draft: StudyDraft) -> None:
        """The form of the marked study."""
        self._labels[2].setText(draft.title)
        self.form.set_draft(draft)

    def _move(self, step: int) -> None:
        place = self.chosen.current
        if place >= 0 and 0 <= place + step < len(self.chosen.rows):
            self.moved.emit(place, place + step)

    def _remove(self) -> None:
        if self.chosen.current >= 0:
            self.removed.emit(self.chosen.current)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the search move the mark in what it found."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if plain and event.key() in _LIST_KEYS:
                self.found.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes away, Ctrl with an arrow moves, Esc leaves; Enter never leaves by accident."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Delete and self.chosen.hasFocus():
            self._remove()
        elif control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
