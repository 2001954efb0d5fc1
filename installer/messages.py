"""What set-up says: steps, progress, and the one sentence that ends it.

Rule: a cause that a person can remove is a `SetupFault` whose text is one sentence for that person; anything else is
a bug and keeps its traceback.
"""

import sys
import time
from typing import TextIO


class SetupFault(Exception):
    """Set-up cannot go on; the text says why and what to do."""


class Reporter:
    """Writes numbered steps, and progress within a step: in place on a terminal, else as a few lines."""

    def __init__(self, stream: TextIO | None = None, steps: int = 1) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._steps = steps
        self._step = 0
        self._in_place = self._stream.isatty()
        self._open_line = False
        self._last_s = 0.0

    def step(self, text: str) -> None:
        """Begins the next step."""
        self._step += 1
        self._line(f"[{self._step}/{self._steps}] {text}")

    def progress(self, text: str) -> None:
        """Tells how far the step is. Without a terminal at most one line every two seconds is written."""
        if self._in_place:
            self._stream.write(f"\r\x1b[K      {text[:100]}")
            self._stream.flush()
            self._open_line = True
            return
        now_s = time.monotonic()
        if now_s - self._last_s >= 2.0:
            self._last_s = now_s
            self._line(f"      {text}")

    def note(self, text: str) -> None:
        """A line that stays."""
        self._line(f"      {text}")

    def _line(self, text: str) -> None:
        if self._open_line:
            self._stream.write("\r\x1b[K")
            self._open_line = False
        self._stream.write(text + "\n")
        self._stream.flush()
