"""The footprint: what sellers and buyers traded at each price of each bar, and the delta of each bar.

Rules: wide bars show figures, sellers left and buyers right, with marks where one side outweighs the other; narrower
ones show rows shaded by their delta; narrow ones the delta of the bar alone. Rows are as high as can be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets.chart.frame import PaneFrame
from widgets.chart.layer import Layer
from widgets.formatting import format_amount_short
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

FIGURES_PX: Final = 78.0
"""Width of a bar from which on figures stand in its cells."""
CELLS_PX: Final = 14.0
TEXT_ROW_PX: Final = 15
SHADE_ROW_PX: Final = 4
DELTA_PX: Final = 26
STRIP_PX: Final = 30
"""What the deltas need at the bottom of the prices."""
_PRICES: Final = ("open", "high", "low", "close")
SHADES: Final = (46, 96, 160)
SHADES_UNDER_FIGURES: Final = (22, 48, 84)
NICE: Final = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class FootprintCells:
    """Cells of some bars, as arrays of one length. `bar` is an index of bars, `price` the lowest of its row."""

    bar: NDArray[np.int64]
    price: NDArray[np.int64]
    bid: NDArray[np.int64]
    ask: NDArray[np.int64]
    bid_heavy: NDArray[np.bool_]
    ask_heavy: NDArray[np.bool_]
    largest: NDArray[np.bool_]
    """The row of its bar that traded most."""


class FootprintLayer(Layer):
    """Over the candles, which its cells cover. `source(first, last, step)` gives the cells of bars, in lots."""

    follows_bars = True

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self.source: Callable[[int, int, int], FootprintCells] | None = None
        self.deltas: NDArray[np.float64] = np.empty(0)
        """One for each bar, NaN where it is not known."""
        self.tick = 1
        self.ticks_a_row = 0
        """0: as many as it takes to be read."""
        self.quantity_decimals = 0
        self._rects = RectBatch()
        self._make_text()

    def _make_text(self) -> None:
        fonts = self.theme.fonts
        self._data, self._strong, self._label = (
            TextCache(font) for font in (fonts.data, fonts.data_strong, fonts.label)
        )

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def row_step(self) -> int:
        """Height of a row in price units."""
        if self.ticks_a_row:
            return self.ticks_a_row * self.tick
        scale = self.frame.scale
        tick_px = scale.height * self.tick / max(scale.high - scale.low, 1e-9)
        least = TEXT_ROW_PX if self.frame.bar_px >= FIGURES_PX else SHADE_ROW_PX
        wanted = least / max(tick_px, 1e-9)
        power = 1
        while power < 1 << 40:
            for factor in NICE:
                if power * factor >= wanted:
                    return power * factor * self.tick
            power *= 100
        return power * self.tick

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        frame = self.frame
        if self.source is None:
            return
        margin = 1 + 2 / frame.bar_px
        first, last = frame.span.between(
            frame.span.position_at(exposed.left()) - margin, frame.span.position_at(exposed.right()) + margin
        )
        if last <= first:
            return
        if frame.bar_px >= CELLS_PX:
            cells = self.source(first, last, self.row_step())
            if len(cells.bar):
                self._draw_cells(painter, cells)
        self._draw_deltas(painter, first, last)

    def _draw_cells(self, painter: QPainter, cells: FootprintCells) -> None:
        frame, theme, step = self.frame, self.theme, self.row_step()
        centre = frame.x_px(frame.span.places_of(cells.bar))
        width = max(int(frame.bar_px) - 3, 3)
        left = centre - width // 2
        top = frame.y_px(cells.price + step - 0.5)
        height = np.maximum(frame.y_px(cells.price - 0.5) - top - 1, 1)
        self._cover_bars(painter, np.unique(cells.bar), width)
        self._shade(painter, cells, left, top, width, height)
        figures = frame.bar_px >= FIGURES_PX and int(height.max()) >= TEXT_ROW_PX - 2
        if figures:
            self._draw_figures(painter, cells, centre, top, height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.color("label"))
        for place in np.flatnonzero(cells.largest).tolist():
            painter.drawRect(QRectF(left[place] + 0.5, top[place] + 0.5, width - 1, height[place] - 1))
        painter.setPen(Qt.PenStyle.NoPen)

    def _cover_bars(self, painter: QPainter, bars: NDArray[np.int64], width: int) -> None:
        """In the place of each candle a thin one at its left: the range, where it opened and where it closed."""
        frame, theme = self.frame, self.theme
        left = frame.x_px(frame.span.places_of(bars)) - width // 2
        opened, high, low, close = (frame.y_px(frame.bars.column(name)[bars]) for name in _PRICES)
        painter.setBrush(theme.brush("canvas"))
        self._rects.draw(painter, left - 1, high - 2, width + 3, low - high + 5, len(bars))
        rising = close <= opened
        for chosen, token in ((rising, "up"), (~rising, "down")):
            painter.setBrush(theme.brush(token))
            count = int(chosen.sum())
            self._rects.draw(painter, left[chosen] - 2, high[chosen], 1, (low - high)[chosen] + 1, count)
            top, bottom = np.minimum(opened, close)[chosen], np.maximum(opened, close)[chosen]
            self._rects.draw(painter, left[chosen] - 3, top, 3, np.maximum(bottom - top, 1), count)

    def _shade(
        self, painter: QPainter, cells: FootprintCells, left: NDArray[np.int64], top: NDArray[np.int64],
        width: int, height: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Rows in three depths of the side that traded more in them, by how much they traded."""
        delta, total = cells.ask - cells.bid, cells.ask + cells.bid
        share = total / max(int(total.max()), 1)
        for side, bought in (("sell", False), ("buy", True)):
            here = (delta > 0) == bought
            for depth, (low, high) in enumerate(((0.0, 0.25), (0.25, 0.6), (0.6, 1.1))):
                chosen = here & (share >= low) & (share < high) & (total > 0)
                color = QColor(self.theme.color(side))
                color.setAlpha((SHADES if self.frame.bar_px < FIGURES_PX else SHADES_UNDER_FIGURES)[depth])
                painter.setBrush(color)
                self._rects.draw(painter, left[chosen], top[chosen], width, height[chosen], int(chosen.sum()))

    def _draw_figures(
        self, painter: QPainter, cells: FootprintCells, centre: NDArray[np.int64], top: NDArray[np.int64],
        height: NDArray[np.int64],
    ) -> None:  # fmt: skip
        theme = self.theme
        sides = ((cells.bid, cells.bid_heavy, "sell", -4), (cells.ask, cells.ask_heavy, "buy", 4))
        for quantities, heavy, token, offset in sides:
            for is_heavy, cache, ink in ((False, self._data, "text_2"), (True, self._strong, token)):
                painter.setFont(cache.font)
                painter.setPen(theme.color(ink))
                draw = cache.right if offset < 0 else cache.left
                for place in np.flatnonzero(heavy == is_heavy).tolist():
                    text = format_amount_short(int(quantities[place]), self.quantity_decimals)
                    row = cache.top_for(int(top[place]), int(height[place]))
                    draw(painter, int(centre[place]) + offset, row, text)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("hairline_strong"))
        self._rects.draw(painter, centre, top, 1, height, len(centre))

    def _draw_deltas(self, painter: QPainter, first: int, last: int) -> None:
        """The strip at the bottom of the prices: figures where there is room, else columns."""
        frame, theme = self.frame, self.theme
        values = self.deltas[first:last]
        known = np.flatnonzero(np.isfinite(values))
        if not len(known):
            return
        values = values[known]
        x = frame.x_px(frame.span.places_of(known + first))
        width = max(int(frame.bar_px) - 3, 1)
        bottom = frame.value_px
        if frame.bar_px >= 40:
            top = bottom - 18
            for side, ground, chosen in (
                ("sell", "sell_tint", values < 0), ("buy", "buy_tint", values > 0), ("label", "raised", values == 0),
            ):  # fmt: skip
                painter.setBrush(theme.brush(ground))
                self._rects.draw(painter, x[chosen] - width // 2, top, width, 16, int(chosen.sum()))
                painter.setFont(self._data.font)
                painter.setPen(theme.color(side))
                for place in np.flatnonzero(chosen).tolist():
                    text = format_amount_short(int(values[place]), self.quantity_decimals, signed=True)
                    self._data.centre(painter, int(x[place]), self._data.top_for(top, 16), text)
                painter.setPen(Qt.PenStyle.NoPen)
            return
        values, x = values[values != 0], x[values != 0]
        greatest = max(float(np.abs(values).max(initial=0.0)), 1.0)
        size = np.maximum(np.rint(np.abs(values) / greatest * DELTA_PX / 2), 1).astype(np.int64)
        middle = bottom - DELTA_PX // 2 - 2
        for side, bought in (("sell", False), ("buy", True)):
            chosen = (values > 0) == bought
            painter.setBrush(theme.brush(side))
            tops = middle - size[chosen] if bought else middle
            self._rects.draw(painter, x[chosen] - width // 2, tops, width, size[chosen], int(chosen.sum()))
