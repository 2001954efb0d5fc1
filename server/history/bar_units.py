"""Where bars begin: in time by the calendar, in trades by what has traded since the day began.

Rules: no files. A day is one of UTC. Bars of TRADES, VOLUME and RANGE begin anew each day and split no trade, so that a
day's bars follow from its own ticks. Where a cut needs every tick in turn it is made in slices: a generator that yields
between them and returns the rows at which bars begin.
"""

from collections.abc import Generator
from typing import Final

import numpy as np

from server.history.ticks import DAY_NS, Places, borders
from server.protocol.codec import Records
from server.protocol.enums import BarUnit

SIZE_NS_MIN: Final = 10**6
SIZE_NS_MAX: Final = 366 * DAY_NS
DAYS_MAX: Final = 366
SLICE_TICKS: Final = 50_000
MONDAY_DAY: Final = 4
"""1970 began on a Thursday: its first Monday."""
IN_TIME: Final = (BarUnit.TIME, BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH)
Slices = Generator[None, None, Places]


def size_sentence(unit: int, size: int) -> str:
    """What is wrong with a size; empty if nothing is."""
    highest = {
        BarUnit.TIME: SIZE_NS_MAX, BarUnit.DAY: DAYS_MAX, BarUnit.WEEK: 53, BarUnit.MONTH: 120,
        BarUnit.TRADES: 10**9, BarUnit.VOLUME: 1 << 62, BarUnit.RANGE: 1 << 62,
    }.get(unit)  # type: ignore[call-overload]  # fmt: skip
    if highest is None:
        return f"there are no bars of unit {unit}"
    lowest = SIZE_NS_MIN if unit == BarUnit.TIME else 1
    if not lowest <= size <= highest:
        return f"a bar of {BarUnit(unit).name} has {lowest} to {highest}, not {size}"
    return ""


def begins(unit: int, size: int, time_ns: Places) -> Places:
    """The beginning of the bar of each time, for a unit of time."""
    if unit == BarUnit.TIME:
        return time_ns - time_ns % size
    days = time_ns // DAY_NS
    if unit == BarUnit.DAY:
        return (days - days % size) * DAY_NS
    if unit == BarUnit.WEEK:
        return (days - (days - MONDAY_DAY) % (7 * size)) * DAY_NS
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = (months - months % size).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first * DAY_NS


def longest_ns(unit: int, size: int) -> int:
    """No bar of a unit of time is longer."""
    days = {BarUnit.DAY: 1, BarUnit.WEEK: 7, BarUnit.MONTH: 31}.get(unit)  # type: ignore[call-overload]
    return size if days is None else size * days * DAY_NS


def cut(ticks: Records, unit: int, size: int) -> Slices:
    """The rows of one day's ticks, none of them busted, at which bars of TIME, TRADES, VOLUME or RANGE begin."""
    if unit == BarUnit.TRADES or not len(ticks):
        yield
        return np.arange(0, len(ticks), size)
    if unit == BarUnit.TIME:
        yield
        return borders(ticks["time_ns"] // size)
    return (yield from (_by_volume if unit == BarUnit.VOLUME else _by_range)(ticks, size))


def _by_volume(ticks: Records, size: int) -> Slices:
    starts = [0]
    held = 0
    for begin in range(0, len(ticks), SLICE_TICKS):
        for place, quantity in enumerate(ticks["quantity"][begin : begin + SLICE_TICKS].tolist(), begin + 1):
            held += quantity
            if held >= size:
                held = 0
                starts.append(place)
        yield
    if starts[-1] == len(ticks):
        starts.pop()
    return np.array(starts, np.int64)


def _by_range(ticks: Records, size: int) -> Slices:
    starts: list[int] = []
    low, high = 1, 0
    for begin in range(0, len(ticks), SLICE_TICKS):
        for place, price in enumerate(ticks["price"][begin : begin + SLICE_TICKS].tolist(), begin):
            if low <= price <= high:
                continue
            if low > high or max(high, price) - min(low, price) > size:
                starts.append(place)
                low = high = price
            elif price > high:
                high = price
            else:
                low = price
        yield
    return np.array(starts, np.int64)
