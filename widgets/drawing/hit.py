"""Which drawing, and which of its handles, is under a pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from widgets.drawing.drawing import Drawing
from widgets.drawing.figures import Figure
from widgets.drawing.geometry import distance_to_segment

REACH_PX = 5.0
HANDLE_REACH_PX = 8.0
CHARACTER_PX = 7.2
LINE_PX = 15.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A drawing and the anchor whose handle was hit, None for its body."""

    drawing: Drawing
    handle: int | None = None


def hit_at(figures: Sequence[Figure], x: float, y: float, selected: int = 0) -> Hit | None:
    """What is at a pixel: the handles of the drawing with the number `selected` first, then bodies, the last on top."""
    for figure in figures:
        if figure.drawing.number == selected:
            near = [(math.hypot(x - hx, y - hy), i) for i, (hx, hy) in enumerate(figure.handles)]
            if near and min(near)[0] <= HANDLE_REACH_PX:
                return Hit(figure.drawing, min(near)[1])
    for figure in reversed(figures):
        if distance(figure, x, y) <= REACH_PX:
            return Hit(figure.drawing)
    return None


def distance(figure: Figure, x: float, y: float) -> float:
    """Pixels to the nearest line or word of a figure; infinite for an empty one."""
    lines = [distance_to_segment(x, y, segment) for segment in (*figure.lines, *figure.weak)]
    return min([*lines, *(_to_words(words.x, words.y, words.text, words.align, x, y) for words in figure.words)],
               default=math.inf)  # fmt: skip


def _to_words(left: float, middle: float, text: str, align: str, x: float, y: float) -> float:
    width = CHARACTER_PX * len(text)
    left -= {"left": 0.0, "centre": width / 2, "right": width}[align]
    dx = max(left - x, x - left - width, 0.0)
    return math.hypot(dx, max(abs(y - middle) - LINE_PX / 2, 0.0))
