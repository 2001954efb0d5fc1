"""From which size on a row of the tape is a big one: as the user says, or among the largest of what came last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.formatting import format_quantity, parse_quantity

JUDGED: Final = 5_000
"""A percentile is taken over so many of the newest rows."""
LEAST_ROWS: Final = 20
"""Of fewer rows none is big among the others."""


@dataclass(frozen=True, slots=True)
class BigMark:
    """`quantity` lots, or the size that `percentile` per cent of the rows stay below; both 0: nothing is big."""

    quantity: int = 0
    percentile: float = 99.0

    @classmethod
    def parse(cls, text: str, decimals: int = 0) -> BigMark | None:
        """From `500`, `2.5k` or `99 %`; empty is no mark. None for what is neither."""
        plain = text.strip().lower().removeprefix("p")
        if not plain:
            return cls(0, 0.0)
        if plain != text.strip().lower() or plain.endswith("%"):
            try:
                share = float(plain.rstrip("% "))
            except ValueError:
                return None
            return cls(0, share) if 0 < share < 100 else None
        quantity = parse_quantity(plain, decimals)
        return cls(quantity, 0.0) if quantity is not None and quantity > 0 else None

    def text(self, decimals: int = 0) -> str:
        """As a person would type it."""
        if self.quantity:
            return format_quantity(self.quantity, decimals)
        return f"{self.percentile:g} %" if self.percentile else ""

    def threshold(self, quantities: NDArray[np.int64]) -> int:
        """From which quantity on, given those of all rows, oldest first; 0: none is big."""
        if self.quantity or not self.percentile:
            return self.quantity
        judged = quantities[-JUDGED:]
        if len(judged) < LEAST_ROWS:
            return 0
        place = min(int(len(judged) * self.percentile / 100), len(judged) - 1)
        size = int(np.partition(judged, place)[place])
        return size if size > int(np.median(judged)) else 0
