"""The pace of a tape: prints and volume of each of the last seconds, by side.

Rules: seconds are those of the prints' own clock; a print from before the window changes nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.side import BUY

SECONDS: Final = 60
RATE_SECONDS: Final = 10
_NS_PER_S: Final = 1_000_000_000


class TapePace:
    """Sums by second; the newest second is that of `advance` or of the newest print."""

    def __init__(self) -> None:
        self._prints: NDArray[np.int64] = np.zeros(SECONDS, np.int64)
        self._volume: NDArray[np.int64] = np.zeros((2, SECONDS), np.int64)
        self._newest = 0

    def advance(self, now_ns: int) -> bool:
        """It is that late; True if a new second began."""
        second = now_ns // _NS_PER_S
        gone = second - self._newest
        if gone <= 0:
            return False
        cleared = np.arange(self._newest + 1, self._newest + 1 + min(gone, SECONDS)) % SECONDS
        if gone >= SECONDS:
            cleared = np.arange(SECONDS)
        self._prints[cleared] = 0
        self._volume[:, cleared] = 0
        self._newest = second
        return True

    def add(self, prints: NDArray[np.void]) -> None:
        """Count prints."""
        if not len(prints):
            return
        self.advance(int(prints["time_ns"].max()))
        seconds = prints["time_ns"] // _NS_PER_S
        recent = seconds > self._newest - SECONDS
        places = (seconds[recent] % SECONDS).astype(np.intp)
        np.add.at(self._prints, places, 1)
        sides = (prints["side"][recent] != BUY).astype(np.intp)
        np.add.at(self._volume, (sides, places), prints["quantity"][recent])

    def histogram(self) -> NDArray[np.int64]:
        """Volume of buyers and of sellers a second, oldest first: shape (2, SECONDS)."""
        return self._volume[:, self._order()]

    def rates(self) -> tuple[float, float]:
        """Prints and volume a second, over the last whole seconds."""
        whole = self._order()[-RATE_SECONDS - 1 : -1]
        return float(self._prints[whole].sum()) / RATE_SECONDS, float(self._volume[:, whole].sum()) / RATE_SECONDS

    def _order(self) -> NDArray[np.int64]:
        return (self._newest + 1 + np.arange(SECONDS)) % SECONDS
