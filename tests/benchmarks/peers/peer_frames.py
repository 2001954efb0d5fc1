"""Frames of other programs' charts, timed as `views_chart` times ours: 1920 x 1080, a frame is one change until it is
painted. Run by `views_peers` with the interpreter of an environment that has them; knows nothing of this project."""

import os
import statistics
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
