"""Where a window goes when it comes back: where it was, if that can still be seen.

Rules: pure; rectangles are (x, y, width, height) in device independent px of the virtual desktop; the first screen is
the primary one.
"""

from collections.abc import Sequence
from typing import Final

Rect = tuple[int, int, int, int]
SEEN_PART: Final = 0.6
"""A window of which less is on screens is moved."""
SMALLEST: Final = (200, 120)


def overlap(one: Rect, other: Rect) -> int:
    """The area that two rectangles share, in px²."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height)


def placed(wanted: Rect, screen: str, screens: Sequence[tuple[str, Rect]]) -> Rect:
    """A place for a window that was at `wanted` on the screen called `screen`; `screens` are those that there are.

    Nothing changes where its head and most of it can be seen. Else it comes onto its screen, onto the one that shows
    most of it, or onto the primary one, no larger than that. Raise `ValueError` without any screen.
    """
    if not screens:
        raise ValueError("no screen")
    wanted = (wanted[0], wanted[1], max(wanted[2], SMALLEST[0]), max(wanted[3], SMALLEST[1]))
    head = (wanted[0], wanted[1], wanted[2], 1)
    seen = sum(overlap(wanted, area) for _, area in screens)
    head_seen = sum(overlap(head, area) for _, area in screens)
    if seen >= SEEN_PART * wanted[2] * wanted[3] and head_seen >= SEEN_PART * wanted[2]:
        return wanted
    named = [area for name, area in screens if name == screen]
    by_overlap = sorted((area for _, area in screens), key=lambda area: -overlap(wanted, area))
    best = by_overlap[0] if overlap(wanted, by_overlap[0]) else screens[0][1]
    x, y, width, height = named[0] if named else best
    wide, high = min(wanted[2], width), min(wanted[3], height)
    return min(max(wanted[0], x), x + width - wide), min(max(wanted[1], y), y + height - high), wide, high
