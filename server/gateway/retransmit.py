"""The newest records of one complete stream, so that a subscriber can ask again for what it missed.

Rules: fixed room, the oldest are overwritten; numbers are those of the stream and begin at 1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import BOOK_RECORD


class RetransmitRing:
    """A ring of BOOK_RECORD rows. It grows to `capacity` as it fills."""

    __slots__ = ("_capacity", "_records", "next_sequence")

    def __init__(self, capacity: int) -> None:
        assert capacity > 0
        self._capacity = capacity
        self._records = np.zeros(min(64, capacity), BOOK_RECORD)
        self.next_sequence = 1

    def append(self, records: NDArray[Any]) -> None:
        """Keep these rows, the first of which has the number `next_sequence`."""
        count = len(records)
        begin = self.next_sequence - 1
        self.next_sequence += count
        if begin + count > len(self._records) and len(self._records) < self._capacity:
            self._grow(begin + count)
        size = len(self._records)
        if count > size:
            begin += count - size
            records = records[-size:]
            count = size
        place = begin % size
        room = size - place
        if count <= room:
            self._records[place : place + count] = records
        else:
            self._records[place:] = records[:room]
            self._records[: count - room] = records[room:]

    def _grow(self, needed: int) -> None:
        """Only before the first wrap, so that rows keep their places."""
        size = len(self._records)
        while size < needed and size < self._capacity:
            size = min(2 * size, self._capacity)
        grown = np.zeros(size, BOOK_RECORD)
        grown[: len(self._records)] = self._records
        self._records = grown

    def read(self, from_sequence: int, count: int) -> NDArray[Any] | None:
        """Up to `count` rows from this number on (none if it is the next one), None if it is too old or to come."""
        size = len(self._records)
        oldest = max(1, self.next_sequence - size)
        if not oldest <= from_sequence <= self.next_sequence:
            return None
        count = min(count, self.next_sequence - from_sequence)
        places = np.arange(from_sequence - 1, from_sequence - 1 + count) % size
        return self._records[places]
