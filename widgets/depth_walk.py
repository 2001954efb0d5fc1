"""What a book would give: quantity and money up to a price, the average price of a size, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.formatting import format_price
from widgets.ladder.levels import Levels


@dataclass(frozen=True, slots=True)
class Walk:
    """What a side holds up to a price, or what a size takes from it. `value` is the sum of price x quantity."""

    quantity: int = 0
    value: int = 0
    levels: int = 0
    worst: int | None = None

    @property
    def average(self) -> float | None:
        """The average price in price units; None for nothing."""
        return self.value / self.quantity if self.quantity else None


def up_to(levels: Levels, side: int, price: int) -> Walk:
    """What rests on a side from its best price up to one, that one included."""
    prices, quantities = levels.side(side)
    count = int((prices >= price).sum() if side == 0 else (prices <= price).sum())
    return _walk(prices[:count].tolist(), quantities[:count].tolist())


def take(levels: Levels, side: int, quantity: int) -> Walk:
    """What an order of a size takes that trades against a side; less than the size if the side holds less."""
    prices, quantities = levels.side(side)
    taken, left = [], quantity
    for there in quantities.tolist():
        if left <= 0:
            break
        taken.append(min(there, left))
        left -= taken[-1]
    return _walk(prices[: len(taken)].tolist(), taken)


def _walk(prices: list[int], quantities: list[int]) -> Walk:
    value = sum(price * quantity for price, quantity in zip(prices, quantities, strict=True))
    return Walk(sum(quantities), value, len(prices), prices[-1] if prices else None)


def slippage_ticks(levels: Levels, side: int, walk: Walk, tick_size: int) -> float | None:
    """By how many ticks the average price of a walk is worse than the best price of its side."""
    best = levels.best_bid if side == 0 else levels.best_ask
    if best is None or walk.average is None:
        return None
    return (best - walk.average if side == 0 else walk.average - best) / tick_size


def trouble(levels: Levels, price_decimals: int) -> str:
    """What is unusual about a book, in words; "" for a sound one."""
    bid, ask = levels.best_bid, levels.best_ask
    if bid is None and ask is None:
        return "EMPTY BOOK"
    if ask is None:
        return "NO ASKS"
    if bid is None:
        return "NO BIDS"
    if bid > ask:
        return f"CROSSED by {format_price(bid - ask, price_decimals)}"
    return f"LOCKED at {format_price(bid, price_decimals)}" if bid == ask else ""
