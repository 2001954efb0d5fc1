"""What part of the bars is shown: panning, zooming, following the last bar, fitting the prices. No Qt.

All of it changes the frame only; the chart paints afterwards.
"""

from __future__ import annotations

from widgets.chart.frame import ChartFrame

DEFAULT_BAR_PX, WIDEST_BAR_PX = 7.0, 15.0
LEAST_BARS = 40
RIGHT_MARGIN_PX = 196
MIN_BARS, MAX_BARS = 8.0, 4_000_000.0
ZOOM_STEP = 1.2
LEAST_TICKS = 8.0


class Viewport:
    """Moves a frame over its bars."""

    def __init__(self, frame: ChartFrame) -> None:
        self.frame = frame
        self.follows = True
        self.fits_price = True

    @property
    def end(self) -> int:
        """The place after the last bar."""
        return self.frame.bars.origin + self.frame.bars.count

    def _margin_px(self) -> float:
        return min(RIGHT_MARGIN_PX, self.frame.width * 0.26)

    def go_to_end(self) -> None:
        """Show the last bars at the usual width, wider if there are few, with a free margin at the right."""
        frame, margin = self.frame, self._margin_px()
        few = max(frame.width - margin, 0) / max(frame.bars.count, LEAST_BARS)
        bar_px = min(max(DEFAULT_BAR_PX, few), WIDEST_BAR_PX)
        frame.x_last = self.end + margin / bar_px
        frame.x_first = frame.x_last - max(frame.width, 60) / bar_px
        self.follows = self.fits_price = True

    def show_bars(self, count: float) -> None:
        """Show the last `count` bars."""
        count = min(max(count, MIN_BARS), MAX_BARS)
        share = 1 - self._margin_px() / max(self.frame.width, 1)
        self.frame.x_first = self.end - count
        self.frame.x_last = self.frame.x_first + count / share
        self.follows = True

    def shift(self, places: float) -> None:
        """Move the view to the right by `places`."""
        self.frame.x_first += places
        self.frame.x_last += places

    def pan(self, dx_px: float, dy_px: float) -> None:
        """Move with the pointer; prices move only where they are not fitted."""
        frame = self.frame
        self.shift(-dx_px / frame.bar_px)
        if not self.fits_price:
            move = dy_px * (frame.price_high - frame.price_low) / max(frame.price_px, 1)
            frame.price_low, frame.price_high = frame.price_low + move, frame.price_high + move
        self._keep_bars_in_sight()

    def zoom(self, steps: float, x_px: float) -> None:
        """Zoom in time around the last bar while it is followed, else around the pointer."""
        frame = self.frame
        span = frame.x_last - frame.x_first
        wanted = min(max(span / ZOOM_STEP**steps, MIN_BARS), MAX_BARS)
        anchor = self.end if self.follows else frame.x_first + x_px / frame.bar_px
        share = (anchor - frame.x_first) / span
        frame.x_first = anchor - share * wanted
        frame.x_last = frame.x_first + wanted
        self._keep_bars_in_sight()

    def stretch_price(self, factor: float) -> None:
        """Show `factor` times as much of the prices, and stop fitting them."""
        frame = self.frame
        middle, half = (frame.price_low + frame.price_high) / 2, (frame.price_high - frame.price_low) / 2
        half = max(half * factor, frame.tick_size * 2.0)
        frame.price_low, frame.price_high = middle - half, middle + half
        self.fits_price = False

    def fit(self) -> None:
        """Fit the prices from now on."""
        self.fits_price = True

    def resize(self, width: int, height: int) -> None:
        """The plot has another size: bars keep their width and the right end stays."""
        frame = self.frame
        if frame.width > 1:
            frame.x_first = frame.x_last - width / frame.bar_px
        was_unset = frame.width <= 1
        frame.width, frame.height = width, height
        if was_unset:
            self.go_to_end()

    def fit_prices(self) -> None:
        """Fit the prices to the visible bars, if they are to be fitted and there are any."""
        frame = self.frame
        first, last = frame.visible()
        if not self.fits_price or last <= first:
            return
        columns = frame.bars.columns(first, last)
        low, high = float(columns[2].min()), float(columns[1].max())
        span = max(high - low, LEAST_TICKS * frame.tick_size)
        middle = (high + low) / 2
        low, high = min(low, middle - span / 2), max(high, middle + span / 2)
        frame.price_low, frame.price_high = low - span * 0.05, high + span * 0.12

    def holds_last_bar(self) -> bool:
        """Whether the last bar is inside of the prices that are shown, so that nothing has to be fitted."""
        frame = self.frame
        if not self.fits_price:
            return True
        _, high, low, _, _ = frame.bars.columns(frame.bars.count - 1, frame.bars.count)[:, 0]
        return bool(frame.price_low <= low and high <= frame.price_high)

    def is_near_start(self) -> bool:
        """Whether less than half a view of bars is left before the first one."""
        frame = self.frame
        return frame.x_first - (frame.x_last - frame.x_first) * 0.5 < frame.bars.origin

    def _keep_bars_in_sight(self) -> None:
        frame = self.frame
        margin = (frame.x_last - frame.x_first) * 0.1
        if frame.x_last < frame.bars.origin + margin:
            self.shift(frame.bars.origin + margin - frame.x_last)
        elif frame.x_first > self.end - margin:
            self.shift(self.end - margin - frame.x_first)
        self.follows = frame.x_first < self.end <= frame.x_last
