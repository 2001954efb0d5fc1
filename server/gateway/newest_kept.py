"""How much of what a client has seen of its private events is still so: a power cut may have taken the end of an epoch.

Rules: numbers alone do not tell, since other events may have been given the lost ones' numbers. An event belongs to the
epoch of the command that it follows from, and a client that saw it in an older epoch than that saw another event.
"""

from collections.abc import Callable
from typing import Final

from server.journal.epochs import SEQUENCE_MAX, EpochStarts
from server.protocol.codec import Records

EventsOf = Callable[[int, int, int], Records]
"""User, number of its stream, count -> the EVENT rows after that number, oldest first."""
_NEVER: Final = 1 << 63


def newest_kept(events_of: EventsOf, epochs: EpochStarts, user: int, known: int, epoch: int, last: int) -> int:
    """The newest event, at most `known`, that the client saw in `epoch` or before and that is still there.

    `last` is the newest event that there is. Epochs that are too old to be told apart are believed.
    Raises JournalDamaged, OSError.
    """
    end = max(0, min(known, last))
    boundary = epochs.end_of(epoch) if epoch > 0 else None
    if boundary is None or boundary == SEQUENCE_MAX or end == 0:
        return end

    def is_left(number: int) -> bool:
        rows = events_of(user, number - 1, 1)
        return (int(rows["command_sequence"][0]) if len(rows) else _NEVER) <= boundary

    if is_left(end):
        return end
    low, high = 0, end
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_left(middle) else (low, middle)
    return low
