"""How a heat map goes on: what is read when time passes, the view moves or trades come. No Qt.

Rules: a live column is read alone; all is read anew only when time or prices are shown at another scale; the colour
scale is looked at now and then, not with every tick.
"""

from __future__ import annotations

from typing import Final

from widgets.heat_map.colour_scale import ColourScale
from widgets.heat_map.marks import Bubbles, Trades
from widgets.heat_map.scene import HeatScene
from widgets.heat_map.source import NO_PRICE, HeatSource

FIT_COLUMNS: Final = 32
"""The colour scale is looked at again after so many new columns."""


class HeatFlow:
    """Keeps the picture of a scene up to date."""

    def __init__(self, scene: HeatScene, scale: ColourScale) -> None:
        self.scene, self.scale = scene, scale
        self._trades = Trades()
        self._newest, self._fitted, self._gathered = 0, 0, -2
        self._asked_ns = -1

    def set_source(self, source: HeatSource | None, step: int) -> None:
        """Show another history, from its newest column."""
        scene = self.scene
        scene.source, scene.rows.step = source, step
        scene.rows.held = False
        scene.rows.placed = scene.rows.joined
        scene.time.go_live()
        scene.bubbles, self._trades, self._asked_ns = Bubbles(), Trades(), -1
        scene.image.forget()
        self._fitted = 0

    def refresh(self) -> bool:
        """Read the newest columns; True if more than they have changed."""
        scene, source = self.scene, self.scene.source
        if source is None:
            return True
        before = scene.time.newest
        scene.time.set_range(source.first_ns, source.now_ns)
        newest = scene.time.newest
        scene.image.forget_from(min(before, newest))
        moved = self.follow_prices()
        self.show()
        if abs(newest - self._fitted) >= FIT_COLUMNS:
            self._fitted = newest
            moved = scene.image.fit(self.scale) or moved
        moved, self._newest = moved or newest != self._newest, newest
        return moved

    def changed(self) -> None:
        """Another part of time or prices is shown."""
        self.follow_prices()
        self.show()
        self.scene.image.fit(self.scale)
        self._gather(None)

    def reload(self) -> None:
        """Older columns have come."""
        self.scene.image.forget()
        self._asked_ns = -1
        source = self.scene.source
        if source is not None:
            self.scene.time.set_range(source.first_ns, source.now_ns)
        self.changed()

    def show(self) -> None:
        """Read what is missing."""
        scene = self.scene
        if scene.source is not None:
            scene.image.show(scene.time, scene.rows, scene.source, self.scale)

    def follow_prices(self) -> bool:
        """Keep the middle of the newest book in sight; True if the rows moved."""
        scene = self.scene
        if scene.source is None or not scene.is_recorded():
            return False
        width_ns = scene.time.width_ns
        newest = scene.source.read(scene.time.newest * width_ns, width_ns, 1, 0, 1)
        there = [int(prices[0]) for prices in (newest.bids, newest.asks) if prices[0] != NO_PRICE]
        if not there and scene.last_price is not None:
            there = [scene.last_price]
        return bool(there) and scene.rows.follow(sum(there) // len(there) // scene.rows.step)

    def set_trades(self, trades: Trades, changed_ns: int = 0) -> None:
        """All prints that are known; those before `changed_ns` are the same as the last time."""
        self._trades = trades
        self._gather(changed_ns // self.scene.time.width_ns if changed_ns else None)

    def _gather(self, from_number: int | None) -> None:
        """Gather trades into bubbles; columns before `from_number` have them already."""
        scene, time = self.scene, self.scene.time
        first, end = time.first, time.last + 1
        if from_number is None or not self._gathered <= first <= self._gathered + 1:
            kept, start = Bubbles(), first
        else:
            kept, start = scene.bubbles.from_number(first, from_number), max(from_number, first)
        self._gathered = first
        trades = self._trades.between(start * time.width_ns, end * time.width_ns)
        scene.bubbles = kept.and_then(Bubbles.of(trades, time.width_ns, scene.rows.step))
        if len(scene.bubbles.quantities):
            scene.bubble_greatest = int(scene.bubbles.quantities.max())

    def older_needed(self) -> int | None:
        """The oldest recorded time if the view is near it and it was not asked for yet."""
        scene = self.scene
        if scene.source is None or not scene.is_recorded():
            return None
        first_ns = scene.source.first_ns
        if scene.time.first * scene.time.width_ns >= first_ns or first_ns == self._asked_ns:
            return None
        self._asked_ns = first_ns
        return first_ns
