"""Which rows of prices stand where: on pixels of its own, or on those of the ladder beside. No Qt.

Rules: a row is a price divided by the step; a cell is one row of some pixels, or one pixel of several rows, grouped at
multiples so that cells do not shimmer; the trader's own scrolling and zooming holds the view until it is centred again.
"""

from __future__ import annotations

from typing import Final

ZOOMS: Final = (
    (48, 1), (40, 1), (32, 1), (26, 1), (20, 1), (16, 1), (13, 1), (10, 1), (8, 1), (6, 1), (5, 1), (4, 1), (3, 1),
    (2, 1), (1, 1), (1, 2), (1, 4), (1, 8), (1, 16),
)  # fmt: skip
"""Pixels a cell and rows a cell, finest first."""
USUAL_ROWS: Final = 36
LADDER_ROW_PX: Final = 20
FAR_PX: Final = 30_000


class RowView:
    """Cells from `top_cell` down: cell c holds the rows from c x per_cell up; it begins at pixel `offset_px`."""

    def __init__(self) -> None:
        self.step = 1
        self.height_px = 1
        self.cell_px, self.per_cell = LADDER_ROW_PX, 1
        self.top_cell = 0
        self.offset_px = 0
        self.joined = False
        """Whether the rows are those of the ladder beside."""
        self.held = False
        """Whether the trader has moved it: nothing else does then."""
        self.placed = False
        self._zoomed = False

    @property
    def cells(self) -> int:
        """How many cells are shown, cut ones included."""
        return -(-(self.height_px - self.offset_px) // self.cell_px)

    @property
    def bottom_cell(self) -> int:
        """The last cell shown."""
        return self.top_cell - self.cells + 1

    @property
    def row_low(self) -> int:
        """The lowest row shown."""
        return self.bottom_cell * self.per_cell

    def resize(self, height_px: int) -> None:
        """Another height; the middle stays."""
        before = self.cells
        self.height_px = max(height_px, 1)
        if not self._zoomed and not self.joined:
            fitting = [i for i, (px, rows) in enumerate(ZOOMS) if rows == 1 and px * USUAL_ROWS <= height_px]
            self._set_zoom(fitting[0] if fitting else ZOOMS.index((5, 1)))
        if self.placed and not self.joined:
            self.top_cell += self.cells // 2 - before // 2

    def y_of_row(self, row: int) -> int:
        """The first pixel of the cell that holds a row; far away it is FAR_PX, since Qt's pixels have an end."""
        y = self.offset_px + (self.top_cell - row // self.per_cell) * self.cell_px
        return min(max(y, -FAR_PX), FAR_PX)

    def middle_of_row(self, row: int) -> int:
        """The pixel in the middle of it."""
        return self.y_of_row(row) + self.cell_px // 2

    def cell_at(self, y: float) -> int:
        """The cell at a pixel."""
        return self.top_cell - int((y - self.offset_px) // self.cell_px)

    def row_of(self, price: int, *, up: bool) -> int:
        """The row of a price that lies between two: an ask goes up, a bid down."""
        return -(-price // self.step) if up else price // self.step

    def follow(self, row: int) -> bool:
        """Keep a row in the middle half, unless the trader or a ladder holds the view; True if it moved."""
        if self.placed and (self.joined or self.held):
            return False
        place = self.top_cell - row // self.per_cell
        if self.placed and self.cells // 5 <= place < self.cells - self.cells // 5:
            return False
        self.centre_on(row)
        return True

    def centre_on(self, row: int) -> None:
        """Put a row into the middle; it is no longer held."""
        self.top_cell = row // self.per_cell + self.cells // 2
        self.offset_px, self.held, self.placed = 0, False, True

    def join(self, top_row: int, offset_px: int) -> bool:
        """Take the rows of a ladder whose first row begins at a pixel of ours; True if anything moved."""
        above = -(-offset_px // LADDER_ROW_PX) if offset_px > 0 else 0
        place = top_row + above, offset_px - above * LADDER_ROW_PX
        if self.joined and (self.top_cell, self.offset_px) == place:
            return False
        self.joined = self.placed = True
        self.held = False
        self.cell_px, self.per_cell = LADDER_ROW_PX, 1
        self.top_cell, self.offset_px = place
        return True

    def part(self) -> None:
        """Have rows of its own again."""
        if self.joined:
            self.joined = self._zoomed = False
            middle = self.cell_at(self.height_px / 2) * self.per_cell
            self.offset_px = 0
            self.resize(self.height_px)
            self.centre_on(middle)

    def scroll(self, cells: int) -> None:
        """The trader moves it, up with positive cells."""
        self.top_cell += cells
        self.held = True

    def zoom(self, steps: int, y: float) -> bool:
        """Fewer prices (positive) or more; what is under `y` stays there. True if anything changed."""
        place = ZOOMS.index((self.cell_px, self.per_cell)) if (self.cell_px, self.per_cell) in ZOOMS else 4
        wanted = min(max(place - steps, 0), len(ZOOMS) - 1)
        if wanted == place:
            return False
        row = self.cell_at(y) * self.per_cell
        self._set_zoom(wanted)
        self._zoomed = self.held = True
        self.joined, self.offset_px = False, 0
        self.top_cell = row // self.per_cell + int(y // self.cell_px)
        return True

    def _set_zoom(self, place: int) -> None:
        self.cell_px, self.per_cell = ZOOMS[place]
