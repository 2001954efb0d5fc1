"""What lies over a desk or beside it: log-on, palette, toasts, preview of a refused order, the glyphs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.command_palette import CommandPalette, PaletteEntry
from widgets.gallery import panels
from widgets.gallery.market import NOW_NS
from widgets.glyphs import GLYPH_NAMES, draw_glyph
from widgets.login_dialog import LoginDialog
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme
from widgets.toasts import ToastStack

ENTRIES = (
    PaletteEntry(
        1, "Order: fills the ticket, never sends", "BUY 500 VLTA limit 48.33 day", "", "24,165.00 USD", "buy", "up", "⏎"
    ),
    PaletteEntry(2, "Symbols", "VLTA", "Voltara Power", "48.37"),
    PaletteEntry(3, "Symbols", "VLTX", "Voltex Storage", "9.14"),
    PaletteEntry(4, "Commands", "Cancel buys in VLTA", shortcut="F10"),
    PaletteEntry(5, "Commands", "Flatten VLTA, with preview", shortcut="Ctrl F11"),
    PaletteEntry(6, "Commands", "Arm one-click in this ladder", shortcut="F9"),
    PaletteEntry(7, "Commands", "Palette: colour-blind safe"),
)  # fmt: skip


class GlyphChart(QWidget):
    """All glyphs with their names."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._label = TextCache(theme.fonts.label)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint them in columns, small as in a table and large."""
        del event
        color = self._theme.color("text")
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        for i, name in enumerate(GLYPH_NAMES):
            x, y = 16 + i // 12 * 200, 20 + i % 12 * 24
            draw_glyph(painter, name, x, y, color, 8)
            draw_glyph(painter, name, x + 24, y, color, 16)
            painter.setFont(self._label.font)
            painter.setPen(self._theme.color("label"))
            self._label.left(painter, x + 48, self._label.top_for(y - 12, 24), name)


def dialogs(theme: Theme) -> QWidget:
    """All of them on one ground."""
    window = QWidget()
    window.resize(1920, 1080)
    login = LoginDialog(theme, window)
    login.set_server("tcp://127.0.0.1:7001", "demo", "simulated market")
    login.set_user("trader")
    login.show_problem("User or password is wrong. 4 tries left.")
    login.setWindowFlags(Qt.WindowType.Widget)
    login.setGeometry(40, 60, 400, 300)
    login.show()
    palette = CommandPalette(theme, window)
    palette.show_palette("b 500 vlta 48.33")
    palette.set_entries(ENTRIES)
    toasts = ToastStack(theme, window, bottom_px=60)
    toasts.show_toast(
        "rejected", "REJECTED: price outside band", "BUY 150 QNTL at 339.50, band is 340.05 to 360.95", NOW_NS
    )
    toasts.show_toast("alert", "ALERT: JUNO volume", "volume over 4 × average, now 4.8 ×, last 12.335 +3.46 %", NOW_NS)
    toasts.show_toast("filled", "FILLED 100 of 500", "BUY VLTA 48.35, position +2,400, made, fee 0.15", NOW_NS)
    GlyphChart(theme, window).setGeometry(1320, 60, 560, 320)
    blocked = panels.ticket(theme, window)
    blocked.set_blocked("Order path disconnected: nothing can be sent")
    blocked.setGeometry(1320, 420, 340, 380)
    market_order = panels.ticket(theme, window)
    market_order.set_draft(side=1)
    market_order.setGeometry(960, 420, 340, 380)
    trouble = panels.status_bar(theme, window, trouble=True)
    trouble.setGeometry(0, 1056, 1920, 24)
    return window
