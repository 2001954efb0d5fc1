"""The columns of a ladder: widths from the figures of the machine's font, the least needed columns go first."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = (
    "bid_ahead", "bid_own", "bid_orders", "bid", "price", "ask", "ask_orders", "ask_own", "ask_ahead", "volume",
)  # fmt: skip
TITLES = ("Ahead", "Own", "Ord", "Bid", "Price", "Ask", "Ord", "Own", "Ahead", "Vol")
ORDERS_PX, VOLUME_PX = 30, 54


@dataclass(frozen=True, slots=True)
class LadderColumns:
    """Left edges in px, one more than there are columns; a column of no width is not shown."""

    edges: tuple[int, ...]

    def left(self, name: str) -> int:
        """Left edge of a column."""
        return self.edges[NAMES.index(name)]

    def right(self, name: str) -> int:
        """Right edge of a column."""
        return self.edges[NAMES.index(name) + 1]

    def width(self, name: str) -> int:
        """Width of a column; 0 if there is no room for it."""
        return self.right(name) - self.left(name)

    def at(self, x: float) -> str:
        """The column at a pixel; empty outside of all."""
        for i, name in enumerate(NAMES):
            if self.edges[i] <= x < self.edges[i + 1]:
                return name
        return ""


def fit_columns(width: int, figure_px: float, price_figures: int, quantity_figures: int) -> LadderColumns:
    """Share `width`: price and depth always, then own, the queue ahead, the volume at price, the number of orders."""
    price = max(72, round(price_figures * figure_px) + 26)
    depth = max(60, round(quantity_figures * figure_px) + 16)
    own = max(44, round(min(quantity_figures, 5) * figure_px) + 13)
    need = price + 2 * depth
    own = own if need + 2 * own <= width else 0
    need += 2 * own
    ahead = 44 if own and need + 88 <= width else 0
    need += 2 * ahead
    orders = ORDERS_PX if need + 2 * ORDERS_PX + VOLUME_PX <= width else 0
    rest = width - need - 2 * orders
    volume = rest if rest >= VOLUME_PX else 0
    if not volume:
        depth += max(rest, 0) // 2
    elif volume > 96:
        spare = (volume - 96) // 2
        depth, volume = depth + spare, volume - 2 * spare
    sizes = (ahead, own, orders, depth, price, depth, orders, own, ahead, volume)
    edges = [0]
    for size in sizes:
        edges.append(edges[-1] + size)
    return LadderColumns(tuple(edges))
