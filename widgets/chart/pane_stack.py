"""The panes of a chart from the top down: the prices, and those that were added under them.

Rules: heights in px are kept by key, also of a pane that is taken away, so that it comes back as it was; where there is
not enough room, added panes give way before the prices do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyqtgraph as pg

from widgets.chart.frame import ChartFrame, PaneFrame
from widgets.chart.pane import LEAST_PX, USUAL_PX, Pane

PRICE: Final = "price"
GAP_PX: Final = 1
GRIP_PX: Final = 4


class PaneStack:
    """`price` is always there; `[1:]` are the added ones."""

    def __init__(self, frame: ChartFrame, parent: pg.GraphicsObject) -> None:
        self.price = Pane(PRICE, "Price", frame, parent)
        self._parent = parent
        self._panes: list[Pane] = [self.price]
        self._heights: dict[str, int] = {}
        self._height = 1

    def __iter__(self) -> Iterator[Pane]:
        return iter(self._panes)

    def __len__(self) -> int:
        return len(self._panes)

    def pane(self, key: str) -> Pane | None:
        """The pane of a key."""
        return next((pane for pane in self._panes if pane.key == key), None)

    def add(self, key: str, title: str, *, height_px: int = USUAL_PX, decimals: int = 2) -> Pane:
        """A pane under the others; the one that is there if the key is. Give it layers with `add_layer`."""
        there = self.pane(key)
        if there is not None:
            return there
        pane = Pane(key, title, PaneFrame(self.price.frame.span, decimals=decimals), self._parent)
        self._heights.setdefault(key, max(height_px, LEAST_PX))
        self._panes.append(pane)
        self.arrange(self._height)
        return pane

    def remove(self, key: str) -> None:
        """Take a pane with its layers away; the price pane stays."""
        pane = self.pane(key)
        if pane is None or pane is self.price:
            return
        for layer in list(pane.layers):
            pane.remove_layer(layer)
        self._panes.remove(pane)
        self.arrange(self._height)

    def move(self, key: str, to: int) -> None:
        """Let an added pane stand at another place, counted from 1 under the prices."""
        pane = self.pane(key)
        if pane is not None and pane is not self.price:
            self._panes.remove(pane)
            self._panes.insert(max(1, min(to, len(self._panes))), pane)
            self.arrange(self._height)

    def heights(self) -> dict[str, int]:
        """Heights in px by key, to be kept."""
        return dict(self._heights)

    def set_heights(self, heights: dict[str, int]) -> None:
        """Take heights that were kept; keys without a pane wait for one."""
        self._heights.update({key: max(int(px), LEAST_PX) for key, px in heights.items()})
        self.arrange(self._height)

    def arrange(self, height: int) -> None:
        """Give all panes their place on a plot of a height."""
        self._height = height
        added = self._panes[1:]
        wanted = [self._heights[pane.key] for pane in added]
        room = height - max(height * 2 // 5, LEAST_PX) - GAP_PX * len(added)
        if sum(wanted) > room:
            share = max(room, 0) / max(sum(wanted), 1)
            wanted = [int(px * share) for px in wanted]
        rows = [height - sum(wanted) - GAP_PX * len(added), *wanted]
        top = 0
        for pane, px in zip(self._panes, rows, strict=True):
            pane.place(top, max(px, 1), height)
            top += px + GAP_PX

    def at(self, y: float) -> Pane:
        """The pane at a row of the plot; the nearest one outside."""
        for pane in reversed(self._panes):
            if y >= pane.frame.top:
                return pane
        return self.price

    def border_at(self, y: float) -> int | None:
        """Index of the pane whose upper border is at a row; None if there is none."""
        for index, pane in enumerate(self._panes[1:], 1):
            if abs(y - pane.frame.top) <= GRIP_PX:
                return index
        return None

    def drag_border(self, index: int, y: float) -> None:
        """Move the upper border of a pane to a row: its height changes, and that of the one above."""
        pane, above = self._panes[index], self._panes[index - 1]
        bottom = pane.frame.top + pane.frame.height
        top_most = above.frame.top + LEAST_PX + GAP_PX
        top = min(max(round(y), top_most), bottom - LEAST_PX)
        moved = pane.frame.top - top
        for other in self._panes[1:]:
            self._heights[other.key] = other.frame.height
        self._heights[pane.key] = max(pane.frame.height + moved, LEAST_PX)
        if above is not self.price:
            self._heights[above.key] = max(above.frame.height - moved, LEAST_PX)
        self.arrange(self._height)
