"""What an order would do, before it is sent: rows of a label, a figure before and a figure after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets import side as sides
from widgets.controls import paint_border
from widgets.order_draft import OrderDraft
from widgets.painting import painted
from widgets.sparkline import paint_meter
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX = 20
METER_PX = 80


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """`before` is weak, `after` strong in the colour `tone`. Fractions, if any, are drawn as a meter of a limit."""

    label: str
    before: str = ""
    after: str = ""
    tone: str = "text"
    fraction_before: float | None = None
    fraction_after: float | None = None


class OrderPreview(QWidget):
    """The rows, painted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PreviewRow, ...] = ()
        self.setAccessibleName("Order preview")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._label, self._data, self._strong = (
            TextCache(font) for font in (fonts.label, fonts.data, fonts.data_strong)
        )
        self.update()

    def set_rows(self, rows: Sequence[PreviewRow]) -> None:
        """Show other rows."""
        if tuple(rows) != self._rows:
            resized = len(rows) != len(self._rows)
            self._rows = tuple(rows)
            self.setAccessibleDescription("; ".join(f"{r.label} {r.before} {r.after}".strip() for r in rows))
            if resized:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """A row each."""
        return QSize(240, 8 + ROW_PX * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        """A row each."""
        return QSize(160, 8 + ROW_PX * len(self._rows))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the rows."""
        del event
        theme = self._theme
        painter.fillRect(0, 0, self.width(), 1, theme.color("hairline"))
        for i, row in enumerate(self._rows):
            y, right = 4 + i * ROW_PX, self.width()
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            left = self._label.left(painter, 0, self._label.top_for(y, ROW_PX), row.label)
            top = self._data.top_for(y, ROW_PX)
            if row.after:
                cache = self._strong if row.before else self._data
                painter.setFont(cache.font)
                painter.setPen(theme.color(row.tone))
                right -= cache.right(painter, right, top, row.after) + 8
            if row.before:
                painter.setFont(self._data.font)
                painter.setPen(theme.color("text_2"))
                text = f"{row.before} →" if row.fraction_after is not None or row.tone == "own" else row.before
                right -= self._data.right(painter, right, top, text) + 8
            if row.fraction_before is not None and right - METER_PX > left + 8:
                meter = QRect(right - METER_PX, y + 6, METER_PX, 8)
                warning = (row.fraction_after or row.fraction_before) >= 0.8
                paint_meter(painter, theme, meter, row.fraction_before, row.fraction_after, warning)


class SendButton(QAbstractButton):
    """The button whose text is the whole sentence that will be sent."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: OrderDraft | None = None
        self._problem = "No instrument"
        self._key = "Ctrl ⏎"
        self.setFixedHeight(theme.px["button_send"])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._words = TextCache(theme.fonts.action)
        figures = theme.fonts.data_strong
        self._figures = TextCache(figures)
        self._label = TextCache(theme.fonts.label)
        self.update()

    def set_draft(self, draft: OrderDraft, problem: str) -> None:
        """Say another order; a problem stands in its place and disables the button."""
        self._draft, self._problem = draft, problem
        self.setEnabled(not problem)
        self.setAccessibleName(problem or f"Send: {draft.sentence()}")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a usual sentence."""
        return QSize(240, self.height())

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the sentence in the colour of its side."""
        del event
        theme, height = self._theme, self.height()
        if self._problem or self._draft is None:
            painter.fillRect(self.rect(), theme.color("chrome"))
            paint_border(painter, theme, self.rect(), False, False, False)
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            text = self._label.elided(self._problem, self.width() - 16)
            self._label.centre(painter, self.width() // 2, self._label.top_for(0, height), text)
            return
        token = sides.TOKENS[self._draft.side]
        ink = theme.color(f"on_{token}")
        painter.fillRect(self.rect(), theme.color(token))
        if self.isDown() or self.hasFocus():
            painter.setPen(theme.pen(f"on_{token}", 2))
            painter.drawRect(self.rect().adjusted(3, 3, -3, -3))
        parts = [(text, self._figures if figure else self._words) for text, figure in self._draft.words()]
        if sum(cache.width(text) + 6 for text, cache in parts) > self.width() - 8:
            parts = [(text, self._label) for text, _ in parts]
        key_px = self._label.width(self._key) + 10
        total = sum(cache.width(text) + 6 for text, cache in parts)
        with_key = total + key_px + 8 <= self.width() - 16
        x = (self.width() - total - (key_px + 2 if with_key else 0)) // 2
        painter.setPen(ink)
        for text, cache in parts:
            painter.setFont(cache.font)
            x += cache.left(painter, x, cache.top_for(0, height), text) + 6
        if with_key:
            painter.drawRect(x + 2, height // 2 - 8, key_px - 2, 15)
            painter.setFont(self._label.font)
            self._label.left(painter, x + 6, self._label.top_for(0, height), self._key)
