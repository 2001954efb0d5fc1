"""The question before an order that was moved on a chart is changed: what it is, from where to where; no by default.

Rules: the button that changes nothing has the keyboard; for 250 ms after it appears and after each change of what it
says no key but Escape counts, and for 150 ms no click; a key that is held counts never. It is no modal dialog: cancels
stay one key away. While there is a `problem` nothing can be confirmed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from widgets import side as sides
from widgets.controls import FlatButton
from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

WIDTH_PX, ROW_PX, PAD_PX, HEAD_PX = 380, 20, 16, 40
PROBLEM_PX = 40


@dataclass(frozen=True, slots=True)
class MoveQuestion:
    """What the prompt says. `rows` are (label, value, tone); `deed` is the sentence on the button that sends."""

    side: int
    order: str
    rows: tuple[tuple[str, str, str], ...]
    deed: str


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class OrderMovePrompt(QDialog):
    """`confirmed` when a person said yes; `rejected` when not."""

    confirmed = Signal()

    def __init__(
        self,
        theme: Theme,
        question: MoveQuestion,
        parent: QWidget | None = None,
        *,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        super().__init__(parent)
        self._theme, self._question, self._problem, self._now_ms = theme, question, "", now_ms
        self._changed_ms = now_ms()
        self.setWindowTitle("Change the order?")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._cancel = FlatButton(theme, "Leave as it is", self, key="Esc", height_px=32)
        self._send = FlatButton(theme, question.deed, self, height_px=32)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._send, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD_PX, 0, PAD_PX, PAD_PX)
        column.addStretch(1)
        column.addLayout(buttons)
        self._cancel.clicked.connect(self.reject)
        self._send.clicked.connect(self._confirm)
        for button in (self._cancel, self._send):
            button.installEventFilter(self)
        self.set_theme(theme)
        self._say()
        self._cancel.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        self._strong = TextCache(theme.fonts.action)
        for button in (self._cancel, self._send):
            button.set_theme(theme)
        self.setFixedSize(WIDTH_PX, HEAD_PX + ROW_PX * len(self._question.rows) + PROBLEM_PX + 32 + PAD_PX)
        self.update()

    @property
    def can_confirm(self) -> bool:
        """Whether a press of the button would send."""
        return not self._problem

    def set_question(self, question: MoveQuestion, problem: str = "") -> None:
        """Say something else; a `problem` is why nothing can be sent now. The wait begins anew if it differs."""
        if (question, problem) == (self._question, self._problem):
            return
        self._question, self._problem = question, problem
        self._changed_ms = self._now_ms()
        self._send.setEnabled(not problem)
        self._send.setText(question.deed)
        if problem:
            self._cancel.setFocus()
        self._say()
        self.set_theme(self._theme)

    def show_beside(self, area: QRect, pointer: QPoint | None = None) -> None:
        """Show it over a part of the screen, but not under the pointer."""
        where = QCursor.pos() if pointer is None else pointer
        place = QRect(area.center() - QPoint(self.width() // 2, self.height() // 2), self.size())
        if place.adjusted(-24, -24, 24, 24).contains(where):
            above = where.y() > area.center().y()
            place.moveTop(where.y() - self.height() - 48 if above else where.y() + 48)
        self.move(place.topLeft())
        self._changed_ms = self._now_ms()
        self.show()
        self.raise_()
        self.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and clicks that come too early, or are held, do nothing."""
        del watched
        kind = event.type()
        waited_ms = self._now_ms() - self._changed_ms
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            assert isinstance(event, QKeyEvent)
            return self._is_ignored(event)
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return waited_ms < self._theme.motion["click_guard_ms"]
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and Enter leave the order as it is; Enter on the other button is a press of it."""
        if self._is_ignored(event):
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self._send if self.focusWidget() is self._send and self._send.isEnabled() else self._cancel).click()
        else:
            super().keyPressEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the order, the rows and the problem."""
        del event
        theme, question, width = self._theme, self._question, self.width()
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, 0, 4, self.height(), theme.color("own"))
        word = QRect(PAD_PX, 11, 40, 18)
        painter.fillRect(word, theme.color(sides.TOKENS[question.side]))
        painter.setFont(theme.fonts.label_strong)
        painter.setPen(theme.color(sides.ON_TOKENS[question.side]))
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter, sides.WORDS[question.side])
        painter.setFont(self._strong.font)
        painter.setPen(theme.color("text"))
        self._strong.left(painter, word.right() + 9, self._strong.top_for(0, HEAD_PX), question.order)
        self._draw_rows(painter, question.rows, width)
        if self._problem:
            top = HEAD_PX + ROW_PX * len(question.rows) + 6
            rect = QRect(PAD_PX, top, width - 2 * PAD_PX, 24)
            painter.fillRect(rect, theme.color("warning_tint"))
            draw_glyph(painter, "warning", rect.x() + 11, rect.center().y(), theme.color("warning"), 9)
            painter.setFont(self._label.font)
            painter.setPen(theme.color("text"))
            text = self._label.elided(self._problem, rect.width() - 30)
            self._label.left(painter, rect.x() + 22, self._label.top_for(top, 24), text)

    def _draw_rows(self, painter: QPainter, rows: Sequence[tuple[str, str, str]], width: int) -> None:
        for i, (label, value, tone) in enumerate(rows):
            top = HEAD_PX + ROW_PX * i
            painter.fillRect(PAD_PX, top, width - 2 * PAD_PX, 1, self._theme.color("hairline"))
            painter.setFont(self._label.font)
            painter.setPen(self._theme.color("label"))
            self._label.left(painter, PAD_PX, self._label.top_for(top, ROW_PX), label)
            painter.setFont(self._data.font)
            painter.setPen(self._theme.color(tone))
            self._data.right(painter, width - PAD_PX, self._data.top_for(top, ROW_PX), value)

    def _is_ignored(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            return False
        return event.isAutoRepeat() or self._now_ms() - self._changed_ms < self._theme.motion["dialog_key_guard_ms"]

    def _confirm(self) -> None:
        if self.can_confirm:
            self.confirmed.emit()
            self.accept()

    def _say(self) -> None:
        question = self._question
        self.setAccessibleName(f"{question.deed}?")
        rows = "; ".join(f"{label} {value}" for label, value, _ in question.rows)
        self.setAccessibleDescription(
            f"{sides.WORDS[question.side]} {question.order}; {rows}; {self._problem}".rstrip("; ")
        )
        self._send.setAccessibleName(question.deed)
