"""Which instruments a chart is compared with: a field that completes symbols, and those that are there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCompleter, QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.painting import painted
from widgets.theme import Theme

WIDTH_PX = 340


class CompareDialog(QDialog):
    """`changed(list of symbols)` after each addition and removal."""

    changed = Signal(object)

    def __init__(
        self, theme: Theme, symbols: Sequence[str], compared: Sequence[str], most: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._symbols, self._most = theme, {one.upper(): one for one in symbols}, most
        self._compared = list(compared)
        self.setWindowTitle("Compare")
        self.setAccessibleName("Compare with other instruments")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH_PX)
        self.field = QLineEdit(self)
        self.field.setAccessibleName("Symbol to add")
        self.field.setPlaceholderText("Symbol, then Enter")
        self.field.setFont(theme.fonts.data)
        completer = QCompleter(sorted(symbols), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.field.returnPressed.connect(self._add)
        self._problem = QLabel(" ", self)
        self._problem.setAccessibleName("Problem")
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        close = FlatButton(theme, "Close", self, key="Esc", height_px=28)
        close.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self._problem)
        column.addLayout(self._row)
        column.addWidget(close)
        self._show()

    def remove(self, symbol: str) -> None:
        """Compare with it no more."""
        if symbol in self._compared:
            self._compared.remove(symbol)
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; Enter belongs to the field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))

    def _add(self) -> None:
        text = self.field.text().strip().upper()
        symbol = self._symbols.get(text)
        if not text:
            return
        if symbol is None:
            self._problem.setText(f"No instrument {text}")
        elif symbol in self._compared:
            self._problem.setText(f"{symbol} is compared already")
        elif len(self._compared) >= self._most:
            self._problem.setText(f"At most {self._most}: take one away first")
        else:
            self._compared.append(symbol)
            self.field.clear()
            self._tell()

    def _tell(self) -> None:
        self._show()
        self.changed.emit(list(self._compared))

    def _show(self) -> None:
        self._problem.setText(" " if self._compared else "Nothing is compared. Lines are in percent of the first bar.")
        while self._row.count():
            item = self._row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for symbol in self._compared:
            button = FlatButton(self._theme, f"{symbol} ×", self, height_px=24)
            button.setAccessibleName(f"Take {symbol} away")
            button.clicked.connect(lambda _=False, symbol=symbol: self.remove(symbol))
            self._row.addWidget(button)
        self._row.addStretch(1)
