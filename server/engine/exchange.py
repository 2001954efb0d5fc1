"""The exchange as one object: `apply(commands)` and nothing else changes it.

Rules: growing buffers, memory or indexes is not logical state; no event depends on it, or on how commands are batched.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.batch import run
from server.engine.hashing import hash_words, state_words
from server.engine.kernel import U, Words
from server.engine.layout_money import (
    TRADE_WORDS,
    TRADES_BASE,
    TRADES_GROWTH,
    TRADES_NEEDED,
    TRADES_ROOM,
    TRADES_SIZE,
)
from server.engine.layout_orders import (
    GROUP_ROWS,
    KEYS_NEEDED,
    ROWS_NEEDED,
    TIMERS,
    TIMERS_NEEDED,
    TIMERS_SIZE,
    WORDS_NEEDED,
)
from server.engine.memory import add_row, enlarge_index
from server.engine.timers import enlarge_timers
from server.engine.trades import enlarge_trades
from server.protocol.enums import PROTOCOL_VERSION
from server.protocol.records import BOOK_RECORD, COMMAND, EVENT

Records = NDArray[np.void]

_INDEX_SIZE: Final = 1 << 10
_TRADES: Final = 1 << 8
_MEMORY_WORDS: Final = 1 << 21
"""So many that a usual day copies none: what is not used is address space alone, and lies in large pages."""
_OUTPUT_ROWS: Final = 1 << 10
_GROUP_ROWS: Final = 1 << 10
_LINE_WORDS: Final = 8
_EVENT_WORDS: Final = int(at.EVENT_WORDS)
_MARKET_DATA_WORDS: Final = int(at.MARKET_DATA_WORDS)
_COMMAND_WORDS: Final = int(at.COMMAND_WORDS)
_EVENTS_USED: Final = int(at.EVENTS_USED)
_MARKET_DATA_USED: Final = int(at.MARKET_DATA_USED)
_NEXT_DUE: Final = int(at.NEXT_DUE)
_SEQUENCE: Final = int(at.SEQUENCE)
_TIME_NS: Final = int(at.TIME_NS)
_EVENTS: Final = int(at.EVENTS)
_MEMORY_USED: Final = int(at.MEMORY_USED)


class Outputs(NamedTuple):
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

    def __init__(self, shard: int = 1, memory: Words | None = None) -> None:
        """A new exchange, or one in the state of a memory that it makes its own."""
        if memory is None:
            self._shard = shard
            self.begin_again()
            return
        self._shard = int(memory[at.SHARD])
        self._use_new_buffers()
        self._use_memory(memory)

    def begin_again(self, memory: Words | None = None) -> None:
        """Forget everything, as after an `apply` that raised: it broke off anywhere. `memory` as when it was made."""
        self._use_new_buffers()
        self._use_memory(aligned_words(_MEMORY_WORDS) if memory is None else memory)
        if memory is None:
            self._found(self._shard)

    def _found(self, shard: int) -> None:
        """The first words of an empty memory."""
        m = self._memory
        m[at.SHARD] = shard
        m[at.ID_PREFIX] = shard << 48
        m[at.SESSION_CHANGES] = m[at.GRANT_CHANGES] = 1
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
        m[GROUP_ROWS] = used
        used += _GROUP_ROWS
        m[TRADES_BASE] = used
        m[TRADES_SIZE] = m[TRADES_ROOM] = _TRADES
        m[at.MEMORY_USED] = used + _TRADES * int(TRADE_WORDS)
        m[at.HOUSE] = add_row(m, at.KIND_ACCOUNT, at.ZERO, at.ACCOUNT_WORDS)

    def apply(self, commands: NDArray[Any]) -> Outputs:
        """Applies stamped COMMAND rows in order. The outputs are valid until the next call."""
        assert commands.dtype.itemsize == COMMAND.itemsize, "not COMMAND rows"
        self._run(np.frombuffer(commands if commands.flags.c_contiguous else commands.copy(), np.uint64))
        m = self._memory
        return Outputs(
            self._event_rows[: int(m[_EVENTS_USED]) // _EVENT_WORDS],
            self._market_data_rows[: int(m[_MARKET_DATA_USED]) // _MARKET_DATA_WORDS],
            int(m[_NEXT_DUE]),
        )

    def apply_bytes(self, commands: bytes | bytearray) -> tuple[bytes, bytes, int]:
        """`apply` for the loop: COMMAND rows in, (EVENT rows, BOOK_RECORD rows, next_due_ns) out, all as bytes."""
        self._run(np.frombuffer(commands, np.uint64))
        m = self._memory
        return (
            self._events[: int(m[_EVENTS_USED])].tobytes(),
            self._market_data[: int(m[_MARKET_DATA_USED])].tobytes(),
            int(m[_NEXT_DUE]),
        )

    def _run(self, words: Words) -> None:
        """Applies commands given as words; makes room wherever it is lacking."""
        m = self._memory
        m[_EVENTS_USED] = 0
        m[_MARKET_DATA_USED] = 0
        flags = words.flags
        if not flags.aligned:
            words = words.copy()
            flags = words.flags
        flags.writeable = False
        count = len(words) // _COMMAND_WORDS
        done = run(m, self._signed, words, at.ZERO, self._events, self._market_data)
        while done != count:
            self._make_room()
            done = run(self._memory, self._signed, words, U(done), self._events, self._market_data)

    def copy(self) -> "Exchange":
        """Another exchange in the same state; what is applied to it does not happen here."""
        used = int(self._memory[at.MEMORY_USED])
        memory = aligned_words(used)
        memory[:used] = self._memory[:used]
        return Exchange(memory=memory)

    @property
    def words_used(self) -> int:
        """How many words of the memory hold the state; all behind them are zeros."""
        return int(self._memory[_MEMORY_USED])

    @property
    def memory(self) -> Words:
        """The state, for the readers in `views` and `hashing`; nobody writes it."""
        return self._memory

    @property
    def sequence(self) -> int:
        """The number of the last applied command."""
        return int(self._memory[_SEQUENCE])

    @property
    def time_ns(self) -> int:
        """The time of the last applied command."""
        return int(self._memory[_TIME_NS])

    @property
    def event_sequence(self) -> int:
        """How many events there have been."""
        return int(self._memory[_EVENTS])

    @property
    def next_due_ns(self) -> int:
        """When a TIME command is needed; 0: nothing is due."""
        return int(self._memory[_NEXT_DUE])

    def state_hash(self) -> int:
        """The hash of the logical state, as section 9 of the rule book says."""
        return int(hash_words(state_words(self._memory)))

    def _use_memory(self, memory: Words) -> None:
        self._memory = memory
        self._signed = memory.view(np.int64)

    def _use_new_buffers(self) -> None:
        self._use_buffers(aligned_words(_OUTPUT_ROWS * _EVENT_WORDS), aligned_words(_OUTPUT_ROWS * _MARKET_DATA_WORDS))

    def _use_buffers(self, events: Words, market_data: Words) -> None:
        self._events, self._market_data = events, market_data
        self._event_rows = events[: len(events) // _EVENT_WORDS * _EVENT_WORDS].view(EVENT)
        self._market_data_rows = market_data.view(BOOK_RECORD)

    def _make_room(self) -> None:
        """Enlarges whatever may be too small for the next command."""
        m = self._memory
        rows = int(m[ROWS_NEEDED])
        self._use_buffers(
            grown(self._events, int(m[_EVENTS_USED]), rows * _EVENT_WORDS),
            grown(self._market_data, int(m[_MARKET_DATA_USED]), rows * _MARKET_DATA_WORDS),
        )
        self._reserve(0)
        for index in (at.ORDER_INDEX, at.KEY_INDEX):
            while 2 * int(m[index + at.INDEX_COUNT] + m[KEYS_NEEDED]) + 2 > int(m[index + at.INDEX_MASK]) + 1:
                self._reserve(2 * int(m[index + at.INDEX_MASK]) + 2)
                m = self._memory
                enlarge_index(m, index)
        while m[TIMERS] + m[TIMERS_NEEDED] > m[TIMERS_SIZE]:
            self._reserve(2 * int(m[TIMERS_SIZE]) + 64)
            m = self._memory
            enlarge_timers(m)
        while m[at.TRADE_IDS] + m[TRADES_NEEDED] > m[TRADES_ROOM]:
            self._reserve(int(m[TRADES_SIZE] * TRADES_GROWTH * TRADE_WORDS))
            m = self._memory
            enlarge_trades(m)
        self._reserve(0)

    def _reserve(self, words: int) -> None:
        """Room in the memory for a table of so many words, and for the next command."""
        m = self._memory
        self._use_memory(grown(m, int(m[at.MEMORY_USED]), int(m[WORDS_NEEDED]) + words))


def memory_for(used: int) -> Words:
    """Zeros for a state of so many words, with room to go on."""
    return aligned_words(max(_MEMORY_WORDS, (used + used // 4) // _LINE_WORDS * _LINE_WORDS))


def grown(words: Words, used: int, more: int) -> Words:
    """The same words with room for `more` behind those used, at least doubled if it grows at all."""
    if used + more <= words.size:
        return words
    larger = aligned_words((max(used + more, 2 * words.size) + _LINE_WORDS - 1) // _LINE_WORDS * _LINE_WORDS)
    larger[:used] = words[:used]
    return larger
