"""Named lists of instruments under headings, with every edit undone and done again.

Rules: a list is immutable, an edit is another list in its place; instruments are kept by symbol, since numbers belong
to one server; a symbol stands in a list once. The built-in list of all instruments is no part of this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

NAME_MAX: Final = 60
LINES_MAX: Final = 5_000
LISTS_MAX: Final = 100
UNDO_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """An instrument by its symbol, or a heading (`symbol` is empty) with its name, which may be folded."""

    symbol: str = ""
    heading: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One list: lines in the person's order."""

    name: str
    lines: tuple[Line, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        """The instruments, in order."""
        return tuple(line.symbol for line in self.lines if line.symbol)

    def with_symbols(self, symbols: Iterable[str], at: int = -1) -> "Watchlist":
        """Symbols that are not here yet put in before line `at` (-1: at the end)."""
        held = set(self.symbols)
        new = tuple(Line(symbol) for symbol in dict.fromkeys(symbols) if symbol and symbol not in held)
        place = len(self.lines) if at < 0 else min(at, len(self.lines))
        return replace(self, lines=(self.lines[:place] + new + self.lines[place:])[:LINES_MAX])

    def with_heading(self, name: str, at: int = -1) -> "Watchlist":
        """A heading put in before line `at` (-1: at the end)."""
        place = len(self.lines) if at < 0 else min(at, len(self.lines))
        heading = Line(heading=clean_name(name) or "Group")
        return replace(self, lines=(*self.lines[:place], heading, *self.lines[place:])[:LINES_MAX])

    def without(self, places: Iterable[int]) -> "Watchlist":
        """Lines taken out; of a heading the line alone, not what stands under it."""
        gone = set(places)
        return replace(self, lines=tuple(line for place, line in enumerate(self.lines) if place not in gone))

    def moved(self, places: Iterable[int], before: int) -> "Watchlist":
        """Lines, in their order, put before line `before` (the number of lines: at the end); headings take theirs."""
        taken = self._with_members(places)
        before = min(max(before, 0), len(self.lines))
        head = tuple(line for place, line in enumerate(self.lines[:before]) if place not in taken)
        tail = tuple(line for place, line in enumerate(self.lines[before:], before) if place not in taken)
        return replace(self, lines=head + tuple(self.lines[place] for place in sorted(taken)) + tail)

    def stepped(self, places: Sequence[int], down: bool) -> "Watchlist":
        """Lines moved past the next line above or below."""
        taken = self._with_members(places)
        if not taken:
            return self
        before = max(taken) + 2 if down else min(taken) - 1
        return self if before < 0 else self.moved(taken, before)

    def renamed(self, place: int, name: str) -> "Watchlist":
        """A heading with another name."""
        line = self.lines[place]
        return self._put(place, replace(line, heading=clean_name(name) or line.heading)) if line.heading else self

    def folded(self, place: int) -> "Watchlist":
        """A heading opened or closed."""
        line = self.lines[place]
        return self._put(place, replace(line, folded=not line.folded)) if line.heading else self

    def members(self, place: int) -> range:
        """The places under a heading."""
        end = place + 1
        while end < len(self.lines) and not self.lines[end].heading:
            end += 1
        return range(place + 1, end)

    def _put(self, place: int, line: Line) -> "Watchlist":
        return replace(self, lines=(*self.lines[:place], line, *self.lines[place + 1 :]))

    def _with_members(self, places: Iterable[int]) -> set[int]:
        taken = {place for place in places if 0 <= place < len(self.lines)}
        for place in list(taken):
            if self.lines[place].heading:
                taken.update(self.members(place))
        return taken


class WatchlistBook:
    """All lists of a person."""

    def __init__(self, lists: Iterable[Watchlist] = ()) -> None:
        """With these lists; nothing can be undone."""
        self._lists: tuple[Watchlist, ...] = tuple(lists)
        self._before: list[tuple[Watchlist, ...]] = []
        self._after: list[tuple[Watchlist, ...]] = []
        self.version = 0
        """Another number after every change."""

    @property
    def lists(self) -> tuple[Watchlist, ...]:
        """The lists, in the order in which they were made."""
        return self._lists

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self._lists)

    def get(self, name: str) -> Watchlist | None:
        """A list by its name."""
        return next((one for one in self._lists if one.name == name), None)

    def put(self, changed: Watchlist) -> None:
        """A list in the place of the one of its name, or a new one."""
        if self.get(changed.name) is None:
            self._set((*self._lists, changed)[-LISTS_MAX:])
        else:
            self._set(tuple(changed if one.name == changed.name else one for one in self._lists))

    def remove(self, name: str) -> None:
        """A list less."""
        self._set(tuple(one for one in self._lists if one.name != name))

    def rename(self, name: str, other: str) -> str:
        """Another name for a list; returns the one that it got."""
        new = self.free_name(other) if clean_name(other) != name else name
        self._set(tuple(replace(one, name=new) if one.name == name else one for one in self._lists))
        return new

    def free_name(self, wanted: str) -> str:
        """The name, or with a number behind it if another list has it."""
        name = clean_name(wanted) or "List"
        number, found = 2, name
        while found in self.names:
            found = f"{name} {number}"
            number += 1
        return found

    def undo(self) -> bool:
        """Take the last edit back; False if there is none."""
        return self._step(self._before, self._after)

    def redo(self) -> bool:
        """Make the edit again that was taken back last."""
        return self._step(self._after, self._before)

    def load(self, lists: Iterable[Watchlist]) -> None:
        """Other lists; nothing can be undone."""
        self._lists = tuple(lists)
        self._before.clear()
        self._after.clear()
        self.version += 1

    def _set(self, lists: tuple[Watchlist, ...]) -> None:
        if lists == self._lists:
            return
        self._before.append(self._lists)
        del self._before[:-UNDO_MAX]
        self._after.clear()
        self._lists = lists
        self.version += 1

    def _step(self, source: list[tuple[Watchlist, ...]], target: list[tuple[Watchlist, ...]]) -> bool:
        if not source:
            return False
        target.append(self._lists)
        self._lists = source.pop()
        self.version += 1
        return True


def clean_name(text: str) -> str:
    """A name of one line without signs that cannot be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:NAME_MAX]
