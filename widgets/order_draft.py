"""An order before it is sent: exactly what the ticket shows, and the sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.formatting import format_price, format_quantity
from widgets.side import WORDS

LIMIT, MARKET = "limit", "market"
ORDER_TYPES = (LIMIT, MARKET)
TIMES_IN_FORCE = ("day", "gtc", "ioc", "fok")


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """Price in price units, None for a market order; quantity in lots, 0 where none is entered."""

    symbol: str
    side: int
    order_type: str
    time_in_force: str
    quantity: int
    price: int | None
    post_only: bool = False
    price_decimals: int = 2
    quantity_decimals: int = 0

    def problem(self) -> str:
        """Why it can't be sent; empty if it can."""
        if not self.symbol:
            return "No instrument"
        if self.quantity <= 0:
            return "Enter a quantity"
        if self.order_type == LIMIT and self.price is None:
            return "Enter a price"
        return ""

    def words(self) -> list[tuple[str, bool]]:
        """The sentence in parts; the second says whether a part is a figure."""
        parts = [(WORDS[self.side], False), (format_quantity(self.quantity, self.quantity_decimals), True)]
        if self.order_type == MARKET or self.price is None:
            parts.append((f"{self.symbol} at market", False))
        else:
            parts += [(f"{self.symbol} at", False), (format_price(self.price, self.price_decimals), True)]
            parts.append(("post-only" if self.post_only else "limit", False))
        head, tail = parts[:-1], parts[-1]
        name = self.time_in_force if self.time_in_force == "day" else self.time_in_force.upper()
        return [*head, (f"{tail[0]}, {name}", False)]

    def sentence(self) -> str:
        """The whole sentence."""
        return " ".join(text for text, _ in self.words())
