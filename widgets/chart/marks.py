"""What a chart marks of the own business: working orders, the position and fills."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One working order. `text` is what its tag says after the side; `key` comes back when it is cancelled."""

    key: Hashable
    side: int
    price: int
    text: str
    style: str = "working"


@dataclass(frozen=True, slots=True)
class PositionLine:
    """The position at its average price (price units); `result` is the open P&L, shown in the colour `tone`."""

    quantity: int
    average_price: float
    text: str
    result: str = ""
    tone: str = "text"


@dataclass(frozen=True, slots=True)
class Fills:
    """Own executions, as arrays of one length: time in ns, price, side."""

    time_ns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    price: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    side: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
