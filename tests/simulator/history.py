"""The history process on a simulated machine: the real folder over the simulated event log, with files of its own.

Rules: the files are real ones in a directory of their own; what of them survives a power cut is decided here, from
what was flushed: of the rest each sector may be there, and the names of new files may be gone. At the end the ticks
and bars are those that the trades of the journal give by the plainest of arithmetic.
"""

import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import numpy as np

from server.history import files as files_module
from server.history.books import Column, Sampler
from server.history.depth_queries import depth
from server.history.folding import Folder
from server.history.ticks import DAY_NS, MINUTE_NS
from server.journal.event_log_reader import Cursor, EventLogReader
from server.journal.key_file import KeyRing
from server.protocol.codec import Records
from server.protocol.control import GetDepthHistory
from server.protocol.enums import MarketDataFlag, MarketDataKind
from tests.simulator.disk import SECTOR, SimulatedDisk
from tests.simulator.faults import HISTORY_KILL, HISTORY_LOST, Counts
from tests.simulator.schedule import MILLISECOND, SECOND, Schedule
from tests.simulator.verdict import Wrong

Answer = TypeVar("Answer")
_OF_DEPTH = (".columns", ".levels", ".state")
_TICK_FIELDS = ("time_ns", "price", "quantity", "trade_number", "flags", "side", "sequence")
_EXECUTE, _BUST, _CORRECTION = (
    int(kind) for kind in (MarketDataKind.EXECUTE, MarketDataKind.TRADE_BUST, MarketDataKind.TRADE_CORRECTION)
)
_PRINT, _BUSTED, _CORRECTED = (
    int(flag) for flag in (MarketDataFlag.PRINT, MarketDataFlag.BUSTED, MarketDataFlag.CORRECTED)
)
_BAR_FIELDS = ("time_ns", "open", "high", "low", "close", "volume", "turnover", "trades")


class HistoryFiles:
    """A directory, what of it was flushed, and a power cut. Used as a context, in which it sees every flush."""

    def __init__(self, schedule: Schedule, counts: Counts) -> None:
        self._schedule = schedule
        self._counts = counts
        self._depth_chance = Random(1)
        """Of its own, so that seeds found before there was depth still break what they broke."""
        in_memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(prefix="history-", dir=in_memory if in_memory.is_dir() else None)
        self.directory = Path(self._folder.name)
        self._flushed: dict[Path, bytes] = {}
        """By file: its bytes when it was flushed; bars are flushed under another name, which they have until then."""
        self._named: dict[Path, bytes] = {}
        """By file: what certainly has that name, as its folder was flushed."""
        self._sync: Callable[[Path], None] = files_module.sync
        self._sync_folder: Callable[[Path], None] = files_module.sync_folder

    def __enter__(self) -> "HistoryFiles":
        files_module.sync, files_module.sync_folder = self._on_sync, self._on_sync_folder
        return self

    def __exit__(self, *_: object) -> None:
        files_module.sync, files_module.sync_folder = self._sync, self._sync_folder
        self._folder.cleanup()

    def _on_sync(self, path: Path) -> None:
        self._flushed[path] = path.read_bytes()
        if path.suffix == ".new" and path.stem.isdigit():
            self._flushed[path.with_suffix(".minutes")] = self._flushed[path]

    def _on_sync_folder(self, folder: Path) -> None:
        for path in folder.iterdir():
            if path.is_file():
                self._named[path] = path.read_bytes()

    def lose_power(self) -> None:
        """What was not flushed is what it might be then."""
        paths = [path for path in sorted(self.directory.rglob("*")) if path.is_file() and path.suffix != ".lock"]
        for path in paths:
            chance = self._depth_chance if path.suffix in _OF_DEPTH else self._schedule.chance
            content = path.read_bytes()
            named = self._named.get(path)
            if path.suffix == ".json":
                # it was flushed under another name, and that name is what may be lost
                if named != content and chance.random() < 0.4:
                    self._put(path, named)
                continue
            if named is None and chance.random() < 0.4:
                self._put(path, None)
                continue
            self._put(path, self._sectors(self._flushed.get(path, b""), content, chance))
        self._flushed.clear()
        self._named = {path: path.read_bytes() for path in self.directory.rglob("*") if path.is_file()}
        self._flushed.update(self._named)

    def _put(self, path: Path, content: bytes | None) -> None:
        self._counts[HISTORY_LOST] += content is None or content != path.read_bytes()
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    def _sectors(self, flushed: bytes, content: bytes, chance: Random) -> bytes:
        """Each sector as it was flushed or as it was written since, up to some length."""
        size = chance.randint(min(len(flushed), len(content)), len(content))
        found = bytearray(flushed[:size].ljust(size, b"\0"))
        for place in range(0, size, SECTOR):
            if chance.random() < 0.6:
                found[place : place + SECTOR] = content[place : min(place + SECTOR, size)]
        return bytes(found)


