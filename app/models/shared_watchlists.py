"""The watchlists of the person at this desk: one set for all panels, kept in the settings at every edit.

Rules: what cannot be read is as if there was none; the text that was there is kept under another key, never lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from app.settings import WATCHLISTS, WATCHLISTS_UNREAD, Settings
from app.state.watchlists import LISTS_MAX, Watchlist, WatchlistBook

FORMULAS_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Formula:
    """A column of the person's own: title, text of the expression, decimals shown."""

    title: str
    text: str
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stands in the settings."""

    lists: list[Watchlist] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)


class SharedWatchlists(QObject):
    """`changed` after every edit, by whichever panel."""

    changed = Signal()
    formulas_changed = Signal()

    def __init__(self, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        """Those of the settings, which are asked for whenever they are needed."""
        super().__init__(parent)
        self._settings = settings
        self.book = WatchlistBook()
        self.formulas: list[Formula] = []
        self.load()

    def edit(self, does: Callable[[WatchlistBook], object]) -> None:
        """Change the book, keep it and tell it."""
        before = self.book.version
        does(self.book)
        if self.book.version != before:
            self._keep()
            self.changed.emit()

    def put_formula(self, formula: Formula, instead_of: str = "") -> None:
        """A column of one's own, new or in the place of the one with that title."""
        others = [one for one in self.formulas if one.title not in (instead_of, formula.title)]
        places = [place for place, one in enumerate(self.formulas) if one.title == (instead_of or formula.title)]
        at = places[0] if places else len(others)
        self.formulas = [*others[:at], formula, *others[at:]][:FORMULAS_MAX]
        self._keep()
        self.formulas_changed.emit()

    def remove_formula(self, title: str) -> None:
        """A column less."""
        self.formulas = [one for one in self.formulas if one.title != title]
        self._keep()
        self.formulas_changed.emit()

    def _keep(self) -> None:
        kept = _Kept(list(self.book.lists), self.formulas)
        self._settings().put(WATCHLISTS, msgspec.json.encode(kept).decode())

    def load(self) -> None:
        """Take what the settings have; nothing can be undone."""
        text = self._settings().get(WATCHLISTS)
        if not text:
            return
        try:
            kept = msgspec.json.decode(text, type=_Kept)
        except msgspec.DecodeError:
            self._settings().put(WATCHLISTS_UNREAD, text)
            return
        self.book.load(kept.lists[:LISTS_MAX])
        self.formulas = kept.formulas[:FORMULAS_MAX]
