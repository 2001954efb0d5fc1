"""Linked orders of a basket: whether a link fits, and how the orders are joined, or parted again if the basket fails.

Rules: `b` and `t` are where an order and its ORDER_TERMS begin; `first` and `before` stand for the first order of the
basket and for the one before. A pair holds once, a child of a bracket holds nothing until it is released.
"""

import numpy as np

from server.engine.bits import low
from server.engine.checks import flags_in, side_in, time_in_force_in, type_in
from server.engine.extensions import extend
from server.engine.groups import kind_at, terms_behind
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_QUANTITY,
    COMMAND_WORDS,
    NONE,
    ONE,
    ORDER_LEAVES,
    ORDER_QUANTITY,
    ZERO,
)
from server.engine.layout_orders import K_DISPLAY_QUANTITY
from server.engine.layout_stops import (
    INSTRUMENT_ATTENDED,
    LINK_BOUND,
    LINK_ENTRY,
    LINK_FIRST,
    LINK_SECOND,
)
from server.engine.links import dissolve, join, link_of, new_link
from server.engine.money import bind
from server.engine.registry import instrument_of, position_row_of
from server.engine.settling import hold
from server.engine.vocabulary import DAY, GTC, LIMIT, NEW_ORDER, NO_REASON
from server.engine.vocabulary_orders import GTD, HIDDEN, STOP, STOP_LIMIT
from server.engine.vocabulary_stops import NOT_LINKED, ONE_CANCELS_OTHER, STOP_LOSS, TARGET
from server.engine.waiting import is_stop, type_of
from server.engine.waiting_terms import invalid, link_in


@inline
def link_named(c: Words, t: np.uint64) -> np.uint64:
    """The link that an order asks for; `t` may be none."""
    return NOT_LINKED if t == NONE else link_in(c, t)


@inline
def is_child(c: Words, t: np.uint64) -> bool:
    """Whether an order waits for the fills of the basket's first."""
    return bool(link_named(c, t) == TARGET or link_named(c, t) == STOP_LOSS)


@kernel
def lasts(c: Words, b: np.uint64) -> bool:
    """Whether an order stays until it is filled, cancelled or expires."""
    time_in_force = time_in_force_in(c, b)
    return bool(time_in_force == DAY or time_in_force == GTC or time_in_force == GTD)


@kernel
def is_whole_limit(c: Words, b: np.uint64, t: np.uint64) -> bool:
    """Whether an order is a LIMIT order that shows all of itself, and lasts."""
    shows = flags_in(c, b) & HIDDEN == ZERO and (t == NONE or c[t + K_DISPLAY_QUANTITY] == ZERO)
    return bool(type_in(c, b) == LIMIT and lasts(c, b) and shows)


@kernel
def same_order(c: Words, a: np.uint64, b: np.uint64) -> bool:
    """Whether two orders are for the same quantity, account and instrument, of the same algorithm."""
    return bool(
        c[a + C_QUANTITY] == c[b + C_QUANTITY]
        and c[a + C_ACCOUNT_INSTRUMENT] == c[b + C_ACCOUNT_INSTRUMENT]
        and low(c[a + C_ALGORITHM_TERMS]) == low(c[b + C_ALGORITHM_TERMS])
    )


@kernel
def makes_pair(c: Words, b: np.uint64, t: np.uint64, before: np.uint64, t_before: np.uint64) -> bool:
    """Whether an order and the one before it can be the legs of a pair."""
    if not same_order(c, before, b) or side_in(c, before) != side_in(c, b):
        return False
    if link_named(c, t_before) != NOT_LINKED or not lasts(c, before) or not lasts(c, b):
        return False
    if is_stop(type_in(c, b)):
        return is_whole_limit(c, before, t_before)
    return bool(is_whole_limit(c, b, t) and is_stop(type_in(c, before)))


@kernel
def order_before(c: Words, b: np.uint64) -> np.uint64:
    """Where the order in front of the one at `b` begins, of the same basket."""
    before = b - COMMAND_WORDS
    return before if kind_at(c, before) == NEW_ORDER else before - COMMAND_WORDS


