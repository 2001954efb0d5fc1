"""The newest records of one complete stream, so that a subscriber can ask again for what it missed.

Rules: chunks of bytes as they were published, so that keeping them costs next to nothing; the oldest go as soon as
`capacity` records are kept without them; numbers are those of the stream and begin at 1.
"""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import BOOK_RECORD

_SIZE = BOOK_RECORD.itemsize


class RetransmitRing:
    """Published BOOK_RECORD rows, by number."""

    __slots__ = ("_capacity", "_chunks", "_first_sequence", "next_sequence")

    def __init__(self, capacity: int) -> None:
        assert capacity > 0
        self._capacity = capacity
        self._chunks: deque[bytes] = deque()
        self._first_sequence = 1
        self.next_sequence = 1

    def append(self, content: bytes, count: int) -> None:
        """Keep `count` rows, the first of which has the number `next_sequence`."""
        chunks = self._chunks
        chunks.append(content)
        self.next_sequence += count
        while self.next_sequence - self._first_sequence - len(chunks[0]) // _SIZE >= self._capacity:
            self._first_sequence += len(chunks.popleft()) // _SIZE

    def read(self, from_sequence: int, count: int) -> NDArray[Any] | None:
        """Up to `count` rows from this number on (none if it is the next one), None if it is too old or to come."""
        if not self._first_sequence <= from_sequence <= self.next_sequence:
            return None
        parts = []
        first, missing = self._first_sequence, count
        for chunk in self._chunks:
            rows = len(chunk) // _SIZE
            skipped = from_sequence - first
            if missing > 0 and skipped < rows:
                part = np.frombuffer(chunk, BOOK_RECORD)[max(0, skipped) :][:missing]
                missing -= len(part)
                parts.append(part)
            first += rows
        return np.concatenate(parts) if parts else np.empty(0, BOOK_RECORD)

    def newest(self) -> NDArray[Any]:
        """The last row (1,), or none."""
        return np.frombuffer(self._chunks[-1], BOOK_RECORD)[-1:] if self._chunks else np.empty(0, BOOK_RECORD)
