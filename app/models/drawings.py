"""The drawings of every instrument, by symbol, with undo: one book for all charts.

Rules: an edit replaces the whole tuple of an instrument, so that undo of any sequence is exactly what was before;
nothing can be edited before what was kept has been read; whoever watches is told the symbol that changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from widgets.drawing.drawing import Drawing

UNDO_MAX: Final = 200
DRAWINGS_MAX: Final = 2000
Drawings = tuple[Drawing, ...]


@dataclass(slots=True)
class _Page:
    """One instrument: what is drawn, what was before, what was undone."""

    drawings: Drawings = ()
    undo: list[Drawings] = field(default_factory=list)
    redo: list[Drawings] = field(default_factory=list)


class DrawingBook:
    """Drawings by symbol."""

    def __init__(self) -> None:
        """Nothing is drawn, nothing is read."""
        self.is_read = False
        """Whether what was kept is known, so that it can be edited."""
        self._pages: dict[str, _Page] = {}
        self._watchers: list[Callable[[str], None]] = []
        self._keep: Callable[[str, Drawings], None] | None = None

    def keep_by(self, keep: Callable[[str, Drawings], None]) -> None:
        """Call `keep(symbol, drawings)` with every change, so that it outlives the program."""
        self._keep = keep

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call `changed(symbol)` after each change."""
        self._watchers.append(changed)

    def load(self, kept: Mapping[str, Drawings]) -> None:
        """Take what was kept, by symbol, once; it is no step of undo."""
        if self.is_read:
            return
        self.is_read = True
        for symbol, drawings in kept.items():
            self._pages[symbol] = _Page(drawings)
            self._tell(symbol)

    def unwatch(self, changed: Callable[[str], None]) -> None:
        """Call it no more."""
        self._watchers.remove(changed)

    def of(self, symbol: str) -> Drawings:
        """What is drawn on an instrument, the lowest first."""
        page = self._pages.get(symbol)
        return page.drawings if page else ()

    def put(self, symbol: str, drawing: Drawing) -> bool:
        """Add a drawing, or change the one with its number; False if that is not possible."""
        held = self.of(symbol)
        if any(one.number == drawing.number for one in held):
            return self._edit(symbol, tuple(drawing if one.number == drawing.number else one for one in held))
        return len(held) < DRAWINGS_MAX and self._edit(symbol, (*held, drawing))

    def remove(self, symbol: str, number: int) -> bool:
        """Take a drawing away; False if there is none or it is locked."""
        held = self.of(symbol)
        return self._edit(symbol, tuple(one for one in held if one.number != number or one.locked))

    def clear(self, symbol: str) -> bool:
        """Take all drawings away but the locked ones, in one step."""
        return self._edit(symbol, tuple(one for one in self.of(symbol) if one.locked))

    def undo(self, symbol: str) -> bool:
        """Take the last edit back; False if there is none."""
        return self._turn(symbol, back=True)

    def redo(self, symbol: str) -> bool:
        """Do again what was taken back last; False if there is nothing."""
        return self._turn(symbol, back=False)

    def steps(self, symbol: str) -> tuple[int, int]:
        """How many edits can be undone, and done again."""
        page = self._pages.get(symbol)
        return (len(page.undo), len(page.redo)) if page else (0, 0)

    def _edit(self, symbol: str, drawings: Drawings) -> bool:
        page = self._pages.setdefault(symbol, _Page())
        if not self.is_read or drawings == page.drawings:
            return False
        page.undo.append(page.drawings)
        del page.undo[:-UNDO_MAX]
        page.redo.clear()
        self._set(symbol, page, drawings)
        return True

    def _turn(self, symbol: str, *, back: bool) -> bool:
        page = self._pages.get(symbol)
        if page is None:
            return False
        from_, to = (page.undo, page.redo) if back else (page.redo, page.undo)
        if not from_:
            return False
        to.append(page.drawings)
        self._set(symbol, page, from_.pop())
        return True

    def _set(self, symbol: str, page: _Page, drawings: Drawings) -> None:
        page.drawings = drawings
        if self._keep is not None:
            self._keep(symbol, drawings)
        self._tell(symbol)

    def _tell(self, symbol: str) -> None:
        for changed in tuple(self._watchers):
            changed(symbol)
