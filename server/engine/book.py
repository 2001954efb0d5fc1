"""One side of a book: levels by rank, each a queue of orders. The best level is found without a search.

Rules: 64 consecutive ticks share a leaf; leaves that hold orders are chained from the best outward, and found through
64-ary nodes that exist only on the way to one. What holds no order is given back.
"""

import numpy as np

from server.engine.bits import halves, high, leading_zeros, low, set_high, set_low, trailing_zeros
from server.engine.extensions import is_hidden, unshown_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    BOOK_FIRST_LEAF,
    BOOK_INSTRUMENT,
    BOOK_LAST_LEAF,
    BOOK_ORDERS,
    BOOK_ROOT,
    BOOK_SIDE,
    BOOK_WORDS,
    DIGIT,
    DIGIT_BITS,
    FREE_LEAF,
    FREE_NODE,
    INSTRUMENT_BOOKS,
    INSTRUMENT_DEPTH,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_TICK_SIZE,
    LEAF_BITMAP,
    LEAF_LEVELS,
    LEAF_NEXT,
    LEAF_PARENT,
    LEAF_PREVIOUS,
    LEAF_RANK,
    LEAF_WORDS,
    LEVEL_LEAF,
    LEVEL_ORDERS,
    LEVEL_QUANTITY,
    LEVEL_QUEUE,
    LEVEL_SHIFT,
    NODE_BITMAP,
    NODE_CHILDREN,
    NODE_DIGIT,
    NODE_PARENT,
    NODE_WORDS,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_EXTENSION,
    ORDER_LEAVES,
    ORDER_NEXT_PREVIOUS,
    ORDER_PRICE,
    ZERO,
)
from server.engine.memory import give_back, take
from server.engine.vocabulary import BUY


@inline
def book_of(instrument: np.uint64, side: np.uint64) -> np.uint64:
    """The row of one side of an instrument's book."""
    return U(instrument + INSTRUMENT_BOOKS + side * BOOK_WORDS)


@inline
def best_possible(m: Words, instrument: np.uint64, side: np.uint64) -> np.uint64:
    """The price of rank 0; as an address, not as a choice: which side comes next cannot be guessed."""
    return m[instrument + INSTRUMENT_PRICE_MAX - side]


