"""What a session has to say of itself: what becomes of the orders at its end, what happened while it was not there."""

from app.models import words
from app.state.workstation import Workstation
from server.protocol.enums import AtEnd

Note = tuple[str, str, str]
"""Kind, title, detail."""


class SessionNotes:
    """Notes of the sessions of one window; each is given once."""

    def __init__(self) -> None:
        """Nothing was said."""
        self._terms_told = words.at_end(AtEnd.KEEP, 0)

    def on_logon(self, state: Workstation) -> list[Note]:
        """What becomes of the orders when this session ends, where it is otherwise than before."""
        told = words.at_end(state.at_end, state.grace_ms)
        if told == self._terms_told:
            return []
        self._terms_told = told
        return [("terms", *told)]

    def on_synced(self, state: Workstation) -> list[Note]:
        """What happened meanwhile, in one line; the fills are marked as late."""
        away = state.take_away()
        if not (away.fills or away.cancels):
            return []
        fills = f"{away.fills} fill{'s' if away.fills != 1 else ''}"
        cancels = f"{away.cancels} cancel{'s' if away.cancels != 1 else ''}"
        return [("warning", "WHILE YOU WERE AWAY", f"{fills}, {cancels}; late fills are marked")]
