"""The phases of a trading day as SET_SCHEDULE commands: a plan of a day, laid over the sessions of a calendar.

Rules: a plan says how long before or after the opening and the close each phase begins; a half day has the same plan
around its earlier close. The lunch break of a market is an intraday call, so that orders can be entered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, CommandKind, Phase
from server.protocol.records import COMMAND, SCHEDULE_ENTRY
from server.reference.calendars import Session

MINUTE_NS: Final = 60 * 1_000_000_000


@dataclass(frozen=True)
class DayPlan:
    """The phases of a day, in minutes from the opening and from the close (negative: before)."""

    from_open: tuple[tuple[Phase, int], ...]
    from_close: tuple[tuple[Phase, int], ...]
    during_break: Phase = Phase.INTRADAY_CALL


STANDARD: Final = DayPlan(
    from_open=((Phase.START_OF_DAY, -60), (Phase.PRE_OPEN, -30), (Phase.CONTINUOUS, 0)),
    from_close=((Phase.CLOSING_CALL, -5), (Phase.TRADING_AT_LAST, 0), (Phase.CLOSED, 10)),
)
"""Opening and closing call, then ten minutes at the closing price."""


def phases_of(session: Session, plan: DayPlan = STANDARD) -> Iterator[tuple[Phase, int]]:
    """(phase, time in nanoseconds UTC) of a session, in the order of time."""
    entries = [(phase, session.open_ns + minutes * MINUTE_NS) for phase, minutes in plan.from_open]
    if session.break_begin_ns:
        entries += [(plan.during_break, session.break_begin_ns), (Phase.CONTINUOUS, session.break_end_ns)]
    entries += [(phase, session.close_ns + minutes * MINUTE_NS) for phase, minutes in plan.from_close]
    yield from sorted(entries, key=lambda entry: entry[1])


def set_schedule(
    instrument: int, entries: Iterable[tuple[Phase, int]], *, after_ns: int = 0, user: int = 0, approver: int = 0
) -> NDArray[Any]:
    """SET_SCHEDULE commands: what was scheduled is forgotten, then each entry that lies after `after_ns` is set."""
    wanted = [(phase, due_ns) for phase, due_ns in entries if due_ns > after_ns]
    rows = np.zeros(len(wanted) + 1, SCHEDULE_ENTRY)
    rows["kind"], rows["version"], rows["group_count"] = CommandKind.SET_SCHEDULE, PROTOCOL_VERSION, 1
    rows["instrument"], rows["user"], rows["approver"] = instrument, user, approver
    for row, (phase, due_ns) in zip(rows[1:], wanted, strict=True):
        row["phase"], row["due_ns"] = phase, due_ns
    return rows.view(COMMAND)
