"""Paints a heat map in one pass: columns, what is unknown, the best prices, own orders, bubbles, axes, the read-out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter

from widgets import side as sides
from widgets.formatting import format_duration, format_price, format_quantity, format_time_of_day, format_time_to_minute
from widgets.heat_map.bubble_atlas import RADII, BubbleAtlas, sizes_of
from widgets.heat_map.colour_scale import ColourScale
from widgets.heat_map.marks import OwnSpan
from widgets.heat_map.scene import HeatScene
from widgets.heat_map.source import DOUBTED, KNOWN, NO_PRICE
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

PLATE_PX, KEY_ROW_PX = 18, 18
TIME_TICK_PX, PRICE_TICK_PX = 104, 40
DOUBT_PX = 5
LINE_PX = 2
LABELLED_RADIUS = 14
BUBBLE_SHARE = 16
"""The largest bubble has a radius of this part of the height."""
KEY_WIDTH_PX, KEY_LEAST_PX = 288, 240
TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600)
_SECOND_NS = 1_000_000_000


class HeatPainter:
    """Paints scenes in one theme."""

    def __init__(self, theme: Theme, scale: ColourScale) -> None:
        self.theme, self._scale = theme, scale
        fonts = theme.fonts
        self.data, self.strong, self.label = (TextCache(font) for font in (fonts.data, fonts.data_strong, fonts.label))
        self._rects = RectBatch()
        self._atlas = BubbleAtlas(theme)

    def paint(self, painter: QPainter, scene: HeatScene, plot: QRect, width: int, *, shows_key: bool) -> None:
        """Paint a map whose columns fill `plot`; what is right of it is the price axis."""
        painter.fillRect(plot, self.theme.color("chrome"))
        if scene.source is not None and scene.is_recorded():
            painter.save()
            painter.setClipRect(plot, Qt.ClipOperation.IntersectClip)
            scene.image.draw(painter, scene.time, scene.rows)
            self._unknown(painter, scene, plot)
            self._best_prices(painter, scene)
            for span in scene.own:
                self._own(painter, scene, span, plot)
            self._bubbles(painter, scene)
            self._times(painter, scene, plot)
            if shows_key and plot.width() > 2 * KEY_WIDTH_PX and plot.height() > KEY_LEAST_PX:
                self._key(painter, scene)
            if not scene.time.follows:
                self._behind(painter, scene, plot)
            painter.restore()
        if width > plot.width():
            self._prices(painter, scene, plot, width)
        self._crosshair(painter, scene, plot, width)

    # the columns

    def _unknown(self, painter: QPainter, scene: HeatScene, plot: QRect) -> None:
        """Hatch the columns of which nothing is known; mark those of which only a part is."""
        assert scene.source is not None
        states = scene.image.states()
        nothing = (states & KNOWN == 0).astype(np.int8)
        for start, end in _runs(nothing):
            left, right = scene.time.x_of(scene.image.first + start), scene.time.x_of(scene.image.first + end)
            before = (scene.image.first + end) * scene.time.width_ns <= scene.source.first_ns
            rect = QRect(left, plot.top(), right - left, plot.height())
            if before:
                self._before_the_beginning(painter, scene, rect)
            else:
                painter.drawTiledPixmap(rect, self.theme.hatch)
        for start, end in _runs(((states & DOUBTED > 0) & (nothing == 0)).astype(np.int8)):
            left, right = scene.time.x_of(scene.image.first + start), scene.time.x_of(scene.image.first + end)
            painter.drawTiledPixmap(QRect(left, plot.top(), right - left, DOUBT_PX), self.theme.hatch)

    def _before_the_beginning(self, painter: QPainter, scene: HeatScene, rect: QRect) -> None:
        assert scene.source is not None
        painter.fillRect(rect, self.theme.color("chrome"))
        painter.fillRect(rect.right(), rect.top(), 1, rect.height(), self.theme.color("hairline"))
        text = f"no book history before {format_time_of_day(scene.source.first_ns)}"
        room = rect.right() - max(rect.left(), 0) - 16
        if self.label.width(text) < room:
            painter.setFont(self.label.font)
            painter.setPen(self.theme.color("label"))
            self.label.right(painter, rect.right() - 8, self.label.top_for(rect.center().y() - 10, 20), text)

    def _best_prices(self, painter: QPainter, scene: HeatScene) -> None:
        """The steps of best bid and ask: a line at the middle of their rows, and one down or up where they change."""
        painter.setPen(Qt.PenStyle.NoPen)
        bids, asks = scene.image.best_prices()
        for token, prices, up in (("sell", asks, True), ("buy", bids, False)):
            there = prices != NO_PRICE
            rows = np.where(there, -(-prices // scene.rows.step) if up else prices // scene.rows.step, 0)
            painter.setBrush(self.theme.brush(token))
            self._steps(painter, scene, rows, there)

    def _steps(self, painter: QPainter, scene: HeatScene, rows: NDArray[np.int64], there: NDArray[np.bool_]) -> None:
        count = len(rows)
        if not count:
            return
        other = np.concatenate([[True], (rows[1:] != rows[:-1]) | (there[1:] != there[:-1])])
        starts = np.flatnonzero(other)
        ends = np.append(starts[1:], count)
        shown = there[starts]
        view, offset = scene.rows, scene.rows.cell_px // 2
        y = view.offset_px + (view.top_cell - rows[starts] // view.per_cell) * view.cell_px + offset
        y = np.clip(y, -20, view.height_px + 20)
        first, column_px = scene.time.x_of(scene.image.first), scene.time.column_px
        x, right = first + starts * column_px, first + ends * column_px
        self._rects.draw(painter, x[shown], y[shown] - 1, (right - x)[shown], LINE_PX, int(shown.sum()))
        joined = shown[1:] & shown[:-1]
        low, high = np.minimum(y[1:], y[:-1])[joined], np.maximum(y[1:], y[:-1])[joined]
        self._rects.draw(painter, x[1:][joined], low - 1, LINE_PX - 1, high - low + LINE_PX, int(joined.sum()))

    def _own(self, painter: QPainter, scene: HeatScene, span: OwnSpan, plot: QRect) -> None:
        """An own order: from a dot at its entry to its end, or to the newest column while it works."""
        row = scene.rows.row_of(span.price, up=span.side == sides.SELL)
        y, begin = scene.rows.middle_of_row(row), scene.time.x_of_time(span.begin_ns)
        end = plot.right() + 1 if span.end_ns is None else scene.time.x_of_time(span.end_ns)
        if not -LINE_PX <= y <= plot.height() + LINE_PX or end < 0 or begin > plot.right():
            return
        left, right = max(begin, plot.left() - 8), min(end, plot.right() + 8)
        thick = LINE_PX if span.end_ns is None else 1
        painter.fillRect(left, y - 3, right - left, 6, self.theme.color("canvas"))
        painter.fillRect(left, y - thick // 2, right - left, thick, self.theme.color("own"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.theme.pen("canvas", 1))
        painter.setBrush(self.theme.brush("own"))
        painter.drawEllipse(QPointF(left, y), 3.5, 3.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        if span.end_ns is not None and right <= plot.right():
            painter.fillRect(right - 1, y - 4, LINE_PX, 8, self.theme.color("own"))

    def _bubbles(self, painter: QPainter, scene: HeatScene) -> None:
        shown = scene.shown_bubbles()  # the largest last, so that its figure can be read
        if not len(shown.numbers):
            return
        view, time = scene.rows, scene.time
        x = time.x_of(0) + shown.numbers * time.column_px + time.column_px // 2
        y = view.offset_px + (view.top_cell - shown.rows // view.per_cell) * view.cell_px + view.cell_px // 2
        inside = (y >= -RADII[-1]) & (y <= view.height_px + RADII[-1])
        sizes = sizes_of(shown.quantities, scene.bubble_greatest, max(view.height_px // BUBBLE_SHARE, 6))
        self._atlas.draw(painter, x[inside], y[inside], sizes[inside], shown.sides[inside])
        painter.setFont(self.strong.font)
        large = np.flatnonzero(inside & (np.array(RADII)[sizes] >= LABELLED_RADIUS))[-8:]
        for i in large.tolist():
            text = format_quantity(int(shown.quantities[i]), scene.quantity_decimals)
            if self.strong.width(text) < 2 * RADII[int(sizes[i])]:
                painter.setPen(self.theme.color(sides.ON_TOKENS[int(shown.sides[i])]))
                self.strong.centre(painter, int(x[i]), self.strong.top_for(int(y[i]) - 8, 16), text)

    # what stands around them

    def _plate(self, painter: QPainter, rect: QRect, ground: str = "canvas", border: str = "") -> None:
        painter.fillRect(rect, self.theme.color(ground))
        if border:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.theme.color(border))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _times(self, painter: QPainter, scene: HeatScene, plot: QRect) -> None:
        time = scene.time
        wanted_s = TIME_TICK_PX * time.width_ns / time.column_px / _SECOND_NS
        step_ns = next((step for step in TIME_STEPS_S if step >= wanted_s), TIME_STEPS_S[-1]) * _SECOND_NS
        text_of = format_time_to_minute if step_ns >= 60 * _SECOND_NS else format_time_of_day
        painter.setFont(self.data.font)
        first_ns = -(-(time.first * time.width_ns) // step_ns) * step_ns
        for time_ns in range(first_ns, (time.last + 1) * time.width_ns, step_ns):
            x, text = time.x_of_time(time_ns), text_of(time_ns)
            half = self.data.width(text) // 2 + 4
            if x - half < 0 or x + half > plot.right():
                continue
            painter.fillRect(x, plot.top(), 1, 6, self.theme.color("label"))
            self._plate(painter, QRect(x - half, plot.bottom() - PLATE_PX + 1, 2 * half, PLATE_PX))
            painter.setPen(self.theme.color("text_2"))
            self.data.centre(painter, x, self.data.top_for(plot.bottom() - PLATE_PX + 1, PLATE_PX), text)

    def _key(self, painter: QPainter, scene: HeatScene) -> None:
        """What the colours mean."""
        theme, label, x, y = self.theme, self.label, 4, 4
        self._plate(painter, QRect(x, y, KEY_WIDTH_PX, 2 * KEY_ROW_PX + 4), border="hairline_strong")
        for i, color in enumerate(theme.heat):
            painter.fillRect(x + 7 + i * 16, y + 7, 16, 8, color)
        painter.setFont(label.font)
        painter.setPen(theme.color("text_2"))
        top = format_quantity(self._scale.top, scene.quantity_decimals)
        text = label.elided(f"0 to {top} a row", KEY_WIDTH_PX - 132)
        label.left(painter, x + 127, label.top_for(y + 2, KEY_ROW_PX), text)
        row, at = label.top_for(y + 2 + KEY_ROW_PX, KEY_ROW_PX), x + 8
        for token, word in (("buy", "bought"), ("sell", "sold")):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush(token))
            painter.drawEllipse(QPointF(at + 5, y + 2 + 1.5 * KEY_ROW_PX), 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(theme.color("text_2"))
            at += 14 + label.left(painter, at + 14, row, word) + 10
        least = scene.bubbles_from()
        if least > 1:
            at += label.left(painter, at, row, f"≥ {format_quantity(least, scene.quantity_decimals)}") + 10
        painter.fillRect(at, y + 1 + KEY_ROW_PX + KEY_ROW_PX // 2, 18, 2, theme.color("own"))
        label.left(painter, at + 24, row, label.elided("own, from entry", KEY_WIDTH_PX - at - 22))

    def _behind(self, painter: QPainter, scene: HeatScene, plot: QRect) -> None:
        """Say how far back it is held."""
        assert scene.source is not None
        behind_ns = scene.source.now_ns - (scene.time.last + 1) * scene.time.width_ns
        text = f"{format_duration(behind_ns)} behind · End"
        width = self.label.width(text) + 16
        rect = QRect(plot.right() - width - 3, 4, width, 20)
        self._plate(painter, rect, "raised", "hairline_strong")
        painter.setFont(self.label.font)
        painter.setPen(self.theme.color("text"))
        self.label.centre(painter, rect.center().x(), self.label.top_for(rect.y(), 20), text)

    def _prices(self, painter: QPainter, scene: HeatScene, plot: QRect, width: int) -> None:
        """The price axis, with the last trade on it."""
        theme, view, left = self.theme, scene.rows, plot.right() + 1
        painter.fillRect(left, 0, width - left, plot.height(), theme.color("chrome"))
        painter.fillRect(left, 0, 1, plot.height(), theme.color("hairline"))
        if not view.placed:
            return
        painter.setFont(self.data.font)
        painter.setPen(theme.color("label"))
        every = -(-PRICE_TICK_PX // view.cell_px) if view.cell_px < 16 else 1
        every = next(step for step in (1, 2, 5, 10, 20, 50, 100) if step >= every)
        half = self.data.line_height / 2
        for cell in range(-(-view.bottom_cell // every) * every, view.top_cell + 1, every):
            y = view.y_of_row(cell * view.per_cell)
            if half < y + view.cell_px / 2 < plot.height() - half:
                text = format_price(cell * view.per_cell * view.step, scene.price_decimals)
                self.data.right(painter, width - 8, self.data.top_for(y, view.cell_px), text)
        if scene.last_price is not None:
            y = view.middle_of_row(view.row_of(scene.last_price, up=False)) - PLATE_PX // 2
            self._plate(painter, QRect(left, y, width - left, PLATE_PX), "text")
            painter.setFont(self.strong.font)
            painter.setPen(theme.color("canvas"))
            text = format_price(scene.last_price, scene.price_decimals)
            self.strong.right(painter, width - 8, self.strong.top_for(y, PLATE_PX), text)

    # the crosshair

    def crosshair_rects(self, scene: HeatScene, size: QSize) -> list[QRect]:
        """What of a canvas has to be painted when the crosshair comes or goes."""
        if scene.pointer is None:
            return []
        x, y = scene.pointer
        view = scene.rows
        cell_y = view.y_of_row(view.cell_at(y) * view.per_cell)
        height = max(view.cell_px, PLATE_PX) + 2
        return [
            QRect(x - 1, 0, 3, size.height()),
            QRect(0, min(cell_y, y - PLATE_PX // 2) - 1, size.width(), height + PLATE_PX),
            self._read_out_rect(scene, size.width(), size.height(), 6).adjusted(-1, -1, 1, 1),
            QRect(x - 60, size.height() - PLATE_PX, 120, PLATE_PX),
        ]

    def _read_out_rect(self, scene: HeatScene, width: int, height: int, lines: int) -> QRect:
        assert scene.pointer is not None
        x, y = scene.pointer
        wide, high = 176, lines * KEY_ROW_PX + 8
        left = x + 14 if x + 14 + wide < scene.time.plot_px else x - 14 - wide
        top = y + 14 if y + 14 + high < height else max(y - 14 - high, 0)
        return QRect(min(max(left, 0), max(width - wide, 0)), top, wide, high)

    def _crosshair(self, painter: QPainter, scene: HeatScene, plot: QRect, width: int) -> None:
        if scene.pointer is None or not scene.is_recorded() or not scene.rows.placed:
            return
        theme, view = self.theme, scene.rows
        x, y = scene.pointer
        cell_y = view.y_of_row(view.cell_at(y) * view.per_cell)
        painter.setPen(theme.pen("label", 1, "crosshair"))
        painter.drawLine(x, 0, x, plot.bottom())
        line_y = cell_y + view.cell_px // 2
        painter.drawLine(0, line_y, plot.right(), line_y)
        if view.cell_px > 4:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("text", 1))
            left = scene.time.x_of(scene.time.number_at(x))
            painter.drawRect(left - 1, cell_y, scene.time.column_px + 1, view.cell_px - 1)
        lines = scene.read_out()
        rect = self._read_out_rect(scene, width, plot.height(), len(lines))
        self._plate(painter, rect, "raised", "hairline_strong")
        for i, (name, value) in enumerate(lines):
            top = rect.y() + 4 + i * KEY_ROW_PX
            painter.setFont(self.label.font)
            painter.setPen(theme.color("label"))
            self.label.left(painter, rect.x() + 8, self.label.top_for(top, KEY_ROW_PX), name)
            painter.setFont(self.data.font)
            painter.setPen(theme.color("text"))
            self.data.right(painter, rect.right() - 7, self.data.top_for(top, KEY_ROW_PX), value)
        if width > plot.width():
            text = scene.price_text(view.cell_at(y)).partition(" ")[0]
            self._plate(painter, QRect(plot.right() + 1, line_y - PLATE_PX // 2, width - plot.right(), PLATE_PX),
                        "raised", "hairline_strong")  # fmt: skip
            painter.setPen(theme.color("text"))
            self.data.right(painter, width - 8, self.data.top_for(line_y - PLATE_PX // 2, PLATE_PX), text)


def _runs(flags: NDArray[np.int8]) -> list[tuple[int, int]]:
    """Begin and end (out) of each run of ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
