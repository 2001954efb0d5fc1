"""What is due at which time: one sorted list of (due time, kind, id).

Rules: only a TIME command fires timers, in the list's order.
"""

from bisect import insort
from enum import IntEnum, unique


@unique
class TimerKind(IntEnum):
    """What a timer does; of two that are due at the same time the lower number comes first."""

    EXPIRY = 1
    SCHEDULE = 2
    CALL_END = 3
    LIMIT_STATE = 4
    PAUSE = 5
    RULES_EFFECTIVE = 6
    DEAD_MAN = 8
    DISCONNECT = 11


class Timers:
    """The timers that run."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []

    @property
    def next_due_ns(self) -> int:
        """The earliest due time; 0: no timer runs."""
        return self.rows[0][0] if self.rows else 0

    def due_ns(self, kind: int, number: int) -> int:
        """When the first timer of this kind and id is due; 0: none runs."""
        return next((due_ns for due_ns, *key in self.rows if key == [kind, number]), 0)

    def add(self, kind: int, number: int, due_ns: int) -> None:
        """Let one more timer run until `due_ns`."""
        insort(self.rows, (due_ns, int(kind), number))

    def set(self, kind: int, number: int, due_ns: int) -> None:
        """Let a timer run until `due_ns`, in place of those of the same kind and id."""
        self.cancel(kind, number)
        self.add(kind, number, due_ns)

    def cancel(self, kind: int, number: int) -> None:
        """Stop all timers of this kind and id."""
        self.rows = [row for row in self.rows if row[1:] != (kind, number)]

    def pop_due(self, time_ns: int) -> tuple[int, int, int] | None:
        """Take the first timer that is due out of the list."""
        return self.rows.pop(0) if self.rows and self.rows[0][0] <= time_ns else None
