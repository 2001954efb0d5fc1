"""A course in a few pixels: grey line, dotted zero, a point at the end that says up or down."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

from widgets.theme import Theme


def paint_sparkline(
    painter: QPainter,
    theme: Theme,
    rect: QRect,
    points: ArrayLike,
    *,
    zero_line: bool = True,
    stale: bool = False,
    tone: str = "",
) -> None:
    """Draw `points` (differences from where the line has its zero) into `rect`; fewer than two draw nothing.

    The last point says up or down, unless `tone` names a colour: what is no price and no result has no direction.
    """
    course = _course(points, rect.height(), zero_line=zero_line)
    if course is not None:
        _paint_course(painter, theme, rect, *course, stale=stale, tone=tone)


def _course(points: ArrayLike, height: int, *, zero_line: bool = True) -> tuple[NDArray[np.int32], int, bool] | None:
    """A course in half pixels from the top, where its zero is (-1: not shown), and whether it ends above it."""
    values = np.asarray(points, np.float64)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return None
    low, high = float(values.min()), float(values.max())
    if zero_line:
        low, high = min(low, 0.0), max(high, 0.0)
    room = height - 6
    scale = room / (high - low) if high > low else 0.0
    half = np.rint(((high - values) * scale if scale else np.full(len(values), room / 2)) * 2).astype(np.int32)
    zero = (round(high * scale) if scale else round(room / 2)) if zero_line else -1
    return half, zero, bool(values[-1] >= 0)


def _paint_course(
    painter: QPainter,
    theme: Theme,
    rect: QRect,
    half: NDArray[np.int32],
    zero: int,
    above: bool,
    *,
    stale: bool,
    tone: str = "",
) -> None:
    top, left = rect.y() + 3, rect.x() + 1
    if zero >= 0:
        painter.setPen(theme.pen("hairline_strong", 1, "1 2"))
        painter.drawLine(left, top + zero, rect.right() - 3, top + zero)
    step = (rect.width() - 5) / (len(half) - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.pen("label" if stale else "text_2", 1))
    painter.drawPolyline([QPointF(left + place * step, top + y / 2) for place, y in enumerate(half.tolist())])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.brush("stale" if stale else tone or ("up" if above else "down")))
    painter.drawEllipse(QPointF(left + (len(half) - 1) * step, top + float(half[-1]) / 2), 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class SparklineCache:
    """Keeps the pictures of sparklines by their pixels: these change far less often than the row that shows them."""

    def __init__(self, theme: Theme, capacity: int = 512) -> None:
        self._theme, self._capacity = theme, capacity
        self._pictures: dict[tuple[bytes, int, bool, int, int, bool], QPixmap] = {}

    def draw(self, painter: QPainter, rect: QRect, points: ArrayLike, stale: bool) -> None:
        """Draw `points` into `rect`, from the kept picture if there is one."""
        course = _course(points, rect.height())
        if course is None:
            return
        half, zero, above = course
        key = (half.tobytes(), zero, above, rect.width(), rect.height(), stale)
        picture = self._pictures.get(key)
        if picture is None:
            if len(self._pictures) >= self._capacity:
                self._pictures.clear()
            ratio = painter.device().devicePixelRatioF()
            picture = QPixmap(rect.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            into = QPainter(picture)
            whole = QRect(0, 0, rect.width(), rect.height())
            _paint_course(into, self._theme, whole, half, zero, above, stale=stale)
            into.end()
            self._pictures[key] = picture
        painter.drawPixmap(rect.topLeft(), picture)


def paint_range(
    painter: QPainter, theme: Theme, rect: QRect, last: float, opened: float, *, stale: bool = False
) -> None:
    """A day from its low to its high: a line, filled from the open to the last price, which is a mark."""
    left, width = rect.x(), rect.width() - 3
    middle = rect.y() + rect.height() // 2
    at = left + round(width * min(max(last, 0.0), 1.0))
    begin = left + round(width * min(max(opened, 0.0), 1.0))
    painter.fillRect(left, middle, width + 3, 1, theme.color("hairline_strong"))
    token = "stale" if stale else "up" if last >= opened else "down"
    painter.fillRect(min(at, begin), middle - 1, abs(at - begin) + 1, 3, theme.color(f"{token}_tint"))
    painter.fillRect(begin, middle - 2, 1, 5, theme.color("label"))
    painter.fillRect(at, middle - 5, 3, 11, theme.color(token))


def paint_meter(
    painter: QPainter, theme: Theme, rect: QRect, fraction: float, after: float | None = None, warning: bool = False
) -> None:
    """A limit that is used: grey, in warning colour if it is, in own colour what the staged order adds."""
    painter.fillRect(rect, theme.color("hairline"))
    used = round(rect.width() * min(max(fraction, 0.0), 1.0))
    painter.fillRect(rect.x(), rect.y(), used, rect.height(), theme.color("warning" if warning else "label"))
    if after is not None and after > fraction:
        end = round(rect.width() * min(after, 1.0))
        painter.fillRect(rect.x() + used, rect.y(), max(end - used, 2), rect.height(), theme.color("own"))
    painter.fillRect(rect.x() + round(rect.width() * 0.8), rect.y(), 1, rect.height(), theme.color("canvas"))
