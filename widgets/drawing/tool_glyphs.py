"""The signs of the drawing tools as paths in a square of 16 px; each looks like what it draws."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

SIDE_PX = 16.0
_Draw = Callable[[QPainter, QColor], None]


def draw_tool_glyph(painter: QPainter, name: str, x: float, y: float, color: QColor) -> None:
    """Draw the sign with its left upper corner at (x, y). Raise `KeyError` for an unknown name."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(x, y)
    pen = QPen(color, 1.2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[name](painter, color)
    painter.restore()


def _lines(*lines: tuple[float, float, float, float]) -> _Draw:
    segments = [QLineF(*line) for line in lines]

    def draw(painter: QPainter, color: QColor) -> None:
        del color
        painter.drawLines(segments)

    return draw


def _with_dots(
    segment: tuple[float, float, float, float], *dots: tuple[float, float]
) -> Callable[[QPainter, QColor], None]:
    def draw(painter: QPainter, color: QColor) -> None:
        painter.drawLine(QLineF(*segment))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in dots:
            painter.drawEllipse(QPointF(x, y), 1.9, 1.9)

    return draw


def _pointer(painter: QPainter, color: QColor) -> None:
    path = QPainterPath(QPointF(4, 2.5))
    for x, y in ((4, 12.5), (6.7, 10), (8.4, 14), (10, 13.3), (8.3, 9.4), (12, 9.2)):
        path.lineTo(x, y)
    path.closeSubpath()
    painter.fillPath(path, color)


def _rectangle(painter: QPainter, color: QColor) -> None:
    del color
    painter.drawRect(QRectF(2.5, 4.5, 11, 7))


def _text(painter: QPainter, color: QColor) -> None:
    del color
    painter.drawLines([QLineF(3, 3.5, 13, 3.5), QLineF(8, 3.5, 8, 13.5), QLineF(6, 13.5, 10, 13.5)])


def _measure(painter: QPainter, color: QColor) -> None:
    painter.setPen(QPen(color, 1.0))
    painter.drawRect(QRectF(2.5, 2.5, 11, 11))
    painter.drawLines([QLineF(8, 12, 8, 4), QLineF(5.8, 6.2, 8, 4), QLineF(10.2, 6.2, 8, 4)])


def _magnet(painter: QPainter, color: QColor) -> None:
    path = QPainterPath(QPointF(4, 2.5))
    path.lineTo(4, 8.5)
    path.arcTo(QRectF(4, 4.5, 8, 8), 180, 180)
    path.lineTo(12, 2.5)
    painter.setPen(QPen(color, 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawPath(path)


def _turn(painter: QPainter, color: QColor, mirrored: bool) -> None:
    if mirrored:
        painter.translate(SIDE_PX, 0)
        painter.scale(-1, 1)
    path = QPainterPath(QPointF(4, 6.5))
    path.lineTo(9.5, 6.5)
    path.arcTo(QRectF(6.5, 6.5, 6, 6), 90, -180)
    path.lineTo(6, 12.5)
    painter.drawPath(path)
    head = QPainterPath(QPointF(2, 6.5))
    head.lineTo(6, 3.4)
    head.lineTo(6, 9.6)
    head.closeSubpath()
    painter.fillPath(head, color)


def _numbers(painter: QPainter, color: QColor) -> None:
    del color
    painter.drawLines([QLineF(2.5, 4, 13.5, 4), QLineF(2.5, 8, 13.5, 8), QLineF(2.5, 12, 13.5, 12)])
    for x, y in ((10, 4), (5.5, 8), (8.5, 12)):
        painter.drawLine(QLineF(x, y - 2, x, y + 2))


def _bin(painter: QPainter, color: QColor) -> None:
    del color
    painter.drawLines([QLineF(3, 4.5, 13, 4.5), QLineF(6, 2.5, 10, 2.5), QLineF(6.7, 7, 6.7, 11.5),
                       QLineF(9.3, 7, 9.3, 11.5)])  # fmt: skip
    painter.drawPolyline([QPointF(4.5, 4.5), QPointF(4.5, 13.5), QPointF(11.5, 13.5), QPointF(11.5, 4.5)])


def _lock(painter: QPainter, color: QColor) -> None:
    painter.fillRect(QRectF(3.5, 7.5, 9, 6), color)
    path = QPainterPath(QPointF(5.3, 7.5))
    path.arcTo(QRectF(5.3, 2.8, 5.4, 6.4), 180, -180)
    path.lineTo(10.7, 7.5)
    painter.drawPath(path)


def _eye(painter: QPainter, color: QColor) -> None:
    path = QPainterPath(QPointF(1.8, 8))
    path.quadTo(8, 1.8, 14.2, 8)
    path.quadTo(8, 14.2, 1.8, 8)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(8, 8), 2.1, 2.1)


def _compare(painter: QPainter, color: QColor) -> None:
    painter.drawPolyline([QPointF(1.5, 12), QPointF(6, 7.5), QPointF(9.5, 9.5), QPointF(14.5, 3)])
    painter.setPen(QPen(color, 1.2, Qt.PenStyle.DotLine))
    painter.drawPolyline([QPointF(1.5, 6), QPointF(6, 9.5), QPointF(10, 6), QPointF(14.5, 12.5)])


def _export(painter: QPainter, color: QColor) -> None:
    del color
    painter.drawPolyline([QPointF(2.5, 9), QPointF(2.5, 13.5), QPointF(13.5, 13.5), QPointF(13.5, 9)])
    painter.drawLines([QLineF(8, 2, 8, 10.5), QLineF(4.8, 7.3, 8, 10.5), QLineF(11.2, 7.3, 8, 10.5)])


_DRAW: dict[str, _Draw] = {
    "pointer": _pointer,
    "trend_line": _with_dots((3.5, 12, 12.5, 4), (3.5, 12), (12.5, 4)),
    "ray": _with_dots((3.5, 12, 15, 2.5), (3.5, 12), (8.6, 7.8)),
    "extended_line": _with_dots((0.5, 14, 15.5, 2), (5, 10.4), (11, 5.6)),
    "channel": _lines((1.5, 10, 11.5, 2.5), (4.5, 13.5, 14.5, 6)),
    "retracement": _lines((2, 2.5, 14, 2.5), (2, 6.5, 14, 6.5), (2, 9, 14, 9), (2, 13.5, 14, 13.5)),
    "extension": _lines((1.5, 13.5, 5, 8), (5, 8, 7, 11), (8, 11, 15, 11), (8, 6.5, 15, 6.5), (8, 2.5, 15, 2.5)),
    "rectangle": _rectangle,
    "text": _text,
    "measure": _measure,
    "price_line": _lines((1, 8.5, 15, 8.5), (3.5, 6.5, 3.5, 10.5)),
    "time_line": _lines((8.5, 1, 8.5, 15), (6.5, 12.5, 10.5, 12.5)),
    "magnet": _magnet,
    "undo": lambda painter, color: _turn(painter, color, False),
    "redo": lambda painter, color: _turn(painter, color, True),
    "numbers": _numbers,
    "remove": _bin,
    "lock": _lock,
    "show": _eye,
    "compare": _compare,
    "export": _export,
}
TOOL_GLYPHS = tuple(_DRAW)
