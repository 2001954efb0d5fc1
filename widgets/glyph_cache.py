"""Glyphs as small pictures: a sign that stands in a hundred cells is drawn as a path once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from widgets.glyphs import draw_glyph

MARGIN_PX = 2


class GlyphCache:
    """Draws glyphs of one size around whole pixels."""

    def __init__(self, size_px: int = 8) -> None:
        self._side = size_px + 2 * MARGIN_PX
        self._size = size_px
        self._pictures: dict[tuple[str, int, float], QPixmap] = {}

    def draw(self, painter: QPainter, name: str, x: int, y: int, color: QColor) -> None:
        """Draw the glyph around (x, y). Raise `KeyError` for an unknown name."""
        ratio = painter.device().devicePixelRatioF()
        key = (name, color.rgba(), ratio)
        picture = self._pictures.get(key)
        if picture is None:
            picture = QPixmap(round(self._side * ratio), round(self._side * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            into = QPainter(picture)
            draw_glyph(into, name, self._side / 2, self._side / 2, color, self._size)
            into.end()
            self._pictures[key] = picture
        half = self._side // 2
        painter.drawPixmap(x - half, y - half, picture)
