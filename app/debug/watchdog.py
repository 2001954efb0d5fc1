"""Sees when the window's thread stands still for too long, and says where.

Rules: one thread that wakes twenty times a second and reads one number; the stack is taken while the stall lasts, and
logged once with its length when it is over. Nothing is judged while the frame clock stands still on purpose.
"""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Final

STALL_NS: Final = 100_000_000
LOOK_S: Final = 0.05

_log = logging.getLogger(__name__)


class Watchdog:
    """Watches the thread that makes it. `began_ns` gives when its newest frame began (monotonic; 0: stands still)."""

    def __init__(self, began_ns: Callable[[], int], stall_ns: int = STALL_NS) -> None:
        """Watches nothing before `start`."""
        self.stalls = 0
        self.longest_ns = 0
        self._began_ns, self._stall_ns = began_ns, stall_ns
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def _run(self) -> None:
        began_ns, stack = 0, ""
        while not self._ended.wait(LOOK_S):
            newest_ns = self._began_ns()
            if stack and newest_ns != began_ns:
                self._report((newest_ns or time.perf_counter_ns()) - began_ns, stack)
                stack = ""
            if newest_ns and not stack and time.perf_counter_ns() - newest_ns > self._stall_ns:
                began_ns, stack = newest_ns, self._stack()

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - the one way to see another thread
        return "".join(traceback.format_stack(frame)) if frame is not None else "the thread has ended\n"

    def _report(self, lasted_ns: int, stack: str) -> None:
        self.stalls += 1
        self.longest_ns = max(self.longest_ns, lasted_ns)
        _log.warning("the window stood still for %d ms in\n%s", lasted_ns // 1_000_000, stack)
