"""What a chart draws of a study: its lines with their styles, and the values, one column a bar.

Rules: studies are grey, four greys and four dashes apart; colour is spent on what matters more.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPen

from widgets.theme import Theme

GREYS: Final = ("text", "text_2", "label", "hairline_strong")
DASHES: Final = {"line": "", "upper": "", "lower": "", "dashed": "series_b", "dotted": "1 3", "chain": "8 3 2 3"}
LINE_STYLES: Final = ("line", "dashed", "dotted", "chain", "histogram", "upper", "lower")
"""What a person can choose; `upper` and `lower` bound a band, `mark` and `hidden` are what a study is born with."""


@dataclass(slots=True)
class StudyLine:
    """One output. `grey` counts in `GREYS`; a `mark` stands `side` of a bar ("sign": below where positive)."""

    name: str
    style: str = "line"
    grey: int = 1
    width: float = 1.0
    shown: bool = True
    side: str = "sign"
    shift: int = 0
    """How many bars before the one that tells of it a mark stands."""

    def pen(self, theme: Theme) -> QPen:
        """The pen of the line."""
        return theme.pen(GREYS[min(max(self.grey, 0), len(GREYS) - 1)], self.width, DASHES.get(self.style, ""))


@dataclass(slots=True)
class StudyPlot:
    """A study on the chart. `values` (lines x bars) are multiplied by `unit` to become values of the pane."""

    key: Hashable
    title: str
    lines: list[StudyLine] = field(default_factory=list)
    values: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    unit: float = 1.0
    decimals: int | None = None
    """Decimals of the read-out; None: as many as the value needs."""
    levels: tuple[float, ...] = ()
    note: str = ""
    """Stands behind the title instead of values, as "computing"."""

    def window(self, line: int, first: int, last: int, stride: int = 1) -> NDArray[np.float64]:
        """Values of a line at the bars first, first + stride ... before last, as values of the pane."""
        if line >= len(self.values):
            return np.empty(0)
        values = self.values[line, first : min(last, self.values.shape[1]) : stride]
        return values if self.unit == 1.0 else values * self.unit

    def at(self, line: int, index: int) -> float:
        """The value of a line at a bar, as a value of the pane; NaN where there is none."""
        if line >= len(self.values) or not 0 <= index < self.values.shape[1]:
            return np.nan
        return float(self.values[line, index]) * self.unit
