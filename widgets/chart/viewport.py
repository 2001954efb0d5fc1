"""What part of the bars is shown: panning, zooming, following the last bar. No Qt.

All of it changes the span only; the chart fits the values and paints afterwards.
"""

from __future__ import annotations

from widgets.chart.time_span import TimeSpan

DEFAULT_BAR_PX, WIDEST_BAR_PX = 7.0, 15.0
LEAST_BARS = 40
RIGHT_MARGIN_PX = 196
MIN_BARS, MAX_BARS = 8.0, 4_000_000.0
ZOOM_STEP = 1.2


class Viewport:
    """Moves a span over its bars."""

    def __init__(self, span: TimeSpan) -> None:
        self.span = span
        self.follows = True

    def _margin_px(self) -> float:
        return min(RIGHT_MARGIN_PX, self.span.width * 0.26)

    def go_to_end(self) -> None:
        """Show the last bars at the usual width, wider if there are few, with a free margin at the right."""
        span, margin = self.span, self._margin_px()
        few = max(span.width - margin, 0) / max(span.bars.count, LEAST_BARS)
        bar_px = min(max(DEFAULT_BAR_PX, few), WIDEST_BAR_PX)
        x_last = span.end + margin / bar_px
        span.show(x_last - max(span.width, 60) / bar_px, x_last)
        self.follows = True

    def show_bars(self, count: float) -> None:
        """Show the last `count` bars."""
        count = min(max(count, MIN_BARS), MAX_BARS)
        share = 1 - self._margin_px() / max(self.span.width, 1)
        self.span.show(self.span.end - count, self.span.end - count + count / share)
        self.follows = True

    def shift(self, places: float) -> None:
        """Move the view to the right by `places`."""
        self.span.x_first += places

    def pan(self, dx_px: float) -> None:
        """Move with the pointer."""
        self.shift(-dx_px / self.span.bar_px)
        self._keep_bars_in_sight()

    def zoom(self, steps: float, x_px: float) -> None:
        """Zoom in time around the last bar while it is followed, else around the pointer."""
        span = self.span
        length = span.x_last - span.x_first
        wanted = min(max(length / ZOOM_STEP**steps, MIN_BARS), MAX_BARS)
        anchor = span.end if self.follows else span.x_first + x_px / span.bar_px
        share = (anchor - span.x_first) / length
        span.show(anchor - share * wanted, anchor - share * wanted + wanted)
        self._keep_bars_in_sight()

    def resize(self, width: int) -> None:
        """The plot has another width: bars keep theirs and the right end stays."""
        span = self.span
        was_unset, x_last = span.width <= 1, span.x_last
        span.width = width
        span.x_first = x_last - width / span.bar_px
        if was_unset:
            self.go_to_end()

    def is_near_start(self) -> bool:
        """Whether less than half a view of bars is left before the first one."""
        span = self.span
        return span.x_first - (span.x_last - span.x_first) * 0.5 < span.begin

    def _keep_bars_in_sight(self) -> None:
        span = self.span
        margin = (span.x_last - span.x_first) * 0.1
        if span.x_last < span.begin + margin:
            self.shift(span.begin + margin - span.x_last)
        elif span.x_first > span.end - margin:
            self.shift(span.end - margin - span.x_first)
        self.follows = span.x_first < span.end <= span.x_last
