"""A tick and a pan of the chart with ten indicators at 1,000,000 and at 10,000 bars, offscreen, 1920 x 1080.

Four lie over the candles, six have panes of their own; one of each ten depends on the whole past. The yardstick of the
frames is the bare plot of the same run, as for the chart without studies; `compute` is ten indicators over all bars,
on a thread of its own, the yardstick a sum over one column of them.
"""

import os
import statistics
import time
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from app.panels.chart_studies import ChartStudies
from app.state.bar_forming import BAR
from app.studies.bar_inputs import Units
from app.studies.catalogue import kinds
from app.studies.choice import chosen
from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.views_chart import COUNTS, MINUTE_NS, ROUNDS, ChartSubject, bare_plot, bars
from widgets.theme import Theme

FIELDS = ("time_ns", "open", "high", "low", "close", "volume")
OVERLAYS, PANES = ("EMA", "SMA", "BBANDS", "SUPERTREND"), ("RSI", "MACD", "STOCH", "ADX", "ATR", "OBV")
UNITS = Units(100, 1)
NAMES = (
    *(f"chart.studies.{size}.{kind}.frame_ms" for size in COUNTS for kind in ("tick", "append", "pan")),
    *(f"chart.studies.{size}.compute_ms" for size in COUNTS),
    *(f"chart.studies.{size}.values_us" for size in COUNTS),
)


class NoPages:
    """History that is never asked, since no study here follows from trades."""


class StudiedChart(ChartSubject):
    """A chart with ten indicators; the values are brought up to each bar before the chart paints it."""

    def __init__(self, theme: Theme, columns: list[np.ndarray]) -> None:
        super().__init__(theme, columns)
        count = len(columns[0])
        self.buffer = np.zeros(count + 10_000, BAR)
        for name, column in zip(FIELDS, columns, strict=True):
            self.buffer[name][:count] = column
        self.count = count
        self.pages: Any = NoPages()
        self.studies = ChartStudies(self.view, theme)
        self.studies.restore([])
        self.studies.reset(self.rows, UNITS)
        begin = time.perf_counter()
        self.studies.choose([chosen(kinds()[name]) for name in (*OVERLAYS, *PANES)])
        self.settle()
        self.compute_ms = (time.perf_counter() - begin) * 1e3
        self.value_us: list[float] = []

    @property
    def rows(self) -> np.ndarray:
        """The bars."""
        return self.buffer[: self.count]

    def settle(self) -> None:
        """Wait for what is computed elsewhere."""
        while self.studies._set.busy:
            self.studies._set._future.result()
            self.studies.settle(0, self.pages)

    def bring_up(self) -> None:
        """The last bar as it is now."""
        for name, value in zip(FIELDS, self.last, strict=True):
            self.buffer[name][self.count - 1] = value
        begin = time.perf_counter()
        self.studies.advance(self.rows)
        self.studies.settle(time.time_ns(), self.pages)
        self.value_us.append((time.perf_counter() - begin) * 1e6)

    def tick(self, i: int) -> None:
        """A trade in the last bar."""
        self.last[4] += 1 - 2 * (i % 2)
        self.bring_up()
        self.view.update_bar(*self.last)
        self.view.set_last_price(self.last[4])

    def append(self, i: int) -> None:
        """A new bar, followed."""
        price = self.last[4] + i % 3
        self.last = [self.last[0] + MINUTE_NS, price, price + 1, price - 1, price, 100]
        self.count += 1
        self.bring_up()
        self.view.update_bar(*self.last)
        self.view.set_last_price(price)


def measure_studies() -> Iterable[Result]:
    """Medians of all, in turns with the yardstick."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme.load("dark")
    theme.apply(app)
    bare, pan = bare_plot()
    columns = {size: bars(count) for size, count in COUNTS.items()}
    charts = {size: StudiedChart(theme, columns[size]) for size in COUNTS}
    frames: dict[str, list[float]] = {}
    plain: list[float] = []
    for _ in range(ROUNDS):
        plain.append(bare.usual_ms(pan))
        for size, chart in charts.items():
            for kind, change in (("tick", chart.tick), ("append", chart.append), ("pan", chart.pan)):
                frames.setdefault(f"chart.studies.{size}.{kind}.frame_ms", []).append(chart.usual_ms(change))
    yardstick = statistics.median(plain)
    for name, values in frames.items():
        yield Result(name, "ms", statistics.median(values), yardstick)
    for size, chart in charts.items():
        begin = time.perf_counter()
        float(columns[size][4].sum())
        once_ms = (time.perf_counter() - begin) * 1e3
        yield Result(f"chart.studies.{size}.compute_ms", "ms", chart.compute_ms, once_ms)
        yield Result(f"chart.studies.{size}.values_us", "us", statistics.median(chart.value_us), yardstick * 1e3)
        chart.view.close()
    bare.widget.close()


MEASURES = [MeasureGroup(NAMES, measure_studies)]
