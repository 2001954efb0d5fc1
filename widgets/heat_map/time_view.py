"""What part of the time is shown: following the newest column, held in the past, zoomed. No Qt.

Rules: columns stand at multiples of their width, so that they do not shimmer; while it follows, the newest column is
the last one; held, nothing but the trader moves it; reaching the newest column follows again.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

_MS: Final = 1_000_000
SECOND_NS: Final = 1000 * _MS
WIDTHS_NS: Final = tuple(
    ms * _MS for ms in (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000)
)
COLUMN_PX: Final = (1, 2, 3, 4, 6, 8)
USUAL_PX: Final = 4
FAR_PX: Final = 30_000


class TimeView:
    """Columns of `width_ns`, each `column_px` wide, the last one numbered `last`: the time divided by the width."""

    def __init__(self) -> None:
        self.width_ns = SECOND_NS
        self.column_px = USUAL_PX
        self.plot_px = 1
        self.follows = True
        self._held = 0
        self._now_ns = 0
        self._first_ns = 0

    @property
    def newest(self) -> int:
        """The number of the newest column."""
        return max(self._now_ns - 1, 0) // self.width_ns

    @property
    def last(self) -> int:
        """The number of the last column shown."""
        return self.newest if self.follows else self._held

    @property
    def count(self) -> int:
        """How many columns are shown, a cut one included."""
        return -(-self.plot_px // self.column_px)

    @property
    def first(self) -> int:
        """The number of the first column shown."""
        return self.last - self.count + 1

    @property
    def span_ns(self) -> int:
        """The time that is shown."""
        return self.plot_px * self.width_ns // self.column_px

    def x_of(self, number: int) -> int:
        """The left pixel of a column."""
        return self.plot_px - (self.last - number + 1) * self.column_px

    def x_of_time(self, time_ns: int) -> int:
        """The pixel of a time; far away it is FAR_PX, since Qt's pixels have an end."""
        end_ns = (self.last + 1) * self.width_ns
        x = self.plot_px - -(-(end_ns - time_ns) * self.column_px // self.width_ns)
        return min(max(x, -FAR_PX), FAR_PX)

    def number_at(self, x: float) -> int:
        """The column at a pixel."""
        return self.last - int((self.plot_px - 1 - x) // self.column_px)

    def set_range(self, first_ns: int, now_ns: int) -> None:
        """The oldest time recorded and the end of the newest column; a view that follows goes along."""
        self._first_ns, self._now_ns = first_ns, now_ns
        if not self.follows and self._held >= self.newest:
            self.follows = True

    def pan(self, columns: int) -> None:
        """Move by columns, into the past with positive ones."""
        if not columns:
            return
        oldest = self._first_ns // self.width_ns
        wanted = max(self.last - columns, min(oldest + self.count // 2, self.newest))
        self.follows = wanted >= self.newest
        self._held = min(wanted, self.newest)

    def go_to(self, time_ns: int) -> None:
        """Show a time in the middle."""
        self.follows = False
        self._held = self.newest
        self.pan(self._held - (time_ns // self.width_ns + self.count // 2))

    def go_live(self) -> None:
        """Follow the newest column."""
        self.follows = True

    def zoom(self, steps: int, x: float) -> bool:
        """Show less time (positive) or more; what is under `x` stays there, the newest column does if it follows.
        True if anything changed.
        """
        ladder = _ladder()
        place = bisect_left([ns_per_px for ns_per_px, _, _ in ladder], self.width_ns / self.column_px)
        _, width_ns, column_px = ladder[min(max(place - steps, 0), len(ladder) - 1)]
        return self._take(width_ns, column_px, x)

    def show_span(self, span_ns: int) -> bool:
        """Show about so much time, in columns of a usual width."""
        wanted = span_ns * USUAL_PX / max(self.plot_px, 1)
        width_ns = min(WIDTHS_NS, key=lambda width: abs(width / wanted - 1) if width >= wanted else wanted / width - 1)
        column_px = min(max(round(self.plot_px * width_ns / span_ns), 1), 2 * USUAL_PX)
        return self._take(width_ns, column_px, self.plot_px)

    def _take(self, width_ns: int, column_px: int, x: float) -> bool:
        if (width_ns, column_px) == (self.width_ns, self.column_px):
            return False
        under_ns = (self.number_at(x) + 1) * self.width_ns
        self.width_ns, self.column_px = width_ns, column_px
        if not self.follows:
            self._held = under_ns // width_ns + int((self.plot_px - 1 - x) // column_px)
            self.pan(0)
            self._held = min(self._held, self.newest)
            self.follows = self._held >= self.newest
        return True


def _ladder() -> list[tuple[float, int, int]]:
    """All zooms by the time a pixel shows, finest first: one for each that is a fifth coarser than the one before."""
    every = sorted((width / px, width, px) for width in WIDTHS_NS for px in COLUMN_PX)
    chosen = every[:1]
    for one in every:
        if one[0] >= chosen[-1][0] * 1.2:
            chosen.append(one)
    return chosen
