"""Which orders are the two sides of a quote: two words in the row of the position that they work for."""

import numpy as np

from server.engine.kernel import Words, cold, inline
from server.engine.layout import BYTE, NONE, ONE, ORDER_TERMS
from server.engine.layout_orders import MORE_ROWS
from server.engine.layout_risk import POSITION_QUOTE, QUOTES
from server.engine.registry import position_row_of


@inline
def quote_place(m: Words, order: np.uint64) -> np.uint64:
    """The word that names the order of its side in the quote of its account and instrument."""
    return position_row_of(m, order) + POSITION_QUOTE + (m[order + ORDER_TERMS] & BYTE)


@inline
def is_quote(m: Words, order: np.uint64) -> bool:
    """Whether a live order is a side of a quote."""
    return bool(m[quote_place(m, order)] == order)


@cold
def link_quote(m: Words, order: np.uint64) -> None:
    """A live order becomes its side of the quote. Its end may come with any trade, so that it needs room always."""
    m[quote_place(m, order)] = order
    m[QUOTES] += ONE
    m[MORE_ROWS] += ONE


@cold
def unlink_quote(m: Words, order: np.uint64) -> None:
    """An order ends; if it was a side of a quote, the quote is without it."""
    if is_quote(m, order):
        m[quote_place(m, order)] = NONE
        m[QUOTES] -= ONE
        m[MORE_ROWS] -= ONE
