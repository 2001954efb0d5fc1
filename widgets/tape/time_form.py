"""How a tape writes the time of a print: which clock, and how finely."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from widgets.formatting import format_time

_NS_PER_S: Final = 1_000_000_000
_BLOCK_S: Final = 900
"""Clocks are changed at a quarter of an hour at the finest."""


LOCAL: Final = "local"


class TimeForm(Enum):
    """Forms by the name that settings keep; the text is what a person reads."""

    MILLISECONDS = "Milliseconds"
    MICROSECONDS = "Microseconds"
    SECONDS = "Seconds"


class TimeText:
    """Writes times of one form in UTC, or in the local time of a zone (by name, or `LOCAL`: this machine's)."""

    def __init__(self, form: TimeForm = TimeForm.MILLISECONDS, zone: str = "") -> None:
        """Raise `ZoneInfoNotFoundError` for a zone that nobody knows."""
        self.form, self.zone = form, zone
        self._zone = ZoneInfo(zone) if zone not in ("", LOCAL) else None
        self._offsets: dict[int, int] = {}

    @property
    def title(self) -> str:
        """What stands over the column."""
        return "Time UTC" if not self.zone else f"Time {self.zone.rpartition('/')[2].replace('_', ' ')}"

    @property
    def sample(self) -> str:
        """A text of the width that a column needs."""
        return self(0)

    def __call__(self, time_ns: int) -> str:
        """`14:03:22.118`, with three decimals more, or without any."""
        local_ns = time_ns + self._offset_ns(time_ns) if self.zone else time_ns
        text = format_time(local_ns)
        if self.form is TimeForm.MICROSECONDS:
            return f"{text}{local_ns // 1000 % 1000:03d}"
        return text[:8] if self.form is TimeForm.SECONDS else text

    def _offset_ns(self, time_ns: int) -> int:
        block = time_ns // _NS_PER_S // _BLOCK_S
        known = self._offsets.get(block)
        if known is None:
            offset = datetime.fromtimestamp(block * _BLOCK_S, UTC).astimezone(self._zone).utcoffset()
            known = self._offsets[block] = int(offset.total_seconds()) * _NS_PER_S if offset else 0
        return known
