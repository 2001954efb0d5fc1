"""Pages of history as the workstation asks for them, out of a day of 1,000,000 trades and hours of a busy book.

Rules: without sockets; a page is worked on to its end in one go. The yardstick is reading the file that the page comes
from as a whole; for depth, level by level into a dictionary, as whoever had no index would have to.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.history.books import Column
from server.history.depth_queries import depth
from server.history.depth_store import LENGTH, LEVEL, DepthStore
from server.history.queries import Queries
from server.history.store import HistoryStore
from server.history.ticks import DAY_NS
from server.history.volumes import Volumes
from server.protocol.control import GetBarSeries, GetDepthHistory, GetHotList
from server.protocol.enums import BarUnit, MarketDataKind, Ranking
from server.protocol.records import BOOK_RECORD, TICK_RECORD
from tests.benchmarks.measure import MeasureGroup, Result

TICKS: Final = 1_000_000
COLUMNS: Final = 10_000
LEVELS: Final = 200
CHANGED: Final = 20
INSTRUMENTS: Final = 500
PAGES: Final = 20
DAY: Final = 19_700
SECOND_NS: Final = 10**9
Work = Callable[[], Generator[None, None, tuple[Any, bool]]]


def whole(work: Generator[None, None, tuple[Any, bool]]) -> tuple[Any, bool]:
    """What the slices come to."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            answer: tuple[Any, bool] = stop.value
            return answer


def median_ms(action: Callable[[], object], rounds: int = 5) -> float:
    """How long it takes, in the middle of some tries."""
    found = []
    for _ in range(rounds):
        began_ns = time.perf_counter_ns()
        action()
        found.append((time.perf_counter_ns() - began_ns) / 1e6)
    return statistics.median(found)


def trades(count: int, instruments: int) -> NDArray[np.void]:
    """A day of prints that walk."""
    chance = np.random.default_rng(1)
    rows = np.zeros(count, BOOK_RECORD)
    rows["kind"], rows["flags"], rows["sequence"] = MarketDataKind.EXECUTE, 1, np.arange(1, count + 1)
    rows["trade_number"], rows["instrument"] = rows["sequence"], 1 + np.arange(count) % instruments
    rows["time_ns"] = DAY * DAY_NS + np.arange(count) * (DAY_NS // count)
    rows["price"] = 10_000 + np.cumsum(chance.integers(-1, 2, count))
    rows["quantity"], rows["side"] = chance.integers(1, 100, count), chance.integers(0, 2, count)
    return rows


def bar_results(folder: Path) -> Iterator[Result]:
    """Pages of bars from ticks."""
    store = HistoryStore(folder)
    store.add(trades(TICKS, 1))
    (path,) = (folder / "history").rglob("*.ticks")
    yardstick = median_ms(lambda: np.fromfile(path, TICK_RECORD))
    asked = GetBarSeries(instrument=1, unit=BarUnit.RANGE, size=4, count=8000)
    first = median_ms(lambda: whole(Queries(store).bars(asked)))
    yield Result("history.bars_first_page_ms", "ms", first, yardstick, "range bars of 1,000,000 trades")
    queries, before, found = Queries(store), 0, []
    for _ in range(PAGES):
        ticks = GetBarSeries(instrument=1, unit=BarUnit.TRADES, size=1, before_trade=before, count=8000)
        began_ns = time.perf_counter_ns()
        rows, _more = whole(queries.bars(ticks))
        found.append((time.perf_counter_ns() - began_ns) / 1e6)
        before = int(rows["first_trade"][0])
    yield Result("history.bars_page_ms", "ms", statistics.median(found), yardstick, "8,000 bars further back")


def depth_results(folder: Path) -> Iterator[Result]:
    """Pages of columns of a book of which a tenth changes each second."""
    chance = np.random.default_rng(2)
    store = DepthStore(folder)
    store.open(np.zeros(0, LENGTH))
    book = {2 * price + int(price >= LEVELS // 2): 1 for price in range(LEVELS)}
    names = list(book)
    for second in range(COLUMNS):
        changed = dict.fromkeys((names[place] for place in chance.integers(0, LEVELS, CHANGED).tolist()), second + 2)
        book.update(changed)
        store.put(Column(1, DAY * DAY_NS + second * SECOND_NS, changed, book))
    store.day(1, DAY)
    (path,) = folder.rglob("*.levels")

    def replay() -> None:
        rows, levels = np.fromfile(path, LEVEL), {}
        levels.update(zip(rows["price"].tolist(), rows["side_quantity"].tolist(), strict=True))

    yardstick = median_ms(replay)
    ended_ns = DAY * DAY_NS + COLUMNS * SECOND_NS
    page = median_ms(lambda: whole(depth(store, GetDepthHistory(instrument=1), ended_ns)))
    yield Result("history.depth_page_ms", "ms", page, yardstick, "600 columns of a second")

    def all_columns() -> None:
        before_ns, more = 0, True
        while more:
            rows, more = whole(depth(store, GetDepthHistory(instrument=1, before_ns=before_ns, count=15_000), ended_ns))
            before_ns = int(rows["time_ns"][0])

    yield Result("history.depth_10k_ms", "ms", median_ms(all_columns, 3), yardstick, "10,000 columns, page by page")


def hot_results(folder: Path) -> Iterator[Result]:
    """A hot list of many instruments."""
    store = HistoryStore(folder)
    rows = trades(INSTRUMENTS * 40, INSTRUMENTS)
    store.add(rows)
    volumes, now_ns = Volumes(store), int(rows["time_ns"][-1])
    paths = list((folder / "history").rglob("*.minutes"))
    yardstick = median_ms(lambda: [path.read_bytes() for path in paths])
    asked = GetHotList(ranking=Ranking.GAINERS)
    yield Result("history.hot_list_ms", "ms", median_ms(lambda: whole(volumes.hot_list(asked, now_ns))), yardstick)


def pages() -> Iterator[Result]:
    """All of them, each in a folder of its own."""
    for part in (bar_results, depth_results, hot_results):
        with tempfile.TemporaryDirectory() as folder:
            yield from part(Path(folder))


NAMES: Final = (
    "history.bars_first_page_ms", "history.bars_page_ms", "history.depth_page_ms", "history.depth_10k_ms",
    "history.hot_list_ms",
)  # fmt: skip
MEASURES: Final = (MeasureGroup(NAMES, pages),)
