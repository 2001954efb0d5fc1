"""The trades of one instrument as far as they are known: live ones, and pages of history put before them.

Rules: oldest first, each trade once (trades are numbered without a hole); what an auction traded has no aggressor.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import MarketDataFlag

BUYER, SELLER, NOBODY = 0, 1, 2
"""Who came to whom."""

PRINT: Final = np.dtype([
    ("time_ns", "<i8"), ("price", "<i8"), ("quantity", "<i8"), ("trade_number", "<i8"), ("aggressor", "u1"),
])  # fmt: skip


def prints(trades: NDArray[np.void]) -> NDArray[np.void]:
    """TRADE or TICK_RECORD rows as PRINT rows."""
    rows = np.zeros(len(trades), PRINT)
    for name in ("time_ns", "price", "quantity", "trade_number"):
        rows[name] = trades[name]
    rows["aggressor"] = np.where(trades["flags"] & MarketDataFlag.AUCTION, NOBODY, trades["side"])
    return rows


class Tape:
    """PRINT rows; read `rows`, a view that is valid until the next change."""

    def __init__(self) -> None:
        """No trade is known."""
        self._buffer: NDArray[np.void] = np.zeros(1024, PRINT)
        self._start = self._end = 512
        self.complete = False
        """True once history has nothing older."""
        self.hole = False
        """True where trades are missing between those that are held: they have to be taken anew."""
        self.reloads = 0
        """Rises when rows that were there may be others, or have others before them."""

    def __len__(self) -> int:
        return self._end - self._start

    @property
    def rows(self) -> NDArray[np.void]:
        """All trades, oldest first."""
        return self._buffer[self._start : self._end]

    @property
    def first_time_ns(self) -> int:
        """The time from which on every trade is known; 0: from the beginning, or none is held."""
        return 0 if self.complete or not len(self) else int(self.rows["time_ns"][0])

    @property
    def first_number(self) -> int:
        """The oldest trade held; 0: none."""
        return int(self.rows["trade_number"][0]) if len(self) else 0

    def clear(self) -> None:
        """Forget every trade."""
        self._start = self._end = len(self._buffer) // 2
        self.complete = self.hole = False
        self.reloads += 1

    def append(self, trades: NDArray[np.void]) -> int:
        """Take rows of PRINT after the newest one held; those that are known are left out. Give how many were new."""
        if len(self):
            trades = trades[trades["trade_number"] > self.rows["trade_number"][-1]]
        if not len(trades):
            return 0
        numbers = trades["trade_number"]
        before = int(self.rows["trade_number"][-1]) if len(self) else int(numbers[0]) - 1
        self.hole |= bool(numbers[0] != before + 1 or (np.diff(numbers) != 1).any())
        if self._end + len(trades) > len(self._buffer):
            self._grow(0, len(trades))
        self._buffer[self._end : self._end + len(trades)] = trades
        self._end += len(trades)
        return len(trades)

    def prepend(self, trades: NDArray[np.void], *, more: bool) -> int:
        """Take a page of PRINT rows before the oldest one held. Give how many were new."""
        self.complete = not more
        if len(self):
            trades = trades[trades["trade_number"] < self.first_number]
        if not len(trades):
            return 0
        if len(self):
            self.hole |= int(trades["trade_number"][-1]) + 1 != self.first_number
        if self._start < len(trades):
            self._grow(len(trades), 0)
        self._start -= len(trades)
        self._buffer[self._start : self._start + len(trades)] = trades
        self.reloads += 1
        return len(trades)

    def between(self, from_ns: int, to_ns: int) -> NDArray[np.void]:
        """The trades of [from, to)."""
        times = self.rows["time_ns"]
        first, last = np.searchsorted(times, [from_ns, to_ns])
        return self.rows[first:last]

    def first_covered(self, bars: NDArray[np.void]) -> int:
        """Index of the first bar of which, and from which on, every trade is known."""
        if not len(self) or self.hole:
            return len(bars)
        if self.complete:
            return 0
        first = int(np.searchsorted(bars["time_ns"], self.first_time_ns))
        if (
            "first_trade" in (bars.dtype.names or ())
            and first
            and 0 < self.first_number <= bars["first_trade"][first - 1]
        ):
            first -= 1
        return first

    def _grow(self, front: int, back: int) -> None:
        held = self.rows.copy()
        room = 1024 + len(held) // 2
        self._buffer = np.zeros(front + room + len(held) + back + room, PRINT)
        self._start = front + room
        self._end = self._start + len(held)
        self._buffer[self._start : self._end] = held


def bar_keys(bars: NDArray[np.void]) -> tuple[NDArray[np.int64], str]:
    """What tells to which bar a trade belongs: the first of each bar, and the field of PRINT rows that it is held
    against: numbers of trades where all of them are known, else times. Both ascend.
    """
    if "first_trade" in (bars.dtype.names or ()) and bars["first_trade"].all():
        return bars["first_trade"].astype(np.int64), "trade_number"
    return bars["time_ns"], "time_ns"
