"""Times on a chart as words, in the chart's zone."""

from __future__ import annotations

from typing import Final

from widgets.chart.time_span import TimeSpan
from widgets.chart.time_ticks import DAY_NS, MONTH_NS
from widgets.chart.zone_offsets import offset_ns
from widgets.formatting import format_date, format_date_with_year, format_time_of_day, format_time_to_minute

_MINUTE_NS: Final = 60 * 10**9


def tick_label(local_ns: int, step_ns: int) -> str:
    """What stands under a tick at a local time: the day at its first tick or where steps are days, else the time."""
    if step_ns >= MONTH_NS:
        day, month, year = format_date_with_year(local_ns).split()
        first_of_year = month == "Jan" and int(day) < 28
        return year if step_ns >= 12 * MONTH_NS or first_of_year else f"{month} {year}"
    if step_ns >= DAY_NS or local_ns % DAY_NS < step_ns:
        return format_date(local_ns)
    return format_time_to_minute(local_ns) if step_ns >= _MINUTE_NS else format_time_of_day(local_ns)


def stamp_label(span: TimeSpan, time_ns: int) -> str:
    """A time in full, as exact as the bars are."""
    local_ns = time_ns + offset_ns(span.zone, time_ns)
    if span.bar_size_ns >= DAY_NS:
        return format_date_with_year(local_ns)
    if span.bar_ns < _MINUTE_NS or span.bar_size_ns == 0:
        return f"{format_date(local_ns)} {format_time_of_day(local_ns)}"
    return f"{format_date(local_ns)} {format_time_to_minute(local_ns)}"
