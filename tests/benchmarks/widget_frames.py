"""Frames of single widgets, offscreen: a chart tick, a pan over a million bars, a ladder and a blotter update.

A frame is one change and event processing until it is painted. The yardstick of all is the frame of a bare pyqtgraph
PlotWidget of 1280 x 720 with one line of 300 points, panned by three; they are measured in turns.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from tests.benchmarks.measure import MeasureGroup, Result
from widgets.chart import ChartView
from widgets.gallery import market, panels, tables
from widgets.gallery.rows_model import figure
from widgets.theme import Theme

SIZE = (1280, 720)
ROUNDS, FRAMES = 5, 30
NAMES = (
    "widgets.chart_tick.frame_ms", "widgets.chart_pan_1m.frame_ms", "widgets.ladder.frame_ms",
    "widgets.blotter.frame_ms",
)  # fmt: skip


def _median_ms(change: Callable[[int], None]) -> float:
    frames = []
    for i in range(FRAMES):
        begin = time.perf_counter()
        change(i)
        QApplication.processEvents()
        frames.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(frames)


def _bare_plot() -> tuple[pg.PlotWidget, Callable[[int], None]]:
    plot = pg.PlotWidget()
    plot.plot(np.random.default_rng(1).normal(size=300))

    def pan(i: int) -> None:
        plot.setXRange(3 * i, 3 * i + 100, padding=0)

    return plot, pan


def _chart_tick(theme: Theme) -> tuple[ChartView, Callable[[int], None]]:
    chart = panels.chart(theme, count=100_000)
    time_ns, opened, high, low, close, volume = (int(values[-1]) for values in market.bars(100_000))

    def tick(i: int) -> None:
        chart.update_bar(time_ns, opened, high, low, close - i % 2, volume)
        chart.set_last_price(close - i % 2)

    return chart, tick


def _chart_pan(theme: Theme) -> tuple[ChartView, Callable[[int], None]]:
    chart = panels.chart(theme, count=1_000_000)

    def pan(i: int) -> None:
        chart.pan(3.0 if i % 2 else -3.0)

    return chart, pan


def measure_frames() -> Iterable[Result]:
    """Median frames of all, in turns with the yardstick."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme.load("dark")
    theme.apply(app)
    bare, pan = _bare_plot()
    chart, tick = _chart_tick(theme)
    long_chart, pan_long = _chart_pan(theme)
    ladder, blotter = panels.ladder(theme), tables.orders(theme)
    bids, bid_sizes, asks, ask_sizes = market.book()
    model = blotter.rows.source if blotter.rows is not None else None
    assert model is not None

    def depth(i: int) -> None:
        ladder.set_book(bids, bid_sizes + 10 * (i % 5), asks, ask_sizes)

    def orders(i: int) -> None:
        for row in range(model.rowCount()):
            model.replace(row, 10, figure(f"48.{i % 100:02d}"))

    subjects = ((bare, pan), (chart, tick), (long_chart, pan_long), (ladder, depth), (blotter, orders))
    for widget, _ in subjects:
        widget.resize(*((448, 740) if widget is ladder else SIZE))
        widget.show()
    QApplication.processEvents()
    rounds = [[_median_ms(change) for _, change in subjects] for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    for widget, _ in subjects:
        widget.close()
    for name, value in zip(NAMES, medians[1:], strict=True):
        yield Result(name, "ms", value, medians[0])


MEASURES = [MeasureGroup(NAMES, measure_frames)]
