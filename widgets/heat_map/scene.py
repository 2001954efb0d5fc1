"""Everything a heat map shows, and where it is; the canvas changes it, the painter paints it."""

from __future__ import annotations

from dataclasses import dataclass, field

from widgets.formatting import DASH, format_price, format_quantity, format_time
from widgets.heat_map.column_image import ColumnImage
from widgets.heat_map.marks import Bubbles, OwnSpan
from widgets.heat_map.row_view import RowView
from widgets.heat_map.source import DOUBTED, KNOWN, NOT_RECORDED, HeatSource
from widgets.heat_map.time_view import TimeView

BUBBLES_MIN, BUBBLES_MAX = 100, 1500


@dataclass
class HeatScene:
    """One instrument's map. `pointer` is (x, y) in the plot, None while the pointer is elsewhere."""

    time: TimeView = field(default_factory=TimeView)
    rows: RowView = field(default_factory=RowView)
    image: ColumnImage = field(default_factory=ColumnImage)
    source: HeatSource | None = None
    bubbles: Bubbles = field(default_factory=Bubbles)
    bubble_least: int = 1
    bubble_greatest: int = 1
    own: tuple[OwnSpan, ...] = ()
    price_decimals: int = 2
    quantity_decimals: int = 0
    last_price: int | None = None
    pointer: tuple[int, int] | None = None

    def shown_bubbles(self) -> Bubbles:
        """Those large enough to be drawn, the largest last; where they would crowd, the smallest are left out."""
        return self.bubbles.at_least(self.bubble_least, min(max(self.time.count, BUBBLES_MIN), BUBBLES_MAX))

    def bubbles_from(self) -> int:
        """From which quantity on trades are shown now."""
        shown = self.shown_bubbles().quantities
        wanted = int((self.bubbles.quantities >= self.bubble_least).sum())
        return int(shown[0]) if 0 < len(shown) < wanted else self.bubble_least

    def is_recorded(self) -> bool:
        """Whether there is anything to show."""
        return self.source is not None and self.source.first_ns > 0

    def read_out(self) -> list[tuple[str, str]]:
        """Names and values of what is under the pointer; empty without one."""
        if self.pointer is None or self.source is None:
            return []
        time, rows = self.time, self.rows
        number, cell = time.number_at(self.pointer[0]), rows.cell_at(self.pointer[1])
        lines = [("Time", format_time(number * time.width_ns)), ("Price", self.price_text(cell))]
        quantity = self.image.quantity_at(number, cell - rows.bottom_cell)
        block = self.source.read(number * time.width_ns, time.width_ns, 1, cell * rows.per_cell, 1, rows.per_cell)
        state = int(block.states[0])
        if quantity == NOT_RECORDED:
            lines.append(("Resting", "unknown" if state & DOUBTED and not state & KNOWN else "not recorded"))
        else:
            lines.append(("Resting", format_quantity(quantity, self.quantity_decimals)))
            lines.append(("Orders", f"{int(block.orders[0, 0]):,}" if block.orders[0, 0] else DASH))
        for name, side in (("Bought", 0), ("Sold", 1)):
            traded = self._traded(number, cell, side)
            if traded:
                lines.append((name, format_quantity(traded, self.quantity_decimals)))
        return lines

    def price_text(self, cell: int) -> str:
        """The price of a cell, or the prices from and to of one that holds several rows."""
        low = cell * self.rows.per_cell * self.rows.step
        text = format_price(low, self.price_decimals)
        if self.rows.per_cell == 1:
            return text
        high = low + (self.rows.per_cell - 1) * self.rows.step
        return f"{text} to {format_price(high, self.price_decimals)}"

    def _traded(self, number: int, cell: int, side: int) -> int:
        found = self.bubbles
        same = (found.numbers == number) & (found.rows // self.rows.per_cell == cell) & (found.sides == side)
        return int(found.quantities[same].sum())