@kernel
def is_taken(c: Words, first: np.uint64, b: np.uint64, end: np.uint64, link: np.uint64) -> bool:
    """Whether an order between the first and this one has the link already, or the first is a leg of a pair."""
    at = first + COMMAND_WORDS
    number = ONE
    while at < b:
        if kind_at(c, at) == NEW_ORDER:
            named = link_named(c, terms_behind(c, at, end))
            if named == link or (named == ONE_CANCELS_OTHER and number == ONE):
                return True
            number = number + ONE
        at = at + COMMAND_WORDS
    return False


@kernel
def makes_child(c: Words, b: np.uint64, t: np.uint64, first: np.uint64, end: np.uint64) -> bool:
    """Whether an order can be a child of the basket's first."""
    if type_in(c, first) != LIMIT or not lasts(c, first) or not lasts(c, b):
        return False
    if (
        not same_order(c, first, b)
        or side_in(c, first) == side_in(c, b)
        or is_taken(c, first, b, end, link_named(c, t))
    ):
        return False
    if link_named(c, t) == TARGET:
        return is_whole_limit(c, b, t)
    return bool(type_in(c, b) == STOP or type_in(c, b) == STOP_LIMIT)


@kernel
def check_link(m: Words, c: Words, b: np.uint64, t: np.uint64, first: np.uint64, end: np.uint64) -> np.uint64:
    """Behind check 10b: the link of an order of the basket from `first` to `end`."""
    link = link_named(c, t)
    if link == NOT_LINKED:
        return NO_REASON
    if b == first:
        fits = False
    elif link == ONE_CANCELS_OTHER:
        before = order_before(c, b)
        fits = makes_pair(c, b, t, before, terms_behind(c, before, end))
    else:
        fits = makes_child(c, b, t, first, end)
    return NO_REASON if fits else invalid(m, 11, link)


@kernel
def link_order(
    m: Words, z: Signed, c: Words, t: np.uint64, order: np.uint64, first: np.uint64, before: np.uint64
) -> None:
    """Joins an order just made, which holds nothing yet, as its terms say; `first`, `before`: rows of orders.

    Afterwards a pair holds what it should; a child still holds nothing.
    """
    link = link_named(c, t)
    instrument = instrument_of(m, position_row_of(m, order))
    extend(m, order)
    if link == ONE_CANCELS_OTHER:
        bind(m, z, before, -z[before + ORDER_LEAVES])
        extend(m, before)
        pair = new_link(m, instrument, m[order + ORDER_QUANTITY])
        join(m, pair, LINK_FIRST, before)
        join(m, pair, LINK_SECOND, order)
        hold(m, z, pair, z[order + ORDER_LEAVES])
        return
    bracket = link_of(m, first)
    if bracket == NONE:
        bracket = new_link(m, instrument, ZERO)
        extend(m, first)
        join(m, bracket, LINK_ENTRY, first)
    join(m, bracket, LINK_FIRST if link == TARGET else LINK_SECOND, order)


@kernel
def part_orders(m: Words, z: Signed, order: np.uint64) -> None:
    """Undoes the link of an order of a basket that failed: each of its orders holds its own then, like any other."""
    link = link_of(m, order)
    if link == NONE:
        return
    first = m[link + LINK_FIRST]
    second = m[link + LINK_SECOND]
    if m[link + LINK_BOUND] != ZERO:
        hold(m, z, link, np.int64(0))
    dissolve(m, link)
    if first != NONE:
        bind(m, z, first, z[first + ORDER_LEAVES])
    if second != NONE:
        bind(m, z, second, z[second + ORDER_LEAVES])


@kernel
def forget_stop(m: Words, order: np.uint64) -> None:
    """Undoes what `equip` noted of a stop whose basket failed."""
    if is_stop(type_of(m, order)):
        m[instrument_of(m, position_row_of(m, order)) + INSTRUMENT_ATTENDED] -= ONE
