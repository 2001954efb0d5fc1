"""Paints a ladder in one pass: grounds, size bars, figures, own orders, the last trade."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from widgets import side as sides
from widgets.formatting import format_price, format_quantity, format_quantity_short
from widgets.glyphs import draw_glyph
from widgets.ladder.columns import NAMES, TITLES, LadderColumns
from widgets.ladder.levels import OwnLevel
from widgets.ladder.scene import ROW_PX, LadderScene
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

HEADER_PX = 20
PAD_PX = 8
ORDERS_MAX = 1000


class LadderPainter:
    """Paints scenes in one theme. Rows begin under the header of 20 px."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        fonts = theme.fonts
        self.data, self.strong = TextCache(fonts.data), TextCache(fonts.data_strong)
        self.label = TextCache(fonts.label)
        self._rects = RectBatch()
        self._rows = (0, 0)
        self._orders: list[NDArray[np.int64]] = [np.empty(0, np.int64)] * 2

    def paint(
        self, painter: QPainter, scene: LadderScene, columns: LadderColumns, height: int, rows: tuple[int, int]
    ) -> None:
        """Paint the rows `rows` (first, last) of a ladder of `height` px; the painter is clipped to them."""
        self._rows = rows
        self._ground(painter, scene, columns, height)
        self._header(painter, columns, sums=scene.sums)
        painter.translate(0, HEADER_PX)
        if scene.top_price is not None:
            shown = [self._visible(scene, side) for side in (sides.BUY, sides.SELL)]
            greatest = scene.depth_scale()
            self._volume(painter, scene, columns)
            for side in (sides.BUY, sides.SELL):
                self._depth(painter, scene, columns, side, *shown[side], greatest)
            self._prices(painter, scene, columns)
            self._own(painter, scene, columns, greatest)
        self._lines(painter, scene, columns, height)
        painter.translate(0, -HEADER_PX)

    def _visible(self, scene: LadderScene, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        levels = scene.shown_levels()
        prices, quantities = levels.side(side)
        rows = scene.rows_of(prices)
        inside = (rows >= self._rows[0]) & (rows <= self._rows[1])
        self._orders[side] = levels.orders(side)[inside]
        return rows[inside], quantities[inside]

    def _ground(self, painter: QPainter, scene: LadderScene, columns: LadderColumns, height: int) -> None:
        theme, width = self.theme, columns.edges[-1]
        if scene.state == "stale":
            painter.drawTiledPixmap(0, 0, width, height, theme.hatch)
            return
        painter.fillRect(0, 0, width, height, theme.color("canvas"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("zebra"))
        offset = 0 if scene.top_price is None else scene.top_price // scene.tick_size % 2
        odd = np.arange(1 - offset, height // ROW_PX + 1, 2) * ROW_PX + HEADER_PX
        self._rects.draw(painter, 0, odd, width, ROW_PX, len(odd))
        painter.fillRect(columns.left("price"), 0, columns.width("price"), height, theme.color("chrome"))

    def _header(self, painter: QPainter, columns: LadderColumns, *, sums: bool) -> None:
        theme = self.theme
        painter.fillRect(0, 0, columns.edges[-1], HEADER_PX, theme.color("chrome"))
        painter.fillRect(0, HEADER_PX - 1, columns.edges[-1], 1, theme.color("hairline"))
        painter.setFont(self.label.font)
        painter.setPen(theme.color("label"))
        for name, title in zip(NAMES, TITLES, strict=True):
            if columns.width(name):
                title = f"Σ {title}" if sums and name in ("bid", "ask") else title
                self.label.right(painter, columns.right(name) - 6, self.label.top_for(0, HEADER_PX - 1), title)

    def _depth(
        self, painter: QPainter, scene: LadderScene, columns: LadderColumns, side: int, rows: NDArray[np.int64],
        quantities: NDArray[np.int64], greatest: int,
    ) -> None:  # fmt: skip
        theme, name = self.theme, "bid" if side == sides.BUY else "ask"
        left, right = columns.left(name), columns.right(name)
        best = scene.levels.best_bid if side == sides.BUY else scene.levels.best_ask
        if best is not None and 0 <= scene.row_of(best) <= scene.rows and scene.state != "stale":
            painter.setOpacity(0.45)
            begin, end = (0, columns.left("price")) if side == sides.BUY else (left, columns.left("volume"))
            painter.fillRect(begin, scene.row_of(best) * ROW_PX, end - begin, ROW_PX, theme.color(sides.TINTS[side]))
            painter.setOpacity(1.0)
        if scene.state != "stale":
            size = np.maximum(np.rint(quantities / greatest * (right - left - 4)), 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush(sides.TINTS[side]))
            x = right - size if side == sides.BUY else left
            self._rects.draw(painter, x, rows * ROW_PX + 1, size, ROW_PX - 2, len(rows))
        painter.setFont(self.data.font)
        painter.setPen(theme.color("stale" if scene.state == "stale" else "text"))
        top = self.data.top_for(0, ROW_PX)
        for row, quantity in zip(rows.tolist(), quantities.tolist(), strict=True):
            text = self._size_text(quantity, scene, right - left)
            self.data.right(painter, right - PAD_PX, row * ROW_PX + top, text)
        self._order_counts(painter, scene, columns, side, rows)

    def _order_counts(
        self, painter: QPainter, scene: LadderScene, columns: LadderColumns, side: int, rows: NDArray[np.int64]
    ) -> None:
        """How many orders make a level, in a column of its own where there is room for one."""
        name = ("bid_orders", "ask_orders")[side]
        if not columns.width(name):
            return
        painter.setPen(self.theme.color("stale" if scene.state == "stale" else "label"))
        top, right = self.data.top_for(0, ROW_PX), columns.right(name) - 4
        for row, count in zip(rows.tolist(), self._orders[side].tolist(), strict=True):
            if count:
                self.data.right(painter, right, row * ROW_PX + top, f"{count}" if count < ORDERS_MAX else "999+")

    def paint_hover(
        self, painter: QPainter, scene: LadderScene, columns: LadderColumns, row: int, name: str
    ) -> None:  # fmt: skip
        """What stands up to the level under the pointer, in the empty cell across the price."""
        side, price = sides.BUY if name == "bid" else sides.SELL, scene.price_of(row)
        if price is None or scene.levels.quantity_at(side, price) == 0:
            return
        across = "ask" if name == "bid" else "bid"
        if scene.levels.quantity_at(1 - side, price):
            return
        total, orders = scene.levels.up_to(side, price)
        width = columns.width(across)
        text = f"Σ {self._size_text(total, scene, width - 12)}"
        y = HEADER_PX + row * ROW_PX
        painter.fillRect(columns.left(across) + 1, y, width - 1, ROW_PX, self.theme.color("raised"))
        painter.setFont(self.data.font)
        painter.setPen(self.theme.color(sides.TOKENS[side]))
        self.data.right(painter, columns.right(across) - PAD_PX, self.data.top_for(y, ROW_PX), text)
        beside = f"{across}_own"
        if orders and columns.width(beside) and not any(own.price == price and own.side != side for own in scene.own):
            painter.fillRect(columns.left(beside) + 1, y, columns.width(beside) - 1, ROW_PX, self.theme.color("raised"))
            painter.setFont(self.label.font)
            painter.setPen(self.theme.color("label"))
            self.label.centre(
                painter, (columns.left(beside) + columns.right(beside)) // 2, self.label.top_for(y, ROW_PX),
                f"{orders} ord",
            )  # fmt: skip

    def _size_text(self, quantity: int, scene: LadderScene, room: int) -> str:
        text = format_quantity(quantity, scene.quantity_decimals)
        if self.data.width(text) + PAD_PX > room and not scene.quantity_decimals:
            rounded = quantity // 1000 * 1000 if quantity >= 100_000 else quantity
            text = format_quantity_short(rounded)
        return text

    def _prices(self, painter: QPainter, scene: LadderScene, columns: LadderColumns) -> None:
        theme, left, right = self.theme, columns.left("price"), columns.right("price")
        best_bid, best_ask = scene.levels.best_bid, scene.levels.best_ask
        top = self.data.top_for(0, ROW_PX)
        for row in range(self._rows[0], self._rows[1] + 1):
            price = scene.price_of(row)
            if price is None:
                continue
            ink, cache, y = "label", self.data, row * ROW_PX
            if best_bid is not None and price <= best_bid:
                ink = "buy"
            elif best_ask is not None and price >= best_ask:
                ink = "sell"
            if price in (best_bid, best_ask):
                cache = self.strong
            if scene.state == "stale":
                ink = "stale"
            if price == scene.last_price and scene.state != "stale":
                painter.fillRect(left, y, right - left, ROW_PX, theme.color("text"))
                draw_glyph(painter, "up" if scene.last_rises else "down", left + 8, y + 10, theme.color("canvas"), 8)
                ink, cache = "canvas", self.strong
            painter.setFont(cache.font)
            painter.setPen(theme.color(ink))
            cache.right(painter, right - PAD_PX, y + top, format_price(price, scene.price_decimals))
            mark = "H" if price == scene.high_price else "L" if price == scene.low_price else ""
            if mark and price != scene.last_price:
                painter.setFont(self.label.font)
                painter.setPen(theme.color("label"))
                self.label.left(painter, left + 5, y + self.label.top_for(0, ROW_PX), mark)
        if scene.average_price is not None:
            row = scene.row_of(round(scene.average_price / scene.tick_size) * scene.tick_size)
            if self._rows[0] <= row <= self._rows[1]:
                painter.fillRect(left, row * ROW_PX, 4, ROW_PX, theme.color("own"))

    def _own(self, painter: QPainter, scene: LadderScene, columns: LadderColumns, greatest: int) -> None:
        for own in scene.own:
            row = scene.row_of(own.price)
            if not self._rows[0] <= row <= self._rows[1]:
                continue
            buying = own.side == sides.BUY
            self._queue_gauge(painter, scene, columns, own, row * ROW_PX, greatest)
            name = "bid_own" if buying else "ask_own"
            if not columns.width(name):
                continue
            self._own_chip(painter, own, columns.left(name), columns.width(name), row * ROW_PX)
            ahead = "bid_ahead" if buying else "ask_ahead"
            if columns.width(ahead):
                painter.setFont(self.data.font)
                painter.setPen(self.theme.color("warning" if own.pending else "text_2"))
                known = "" if own.ahead is None else format_quantity_fitting(own.ahead)
                text = "cxl…" if own.pending else known
                self.data.right(painter, columns.right(ahead) - 4, row * ROW_PX + self.data.top_for(0, ROW_PX), text)

    def _own_chip(self, painter: QPainter, own: OwnLevel, left: int, width: int, y: int) -> None:
        theme = self.theme
        painter.setBrush(theme.brush("own_tint"))
        pen = QPen(theme.pen("own", 1))
        if own.pending:
            pen.setDashPattern([2, 2])
        painter.setPen(pen)
        painter.drawRect(left + 2, y + 1, width - 4, ROW_PX - 3)
        painter.setFont(self.strong.font)
        painter.setPen(theme.color("text_2" if own.pending else "own"))
        text = format_quantity_fitting(own.quantity)
        self.strong.right(painter, left + width - 6, y + self.strong.top_for(0, ROW_PX), text)

    def _queue_gauge(
        self, painter: QPainter, scene: LadderScene, columns: LadderColumns, own: OwnLevel, y: int, greatest: int
    ) -> None:
        """A notch in the size bar where the own order stands, and a strip as long as the order."""
        total = scene.levels.quantity_at(own.side, own.price)
        if total <= 0 or scene.state == "stale" or scene.sums:
            return
        name = "bid" if own.side == sides.BUY else "ask"
        bar = total / greatest * (columns.width(name) - 4)
        ahead, size = min((own.ahead or 0) / total, 1.0) * bar, max(4.0, min(own.quantity / total, 1.0) * bar)
        color = self.theme.color("own")
        if own.side == sides.BUY:
            right = columns.right("bid")
            painter.fillRect(round(right - ahead - size), y + 17, round(size), 3, color)
            if own.ahead is not None:
                painter.fillRect(round(right - ahead) - 2, y + 15, 2, 5, color)
        else:
            left = columns.left("ask")
            painter.fillRect(round(left + ahead), y + 17, round(size), 3, color)
            if own.ahead is not None:
                painter.fillRect(round(left + ahead), y + 15, 2, 5, color)

    def _volume(self, painter: QPainter, scene: LadderScene, columns: LadderColumns) -> None:
        width, volume = columns.width("volume"), scene.volume_by_row()
        first, last = self._rows
        rows = first + np.flatnonzero(volume[first : last + 1])
        if not width or not len(rows):
            return
        size = np.maximum(np.rint(volume[rows] / scene.volume_scale() * (width - 8)), 1)
        left, theme = columns.left("volume") + 4, self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.brush("hairline"))
        self._rects.draw(painter, left, rows * ROW_PX + 2, size, ROW_PX - 4, len(rows))
        painter.setFont(self.data.font)
        greatest, right = int(volume.max()), columns.right("volume") - 4
        top = self.data.top_for(0, ROW_PX)
        for row, quantity, bar in zip(rows.tolist(), volume[rows].tolist(), size.tolist(), strict=True):
            peak = quantity == greatest
            if peak:
                painter.fillRect(left, row * ROW_PX + 2, int(bar), ROW_PX - 4, theme.color("hairline_strong"))
            painter.setPen(theme.color("text" if peak else "text_2"))
            self.data.right(painter, right, row * ROW_PX + top, format_quantity_fitting(quantity))

    def paint_market_mark(self, painter: QPainter, scene: LadderScene, columns: LadderColumns, height: int) -> None:
        """Say at the edge where the market is when it is out of sight; Space brings it back."""
        where, middle = scene.market_is(), scene.levels.middle()
        if not where or middle is None:
            return
        text = f"market {format_price(middle, scene.price_decimals)} · Space"
        width = self.label.width(text) + 32
        y = HEADER_PX + 2 if where == "above" else height - ROW_PX
        x = (columns.left("price") + columns.right("price") - width) // 2
        painter.fillRect(x, y, width, ROW_PX - 2, self.theme.color("text"))
        draw_glyph(painter, "up" if where == "above" else "down", x + 12, y + 9, self.theme.color("canvas"), 8)
        painter.setFont(self.label.font)
        painter.setPen(self.theme.color("canvas"))
        self.label.left(painter, x + 22, self.label.top_for(y, ROW_PX - 2), text)

    def _lines(self, painter: QPainter, scene: LadderScene, columns: LadderColumns, height: int) -> None:
        color = self.theme.color("hairline")
        for name in ("bid_orders" if columns.width("bid_orders") else "bid", "price", "ask", "ask_own", "volume"):
            if columns.width(name):
                painter.fillRect(columns.left(name), 0, 1, height, color)
        best = scene.levels.best_bid
        row = -1 if best is None or scene.top_price is None else scene.row_of(best)
        if 0 <= row <= scene.rows and scene.state != "stale":
            y = row * ROW_PX
            painter.fillRect(0, y - 1, columns.left("volume"), 1, self.theme.color("hairline_strong"))


def format_quantity_fitting(quantity: int) -> str:
    """A quantity in at most six signs: whole below 100,000, then in k or m with one decimal."""
    if quantity < 100_000:
        return format_quantity(quantity)
    if quantity < 1_000_000:
        return f"{quantity // 1000}k"
    return f"{quantity // 1_000_000}.{quantity // 100_000 % 10}m"
