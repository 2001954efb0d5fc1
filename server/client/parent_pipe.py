"""A child ends with its parent: when its standard input closes, or brings the line "stop".

Rules: one daemon thread that only reads; it sets an event, and may call a wake-up that has to be thread-safe.
"""

import sys
import threading
from collections.abc import Callable
from typing import TextIO


def watch_parent(on_end: Callable[[], None] | None = None, stream: TextIO | None = None) -> threading.Event:
    """Starts watching `stream` (standard input). The event is set, and `on_end` called, when the parent is gone."""
    ended = threading.Event()
    source = sys.stdin if stream is None else stream

    def read() -> None:
        for line in iter(source.readline, ""):
            if line.strip() == "stop":
                break
        ended.set()
        if on_end is not None:
            on_end()

    threading.Thread(target=read, name="parent-pipe", daemon=True).start()
    return ended
