"""Many rectangles in one call of the painter, without a Python object for each."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import ArrayLike
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtGui import QPainter


class RectBatch:
    """A buffer of rectangles that is reused from paint to paint."""

    def __init__(self) -> None:
        self._array = PrimitiveArray(pg.QtCore.QRectF, 4)

    def draw(
        self, painter: QPainter, x: ArrayLike, y: ArrayLike, width: ArrayLike, height: ArrayLike, count: int
    ) -> None:
        """Fill `count` rectangles with the painter's brush; each argument is an array of that length or a number."""
        if not count:
            return
        self._array.resize(count)
        memory = self._array.ndarray()
        memory[:, 0] = x
        memory[:, 1] = y
        memory[:, 2] = width
        memory[:, 3] = height
        painter.drawRects(*self._array.drawargs())
