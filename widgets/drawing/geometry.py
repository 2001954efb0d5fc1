"""Plain geometry in pixels: lines cut to a rectangle, distances, points inside."""

from __future__ import annotations

import math

Point = tuple[float, float]
Segment = tuple[float, float, float, float]

MARGIN_PX = 4.0


def clipped(
    a: Point, b: Point, width: float, height: float, *, before: bool = False, after: bool = False
) -> Segment | None:
    """The part of a line from `a` to `b` inside of the plot and a small margin; None if there is none.

    `before` and `after` make it endless beyond `a` and beyond `b`. Points that are not finite give None.
    """
    dx, dy = b[0] - a[0], b[1] - a[1]
    if not all(map(math.isfinite, (*a, dx, dy))):
        return None
    low, high = (-math.inf if before else 0.0), (math.inf if after else 1.0)
    edges = ((-dx, a[0] + MARGIN_PX), (dx, width + MARGIN_PX - a[0]), (-dy, a[1] + MARGIN_PX),
             (dy, height + MARGIN_PX - a[1]))  # fmt: skip
    for slope, room in edges:
        if slope == 0:
            if room < 0:
                return None
            continue
        at = room / slope
        if slope < 0:
            low = max(low, at)
        else:
            high = min(high, at)
    if low > high or not (math.isfinite(low) and math.isfinite(high)):
        return None
    return (a[0] + low * dx, a[1] + low * dy, a[0] + high * dx, a[1] + high * dy)


def distance_to_segment(x: float, y: float, segment: Segment) -> float:
    """Pixels from a point to the nearest point of a segment."""
    x1, y1, x2, y2 = segment
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    at = 0.0 if length == 0 else min(max(((x - x1) * dx + (y - y1) * dy) / length, 0.0), 1.0)
    return math.hypot(x - x1 - at * dx, y - y1 - at * dy)


def row_at(a: Point, b: Point, x: float) -> float:
    """The row of the line through two points at a column; that of `a` where the line is upright."""
    return a[1] if a[0] == b[0] else a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0])
