"""The exchange as one object: `apply(commands)` and nothing else changes it.

Rules: growing buffers, memory or indexes is not logical state; no event depends on it, or on how commands are batched.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.batch import MEMORY_RESERVE, run
from server.engine.hashing import hash_words, state_words
from server.engine.kernel import U, Words
from server.engine.memory import add, enlarge_index
from server.protocol.enums import PROTOCOL_VERSION
from server.protocol.records import BOOK_RECORD, COMMAND, EVENT

Records = NDArray[np.void]

_INDEX_SIZE: Final = 1 << 10
_MEMORY_WORDS: Final = 1 << 16
_OUTPUT_ROWS: Final = 1 << 10
_LINE_WORDS: Final = 8
_EVENTS_USED: Final = int(at.EVENTS_USED)
_MARKET_DATA_USED: Final = int(at.MARKET_DATA_USED)
_NEXT_DUE: Final = int(at.NEXT_DUE)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a batch gave; the arrays are views of buffers that the next `apply` writes again."""

    events: Records
    market_data: Records
    next_due_ns: int


def aligned_words(count: int) -> Words:
    """Zeros that begin at a cache line."""
    words = np.zeros(count + _LINE_WORDS, np.uint64)
    skipped = -(words.ctypes.data // 8) % _LINE_WORDS
    return words[skipped : skipped + count]


class Exchange:
    """One shard: all instruments, books, accounts and money of one journal."""

    def __init__(self, shard: int = 1) -> None:
        self._memory = aligned_words(_MEMORY_WORDS)
        self._events = aligned_words(_OUTPUT_ROWS * int(at.EVENT_WORDS))
        self._market_data = aligned_words(_OUTPUT_ROWS * int(at.MARKET_DATA_WORDS))
        m = self._memory
        m[at.SHARD] = shard
        m[at.ID_PREFIX] = shard << 48
        m[at.EVENT_HEAD] = (
            PROTOCOL_VERSION << int(at.E_VERSION_SHIFT)
            | shard << int(at.E_SHARD_SHIFT)
            | 1 << int(at.E_GROUP_COUNT_SHIFT)
        )
        used = int(at.FIRST_ROW)
        for index in (at.ORDER_INDEX, at.KEY_INDEX):
            m[index + at.INDEX_BASE] = used
            m[index + at.INDEX_MASK] = _INDEX_SIZE - 1
            used += _INDEX_SIZE
        m[at.MEMORY_USED] = used
        m[at.HOUSE] = add(m, at.KIND_ACCOUNT, at.ZERO, at.ACCOUNT_WORDS)

    def apply(self, commands: NDArray[Any]) -> Outputs:
        """Applies stamped COMMAND rows in order. The outputs are valid until the next call."""
        self._run(command_words(commands), len(commands))
        m = self._memory
        return Outputs(
            self._events[: m[at.EVENTS_USED]].view(EVENT),
            self._market_data[: m[at.MARKET_DATA_USED]].view(BOOK_RECORD),
            int(m[at.NEXT_DUE]),
        )

    def apply_bytes(self, commands: bytes | bytearray) -> tuple[bytes, bytes, int]:
        """The same for rows as bytes: EVENT rows, BOOK_RECORD rows, `next_due_ns`.

        For the loop's hot path: one order costs less than numpy needs to make its structured arrays.
        """
        self._run(np.frombuffer(bytes(commands), np.uint64), len(commands) // COMMAND.itemsize)
        m = self._memory
        events, market_data, due_ns = m[_EVENTS_USED], m[_MARKET_DATA_USED], int(m[_NEXT_DUE])
        return self._events[:events].tobytes(), self._market_data[:market_data].tobytes(), due_ns

    def _run(self, words: Words, count: int) -> None:
        m = self._memory
        m[_EVENTS_USED] = 0
        m[_MARKET_DATA_USED] = 0
        done = U(0)
        while True:
            m = self._memory
            done = U(run(m, m.view(np.int64), words, done, self._events, self._market_data))
            if done == count:
                return
            self._make_room()

    @property
    def memory(self) -> Words:
        """The state, for the readers in `views` and `hashing`; nobody writes it."""
        return self._memory

    @property
    def sequence(self) -> int:
        """The number of the last applied command."""
        return int(self._memory[at.SEQUENCE])

    @property
    def time_ns(self) -> int:
        """The time of the last applied command."""
        return int(self._memory[at.TIME_NS])

    @property
    def event_sequence(self) -> int:
        """How many events there have been."""
        return int(self._memory[at.EVENTS])

    @property
    def next_due_ns(self) -> int:
        """When a TIME command is needed; 0: nothing is due."""
        return int(self._memory[at.NEXT_DUE])

    def state_hash(self) -> int:
        """The hash of the logical state, as section 9 of the rule book says."""
        return int(hash_words(state_words(self._memory)))

    def _make_room(self) -> None:
        """Doubles whatever may be too small for the next command."""
        m = self._memory
        live = int(m[at.LIVE_ORDERS])
        rows = 3 * (2 * live + int(m[at.INSTRUMENTS])) + 16
        self._events = grown(self._events, int(m[at.EVENTS_USED]) + rows * int(at.EVENT_WORDS))
        self._market_data = grown(self._market_data, int(m[at.MARKET_DATA_USED]) + rows * int(at.MARKET_DATA_WORDS))
        self._memory = grown(m, int(m[at.MEMORY_USED] + MEMORY_RESERVE))
        for index in (at.ORDER_INDEX, at.KEY_INDEX):
            m = self._memory
            size = int(m[index + at.INDEX_MASK]) + 1
            if 2 * (int(m[index + at.INDEX_COUNT]) + 16) > size:
                self._memory = grown(m, int(m[at.MEMORY_USED] + MEMORY_RESERVE) + 2 * size)
                enlarge_index(self._memory, index)


def command_words(commands: NDArray[Any]) -> Words:
    """The words of COMMAND rows, read-only and aligned; a copy only where the rows are not in one piece."""
    assert commands.dtype.itemsize == COMMAND.itemsize, "not COMMAND rows"
    if not (commands.flags.c_contiguous and commands.ctypes.data % 8 == 0):
        commands = commands.copy()
    words: Words = commands.view(np.uint64)
    words.flags.writeable = False
    return words


def grown(words: Words, needed: int) -> Words:
    """The same words with room for `needed`, at least doubled if it grows at all."""
    if needed <= words.size:
        return words
    larger = aligned_words(max(needed, 2 * words.size))
    larger[: words.size] = words
    return larger
