"""Labels that must not cover each other, each as near to its place as the others allow."""

from __future__ import annotations

from collections.abc import Sequence


def spread(places: Sequence[float], size: float) -> list[float]:
    """Middles of labels of `size` px that want to be at `places`, ascending; the result keeps the order.

    The sum of squared distances is the least possible (pooling of adjacent violators).
    """
    pools: list[tuple[float, int]] = []
    for i, place in enumerate(places):
        total, count = place - i * size, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    levels = [total / count for total, count in pools for _ in range(count)]
    return [level + i * size for i, level in enumerate(levels)]


def dodge(place: float, taken: Sequence[float], size: float, reach: float) -> float | None:
    """The middle nearest to `place` that keeps `size` from all that is taken; None if none is within `reach`."""
    candidates = [place] + [other + sign * size for other in taken for sign in (-1, 1)]
    free = [y for y in candidates if all(abs(y - other) >= size for other in taken)]
    best = min(free, key=lambda y: abs(y - place), default=None)
    return best if best is not None and abs(best - place) <= reach else None
