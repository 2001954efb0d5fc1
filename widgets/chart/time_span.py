"""What part of time a chart shows, shared by all of its panes: places to pixel columns and times, and back.

Rules: a place is a number on the x axis. By bar each bar has one place, whole and fixed for ever; by time a place is
a length of time (`unit_ns`) and gaps are as wide as they lasted. Columns lie on a grid that moves in whole pixels, so
that panning never changes which bars share a column.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

import numpy as np
from numpy.typing import NDArray

from widgets.chart.bar_store import BarStore

_SAMPLE = 64
_MINUTE_NS = 60 * 10**9
Places = NDArray[np.int64] | NDArray[np.float64]


class TimeSpan:
    """The x axis of one chart. `width` in px; `x_first` is the place at its left end, `bar_px` the width of a place."""

    def __init__(self, bars: BarStore | None = None) -> None:
        self.bars = bars if bars is not None else BarStore()
        self.width = 1
        self.show(-100.0, 20.0)
        self.bar_size_ns = _MINUTE_NS
        """How long a bar lasts; 0 where bars end by something else than time (ticks, volume, range)."""
        self.by_time = False
        self.zone: tzinfo = UTC
        """The zone of the labels; times themselves are always UTC."""
        self.cross_place: float | None = None
        """The place under the crosshair of this chart or of a linked one; None for no crosshair."""
        self._anchor_ns = 0
        self._unit_ns = _MINUTE_NS

    # places and pixels

    def show(self, x_first: float, x_last: float) -> None:
        """Show what is between two places."""
        self.x_first, self.bar_px = x_first, self.width / max(x_last - x_first, 1e-9)

    @property
    def x_last(self) -> float:
        """The place at the right end."""
        return self.x_first + self.width / self.bar_px

    @property
    def origin_px(self) -> int:
        """The column of the grid that is the first one of the plot."""
        return int(np.floor(self.x_first * self.bar_px))

    def x_px(self, place: Places) -> NDArray[np.int64]:
        """Pixel columns of the middles of bars at places (array)."""
        return np.floor((place + 0.5) * self.bar_px).astype(np.int64) - self.origin_px

    def x_px_of(self, place: float) -> int:
        """Pixel column of the middle of a bar at a place."""
        return int((place + 0.5) * self.bar_px // 1) - self.origin_px

    def position_at(self, x: float) -> float:
        """The place at a pixel column, with its fraction: the reverse of `x_px_of`."""
        return (x + self.origin_px + 0.5) / self.bar_px - 0.5

    def place_at(self, x: float) -> int:
        """The whole place whose bar stands at a pixel column (by bar)."""
        return int(np.floor((x + self.origin_px + 0.5) / self.bar_px))

    def snapped_place(self, x: float) -> float:
        """Where a crosshair at a pixel column stands: on a bar, or by time in a gap between bars where it is."""
        if not self.by_time:
            return float(self.place_at(x))
        index = self.index_near(self.position_at(x))
        on_bar = self.place_of_index(index) if index >= 0 else self.position_at(x)
        return on_bar if abs(self.x_px_of(on_bar) - x) <= max(self.bar_px, 3.0) else self.position_at(x)

    def index_near(self, place: float) -> int:
        """Index of the bar nearest to a place; -1 without bars."""
        bars = self.bars
        if not bars.count:
            return -1
        if not self.by_time:
            return min(max(int(np.floor(place + 0.5)) - bars.origin, 0), bars.count - 1)
        time_ns = self.time_of(place)
        after = int(np.searchsorted(bars.time_ns, time_ns))
        if after == 0:
            return 0
        if after == bars.count:
            return bars.count - 1
        nearer = time_ns - int(bars.time_ns[after - 1]) <= int(bars.time_ns[after]) - time_ns
        return after - 1 if nearer else after

    # bars and places

    @property
    def begin(self) -> float:
        """The place of the first bar."""
        return self.place_of_index(0)

    @property
    def end(self) -> float:
        """The place after the last bar."""
        return self.place_of_index(self.bars.count - 1) + 1 if self.bars.count else self.begin

    def place_of_index(self, index: int) -> float:
        """The place of a bar."""
        bars = self.bars
        if not self.by_time or not bars.count:
            return bars.origin + index
        return (int(bars.time_ns[index]) - self._anchor_ns) / self._unit_ns

    def places(self, first: int, last: int, stride: int = 1) -> Places:
        """Places of the bars first, first + stride, ... before `last`."""
        if not self.by_time:
            return np.arange(first, max(first, last), stride) + self.bars.origin
        return self.place_of_times(self.bars.time_ns[first:last:stride])

    def places_of(self, index: NDArray[np.int64]) -> Places:
        """Places of some bars (array of indices)."""
        return self.place_of_times(self.bars.time_ns[index]) if self.by_time else index + self.bars.origin

    def place_of_times(self, time_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Places of times of bars (array) on the axis by time."""
        return (time_ns - self._anchor_ns) / self._unit_ns

    def times_of_places(self, places: NDArray[np.float64]) -> NDArray[np.int64]:
        """Least times at or right of places (array) on the axis by time."""
        return np.ceil(places * self._unit_ns + self._anchor_ns).astype(np.int64)

    def visible(self, margin: float = 0.0) -> tuple[int, int]:
        """Indices [first, last) of the bars that have a part on the plot, `margin` places more at both ends."""
        return self.between(self.x_first - margin, self.x_last + margin)

    def between(self, from_place: float, to_place: float) -> tuple[int, int]:
        """Indices [first, last) of the bars that have a part between two places."""
        if not self.by_time:
            return self.bars.visible(from_place, to_place)
        times = self.bars.time_ns
        return (
            int(np.searchsorted(times, self._time_by_time(from_place - 1), "right")),
            int(np.searchsorted(times, self._time_by_time(to_place), "left")),
        )

    # times and places

    def place_of_time(self, time_ns: int) -> float:
        """The place of a time: between bars by the share of the gap, before the first and after the last by the
        length of a bar. Reversed by `time_of`."""
        bars = self.bars
        if self.by_time or not bars.count:
            return (time_ns - self._anchor_ns) / self._unit_ns
        index = int(np.searchsorted(bars.time_ns, time_ns, "right")) - 1
        length = self.bar_ns
        if index < 0:
            return bars.origin + (time_ns - int(bars.time_ns[0])) / length
        begins = int(bars.time_ns[index])
        if index == bars.count - 1:
            return bars.origin + index + (time_ns - begins) / length
        return bars.origin + index + (time_ns - begins) / (int(bars.time_ns[index + 1]) - begins)

    def time_of(self, place: float) -> int:
        """The time of a place; the reverse of `place_of_time`."""
        bars = self.bars
        if self.by_time or not bars.count:
            return self._time_by_time(place)
        index = int(np.floor(place)) - bars.origin
        share = place - bars.origin - index
        if index < 0:
            return int(bars.time_ns[0]) + round((index + share) * self.bar_ns)
        if index >= bars.count - 1:
            return int(bars.time_ns[bars.count - 1]) + round((index - bars.count + 1 + share) * self.bar_ns)
        begins = int(bars.time_ns[index])
        return begins + round(share * (int(bars.time_ns[index + 1]) - begins))

    @property
    def bar_ns(self) -> int:
        """How long a bar lasts, or the mean of the last ones where they end by something else than time; above 0."""
        if self.bar_size_ns > 0:
            return self.bar_size_ns
        times = self.bars.time_ns[-_SAMPLE:]
        return max((int(times[-1]) - int(times[0])) // (len(times) - 1), 1) if len(times) > 1 else _MINUTE_NS

    def use_bars(self, bars: BarStore) -> None:
        """Show other bars: by time the last one stands where by bar it would."""
        self.bars = bars
        self._unit_ns = self.bar_ns
        if bars.count:
            self._anchor_ns = int(bars.time_ns[bars.count - 1]) + self._unit_ns

    def set_by_time(self, by_time: bool) -> None:
        """Space bars by time or one beside the other; what is at the right end stays in sight."""
        if by_time == self.by_time:
            return
        right = self.time_of(self.x_last)
        self.by_time = by_time
        if by_time:
            self.use_bars(self.bars)
        self.x_first += self.place_of_time(right) - self.x_last

    def _time_by_time(self, place: float) -> int:
        return self._anchor_ns + round(place * self._unit_ns)
