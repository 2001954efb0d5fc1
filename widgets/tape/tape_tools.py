"""The controls over a tape: least size, side, grouping, what is big, and a menu with the rest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from widgets.controls import FlatButton
from widgets.formatting import format_quantity, parse_quantity
from widgets.tape.marks import BigMark
from widgets.tape.prints import AUCTION, BUSTED, HIDDEN, SELF_TRADE
from widgets.tape.rows import BOTH_SIDES, EVERY_CONDITION, REGULAR, TapeFilter
from widgets.tape.time_form import LOCAL, TimeForm
from widgets.theme import Theme

CONDITIONS: Final = (
    (REGULAR, "Regular"),
    (AUCTION, "Auction"),
    (HIDDEN, "Hidden"),
    (SELF_TRADE, "Self-trade"),
    (BUSTED, "Busted"),
)
_SIDES: Final = ((BOTH_SIDES, "All"), (0, "Buy"), (1, "Sell"))
_HEIGHT_PX: Final = 26


@dataclass(frozen=True, slots=True)
class TapeOptions:
    """All that a person can choose of a tape."""

    filter: TapeFilter = field(default_factory=TapeFilter)
    grouped: bool = False
    mark: BigMark = field(default_factory=BigMark)
    time: TimeForm = TimeForm.MILLISECONDS
    zone: str = ""
    """A time zone by name; empty is UTC."""


class TapeTools(QWidget):
    """`changed(options)` at every choice."""

    changed = Signal(object)
    copyWanted = Signal()
    exportWanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = TapeOptions()
        self._quantity_decimals = 0
        self.setAccessibleName("Tape tools")
        self.setFixedHeight(_HEIGHT_PX)
        self.least, self.big = self._box("size ≥"), self._box("big ≥")
        self.least.setAccessibleName("Least size")
        self.big.setAccessibleName("Big from")
        self.big.setToolTip("Mark rows from this size on, or the largest: 500, 2.5k, 99 %")
        self.least.setToolTip("Hide rows below this size")
        self.sides = [FlatButton(theme, word, self, pad_px=5) for _, word in _SIDES]
        self.grouping = FlatButton(theme, "Group", self, pad_px=6)
        self.more = FlatButton(theme, "···", self, pad_px=5)
        self.grouping.setCheckable(True)
        self.grouping.setToolTip("One row for all prints of one aggressor")
        self.more.setAccessibleName("More of the tape")
        self.more.clicked.connect(lambda: self.show_menu(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        for button, (side, _) in zip(self.sides, _SIDES, strict=True):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, side=side: self._filter(side=side))
        self.grouping.clicked.connect(lambda on: self._take(replace(self.options, grouped=on)))
        self.least.editingFinished.connect(self._take_least)
        self.big.editingFinished.connect(self._take_big)
        self._place()
        self.set_theme(theme)
        self.show_options(self.options)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for button in (*self.sides, self.grouping, self.more):
            button.set_theme(theme)
        for box in (self.least, self.big):
            box.setFont(theme.fonts.data)
            box.setStyleSheet("min-height: 18px; max-height: 18px; padding: 0 4px;")
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.color("chrome"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)

    def set_quantity_decimals(self, decimals: int) -> None:
        """Sizes are typed and shown in lots of that many decimals."""
        self._quantity_decimals = decimals
        self.show_options(self.options)

    def show_options(self, options: TapeOptions) -> None:
        """Show a choice without telling it."""
        self.options = options
        chosen, decimals = options.filter, self._quantity_decimals
        self.least.setText(format_quantity(chosen.quantity_min, decimals) if chosen.quantity_min else "")
        self.big.setText(options.mark.text(decimals))
        for button, (side, _) in zip(self.sides, _SIDES, strict=True):
            button.setChecked(chosen.side == side)
        self.grouping.setChecked(options.grouped)
        for box in (self.least, self.big):
            _mark_wrong(box, False)

    def show_menu(self, at: QPoint) -> None:
        """Conditions, own prints, times, copy and export."""
        menu = self.menu()
        menu.popup(at)

    def menu(self) -> QMenu:
        """The menu as it stands; it goes away when it is closed."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for bit, word in CONDITIONS:
            self._check(menu, f"Show: {word.lower()}", bool(self.options.filter.conditions & bit),
                        lambda _, bit=bit: self._filter(conditions=self.options.filter.conditions ^ bit))  # fmt: skip
        menu.addSeparator()
        self._check(menu, "Own prints only", self.options.filter.own, lambda on: self._filter(own=on))
        self._check(menu, "No filter", not self.options.filter.hides,
                    lambda _: self._take(replace(self.options, filter=TapeFilter())))  # fmt: skip
        menu.addSeparator()
        forms = QActionGroup(menu)
        for form in TimeForm:
            action = self._check(menu, form.value, self.options.time is form,
                                 lambda _, form=form: self._take(replace(self.options, time=form)))  # fmt: skip
            forms.addAction(action)
        self._check(menu, "Local time", bool(self.options.zone), self._take_zone)
        menu.addSeparator()
        menu.addAction("Copy", self.copyWanted.emit)
        menu.addAction("Export as CSV…", self.exportWanted.emit)
        return menu

    def _check(self, menu: QMenu, text: str, on: bool, does: object) -> QAction:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.triggered.connect(does)
        return action

    def _box(self, hint: str) -> QLineEdit:
        box = QLineEdit(self)
        box.setPlaceholderText(hint)
        return box

    def _place(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        self.least.setMinimumWidth(48)
        self.least.setMaximumWidth(84)
        self.big.setMinimumWidth(44)
        self.big.setMaximumWidth(72)
        row.addWidget(self.least, 2)
        for button in self.sides:
            row.addWidget(button)
        row.addWidget(self.grouping)
        row.addWidget(self.big, 1)
        row.addStretch(1)
        row.addWidget(self.more)

    def _take(self, options: TapeOptions) -> None:
        self.show_options(options)
        self.changed.emit(options)

    def _filter(self, **changes: object) -> None:
        chosen = replace(self.options.filter, **changes)  # type: ignore[arg-type]
        if not chosen.conditions:
            chosen = replace(chosen, conditions=EVERY_CONDITION)
        self._take(replace(self.options, filter=chosen))

    def _take_zone(self, local: bool) -> None:
        self._take(replace(self.options, zone=LOCAL if local else ""))

    def _take_least(self) -> None:
        text = self.least.text().strip()
        quantity = parse_quantity(text, self._quantity_decimals) if text else 0
        _mark_wrong(self.least, quantity is None or quantity < 0)
        if quantity is not None and quantity >= 0 and quantity != self.options.filter.quantity_min:
            self._filter(quantity_min=quantity)

    def _take_big(self) -> None:
        mark = BigMark.parse(self.big.text(), self._quantity_decimals)
        _mark_wrong(self.big, mark is None)
        if mark is not None and mark != self.options.mark:
            self._take(replace(self.options, mark=mark))


def _mark_wrong(box: QLineEdit, wrong: bool) -> None:
    """A text that is none stays, and is said to be none."""
    box.setAccessibleDescription("not understood" if wrong else "")
    font = box.font()
    font.setStrikeOut(wrong)
    box.setFont(font)
