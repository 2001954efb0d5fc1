"""Taking up a record: its number, its time, its user, checks 1 to 4; and saying no to it."""

import numpy as np

from server.engine.bits import high
from server.engine.events import rejected
from server.engine.idempotency import check_client, reject_duplicate
from server.engine.kernel import Signed, Words, inline
from server.engine.layout import C_SEQUENCE, C_SESSION_USER, C_TIME, COMMAND_USER, SEQUENCE, TIME_NS
from server.engine.registry import user_of
from server.engine.vocabulary import DUPLICATE, NO_REASON


@inline
def begin_client(m: Words, z: Signed, c: Words, b: np.uint64) -> np.uint64:
    """Takes up a record of a client: its number, its time, its user. Checks 1 to 4."""
    m[SEQUENCE] = c[b + C_SEQUENCE]
    m[TIME_NS] = c[b + C_TIME]
    return check_client(m, z, c, b)


@inline
def begin_server(m: Words, c: Words, b: np.uint64) -> None:
    """Takes up a record of the server: its number, its time, its user."""
    m[SEQUENCE] = c[b + C_SEQUENCE]
    m[TIME_NS] = c[b + C_TIME]
    m[COMMAND_USER] = user_of(m, high(c[b + C_SESSION_USER]))


@inline
def refuse(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, reason: np.uint64) -> None:
    """The REJECTED event of a record with a reason."""
    if reason == DUPLICATE:
        reject_duplicate(m, z, ev, c, b)
    elif reason != NO_REASON:
        rejected(m, ev, c, b, reason)
