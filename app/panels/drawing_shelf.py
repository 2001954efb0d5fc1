"""Between the book of drawings and its files: what was kept comes in, every change goes out, damage is told."""

from pathlib import Path

from app.desk import Desk
from app.models.drawing_files import DrawingFiles
from app.state.changes import Changes


class DrawingShelf:
    """Reads at the start, writes in its own thread. Without a directory drawings live as long as the window."""

    def __init__(self, desk: Desk, directory: Path | None) -> None:
        """Begins to read."""
        self._desk = desk
        self._files = DrawingFiles(directory)
        desk.drawings.keep_by(self._files.keep)
        desk.watch(self._frame)

    def close(self) -> None:
        """Write what is waiting."""
        self._files.close()

    def _frame(self, changes: Changes) -> None:
        del changes
        read = self._files.take_read()
        if read is None:
            return
        self._desk.drawings.load(read.drawings)
        for problem in read.problems:
            self._desk.message.emit("warning", "DRAWINGS", problem)
