"""Edits of one drawing: an anchor set, the whole moved, a copy. Locked drawings stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from widgets.drawing.drawing import PRICE_MAX, TIME_MAX_NS, Anchor, Drawing

PriceShift = Callable[[int], float]
TimeShift = Callable[[int], int]


def bounded(anchor: Anchor) -> Anchor:
    """The anchor, kept where a drawing may stand."""
    time_ns = min(max(anchor.time_ns, -TIME_MAX_NS), TIME_MAX_NS)
    return Anchor(time_ns, min(max(anchor.price, -PRICE_MAX), PRICE_MAX))


def with_anchor(drawing: Drawing, place: int, anchor: Anchor) -> Drawing:
    """The drawing with one anchor elsewhere. Raises `IndexError` if it has no such anchor."""
    if drawing.locked:
        return drawing
    anchors = list(drawing.anchors)
    anchors[place] = bounded(anchor)
    return replace(drawing, anchors=tuple(anchors))


def shifted(drawing: Drawing, times: TimeShift, prices: PriceShift) -> Drawing:
    """The drawing with each anchor moved by two functions; prices are rounded to the price unit."""
    if drawing.locked:
        return drawing
    anchors = tuple(bounded(Anchor(times(a.time_ns), round(prices(a.price)))) for a in drawing.anchors)
    return replace(drawing, anchors=anchors)


def moved(drawing: Drawing, time_ns: int, price: int) -> Drawing:
    """The drawing moved by a time and a price."""
    return shifted(drawing, lambda at: at + time_ns, lambda at: at + price)


def copied(drawing: Drawing, number: int, time_ns: int, price: int) -> Drawing:
    """A copy with its own number, beside the first one, not locked."""
    return moved(replace(drawing, number=number, locked=False), time_ns, price)
