"""Short messages at an edge of the window: fills, rejects, alerts. They never take the focus and never cover a ladder.

At most four are seen; rejects stay until they are closed, the others go after a while.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.formatting import format_time
from widgets.glyphs import draw_glyph
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

WIDTH_PX, HEIGHT_PX = 460, 56
SHOWN = 4
LIFETIME_MS = 6000
_KINDS = {"filled": ("own", "dot"), "rejected": ("warning", "warning"), "alert": ("text", "diamond"),
          "info": ("text_2", "right"), "alarm": ("alarm", "square")}  # fmt: skip


class Toast(QWidget):
    """One message: a coloured bar, a title, a line of detail and the time."""

    closed = Signal()

    def __init__(self, theme: Theme, kind: str, title: str, detail: str, time_ns: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind, self._title, self._detail = kind, title, detail
        self._time = format_time(time_ns)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(f"{title}. {detail}")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._strong, self._label, self._data = (
            TextCache(font) for font in (fonts.label_strong, fonts.label, fonts.data)
        )
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press closes it."""
        del event
        self.closed.emit()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint it."""
        del event
        theme = self._theme
        token, glyph = _KINDS[self._kind]
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.setPen(theme.color("hairline_strong"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.fillRect(0, 0, 4, HEIGHT_PX, theme.color(token))
        ink = theme.color("text" if self._kind == "alarm" else token)
        draw_glyph(painter, glyph, 22, 17, ink, 9)
        painter.setFont(self._strong.font)
        painter.setPen(ink)
        self._strong.left(
            painter, 32, self._strong.top_for(7, 20), self._strong.elided(self._title, self.width() - 150)
        )
        painter.setFont(self._data.font)
        painter.setPen(theme.color("text_2"))
        self._data.right(painter, self.width() - 12, self._data.top_for(7, 20), self._time)
        painter.setPen(theme.color("text"))
        self._data.left(painter, 16, self._data.top_for(29, 20), self._data.elided(self._detail, self.width() - 32))


class ToastStack(QWidget):
    """The messages of a window, from `left_px`, above `bottom_px`."""

    def __init__(self, theme: Theme, window: QWidget, *, bottom_px: int = 280, left_px: int = 12) -> None:
        super().__init__(window)
        self._theme, self._bottom_px, self._left_px = theme, bottom_px, left_px
        self._width_px = WIDTH_PX
        self.setAccessibleName("Messages")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._toasts: list[Toast] = []
        window.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        for toast in self._toasts:
            toast.set_theme(theme)

    def show_toast(self, kind: str, title: str, detail: str, time_ns: int) -> None:
        """Show a message: "filled", "rejected", "alert", "info" or "alarm". Raise `ValueError` for another kind."""
        if kind not in _KINDS:
            raise ValueError(f"unknown kind {kind!r}")
        toast = Toast(self._theme, kind, title, detail, time_ns, self)
        toast.closed.connect(lambda: self._remove(toast))
        self._toasts.append(toast)
        self._column.addWidget(toast)
        if kind not in ("rejected", "alarm"):
            QTimer.singleShot(LIFETIME_MS, toast, lambda: self._remove(toast))
        while len(self._toasts) > SHOWN:
            self._remove(self._toasts[0])
        self._follow()

    def set_place(self, left_px: int, bottom_px: int, width_px: int = WIDTH_PX) -> None:
        """Where the messages stand: their left edge, how far their last one is above the end, how wide they may be."""
        if (left_px, bottom_px, width_px) != (self._left_px, self._bottom_px, self._width_px):
            self._left_px, self._bottom_px, self._width_px = left_px, bottom_px, width_px
            self._follow()

    def count(self) -> int:
        """How many are seen."""
        return len(self._toasts)

    def _remove(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._column.removeWidget(toast)
            toast.hide()
            toast.deleteLater()
            self._follow()

    def sizeHint(self) -> QSize:
        """As high as its messages."""
        return QSize(min(self._width_px, WIDTH_PX), len(self._toasts) * (HEIGHT_PX + 8))

    def _follow(self) -> None:
        window, hint = self.parentWidget(), self.sizeHint()
        self.setVisible(bool(self._toasts))
        x = min(self._left_px, max(window.width() - hint.width(), 0))
        y = max(window.height() - self._bottom_px - hint.height(), 0)
        self.setGeometry(x, y, hint.width(), hint.height())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() == QEvent.Type.Resize:
            self._follow()
        return super().eventFilter(watched, event)
