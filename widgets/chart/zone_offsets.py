"""UTC offsets of a time zone for arrays of times, daylight saving included: UTC comes in, the offset goes out.

The changes of a year are found once by halving and kept, so that a view pays for no conversion by bar.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NS: Final = 10**9
_STEP_S: Final = 14 * 86_400
FIRST_YEAR, LAST_YEAR = 1971, 2199


def offset_ns(zone: tzinfo, time_ns: int) -> int:
    """The offset at one time."""
    return _offset_s(zone, min(max(time_ns // _NS, _begin_s(FIRST_YEAR)), _begin_s(LAST_YEAR))) * _NS


def offsets_ns(zone: tzinfo, time_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """The offset at each of some times, ascending."""
    if not len(time_ns) or zone is UTC:
        return np.zeros(len(time_ns), np.int64)
    first, last = (min(max(_year_of(int(t)), FIRST_YEAR), LAST_YEAR) for t in (time_ns[0], time_ns[-1]))
    changes, offsets = [], [offset_ns(zone, _begin_s(first) * _NS)]
    for year in range(first, last + 1):
        for at_s, offset_s in _changes(zone, year):
            changes.append(at_s * _NS)
            offsets.append(offset_s * _NS)
    return np.array(offsets)[np.searchsorted(np.array(changes, np.int64), time_ns, "right")]


def _year_of(time_ns: int) -> int:
    return 1970 + time_ns // (_NS * 31_556_952)


def _begin_s(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _offset_s(zone: tzinfo, time_s: int) -> int:
    offset = datetime.fromtimestamp(time_s, zone).utcoffset() or timedelta()
    return int(offset.total_seconds())


@lru_cache(maxsize=1024)
def _changes(zone: tzinfo, year: int) -> tuple[tuple[int, int], ...]:
    """Changes of the offset in a year of UTC: (second at which it holds first, offset from then on)."""
    found: list[tuple[int, int]] = []
    begin, end = _begin_s(year), _begin_s(year + 1)
    before_s, before = begin - 1, _offset_s(zone, begin - 1)
    for at_s in [*range(begin, end - 1, _STEP_S), end - 1]:
        after = _offset_s(zone, at_s)
        if after != before:
            low, high = before_s, at_s
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset_s(zone, middle) == before else (low, middle)
            found.append((high, after))
        before_s, before = at_s, after
    return tuple(found)
