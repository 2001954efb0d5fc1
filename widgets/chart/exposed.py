"""Which columns of a layer have to be painted, where a frame exposes several places far apart.

Rules: Qt tells an item only the rectangle around all that is exposed; between a strip at one end and a legend at the
other everything would be drawn for nothing.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

JOIN_PX: Final = 48.0
"""Spans nearer than this are drawn as one, so that no line is drawn twice where they meet."""


def exposed_spans(painter: QPainter, exposed: QRectF) -> list[tuple[float, float]]:
    """Left and right ends, ascending and apart, in the painter's coordinates, of what is exposed inside `exposed`."""
    engine = painter.paintEngine()
    region = engine.systemClip() if engine is not None else None
    if region is None or region.isEmpty() or region.rectCount() < 2:
        return [(exposed.left(), exposed.right())]
    back, _ = painter.deviceTransform().inverted()
    rects = [back.mapRect(QRectF(rect)).intersected(exposed) for rect in region]
    ends = sorted((rect.left(), rect.right()) for rect in rects if not rect.isEmpty())
    spans: list[tuple[float, float]] = []
    for left, right in ends:
        if spans and left <= spans[-1][1] + JOIN_PX:
            spans[-1] = (spans[-1][0], max(spans[-1][1], right))
        else:
            spans.append((left, right))
    return spans
