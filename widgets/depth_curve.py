"""The depth curve: what stands up to each price on both sides, and where own orders stand in it, as violet stems.

A book that is crossed, locked, one-sided or empty is drawn as it is and named. Under the pointer stands what taking
all up to there would give; below the sums, what an order of the chosen size would pay.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import side as sides
from widgets.depth_figures import DepthFigures
from widgets.formatting import MINUS, format_price, format_quantity
from widgets.ladder.levels import Levels, OwnLevel
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

AXIS_PX, TOP_PX = 20, 24
SHOWN_LEVELS = 28
SUM_LEVELS = 10
FAR = 2.8
OUTLIER = 4.0
"""Levels so many times as far away as the middle one of the near levels do not widen the view."""
LABEL_PX = 84
SIZE_LEAST_PX, WIDE_PX = 130, 480
"""A lower curve does not say what a size would pay."""


class DepthCurve(QWidget):
    """Cumulative depth around the middle. Arrays best first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels = Levels()
        self._own: tuple[OwnLevel, ...] = ()
        self._decimals, self._tick, self._quantity_decimals = 2, 1, 0
        self.figures = DepthFigures(theme)
        self._size = 0
        self._pointer: int | None = None
        self._scale: tuple[float, float] | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Depth curve")
        self._overlay = StateOverlay(theme, self)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        fonts = theme.fonts
        self._data, self._strong, self._label = (
            TextCache(font) for font in (fonts.data, fonts.data_strong, fonts.label)
        )
        self.figures.set_theme(theme)
        self._overlay.set_theme(theme)
        self.update()

    def sizeHint(self) -> QSize:
        """A strip under the chart."""
        return QSize(600, 148)

    def minimumSizeHint(self) -> QSize:
        """A few levels."""
        return QSize(160, 80)

    def set_instrument(self, price_decimals: int, tick_size: int, quantity_decimals: int = 0) -> None:
        """Show another instrument; the book is empty."""
        self._decimals, self._tick, self._quantity_decimals = price_decimals, tick_size, quantity_decimals
        self._levels, self._own, self._scale = Levels(), (), None
        self.figures.set_instrument(price_decimals, tick_size, quantity_decimals)
        self.update()

    def set_size(self, quantity: int) -> None:
        """The size of which it says what it would pay; 0: of none."""
        self._size = quantity
        self.update()

    def set_book(
        self, bid_prices: ArrayLike, bid_quantities: ArrayLike, ask_prices: ArrayLike, ask_quantities: ArrayLike
    ) -> None:
        """The book, best first. Any of the sides may be empty."""
        self._levels = Levels.of(bid_prices, bid_quantities, ask_prices, ask_quantities)
        self.update()

    def set_own_orders(self, orders: Iterable[OwnLevel]) -> None:
        """Own working quantity by price."""
        self._own = tuple(orders)
        self.update()

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)

    def imbalance_percent(self) -> int:
        """How much more is bid than asked within ten levels, of both together; negative where asks prevail."""
        bid, ask = self._sums()
        return round((bid - ask) / (bid + ask) * 100) if bid + ask else 0

    def _sums(self) -> tuple[int, int]:
        levels = self._levels
        return int(levels.bid_quantities[:SUM_LEVELS].sum()), int(levels.ask_quantities[:SUM_LEVELS].sum())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read what is under the pointer."""
        self._pointer = round(event.position().x())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under it."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint grid, curves, own stems, the sums and the read-out."""
        del event
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("canvas"))
        middle = self._middle()
        shown = [self._curve(side) for side in (sides.BUY, sides.SELL)]
        greatest = max((int(total[-1]) for _, total in shown if len(total)), default=0)
        self._scale = None
        if middle is not None and greatest:
            half_span = self._half_span(middle, [price for price, _ in shown])
            self._scale = middle, half_span
            self._paint_grid(painter, middle, half_span, greatest)
            for side in (sides.BUY, sides.SELL):
                self._paint_curve(painter, side, *shown[side], middle, half_span, greatest)
            self._paint_own(painter, shown, middle, half_span, greatest)
            self._paint_sums(painter)
        if self._overlay.state == "live":
            y = self.height() // 2 - 12 if self._scale is None else TOP_PX + 2
            self.figures.paint_trouble(painter, self._levels, self.width(), y)
        self._paint_read_out(painter)

    def _paint_read_out(self, painter: QPainter) -> None:
        if self._pointer is None or self._scale is None:
            return
        (middle, half_span), x = self._scale, self._pointer
        price = round((middle + (x / self.width() * 2 - 1) * half_span) / self._tick) * self._tick
        painter.setPen(self._theme.pen("label", 1, "crosshair"))
        painter.drawLine(x, TOP_PX, x, self.height() - AXIS_PX)
        self.figures.paint(painter, self._levels, price, QRect(x, TOP_PX + 4, self.width(), self.height()))

    def _middle(self) -> float | None:
        bid, ask = self._levels.best_bid, self._levels.best_ask
        if bid is None or ask is None:
            return bid if ask is None else ask
        return (bid + ask) / 2

    def _curve(self, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        prices, quantities = self._levels.side(side)
        if not len(prices):
            return prices, quantities
        return prices[:SHOWN_LEVELS], np.cumsum(quantities[:SHOWN_LEVELS])

    def _half_span(self, middle: float, shown: list[NDArray[np.int64]]) -> float:
        """Half of the prices to show: ten levels of each side at least, all shown ones if they are not far away."""
        near = [np.abs(prices[:SUM_LEVELS] - middle) for prices in shown if len(prices)]
        ten = [min(float(away[-1]), OUTLIER * float(np.median(away))) for away in near]
        all_shown = [float(abs(prices[-1] - middle)) for prices in shown if len(prices)]
        return max(min(max(all_shown), FAR * max(ten)), 4.0 * self._tick) + self._tick

    def _x(self, price: float, middle: float, half_span: float) -> float:
        place = min(max((price - middle) / half_span, -2.0), 2.0)
        return self.width() / 2 * (1 + place)

    def _y(self, total: float, greatest: int) -> float:
        ground = self.height() - AXIS_PX
        return ground - total / greatest * (ground - TOP_PX)

    def _paint_grid(self, painter: QPainter, middle: float, half_span: float, greatest: int) -> None:
        theme, data, ground = self._theme, self._data, self.height() - AXIS_PX
        painter.setFont(data.font)
        step = _round_step(greatest / 3)
        for total in np.arange(step, greatest, step):
            y = round(self._y(float(total), greatest))
            painter.fillRect(0, y, self.width(), 1, theme.color("grid"))
            if y > TOP_PX + 16:
                painter.setPen(theme.color("label"))
                text = format_quantity(round(float(total)), self._quantity_decimals)
                data.centre(painter, self.width() // 2, data.top_for(y - 16, 16), text)
        painter.fillRect(0, ground, self.width(), 1, theme.color("hairline"))
        step = _round_step(max(LABEL_PX * 2 * half_span / self.width(), self._tick)) // self._tick * self._tick
        first = np.ceil((middle - half_span) / step)
        for price in (np.arange(first, (middle + half_span) / step) * step).tolist():
            x = round(self._x(price, middle, half_span))
            if 30 < x < self.width() - 30 and abs(x - self.width() / 2) > LABEL_PX * 0.8:
                painter.setPen(theme.color("label"))
                data.centre(painter, x, data.top_for(ground + 1, AXIS_PX), format_price(round(price), self._decimals))
        painter.setPen(theme.color("text"))
        text = format_price(round(middle * 10), self._decimals + 1)
        data.centre(painter, self.width() // 2, data.top_for(ground + 1, AXIS_PX), text)

    def _paint_curve(
        self, painter: QPainter, side: int, prices: NDArray[np.int64], totals: NDArray[np.int64], middle: float,
        half_span: float, greatest: int,
    ) -> None:  # fmt: skip
        if not len(prices):
            return
        ground, theme = float(self.height() - AXIS_PX), self._theme
        x_last = self._x(int(prices[-1]), middle, half_span)
        edge = min(x_last, 0.0) if side == sides.BUY else max(x_last, float(self.width()))
        x = [self._x(price, middle, half_span) for price in prices.tolist()]
        y = [round(self._y(total, greatest)) + 0.5 for total in totals.tolist()]
        points = [QPointF(x[0], ground)]
        for i, level in enumerate(y):
            points.append(QPointF(x[i], level))
            points.append(QPointF(x[i + 1] if i + 1 < len(x) else edge, level))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush(sides.TINTS[side]))
        painter.drawPolygon(QPolygonF([*points, QPointF(edge, ground)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen(sides.TOKENS[side], 1.5))
        painter.drawPolyline(QPolygonF(points))

    def _paint_own(
        self, painter: QPainter, shown: list[tuple[NDArray[np.int64], NDArray[np.int64]]], middle: float,
        half_span: float, greatest: int,
    ) -> None:  # fmt: skip
        painter.setFont(self._strong.font)
        for own in self._own:
            prices, totals = shown[own.side]
            behind = prices >= own.price if own.side == sides.BUY else prices <= own.price
            count = int(behind.sum())
            x = round(self._x(own.price, middle, half_span))
            if not count or not 0 <= x <= self.width():
                continue
            y = round(self._y(int(totals[count - 1]), greatest))
            painter.fillRect(x - 1, y, 2, self.height() - AXIS_PX - y, self._theme.color("own"))
            painter.setPen(self._theme.color("own"))
            text = format_quantity(own.quantity, self._quantity_decimals)
            self._strong.centre(painter, x, self._strong.top_for(y - 16, 14), text)

    def _paint_sums(self, painter: QPainter) -> None:
        theme, label, data = self._theme, self._label, self._data
        label_top, data_top = label.top_for(2, 20), data.top_for(2, 20)
        bid, ask = self._sums()
        painter.setFont(label.font)
        painter.setPen(theme.color("label"))
        levels = " levels" if self.width() > WIDE_PX else ""
        bid_x = 8 + label.left(painter, 8, label_top, f"Bid {SUM_LEVELS}{levels}") + 8
        ask_text = format_quantity(ask, self._quantity_decimals)
        ask_x = self.width() - 8 - data.width(ask_text)
        ask_name = f"Ask {SUM_LEVELS}{levels}"
        label.right(painter, ask_x - 8, label_top, ask_name)
        painter.setFont(data.font)
        painter.setPen(theme.color("buy"))
        data.left(painter, bid_x, data_top, format_quantity(bid, self._quantity_decimals))
        painter.setPen(theme.color("sell"))
        data.left(painter, ask_x, data_top, ask_text)
        painter.setPen(theme.color("text_2"))
        percent = self.imbalance_percent()
        sign = "+" if percent > 0 else MINUS if percent < 0 else ""
        text, middle = f"imbalance {sign}{abs(percent)} %", self.width() // 2
        half = data.width(text) // 2 + 12
        bid_end = bid_x + data.width(format_quantity(bid, self._quantity_decimals))
        if bid_end < middle - half and middle + half < ask_x - label.width(ask_name) - 8:
            data.centre(painter, middle, data_top, text)
        if self._size and self.height() >= SIZE_LEAST_PX:
            top = data.top_for(20, 20)
            painter.setPen(theme.color("text_2"))
            data.left(painter, 8, top, self.figures.size_text(self._levels, sides.BUY, self._size))
            data.right(painter, self.width() - 8, top, self.figures.size_text(self._levels, sides.SELL, self._size))


def _round_step(least: float) -> float:
    power = 10.0 ** np.floor(np.log10(max(least, 1.0)))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least))
