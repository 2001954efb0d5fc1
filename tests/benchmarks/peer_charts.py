"""Frames of vnpy's or finplot's chart: `python peer_charts.py {vnpy,finplot} BARS`, run by `views_peers` with the
interpreter of an environment that has them. It knows nothing of this project. One JSON line: medians in ms by kind.

Work and yardstick as in `views_chart`: 1920 x 1080, candles and volume, a frame is one change until it is painted.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

SIZE = (1920, 1080)
FRAMES, KIND_S = 24, 12.0
START_S = 1_600_000_000
Change = Callable[[int], None]


def columns(count: int) -> dict[str, np.ndarray]:
    """A seeded walk."""
    rng = np.random.default_rng(20261122)
    close = 5000 + np.cumsum(rng.integers(-3, 4, count)) / 100
    opened = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opened, close) + rng.integers(0, 4, count) / 100, np.minimum(opened, close) - 0.02
    volume = rng.integers(10, 1000, count).astype(float)
    return {"time": START_S + 60 * np.arange(count), "open": opened, "close": close, "high": high, "low": low,
            "volume": volume}  # fmt: skip


class Frames:
    """Counts the paints of a widget and times changes until one."""

    def __init__(self, app: Any, viewport: Any, core: Any) -> None:
        frames = self

        class Counter(core.QObject):  # type: ignore[misc]
            def eventFilter(self, watched: Any, event: Any) -> bool:
                del watched
                frames.paints += event.type() == core.QEvent.Type.Paint
                return False

        self.app, self.paints = app, 0
        self._counter = Counter()
        viewport.installEventFilter(self._counter)

    def frame_ms(self, change: Change, i: int) -> float:
        """One change until it is painted."""
        before, begin = self.paints, time.perf_counter()
        change(i)
        for _ in range(200):
            self.app.processEvents()
            if self.paints > before:
                break
        return (time.perf_counter() - begin) * 1e3

    def median_ms(self, change: Change) -> float:
        """Up to `FRAMES` frames or `KIND_S` seconds."""
        begin, figures = time.perf_counter(), []
        for i in range(FRAMES):
            figures.append(self.frame_ms(change, i))
            if time.perf_counter() - begin > KIND_S:
                break
        return statistics.median(figures)


def bare_ms(pg: Any, app: Any) -> float:
    """The yardstick of this process."""
    plot = pg.PlotWidget()
    plot.plot(np.random.default_rng(1).normal(size=300))
    plot.resize(*SIZE)
    plot.show()
    frames = Frames(app, plot.viewport(), pg.QtCore)
    median = statistics.median(
        frames.median_ms(lambda i: plot.setXRange(3 * i, 3 * i + 100, padding=0)) for _ in range(5)
    )
    plot.close()
    return median


def vnpy_figures(count: int) -> dict[str, float]:
    """ChartWidget with candles, volume and cursor."""
    import pyqtgraph as pg
    from vnpy.trader.ui import QtWidgets  # isort: skip
    from datetime import UTC, datetime

    from vnpy.chart import CandleItem, ChartWidget, VolumeItem
    from vnpy.trader.constant import Exchange, Interval
    from vnpy.trader.object import BarData

    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    rows = columns(count)

    def bar(i: int, shift: int = 0) -> Any:
        at = datetime.fromtimestamp(int(rows["time"][i]) + 60 * shift, UTC)
        return BarData("X", "VLTA", Exchange.LOCAL, at, Interval.MINUTE, *(
            float(rows[name][i]) for name in ("volume",)), open_price=float(rows["open"][i]),
            high_price=float(rows["high"][i]), low_price=float(rows["low"][i]), close_price=float(rows["close"][i]),
        )  # fmt: skip

    figures = {"bare": bare_ms(pg, app)}
    widget = ChartWidget()
    widget.add_plot("candle", hide_x_axis=True)
    widget.add_plot("volume", maximum_height=200)
    widget.add_item(CandleItem, "candle", "candle")
    widget.add_item(VolumeItem, "volume", "volume")
    widget.add_cursor()
    widget.resize(*SIZE)
    widget.show()
    frames = Frames(app, widget.viewport(), pg.QtCore)
    bars = [bar(i) for i in range(count)]
    figures["first"] = frames.frame_ms(lambda _: widget.update_history(bars), 0)
    box = (
        widget.get_plot("candle").getViewBox() if hasattr(widget, "get_plot") else widget._plots["candle"].getViewBox()
    )
    figures["pan"] = frames.median_ms(lambda i: box.translateBy(x=3 if i % 2 else -3))
    figures["zoom"] = frames.median_ms(lambda i: widget._on_key_down() if i % 24 < 12 else widget._on_key_up())

    def tick(i: int) -> None:
        last = bar(count - 1)
        last.close_price -= 0.01 * (i % 2)
        widget.update_bar(last)

    figures["tick"] = frames.median_ms(tick)
    figures["append"] = frames.median_ms(lambda i: widget.update_bar(bar(count - 1, i + 1)))
    return figures


def finplot_figures(count: int) -> dict[str, float]:
    """Candles and volume rows, updated as in its live examples."""
    import finplot as fplt
    import pandas as pd
    import pyqtgraph as pg

    rows = columns(count)
    frame = pd.DataFrame(rows).rename(columns={"time": "Date"})
    frame["Date"] *= 10**9
    candles = frame[["Date", "open", "close", "high", "low"]]
    volumes = frame[["Date", "open", "close", "volume"]]
    axis, below = fplt.create_plot("chart", rows=2, maximize=False)
    app = pg.mkQApp()
    figures = {"bare": bare_ms(pg, app)}
    window = axis.vb.win
    window.resize(*SIZE)
    frames = Frames(app, window.viewport(), pg.QtCore)
    shown: list[Any] = []

    def first(_: int) -> None:
        shown.append(fplt.candlestick_ochl(candles, ax=axis))
        shown.append(fplt.volume_ocv(volumes, ax=below))
        fplt.show(qt_exec=False)

    figures["first"] = frames.frame_ms(first, 0)
    box = axis.vb
    figures["pan"] = frames.median_ms(lambda i: box.pan_x(steps=3 if i % 2 else -3))
    figures["zoom"] = frames.median_ms(
        lambda i: (
            box.zoom_rect(box.targetRect(), 1.2 if i % 24 < 12 else 1 / 1.2, box.targetRect().center())
            if hasattr(box, "zoom_rect")
            else None
        )
    )

    def tick(i: int) -> None:
        candles.iat[count - 1, 2] = float(rows["close"][-1]) - 0.01 * (i % 2)
        shown[0].update_data(candles)
        shown[1].update_data(volumes)

    figures["tick"] = frames.median_ms(tick)

    def append(i: int) -> None:
        nonlocal candles, volumes
        at = int(rows["time"][-1] + 60 * (i + 1)) * 10**9
        price = float(rows["close"][-1])
        candles = pd.concat([candles, pd.DataFrame([[at, price, price, price, price]], columns=candles.columns)],
                            ignore_index=True)  # fmt: skip
        volumes = pd.concat([volumes, pd.DataFrame([[at, price, price, 10.0]], columns=volumes.columns)],
                            ignore_index=True)  # fmt: skip
        shown[0].update_data(candles)
        shown[1].update_data(volumes)

    figures["append"] = frames.median_ms(append)
    return figures


def main() -> int:
    """Print the figures of one peer."""
    peer, count = sys.argv[1], int(sys.argv[2])
    figures = vnpy_figures(count) if peer == "vnpy" else finplot_figures(count)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
