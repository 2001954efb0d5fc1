"""Who is told what changed, and how often: each at its own rate, and nobody who cannot be seen.

Rules: pure; who comes into sight reads everything anew, so what changed meanwhile is not kept for him; what is told
may be shared between watchers and is only read.
"""

from collections.abc import Callable, Iterator
from typing import Final

from app.state.changes import Changes

SECOND_NS: Final = 1_000_000_000
DEFAULT_HZ: Final = 30.0
SLACK_NS: Final = 6_000_000
"""A watcher is told in the frame nearest to its time, not in the one after."""


def _always() -> bool:
    return True


class Watcher:
    """One who is told; `told` counts how often."""

    def __init__(
        self, tell: Callable[[Changes], None], rate_hz: float, is_seen: Callable[[], bool], phase: int
    ) -> None:
        """`rate_hz`: at most so often."""
        self.tell, self.is_seen = tell, is_seen
        self.interval_ns = int(SECOND_NS / rate_hz)
        self.phase = phase
        self.told = 0
        self.due_ns = 0
        self.kept: Changes | None = None
        self.ticks: list[tuple[int, int]] = []
        """Times of market data messages that it was told of last."""

    def offer(self, changes: Changes, now_ns: int) -> bool:
        """A frame: tell, or keep for the next time. True if told."""
        if not self.is_seen():
            self.kept = None
            return False
        if 0 < self.due_ns - SLACK_NS - now_ns <= 2 * self.interval_ns:  # farther off: the clock has stepped back
            if self.kept is None:
                self.kept = Changes()
            self.kept.take_in(changes)
            return False
        if self.kept is not None:
            self.kept.take_in(changes)
            changes, self.kept = self.kept, None
        follows = abs(now_ns - self.due_ns) < self.interval_ns
        self.due_ns = (self.due_ns if follows else now_ns) + self.interval_ns
        self.told += 1
        self.ticks = changes.ticks
        self.tell(changes)
        return True


class Watchers:
    """All of them, in the order in which they came."""

    def __init__(self) -> None:
        """Nobody."""
        self._all: list[Watcher] = []
        self._came = 0

    def add(
        self, tell: Callable[[Changes], None], rate_hz: float = DEFAULT_HZ, is_seen: Callable[[], bool] = _always
    ) -> Watcher:
        """Somebody is told from now on; two who came one after the other are told in different frames."""
        watcher = Watcher(tell, rate_hz, is_seen, self._came)
        self._came += 1
        self._all.append(watcher)
        return watcher

    def __iter__(self) -> Iterator[Watcher]:
        return iter(self._all)

    def remove(self, watcher: Watcher) -> None:
        """Somebody is not told any more."""
        if watcher in self._all:
            self._all.remove(watcher)

    def tell(self, changes: Changes, now_ns: int) -> list[Watcher]:
        """A frame; returns those who were told."""
        told = []
        for watcher in list(self._all):
            if not watcher.due_ns:
                watcher.due_ns = now_ns + watcher.interval_ns * (watcher.phase % 2) // 2
            if watcher.offer(changes, now_ns):
                told.append(watcher)
        return told

    def tell_all(self) -> None:
        """Let everybody be due in the next frame; for pictures and for tests."""
        for watcher in self._all:
            watcher.due_ns = 1
