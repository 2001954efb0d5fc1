"""A drawing by numbers: time and price of each anchor, words, ink, dash, width, lock. One edit, when it is accepted.

Rules: what was not touched stays exactly as it was; a field that cannot be read is named, with what it should be.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.choice_box import ChoiceBox
from widgets.controls import FlatButton
from widgets.drawing.drawing import DASHES, INKS, KINDS, TEXT_MAX, WIDTHS_PX, Anchor, Drawing, DrawingKind, DrawingStyle
from widgets.formatting import format_price, parse_price
from widgets.painting import painted
from widgets.theme import Theme

WIDTH_PX = 400
INK_WORDS = ("strong", "medium", "weak")
TIME_FORM = "%Y-%m-%d %H:%M:%S"
_NO_TIME = (DrawingKind.PRICE_LINE,)
_NO_PRICE = (DrawingKind.TIME_LINE,)
_NO_WORDS = (DrawingKind.MEASURE, DrawingKind.CHANNEL, DrawingKind.RETRACEMENT, DrawingKind.EXTENSION)


def time_text(time_ns: int, zone: tzinfo) -> str:
    """A time to the second in a zone."""
    return datetime.fromtimestamp(time_ns // 10**9, zone).strftime(TIME_FORM)


def parse_time(text: str, zone: tzinfo) -> int | None:
    """Nanoseconds of a day with or without a time of day, as `time_text` writes them; None if it is none."""
    try:
        read = datetime.fromisoformat(text.strip())
        local = read.replace(tzinfo=zone) if read.tzinfo is None else read
        return round(local.timestamp() * 1_000_000) * 1000
    except (ValueError, OverflowError, OSError):
        return None


class DrawingDialog(QDialog):
    """`applied(Drawing)` with the edited one, `removeRequested(number)`."""

    applied = Signal(object)
    removeRequested = Signal(int)

    def __init__(
        self, theme: Theme, drawing: Drawing, price_decimals: int, parent: QWidget | None = None, *, zone: tzinfo = UTC
    ) -> None:
        super().__init__(parent)
        self._theme, self._drawing, self._decimals, self._zone = theme, drawing, price_decimals, zone
        name = KINDS[drawing.kind].name
        self.setWindowTitle(name)
        self.setAccessibleName(f"{name} by numbers")
        self.setFixedWidth(WIDTH_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._times: list[QLineEdit | None] = []
        self._prices: list[QLineEdit | None] = []
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(6)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(2, 2)
        self._add_anchors()
        self._words = QLineEdit(drawing.text, self)
        self._words.setMaxLength(TEXT_MAX)
        if drawing.kind not in _NO_WORDS:
            self._add_row("Words", self._words, "Words")
        self._ink, self._dash, self._width = (ChoiceBox(theme, self) for _ in range(3))
        self._add_style()
        self._locked = QCheckBox("Locked: it can be selected, not moved", self)
        self._locked.setAccessibleName("Locked")
        self._locked.setChecked(drawing.locked)
        self._grid.addWidget(self._locked, self._grid.rowCount(), 1, 1, 2)
        self._problem = QLabel(" ", self)
        self._problem.setWordWrap(True)
        self._problem.setAccessibleName("Problem")
        self._lay_out()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for field in (*self._times, *self._prices):
            if field is not None:
                field.setFont(theme.fonts.data)
        for child in (*self.findChildren(FlatButton), *self.findChildren(ChoiceBox)):
            child.set_theme(theme)
        palette = self._problem.palette()
        palette.setColor(palette.ColorRole.WindowText, theme.color("warning"))
        self._problem.setPalette(palette)
        self.update()

    def edited(self) -> Drawing | None:
        """The drawing as the fields say; None, and the problem is shown, if one of them cannot be read."""
        anchors = []
        for i, (word, anchor) in enumerate(zip(KINDS[self._drawing.kind].anchors, self._drawing.anchors, strict=True)):
            time_ns, price = self._time_of(i, anchor), self._price_of(i, anchor)
            if time_ns is None or price is None:
                wanted = (
                    "a time such as 2026-11-20 14:05:00"
                    if time_ns is None
                    else (f"a price with up to {self._decimals} decimals")
                )
                self._problem.setText(f"{word}: {wanted}")
                field = self._times[i] if time_ns is None else self._prices[i]
                if field is not None:
                    field.setFocus()
                return None
            anchors.append(Anchor(time_ns, price))
        style = DrawingStyle(
            INKS[self._ink.currentIndex()], DASHES[self._dash.currentIndex()], WIDTHS_PX[self._width.currentIndex()]
        )
        return replace(self._drawing, anchors=tuple(anchors), style=style, text=self._words.text(),
                       locked=self._locked.isChecked())  # fmt: skip

    def accept(self) -> None:
        """Tell the edit, if every field can be read."""
        drawing = self.edited()
        if drawing is not None:
            self.applied.emit(drawing)
            super().accept()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))

    def _add_anchors(self) -> None:
        kind = self._drawing.kind
        for word, anchor in zip(KINDS[kind].anchors, self._drawing.anchors, strict=True):
            row = self._grid.rowCount()
            self._grid.addWidget(QLabel(word, self), row, 0)
            time = None if kind in _NO_TIME else QLineEdit(time_text(anchor.time_ns, self._zone), self)
            price = None if kind in _NO_PRICE else QLineEdit(format_price(anchor.price, self._decimals), self)
            for column, field, what in ((1, time, "time"), (2, price, "price")):
                if field is not None:
                    field.setAccessibleName(f"{word} {what}")
                    self._grid.addWidget(field, row, column)
            if price is not None:
                price.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._times.append(time)
            self._prices.append(price)

    def _add_row(self, word: str, widget: QWidget, name: str) -> None:
        row = self._grid.rowCount()
        widget.setAccessibleName(name)
        self._grid.addWidget(QLabel(word, self), row, 0)
        self._grid.addWidget(widget, row, 1, 1, 2)

    def _add_style(self) -> None:
        style = self._drawing.style
        for box, words, current, name in (
            (self._ink, INK_WORDS, INKS.index(style.ink), "Ink"),
            (self._dash, DASHES, DASHES.index(style.dash), "Dash"),
            (self._width, [f"{px} px" for px in WIDTHS_PX], WIDTHS_PX.index(style.width_px), "Width"),
        ):
            box.addItems(list(words))
            box.setCurrentIndex(current)
            self._add_row(name, box, name)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for text, key, slot in (
            ("Apply", "⏎", self.accept),
            ("Cancel", "Esc", self.reject),
            ("Delete", "", self._remove),
        ):
            button = FlatButton(self._theme, text, self, key=key, height_px=28)
            button.clicked.connect(slot)
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(self._grid)
        column.addWidget(self._problem)
        column.addLayout(buttons)
        for field in (*self._times, *self._prices, self._words):
            if field is not None:
                field.returnPressed.connect(self.accept)

    def _remove(self) -> None:
        self.removeRequested.emit(self._drawing.number)
        self.reject()

    def _time_of(self, place: int, anchor: Anchor) -> int | None:
        field = self._times[place]
        if field is None or field.text() == time_text(anchor.time_ns, self._zone):
            return anchor.time_ns
        return parse_time(field.text(), self._zone)

    def _price_of(self, place: int, anchor: Anchor) -> int | None:
        field = self._prices[place]
        return anchor.price if field is None else parse_price(field.text(), self._decimals)
