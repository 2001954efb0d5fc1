"""Numbers and times for commands: the one place where a clock meets the engine's input.

Rules: sequences are gap-free; time is `max(last + 1, clock)`, so it strictly rises even when the clock steps back.
"""

import struct
from collections.abc import Callable
from typing import Final

import numpy as np

from server.protocol.codec import Records
from server.protocol.records import COMMAND

_ROW_BYTES: Final = COMMAND.itemsize
_STAMP: Final = struct.Struct("<Qq")
_STAMP_OFFSET: Final = 8
_FEW: Final = 16
"""Up to this many rows a loop is quicker than numpy."""


class Sequencer:
    """Stamps commands; `clock` gives nanoseconds since the epoch, UTC."""

    def __init__(self, clock: Callable[[], int], last_sequence: int = 0, last_time_ns: int = 0) -> None:
        self._clock = clock
        self.last_sequence = last_sequence
        self.last_time_ns = last_time_ns

    def stamp(self, commands: Records) -> None:
        """Write `sequence` and `time_ns` of each command, in place."""
        count = len(commands)
        if count == 0:
            return
        sequence = self.last_sequence + 1
        time_ns = max(self.last_time_ns + 1, self._clock())
        if count == 1:
            commands["sequence"] = sequence
            commands["time_ns"] = time_ns
        else:
            offsets = np.arange(count)
            commands["sequence"] = offsets + sequence
            commands["time_ns"] = offsets + time_ns
        self.last_sequence = sequence + count - 1
        self.last_time_ns = time_ns + count - 1

    def stamp_bytes(self, commands: bytearray) -> tuple[int, int]:
        """As `stamp`, on the bytes of COMMAND rows; the first sequence and the last time. Quicker for a few rows."""
        count = len(commands) // _ROW_BYTES
        if count > _FEW:
            self.stamp(np.frombuffer(commands, COMMAND))
            return self.last_sequence - count + 1, self.last_time_ns
        first = self.last_sequence + 1
        time_ns = max(self.last_time_ns + 1, self._clock())
        for row in range(count):
            _STAMP.pack_into(commands, row * _ROW_BYTES + _STAMP_OFFSET, first + row, time_ns + row)
        if count:
            self.last_sequence = first + count - 1
            self.last_time_ns = time_ns + count - 1
        return first, self.last_time_ns

    def withdraw(self, last_sequence: int, last_time_ns: int) -> None:
        """Go back to the journal's end after it refused a stamped batch for want of space."""
        if last_sequence > self.last_sequence:
            raise ValueError(f"cannot withdraw forward, from {self.last_sequence} to {last_sequence}")
        self.last_sequence = last_sequence
        self.last_time_ns = last_time_ns
