"""A price pane without a window: bars of a seeded walk, linear or log, for what drawings compute."""

import numpy as np

from widgets.chart.drawing_plane import ChartPlane
from widgets.chart.frame import ChartFrame
from widgets.chart.value_scale import ScaleKind

MINUTE = 60 * 10**9
COUNT = 400
WIDTH, HEIGHT = 800, 480


def frame_of(count: int = COUNT, *, kind: ScaleKind = ScaleKind.LINEAR, tick_size: int = 5) -> ChartFrame:
    """The last 100 bars of a walk around 5,000 on a plot of 800 x 480, with a gap in the middle."""
    rng = np.random.default_rng(count)
    close = 5000 + 5 * np.cumsum(rng.integers(-3, 4, count))
    opened = np.concatenate(([close[0]], close[:-1])) if count else close
    high, low = np.maximum(opened, close) + 5, np.minimum(opened, close) - 5
    time_ns = (np.arange(count) + np.where(np.arange(count) > count // 2, 500, 0)) * MINUTE
    frame = ChartFrame()
    frame.set_tick_size(tick_size)
    frame.bars.set(time_ns, [opened, high, low, close, rng.integers(1, 100, count)])
    frame.span.use_bars(frame.bars)
    frame.span.width = WIDTH
    frame.span.show(-100.0, 20.0)
    frame.height = HEIGHT
    frame.scale.chosen = kind
    frame.scale.show(4500.0, 5500.0)
    return frame


def plane_of(count: int = COUNT, *, kind: ScaleKind = ScaleKind.LINEAR) -> ChartPlane:
    """The same as drawings see it."""
    return ChartPlane(frame_of(count, kind=kind))