@inline
def rank_of(m: Words, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.uint64:
    """How many ticks a price is away from the best possible one of its side."""
    away = U(price) - best_possible(m, instrument, side)
    ticks = ~away + ONE if side == BUY else away
    tick_size = m[instrument + INSTRUMENT_TICK_SIZE]
    return ticks if tick_size == ONE else ticks // tick_size


@inline
def price_at(m: Words, instrument: np.uint64, side: np.uint64, rank: np.uint64) -> np.int64:
    """The price of a rank."""
    ticks = rank * m[instrument + INSTRUMENT_TICK_SIZE]
    return np.int64(best_possible(m, instrument, side) + (~ticks + ONE if side == BUY else ticks))


@inline
def level_at(leaf: np.uint64, tick: np.uint64) -> np.uint64:
    """The row of a level within a leaf."""
    return U(leaf + LEAF_LEVELS + (tick << LEVEL_SHIFT))


@inline
def tick_of(leaf: np.uint64, level: np.uint64) -> np.uint64:
    """Which of its leaf's 64 ticks a level is."""
    return U(level - leaf - LEAF_LEVELS >> LEVEL_SHIFT)


@inline
def best_leaf(m: Words, book: np.uint64) -> np.uint64:
    """The leaf of the best level of a side, or none."""
    return m[book + BOOK_FIRST_LEAF]


@inline
def best_in(m: Words, leaf: np.uint64) -> np.uint64:
    """The best level of a leaf."""
    return level_at(leaf, trailing_zeros(m[leaf + LEAF_BITMAP]))


@inline
def best_level(m: Words, book: np.uint64) -> np.uint64:
    """The best level of a side, or none."""
    leaf = best_leaf(m, book)
    return NONE if leaf == NONE else best_in(m, leaf)


@inline
def best_shown_level(m: Words, book: np.uint64) -> np.uint64:
    """The best level of a side where an order is shown, or none."""
    level = best_level(m, book)
    while level != NONE and low(m[level + LEVEL_ORDERS]) == ZERO:
        level = next_level(m, level)
    return level


@kernel
def next_level(m: Words, level: np.uint64) -> np.uint64:
    """The next level away from the best, or none."""
    leaf = m[level + LEVEL_LEAF]
    tick = tick_of(leaf, level)
    further = ZERO if tick == DIGIT else m[leaf + LEAF_BITMAP] >> tick + ONE
    if further != ZERO:
        return level_at(leaf, tick + ONE + trailing_zeros(further))
    leaf = m[leaf + LEAF_NEXT]
    return NONE if leaf == NONE else level_at(leaf, trailing_zeros(m[leaf + LEAF_BITMAP]))


@kernel
def previous_level(m: Words, level: np.uint64) -> np.uint64:
    """The next level toward the best, or none."""
    leaf = m[level + LEVEL_LEAF]
    tick = tick_of(leaf, level)
    nearer = m[leaf + LEAF_BITMAP] & (ONE << tick) - ONE
    if nearer == ZERO:
        leaf = m[leaf + LEAF_PREVIOUS]
        if leaf == NONE:
            return NONE
        nearer = m[leaf + LEAF_BITMAP]
    return level_at(leaf, DIGIT - leading_zeros(nearer))


@inline
def price_of(m: Words, book: np.uint64, level: np.uint64) -> np.int64:
    """The price of a level."""
    return price_in(m, m[book + BOOK_INSTRUMENT], m[book + BOOK_SIDE], m[level + LEVEL_LEAF], level)


@inline
def price_in(m: Words, instrument: np.uint64, side: np.uint64, leaf: np.uint64, level: np.uint64) -> np.int64:
    """The price of a level of this leaf, of which nothing is read."""
    return price_at(m, instrument, side, (m[leaf + LEAF_RANK] << DIGIT_BITS) + tick_of(leaf, level))


@inline
def first_order(m: Words, level: np.uint64) -> np.uint64:
    """The oldest order of a level."""
    return low(m[level + LEVEL_QUEUE])


@inline
def level_of(m: Words, order: np.uint64) -> np.uint64:
    """The level that a resting order stands in."""
    return high(m[order + ORDER_ALGORITHM_LEVEL])


@inline
def next_order(m: Words, order: np.uint64) -> np.uint64:
    """The next younger order of the same level, or none."""
    return low(m[order + ORDER_NEXT_PREVIOUS])


@kernel
def child_of(m: Words, node: np.uint64, digit: np.uint64) -> np.uint64:
    """A node's child, made if there is none."""
    child = m[node + NODE_CHILDREN + digit]
    if child == NONE:
        child = take(m, FREE_NODE, NODE_WORDS)
        m[child + NODE_PARENT] = node
        m[child + NODE_DIGIT] = digit
        m[node + NODE_CHILDREN + digit] = child
        m[node + NODE_BITMAP] |= ONE << digit
    return child


@kernel
def leaf_after(m: Words, node: np.uint64, digit: np.uint64, height: np.uint64) -> np.uint64:
    """The first leaf behind child `digit` of a node that is `height` steps above the leaves, or none."""
    while True:
        further = ZERO if digit == DIGIT else m[node + NODE_BITMAP] >> digit + ONE
        if further != ZERO:
            row = m[node + NODE_CHILDREN + digit + ONE + trailing_zeros(further)]
            break
        digit = m[node + NODE_DIGIT]
        node = m[node + NODE_PARENT]
        height = height + ONE
        if node == NONE:
            return NONE
    while height > ONE:
        row = m[row + NODE_CHILDREN + trailing_zeros(m[row + NODE_BITMAP])]
        height = height - ONE
    return row


@kernel
def new_leaf(m: Words, book: np.uint64, node: np.uint64, number: np.uint64) -> np.uint64:
    """A leaf below `node`, chained between its neighbours."""
    leaf = take(m, FREE_LEAF, LEAF_WORDS)
    tick = ZERO
    while tick <= DIGIT:
        m[level_at(leaf, tick) + LEVEL_LEAF] = leaf
        tick = tick + ONE
    digit = number & DIGIT
    m[leaf + LEAF_RANK] = number
    m[leaf + LEAF_PARENT] = node
    m[node + NODE_CHILDREN + digit] = leaf
    m[node + NODE_BITMAP] |= ONE << digit
    after = leaf_after(m, node, digit, ONE)
    before = m[book + BOOK_LAST_LEAF] if after == NONE else m[after + LEAF_PREVIOUS]
    m[leaf + LEAF_NEXT] = after
    m[leaf + LEAF_PREVIOUS] = before
    if after == NONE:
        m[book + BOOK_LAST_LEAF] = leaf
    else:
        m[after + LEAF_PREVIOUS] = leaf
    if before == NONE:
        m[book + BOOK_FIRST_LEAF] = leaf
    else:
        m[before + LEAF_NEXT] = leaf
    return leaf


@kernel
def leaf_by_path(m: Words, book: np.uint64, number: np.uint64) -> np.uint64:
    """The leaf of this number by way of the nodes, made if there is none."""
    node = m[book + BOOK_ROOT]
    if node == NONE:
        node = take(m, FREE_NODE, NODE_WORDS)
        m[book + BOOK_ROOT] = node
    height = m[m[book + BOOK_INSTRUMENT] + INSTRUMENT_DEPTH]
    while height > ONE:
        height = height - ONE
        node = child_of(m, node, number >> height * DIGIT_BITS & DIGIT)
    leaf = m[node + NODE_CHILDREN + (number & DIGIT)]
    return leaf if leaf != NONE else new_leaf(m, book, node, number)


@inline
def leaf_for(m: Words, book: np.uint64, number: np.uint64) -> np.uint64:
    """The leaf of this number, made if there is none. Most orders go to one of the two best."""
    leaf = m[book + BOOK_FIRST_LEAF]
    if leaf != NONE:
        if m[leaf + LEAF_RANK] == number:
            return leaf
        leaf = m[leaf + LEAF_NEXT]
        if leaf != NONE and m[leaf + LEAF_RANK] == number:
            return leaf
    return leaf_by_path(m, book, number)


@kernel
def drop_leaf(m: Words, book: np.uint64, leaf: np.uint64) -> None:
    """Gives back an empty leaf and the nodes that led to it alone."""
    before = m[leaf + LEAF_PREVIOUS]
    after = m[leaf + LEAF_NEXT]
    if before == NONE:
        m[book + BOOK_FIRST_LEAF] = after
    else:
        m[before + LEAF_NEXT] = after
    if after == NONE:
        m[book + BOOK_LAST_LEAF] = before
    else:
        m[after + LEAF_PREVIOUS] = before
    node = m[leaf + LEAF_PARENT]
    digit = m[leaf + LEAF_RANK] & DIGIT
    give_back(m, FREE_LEAF, leaf)
    while node != NONE:
        m[node + NODE_CHILDREN + digit] = NONE
        m[node + NODE_BITMAP] &= ~(ONE << digit)
        if m[node + NODE_BITMAP] != ZERO:
            return
        digit = m[node + NODE_DIGIT]
        parent = m[node + NODE_PARENT]
        m[node + NODE_PARENT] = NONE
        give_back(m, FREE_NODE, node)
        node = parent
    m[book + BOOK_ROOT] = NONE


@inline
def enqueue(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, order: np.uint64) -> np.uint64:
    """Places an order behind the others of its price; returns the level."""
    book = book_of(instrument, side)
    rank = rank_of(m, instrument, side, z[order + ORDER_PRICE])
    leaf = leaf_for(m, book, rank >> DIGIT_BITS)
    tick = rank & DIGIT
    level = level_at(leaf, tick)
    set_high(m, order + ORDER_ALGORITHM_LEVEL, level)
    m[book + BOOK_ORDERS] += ONE
    if high(m[level + LEVEL_ORDERS]) != ZERO or low(m[order + ORDER_EXTENSION]) != NONE:
        m[leaf + LEAF_BITMAP] |= ONE << tick
        join_level(m, z, level, order)
        return level
    last = high(m[level + LEVEL_QUEUE])
    m[order + ORDER_NEXT_PREVIOUS] = halves(NONE, last)
    if last == NONE:
        m[level + LEVEL_QUEUE] = halves(order, order)
        m[leaf + LEAF_BITMAP] |= ONE << tick
    else:
        set_low(m, last + ORDER_NEXT_PREVIOUS, order)
        set_high(m, level + LEVEL_QUEUE, order)
    z[level + LEVEL_QUANTITY] += z[order + ORDER_LEAVES]
    m[level + LEVEL_ORDERS] += ONE
    return level


@cold
def join_level(m: Words, z: Signed, level: np.uint64, order: np.uint64) -> None:
    """Links and counts an order where not all is shown: a hidden one behind all others, others behind those shown."""
    before = high(m[level + LEVEL_QUEUE])
    if not is_hidden(m, order):
        while before != NONE and is_hidden(m, before):
            before = high(m[before + ORDER_NEXT_PREVIOUS])
    after = low(m[level + LEVEL_QUEUE]) if before == NONE else low(m[before + ORDER_NEXT_PREVIOUS])
    m[order + ORDER_NEXT_PREVIOUS] = halves(after, before)
    if before == NONE:
        set_low(m, level + LEVEL_QUEUE, order)
    else:
        set_low(m, before + ORDER_NEXT_PREVIOUS, order)
    if after == NONE:
        set_high(m, level + LEVEL_QUEUE, order)
    else:
        set_high(m, after + ORDER_NEXT_PREVIOUS, order)
    count_in(m, z, level, order)


@cold
def count_in(m: Words, z: Signed, level: np.uint64, order: np.uint64) -> None:
    """Counts what an order shows, and whether it has more, in its level."""
    unshown = unshown_of(m, z, order)
    shown = z[order + ORDER_LEAVES] - unshown
    z[level + LEVEL_QUANTITY] += shown
    m[level + LEVEL_ORDERS] += halves(ONE if shown > 0 else ZERO, ONE if unshown > 0 else ZERO)


@cold
def count_out(m: Words, z: Signed, level: np.uint64, order: np.uint64) -> None:
    """Takes out of its level what `count_in` counted; between the two the order may change."""
    unshown = unshown_of(m, z, order)
    shown = z[order + ORDER_LEAVES] - unshown
    z[level + LEVEL_QUANTITY] -= shown
    m[level + LEVEL_ORDERS] -= halves(ONE if shown > 0 else ZERO, ONE if unshown > 0 else ZERO)


@inline
def level_total(m: Words, z: Signed, level: np.uint64) -> np.int64:
    """All that rests in a level, shown or not."""
    return z[level + LEVEL_QUANTITY] if high(m[level + LEVEL_ORDERS]) == ZERO else sum_of_leaves(m, z, level)


@cold
def sum_of_leaves(m: Words, z: Signed, level: np.uint64) -> np.int64:
    """The leaves of all orders of a level."""
    total = np.int64(0)
    order = first_order(m, level)
    while order != NONE:
        total = total + z[order + ORDER_LEAVES]
        order = next_order(m, order)
    return total


@inline
def unlink(m: Words, level: np.uint64, order: np.uint64) -> None:
    """Takes an order out of the queue of its level."""
    links = m[order + ORDER_NEXT_PREVIOUS]
    after = low(links)
    before = high(links)
    if after == NONE:
        set_high(m, level + LEVEL_QUEUE, before)
    else:
        set_high(m, after + ORDER_NEXT_PREVIOUS, before)
    if before == NONE:
        set_low(m, level + LEVEL_QUEUE, after)
    else:
        set_low(m, before + ORDER_NEXT_PREVIOUS, after)


@inline
def dequeue(m: Words, z: Signed, book: np.uint64, order: np.uint64) -> None:
    """Takes an order from its place. Its level may be empty then: see `tidy`."""
    level = level_of(m, order)
    unlink(m, level, order)
    m[book + BOOK_ORDERS] -= ONE
    if low(m[order + ORDER_EXTENSION]) == NONE:
        z[level + LEVEL_QUANTITY] -= z[order + ORDER_LEAVES]
        m[level + LEVEL_ORDERS] -= ONE
    else:
        count_out(m, z, level, order)


@inline
def tidy(m: Words, book: np.uint64, level: np.uint64) -> None:
    """Drops a level that has become empty; until then its quantity and count can be read."""
    if m[level + LEVEL_ORDERS] == ZERO:
        leaf = m[level + LEVEL_LEAF]
        bitmap = m[leaf + LEAF_BITMAP] & ~(ONE << tick_of(leaf, level))
        m[leaf + LEAF_BITMAP] = bitmap
        if bitmap == ZERO:
            drop_leaf(m, book, leaf)
