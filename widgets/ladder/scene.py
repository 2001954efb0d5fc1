"""Everything a ladder shows, and where its rows are. No Qt: the canvas paints it, the tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from widgets.formatting import format_price, format_quantity
from widgets.ladder.levels import Levels, OwnLevel

ROW_PX = 20
SCALE_STEPS = (4, 6, 8, 12, 16, 20, 24, 32, 40)
EDGE_ROWS = 3
NEAR_LEVELS = 10
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
    sums: bool = False
    """Whether the depth columns show what stands up to a price instead of at it."""

    def row_of(self, price: float) -> int:
        """The row of a price; may be above or below what is shown."""
        return 0 if self.top_price is None else int((self.top_price - price) // self.tick_size)

    def rows_of(self, prices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of prices."""
        return (self.top_price or 0) // self.tick_size - prices // self.tick_size

    def price_of(self, row: int) -> int | None:
        """The price of a row; None while there is nothing to centre on."""
        return None if self.top_price is None else self.top_price - row * self.tick_size

    def shown_levels(self) -> Levels:
        """The book as the depth columns show it."""
        return self.levels.summed() if self.sums else self.levels

    def depth_by_row(self, side: int) -> NDArray[np.int64]:
        """The quantity of a side in each row."""
        return self._by_row(*self.shown_levels().side(side))

    def orders_by_row(self, side: int) -> NDArray[np.int64]:
        """The orders of a side in each row."""
        levels = self.shown_levels()
        return self._by_row(levels.side(side)[0], levels.orders(side))

    def _by_row(self, prices: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
        rows = self.rows_of(prices)
        inside = (rows >= 0) & (rows <= self.rows)
        depth = np.zeros(self.rows + 1, np.int64)
        depth[rows[inside]] = values[inside]
        return depth

    def depth_scale(self) -> int:
        """The quantity of a full bar: the greatest in sight, rounded up so that bars do not all move with each tick."""
        return _rounded_up(int(max(self.depth_by_row(0).max(), self.depth_by_row(1).max())))

    def volume_by_row(self) -> NDArray[np.int64]:
        """What traded in each row."""
        rows = self.rows_of(self.traded_prices)
        inside = (rows >= 0) & (rows <= self.rows)
        volume = np.zeros(self.rows + 1, np.int64)
        np.add.at(volume, rows[inside], self.traded_quantities[inside])
        return volume

    def volume_scale(self) -> int:
        """The volume of a full bar."""
        return _rounded_up(int(self.volume_by_row().max()))

    def changed_rows(self, before: Levels) -> NDArray[np.bool_] | None:
        """Which rows look different from a book of before; None if all do, since the scale of the bars changed."""
        after = self.levels
        scale, now = self.depth_scale(), self._figures()
        self.levels = before
        same_scale, was = scale == self.depth_scale(), self._figures()
        self.levels = after
        if not same_scale:
            return None
        changed: NDArray[np.bool_] = (now != was).any(axis=0)
        for old, new in ((before.best_bid, after.best_bid), (before.best_ask, after.best_ask)):
            if old == new:
                continue
            if old is None or new is None:
                return None
            first, last = sorted((self.row_of(old), self.row_of(new)))
            changed[max(first - 1, 0) : max(last + 2, 0)] = True
        return changed

    def _figures(self) -> NDArray[np.int64]:
        return np.stack([part(side) for part in (self.depth_by_row, self.orders_by_row) for side in (0, 1)])

    def imbalance_percent(self) -> int | None:
        """How much more is bid than asked within ten levels, of both together; None for an empty book."""
        bid, ask = self.levels.near(NEAR_LEVELS)
        return round((bid - ask) / (bid + ask) * 100) if bid + ask else None

    def centre_on(self, price: int) -> None:
        """Put the row of `price` into the middle."""
        on_grid = price // self.tick_size * self.tick_size
        self.top_price = on_grid + self.rows // 2 * self.tick_size

    def centre_price(self) -> int | None:
        """What to centre on: the middle of the book, else the last trade."""
        middle = self.levels.middle()
        return middle if middle is not None else self.last_price

    def sentence_at(self, price: int) -> str:
        """What stands at a price, for a screen reader."""
        parts = [format_price(price, self.price_decimals)]
        for name, side in (("bid", 0), ("ask", 1)):
            quantity = self.levels.quantity_at(side, price)
            if quantity:
                parts.append(f"{name} {format_quantity(quantity, self.quantity_decimals)}")
                orders, total = self.levels.orders_at(side, price), self.levels.up_to(side, price)[0]
                parts += [f"{orders} orders"] if orders else []
                parts.append(f"{format_quantity(total, self.quantity_decimals)} up to here")
        parts += [
            f"own {format_quantity(own.quantity, self.quantity_decimals)}" for own in self.own if own.price == price
        ]
        return ", ".join(parts)

    def market_is(self) -> str:
        """Where the middle of the book is: "above" or "below" the rows, or "" if it is in sight or unknown."""
        middle = self.levels.middle()
        if middle is None or self.top_price is None:
            return ""
        row = self.row_of(middle)
        return "above" if row < 0 else "below" if row >= self.rows else ""

    def needs_centring(self) -> bool:
        """Whether the middle of the book is out of sight or next to the edge."""
        middle = self.levels.middle()
        if self.top_price is None:
            return self.centre_price() is not None
        edge = min(EDGE_ROWS, self.rows // 4)
        return middle is not None and not edge <= self.row_of(middle) < self.rows - edge


def _rounded_up(greatest: int) -> int:
    greatest = max(greatest, 4)
    power = 10 ** (len(str(greatest)) - 1)
    return next(power * step // 4 for step in SCALE_STEPS if power * step // 4 >= greatest)
