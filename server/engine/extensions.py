"""What a plain order has not: a row of further words for its display, expiry, protection, links and fees.

Rules: an order keeps its row while it lives; the row is zero when it is given back. Everything but the row's own words
is read through here, so that an order without one is simply one with nothing in it.
"""

import numpy as np

from server.engine.bits import low, set_low
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.layout import (
    BYTE,
    E_FLAGS_SHIFT,
    E_LIQUIDITY_SHIFT,
    NONE,
    ONE,
    ORDER_EXTENSION,
    ORDER_ID,
    ORDER_LEAVES,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_money import CHARGES_WORDS, FREE_CHARGES
from server.engine.layout_orders import (
    EXTENSION_DISPLAY,
    EXTENSION_EXPIRE_TIME,
    EXTENSION_FEE,
    EXTENSION_ORDER,
    EXTENSION_REFILLS,
    EXTENSION_TIMER,
    EXTENSION_UNSHOWN,
    EXTENSION_WORDS,
    FREE_EXTENSION,
    MORE_ROWS,
    TIMER_EXPIRY,
)
from server.engine.memory import give_back, take
from server.engine.timers import cancel_timer, set_timer
from server.engine.vocabulary_orders import HIDDEN, MODE


@inline
def extension_of(m: Words, order: np.uint64) -> np.uint64:
    """The row of an order's extension, or none."""
    return low(m[order + ORDER_EXTENSION])


@cold
def extend(m: Words, order: np.uint64) -> np.uint64:
    """The extension of an order, made if there is none."""
    extension = extension_of(m, order)
    if extension == NONE:
        extension = take(m, FREE_EXTENSION, EXTENSION_WORDS)
        m[extension + EXTENSION_ORDER] = order
        set_low(m, order + ORDER_EXTENSION, extension)
    return extension


@cold
def drop_extension(m: Words, order: np.uint64) -> None:
    """Gives back what an order had beyond its row: its expiry, its share of the room, its extension."""
    extension = extension_of(m, order)
    if m[extension + EXTENSION_TIMER] != NONE:
        cancel_timer(m, m[extension + EXTENSION_TIMER])
    m[MORE_ROWS] -= m[extension + EXTENSION_REFILLS]
    if m[extension + EXTENSION_FEE] != NONE:
        drop_charges(m, m[extension + EXTENSION_FEE])
    word = ONE
    while word < EXTENSION_WORDS:
        m[extension + word] = ZERO
        word = word + ONE
    give_back(m, FREE_EXTENSION, extension)
    m[order + ORDER_EXTENSION] = ZERO


@cold
def drop_charges(m: Words, charges: np.uint64) -> None:
    """Gives back the row of what an order was charged."""
    word = ONE
    while word < CHARGES_WORDS:
        m[charges + word] = ZERO
        word = word + ONE
    give_back(m, FREE_CHARGES, charges)


@inline
def is_hidden(m: Words, order: np.uint64) -> bool:
    """Whether nothing of the order is ever shown."""
    return bool(m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & BYTE & HIDDEN != ZERO)


@inline
def unshown_of(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """How much of a resting order's leaves market data do not show."""
    extension = extension_of(m, order)
    return z[extension + EXTENSION_UNSHOWN] if extension != NONE else np.int64(0)


@inline
def display_of(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """The display_quantity of an iceberg; 0 of any other order."""
    extension = extension_of(m, order)
    return z[extension + EXTENSION_DISPLAY] if extension != NONE else np.int64(0)


@inline
def shown_of(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """How much of a resting order's leaves market data show."""
    return z[order + ORDER_LEAVES] - unshown_of(m, z, order)


@cold
def hide_rest(m: Words, z: Signed, order: np.uint64) -> None:
    """Decides, as an order takes a place, how much of its leaves is shown there."""
    extension = extension_of(m, order)
    leaves = z[order + ORDER_LEAVES]
    shown = leaves
    if is_hidden(m, order):
        shown = np.int64(0)
    elif m[extension + EXTENSION_DISPLAY] != ZERO:
        shown = min(leaves, z[extension + EXTENSION_DISPLAY])
    z[extension + EXTENSION_UNSHOWN] = leaves - shown


@cold
def set_display(m: Words, z: Signed, order: np.uint64, display: np.int64, leaves: np.int64) -> None:
    """Gives an order its display_quantity (0: all is shown), and room for as many refreshes as that can cause."""
    extension = extend(m, order)
    rows = np.uint64(leaves // display + 1) if display != 0 else ZERO
    if m[order + ORDER_TERMS] >> E_LIQUIDITY_SHIFT & MODE != ZERO:
        rows = rows + ONE
    m[MORE_ROWS] = m[MORE_ROWS] + rows - m[extension + EXTENSION_REFILLS]
    m[extension + EXTENSION_REFILLS] = rows
    z[extension + EXTENSION_DISPLAY] = display


@cold
def set_expiry(m: Words, z: Signed, order: np.uint64, expire_time_ns: np.int64) -> None:
    """Gives an order the time at which it expires, in place of an earlier or later one."""
    extension = extend(m, order)
    if m[extension + EXTENSION_TIMER] != NONE:
        cancel_timer(m, m[extension + EXTENSION_TIMER])
    z[extension + EXTENSION_EXPIRE_TIME] = expire_time_ns
    due = np.uint64(expire_time_ns)
    m[extension + EXTENSION_TIMER] = set_timer(m, TIMER_EXPIRY, m[order + ORDER_ID], order, due)
