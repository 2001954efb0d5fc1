"""How a command ended that left no live order: the newest event of its order, from the user's newest events.

Rules: what lies further back than `PAGES_MAX` pages is not looked for; whoever misses so much resumes.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.gateway.authenticator import PrivateHistory
from server.protocol.enums import EventKind
from server.protocol.records import EVENT

PAGE: Final = 1000
PAGES_MAX: Final = 5
_OF_ORDERS: Final = (
    EventKind.ACCEPTED, EventKind.REJECTED, EventKind.EXECUTED, EventKind.CANCELED, EventKind.REPLACED,
    EventKind.MASS_CANCELED, EventKind.TRIGGERED, EventKind.RESTATED,
)  # fmt: skip


def newest_of_key(history: PrivateHistory, user: int, last: int, key: tuple[int, int]) -> NDArray[Any]:
    """The newest event of what the command (client instance, counter) entered, or that answers it: shape (0,) or (1,).

    `last`: the user's newest stream sequence. Raises what reading the event log raises.
    """
    after = last
    order_id, newest = 0, np.empty(0, EVENT)
    for _ in range(PAGES_MAX):
        begin = max(0, after - PAGE)
        rows = history.events_of(user, begin, after - begin)
        rows = rows[np.isin(rows["kind"], _OF_ORDERS)]
        own = rows[(rows["client_instance"] == np.uint64(key[0])) & (rows["counter"] == np.uint64(key[1]))]
        if len(own) and not len(newest):
            order_id, newest = int(own["order_id"][-1]), own[-1:]
        if len(newest):
            return newest if not order_id else _later(history, user, last, begin, order_id, newest)
        after = begin
        if not after:
            break
    return newest


def _later(
    history: PrivateHistory, user: int, last: int, after: int, order_id: int, newest: NDArray[Any]
) -> NDArray[Any]:
    """What came of the order after that under another key: its fills, and what a later command did to it."""
    while after < last:
        rows = history.events_of(user, after, PAGE)
        if not len(rows):
            break
        after = int(rows["stream_sequence"][-1])
        own = rows[np.isin(rows["kind"], _OF_ORDERS) & (rows["order_id"] == np.uint64(order_id))]
        if len(own) and own["stream_sequence"][-1] > newest["stream_sequence"][0]:
            newest = own[-1:]
    return newest