class HistoryProcess:
    """A folder that comes and goes with the server, and sometimes by itself."""

    def __init__(
        self, schedule: Schedule, counts: Counts, files: HistoryFiles, disk: SimulatedDisk, keys: KeyRing,
        plant: Callable[[Folder], None],
    ) -> None:  # fmt: skip
        """`plant` may spoil a folder before it reads."""
        self._plant = plant
        self.folder: Folder | None = None
        self._schedule = schedule
        self._counts = counts
        self._files = files
        self._disk = disk
        self._keys = keys
        self._life = 0

    def starts(self) -> None:
        """A process begins, where the cursor says."""
        if self.folder is not None:
            return
        self._life += 1
        life = self._life
        self.folder = Folder(self._files.directory, lambda: self._schedule.now_ns / SECOND, self._reader)
        self._plant(self.folder)

        def poll() -> None:
            if life == self._life and self.folder is not None:
                self.folder.follow()
                self._schedule.between(10 * MILLISECOND, 120 * MILLISECOND, poll)

        self._schedule.between(MILLISECOND, 200 * MILLISECOND, poll)

    def _reader(self, cursor: Cursor | None) -> EventLogReader:
        return EventLogReader(self._disk, cursor, lambda: self._keys)

    def ends(self, *, power: bool) -> None:
        """The server is gone: it is told so by its pipe, unless the machine is gone too."""
        folder = self._is_gone()
        if folder is not None and not power and self._schedule.chance.random() < 0.7:
            folder.close()
        if power:
            self._files.lose_power()

    def is_killed(self) -> None:
        """The process alone is killed, and another one is started."""
        self._counts[HISTORY_KILL] += 1
        if self._is_gone() is not None:
            self._schedule.between(10 * MILLISECOND, SECOND, self.starts)

    def _is_gone(self) -> Folder | None:
        folder, self.folder = self.folder, None
        self._life += 1
        if folder is not None:
            self._counts["history.rebuilt"] += folder.rebuilds
            folder._lock.release()
        return folder

    def check(self, market_data: Records) -> None:
        """`market_data`: all of the journal. Raises Wrong unless ticks and bars are those of its trades."""
        folder = self.folder
        assert folder is not None
        folder.catch_up()
        if folder.trouble:
            raise Wrong(f"the history rests: {folder.trouble}")
        wanted = ticks_by_day(market_data)
        for instrument in {place[0] for place in wanted}:
            days = folder.store.days(instrument)
            if days != sorted(day for number, day in wanted if number == instrument):
                raise Wrong(f"the history of {instrument} has the days {days}")
        for (instrument, day), ticks in wanted.items():
            found = folder.store.ticks(instrument, day)
            _same(f"ticks of {instrument} on day {day}", _rows(found, _TICK_FIELDS), ticks, _TICK_FIELDS)
            bars = folder.store.minutes(instrument, day)
            _same(f"bars of {instrument} on day {day}", _rows(bars, _BAR_FIELDS), bars_of(ticks), _BAR_FIELDS)
            self._counts["history.ticks"] += len(ticks)
        self._check_depth(folder, market_data)

    def _check_depth(self, folder: Folder, market_data: Records) -> None:
        """The stored columns, read from the newest whole book on, give what a sampler sees that had no faults."""
        books: dict[int, dict[int, int]] = {}

        def see(column: Column) -> None:
            books[column.instrument] = dict(column.book)
            self._counts["history.columns"] += 1

        sampler = Sampler(see)
        sampler.add(market_data)
        sampler.advance(folder.depth.sampler.second)
        for instrument, wanted in books.items():
            asked = GetDepthHistory(instrument=instrument, count=3)
            work = depth(folder.depth.store, asked, folder.depth.sampler.ended_ns)
            found = _levels_of(_answer(work)[0])
            if found != wanted:
                raise Wrong(f"the depth of {instrument} has {len(found)} levels, the journal gives {len(wanted)}")


