"""What ends a bar: a length of time, a day, week or month of the calendar, trades, volume or range."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import BarUnit

MINUTE_NS: Final = 60_000_000_000
DAY_NS: Final = 1440 * MINUTE_NS
IN_TIME: Final = (BarUnit.TIME, BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH)
_MONDAY_DAY: Final = 4
"""1970 began on a Thursday: its first Monday."""
_MONTH_NS: Final = 2_629_746_000_000_000


@dataclass(frozen=True, slots=True)
class BarSize:
    """`size` of a `BarUnit`: ns, days, weeks, months, trades, lots or price units."""

    unit: BarUnit
    size: int

    @staticmethod
    def of_time(size_ns: int) -> "BarSize":
        """Bars of a length of time."""
        return BarSize(BarUnit.TIME, size_ns)

    @property
    def in_time(self) -> bool:
        """Whether the clock ends the bar."""
        return self.unit in IN_TIME

    @property
    def length_ns(self) -> int:
        """How long a bar lasts, of a month about; 0 where the clock does not end it."""
        of_one = {BarUnit.TIME: 1, BarUnit.DAY: DAY_NS, BarUnit.WEEK: 7 * DAY_NS, BarUnit.MONTH: _MONTH_NS}
        return self.size * of_one.get(self.unit, 0)

    def begins(self, time_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """The beginning of the bar of each time; of a day (UTC) where the clock does not end the bar."""
        if self.unit == BarUnit.TIME:
            return time_ns - time_ns % self.size
        days = time_ns // DAY_NS
        if self.unit == BarUnit.WEEK:
            return (days - (days - _MONDAY_DAY) % (7 * self.size)) * DAY_NS
        if self.unit == BarUnit.MONTH:
            months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            first: NDArray[np.datetime64] = (months - months % self.size).astype("datetime64[M]")
            return first.astype("datetime64[D]").astype(np.int64) * DAY_NS
        return (days - days % (self.size if self.unit == BarUnit.DAY else 1)) * DAY_NS

    def ends_ns(self, time_ns: int) -> int:
        """When the bar of a time is over; 0 where the clock does not end it."""
        if not self.in_time:
            return 0
        begin = self.begins(np.array([time_ns]))
        if self.unit != BarUnit.MONTH:
            return int(begin[0]) + self.length_ns
        return int(self.begins(begin + (31 * self.size + 1) * DAY_NS)[0])
