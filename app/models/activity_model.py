"""What happened, newest last: fills, refusals, unasked cancels, connections. Kept for the session, bounded."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from app.models.keyed_model import Cell, Heading, KeyedModel
from widgets.formatting import format_time

HEADINGS: Final = (
    Heading("Time UTC", 110, "l", "data", "text"),
    Heading("What", 150, "l", "text", "text"),
    Heading("Detail", 620, "l", "text", "text"),
)
LINES_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One thing that happened."""

    time_ns: int
    tone: str
    glyph: str
    title: str
    detail: str


class ActivityModel(KeyedModel):
    """The log of the session."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing has happened."""
        super().__init__(parent)
        self._lines: list[ActivityLine] = []

    def add(self, line: ActivityLine) -> None:
        """Note one thing; the oldest goes when there are too many."""
        self._lines.append(line)
        if len(self._lines) > LINES_MAX:
            del self._lines[: LINES_MAX // 4]
            self.reset()
        else:
            self.refresh(())

    def count(self) -> int:
        """All lines."""
        return len(self._lines)

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        line = self._lines[row]
        if column == 0:
            return format_time(line.time_ns), "", "", float(line.time_ns), None
        if column == 1:
            return line.title, line.tone, line.glyph, None, None
        return line.detail, "text_2", "", None, None
