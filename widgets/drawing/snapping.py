"""Where a point of a drawing lands: on a bar and the tick grid, and with the magnet on open, high, low or close."""

from __future__ import annotations

import math

from widgets.drawing.drawing import Anchor
from widgets.drawing.editing import bounded
from widgets.drawing.plane import Plane

MAGNET_PX = 12.0


def snapped(plane: Plane, x: float, y: float, *, magnet: bool) -> Anchor:
    """The anchor for a pixel: the bar of the column and the nearest tick; with the magnet the nearest of the bar's
    four prices if one is within `MAGNET_PX`.
    """
    time_ns, price = plane.time_at(x), plane.tick(plane.price_at(y))
    bar = plane.bar_near(x) if magnet else None
    if bar is not None:
        rows = [(abs(row - y), value) for value in bar[1] if math.isfinite(row := plane.y_of(value))]
        if rows and min(rows)[0] <= MAGNET_PX:
            return bounded(Anchor(bar[0], min(rows)[1]))
    return bounded(Anchor(time_ns, price))
