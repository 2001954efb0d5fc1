"""The files of history: one of ticks and one of minute bars per instrument and UTC day, rows of fixed width.

Rules: ticks are appended, in order of sequence; bars follow from them; a trade that is taken back or corrected is
marked in its tick and its day's bars are made anew. Written is: ticks, bars, fsync of the ticks, of the bars of past
days and of the names of new files, then the cursor. At opening everything above the cursor is cut and its day's bars
are made anew, so that a crash at any moment neither loses nor doubles a tick. What another build has written in
another format is forgotten as a whole.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.history import files
from server.history.ticks import (
    DAY_NS,
    MINUTE_NS,
    bars_of,
    correct,
    corrections_of,
    merge_bars,
    prints_of,
    ticks_of,
)
from server.protocol.codec import Records
from server.protocol.records import SERIES_BAR, TICK_RECORD

DIRECTORY_NAME: Final = "history"
FORMAT: Final = 2
_CURSOR_NAME: Final = "cursor.json"
_DAY_NAME: Final = re.compile(r"(\d{5})\.ticks")


class StoredCursor(msgspec.Struct, frozen=True):
    """How far the event log has been folded: the reader's place, and the last command's sequence and time."""

    ordinal: int = 1
    offset: int = 0
    chain: str = "0000000000000000"
    epoch: int = 0
    sequence: int = 0
    time_ns: int = 0
    format: int = 0


class HistoryStore:
    """Ticks and minute bars under `directory/history`. One writer at a time; the owner holds a lock."""

    def __init__(self, directory: Path) -> None:
        """Open, and cut what lies above the stored cursor. Raises OSError."""
        self._root = directory / DIRECTORY_NAME
        self._root.mkdir(parents=True, exist_ok=True)
        self._today: dict[int, tuple[int, Records]] = {}
        self._unsynced: set[Path] = set()
        self.edition = 0
        """Rises when something of the past has become another: what was made of it is to be made anew."""
        self._unsynced_bars: dict[Path, int] = {}
        """By file its day; those of the cursor's own day are made anew at an opening."""
        self._with_new_names: set[Path] = set()
        self.cursor = self._load_cursor()
        self._cut_to_cursor()

    def add(self, market_data: Records) -> int:
        """Fold BOOK_RECORD rows in order of sequence; how many ticks there were. Raises OSError."""
        prints = prints_of(market_data)
        order = np.argsort(prints["instrument"], kind="stable")
        prints = prints[order]
        day = prints["time_ns"] // DAY_NS
        borders = np.flatnonzero(np.diff(prints["instrument"].astype(np.int64)) | np.diff(day)) + 1
        for part in np.split(prints, borders) if len(prints) else []:
            self._add_day(int(part["instrument"][0]), int(part["time_ns"][0] // DAY_NS), ticks_of(part))
        for correction in corrections_of(market_data):
            self._correct(correction)
        return len(prints)

    def store_cursor(self, cursor: StoredCursor) -> None:
        """Make all ticks survive a power cut, then the cursor behind them. Raises OSError."""
        cursor = msgspec.structs.replace(cursor, format=FORMAT)
        today = cursor.time_ns // DAY_NS
        past = [path for path, day in self._unsynced_bars.items() if day < today]
        for path in (*self._unsynced, *past):
            files.sync(path)
        for path in past:
            del self._unsynced_bars[path]
        for folder in self._with_new_names:
            files.sync_folder(folder)
        self._unsynced.clear()
        self._with_new_names.clear()
        path = self._root / _CURSOR_NAME
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(cursor))
        files.sync(fresh)
        fresh.replace(path)
        self.cursor = cursor

    def clear(self) -> None:
        """Forget everything, because the log that it came from was rewound. Raises OSError."""
        shutil.rmtree(self._root)
        self._root.mkdir()
        self._today.clear()
        self._unsynced.clear()
        self._unsynced_bars.clear()
        self._with_new_names.clear()
        self.cursor = StoredCursor()
        self.edition += 1

    def instruments(self) -> list[int]:
        """The instruments that ever traded, ascending."""
        return sorted(instrument for instrument in self._folders() if self.days(instrument))

    def days(self, instrument: int) -> list[int]:
        """The days (since 1970) on which the instrument traded, ascending."""
        folder = self._folder(instrument)
        if not folder.is_dir():
            return []
        return sorted(int(match[1]) for entry in os.scandir(folder) if (match := _DAY_NAME.fullmatch(entry.name)))

    def ticks(self, instrument: int, day: int) -> Records:
        """All ticks of a day, mapped, not read."""
        path = self._tick_path(instrument, day)
        count = path.stat().st_size // TICK_RECORD.itemsize if path.exists() else 0
        return np.memmap(path, TICK_RECORD, "r", 0, (count,)) if count else np.zeros(0, TICK_RECORD)

    def minutes(self, instrument: int, day: int) -> Records:
        """The minute bars of a day."""
        today = self._today.get(instrument)
        if today is not None and today[0] == day:
            return today[1]
        path = self._bar_path(instrument, day)
        return np.fromfile(path, SERIES_BAR) if path.exists() else np.zeros(0, SERIES_BAR)

    def _add_day(self, instrument: int, day: int, ticks: Records) -> None:
        path = self._tick_path(instrument, day)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._with_new_names |= {path.parent, self._root}
        with path.open("ab", buffering=0) as file:
            file.write(ticks.tobytes())
        self._unsynced.add(path)
        known = self.minutes(instrument, day)
        fresh = bars_of(ticks, MINUTE_NS)
        if not len(fresh):
            return
        kept = len(known) - 1 if len(known) and known["time_ns"][-1] == fresh["time_ns"][0] else len(known)
        bars = np.concatenate([known[:kept], merge_bars(np.concatenate([known[kept:], fresh]), MINUTE_NS)])
        self._today[instrument] = (day, bars)
        bar_path = self._bar_path(instrument, day)
        files.write_at(bar_path, kept * SERIES_BAR.itemsize, bars[kept:].tobytes())
        self._unsynced_bars[bar_path] = day

    def _correct(self, correction: np.void) -> None:
        """Change the newest tick of that trade number, and make the bars of its day anew."""
        instrument = int(correction["instrument"])
        for day in reversed(self.days(instrument)):
            path = self._tick_path(instrument, day)
            ticks = np.fromfile(path, TICK_RECORD)
            places = np.flatnonzero(ticks["trade_number"] == correction["trade_number"])
            if not len(places):
                continue
            place = int(places[-1])
            correct(ticks[place : place + 1], correction)
            files.write_at(path, place * TICK_RECORD.itemsize, ticks[place].tobytes())
            self._unsynced.add(path)
            self._replace_bars(instrument, day, bars_of(ticks, MINUTE_NS))
            self.edition += 1
            return

    def _replace_bars(self, instrument: int, day: int, bars: Records) -> None:
        """Put a whole new file in the place of a day's bars: a crash leaves the old one or the new one."""
        path = self._bar_path(instrument, day)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(bars.tobytes())
        files.sync(fresh)
        fresh.replace(path)
        self._with_new_names.add(path.parent)
        self._unsynced_bars.pop(path, None)
        if instrument in self._today and self._today[instrument][0] == day:
            self._today[instrument] = (day, bars)

    def _load_cursor(self) -> StoredCursor:
        try:
            cursor = msgspec.json.decode((self._root / _CURSOR_NAME).read_bytes(), type=StoredCursor)
        except (FileNotFoundError, msgspec.DecodeError):
            return StoredCursor()
        return cursor if cursor.format == FORMAT else StoredCursor()

    def _cut_to_cursor(self) -> None:
        """Drop ticks above the cursor; days that it has not reached go, its own day's bars are made anew."""
        if self.cursor.sequence == 0:
            self.clear()
            return
        first_day = self.cursor.time_ns // DAY_NS
        for instrument in self._folders():
            for day in self.days(instrument):
                if day >= first_day:
                    self._cut_day(instrument, day)

    def _cut_day(self, instrument: int, day: int) -> None:
        path = self._tick_path(instrument, day)
        ticks = np.fromfile(path, TICK_RECORD, path.stat().st_size // TICK_RECORD.itemsize)
        kept = _whole_ticks(ticks["sequence"].astype(np.int64), self.cursor.sequence)
        bar_path = self._bar_path(instrument, day)
        bar_path.unlink(missing_ok=True)
        if kept == 0:
            path.unlink()
            return
        os.truncate(path, kept * TICK_RECORD.itemsize)
        files.write_at(bar_path, 0, bars_of(ticks[:kept], MINUTE_NS).tobytes())
        self._unsynced_bars[bar_path] = day
        self._with_new_names.add(path.parent)

    def _folders(self) -> Iterator[int]:
        for entry in os.scandir(self._root):
            if entry.is_dir() and entry.name.isdigit():
                yield int(entry.name)

    def _folder(self, instrument: int) -> Path:
        return self._root / str(instrument)

    def _tick_path(self, instrument: int, day: int) -> Path:
        return self._folder(instrument) / f"{day:05d}.ticks"

    def _bar_path(self, instrument: int, day: int) -> Path:
        return self._folder(instrument) / f"{day:05d}.minutes"


def _whole_ticks(sequences: NDArray[np.int64], last: int) -> int:
    """How many of the rows the cursor stands for: up to the first one above it, or of pages that never arrived."""
    wrong = np.flatnonzero((sequences > last) | (sequences == 0) | (np.diff(sequences, prepend=0) < 0))
    return int(wrong[0]) if len(wrong) else len(sequences)
