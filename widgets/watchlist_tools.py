"""The row over a watchlist: which list, a box that finds and adds instruments, a menu with the rest."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from widgets.choice_box import ChoiceBox
from widgets.controls import FlatButton
from widgets.theme import Theme

HEIGHT_PX = 26
GAP = "   "
"""Between the symbol of a suggestion and what describes it."""


class WatchlistTools(QWidget):
    """`searched(text)` at every letter; answer with `suggest`."""

    listChosen = Signal(int)
    searched = Signal(str)
    entered = Signal(str)
    """Enter was pressed, or a suggestion taken: a symbol or what was typed."""
    menuWanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Watchlist tools")
        self.lists = ChoiceBox(theme, self)
        self.lists.setAccessibleName("List")
        self.lists.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.lists.activated.connect(self.listChosen)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find or add")
        self.search.setAccessibleName("Find or add an instrument")
        self.search.setClearButtonEnabled(False)
        self._found = QStringListModel(self)
        completer = QCompleter(self._found, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.setCompleter(completer)
        self.search.textEdited.connect(self.searched)
        self.search.returnPressed.connect(self._enter)
        completer.activated.connect(lambda text: self._take(str(text)))
        self.more = FlatButton(theme, "···", self, pad_px=5)
        self.more.setAccessibleName("More of the watchlist")
        self.more.clicked.connect(lambda: self.menuWanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(4)
        row.addWidget(self.lists, 1)
        row.addWidget(self.search, 1)
        row.addWidget(self.more)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.lists.set_theme(theme)
        self.more.set_theme(theme)
        self.search.setFont(theme.fonts.label)
        for box in (self.lists, self.search):
            box.setStyleSheet("min-height: 18px; max-height: 18px; padding: 0 4px;")
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.color("chrome"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)

    def set_lists(self, names: Sequence[str], current: int) -> None:
        """The lists there are, and which is shown."""
        self.lists.blockSignals(True)
        self.lists.clear()
        self.lists.addItems(list(names))
        self.lists.setCurrentIndex(current)
        self.lists.blockSignals(False)

    def suggest(self, found: Sequence[tuple[str, str]]) -> None:
        """Symbols with what describes them, best first."""
        self._found.setStringList([f"{symbol}{GAP}{words}" for symbol, words in found])

    def _enter(self) -> None:
        texts = self._found.stringList()
        typed = self.search.text().strip()
        if typed:
            self._take(texts[0] if texts and GAP not in typed else typed)

    def _take(self, text: str) -> None:
        self.search.clear()
        self._found.setStringList([])
        self.entered.emit(text.partition(GAP)[0].strip())
