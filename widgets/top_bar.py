"""The top bar, 40 px: mode, command line, account, money, limits, armed state, cancel all, kill.

On a narrow window it gives way from the middle: mode, P&L, armed state, cancel all and kill never go.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from widgets.arming import ArmButton, CancelAllButton
from widgets.command_line import CommandLine
from widgets.glyphs import draw_glyph
from widgets.kill_switch import KillSwitch
from widgets.mode import ModeBadge
from widgets.painting import painted
from widgets.sparkline import paint_meter, paint_sparkline
from widgets.text_cache import TextCache
from widgets.theme import Theme

BAR_PX = 40
METER_PX = 40
Limit = tuple[str, float, bool]


class FigureCell(QWidget):
    """A label over a figure, with a hairline at the left; a sparkline or meters beside it if there are any."""

    clicked = Signal()

    def __init__(self, theme: Theme, label: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label_text = label
        self._parts: list[tuple[str, str]] = []
        self._history = np.empty(0)
        self._limits: tuple[Limit, ...] = ()
        self.opens_menu = False
        self.setFixedSize(width, BAR_PX)
        self.setAccessibleName(label)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        self.update()

    def set_label(self, label: str) -> None:
        """What the figure is, with its unit."""
        self._label_text = label
        self.setAccessibleName(label)
        self.update()

    def set_parts(self, *parts: tuple[str, str]) -> None:
        """Figures with the token of each."""
        if list(parts) != self._parts:
            self._parts = list(parts)
            self.setAccessibleDescription(" ".join(text for text, _ in parts))
            self.update()

    def set_history(self, points: ArrayLike) -> None:
        """A course, drawn at the right."""
        self._history = np.asarray(points, np.float64)
        self.update()

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Name, used fraction and whether it warns; as many as there is room for."""
        if tuple(limits) != self._limits:
            self._limits = tuple(limits)
            self.setAccessibleDescription(", ".join(f"{name} {used:.0%}" for name, used, _ in limits))
            self.update()

    def make_button(self) -> None:
        """Let it be pressed, by mouse and by keys."""
        self.opens_menu = True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press is told."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter press it."""
        if self.opens_menu and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint label, figures, sparkline and meters."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, 0, 1, BAR_PX, theme.color("hairline"))
        painter.fillRect(0, BAR_PX - 1, self.width(), 1, theme.color("hairline"))
        painter.setFont(self._label.font)
        painter.setPen(theme.color("label"))
        self._label.left(painter, 12, self._label.top_for(4, 14), self._label_text)
        x, top = 12, self._data.top_for(18, 18)
        for name, used, warning in self._limits:
            x = self._paint_limit(painter, x, name, used, warning)
        painter.setFont(self._data.font)
        for text, token in self._parts:
            painter.setPen(theme.color(token))
            x += self._data.left(painter, x, top, text) + 10
        if self.opens_menu:
            draw_glyph(painter, "caret", x, 28, theme.color("label"), 7)
            if self.hasFocus():
                painter.setPen(theme.pen("focus", 2))
                painter.drawRect(self.rect().adjusted(2, 1, -1, -2))
        if len(self._history) > 1:
            spark = QRect(self.width() - 64, 8, 56, 24)
            if spark.x() > x:
                paint_sparkline(painter, theme, spark, self._history)

    def _paint_limit(self, painter: QPainter, x: int, name: str, used: float, warning: bool) -> int:
        theme, percent = self._theme, f"{round(used * 100)} %"
        width = self._label.width(name) + self._data.width(percent) + METER_PX + 24
        if x + width > self.width() + 8:
            return x
        painter.setFont(self._label.font)
        painter.setPen(theme.color("text_2"))
        x += self._label.left(painter, x, self._label.top_for(18, 18), name) + 6
        painter.setFont(self._data.font)
        painter.setPen(theme.color("warning" if warning else "text"))
        x += self._data.left(painter, x, self._data.top_for(18, 18), percent) + 6
        paint_meter(painter, theme, QRect(x, 23, METER_PX, 8), used, warning=warning)
        return x + METER_PX + 12


