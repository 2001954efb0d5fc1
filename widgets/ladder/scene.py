"""Everything a ladder shows, and where its rows are. No Qt: the canvas paints it, the tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from widgets.ladder.levels import Levels, OwnLevel

ROW_PX = 20
EDGE_ROWS = 3
CLICKABLE_STATES = ("live", "halted")


@dataclass
class LadderScene:
    """The state of one ladder. `top_price` is the price of the first row; None until there is one to centre on."""

    symbol: str = ""
    price_decimals: int = 2
    quantity_decimals: int = 0
    tick_size: int = 1
    levels: Levels = field(default_factory=Levels)
    own: tuple[OwnLevel, ...] = ()
    top_price: int | None = None
    rows: int = 1
    last_price: int | None = None
    last_rises: bool = True
    high_price: int | None = None
    low_price: int | None = None
    average_price: float | None = None
    traded_prices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    traded_quantities: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    state: str = "live"
    armed: bool = False
    cursor_price: int | None = None

    def row_of(self, price: float) -> int:
        """The row of a price; may be above or below what is shown."""
        return 0 if self.top_price is None else int((self.top_price - price) // self.tick_size)

    def rows_of(self, prices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of prices."""
        return (self.top_price or 0) // self.tick_size - prices // self.tick_size

    def price_of(self, row: int) -> int | None:
        """The price of a row; None while there is nothing to centre on."""
        return None if self.top_price is None else self.top_price - row * self.tick_size

    def centre_on(self, price: int) -> None:
        """Put the row of `price` into the middle."""
        on_grid = price // self.tick_size * self.tick_size
        self.top_price = on_grid + self.rows // 2 * self.tick_size

    def centre_price(self) -> int | None:
        """What to centre on: the middle of the book, else the last trade."""
        middle = self.levels.middle()
        return middle if middle is not None else self.last_price

    def needs_centring(self) -> bool:
        """Whether the middle of the book is out of sight or next to the edge."""
        middle = self.levels.middle()
        if self.top_price is None:
            return self.centre_price() is not None
        edge = min(EDGE_ROWS, self.rows // 4)
        return middle is not None and not edge <= self.row_of(middle) < self.rows - edge
