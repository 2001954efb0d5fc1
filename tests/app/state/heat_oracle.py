"""Book history the slow way: a dictionary of books by tenth of a second, from the updates one by one."""

from dataclasses import dataclass, field

from app.state.heat import BASE_NS

Cells = dict[int, tuple[int, int]]
"""Quantity and orders by row."""


@dataclass
class PlainHistory:
    """What stood in each row when each tenth of a second ended; None where nobody knew."""

    step: int
    levels: dict[tuple[int, int], int] = field(default_factory=dict)
    columns: dict[int, Cells | None] = field(default_factory=dict)
    opened: int = -1
    trusted: bool = False

    def update(self, time_ns: int, side: int, price: int, quantity: int) -> None:
        """One level changes."""
        if self.opened < 0:
            self.opened = time_ns // BASE_NS
        self.close_before(time_ns // BASE_NS)
        if quantity:
            self.levels[side, price] = quantity
        else:
            self.levels.pop((side, price), None)

    def advance(self, time_ns: int, *, trusted: bool) -> None:
        """Time goes on."""
        if self.opened < 0:
            self.opened = time_ns // BASE_NS
        self.trusted = trusted
        self.close_before(time_ns // BASE_NS)

    def close_before(self, number: int) -> None:
        """Keep the book for every tenth that is over."""
        while self.opened < number:
            self.columns[self.opened] = self.rows() if self.trusted else None
            self.opened += 1

    def rows(self) -> Cells:
        """The book by rows: a bid counts at or below its price, an ask at or above."""
        found: Cells = {}
        for (side, price), quantity in self.levels.items():
            row = price // self.step if side == 0 else -(-price // self.step)
            before = found.get(row, (0, 0))
            found[row] = before[0] + quantity, before[1] + 1
        return found

    def cell(self, first_ns: int, end_ns: int, rows: range) -> int | None:
        """The greatest that stood in one of some rows during a time, None if nothing is known of it."""
        seen = []
        for number in range(first_ns // BASE_NS, -(-end_ns // BASE_NS)):
            column = self.columns.get(number)
            if number == self.opened:
                column = self.rows() if self.trusted else None
            if column is not None:
                seen.append(max(column.get(row, (0, 0))[0] for row in rows))
        return max(seen) if seen else None
