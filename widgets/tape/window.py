"""Which rows of a tape can be seen: the offset from the newest one, and the runs that are opened.

Rules: at offset 0 the newest row is followed; at any other nothing moves when new rows come, and they are counted.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from widgets.tape.prints import PrintRing
from widgets.tape.rows import TapeRows

ROW_PX: Final = 20


class ShownRow(NamedTuple):
    """One line: a row of the tape, or (`child`) one print of an opened row."""

    head: int
    """Absolute number of the (first) print."""
    time_ns: int
    price: int
    quantity: int
    side: int
    flags: int
    count: int
    low: int
    high: int
    child: bool
    opened: bool


class TapeWindow:
    """The part of `rows` that is shown."""

    def __init__(self) -> None:
        self.ring = PrintRing()
        self.rows = TapeRows(self.ring)
        self.offset_px = 0
        self.unseen = 0
        """Rows that came since the newest one was left."""
        self._opened: dict[int, int] = {}

    @property
    def follows(self) -> bool:
        """Whether the newest row is shown at the top."""
        return self.offset_px == 0

    @property
    def is_open(self) -> bool:
        """Whether any row is opened."""
        return bool(self._opened)

    def height_px(self) -> int:
        """The height of all rows."""
        return ROW_PX * (len(self.rows) + sum(self._opened.values()))

    def restart(self, ring: PrintRing) -> None:
        """Show other prints from the newest on."""
        self.ring = ring
        self._opened.clear()
        self.rows.reset(ring)
        self.offset_px = self.unseen = 0

    def recompute(self) -> None:
        """Filter or grouping are others: the newest row is followed again."""
        self._opened.clear()
        self.rows.reset()
        self.offset_px = self.unseen = 0

    def follow(self) -> tuple[int, int]:
        """Take in what was appended; how many of the newest rows went, and how many came."""
        gone, came = self.rows.follow()
        if self._opened:
            self._recount()
        if not self.follows:
            self.offset_px += ROW_PX * (came - gone)
            self.unseen += came - gone
        return gone, came

    def scroll_to(self, offset_px: int, view_px: int) -> bool:
        """Show the rows from `offset_px` under the newest; True if that is another place."""
        wanted = min(max(offset_px, 0), max(self.height_px() - view_px, 0))
        if wanted == 0:
            self.unseen = 0
        moved, self.offset_px = wanted != self.offset_px, wanted
        return moved

    def toggle(self, head: int) -> None:
        """Open or close the run that begins with a print."""
        if self._opened.pop(head, 0):
            return
        row = self._row_of(head)
        if row >= 0 and int(self.rows.all()["count"][row]) > 1:
            self._opened[head] = int(self.rows.all()["count"][row])

    def shown(self, view_px: int) -> tuple[list[ShownRow], int]:
        """The lines of a view of that height, newest first, and how far above its top the first one begins."""
        first, above = divmod(self.offset_px, ROW_PX)
        wanted = (view_px + above) // ROW_PX + 1
        if not self._opened:
            return self._plain(first, wanted), above
        row, child = self._place(first)
        lines: list[ShownRow] = []
        while len(lines) < wanted and row < len(self.rows):
            line = self._plain(row, 1)[0]
            children = self._children(line) if line.head in self._opened else []
            lines += [line._replace(opened=bool(children)), *children][child:]
            row, child = row + 1, 0
        return lines[:wanted], above

    def _plain(self, first: int, count: int) -> list[ShownRow]:
        """Rows without their prints, newest first, after leaving out the `first` newest."""
        rows = self.rows.all()
        end = len(rows) - first
        part = rows[max(end - count, 0) : max(end, 0)][::-1]
        if not len(part):
            return []
        prints = self.ring.all()
        firsts = part["head"] - self.ring.begin
        columns = (
            part["head"], prints["time_ns"][firsts], prints["price"][firsts + part["count"] - 1], part["quantity"],
            part["side"], part["flags"], part["count"], part["low"], part["high"],
        )  # fmt: skip
        return [ShownRow(*values, False, False) for values in zip(*(c.tolist() for c in columns), strict=True)]

    def _children(self, line: ShownRow) -> list[ShownRow]:
        prints = self.ring.slice(line.head, line.head + line.count)[::-1]
        heads = range(line.head + line.count - 1, line.head - 1, -1)
        names = ("time_ns", "price", "quantity", "side", "flags")
        columns = zip(*(prints[name].tolist() for name in names), strict=True)
        return [
            ShownRow(head, time_ns, price, quantity, side, flags, 1, price, price, True, False)
            for head, (time_ns, price, quantity, side, flags) in zip(heads, columns, strict=True)
        ]

    def _place(self, line: int) -> tuple[int, int]:
        """Of a line counted from the newest: its row, and which line of the row it is."""
        count, above = len(self.rows), 0
        for head, children in sorted(self._opened.items(), reverse=True):
            row = self._row_of(head)
            if row < 0:
                continue
            start = count - 1 - row + above
            if line <= start:
                break
            if line <= start + children:
                return count - 1 - row, line - start
            above += children
        return line - above, 0

    def _row_of(self, head: int) -> int:
        heads = self.rows.all()["head"]
        place = int(np.searchsorted(heads, head))
        return place if place < len(heads) and heads[place] == head else -1

    def _recount(self) -> None:
        """Opened runs may have grown or gone."""
        rows = self.rows.all()
        places = {head: self._row_of(head) for head in self._opened}
        self._opened = {head: int(rows["count"][place]) for head, place in places.items() if place >= 0}
