"""Simulated time: what happens when, one after the other.

Rules: of two things at the same time the one that was planned first happens first; time moves here and nowhere else.
The timer only rises; the wall clock is the timer with an offset that faults move.
"""

import heapq
from collections.abc import Callable
from hashlib import blake2b
from random import Random

START_NS = 1_700_006_390_000_000_000
"""Some seconds before a midnight, so that a run has two days."""
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000


class Schedule:
    """The plan of a run, its chance, and the hash over all that happened in it."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now_ns = START_NS
        self.offset_ns = 0
        """What the server's wall clock is ahead."""
        self.steps = 0
        self._plan: list[tuple[int, int, Callable[[], None]]] = []
        self._planned = 0
        self._digest = blake2b(digest_size=8)

    def timer(self) -> int:
        """The server's monotonic clock."""
        return self.now_ns

    def clock(self) -> int:
        """The server's wall clock."""
        return self.now_ns + self.offset_ns

    def after(self, delay_ns: int, action: Callable[[], None]) -> None:
        """Plan an action."""
        self._planned += 1
        heapq.heappush(self._plan, (self.now_ns + delay_ns, self._planned, action))

    def between(self, low_ns: int, high_ns: int, action: Callable[[], None]) -> None:
        """Plan an action at a time that chance decides."""
        self.after(self.chance.randint(low_ns, high_ns), action)

    def run_until(self, end_ns: int, is_over: Callable[[], bool] = lambda: False) -> None:
        """Let things happen up to this time, or until it is over."""
        while not is_over():
            if not self._plan or self._plan[0][0] > end_ns:
                self.now_ns = max(self.now_ns, end_ns)
                return
            at_ns, _, action = heapq.heappop(self._plan)
            self.now_ns = max(self.now_ns, at_ns)
            self.steps += 1
            action()

    def note(self, what: str, content: bytes = b"") -> None:
        """Make something that happened part of the run's hash."""
        self._digest.update(f"{self.now_ns} {what} {len(content)}\n".encode())
        self._digest.update(content)

    def digest(self) -> str:
        """The hash of the run so far."""
        return self._digest.hexdigest()
