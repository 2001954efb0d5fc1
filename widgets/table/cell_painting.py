"""Paints the cells of a blotter. One painter for all cells of a paint; nothing is allocated that is not drawn."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from widgets.glyphs import draw_glyph
from widgets.sparkline import SparklineCache, paint_meter
from widgets.table.columns import Cell, ColumnLike
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX = 20
PAD_PX = 8
METER_PX = 24
_GROUNDS = {"own": "own_tint", "alarm": "alarm", "group": "zebra"}


class CellPainter:
    """Paints in one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        fonts = theme.fonts
        self.label, self.name = TextCache(fonts.label), TextCache(fonts.label_strong)
        self.data, self.data_strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self._longest_px: dict[str, int] = {}
        self._sparks = SparklineCache(theme)
        self._tops = {id(c): c.top_for(0, ROW_PX) for c in (self.label, self.name, self.data, self.data_strong)}

    def cache_for(self, kind: str) -> TextCache:
        """The text of a kind of column."""
        if kind == "text":
            return self.label
        return self.name if kind == "name" else self.data

    def paint_row_ground(self, painter: QPainter, rect: QRect, tone: str, selected: bool) -> None:
        """The ground of a row, with the bar of two pixels that marks own and selected rows."""
        theme = self.theme
        if tone == "stale":
            painter.drawTiledPixmap(rect, theme.hatch)
        elif tone in _GROUNDS:
            painter.fillRect(rect, theme.color(_GROUNDS[tone]))
        if selected and tone != "alarm":
            painter.fillRect(rect, theme.color("selected"))
        if selected or tone == "own":
            bar = "own" if tone == "own" and not selected else "text"
            painter.fillRect(rect.x(), rect.y(), 2, rect.height(), theme.color(bar))

    def paint_group(self, painter: QPainter, rect: QRect, text: str) -> None:
        """The title of a group, over the whole row."""
        painter.setFont(self.label.font)
        painter.setPen(self.theme.color("label"))
        self.label.left(painter, rect.x() + PAD_PX, rect.y() + self._tops[id(self.label)], text)

    def paint_cell(self, painter: QPainter, rect: QRect, column: ColumnLike, cell: Cell, row_tone: str) -> None:
        """One cell on its ground."""
        text, tone, glyph, _, extra = cell
        kind = column.kind
        if kind == "spark":
            if extra is not None:
                spark = rect.adjusted(4, 0, -4, 0)
                self._sparks.draw(painter, spark, extra, row_tone == "stale")
            return
        ink = self._ink(tone, row_tone)
        if kind == "meter" and extra is not None:
            self._paint_meter(painter, rect, text, float(extra))
        elif kind == "bar" and extra is not None:
            width = round(self._bar_room(rect, column.title, text) * min(max(float(extra), 0.0), 1.0))
            painter.fillRect(rect.x() + PAD_PX, rect.y() + 4, width, 12, self.theme.color("hairline_strong"))
        elif kind == "progress" and extra:
            width = max(round((rect.width() - 2 * PAD_PX) * min(float(extra), 1.0)), 1)
            painter.fillRect(rect.x() + PAD_PX, rect.bottom() - 1, width, 2, self.theme.color("own"))
        if text or glyph:
            self._paint_text(painter, rect, column, text, glyph, ink, row_tone == "stale")

    def _bar_room(self, rect: QRect, title: str, text: str) -> int:
        """The longest bar of a column: what its longest figure so far leaves free, so that bars can be compared."""
        longest = max(self.data.width(text), self._longest_px.get(title, 0))
        self._longest_px[title] = longest
        return max(rect.width() - 3 * PAD_PX - longest, 0)

    def _ink(self, tone: str, row_tone: str) -> str:
        if row_tone == "alarm":
            return "on_alarm"
        if row_tone == "stale":
            return "stale"
        return tone or "text"

    def _paint_text(
        self, painter: QPainter, rect: QRect, column: ColumnLike, text: str, glyph: str, ink: str, plate: bool
    ) -> None:
        cache = self.cache_for(column.kind)
        if cache is self.data and plate and text[:1].isalpha():
            cache = self.name
        color = self.theme.color(ink)
        left, room = rect.x() + PAD_PX, rect.width() - 2 * PAD_PX
        if glyph:
            draw_glyph(painter, glyph, left + 4, rect.y() + ROW_PX / 2, color, 8)
            left, room = left + 12, room - 12
        shown = text if cache.width(text) <= room + 4 else cache.elided(text, max(room + 2, 0))
        width = cache.width(shown)
        x = left
        if column.align == "r":
            x = rect.right() + 1 - PAD_PX - width
        elif column.align == "c":
            x = rect.x() + (rect.width() - width) // 2
        if plate:
            painter.fillRect(x - 3, rect.y() + 2, width + 6, ROW_PX - 4, self.theme.color("stale_tint"))
        painter.setFont(cache.font)
        painter.setPen(color)
        cache.left(painter, x, rect.y() + self._tops[id(cache)], shown)

    def _paint_meter(self, painter: QPainter, rect: QRect, text: str, fraction: float) -> None:
        right = rect.right() - PAD_PX - self.data.width(text) - 6
        meter = QRect(right - METER_PX, rect.y() + 6, METER_PX, 8)
        paint_meter(painter, self.theme, meter, fraction, warning=fraction >= 0.8)
