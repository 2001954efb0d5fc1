"""The public trades of one instrument: the newest ones, each once, in the order of their numbers.

Rules: the exchange counts the trades of an instrument from 1 without a gap, so what is missing is known; history is
put in where it belongs and wins over what came live, since it knows what was taken back.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.state.joining import joined
from server.protocol.records import TICK_RECORD

CAPACITY = 2_048
WIDE_CAPACITY = 100_000
"""What a tape keeps of the instrument that it shows."""

WIDE_MAX = 6
"""So many instruments keep a whole tape; that of the one shown longest ago is cut."""


class TradeRing:
    """TICK_RECORD rows, oldest overwritten."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """An empty ring."""
        self._rows: NDArray[np.void] = np.zeros(2 * min(capacity, CAPACITY), TICK_RECORD)
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

    @property
    def is_wide(self) -> bool:
        """Whether it keeps what a tape wants."""
        return self._capacity >= WIDE_CAPACITY

    def resize(self, capacity: int) -> None:
        """Keep more from now on, or forget all but the newest."""
        held = self.rows.copy()
        self._capacity = capacity
        self._rows = np.zeros(2 * min(capacity, CAPACITY), TICK_RECORD)
        self._end = 0
        self._append(held)

    def append(self, trades: NDArray[np.void]) -> None:
        """Take live BOOK_RECORD rows of kind TRADE, oldest first. They wait until somebody looks."""
        self.total += len(trades)
        self._waiting.append(trades)
        self._waiting_count += len(trades)
        if self._waiting_count > self._capacity:
            self._settle()

    def after(self, number: int) -> NDArray[np.void]:
        """The trades held with a higher number."""
        rows = self.rows
        return rows[int(np.searchsorted(rows["trade_number"], number, side="right")) :]

    def missing(self) -> int:
        """How many trades between the oldest and the newest held are not here."""
        rows = self.rows
        return int(rows["trade_number"][-1]) - int(rows["trade_number"][0]) + 1 - len(rows) if len(rows) else 0

    def wanted_before(self) -> int:
        """Before which trade number to ask history for what is missing, the newest hole first; 0: nothing is."""
        numbers = self.rows["trade_number"].astype(np.int64)
        holes = np.flatnonzero(np.diff(numbers) > 1)
        return int(numbers[holes[-1] + 1]) if len(holes) else 0

    def _settle(self) -> None:
        if not self._waiting:
            return
        trades = joined(self._waiting)[-self._capacity :]
        self._waiting = []
        self._waiting_count = 0
        ticks = np.zeros(len(trades), TICK_RECORD)
        for name in ("time_ns", "price", "quantity", "trade_number", "side", "flags", "sequence"):
            ticks[name] = trades[name]
        held = self._rows[max(0, self._end - self._capacity) : self._end]
        if len(held) and len(ticks) and ticks["trade_number"][0] <= held["trade_number"][-1]:
            ticks = ticks[~np.isin(ticks["trade_number"], held["trade_number"])]
            if len(ticks) and ticks["trade_number"][0] <= held["trade_number"][-1]:
                self._merge(ticks)
                return
        self._append(ticks)

    def put_history(self, ticks: NDArray[np.void]) -> None:
        """Put TICK_RECORD rows where they belong, in any order; of what does not fit the oldest goes."""
        self._settle()
        if len(ticks):
            self._merge(ticks)

    def clear(self) -> None:
        """Forget every trade."""
        self._waiting.clear()
        self._waiting_count = 0
        self._end = 0

    def _merge(self, ticks: NDArray[np.void]) -> None:
        """Each number once; a row of `ticks` wins."""
        held = self._rows[max(0, self._end - self._capacity) : self._end]
        both = joined([ticks, held.copy()])
        _, places = np.unique(both["trade_number"], return_index=True)
        self._end = 0
        self._append(both[places])

    def _append(self, ticks: NDArray[np.void]) -> None:
        ticks = ticks[-self._capacity :]
        if self._end + len(ticks) > len(self._rows):
            held = self._rows[max(0, self._end - self._capacity) : self._end]
            kept = held[max(0, len(held) + len(ticks) - self._capacity) :].copy()
            room = min(2 * self._capacity, max(len(self._rows), 2 * (len(kept) + len(ticks))))
            if room > len(self._rows):
                self._rows = np.zeros(room, TICK_RECORD)
            self._rows[: len(kept)] = kept
            self._end = len(kept)
        self._rows[self._end : self._end + len(ticks)] = ticks
        self._end += len(ticks)


class WideTapes:
    """Of which instruments a whole tape is kept."""

    def __init__(self, ring: Callable[[int], TradeRing]) -> None:
        """`ring` gives the trades of an instrument."""
        self._ring = ring
        self._wide: list[int] = []

    def widen(self, instrument: int) -> None:
        """Keep a whole tape of an instrument from now on."""
        self._wide = [one for one in self._wide if one != instrument] + [instrument]
        while len(self._wide) > WIDE_MAX:
            self._ring(self._wide.pop(0)).resize(CAPACITY)
        ring = self._ring(instrument)
        if not ring.is_wide:
            ring.resize(WIDE_CAPACITY)
