"""Frames of the heat map at 1920 x 1080, offscreen: a live column, with little and with much history, pan and zoom.

A live frame is a book of 200 levels that changes and closes one column of a second, and event processing until it is
painted. The yardstick is the frame of a bare pyqtgraph PlotWidget of the same size with one line of 300 points, panned
by three; they are measured in turns. `.flat` is the live frame with 10,000 columns by that with 1,000.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QWidget

from app.state.depth import DepthBook
from app.state.heat import LiquidityHistory
from app.state.price_rows import PriceRows
from server.protocol.enums import MarketDataKind
from server.protocol.records import BOOK_RECORD
from tests.benchmarks.measure import MeasureGroup, Result
from widgets.heat_map import HeatMapView
from widgets.heat_map.marks import Trades
from widgets.theme import Theme

SIZE = (1920, 1080)
LEVELS, COLUMNS = 200, (1_000, 10_000)
ROUNDS, FRAMES = 5, 30
SECOND_NS = 1_000_000_000
BEGIN_NS = 20_000 * 86_400 * SECOND_NS
NAMES = ("heat_map.live_column.frame_ms", "heat_map.live_column.flat", "heat_map.pan.frame_ms",
         "heat_map.zoom.frame_ms", "heat_map.live_tick.frame_ms")  # fmt: skip


@dataclass
class Recorded:
    """A view over a recorded history, and the book that goes on."""

    view: HeatMapView
    history: LiquidityHistory
    time_ns: int

    def next_column(self, i: int) -> None:
        """A second goes by, every level changes."""
        self.time_ns += SECOND_NS
        self._change(i)
        self.history.advance(self.time_ns + 1, trusted=True)
        self.view.refresh()

    def next_tick(self, i: int) -> None:
        """The book changes within the newest column."""
        self._change(i)
        self.view.refresh()

    def pan(self, i: int) -> None:
        """Three columns into the past, or back."""
        self.view.canvas.scene.time.pan(3 if i % 20 < 10 else -3)
        self.view.canvas.moved()

    def zoom(self, i: int) -> None:
        """In and out."""
        self.view.canvas.scene.time.zoom(1 if i % 2 else -1, SIZE[0])
        self.view.canvas.moved()

    def _change(self, i: int) -> None:
        self.history.apply(_book(self.time_ns, i), self.time_ns)


def _book(time_ns: int, i: int) -> np.ndarray:
    """All levels of a book around 5,000, with other quantities each time."""
    distance = np.arange(LEVELS // 2)
    records = np.zeros(LEVELS, BOOK_RECORD)
    records["kind"], records["time_ns"] = MarketDataKind.LEVEL, time_ns
    records["side"] = np.repeat([0, 1], LEVELS // 2)
    records["price"] = np.concatenate([4_999 - distance, 5_000 + distance])
    records["level_quantity"] = 100 + (np.arange(LEVELS) * 7_919 + i * 104_729) % 900
    records["level_orders"] = 3
    return records


def _recorded(theme: Theme, columns: int) -> Recorded:
    history = LiquidityHistory(DepthBook(), PriceRows(1))
    history.reset(_book(BEGIN_NS, 0), BEGIN_NS)
    history.advance(BEGIN_NS, trusted=True)
    for i in range(columns):
        history.apply(_book(BEGIN_NS + i * SECOND_NS, i), BEGIN_NS)
        history.advance(BEGIN_NS + (i + 1) * SECOND_NS, trusted=True)
    end_ns = BEGIN_NS + columns * SECOND_NS
    view = HeatMapView(theme)
    view.resize(*SIZE)
    view.set_instrument("VLTA", 2)
    view.set_source(history, 1)
    times = np.linspace(BEGIN_NS, end_ns, 2 * columns).astype(np.int64)
    ones = np.arange(2 * columns)
    view.set_trades(Trades.of(times, 4_999 + ones % 2, 10 + ones % 300, (ones + 1) % 2))
    return Recorded(view, history, end_ns)


def _median_ms(change: Callable[[int], None]) -> float:
    frames = []
    for i in range(FRAMES):
        begin = time.perf_counter()
        change(i)
        QApplication.processEvents()
        frames.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(frames)


def measure_frames() -> Iterable[Result]:
    """Median frames of all, in turns with the yardstick."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme.load("dark")
    theme.apply(app)
    bare = pg.PlotWidget()
    bare.plot(np.random.default_rng(1).normal(size=300))
    few, many = (_recorded(theme, columns) for columns in COLUMNS)
    subjects: tuple[tuple[QWidget, Callable[[int], None]], ...] = (
        (bare, lambda i: bare.setXRange(3 * i, 3 * i + 100, padding=0)), (few.view, few.next_column),
        (many.view, many.next_column), (many.view, many.next_tick), (many.view, many.pan), (many.view, many.zoom),
    )  # fmt: skip
    for widget, _ in subjects:
        widget.resize(*SIZE)
        widget.show()
    for recorded in (few, many):
        recorded.view.canvas.scene.time.width_ns, recorded.view.canvas.scene.time.column_px = SECOND_NS, 1
        recorded.view.canvas.moved()
    QApplication.processEvents()
    rounds = []
    for _ in range(ROUNDS):
        row = [_median_ms(change) for _, change in subjects]
        many.view.canvas.go_live()
        rounds.append(row)
    frame, live_few, live_many, tick, pan, zoom = (statistics.median(one) for one in zip(*rounds, strict=True))
    for widget, _ in subjects:
        widget.close()
    yield Result(NAMES[0], "ms", live_many, frame)
    yield Result(NAMES[1], "x", live_many / live_few, 1.0)
    for name, value in zip(NAMES[2:], (pan, zoom, tick), strict=True):
        yield Result(name, "ms", value, frame)


MEASURES = [MeasureGroup(NAMES, measure_frames)]
