"""The newest public trades of one instrument, in a ring of fixed size."""

import numpy as np
from numpy.typing import NDArray

from app.state.joining import joined
from server.protocol.records import TICK_RECORD

CAPACITY = 2048


class TradeRing:
    """TICK_RECORD rows, oldest overwritten; history may be put under what came live."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """An empty ring."""
        self._rows: NDArray[np.void] = np.zeros(2 * capacity, TICK_RECORD)
        self._capacity = capacity
        self._end = 0
        self._waiting: list[NDArray[np.void]] = []
        self._waiting_count = 0
        self.total = 0
        """Trades ever appended live, for rates and to tell a view how many are new."""

    def __len__(self) -> int:
        self._settle()
        return min(self._end, self._capacity)

    @property
    def rows(self) -> NDArray[np.void]:
        """The trades held, oldest first, as one contiguous view."""
        self._settle()
        return self._rows[max(0, self._end - self._capacity) : self._end]

    def append(self, trades: NDArray[np.void]) -> None:
        """Take live BOOK_RECORD rows of kind TRADE, oldest first. They wait until somebody looks."""
        self.total += len(trades)
        self._waiting.append(trades)
        self._waiting_count += len(trades)
        if self._waiting_count > self._capacity:
            self._settle()

    def _settle(self) -> None:
        if not self._waiting:
            return
        trades = joined(self._waiting)[-self._capacity :]
        self._waiting = []
        self._waiting_count = 0
        ticks = np.zeros(len(trades), TICK_RECORD)
        for name in ("time_ns", "price", "quantity", "trade_number", "side", "flags", "sequence"):
            ticks[name] = trades[name]
        self._append(ticks)

    def put_history(self, ticks: NDArray[np.void]) -> None:
        """Put TICK_RECORD rows under the live ones; those that are not older than the oldest held are dropped."""
        held = self.rows.copy()
        if len(held):
            ticks = ticks[ticks["trade_number"] < held["trade_number"][0]]
        self._end = 0
        self._append(np.concatenate([ticks, held]))

    def clear(self) -> None:
        """Forget every trade."""
        self._waiting.clear()
        self._end = 0

    def _append(self, ticks: NDArray[np.void]) -> None:
        ticks = ticks[-self._capacity :]
        if self._end + len(ticks) > len(self._rows):
            held = self._rows[max(0, self._end - self._capacity) : self._end]
            kept = held[max(0, len(held) + len(ticks) - self._capacity) :].copy()
            self._rows[: len(kept)] = kept
            self._end = len(kept)
        self._rows[self._end : self._end + len(ticks)] = ticks
        self._end += len(ticks)
