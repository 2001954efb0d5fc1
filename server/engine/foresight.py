"""Asking for memory ahead: a command touches lines that nothing else made ready, and waiting for one costs most of it.

Rules: hints alone; the state is read and never written, and a command is the same with them and without. Each look
reads only what an earlier one asked for: the command, then its place in the index, its order, the neighbours of that.
Nothing is decided on the way, since what the next commands are cannot be guessed: one that names no order asks for a
line in vain, and so does one whose place in the index is taken by another.
"""

import numpy as np

from server.engine.bits import high, low, prefetch
from server.engine.book import level_of
from server.engine.kernel import U, Words, inline
from server.engine.layout import (
    C_ORDER_ID,
    COMMAND_WORDS,
    ID_PREFIX,
    ONE,
    ORDER_ACCOUNT_NEXT_PREVIOUS,
    ORDER_IDS,
    ORDER_NEXT_PREVIOUS,
    ORDER_PRICE,
)
from server.engine.memory import place_of_order

_LINE = U(8)
_COMMAND_AHEAD = COMMAND_WORDS * U(16)
_PLACE_AHEAD = COMMAND_WORDS * U(8)
_ORDER_AHEAD = COMMAND_WORDS * U(5)
_NEIGHBOURS_AHEAD = COMMAND_WORDS * U(2)


@inline
def place_ahead(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The place in the index of the order that the record at `b`, or else the last one, names."""
    return place_of_order(m, c[min(b, U(c.size) - COMMAND_WORDS) + C_ORDER_ID])


@inline
def look_ahead(m: Words, c: Words, b: np.uint64) -> None:
    """Asks for what the commands behind the one at `b` will need, the more the nearer they are."""
    prefetch(c, b + _COMMAND_AHEAD)
    prefetch(c, b + _COMMAND_AHEAD + _LINE)
    prefetch(m, place_ahead(m, c, b + _PLACE_AHEAD))
    prefetch(m, place_of_order(m, m[ID_PREFIX] | m[ORDER_IDS] + ONE + ONE))  # where new orders will be entered
    order = low(m[place_ahead(m, c, b + _ORDER_AHEAD)])
    prefetch(m, order)
    prefetch(m, order + ORDER_PRICE)
    near = low(m[place_ahead(m, c, b + _NEIGHBOURS_AHEAD)])
    in_level = m[near + ORDER_NEXT_PREVIOUS]
    in_account = m[near + ORDER_ACCOUNT_NEXT_PREVIOUS]
    prefetch(m, level_of(m, near))
    prefetch(m, low(in_level) + ORDER_NEXT_PREVIOUS)
    prefetch(m, high(in_level) + ORDER_NEXT_PREVIOUS)
    prefetch(m, low(in_account) + ORDER_ACCOUNT_NEXT_PREVIOUS)
    prefetch(m, high(in_account) + ORDER_ACCOUNT_NEXT_PREVIOUS)
