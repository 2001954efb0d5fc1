"""What the window says at once of the session and its connections: each occasion in its words.

Rules: an occasion is told through `tell` as a kind ("warning", "alarm", "own", "terms"), a title and a detail; what is
not worth a word is not told.
"""

from collections.abc import Callable

from app.models import words
from app.models.reasons import RESTRICTED, RESTRICTION
from app.state.workstation import Workstation
from server.client.incoming import LineChange
from server.protocol.enums import AtEnd, FaultCode
from widgets.formatting import format_duration


class Announcements:
    """Says what happened around `state`."""

    def __init__(self, state: Workstation, tell: Callable[[str, str, str], None]) -> None:
        """Nothing is told yet but that orders stay, which needs no word."""
        self._state = state
        self._tell = tell
        self._terms_told = words.at_end(AtEnd.KEEP, 0)

    def terms(self) -> None:
        """What becomes of the orders when this session ends is told once, and again where it is otherwise."""
        told = words.at_end(self._state.at_end, self._state.grace_ms)
        if told != self._terms_told:
            self._terms_told = told
            self._tell("terms", *told)

    def away(self) -> None:
        """What happened meanwhile, in one line; the fills are marked as late."""
        away = self._state.take_away()
        if away.fills or away.cancels:
            fills = f"{away.fills} fill{'s' if away.fills != 1 else ''}"
            cancels = f"{away.cancels} cancel{'s' if away.cancels != 1 else ''}"
            self._tell("warning", "WHILE YOU WERE AWAY", f"{fills}, {cancels}; late fills are marked")

    def restriction(self, code: FaultCode) -> None:
        """The exchange takes no orders for this reason, or takes them again (NONE)."""
        if code is FaultCode.NONE:
            self._tell("own", "ORDERS ARE TAKEN AGAIN", "by the exchange")
        else:
            self._tell("alarm", "ORDERS ARE REFUSED", RESTRICTION.get(code, RESTRICTED))

    def line(self, change: LineChange) -> None:
        """One of the two lines of market data fell silent, or speaks again."""
        self._tell(
            "warning" if change.is_silent else "own",
            f"MARKET DATA LINE {change.line} " + ("IS SILENT" if change.is_silent else "SPEAKS AGAIN"),
            "the other line carries everything" if change.is_silent else "both lines carry market data",
        )

    def fell_behind(self, lag_ns: int) -> None:
        """Market data was dropped and is taken anew."""
        self._tell(
            "warning",
            "RESYNCHRONISING MARKET DATA",
            f"this machine was {format_duration(lag_ns)} behind; what waited was dropped",
        )