def ticks_by_day(market_data: Records) -> dict[tuple[int, int], list[dict[str, int]]]:
    """The trades that were printed, by instrument and day, as they are after all corrections."""
    found: dict[tuple[int, int], list[dict[str, int]]] = {}
    by_number: dict[tuple[int, int], dict[str, int]] = {}
    names = ("kind", "instrument", *_TICK_FIELDS)
    is_told = np.isin(market_data["kind"], (_EXECUTE, _BUST, _CORRECTION))
    for values in zip(*(market_data[is_told][name].tolist() for name in names), strict=True):
        row: dict[str, int] = dict(zip(names, values, strict=True))
        kind, key = row["kind"], (row["instrument"], row["trade_number"])
        if kind == _EXECUTE and row["flags"] & _PRINT:
            row["side"] = 1 - row["side"]
            by_number[key] = row
            found.setdefault((row["instrument"], row["time_ns"] // DAY_NS), []).append(row)
        elif kind == _BUST and key in by_number:
            by_number[key]["flags"] |= _BUSTED
        elif kind == _CORRECTION and key in by_number:
            by_number[key]["flags"] |= _CORRECTED
            by_number[key]["price"] = row["price"]
    return found


def bars_of(ticks: list[dict[str, int]]) -> list[dict[str, int]]:
    """Minute bars, one trade after the other; those that were taken back do not count."""
    bars: list[dict[str, int]] = []
    for tick in ticks:
        if tick["flags"] & _BUSTED:
            continue
        begin_ns, price = tick["time_ns"] // MINUTE_NS * MINUTE_NS, tick["price"]
        if not bars or bars[-1]["time_ns"] != begin_ns:
            bars.append(
                dict.fromkeys(_BAR_FIELDS, 0) | {"time_ns": begin_ns, "open": price, "high": price, "low": price}
            )
        bar = bars[-1]
        bar["high"], bar["low"], bar["close"] = max(bar["high"], price), min(bar["low"], price), price
        bar["volume"] += tick["quantity"]
        bar["turnover"] += price * tick["quantity"]
        bar["trades"] += 1
    return bars


def _answer(work: Generator[None, None, Answer]) -> Answer:
    while True:
        try:
            next(work)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer


def _levels_of(rows: Records) -> dict[int, int]:
    """The book at the end of a page that begins with a whole one."""
    levels: dict[int, int] = {}
    for row in rows:
        for place in range(int(row["count"])):
            level = int(row["prices"][place]) * 2 + int(row["sides"][place])
            levels[level] = int(row["quantities"][place])
    return {level: quantity for level, quantity in levels.items() if quantity}


def _rows(records: Records, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return list(zip(*(np.asarray(records[name]).tolist() for name in names), strict=True))


def _same(what: str, ours: list[tuple[Any, ...]], wanted: list[dict[str, int]], names: tuple[str, ...]) -> None:
    theirs = [tuple(row[name] for name in names) for row in wanted]
    if ours != theirs:
        place = next(
            (at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
        )
        raise Wrong(f"the {what} are {len(ours)}, the journal gives {len(theirs)}: they differ from {place} on")
