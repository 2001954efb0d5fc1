"""One of a few, as a row of joined buttons; the chosen one is inverted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.theme import Theme


class Segmented(QWidget):
    """Words beside each other; `chosen(index)` when the user takes another."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, words: Sequence[str], parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons = [FlatButton(theme, word, self, height_px=24) for word in words]
        for i, button in enumerate(self._buttons):
            button.setCheckable(True)
            button.setAccessibleName(f"{name} {words[i]}".strip())
            self._group.addButton(button, i)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        for button in self._buttons:
            button.set_theme(theme)

    def set_current(self, index: int) -> None:
        """Mark one as chosen; -1 marks none."""
        if index >= 0:
            self._buttons[index].setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self._buttons:
            button.setChecked(False)
        self._group.setExclusive(True)
