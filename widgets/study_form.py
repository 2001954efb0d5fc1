"""The form of one study: its parameters, inputs and the style of each of its lines.

Rules: what is typed is told at once as text; whoever listens says what is wrong with it, and the field shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from widgets.chart.study_plot import LINE_STYLES
from widgets.choice_box import ChoiceBox
from widgets.theme import Theme

STYLE_WORDS: Final = {
    "line": "Line", "dashed": "Dashed", "dotted": "Dotted", "chain": "Chain", "histogram": "Columns",
    "upper": "Band, upper", "lower": "Band, lower", "mark": "Marks", "hidden": "Figure only",
}  # fmt: skip
GREY_WORDS: Final = ("Strongest", "Strong", "Middle", "Faint")
WIDTHS: Final = (1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class FormField:
    """A parameter or an input. `choices` are words to choose from; `value` is the text that is shown."""

    name: str
    title: str
    value: str
    hint: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormLine:
    """How a line is drawn."""

    name: str
    style: str
    grey: int = 1
    width: float = 1.0
    shown: bool = True


@dataclass(frozen=True, slots=True)
class StudyDraft:
    """All of a form. `own_pane` is None where there is no choice."""

    title: str = ""
    fields: tuple[FormField, ...] = ()
    lines: tuple[FormLine, ...] = ()
    own_pane: bool | None = None
    problems: dict[str, str] = field(default_factory=dict)


class StudyForm(QWidget):
    """`changed` with the draft as it stands."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._draft = StudyDraft()
        self._edits: list[QLineEdit | ChoiceBox] = []
        self._lines: list[tuple[QCheckBox, ChoiceBox, ChoiceBox, ChoiceBox]] = []
        self._pane: QCheckBox | None = None
        self._problem = QLabel("", self)
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName("Problem")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 8, 8, 8)
        self._grid.setVerticalSpacing(4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._color_problem()

    def set_draft(self, draft: StudyDraft) -> None:
        """Show another study."""
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            if widget is not None and widget is not self._problem:
                widget.setParent(None)
                widget.deleteLater()
        self._draft, self._edits, self._lines, self._pane = draft, [], [], None
        row = 0
        for one in draft.fields:
            self._add_field(one, row)
            row += 1
        if draft.own_pane is not None:
            self._pane = QCheckBox("In a pane of its own", self)
            self._pane.setChecked(draft.own_pane)
            self._pane.setAccessibleName(self._pane.text())
            self._pane.toggled.connect(self._tell)
            self._grid.addWidget(self._pane, row, 1, 1, 3)
            row += 1
        for line in draft.lines:
            self._add_line(line, row)
            row += 1
        self._grid.addWidget(self._problem, row, 0, 1, 4)
        self._grid.setRowStretch(row + 1, 1)
        self.show_problem("")

    def show_problem(self, text: str) -> None:
        """What is wrong with what was typed; empty for nothing."""
        self._problem.setText(text)
        self._color_problem()

    def _color_problem(self) -> None:
        palette = self._problem.palette()
        palette.setColor(self._problem.foregroundRole(), self._theme.color("warning"))
        self._problem.setPalette(palette)

    def draft(self) -> StudyDraft:
        """What stands in the form."""
        fields = tuple(
            FormField(one.name, one.title, edit.text() if isinstance(edit, QLineEdit) else edit.currentText(), one.hint,
                      one.choices)
            for one, edit in zip(self._draft.fields, self._edits, strict=True)
        )  # fmt: skip
        lines = tuple(
            FormLine(line.name, _styles_for(line)[style.currentIndex()], grey.currentIndex(),
                     WIDTHS[width.currentIndex()], shown.isChecked())
            for line, (shown, style, grey, width) in zip(self._draft.lines, self._lines, strict=True)
        )  # fmt: skip
        return StudyDraft(self._draft.title, fields, lines, None if self._pane is None else self._pane.isChecked())

    def _add_field(self, one: FormField, row: int) -> None:
        label = QLabel(one.title, self)
        label.setToolTip(one.hint)
        edit: QLineEdit | ChoiceBox
        if one.choices:
            edit = ChoiceBox(self._theme, self)
            edit.addItems(list(one.choices))
            edit.setCurrentText(one.value)
            edit.currentTextChanged.connect(self._tell)
        else:
            edit = QLineEdit(one.value, self)
            edit.setFont(self._theme.fonts.data)
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
            edit.textEdited.connect(self._tell)
        edit.setAccessibleName(one.title)
        edit.setAccessibleDescription(one.hint)
        label.setBuddy(edit)
        self._edits.append(edit)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(edit, row, 1, 1, 3)

    def _add_line(self, line: FormLine, row: int) -> None:
        shown = QCheckBox(line.name, self)
        shown.setChecked(line.shown)
        shown.setAccessibleName(f"{line.name}: shown")
        style, grey, width = (ChoiceBox(self._theme, self) for _ in range(3))
        styles = _styles_for(line)
        style.addItems([STYLE_WORDS[one] for one in styles])
        style.setCurrentIndex(styles.index(line.style))
        grey.addItems(list(GREY_WORDS))
        grey.setCurrentIndex(min(max(line.grey, 0), len(GREY_WORDS) - 1))
        width.addItems([f"{one:g} px" for one in WIDTHS])
        width.setCurrentIndex(WIDTHS.index(line.width) if line.width in WIDTHS else 0)
        for box, name in ((style, "style"), (grey, "grey"), (width, "width")):
            box.setAccessibleName(f"{line.name}: {name}")
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.currentIndexChanged.connect(self._tell)
        shown.toggled.connect(self._tell)
        self._lines.append((shown, style, grey, width))
        for column, widget in enumerate((shown, style, grey, width)):
            self._grid.addWidget(widget, row, column)
        self._grid.setColumnStretch(2, 1)
        self._grid.setColumnStretch(3, 1)

    def _tell(self, *_: object) -> None:
        self.changed.emit(self.draft())


def _styles_for(line: FormLine) -> Sequence[str]:
    """Styles that make sense for a line: marks stay marks."""
    return LINE_STYLES if line.style in LINE_STYLES else (line.style,)
