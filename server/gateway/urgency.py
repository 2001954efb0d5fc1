"""Which commands the journal's reserve is for: what takes risk away still works when the disk is full.

Rules: a command never goes ahead of an earlier one of its session that has to wait; the client's counters would show a
gap, and a session would be closed before it was opened. Commands of the server itself are one session here.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind

URGENT_KINDS: Final = (
    CommandKind.CANCEL_ORDER,
    CommandKind.MASS_CANCEL,
    CommandKind.SESSION_CLOSED,
    CommandKind.SET_PHASE,
    CommandKind.SET_BLOCK,
)


def urgent_rows(commands: NDArray[Any]) -> NDArray[np.bool_]:
    """For each COMMAND row of a batch whether it is urgent and nothing of its session waits before it."""
    is_urgent: NDArray[np.bool_] = np.isin(commands["kind"], URGENT_KINDS)
    sessions = commands["session"]
    for session in np.unique(sessions[~is_urgent]):
        of_session = sessions == session
        first_waiting = int(np.flatnonzero(of_session & ~is_urgent)[0])
        is_urgent[first_waiting:] &= ~of_session[first_waiting:]
    return is_urgent
