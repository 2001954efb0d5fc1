"""Sizes of bars as a trader writes them: `90s`, `5m`, `4h`, `1D`, `1W`, `1M`, `200T`, `10kV`, `8R`.

T are trades, V lots of volume, R ticks of range. Only minutes and months differ by their case.
"""

import re
from typing import Final

from app.state.bar_size import MINUTE_NS, BarSize
from server.protocol.enums import BarUnit

USUAL: Final = "5m"
_FORM: Final = re.compile(r"\s*([1-9][0-9]{0,8})\s*(k?)\s*([smhdwtvrSHDWMTVR])\s*")
_UNITS: Final = {
    "s": (BarUnit.TIME, 1_000_000_000), "m": (BarUnit.TIME, MINUTE_NS), "h": (BarUnit.TIME, 60 * MINUTE_NS),
    "D": (BarUnit.DAY, 1), "W": (BarUnit.WEEK, 1), "M": (BarUnit.MONTH, 1), "T": (BarUnit.TRADES, 1),
    "V": (BarUnit.VOLUME, 1), "R": (BarUnit.RANGE, 1),
}  # fmt: skip
_MOST: Final = {BarUnit.TIME: 366 * 1440 * MINUTE_NS, BarUnit.DAY: 366, BarUnit.WEEK: 53, BarUnit.MONTH: 120}


def parse(word: str, tick_size: int = 1) -> BarSize | None:
    """The size that a word means for an instrument with a tick of so many price units; None for no size."""
    found = _FORM.fullmatch(word)
    if found is None:
        return None
    number, thousand, letter = found.groups()
    letter = letter if letter in _UNITS else letter.swapcase()
    unit, factor = _UNITS[letter]
    size = int(number) * (1000 if thousand else 1) * (max(tick_size, 1) if unit == BarUnit.RANGE else factor)
    return BarSize(unit, size) if size <= _MOST.get(unit, 1 << 40) else None


def tidy(word: str) -> str | None:
    """A word in its usual form (`60s` stays `60s`, `200t` becomes `200T`); None if it is no size."""
    if parse(word) is None:
        return None
    found = _FORM.fullmatch(word)
    assert found is not None
    number, thousand, letter = found.groups()
    return f"{number}{thousand}{letter if letter in _UNITS else letter.swapcase()}"
