"""What a log of commands is to the loop: `Journal` is one; one that is copied to other machines has to be the same.

Rules: an append says which epoch and which place it believes in, and is refused if either is another one, so that a
loop that was replaced meanwhile writes nothing. What is in the log stays: there is no way to take anything out of it.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from server.protocol.codec import Records


class LogEnd(NamedTuple):
    """How far the files go: two logs with the same end hold the same history."""

    epoch: int
    sequence: int
    chain: bytes


class Log(Protocol):
    """Commands in their order. Methods raise JournalFailed when the process has to stop."""

    @property
    def epoch(self) -> int:
        """Of this holder of the log; higher than that of each before it."""

    @property
    def last_sequence(self) -> int:
        """Of the newest command that was taken."""

    @property
    def last_time_ns(self) -> int:
        """Its time."""

    def append_bytes(
        self, commands: bytes | bytearray, count: int, first_sequence: int, last_time_ns: int, epoch: int
    ) -> None:
        """Take `count` stamped COMMAND rows as one batch; returns before they are durable.

        Raises LogConflict (another epoch or place; nothing was taken), JournalFull (nothing was taken, it may come
        again), JournalFailed.
        """

    def append_urgent_bytes(
        self, commands: bytes | bytearray, count: int, first_sequence: int, last_time_ns: int, epoch: int
    ) -> None:
        """The same for commands that must be taken when there is no space."""

    def durable_sequence(self) -> int:
        """The highest command whose effects may be released. Raises JournalFailed."""

    @property
    def is_full(self) -> bool:
        """Whether there is no space for orders at present; urgent commands may find some."""

    def end(self) -> LogEnd:
        """Where the frames end that were written."""

    def read(self, first_sequence: int = 1, split_after: int = 0) -> Iterator[Records]:
        """Batches of the durable commands from there on, which is the first of a group; no batch cuts a group.

        What an operator has skipped is marked. A batch ends at `split_after`. Raises JournalDamaged, OSError.
        """

    def counters(self) -> dict[str, int]:
        """Depths and counts, by name."""
