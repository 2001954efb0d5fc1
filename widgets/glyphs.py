"""Small signs drawn as paths, so that they look the same with every font.

A glyph stands in a square of `size` px around its centre. Names say what it means or, for plain shapes, what it is.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

STATES = (
    "sending", "acknowledged", "working", "part_filled", "pending", "filled", "cancelled", "rejected", "expired",
    "unknown",
)  # fmt: skip


def triangle(x: float, y: float, half: float, upward: bool) -> QPolygonF:
    """A triangle around (x, y), 2 x `half` wide."""
    lift = half * 0.9 if upward else -half * 0.9
    return QPolygonF([QPointF(x, y - lift), QPointF(x + half, y + lift), QPointF(x - half, y + lift)])


def draw_glyph(painter: QPainter, name: str, x: float, y: float, color: QColor, size: float = 8) -> None:
    """Draw the glyph around (x, y). Raise `KeyError` for an unknown name."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    _DRAW[name](painter, x, y, size / 2, color)
    painter.restore()


def _up(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawPolygon(triangle(x, y, half, True))


def _down(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawPolygon(triangle(x, y, half, False))


def _right(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x - half * 0.6, y - half), QPointF(x + half, y),
                                   QPointF(x - half * 0.6, y + half)]))  # fmt: skip


def _caret(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x - half, y - half * 0.5), QPointF(x + half, y - half * 0.5),
                                   QPointF(x, y + half * 0.6)]))  # fmt: skip


def _dot(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawEllipse(QPointF(x, y), half * 0.8, half * 0.8)


def _square(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawRect(QRectF(x - half * 0.8, y - half * 0.8, half * 1.6, half * 1.6))


def _ring(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 1.2))
    painter.drawEllipse(QPointF(x, y), half * 0.8, half * 0.8)


def _dashed_ring(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    pen = QPen(color, 1.2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1.5, 1.5])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawEllipse(QPointF(x, y), half * 0.85, half * 0.85)


def _part(painter: QPainter, x: float, y: float, half: float, color: QColor, span: int) -> None:
    radius = half * 0.8
    path = QPainterPath(QPointF(x, y))
    path.arcTo(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), 90, span)
    path.closeSubpath()
    painter.drawPath(path)
    _ring(painter, x, y, half, color)


def _quarter(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    _part(painter, x, y, half, color, -90)


def _half(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    _part(painter, x, y, half, color, 180)


def _cross(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    painter.setPen(QPen(color, 1.3))
    arm = half * 0.65
    painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
    painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))


def _dash(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    painter.setPen(QPen(color, 1.4))
    painter.drawLine(QPointF(x - half * 0.7, y), QPointF(x + half * 0.7, y))


def _exclamation(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    painter.setPen(QPen(color, 1.6))
    painter.drawLine(QPointF(x, y - half), QPointF(x, y + half * 0.35))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QPointF(x, y + half * 0.85), 0.95, 0.95)


def _question(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    path = QPainterPath(QPointF(x - half * 0.6, y - half * 0.45))
    path.cubicTo(x - half * 0.6, y - half * 1.3, x + half * 0.75, y - half * 1.2, x + half * 0.6, y - half * 0.4)
    path.cubicTo(x + half * 0.5, y, x, y - half * 0.1, x, y + half * 0.4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 1.5))
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(x, y + half * 0.95), 0.95, 0.95)


def _diamond(painter: QPainter, x: float, y: float, half: float, _: QColor) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half),
                                   QPointF(x - half, y)]))  # fmt: skip


def _search(painter: QPainter, x: float, y: float, half: float, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 1.3))
    painter.drawEllipse(QPointF(x - half * 0.2, y - half * 0.2), half * 0.6, half * 0.6)
    painter.drawLine(QPointF(x + half * 0.25, y + half * 0.25), QPointF(x + half, y + half))


_DRAW = {
    "up": _up, "down": _down, "right": _right, "caret": _caret, "dot": _dot, "square": _square, "ring": _ring,
    "cross": _cross, "dash": _dash, "diamond": _diamond, "search": _search, "warning": _up, "alert": _exclamation,
    "sending": _ring, "acknowledged": _quarter, "working": _dot, "part_filled": _half, "pending": _dashed_ring,
    "filled": _square, "cancelled": _cross, "rejected": _exclamation, "expired": _dash, "unknown": _question,
}  # fmt: skip

GLYPH_NAMES = tuple(_DRAW)
