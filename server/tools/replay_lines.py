"""Numbers out of lines of `key=value`, quickly: the order of the keys is learned from a line and tried on the next.

Rule: the shortcut never changes what is read: where it does not fit, the line is taken apart key by key.
"""

import re
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

NUMBER_MAX: Final = 10**15
"""No number of a day is larger; it leaves room for a sum of them in 64 bits."""

_FIELD = re.compile(rb"(\w[\w.\[\]]*)=(-?\w*)")


class LineUnreadable(Exception):
    """A line is no message; `line` is its number in the file."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class LineTable:
    """The numbers that the same keys have in each line of one kind."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = keys
        self._pattern: re.Pattern[bytes] | None = None
        self._in_order = itemgetter(*range(len(keys)))
        self._rows: list[tuple[int, ...]] = []
        self._lines: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, line: bytes, number: int) -> None:
        """Take the numbers of a line. Raises `LineUnreadable`: a key is absent, or has no number in range."""
        match = self._pattern.match(line) if self._pattern else None
        if match is None:
            try:
                self._read_by_key(line)
            except (KeyError, ValueError) as error:
                raise LineUnreadable(number, str(error)) from error
        else:
            self._rows.append(self._in_order(tuple(map(int, match.groups()))))
        self._lines.append(number)

    def columns(self) -> NDArray[np.int64]:
        """One row for each key, one column for each line, shape (keys, lines)."""
        columns: NDArray[np.int64] = np.array(self._rows, np.int64).reshape(-1, len(self._keys)).T
        return columns

    def refuse(self, wrong: NDArray[np.bool_], what: str) -> None:
        """Raises `LineUnreadable` for the first line that is `wrong`, if any is."""
        if wrong.any():
            raise LineUnreadable(self._lines[int(np.argmax(wrong))], what)

    def _read_by_key(self, line: bytes) -> None:
        fields = dict(_FIELD.findall(line))
        numbers = tuple(int(fields[key]) for key in self._keys)
        if min(numbers) < 0 or max(numbers) > NUMBER_MAX:
            raise ValueError(f"a number is not from 0 to {NUMBER_MAX}")
        self._rows.append(numbers)
        self._learn(fields)

    def _learn(self, fields: dict[bytes, bytes]) -> None:
        """Expect all keys where this line had them."""
        parts = [rb"%b=(\d{1,15})" if key in self._keys else rb"%b=\w*" for key in fields]
        escaped = (part % re.escape(key) for part, key in zip(parts, fields, strict=True))
        self._pattern = re.compile(rb"/*" + rb"\s+".join(escaped) + rb"\s*$")
        appearing = [key for key in fields if key in self._keys]
        self._in_order = itemgetter(*(appearing.index(key) for key in self._keys))
