"""The values of one pane: to pixel rows and back on a linear, logarithmic or percent scale, and round labels.

Rules: a scale that cannot be used (a logarithm of what is not above zero, percent of nothing) is drawn linear and
`problem` says why; what the user chose is kept. Percent is linear, with labels relative to `base`.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

TICK_PX: Final = 40


class ScaleKind(Enum):
    """How values are spread over the height."""

    LINEAR = "linear"
    LOG = "log"
    PERCENT = "percent"


class ValueScale:
    """`low` and `high` are the values at the lower and upper end of `height` px; `grid` is the least step, 0: none."""

    def __init__(self, low: float = 0.0, high: float = 1.0, *, height: int = 1, grid: float = 0.0) -> None:
        self.low, self.high = low, high
        self.height = height
        self.grid = grid
        self.chosen = ScaleKind.LINEAR
        self.base = 0.0
        """What percent are of."""
        self._ticks: tuple[tuple[object, ...], NDArray[np.float64]] | None = None

    @property
    def kind(self) -> ScaleKind:
        """What is drawn: the chosen scale where it can be used, else linear."""
        return ScaleKind.LINEAR if self.problem else self.chosen

    @property
    def problem(self) -> str:
        """Why the chosen scale cannot be used; empty if it can."""
        if self.chosen is ScaleKind.LOG and self.low <= 0:
            return "Linear scale: a log scale needs prices above zero"
        if self.chosen is ScaleKind.PERCENT and self.base <= 0:
            return "Linear scale: percent needs a first price above zero"
        return ""

    def show(self, low: float, high: float, below: float = 0.0, above: float = 0.0) -> None:
        """Show low to high with free shares of the height below and above."""
        if self.chosen is ScaleKind.LOG and low > 0:
            span = math.log(high / low)
            self.low, self.high = low * math.exp(-span * below), high * math.exp(span * above)
            return
        span = high - low
        self.low, self.high = low - span * below, high + span * above

    def y_px(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Pixel rows of values (array), clipped to a little more than the height, so that they stay drawable."""
        if self.kind is ScaleKind.LOG:
            with np.errstate(divide="ignore", invalid="ignore"):
                rows = (math.log(self.high) - np.log(values)) * self._per_log()
            rows = np.nan_to_num(rows, nan=5.0 * self.height, posinf=5.0 * self.height)
        else:
            rows = (self.high - values) * self._per_value()
        return np.clip(np.rint(rows), -4 * self.height, 5 * self.height).astype(np.int64)

    def y_px_of(self, value: float) -> int:
        """Pixel row of one value."""
        if self.kind is not ScaleKind.LOG:
            row = (self.high - value) * self._per_value()
        elif value > 0:
            row = math.log(self.high / value) * self._per_log()
        else:
            row = 5.0 * self.height
        return round(min(max(row, -4.0 * self.height), 5.0 * self.height))

    def value_at(self, y: float) -> float:
        """The value at a pixel row; the reverse of `y_px_of`."""
        if self.kind is ScaleKind.LOG:
            return self.high * math.exp(-y / self._per_log())
        return self.high - y / self._per_value()

    def move(self, dy_px: float) -> None:
        """Move what is shown down by pixels."""
        self.low, self.high = self.value_at(self.height - dy_px), self.value_at(-dy_px)

    def stretch(self, factor: float, least: float = 0.0) -> None:
        """Show `factor` times as much around the middle, at least `least`."""
        half = self.height / 2
        low, high = self.value_at(half + half * factor), self.value_at(half - half * factor)
        if high - low >= least and math.isfinite(high - low):
            self.low, self.high = low, high

    def _per_value(self) -> float:
        return self.height / max(self.high - self.low, 1e-12)

    def _per_log(self) -> float:
        return self.height / max(math.log(self.high / self.low), 1e-12)

    def ticks(self) -> NDArray[np.float64]:
        """Round values for labels and grid lines, ascending, not nearer than `TICK_PX`."""
        key = (self.low, self.high, self.height, self.grid, self.chosen, self.base)
        if self._ticks is None or self._ticks[0] != key:
            self._ticks = (key, self._new_ticks())
        return self._ticks[1]

    def _new_ticks(self) -> NDArray[np.float64]:
        if not self.high > self.low or self.height < TICK_PX or not math.isfinite(self.high - self.low):
            return np.empty(0)
        if self.kind is ScaleKind.LOG:
            return self._log_ticks()
        if self.kind is ScaleKind.PERCENT:
            unit = self.base / 100
            low, high = (self.low - self.base) / unit, (self.high - self.base) / unit
            return self.base + _multiples(low, high, round_step((high - low) * TICK_PX / self.height, 0.0)) * unit
        least = (self.high - self.low) * TICK_PX / self.height
        return _multiples(self.low, self.high, round_step(least, self.grid))

    def _log_ticks(self) -> NDArray[np.float64]:
        ticks: list[float] = []
        value, per_tick = self.low, math.exp(TICK_PX / self._per_log())
        while len(ticks) < self.height // TICK_PX + 1:
            step = round_step(value * (per_tick - 1), self.grid)
            value = math.ceil(value * (per_tick if ticks else 1.0) / step * (1 - 1e-12)) * step
            if value > self.high:
                break
            ticks.append(value)
        return np.array(ticks)


def round_step(least: float, grid: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is `least` or more and a multiple of `grid`."""
    least = max(least, grid, 1e-12)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))
    return max(math.ceil(step / grid - 1e-9) * grid, grid) if grid > 0 else step


def _multiples(low: float, high: float, step: float) -> NDArray[np.float64]:
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