class TopBar(QWidget):
    """Texts come ready; intentions go out as signals."""

    commandEntered = Signal(str)
    accountChosen = Signal(str)
    armToggled = Signal()
    cancelAllRequested = Signal()
    killRequested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._accounts: list[str] = []
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Top bar")
        self.badge = ModeBadge(theme, BAR_PX, self)
        self.command_line = CommandLine(theme, self)
        self.account = FigureCell(theme, "Account", 152, self)
        self.equity = FigureCell(theme, "Equity", 152, self)
        self.day_result = FigureCell(theme, "P&L today", 216, self)
        self.buying_power = FigureCell(theme, "Buying power", 152, self)
        self.limits = FigureCell(theme, "Limits used, worst first", 264, self)
        self.arm, self.cancel_all = ArmButton(theme, self), CancelAllButton(theme, self)
        self.kill = KillSwitch(theme, self)
        self.account.make_button()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.badge)
        row.addWidget(self.command_line)
        for cell in (self.account, self.equity, self.day_result, self.buying_power, self.limits):
            row.addWidget(cell)
        row.addStretch(0)
        for button in (self.arm, self.cancel_all, self.kill):
            row.addWidget(button)
        self.command_line.entered.connect(self.commandEntered)
        self.account.clicked.connect(self._choose_account)
        self.arm.clicked.connect(self.armToggled)
        self.cancel_all.clicked.connect(self.cancelAllRequested)
        self.kill.held.connect(self.killRequested)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for part in (self.badge, self.command_line, self.account, self.equity, self.day_result, self.buying_power,
                     self.limits, self.arm, self.cancel_all, self.kill):  # fmt: skip
            part.set_theme(theme)
        self.update()

    def set_mode(self, mode: str, detail: str = "") -> None:
        """ "live", "demo" or "replay"."""
        self.badge.set_mode(mode, detail)

    def set_accounts(self, accounts: Sequence[str], current: str) -> None:
        """The accounts to choose from."""
        self._accounts = list(accounts)
        self.account.set_parts((current, "text"))

    def set_currency(self, currency: str) -> None:
        """The unit of all amounts, once in each label."""
        for cell, label in ((self.equity, "Equity"), (self.day_result, "P&L today"),
                            (self.buying_power, "Buying power")):  # fmt: skip
            cell.set_label(f"{label} {currency}")

    def set_equity(self, text: str) -> None:
        """Equity of the account."""
        self.equity.set_parts((text, "text"))

    def set_day_pnl(self, text: str, percent: str, tone: str) -> None:
        """Result of the day, signed, with its percentage."""
        self.day_result.set_parts((text, tone), (percent, tone))

    def set_pnl_history(self, points: ArrayLike) -> None:
        """The course of the day's result."""
        self.day_result.set_history(points)

    def set_buying_power(self, text: str) -> None:
        """What may still be bought."""
        self.buying_power.set_parts((text, "text"))

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Limits as (name, used fraction, warns), worst first."""
        self.limits.set_limits(limits)

    def set_armed(self, armed: bool, detail: str = "") -> None:
        """Whether one click sends; what is armed and for how long."""
        self.arm.set_armed(armed, detail)

    def set_working_count(self, count: int) -> None:
        """How many orders work."""
        self.cancel_all.set_count(count)

    def _choose_account(self) -> None:
        menu = QMenu(self)
        for account in self._accounts:
            menu.addAction(account, lambda account=account: self.accountChosen.emit(account))
        menu.popup(self.account.mapToGlobal(self.account.rect().bottomLeft()))

    def sizeHint(self) -> QSize:
        """A usual desk."""
        return QSize(1920, BAR_PX)

    def minimumSizeHint(self) -> QSize:
        """What never goes."""
        return QSize(720, BAR_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give way from the middle."""
        width = event.size().width()
        for cell, least in ((self.limits, 1500), (self.buying_power, 1300), (self.equity, 1140), (self.account, 1000)):
            cell.setVisible(width >= least)
        super().resizeEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """The chrome and its hairline."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))
        painter.fillRect(0, BAR_PX - 1, self.width(), 1, self._theme.color("hairline"))
