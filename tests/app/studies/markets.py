"""Made bars for the studies, and TA-Lib over the whole of them as the truth."""

from concurrent.futures import Future

import numpy as np
import talib
from numpy.typing import NDArray

from app.state.bars import MINUTE_NS
from app.studies.bar_inputs import Units
from app.studies.choice import Choice
from app.studies.library import Opened
from server.protocol.records import BAR_RECORD

UNITS = Units(100, 10)


def made_bars(count: int, seed: int = 1, *, middle: int = 18_000, step: int = 5, factor: int = 1) -> NDArray[np.void]:
    """A random walk of BAR_RECORD rows: whole price units, consistent highs and lows."""
    draw = np.random.default_rng(seed)
    close = middle + np.cumsum(draw.integers(-step, step + 1, count))
    opened = close + draw.integers(-step, step + 1, count)
    rows = np.zeros(count, BAR_RECORD)
    rows["time_ns"] = np.arange(count) * MINUTE_NS
    rows["open"], rows["close"] = opened * factor, close * factor
    rows["high"] = (np.maximum(opened, close) + draw.integers(0, step + 1, count)) * factor
    rows["low"] = (np.minimum(opened, close) - draw.integers(0, step + 1, count)) * factor
    rows["volume"] = draw.integers(0, 1000, count)
    rows["turnover"] = rows["volume"] * rows["close"]
    return rows


def truth(choice: Choice, rows: NDArray[np.void], units: Units = UNITS) -> NDArray[np.float64]:
    """What TA-Lib's own function says of all bars; before the first value NaN, also for whole numbers."""
    kind = choice.kind
    if kind.is_pattern:
        units = Units()
    fields = {name: rows[name] / units.price for name in ("open", "high", "low", "close")}
    fields["volume"] = rows["volume"] / units.quantity
    fields["median"] = (fields["high"] + fields["low"]) / 2.0
    fields["typical"] = (fields["high"] + fields["low"] + fields["close"]) / 3.0
    fields["weighted"] = (fields["high"] + fields["low"] + 2.0 * fields["close"]) / 4.0
    results = getattr(talib, choice.name)(*(fields[name] for name in choice.inputs), **choice.parameters)
    columns = np.array(results if isinstance(results, tuple) else (results,), np.float64)
    if any(output.whole for output in kind.outputs):
        columns[:, : talib.abstract.Function(choice.name, **choice.parameters).lookback] = np.nan
    return columns


class Later:
    """A worker that does its jobs when it is told to."""

    def __init__(self) -> None:
        self.jobs: list[tuple[object, Future[list[Opened]]]] = []

    def submit(self, job: object) -> "Future[list[Opened]]":
        """Keep a job."""
        future: Future[list[Opened]] = Future()
        self.jobs.append((job, future))
        return future

    def work(self) -> None:
        """Do all jobs that are kept."""
        jobs, self.jobs = self.jobs, []
        for job, future in jobs:
            future.set_result(job())  # type: ignore[operator]
