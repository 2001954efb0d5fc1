"""Log on: server, user and password; says in one line what is wrong and never keeps the password."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.mode import OFFLINE, ModeBadge
from widgets.painting import painted
from widgets.theme import Theme

WIDTH_PX = 400


class LoginDialog(QDialog):
    """`logonRequested(user, password)`; the one who listens calls `show_problem` or `accept`."""

    logonRequested = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Tradepit: log on")
        self.setAccessibleName("Log on")
        self.setFixedWidth(WIDTH_PX)
        self._badge = ModeBadge(theme, 40, self)
        self._server = QLabel("", self)
        self._user, self._password = QLineEdit(self), QLineEdit(self)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._problem = QLabel(" ", self)
        self._problem.setWordWrap(True)
        self._ok = FlatButton(theme, "Log on", self, key="⏎", height_px=28)
        self._cancel = FlatButton(theme, "Cancel", self, key="Esc", height_px=28)
        self._labels = [QLabel(text, self) for text in ("Server", "User", "Password")]
        self._lay_out()
        for field, name in ((self._user, "User"), (self._password, "Password")):
            field.setAccessibleName(name)
            field.returnPressed.connect(self._submit)
        self._problem.setAccessibleName("Problem")
        self._ok.clicked.connect(self._submit)
        self._cancel.clicked.connect(self.reject)
        self.set_theme(theme)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._badge)
        head.addStretch(1)
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, 72)
        for i, (label, field) in enumerate(zip(self._labels, (self._server, self._user, self._password), strict=True)):
            label.setBuddy(field)
            grid.addWidget(label, i, 0)
            grid.addWidget(field, i, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._ok, 1)
        buttons.addWidget(self._cancel, 1)
        body = QVBoxLayout()
        body.setContentsMargins(16, 16, 16, 16)
        body.setSpacing(12)
        body.addLayout(grid)
        body.addWidget(self._problem)
        body.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(body)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for part in (self._badge, self._ok, self._cancel):
            part.set_theme(theme)
        for field in (self._user, self._password, self._server):
            field.setFont(theme.fonts.data)
        palette = self.palette()
        for labels, token in ((self._labels, "label"), ([self._problem], "warning"), ([self._server], "text_2")):
            palette.setColor(palette.ColorRole.WindowText, theme.color(token))
            for label in labels:
                label.setPalette(palette)
        self.update()

    def set_server(self, address: str, mode: str = OFFLINE, detail: str = "") -> None:
        """Where to; the mode is what the server's `hello` said."""
        self._server.setText(address)
        self._badge.set_mode(mode, detail)

    def set_user(self, user: str) -> None:
        """Fill in the user; the password gets the keyboard."""
        self._user.setText(user)
        self._password.setFocus()

    def show_problem(self, sentence: str) -> None:
        """Say what is wrong, or nothing, and let the user try again."""
        self._problem.setText(sentence or " ")
        self.set_busy(False)
        if sentence:
            self._password.selectAll()
            self._password.setFocus()

    def set_busy(self, busy: bool) -> None:
        """While the server is asked nothing can be entered."""
        for widget in (self._user, self._password, self._ok):
            widget.setEnabled(not busy)

    def _submit(self) -> None:
        user, password = self._user.text().strip(), self._password.text()
        if not user or not password:
            self.show_problem("Enter user and password")
            return
        self._password.clear()
        self.set_busy(True)
        self.logonRequested.emit(user, password)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves; Enter belongs to the fields."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome, with a hairline under the head."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))
        painter.fillRect(0, 40, self.width(), 1, self._theme.color("hairline"))
