"""Asks for a column by formula: its title, its text, its decimals; says at every letter what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from widgets.theme import Theme

DECIMALS_MAX = 8
_EXAMPLE = "(ask - bid) / mid * 10000"


class FormulaDialog(QDialog):
    """`formulaTaken(title, text, decimals)`; `check(text)` gives a sentence, empty where there is nothing wrong."""

    formulaTaken = Signal(str, str, int)

    def __init__(
        self, theme: Theme, check: Callable[[str], str], names: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Column by formula")
        self._theme, self._check = theme, check
        self.title, self.text, self.decimals = QLineEdit(self), QLineEdit(self), QSpinBox(self)
        for field, name in ((self.title, "Title"), (self.text, "Formula"), (self.decimals, "Decimals")):
            field.setAccessibleName(name)
        self.title.setMaxLength(24)
        self.title.setPlaceholderText("Spread bp")
        self.text.setPlaceholderText(_EXAMPLE)
        self.text.setFont(theme.fonts.data)
        self.text.setMinimumWidth(360)
        self.decimals.setRange(0, DECIMALS_MAX)
        self.decimals.setValue(2)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        fields = QLabel(", ".join(names), self)
        fields.setWordWrap(True)
        fields.setFont(theme.fonts.data)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        for button in self.buttons.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        for label, field in (("&Title", self.title), ("&Formula", self.text), ("&Decimals", self.decimals)):
            form.addRow(label, field)
        form.addRow("", self.problem)
        form.addRow("Fields", fields)
        form.addRow(self.buttons)
        self.title.textChanged.connect(self._judge)
        self.text.textChanged.connect(self._judge)
        self._judge()

    def set_formula(self, title: str, text: str, decimals: int) -> None:
        """Begin with one that exists."""
        self.title.setText(title)
        self.text.setText(text)
        self.decimals.setValue(decimals)

    def _judge(self) -> None:
        problem = self._check(self.text.text()) if self.text.text().strip() else "A formula over the fields below"
        if not problem and not self.title.text().strip():
            problem = "A title, so that it can be told from the others"
        self.problem.setText(problem or "It can be computed")
        self.problem.setAccessibleName(self.problem.text())
        palette = self.problem.palette()
        palette.setColor(self.problem.foregroundRole(), self._theme.color("warning" if problem else "label"))
        self.problem.setPalette(palette)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)

    def _take(self) -> None:
        self.formulaTaken.emit(self.title.text().strip(), self.text.text().strip(), self.decimals.value())
        self.accept()
