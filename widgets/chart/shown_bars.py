"""The bars as they came, and as the chart type shows them: the same, Heikin-Ashi or Renko.

Rules: what follows from bars is kept up by the tail on every live change; older history is worked into it whole. The
newest bar keeps its place through all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from widgets.chart.bar_store import CLOSE, HIGH, LOW, VOLUME, BarStore
from widgets.chart.chart_type import ChartType
from widgets.chart.derived_bars import MEMORY, heikin_ashi, renko
from widgets.chart.value_scale import round_step

_BRICK_SAMPLE: Final = 500
_BRICK_BARS: Final = 2.0
"""A brick that is chosen by itself is about so many usual bars high."""


class ShownBars:
    """`source` are the bars that came, `store` those that are drawn."""

    def __init__(self) -> None:
        self.source = BarStore()
        self.chart_type = ChartType.CANDLES
        self.brick = 0.0
        """Size of a Renko brick in price units; 0: by itself."""
        self.brick_used = 1.0
        self.tick_size = 1
        self._derived = BarStore()

    @property
    def store(self) -> BarStore:
        """The bars that are drawn."""
        derives = self.chart_type in (ChartType.HEIKIN_ASHI, ChartType.RENKO)
        return self._derived if derives else self.source

    def set_type(self, chart_type: ChartType, brick: float = 0.0) -> None:
        """Derive other bars."""
        self.chart_type, self.brick = chart_type, brick
        self._derived = BarStore()
        self._derive(end=self.source.origin + self.source.count)

    def set(self, time_ns: ArrayLike, columns: Sequence[ArrayLike]) -> None:
        """Replace all."""
        self.source.set(time_ns, columns)
        self._derive(end=0)

    def prepend(self, time_ns: ArrayLike, columns: Sequence[ArrayLike]) -> int:
        """Add older bars; give how many of `source` were added."""
        added = self.source.prepend(time_ns, columns)
        if added and self.chart_type is ChartType.HEIKIN_ASHI:
            self._prepend_averages(added)
        elif added:
            self._derive(end=self._derived.origin + self._derived.count)
        return added

    def put(self, time_ns: int, values: Sequence[float]) -> bool:
        """Update the last bar or append a newer one; false if it is older than the last and was ignored."""
        before = self.source.count
        if self.source.put(time_ns, values) is None:
            return False
        self._follow(before - (self.source.count == before))
        return True

    def put_tail(self, time_ns: NDArray[np.int64], columns: Sequence[NDArray[np.int64]], appended: int) -> None:
        """The newest bars: the last `appended` are new, the others replace what is there."""
        source = self.source
        count = len(time_ns)
        first = max(source.count - (count - appended), 0)
        for row in range(count):
            values = [float(column[row]) for column in columns]
            if row < count - appended and first + row < source.count:
                source.change(first + row, values)
            elif not source.count or time_ns[row] >= source.time_ns[-1]:
                source.append(int(time_ns[row]), values)
        self._follow(first)

    def _derive(self, end: int) -> None:
        source = self.source
        columns = source.columns(0, source.count)
        if self.chart_type is ChartType.HEIKIN_ASHI:
            self._derived.set(source.time_ns, list(heikin_ashi(columns)), source.origin + source.count)
        elif self.chart_type is ChartType.RENKO:
            self.brick_used = self._brick_size()
            made, bricks = renko(columns, self.brick_used)
            self._derived.distinct_times = False
            self._derived.set(source.time_ns[made], list(bricks), end)

    def _brick_size(self) -> float:
        if self.brick > 0:
            return self.brick
        bars = self.source.columns(max(self.source.count - _BRICK_SAMPLE, 0), self.source.count)
        usual = float(np.median(bars[HIGH] - bars[LOW])) if bars.shape[1] else 0.0
        return round_step(max(usual * _BRICK_BARS, 1.0), float(self.tick_size))

    def _follow(self, first: int) -> None:
        """The bars of `source` from `first` on changed or are new."""
        if self.chart_type is ChartType.HEIKIN_ASHI:
            self._follow_averages(first)
        elif self.chart_type is ChartType.RENKO:
            self._follow_bricks(first)

    def _follow_averages(self, first: int) -> None:
        source, derived = self.source, self._derived
        before = derived.columns(first - 1, first)[:, 0].copy() if first else None
        for row, values in enumerate(heikin_ashi(source.columns(first, source.count), before).T, first):
            if row < derived.count:
                derived.change(row, values)
            else:
                derived.append(int(source.time_ns[row]), values)
        derived.origin = source.origin

    def _prepend_averages(self, added: int) -> None:
        """The older bars, and those after them in which they can still be felt."""
        source = self.source
        some = heikin_ashi(source.columns(0, min(added + MEMORY, source.count)))
        self._derived.prepend(source.time_ns[:added], list(some[:, :added]))
        for row in range(added, some.shape[1]):
            self._derived.change(row, some[:, row])

    def _follow_bricks(self, first: int) -> None:
        """Take away what the changed bars made and make it anew from the last brick that stays."""
        source, derived = self.source, self._derived
        kept = int(np.searchsorted(derived.time_ns, source.time_ns[first])) if first < source.count else derived.count
        if not kept:
            self._derive(end=derived.origin + derived.count if derived.count else 0)
            return
        derived.cut(kept)
        last = derived.columns(kept - 1, kept)[:, 0].copy()
        made, bricks = renko(source.columns(first, source.count), self.brick_used, round(last[LOW] / self.brick_used))
        begin = int(np.searchsorted(source.time_ns, derived.time_ns[-1]))
        until = first + (int(made[0]) if len(made) else source.count - first)
        last[VOLUME] = source.fold(np.array([begin]), np.array([until]))[VOLUME, 0] if until > begin else 0.0
        derived.change(kept - 1, last)
        for bar, values in zip((made + first).tolist(), bricks.T, strict=True):
            derived.append(int(source.time_ns[bar]), values)

    def first_close(self, first: int, last: int) -> float:
        """What percent are of: the first close that is drawn of the bars [first, last); 0 without bars."""
        return float(self.store.columns(first, last)[CLOSE, 0]) if last > first else 0.0
