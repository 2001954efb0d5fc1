"""How a command ended that left no live order: the newest event of its order, from the user's newest events.

Rules: the event names the key that was asked for, whatever later command it answers. What lies further back than
`PAGES_MAX` pages is not looked for; whoever misses so much resumes.
"""

from typing import Any, Final

import numpy as np
import structlog
from msgspec import structs
from numpy.typing import NDArray

from server.gateway.authenticator import PrivateHistory
from server.gateway.queries import Queries
from server.journal.errors import JournalError
from server.protocol import control
from server.protocol.enums import EventKind, OrderOutcome
from server.protocol.records import EVENT

log = structlog.get_logger("gateway.control")
PAGE: Final = 1000
PAGES_MAX: Final = 5
_OF_ORDERS: Final = (
    EventKind.ACCEPTED, EventKind.REJECTED, EventKind.EXECUTED, EventKind.CANCELED, EventKind.REPLACED,
    EventKind.MASS_CANCELED, EventKind.TRIGGERED, EventKind.RESTATED,
)  # fmt: skip


def order_status(
    queries: Queries, history: PrivateHistory, request: control.GetOrderStatus, user: int
) -> control.OrderStatus:
    """What became of a command of the user: from the engine while something of it lives, else from the event log."""
    status = queries.order_status(request, user)
    if status.outcome != OrderOutcome.ANSWERED:
        return status
    key = request.client_instance, request.counter
    try:
        answer = newest_of_key(history, user, status.stream_sequence, key)
    except (JournalError, OSError) as error:
        log.error("event log cannot be read", error=str(error))
        return status
    answer = answer.copy()
    answer["client_instance"], answer["counter"] = key
    return structs.replace(status, records=answer.tobytes())


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
