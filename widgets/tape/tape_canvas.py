"""The canvas of a tape: prints in, pixels out; what the hand does is in `tape_view`.

A new row moves the pixels of the others instead of painting them again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.formatting import format_price, format_quantity
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.tape.marks import BigMark
from widgets.tape.pace import TapePace
from widgets.tape.prints import PRINT, PrintRing
from widgets.tape.rows import TapeFilter
from widgets.tape.tape_painter import HEADER_PX, LEAST_THUMB_PX, PACE_PX, THUMB_PX, TapePainter
from widgets.tape.time_form import TimeText
from widgets.tape.window import ROW_PX, TapeWindow
from widgets.theme import Theme

TOP_PX = HEADER_PX + PACE_PX


class TapeCanvas(QWidget):
    """The prints of one instrument. Arrays come oldest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen = TapeWindow()
        self.pace = TapePace()
        self.mark = BigMark()
        self.chosen: tuple[int, int] | None = None
        """The first prints of the first and the last row that are chosen."""
        self._threshold = 0
        self._longest = ("", "")
        self.overlay = StateOverlay(theme, self, TOP_PX)
        self.draw = TapePainter(theme)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Time and sales")

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self.draw = self.draw.with_theme(theme)
        self.overlay.set_theme(theme)
        self._lay_out()

    def sizeHint(self) -> QSize:
        """All columns, twelve rows."""
        return QSize(340, TOP_PX + 12 * ROW_PX)

    def minimumSizeHint(self) -> QSize:
        """Time and price, three rows."""
        return QSize(190, TOP_PX + 3 * ROW_PX)

    def set_instrument(self, price_decimals: int, quantity_decimals: int = 0) -> None:
        """Show another instrument; the tape is empty."""
        self.draw.price_decimals, self.draw.quantity_decimals = price_decimals, quantity_decimals
        self.replace(np.zeros(0, PRINT))

    def set_time(self, time: TimeText) -> None:
        """Write times in another form."""
        self.draw.time = time
        self._lay_out()

    def set_filter(self, chosen: TapeFilter) -> None:
        """Show only some rows."""
        if chosen != self.seen.rows.filter:
            self.seen.rows.filter = chosen
            self._recompute()

    def set_grouped(self, grouped: bool) -> None:
        """Put prints of one aggressor together, or not."""
        if grouped != self.seen.rows.grouped:
            self.seen.rows.grouped = grouped
            self._recompute()

    def set_mark(self, mark: BigMark) -> None:
        """Mark other rows as big."""
        self.mark = mark
        self._judge()
        self.update()

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self.overlay.set_state(state, title, detail)

    def replace(self, prints: NDArray[np.void]) -> None:
        """Show these PRINT rows and no others; a place in older ones is kept where they are the same prints."""
        window, anchor = self.seen, None
        if not window.follows:
            lines, above = window.shown(1)
            held = window.ring.slice(lines[0].head, lines[0].head + 1)
            anchor = (int(held["number"][0]), above, window.unseen)
        ring = PrintRing()
        ring.append(prints)
        window.restart(ring)
        self.pace = TapePace()
        self.pace.add(ring.all())
        self.chosen = None
        if anchor is not None and anchor[0] and len(prints):
            self._return_to(*anchor)
        self._lay_out()

    def append(self, prints: NDArray[np.void]) -> None:
        """Add PRINT rows, oldest first."""
        if not len(prints):
            return
        window = self.seen
        window.ring.append(prints)
        self.pace.add(prints)
        gone, came = window.follow()
        self._widen(prints)
        if self.overlay.state != "live" or window.is_open or not window.follows or not self.isVisible():
            self.update()
        else:
            self._shift(gone, came)
        self.update(0, HEADER_PX, self.width(), PACE_PX)

    def mark_own(self, numbers: ArrayLike, own_flag: int) -> None:
        """Set a flag on prints by their trade numbers; a fill may be known later than its print."""
        held = self.seen.ring.all()
        found = np.isin(held["number"], numbers)
        if found.any():
            held["flags"][found] |= np.uint8(own_flag)
            self.seen.rows.reset()
            self.update()

    def tick(self, now_ns: int) -> None:
        """It is that late on the clock of the prints: the pace falls when none come."""
        if self.pace.advance(now_ns):
            self._judge()
            self.update(0, HEADER_PX, self.width(), PACE_PX)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint what is exposed of head, pace and rows."""
        draw, window, exposed = self.draw, self.seen, event.rect()
        if exposed.top() < HEADER_PX:
            draw.paint_header(painter, window.rows.grouped)
        if exposed.top() < TOP_PX and exposed.bottom() >= HEADER_PX:
            draw.paint_pace(painter, self.pace, HEADER_PX)
        painter.setClipRect(exposed.intersected(QRect(0, TOP_PX, self.width(), self.view_px())))
        lines, above = window.shown(self.view_px())
        y = TOP_PX - above
        chosen = self.chosen or (-1, -1)
        for line in lines:
            if y + ROW_PX > exposed.top() and y <= exposed.bottom():
                big = bool(self._threshold) and line.quantity >= self._threshold and not line.child
                draw.paint_row(painter, y, line, big, chosen[0] <= line.head <= chosen[1])
            y += ROW_PX
        if y <= exposed.bottom():
            painter.fillRect(0, y, self.width(), self.height() - y, draw.theme.color("canvas"))
        track = QRect(self.width() - THUMB_PX, TOP_PX, THUMB_PX, self.view_px())
        if not window.follows:
            draw.paint_thumb(painter, track, self.thumb())
            draw.paint_sign(painter, TOP_PX, window.unseen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the columns anew."""
        super().resizeEvent(event)
        self._lay_out()

    def view_px(self) -> int:
        """The height of the part with the rows."""
        return max(self.height() - TOP_PX, 0)

    def thumb(self) -> QRect:
        """Where the thumb of the scroll bar is; empty if all rows fit."""
        view, whole = self.view_px(), self.seen.height_px()
        if whole <= view or not view:
            return QRect()
        height = min(max(view * view // whole, LEAST_THUMB_PX), view)
        y = TOP_PX + self.seen.offset_px * (view - height) // (whole - view)
        return QRect(self.width() - THUMB_PX, y, THUMB_PX, height)

    def _recompute(self) -> None:
        self.chosen = None
        self.seen.recompute()
        self._judge()
        self.update()

    def _judge(self) -> None:
        """Which rows are big follows the market once a second."""
        threshold = self.mark.threshold(self.seen.rows.all()["quantity"])
        if threshold != self._threshold:
            self._threshold = threshold
            self.update()

    def _shift(self, gone: int, came: int) -> None:
        """Move the pixels of the rows that stay, and paint those that came."""
        down, view = ROW_PX * (came - gone), self.view_px()
        body = QRect(0, TOP_PX, self.width(), view)
        if down >= view or down < 0:
            self.update(body)
            return
        if down:
            self.scroll(0, down, body)
        if came:
            self.update(0, TOP_PX, self.width(), ROW_PX * came)

    def _return_to(self, number: int, above: int, unseen: int) -> None:
        """Put the row of a print at the top again."""
        window = self.seen
        place = int(np.searchsorted(window.ring.all()["number"], number)) + window.ring.begin
        newer = int(np.count_nonzero(window.rows.all()["head"] > place))
        window.scroll_to(newer * ROW_PX + above, self.view_px())
        window.unseen = unseen

    def _lay_out(self) -> None:
        """Columns as wide as the largest figures that are kept."""
        held = self.seen.ring.all()
        self._longest = ("", "")
        self._widen(held)
        self.draw.lay_out(self.width(), *self._longest)
        self._judge()
        self.seen.scroll_to(self.seen.offset_px, self.view_px())
        self.update()

    def _widen(self, prints: NDArray[np.void]) -> None:
        if not len(prints):
            return
        draw = self.draw
        prices = (int(prints["price"].max()), int(prints["price"].min()))
        price = max((format_price(one, draw.price_decimals) for one in prices), key=len)
        quantity = format_quantity(int(prints["quantity"].max()), draw.quantity_decimals)
        longest = max(self._longest[0], price, key=len), max(self._longest[1], quantity, key=len)
        if longest != self._longest:
            self._longest = longest
            if draw.lay_out(self.width(), *longest):
                self.update()
