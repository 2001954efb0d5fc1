"""The files of depth history: per instrument and UTC day one of columns and one of the levels that they changed.

Rules: rows of fixed width, appended. The first column of a file, and one now and then, is FULL: it begins from an empty
book, so that a page is read from the nearest of them on. Rows are kept back until somebody reads them or they are
synced. What a crash left behind the lengths of the last checkpoint is cut. Beyond `bytes_max` the oldest days go; if
today alone is larger, no more of it is kept, and the next day begins anew.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from server.history import files
from server.history.books import Column, Levels
from server.history.ticks import DAY_NS
from server.protocol.codec import Records
from server.protocol.enums import DepthFlag

COLUMN: Final = np.dtype([
    ("time_ns", "<i8"), ("start", "<u8"), ("count", "<u4"), ("changed", "<u4"), ("flags", "<u4"), ("spare", "<u4"),
])  # fmt: skip
"""One second: its rows in the file of levels, and how many levels are others than before."""
LEVEL: Final = np.dtype([("price", "<i8"), ("side_quantity", "<u8")])
"""One level: quantity x 2 + side."""
LENGTH: Final = np.dtype([("instrument", "<u4"), ("day", "<u4"), ("columns", "<u8"), ("levels", "<u8")])
"""How much of an instrument's newest day is in its files."""
BYTES_MAX: Final = 8 << 30
FULL_AGAIN_LEVELS: Final = 2048
"""A FULL column follows after so many changed levels, or twice the levels of the book."""
_FULL: Final = int(DepthFlag.FULL)
_DAY_NAME: Final = re.compile(r"(\d{5})\.(?:columns|levels)")


class FilesDamaged(ValueError):
    """The files do not hold what they held at the checkpoint."""


class DayFiles(NamedTuple):
    """What is stored of one instrument's day."""

    columns: Records
    levels: Records


@dataclass(slots=True)
class Writer:
    """The newest day of an instrument: what its files hold and what is kept back."""

    day: int
    columns: int = 0
    levels: int = 0
    since_full: int = -1
    """Changed levels since the last FULL column; -1: the next one has to be FULL."""
    held_columns: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    held_names: list[int] = field(default_factory=list)
    held_quantities: list[int] = field(default_factory=list)

    def hold(self, time_ns: int, changed: int, levels: Levels, *, is_full: bool) -> None:
        """Keep a column back."""
        start = self.levels + len(self.held_names)
        self.held_columns.append((time_ns, start, len(levels), changed, _FULL if is_full else 0, 0))
        self.held_names += levels.keys()
        self.held_quantities += levels.values()

    def held_rows(self) -> tuple[Records, Records]:
        """What is kept back as rows of columns and of levels."""
        levels = np.empty(len(self.held_names), LEVEL)
        names, quantities = np.array(self.held_names, np.int64), np.array(self.held_quantities, np.uint64)
        levels["price"] = names >> 1
        levels["side_quantity"] = (quantities << np.uint64(1)) | (names & 1).astype(np.uint64)
        return np.array(self.held_columns, COLUMN), levels

    def drop_held(self) -> None:
        """What was kept back is written, or of no use any more."""
        self.held_columns.clear()
        self.held_names.clear()
        self.held_quantities.clear()


