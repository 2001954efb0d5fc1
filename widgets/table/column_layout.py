"""Which columns of a table are shown, in which order and how wide: what a person chose, in the room there is.

Rules: a column is known by its title; what a person chose is shown, and the table scrolls if there is no room; of the
first choice, the last columns give way in a narrow table where it drops columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from widgets.table.columns import ColumnLike

LEAST_STRETCH: Final = 0.9
LEAST_PX: Final = 24
WIDEST_PX: Final = 2_000


class ColumnLayout:
    """Of `columns`, which in their order are all there are."""

    def __init__(
        self, columns: Sequence[ColumnLike], shown: Sequence[str] = (), kept: Sequence[str] = (), *, drops: bool = False
    ) -> None:
        """`shown` (all, if empty) is the first choice; `kept` cannot be hidden."""
        self.columns = tuple(columns)
        self.kept = frozenset(kept)
        self._default = tuple(shown)
        self._drops = drops
        self._chosen: list[str] = list(shown) or [column.title for column in self.columns]
        self._widths: dict[str, int] = {}
        self._is_own = False
        """Whether a person chose."""

    @property
    def chosen(self) -> list[str]:
        """Titles that are wanted, in order, as far as there are such columns."""
        titles = {column.title for column in self.columns}
        return [title for title in self._chosen if title in titles]

    def set_columns(self, columns: Sequence[ColumnLike]) -> None:
        """Other columns; those of the same title keep their place, new ones come right behind those that are kept."""
        before = {column.title for column in self.columns}
        self.columns = tuple(columns)
        new = [one.title for one in self.columns if one.title not in before and one.title not in self._chosen]
        place = max((at + 1 for at, title in enumerate(self._chosen) if title in self.kept), default=len(self._chosen))
        self._chosen[place:place] = new
        self._is_own = self._is_own or bool(new)

    def choose(self, titles: Sequence[str]) -> None:
        """Show these, in this order; the kept ones stay in any case."""
        wanted = list(dict.fromkeys(titles))
        self._is_own = True
        self._chosen = [title for title in self._chosen if title in self.kept and title not in wanted] + wanted

    def toggle(self, title: str) -> None:
        """Show a column at its usual place, or hide it."""
        self._is_own = True
        if title in self._chosen:
            if title not in self.kept:
                self._chosen.remove(title)
            return
        order = [column.title for column in self.columns]
        later = [one for one in self._chosen if one in order and order.index(one) > order.index(title)]
        self._chosen.insert(self._chosen.index(later[0]) if later else len(self._chosen), title)

    def reset(self) -> None:
        """As it was at first."""
        self._chosen = list(self._default) or [column.title for column in self.columns]
        self._widths.clear()
        self._is_own = False

    def resize(self, title: str, width_px: int) -> None:
        """A person made a column that wide."""
        self._widths[title] = min(max(width_px, LEAST_PX), WIDEST_PX)

    def natural_px(self, title: str) -> int:
        """The width of a column before it is stretched."""
        return self._widths.get(title) or next(one.width for one in self.columns if one.title == title)

    def fitted(self, room_px: int) -> dict[str, int]:
        """The columns that are shown in this room, in order, with their widths."""
        titles = self.chosen
        if self._drops and not self._is_own:
            titles = self._fitting(titles, room_px)
        natural = {title: self.natural_px(title) for title in titles}
        stretch = max(room_px / max(sum(natural.values()), 1), LEAST_STRETCH)
        widths = {title: width if title in self._widths else int(width * stretch) for title, width in natural.items()}
        if widths and stretch > LEAST_STRETCH:
            widths[titles[-1]] += max(room_px - sum(widths.values()), 0)
        return widths

    def saved(self) -> dict[str, object]:
        """The choice as JSON values."""
        return {"columns": list(self._chosen) if self._is_own else [], "widths": dict(self._widths)}

    def restore(self, saved: dict[str, object]) -> None:
        """Take a choice; what is no choice changes nothing."""
        titles, widths = saved.get("columns"), saved.get("widths")
        if isinstance(titles, list) and titles and all(isinstance(title, str) for title in titles):
            self.choose(titles)
        if isinstance(widths, dict):
            for title, width in widths.items():
                if isinstance(title, str) and isinstance(width, int):
                    self.resize(title, width)

    def _fitting(self, titles: list[str], room_px: int) -> list[str]:
        """As many as there is room for; the kept ones first."""
        room = room_px / LEAST_STRETCH - sum(self.natural_px(title) for title in titles if title in self.kept)
        fitting, full = [], False
        for title in titles:
            width = 0 if title in self.kept else self.natural_px(title)
            full = full or width > room
            if title in self.kept or not full:
                fitting.append(title)
                room -= width
        return fitting
