"""What a chart marks of the own business: working orders, the position, fills, alerts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One working order. `text` is what its tag says after the side; `key` comes back when it is cancelled or moved.

    `style` is "working", "stop" or "pending". `filled` is the share that is done, from 0 to 1. `terms` are whatever has
    to stay as it is while a person moves the order: once they differ the move is given up. An order with `movable`
    false cannot be grabbed.
    """

    key: Hashable
    side: int
    price: int
    text: str
    style: str = "working"
    filled: float = 0.0
    terms: Hashable = None
    movable: bool = False


@dataclass(frozen=True, slots=True)
class OrderMove:
    """An order as it was shown when the button went down, and the price that it was taken to."""

    order: OrderLine
    price: int


@dataclass(frozen=True, slots=True)
class PositionLine:
    """The position at its average price (price units); `result` is the open P&L, shown in the colour `tone`."""

    quantity: int
    average_price: float
    text: str
    result: str = ""
    tone: str = "text"


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A price that is watched. `state` is "armed", "triggered" or "off"."""

    key: Hashable
    price: int
    text: str
    state: str = "armed"


@dataclass(frozen=True, slots=True)
class Fills:
    """Own executions, oldest first, as arrays of one length: time in ns, price, side, quantity (empty: not told)."""

    time_ns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    price: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    side: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    quantity: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
