"""What a drawing needs to know of the plot it is drawn on: where market points are in pixels and back."""

from __future__ import annotations

from typing import Protocol

from widgets.drawing.drawing import Anchor


class Plane(Protocol):
    """A plot in pixels. A value that cannot be shown (a price of 0 on a log scale) has the row NaN."""

    width: int
    height: int
    price_decimals: int
    tick_size: int

    def x_of(self, time_ns: int) -> float:
        """See the class."""

    def y_of(self, price: float) -> float:
        """See the class."""

    def time_at(self, x: float) -> int:
        """The beginning of the bar at a column, beyond the bars as if they went on."""

    def price_at(self, y: float) -> float:
        """The price at a row, not rounded."""

    def tick(self, price: float) -> int:
        """The nearest price of the tick grid."""

    def span(self, first: Anchor, second: Anchor) -> tuple[int, int]:
        """Bars from one point to another (negative backwards) and what traded within, in quantity units."""

    def bar_near(self, x: float) -> tuple[int, tuple[int, int, int, int]] | None:
        """Beginning and open, high, low, close of the bar at a column, None where there is none."""

    def stepped(self, time_ns: int, bars: int) -> int:
        """The time that stands a number of bars later (negative: earlier), beyond the bars as if they went on."""

    def bars_between(self, first_ns: int, second_ns: int) -> int:
        """How many bars a time stands after another, negative before it."""

    def carried(self, price: int, begin: int, end: int) -> float:
        """Where a price lands when everything moves on the screen as from `begin` to `end`."""

    def quantity_text(self, quantity: int) -> str:
        """A quantity as the instrument shows it."""
