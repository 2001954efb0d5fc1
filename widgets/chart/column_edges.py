"""Which bars stand in which pixel column: found by the columns, not by the bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from widgets.chart.time_span import TimeSpan


def column_edges(span: TimeSpan, x_from: int, x_to: int) -> NDArray[np.int64]:
    """First bar of each pixel column from `x_from` to `x_to` inclusive: column x holds [edge[x], edge[x + 1])."""
    columns = np.arange(x_from, x_to + 1)
    wanted = (columns + span.origin_px) / span.bar_px - 0.5
    if span.by_time:
        return _by_time(span, columns, wanted)
    first = np.ceil(wanted).astype(np.int64)
    # One step where the two roundings disagree; `x_px` is what counts.
    first -= span.x_px(first - 1) >= columns
    first += span.x_px(first) < columns
    return np.clip(first - span.bars.origin, 0, span.bars.count)


def _by_time(span: TimeSpan, columns: NDArray[np.int64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    times = span.bars.time_ns
    first = np.searchsorted(times, span.times_of_places(wanted))
    if not len(times):
        return first.astype(np.int64)
    # As above; bars of one time stay together.
    before = np.maximum(first - 1, 0)
    first = np.where((first > 0) & (span.x_px(span.places_of(before)) >= columns), before, first)
    there = np.minimum(first, len(times) - 1)
    first = np.where((first < len(times)) & (span.x_px(span.places_of(there)) < columns), first + 1, first)
    there = np.minimum(first, len(times) - 1)
    return np.where(first < len(times), np.searchsorted(times, times[there]), first)
