"""Lines that follow from the bars: VWAP of the day and an exponential average. Values in price units, NaN for none."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from widgets.chart.bar_store import BarStore

_DAY_NS = 86_400 * 10**9
_BLOCK = 128


class Indicator(ABC):
    """A line that can be computed whole and extended by the last bar."""

    name = ""

    @abstractmethod
    def computed(self, bars: BarStore) -> NDArray[np.float64]:
        """The value at every bar."""

    @abstractmethod
    def last(self, bars: BarStore, values: NDArray[np.float64]) -> float:
        """The value at the last bar, given the values of the bars before."""

    def extended(self, bars: BarStore, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """`values` after the last bar changed or was appended."""
        if len(values) < bars.count:
            values = np.append(values, np.full(bars.count - len(values), np.nan))
        values[bars.count - 1] = self.last(bars, values)
        return values


class ExponentialAverage(Indicator):
    """The exponential average of the close."""

    def __init__(self, length: int) -> None:
        self.name = f"EMA {length}"
        self._weight = 2.0 / (length + 1)

    def computed(self, bars: BarStore) -> NDArray[np.float64]:
        """The value at every bar; the first is its close. In blocks, since each value needs the one before."""
        close, weight, decay = bars.column("close"), self._weight, 1 - self._weight
        if not len(close):
            return np.empty(0)
        powers = decay ** np.arange(_BLOCK + 1)
        lags = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        kernel = np.where(lags >= 0, weight * powers[np.abs(lags)], 0.0)
        values = np.empty(len(close))
        carry = float(close[0])
        for begin in range(0, len(close), _BLOCK):
            block = close[begin : begin + _BLOCK]
            size = len(block)
            values[begin : begin + size] = kernel[:size, :size] @ block + carry * powers[1 : size + 1]
            carry = float(values[begin + size - 1])
        return values

    def last(self, bars: BarStore, values: NDArray[np.float64]) -> float:
        """The value at the last bar, given the values of the bars before."""
        close = float(bars.column("close")[-1])
        before = float(values[bars.count - 2]) if bars.count > 1 else close
        return before + (close - before) * self._weight


class DayVwap(Indicator):
    """The volume-weighted average of the typical price since midnight UTC."""

    name = "VWAP"

    def computed(self, bars: BarStore) -> NDArray[np.float64]:
        """The value at every bar; NaN until something traded on its day."""
        volume = bars.column("volume")
        if not len(volume):
            return np.empty(0)
        value = np.cumsum(self._typical(bars, 0) * volume)
        total = np.cumsum(volume)
        day = bars.time_ns // _DAY_NS
        starts = np.concatenate(([0], np.flatnonzero(day[1:] != day[:-1]) + 1))
        lengths = np.diff(np.append(starts, len(day)))
        before = np.where(starts > 0, starts - 1, 0)
        value -= np.repeat(np.where(starts > 0, value[before], 0.0), lengths)
        total -= np.repeat(np.where(starts > 0, total[before], 0.0), lengths)
        return np.divide(value, total, out=np.full(len(value), np.nan), where=total > 0)

    def last(self, bars: BarStore, values: NDArray[np.float64]) -> float:
        """The value at the last bar, given the values of the bars before."""
        del values
        first = int(np.searchsorted(bars.time_ns, int(bars.time_ns[-1]) // _DAY_NS * _DAY_NS))
        volume = bars.column("volume")[first:]
        total = float(volume.sum())
        return float(self._typical(bars, first) @ volume) / total if total > 0 else np.nan

    @staticmethod
    def _typical(bars: BarStore, first: int) -> NDArray[np.float64]:
        columns = bars.columns(first, bars.count)
        return (columns[1] + columns[2] + columns[3]) / 3.0
