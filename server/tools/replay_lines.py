"""Numbers out of lines of `key=value`, quickly: the order of the keys is learned from a line and tried on the next.

Rule: the shortcut never changes what is read: where it does not fit, the line is taken apart key by key.
"""

import re
from operator import itemgetter
from typing import Final

NUMBER_MAX: Final = 10**15
"""No number of a day is larger; it leaves room for a sum of them in 64 bits."""

_FIELD = re.compile(rb"(\w[\w.\[\]]*)=(-?\w*)")


class LineReader:
    """Reads the same keys out of each line of one kind."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = keys
        self._pattern: re.Pattern[bytes] | None = None
        self._in_order = itemgetter(*range(len(keys)))

    def numbers(self, line: bytes) -> tuple[int, ...]:
        """The numbers of the keys, as they were named. Raises KeyError, ValueError: absent, no number, out of range."""
        match = self._pattern.search(line) if self._pattern else None
        if match is None:
            fields = dict(_FIELD.findall(line))
            numbers = tuple(int(fields[key]) for key in self._keys)
            self._learn(list(fields))
        else:
            numbers = self._in_order(tuple(map(int, match.groups())))
        if min(numbers) < 0 or max(numbers) > NUMBER_MAX:
            raise ValueError(f"a number is not from 0 to {NUMBER_MAX}")
        return numbers

    def _learn(self, present: list[bytes]) -> None:
        """Expect the keys where this line had them."""
        appearing = sorted(self._keys, key=present.index)
        self._pattern = re.compile(rb".*?".join(rb"\s%b=(\d{1,16})\b" % re.escape(key) for key in appearing))
        self._in_order = itemgetter(*(appearing.index(key) for key in self._keys))
