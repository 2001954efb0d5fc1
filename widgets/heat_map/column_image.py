"""The painted columns: a ring of pixels, one wide for each column and one high for each cell, blown up when drawn.

Rules: a new column writes its own pixels alone; the buffer is kept while the number of columns and cells stays; what is
shown is drawn as two parts of the ring.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from widgets.heat_map.colour_scale import ColourScale
from widgets.heat_map.row_view import RowView
from widgets.heat_map.source import NO_PRICE, NOT_RECORDED, HeatSource
from widgets.heat_map.time_view import TimeView


class ColumnImage:
    """Columns [first, last] of a time view as pixels, with the states and best prices of each."""

    def __init__(self) -> None:
        self._resize(1, 1)
        self.reads = 0
        """Columns read from the source so far, for the figures of a benchmark."""

    def _resize(self, columns: int, cells: int) -> None:
        self.capacity, self._cells = columns, cells
        self._pixels: NDArray[np.uint32] = np.zeros((cells, columns), np.uint32)
        self._image = QImage(self._pixels.data, columns, cells, 4 * columns, QImage.Format.Format_RGB32)
        self._quantities: NDArray[np.int64] = np.full((columns, cells), NOT_RECORDED, np.int64)
        self._states = np.zeros(columns, np.uint8)
        self._bids: NDArray[np.int64] = np.full(columns, NO_PRICE, np.int64)
        self._asks: NDArray[np.int64] = np.full(columns, NO_PRICE, np.int64)
        self._first, self._last = 0, -1
        self._frame: tuple[int, int, int] = (0, 0, 0)

    def forget(self) -> None:
        """Everything is read anew with the next `show`."""
        self._first, self._last = 0, -1

    def forget_from(self, number: int) -> None:
        """Columns from `number` on are read anew."""
        self._last = min(self._last, number - 1)

    def show(self, time: TimeView, rows: RowView, source: HeatSource, scale: ColourScale) -> None:
        """Read what is missing of the view."""
        if (self.capacity, self._cells) != (time.count, rows.cells):
            self._resize(time.count, rows.cells)
        frame = (time.width_ns, rows.row_low, rows.per_cell)
        if frame != self._frame:
            self._frame = frame
            self.forget()
        first, last = time.first, time.last
        if self._last < self._first or last < self._first or first > self._last:
            self._read(first, last, source, scale)
        else:
            if first < self._first:
                self._read(first, self._first - 1, source, scale)
            if last > self._last:
                self._read(self._last + 1, last, source, scale)
        self._first, self._last = first, last

    def fit(self, scale: ColourScale) -> bool:
        """Fit the scale to what is shown, and paint that anew if it has changed."""
        if self._last < self._first or not scale.fit(self._quantities[self._slots()]):
            return False
        self.recolour(scale)
        return True

    def recolour(self, scale: ColourScale) -> None:
        """Paint what is shown with a scale that has changed."""
        if self._first <= self._last:
            slots = self._slots()
            self._pixels[:, slots] = scale.colours(self._quantities[slots]).T[::-1]

    def _read(self, first: int, last: int, source: HeatSource, scale: ColourScale) -> None:
        width_ns, row_low, per_cell = self._frame
        block = source.read(first * width_ns, width_ns, last - first + 1, row_low, self._cells, per_cell)
        slots = np.arange(first, last + 1) % self.capacity
        self._pixels[:, slots] = scale.colours(block.quantities).T[::-1]
        self._quantities[slots], self._states[slots] = block.quantities, block.states
        self._bids[slots], self._asks[slots] = block.bids, block.asks
        self.reads += last - first + 1

    def draw(self, painter: QPainter, time: TimeView, rows: RowView) -> None:
        """Draw the columns at their places."""
        height = self._cells * rows.cell_px
        split = self._first % self.capacity
        x = time.x_of(self._first)
        for start, end in ((split, self.capacity), (0, split)):
            width = (end - start) * time.column_px
            if width:
                target = QRect(x, rows.offset_px, width, height)
                painter.drawImage(target, self._image, QRect(start, 0, end - start, self._cells))
                x += width

    def _slots(self) -> NDArray[np.int64]:
        return np.arange(self._first, self._last + 1) % self.capacity

    @property
    def first(self) -> int:
        """The number of the first column held."""
        return self._first

    def states(self) -> NDArray[np.uint8]:
        """The state of each column shown, oldest first."""
        return self._states[self._slots()]

    def best_prices(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Best bid and ask of each column shown, oldest first."""
        slots = self._slots()
        return self._bids[slots], self._asks[slots]

    def quantity_at(self, number: int, cell_above_bottom: int) -> int:
        """What is shown in a cell, counted from the lowest; NOT_RECORDED outside of what is shown."""
        if not (self._first <= number <= self._last and 0 <= cell_above_bottom < self._cells):
            return NOT_RECORDED
        return int(self._quantities[number % self.capacity, cell_above_bottom])

    def pixels(self) -> NDArray[np.uint32]:
        """The colours of what is shown, (cells, columns), highest cell first, oldest column first."""
        return self._pixels[:, self._slots()]
