"""What of a chart goes into a file: a picture with its size and theme, or the bars with their range."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIntValidator, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.chart.export_picture import LEAST_PX, MOST_PX
from widgets.choice_box import ChoiceBox
from widgets.controls import FlatButton
from widgets.painting import painted
from widgets.theme import THEME_NAMES, Theme

WIDTH_PX = 340
SIZES = ((1280, 720), (1920, 1080), (3840, 2160))


@dataclass(frozen=True, slots=True)
class ExportWish:
    """`kind` is "picture" or "bars"; `theme` a theme's name; `all_bars` or only those in sight."""

    kind: str
    size: QSize
    theme: str
    all_bars: bool


class ExportDialog(QDialog):
    """`chosen(ExportWish)` when it is accepted."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, shown: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._shown = theme, shown
        self.setWindowTitle("Export the chart")
        self.setAccessibleName("Export the chart")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH_PX)
        self.kind = self._choice(["Picture (PNG)", "Bars (CSV)"])
        self.size_choice = self._choice(["As shown", *(f"{w} × {h}" for w, h in SIZES), "Own size"])
        self.width_px, self.height_px = self._pixels(shown.width()), self._pixels(shown.height())
        self.theme_choice = self._choice(["As shown", *THEME_NAMES])
        self.range_choice = self._choice(["Bars in sight", "All bars loaded"])
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(8)
        self._labels: list[QLabel] = []
        rows = (
            ("What", self.kind), ("Size", self.size_choice), ("Width px", self.width_px), ("Height px", self.height_px),
            ("Theme", self.theme_choice), ("Range", self.range_choice),
        )  # fmt: skip
        for i, (word, widget) in enumerate(rows):
            widget.setAccessibleName(word)
            self._labels.append(QLabel(word, self))
            self._labels[-1].setBuddy(widget)
            self._grid.addWidget(self._labels[-1], i, 0)
            self._grid.addWidget(widget, i, 1)
        self._grid.setColumnStretch(1, 1)
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _: self._enable())
        self.size_choice.currentIndexChanged.connect(lambda _: self._size_chosen())
        self._enable()

    def wish(self) -> ExportWish:
        """What the fields say."""
        theme = self._theme.name if self.theme_choice.currentIndex() == 0 else self.theme_choice.currentText()
        kind = "bars" if self.kind.currentIndex() else "picture"
        width, height = (int(field.text() or 0) for field in (self.width_px, self.height_px))
        size = QSize(max(width, LEAST_PX), max(height, LEAST_PX))
        return ExportWish(kind, size, theme, self.range_choice.currentIndex() == 1)

    def accept(self) -> None:
        """Tell the wish."""
        self.chosen.emit(self.wish())
        super().accept()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))

    def _choice(self, words: list[str]) -> ChoiceBox:
        box = ChoiceBox(self._theme, self)
        box.addItems(words)
        return box

    def _pixels(self, value: int) -> QLineEdit:
        field = QLineEdit(str(value), self)
        field.setValidator(QIntValidator(LEAST_PX, MOST_PX, field))
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setFont(self._theme.fonts.data)
        return field

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for text, key, slot in (("Choose a file", "⏎", self.accept), ("Cancel", "Esc", self.reject)):
            button = FlatButton(self._theme, text, self, key=key, height_px=28)
            button.clicked.connect(slot)
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._grid)
        column.addLayout(buttons)

    def _size_chosen(self) -> None:
        index = self.size_choice.currentIndex()
        if index <= len(SIZES):
            width, height = (self._shown.width(), self._shown.height()) if index == 0 else SIZES[index - 1]
            self.width_px.setText(str(width))
            self.height_px.setText(str(height))
        self._enable()

    def _enable(self) -> None:
        picture = self.kind.currentIndex() == 0
        own = picture and self.size_choice.currentIndex() > len(SIZES)
        for widget, enabled in (
            (self.size_choice, picture), (self.theme_choice, picture), (self.width_px, own), (self.height_px, own),
            (self.range_choice, not picture),
        ):  # fmt: skip
            widget.setEnabled(enabled)
