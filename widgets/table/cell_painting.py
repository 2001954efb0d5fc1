"""Paints the cells of a blotter. One painter for all cells of a paint; nothing is allocated that is not drawn."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from widgets.glyph_cache import GlyphCache
from widgets.sparkline import SparklineCache, paint_meter, paint_range
from widgets.table.columns import Cell, ColumnLike
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX = 20
PAD_PX = 8
METER_PX = 24
STALE_TINT = "stale_tint"
_EXTRAS = frozenset({"spark", "meter", "bar", "progress", "range"})
_INKS = {"alarm": "on_alarm", "stale": "stale"}
_GROUNDS = {"own": "own_tint", "alarm": "alarm", "group": "zebra"}


class CellPainter:
    """Paints in one theme. `begin` each paint; columns are painted one after the other, so that the font stays."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        fonts = theme.fonts
        self.label, self.name = TextCache(fonts.label), TextCache(fonts.label_strong)
        self.data, self.data_strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self._longest_px: dict[str, int] = {}
        self._sparks, self._glyphs = SparklineCache(theme), GlyphCache()
        self._tops = {id(c): c.top_for(0, ROW_PX) for c in (self.label, self.name, self.data, self.data_strong)}
        self._font: TextCache | None = None
        self._ink = ""

    def begin(self) -> None:
        """Another painter: nothing is known of its font and pen."""
        self._font, self._ink = None, ""

    def _use(self, painter: QPainter, cache: TextCache, ink: str) -> None:
        if cache is not self._font:
            painter.setFont(cache.font)
            self._font = cache
        if ink != self._ink:
            painter.setPen(self.theme.color(ink))
            self._ink = ink

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

    def paint_tint(self, painter: QPainter, rect: QRect, tint: str) -> None:
        """The ground of one cell; a stale one is hatched."""
        if tint == STALE_TINT:
            painter.drawTiledPixmap(rect, self.theme.hatch)
        else:
            painter.fillRect(rect, self.theme.color(tint))

    def paint_group(self, painter: QPainter, rect: QRect, text: str, glyph: str = "") -> None:
        """The title of a group, over the whole row, with a sign that says whether it is folded."""
        x = rect.x() + PAD_PX
        if glyph:
            self._glyphs.draw(painter, glyph, x + 3, rect.y() + ROW_PX // 2, self.theme.color("label"))
            x += 14
        self._use(painter, self.label, "label")
        self.label.left(painter, x, rect.y() + self._tops[id(self.label)], text)

    def paint_sign(self, painter: QPainter, view: QRect, text: str) -> None:
        """A word in the lower right corner of the rows."""
        width = self.label.width(text) + 12
        rect = QRect(view.right() - width - 3, view.bottom() - ROW_PX - 1, width, ROW_PX - 2)
        painter.fillRect(rect, self.theme.color("raised"))
        painter.setFont(self.label.font)
        painter.setPen(self.theme.color("text_2"))
        self.label.left(painter, rect.x() + 6, self.label.top_for(rect.y(), rect.height()), text)
        self._font = None

    def paint_cell(self, painter: QPainter, rect: QRect, column: ColumnLike, cell: Cell, row_tone: str) -> None:
        """One cell on its ground."""
        text, tone, glyph, _, extra = cell
        kind = column.kind
        if extra is not None and kind in _EXTRAS:
            self._paint_extra(painter, rect, column, text, extra, row_tone)
        if text or glyph:
            ink = _INKS.get(row_tone) or tone or "text"
            self._paint_text(painter, rect, column, text, glyph, ink, row_tone == "stale")

    def _paint_extra(
        self, painter: QPainter, rect: QRect, column: ColumnLike, text: str, extra: Any, row_tone: str
    ) -> None:
        """What is drawn besides the text: a course, a limit, a bar, progress."""
        kind, theme = column.kind, self.theme
        if kind == "spark":
            self._sparks.draw(painter, rect.adjusted(4, 0, -4, 0), extra, row_tone == "stale")
        elif kind == "range":
            paint_range(painter, theme, rect.adjusted(PAD_PX, 0, -PAD_PX, 0), *extra, stale=row_tone == "stale")
        elif kind == "meter":
            self._paint_meter(painter, rect, text, float(extra))
        elif kind == "bar":
            width = round(self._bar_room(rect, column.title, text) * min(max(float(extra), 0.0), 1.0))
            painter.fillRect(rect.x() + PAD_PX, rect.y() + 4, width, 12, theme.color("hairline_strong"))
        elif extra:
            width = max(round((rect.width() - 2 * PAD_PX) * min(float(extra), 1.0)), 1)
            painter.fillRect(rect.x() + PAD_PX, rect.bottom() - 1, width, 2, theme.color("own"))

    def _bar_room(self, rect: QRect, title: str, text: str) -> int:
        """The longest bar of a column: what its longest figure so far leaves free, so that bars can be compared."""
        longest = max(self.data.width(text), self._longest_px.get(title, 0))
        self._longest_px[title] = longest
        return max(rect.width() - 3 * PAD_PX - longest, 0)

    def _paint_text(
        self, painter: QPainter, rect: QRect, column: ColumnLike, text: str, glyph: str, ink: str, plate: bool
    ) -> None:
        cache = self.cache_for(column.kind)
        if plate and cache is self.data and text[:1].isalpha():
            cache = self.name
        left, room = rect.x() + PAD_PX, rect.width() - 2 * PAD_PX
        if glyph:
            self._glyphs.draw(painter, glyph, left + 4, rect.y() + ROW_PX // 2, self.theme.color(ink))
            left, room = left + 12, room - 12
        width = cache.width(text)
        if width > room + 4 and not (plate and column.align == "r"):
            text = cache.elided(text, max(room + 2, 0))
            width = cache.width(text)
        x = left
        if column.align == "r":
            x = rect.right() + 1 - PAD_PX - width
        elif column.align == "c":
            x = rect.x() + (rect.width() - width) // 2
        if plate:
            painter.fillRect(x - 3, rect.y() + 2, width + 6, ROW_PX - 4, self.theme.color(STALE_TINT))
        self._use(painter, cache, ink)
        cache.left(painter, x, rect.y() + self._tops[id(cache)], text)

    def _paint_meter(self, painter: QPainter, rect: QRect, text: str, fraction: float) -> None:
        right = rect.right() - PAD_PX - self.data.width(text) - 6
        meter = QRect(right - METER_PX, rect.y() + 6, METER_PX, 8)
        paint_meter(painter, self.theme, meter, fraction, warning=fraction >= 0.8)
