"""Bubbles as pictures of a few sizes on one sheet, so that a thousand of them are one call of the painter."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from widgets import side as sides
from widgets.theme import Theme

RADII: Final = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20)
CELL_PX: Final = 2 * RADII[-1] + 4
STRONG_PX: Final = 9
"""From this radius on bubbles let less through."""


class BubbleAtlas:
    """Draws bubbles in the side colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._sheet: QPixmap | None = None
        self._ratio = 0.0
        self._array = PrimitiveArray(pg.QtGui.QPainter.PixmapFragment, 10)

    def _make(self, ratio: float) -> QPixmap:
        sheet = QPixmap(round(CELL_PX * len(RADII) * ratio), round(2 * CELL_PX * ratio))
        sheet.setDevicePixelRatio(ratio)
        sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, side in enumerate((sides.BUY, sides.SELL)):
            for place, radius in enumerate(RADII):
                painter.setOpacity(0.92 if radius >= STRONG_PX else 0.8)
                painter.setBrush(self._theme.brush(sides.TOKENS[side]))
                painter.setPen(QPen(self._theme.color("canvas"), 1))
                middle = QPointF(CELL_PX * (place + 0.5), CELL_PX * (row + 0.5))
                painter.drawEllipse(middle, radius, radius)
        painter.end()
        return sheet

    def draw(
        self, painter: QPainter, x: NDArray[np.int64], y: NDArray[np.int64], sizes: NDArray[np.int64],
        side: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Draw around (x, y); `sizes` are places in RADII."""
        if not len(x):
            return
        ratio = painter.device().devicePixelRatioF()
        if self._sheet is None or ratio != self._ratio:
            self._sheet, self._ratio = self._make(ratio), ratio
        self._array.resize(len(x))
        memory = self._array.ndarray()
        memory[:, 0], memory[:, 1] = x, y
        memory[:, 2], memory[:, 3] = sizes * CELL_PX * ratio, (side == sides.SELL) * CELL_PX * ratio
        memory[:, 4] = memory[:, 5] = CELL_PX * ratio
        memory[:, 6] = memory[:, 7] = 1 / ratio
        memory[:, 8], memory[:, 9] = 0.0, 1.0
        painter.drawPixmapFragments(*self._array.drawargs(), self._sheet)


def sizes_of(quantities: NDArray[np.int64], greatest: int, most_px: int) -> NDArray[np.int64]:
    """Places in RADII: the area of a bubble is as its quantity, the greatest has a radius of `most_px` at most."""
    radius = np.sqrt(quantities / max(greatest, 1)) * min(most_px, RADII[-1])
    return np.clip(np.searchsorted(np.array(RADII), radius, side="right") - 1, 0, len(RADII) - 1)
