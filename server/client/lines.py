"""The lines on which the same market data comes: how much of it, how often first, and whether one has gone silent.

Rules: pure. A line is silent when the heartbeats, which come on each, have stayed away for `SILENT_HEARTBEATS`; with
one line that is the business of the channel's health.
"""

from dataclasses import dataclass
from typing import Final

from server.client.incoming import LineChange

SILENT_HEARTBEATS: Final = 4


@dataclass(slots=True)
class Line:
    """One line."""

    messages: int = 0
    first: int = 0
    """Messages that had not come on another line before."""
    seen_ns: int = 0
    is_silent: bool = False


class Lines:
    """One line or two."""

    def __init__(self) -> None:
        self.lines = [Line()]

    def restart(self, count: int, now_ns: int) -> None:
        """A session begins; the counts go on."""
        del self.lines[count:]
        while len(self.lines) < count:
            self.lines.append(Line())
        for line in self.lines:
            line.seen_ns, line.is_silent = now_ns, False

    def heard(self, number: int, now_ns: int, *, first: bool) -> None:
        """A message came on a line."""
        line = self.lines[number]
        line.messages += 1
        line.first += first
        line.seen_ns = now_ns

    def on_time(self, now_ns: int, heartbeat_ns: int) -> list[LineChange]:
        """Lines that went silent, or speak again, since the last call."""
        if len(self.lines) == 1:
            return []
        changes = []
        for number, line in enumerate(self.lines):
            is_silent = now_ns - line.seen_ns > SILENT_HEARTBEATS * heartbeat_ns
            if is_silent != line.is_silent:
                line.is_silent = is_silent
                changes.append(LineChange("AB"[number], is_silent))
        return changes
