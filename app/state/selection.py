"""Which instrument each link group shows: a letter is shared by panels, a panel that is not linked is its own group.

Rules: pure; a group that never chose shows what group A shows at its beginning; instruments are numbers, 0 is none.
"""

from typing import Final

LETTERS: Final = ("A", "B", "C", "D", "E", "F")
LEADING: Final = LETTERS[0]
"""The group of whoever does not say another one: command line, keys, a new panel."""
NOT_LINKED: Final = ""


def group_key(letter: str, panel: str) -> str:
    """The group of a panel: its letter, or one of its own. Raise `ValueError` for a letter that there is not."""
    if letter == NOT_LINKED:
        return f"panel:{panel}"
    if letter not in LETTERS:
        raise ValueError(f"no link group {letter!r}")
    return letter


def next_letter(letter: str) -> str:
    """The letter after this one; after the last comes "not linked", then A."""
    order = (*LETTERS, NOT_LINKED)
    return order[(order.index(letter) + 1) % len(order)]


class Selection:
    """Instruments by group."""

    def __init__(self) -> None:
        """Nothing is selected."""
        self._of: dict[str, int] = {}

    def of(self, group: str) -> int:
        """The instrument of a group, 0 before there is one."""
        return self._of.get(group, self._of.get(LEADING, 0))

    def has(self, group: str) -> bool:
        """Whether a group has chosen for itself."""
        return group in self._of

    def put(self, group: str, instrument: int) -> bool:
        """Select; True if the group showed another one before."""
        before = self._of.get(group, 0)
        self._of[group] = instrument
        return before != instrument

    def join(self, group: str, instrument: int) -> int:
        """A panel that shows `instrument` comes into a group; returns what the group shows from now on.

        A letter that has chosen keeps its instrument; a panel that leaves the letters keeps its own.
        """
        if group not in self._of or group not in LETTERS:
            self._of[group] = instrument
        return self._of[group]

    def forget(self, group: str) -> None:
        """The panel of a group of its own is gone."""
        if group not in LETTERS:
            self._of.pop(group, None)

    def shown(self) -> set[int]:
        """Every instrument that some group shows."""
        return {instrument for instrument in self._of.values() if instrument}

    def saved(self) -> dict[str, int]:
        """What each group shows, to be kept."""
        return dict(self._of)
