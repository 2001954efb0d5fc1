"""The hatch that marks what is stale: one tile, 4 px of tint and 1 px of line, at 45 degrees."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPixmap

TILE_PX = 7


def hatch_pixmap(tint: QColor, line: QColor) -> QPixmap:
    """A tile that repeats without a seam: each row is shifted by one pixel."""
    image = QImage(TILE_PX, TILE_PX, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(tint)
    for row in range(TILE_PX):
        image.setPixelColor((TILE_PX - row) % TILE_PX, row, line)
    return QPixmap.fromImage(image, Qt.ImageConversionFlag.NoFormatConversion)
