"""The bars as the pixel columns of the plot see them: one bar a column where bars are denser than pixels.

Rules: a column keeps the first open, the greatest high, the least low, the last close and the sum of volume of the bars
that stand in it. Columns lie on the span's grid, so panning and new bars leave all but a few of them as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.chart.column_edges import column_edges
from widgets.chart.time_span import TimeSpan

DENSE_PX: Final = 1.5
"""Bars narrower than this share columns."""


@dataclass(frozen=True, slots=True)
class ColumnBars:
    """Arrays of one length n: pixel columns, ascending; the run [first, last) of bars in each; `bars` is 5 x n."""

    x: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    bars: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.x)

    def part(self, begin: int, end: int, moved_px: int = 0) -> ColumnBars:
        """Some of the columns, moved to the right."""
        return ColumnBars(
            self.x[begin:end] + moved_px, self.first[begin:end], self.last[begin:end], self.bars[:, begin:end]
        )


class BarColumns:
    """Folds what the span shows and keeps it for the next paint."""

    def __init__(self, span: TimeSpan) -> None:
        self.span = span
        self._key: tuple[object, ...] = ()
        self._kept: ColumnBars | None = None
        self._from, self._to = 0, 0
        self._version, self._count = 0, 0

    @property
    def dense(self) -> bool:
        """Whether bars share columns."""
        return self.span.bar_px < DENSE_PX or self.span.by_time

    def shown(self) -> ColumnBars:
        """All columns of the plot."""
        if not self.dense:
            return self._bars(*self.span.visible())
        self._renew()
        assert self._kept is not None
        return self._kept.part(0, len(self._kept), -self.span.origin_px)

    def within(self, left: float, right: float) -> ColumnBars:
        """The columns that may paint between two pixel columns."""
        span = self.span
        margin = 1 + 2 / span.bar_px
        if not self.dense:
            first, last = span.visible()
            shown = span.between(span.position_at(left) - margin, span.position_at(right) + margin)
            first = max(first, shown[0])
            return self._bars(first, max(first, min(last, shown[1])))
        shown_columns = self.shown()
        reach = max(2.0, span.bar_px)
        begin, end = np.searchsorted(shown_columns.x, (left - reach, right + reach))
        return shown_columns.part(int(begin), int(end))

    def _bars(self, first: int, last: int) -> ColumnBars:
        span = self.span
        index = np.arange(first, max(first, last))
        return ColumnBars(span.x_px(index + span.bars.origin), index, index + 1, span.bars.columns(first, last))

    def _renew(self) -> None:
        """Bring the kept columns to what the span shows now; they count from the origin of the grid."""
        span = self.span
        bars = span.bars
        key = (id(bars), bars.edits, span.bar_px, span.by_time)
        begin, end = span.origin_px, span.origin_px + span.width
        if key == self._key and (begin, end, bars.version) == (self._from, self._to, self._version):
            return
        kept = self._kept if key == self._key else None
        kept_from, kept_to = max(begin, self._from), min(end, self._to)
        if kept is not None and bars.version != self._version and self._count:
            last_bar = span.x_px_of(span.place_of_index(self._count - 1)) + begin
            kept_to = min(kept_to, last_bar)
        if kept is None or kept_to <= kept_from:
            columns = self._fold(begin, end)
        else:
            some = kept.part(*(int(i) for i in np.searchsorted(kept.x, (kept_from, kept_to))))
            parts = [self._fold(begin, kept_from), some, self._fold(kept_to, end)]
            columns = _joined([part for part in parts if len(part)] or parts[:1])
        self._key, self._kept, self._from, self._to = key, columns, begin, end
        self._version, self._count = bars.version, bars.count

    def _fold(self, begin: int, end: int) -> ColumnBars:
        """The columns [begin, end) of the grid."""
        edges = column_edges(self.span, begin - self.span.origin_px, max(begin, end) - self.span.origin_px)
        filled = np.flatnonzero(edges[1:] > edges[:-1])
        first, last = edges[filled], edges[filled + 1]
        folded = self.span.bars.fold(first, last) if len(filled) else np.empty((5, 0))
        return ColumnBars(filled + begin, first, last, folded)


def _joined(parts: list[ColumnBars]) -> ColumnBars:
    if len(parts) == 1:
        return parts[0]
    return ColumnBars(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.last for part in parts]),
        np.concatenate([part.bars for part in parts], axis=1),
    )