class DepthStore:
    """Columns under `root`, beside the ticks. One writer; the owner holds a lock."""

    def __init__(self, root: Path, bytes_max: int = BYTES_MAX) -> None:
        self._root = root
        self._bytes_max = bytes_max
        self._writers: dict[int, Writer] = {}
        self._unsynced: set[Path] = set()
        self._with_new_names: set[Path] = set()
        self._bytes_of_day: Counter[int] = Counter()
        self._bytes = 0

    def open(self, lengths: Records) -> None:
        """Begin behind these LENGTH rows: whatever is not in them is cut. Raises FilesDamaged, OSError."""
        kept = {int(row["instrument"]): row for row in lengths}
        self._writers.clear()
        self._bytes_of_day.clear()
        for instrument, path, day in list(self._files()):
            row = kept.get(instrument)
            if row is None or day > row["day"]:
                path.unlink()
            elif day == row["day"]:
                is_columns = path.suffix == ".columns"
                size = int(row["columns"]) * COLUMN.itemsize if is_columns else int(row["levels"]) * LEVEL.itemsize
                if path.stat().st_size < size:
                    raise FilesDamaged(f"{path} is shorter than it was")
                os.truncate(path, size)
            if path.exists():
                self._bytes_of_day[day] += path.stat().st_size
        for instrument, row in kept.items():
            self._writers[instrument] = Writer(int(row["day"]), int(row["columns"]), int(row["levels"]))
        self._bytes = self._bytes_of_day.total()

    def put(self, column: Column) -> None:
        """Keep a column. Raises OSError."""
        day = column.time_ns // DAY_NS
        writer = self._writers.get(column.instrument)
        if writer is None or writer.day != day:
            if writer is not None:
                self._write(column.instrument, writer)
            writer = self._writers[column.instrument] = Writer(day)
        if not self._has_room(day):
            writer.since_full = -1
            return
        is_full = not 0 <= writer.since_full <= max(FULL_AGAIN_LEVELS, 2 * len(column.book))
        levels, changed = column.book if is_full else column.changes, len(column.changes)
        writer.since_full = 0 if is_full else writer.since_full + changed
        writer.hold(column.time_ns, changed, levels, is_full=is_full)
        size = COLUMN.itemsize + len(levels) * LEVEL.itemsize
        self._bytes_of_day[day] += size
        self._bytes += size

    def is_blind(self, instrument: int) -> bool:
        """Whether the newest columns of an instrument could not be kept."""
        writer = self._writers.get(instrument)
        return writer is not None and writer.since_full < 0 and not self._has_room(writer.day)

    def days(self, instrument: int) -> list[int]:
        """The days (since 1970) of which there are columns, ascending."""
        found = set(_days_in(self._root / str(instrument)))
        writer = self._writers.get(instrument)
        return sorted(found | {writer.day} if writer is not None and writer.held_columns else found)

    def day(self, instrument: int, day: int) -> DayFiles:
        """What there is of a day, mapped. Raises OSError."""
        writer = self._writers.get(instrument)
        if writer is not None and writer.day == day:
            self._write(instrument, writer)
        return DayFiles(
            _mapped(self._path(instrument, day, "columns"), COLUMN),
            _mapped(self._path(instrument, day, "levels"), LEVEL),
        )

    def sync(self) -> Records:
        """Make all columns survive a power cut; the LENGTH rows to open with. Raises OSError."""
        for instrument, writer in self._writers.items():
            self._write(instrument, writer)
        for path in self._unsynced:
            if path.exists():
                files.sync(path)
        for folder in self._with_new_names:
            files.sync_folder(folder)
        self._unsynced.clear()
        self._with_new_names.clear()
        rows = [(instrument, one.day, one.columns, one.levels) for instrument, one in self._writers.items()]
        return np.array(rows, LENGTH)

    def _has_room(self, day: int) -> bool:
        while self._bytes >= self._bytes_max:
            oldest = min(self._bytes_of_day)
            if oldest >= day:
                return False
            for _, path, of_day in list(self._files()):
                if of_day == oldest:
                    path.unlink()
                    self._unsynced.discard(path)
            self._bytes -= self._bytes_of_day.pop(oldest)
            for writer in self._writers.values():
                if writer.day == oldest:
                    writer.drop_held()
        return True

    def _write(self, instrument: int, writer: Writer) -> None:
        """Levels first, so that no column names rows that are not there."""
        if not writer.held_columns:
            return
        columns, levels = writer.held_rows()
        levels_path = self._path(instrument, writer.day, "levels")
        columns_path = self._path(instrument, writer.day, "columns")
        if not writer.columns:
            levels_path.parent.mkdir(parents=True, exist_ok=True)
            self._with_new_names |= {levels_path.parent, self._root}
        files.write_at(levels_path, writer.levels * LEVEL.itemsize, levels.tobytes())
        files.write_at(columns_path, writer.columns * COLUMN.itemsize, columns.tobytes())
        self._unsynced |= {levels_path, columns_path}
        writer.columns += len(columns)
        writer.levels += len(levels)
        writer.drop_held()

    def _files(self) -> Iterator[tuple[int, Path, int]]:
        for folder in os.scandir(self._root):
            if folder.is_dir() and folder.name.isdigit():
                for entry in os.scandir(folder.path):
                    match = _DAY_NAME.fullmatch(entry.name)
                    if match:
                        yield int(folder.name), Path(entry.path), int(match[1])

    def _path(self, instrument: int, day: int, kind: str) -> Path:
        return self._root / str(instrument) / f"{day:05d}.{kind}"


def _days_in(folder: Path) -> Iterable[int]:
    if not folder.is_dir():
        return []
    return [int(match[1]) for entry in os.scandir(folder) if (match := _DAY_NAME.fullmatch(entry.name))]


def _mapped(path: Path, layout: np.dtype[np.void]) -> Records:
    count = path.stat().st_size // layout.itemsize if path.exists() else 0
    return np.memmap(path, layout, "r", 0, (count,)) if count else np.zeros(0, layout)
