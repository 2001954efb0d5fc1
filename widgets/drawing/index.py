"""Which of many drawings may be seen: bounds in arrays, so that a thousand out of sight cost one comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from widgets.drawing.drawing import Drawing, DrawingKind

_ENDLESS_AFTER = (DrawingKind.RAY, DrawingKind.RETRACEMENT, DrawingKind.EXTENSION, DrawingKind.TEXT)
_ENDLESS = (DrawingKind.EXTENDED_LINE, DrawingKind.PRICE_LINE)
_ANY_PRICE = (DrawingKind.RAY, DrawingKind.EXTENDED_LINE, DrawingKind.CHANNEL, DrawingKind.EXTENSION,
              DrawingKind.TIME_LINE)  # fmt: skip


class DrawingIndex:
    """The drawings of one instrument and where each can be at most."""

    def __init__(self, drawings: Sequence[Drawing] = ()) -> None:
        self.drawings = tuple(drawings)
        self._bounds = np.array([_bounds(one) for one in self.drawings], np.float64).reshape(-1, 4)

    def within(self, first_ns: int, last_ns: int, low: float, high: float) -> list[Drawing]:
        """The drawings, in their order, that may have a part in a range of time and of price."""
        b = self._bounds
        seen = (b[:, 0] <= last_ns) & (b[:, 1] >= first_ns) & (b[:, 2] <= high) & (b[:, 3] >= low)
        return [self.drawings[i] for i in np.flatnonzero(seen)]

    def by_number(self, number: int) -> Drawing | None:
        """One of them, None if it has gone."""
        return next((one for one in self.drawings if one.number == number), None)

    def next_number(self) -> int:
        """A number that none of them has."""
        return max((one.number for one in self.drawings), default=0) + 1


def _bounds(drawing: Drawing) -> tuple[float, float, float, float]:
    times = [float(anchor.time_ns) for anchor in drawing.anchors]
    prices = [float(anchor.price) for anchor in drawing.anchors]
    first, last, low, high = min(times), max(times), min(prices), max(prices)
    if drawing.kind in _ENDLESS_AFTER or drawing.kind in _ENDLESS:
        last = np.inf
    if drawing.kind in _ENDLESS:
        first = -np.inf
    if drawing.kind in _ANY_PRICE:
        low, high = -np.inf, np.inf
    return first, last, low, high
