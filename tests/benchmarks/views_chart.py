"""The chart at 1,000,000 and at 10,000 bars, offscreen, 1920 x 1080: candles, volume, last-price line, vertical fit on.

A frame is one change and event processing until the plot has been painted. The yardstick of all is the frame of a bare
pyqtgraph PlotWidget of the same size with one line of 300 points, panned by three; all are measured in turns.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from tests.benchmarks.measure import MeasureGroup, Result
from widgets.chart import ChartView
from widgets.theme import Theme

SIZE = (1920, 1080)
ROUNDS, FRAMES, LOADS = 7, 24, 5
COUNTS = {"1m": 1_000_000, "10k": 10_000}
FRAME_KINDS = ("pan", "zoom", "tick", "append", "all")
MINUTE_NS = 60 * 10**9
ALL_SHARE = 0.01
Change = Callable[[int], None]

NAMES = (
    *(f"chart.{size}.{kind}.frame_ms" for size in COUNTS for kind in FRAME_KINDS),
    *(f"chart.{size}.first.frame_ms" for size in COUNTS),
    *(f"chart.{size}.set_bars_ms" for size in COUNTS),
    "chart.bytes_per_bar",
)


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.paints = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        self.paints += event.type() == QEvent.Type.Paint
        return False


def bars(count: int) -> list[np.ndarray]:
    """Time, open, high, low, close, volume of a seeded walk that stays above zero."""
    rng = np.random.default_rng(20261122)
    close = 500_000 + np.cumsum(rng.integers(-3, 4, count))
    opened = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opened, close) + rng.integers(0, 4, count), np.minimum(opened, close) - 2
    return [np.arange(count) * MINUTE_NS, opened, high, low, close, rng.integers(10, 1000, count)]


class Subject:
    """A shown widget and what is done to it; `usual_ms` of one round."""

    def __init__(self, widget: pg.PlotWidget | ChartView, plot: QWidget) -> None:
        self.widget = widget
        self.counter = PaintCounter(plot)

    def frame_ms(self, change: Change, i: int) -> float:
        """One change until it is painted."""
        before = self.counter.paints
        begin = time.perf_counter()
        change(i)
        for _ in range(50):
            QApplication.processEvents()
            if self.counter.paints > before:
                break
        return (time.perf_counter() - begin) * 1e3

    def usual_ms(self, change: Change) -> float:
        """Lower quartile of a round: what else runs on the machine only ever adds."""
        return statistics.quantiles((self.frame_ms(change, i) for i in range(FRAMES)), n=4)[0]


def bare_plot() -> tuple[Subject, Change]:
    """The yardstick."""
    plot = pg.PlotWidget()
    plot.plot(np.random.default_rng(1).normal(size=300))
    plot.resize(*SIZE)
    plot.show()

    def pan(i: int) -> None:
        plot.setXRange(3 * i, 3 * i + 100, padding=0)

    return Subject(plot, plot.viewport()), pan


class ChartSubject(Subject):
    """A chart, and what the first paint of it cost."""

    def __init__(self, theme: Theme, columns: list[np.ndarray]) -> None:
        self.view = ChartView(theme)
        self.view.set_instrument("VLTA", 2, 1)
        self.view.set_bar_size(MINUTE_NS)
        super().__init__(self.view, self.view._canvas.viewport())
        self.view.resize(*SIZE)
        self.view.show()
        QApplication.processEvents()
        loads = [self.load(columns) for _ in range(LOADS)]
        self.set_ms, self.first_ms = (statistics.median(figures) for figures in zip(*loads, strict=True))
        self.last = [int(column[-1]) for column in columns]
        self.view.set_history_complete(True)

    def load(self, columns: list[np.ndarray]) -> tuple[float, float]:
        """All bars at once: ms until they are in the store, and from then until they are painted."""
        begin = time.perf_counter()
        self.view._shown.set(columns[0], columns[1:])
        return (time.perf_counter() - begin) * 1e3, self.frame_ms(lambda _: self.show_all_bars(), 0)

    def show_all_bars(self) -> None:
        """The bars are in the store: find the view and paint."""
        self.view.span.use_bars(self.view.bars)
        self.view.go_to_end()

    def tick(self, i: int) -> None:
        """A trade in the last bar."""
        time_ns, opened, high, low, close, volume = self.last
        self.view.update_bar(time_ns, opened, high, low, close - i % 2, volume + i)
        self.view.set_last_price(close - i % 2)

    def append(self, i: int) -> None:
        """A new bar, followed."""
        price = self.last[4] + i % 3
        self.last = [self.last[0] + MINUTE_NS, price, price + 1, price - 1, price, 100]
        self.view.update_bar(*self.last)
        self.view.set_last_price(price)

    def pan(self, i: int) -> None:
        """Three bars to and fro."""
        self.view.pan(3.0 if i % 2 else -3.0)

    def zoom(self, i: int) -> None:
        """Twelve turns of the wheel out, twelve in."""
        self.view._moved(self.view._viewport.zoom, -1.0 if i % 24 < 12 else 1.0, SIZE[0] / 2)

    def pan_all(self, i: int) -> None:
        """The whole history in view, moved by a hundredth of it."""
        share = ALL_SHARE * self.view._frame.bars.count
        self.view.pan(share if i % 2 else -share)

    def round(self, kind: str) -> float:
        """The usual frame of one kind, beginning from where that kind begins."""
        if kind == "all":
            self.view.set_visible_bars(self.view._frame.bars.count)
        else:
            self.view.go_to_end()
        QApplication.processEvents()
        return self.usual_ms(self.pan_all if kind == "all" else getattr(self, kind))


def measure_chart() -> Iterable[Result]:
    """All lines, in turns with the yardstick."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme.load("dark")
    theme.apply(app)
    bare, pan_bare = bare_plot()
    charts = {size: ChartSubject(theme, bars(count)) for size, count in COUNTS.items()}
    rounds: dict[str, list[float]] = {"bare": []}
    for turn in range(ROUNDS + 1):
        figures = {"bare": bare.usual_ms(pan_bare)}
        for size, chart in charts.items():
            for kind in FRAME_KINDS:
                figures[f"chart.{size}.{kind}.frame_ms"] = chart.round(kind)
            figures["bare"] = min(figures["bare"], bare.usual_ms(pan_bare))
        for name, value in figures.items() if turn else ():
            rounds.setdefault(name, []).append(value)
    medians = {name: statistics.median(values) for name, values in rounds.items()}
    yardstick = medians.pop("bare")
    bare.widget.close()
    for name, value in medians.items():
        yield Result(name, "ms", value, yardstick)
    for size, chart in charts.items():
        yield Result(f"chart.{size}.first.frame_ms", "ms", chart.first_ms, yardstick)
        yield Result(f"chart.{size}.set_bars_ms", "ms", chart.set_ms, yardstick)
        chart.widget.close()
    store = charts["1m"].view._frame.bars
    yield Result("chart.bytes_per_bar", "bytes", store.nbytes / store.count, 64.0)


MEASURES = [MeasureGroup(NAMES, measure_chart)]
