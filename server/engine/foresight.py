"""Asking for memory ahead: a cancel or replace of a resting order touches lines that nothing else made ready.

Rules: hints alone; the state is read and never written, and a command is the same with them and without.
"""

import numpy as np

from server.engine.bits import high, low, prefetch
from server.engine.book import level_of
from server.engine.kernel import U, Words, inline
from server.engine.layout import (
    BYTE,
    C_HEAD,
    C_ORDER_ID,
    COMMAND_WORDS,
    NONE,
    ORDER_ACCOUNT_NEXT_PREVIOUS,
    ORDER_NEXT_PREVIOUS,
    ORDER_PRICE,
)
from server.engine.memory import find_order
from server.engine.vocabulary import CANCEL_ORDER, REPLACE_ORDER

_FAR = COMMAND_WORDS * U(4)
_NEAR = COMMAND_WORDS * U(2)


@inline
def order_ahead(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The order that a command further on names by its id, as things stand now, or none."""
    if b >= U(c.size):
        return NONE
    kind = c[b + C_HEAD] & BYTE
    return find_order(m, c[b + C_ORDER_ID]) if kind == CANCEL_ORDER or kind == REPLACE_ORDER else NONE


@inline
def look_ahead(m: Words, c: Words, b: np.uint64) -> None:
    """Asks for the order of a command some way ahead, and for the neighbours of one nearer."""
    far = order_ahead(m, c, b + _FAR)
    prefetch(m, far)
    prefetch(m, far + ORDER_PRICE)
    near = order_ahead(m, c, b + _NEAR)
    if near != NONE:
        in_level = m[near + ORDER_NEXT_PREVIOUS]
        in_account = m[near + ORDER_ACCOUNT_NEXT_PREVIOUS]
        prefetch(m, level_of(m, near))
        prefetch(m, low(in_level) + ORDER_NEXT_PREVIOUS)
        prefetch(m, high(in_level) + ORDER_NEXT_PREVIOUS)
        prefetch(m, low(in_account) + ORDER_ACCOUNT_NEXT_PREVIOUS)
        prefetch(m, high(in_account) + ORDER_ACCOUNT_NEXT_PREVIOUS)
