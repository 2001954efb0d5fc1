"""The ticks of the time axis: bars that begin a round step of local time, far enough from each other.

Rules: a step of hours or less is counted from local midnight, weeks from Monday, longer ones in months. The work is
one look at a bar for each pixel column, however many bars there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.chart.column_edges import column_edges
from widgets.chart.time_span import TimeSpan
from widgets.chart.zone_offsets import offsets_ns

TICK_PX: Final = 84
_SECOND_NS: Final = 10**9
_MINUTE_NS: Final = 60 * _SECOND_NS
DAY_NS: Final = 1440 * _MINUTE_NS
MONTH_NS: Final = 2_629_746 * _SECOND_NS
STEPS_NS: Final = (
    *(s * _SECOND_NS for s in (1, 2, 5, 10, 15, 30)),
    *(m * _MINUTE_NS for m in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720)),
    *(d * DAY_NS for d in (1, 2, 7)),
    *(m * MONTH_NS for m in (1, 3, 6, 12, 24, 60, 120)),
)
"""From `MONTH_NS` on a step means whole months of the calendar."""


@dataclass(frozen=True, slots=True)
class TimeTicks:
    """Arrays of one length: pixel columns and local times (ns, as if they were UTC), and the step between."""

    columns: NDArray[np.int64]
    local_ns: NDArray[np.int64]
    step_ns: int


NO_TICKS: Final = TimeTicks(np.empty(0, np.int64), np.empty(0, np.int64), DAY_NS)


def time_ticks(span: TimeSpan) -> TimeTicks:
    """The ticks of what a span shows."""
    first, last = span.visible()
    if last - first < 2:
        return NO_TICKS
    if (last - first) > 2 * span.width:
        index = np.unique(column_edges(span, 0, span.width))
        index = index[(index >= first) & (index < last)]
    else:
        index = np.arange(first, last)
    if len(index) < 2:
        return NO_TICKS
    times = span.bars.time_ns[index]
    step = _step(span, int(times[-1]) - int(times[0]), first, last)
    local = times + offsets_ns(span.zone, times)
    buckets = _buckets(local, step)
    marks = np.flatnonzero(buckets[1:] != buckets[:-1]) + 1
    chosen = index[marks]
    places = span.bars.origin + chosen if not span.by_time else span.place_of_times(times[marks])
    return TimeTicks(span.x_px(places), local[marks], step)


def _step(span: TimeSpan, lasted_ns: int, first: int, last: int) -> int:
    """The least step whose ticks keep their distance, with gaps counted as bars do."""
    px = max((last - first) * span.bar_px, 1.0) if not span.by_time else max(
        span.x_px_of(span.place_of_index(last - 1)) - span.x_px_of(span.place_of_index(first)), 1.0
    )  # fmt: skip
    wanted = TICK_PX * lasted_ns / px
    return next((step for step in STEPS_NS if step >= min(wanted, STEPS_NS[-1])), STEPS_NS[-1])


def _buckets(local_ns: NDArray[np.int64], step_ns: int) -> NDArray[np.int64]:
    if step_ns >= MONTH_NS:
        months = local_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
        return months // (step_ns // MONTH_NS)
    if step_ns == 7 * DAY_NS:
        return (local_ns // DAY_NS + 3) // 7
    return local_ns // step_ns
