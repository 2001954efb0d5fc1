"""The engine's memory: rows taken from its end or from the freed ones of their kind, and the two indexes into it.

Rules: an index is a table of 2^n words (hash in the upper half, address in the lower), searched linearly and at most
half full; it is enlarged between commands, never within one. Freed rows are zero but for their first word.
"""

import numpy as np

from server.engine.bits import high, low
from server.engine.kernel import U, Words, as_words, entry, inline, kernel
from server.engine.layout import (
    FREE_ORDER,
    HALF,
    INDEX_BASE,
    INDEX_COUNT,
    INDEX_MASK,
    KEY_0,
    KEY_1,
    KEY_INDEX,
    LOW,
    MEMORY_USED,
    NONE,
    ONE,
    ORDER_ID,
    ORDER_INDEX,
    ORDER_LABEL,
    ORDER_USER_POSITION,
    ORDER_WORDS,
    ZERO,
)

_MIX_1 = U(0x9E3779B97F4A7C15)
_MIX_2 = U(0xC2B2AE3D27D4EB4F)


@inline
def take_new(m: Words, words: np.uint64) -> np.uint64:
    """A row of zeros from the end of the memory."""
    row = m[MEMORY_USED]
    m[MEMORY_USED] = row + words
    return row


@inline
def take(m: Words, free: np.uint64, words: np.uint64) -> np.uint64:
    """A row of a kind that is also given back: the one freed last, else a new one."""
    row = m[free]
    if row != NONE:
        m[free] = m[row]
        m[row] = ZERO
        return row
    return take_new(m, words)


@inline
def give_back(m: Words, free: np.uint64, row: np.uint64) -> None:
    """Frees a row; its other words are zero already, or are all written when it is taken again."""
    m[row] = m[free]
    m[free] = row


@inline
def take_order(m: Words) -> np.uint64:
    """A row for an order; every word of it is to be written."""
    return take(m, FREE_ORDER, ORDER_WORDS)


@inline
def hash_of(key_0: np.uint64, key_1: np.uint64) -> np.uint64:
    """32 bits from two words."""
    mixed = (key_0 * _MIX_1 + key_1) * _MIX_2
    return (mixed ^ mixed >> U(29)) * _MIX_1 >> HALF


@inline
def hash_of_order_id(order_id: np.uint64) -> np.uint64:
    """32 bits from the number of an order."""
    return order_id * _MIX_1 >> HALF


@inline
def hash_of_label(user: np.uint64, label_0: np.uint64, label_1: np.uint64) -> np.uint64:
    """32 bits from a user's row and a label."""
    return hash_of(label_0 + user * _MIX_2, label_1)


@inline
def insert(m: Words, index: np.uint64, hashed: np.uint64, row: np.uint64) -> None:
    """Adds a row to an index."""
    base = m[index + INDEX_BASE]
    mask = m[index + INDEX_MASK]
    slot = hashed & mask
    while m[base + slot] != NONE:
        slot = slot + ONE & mask
    m[base + slot] = hashed << HALF | row
    m[index + INDEX_COUNT] += ONE


@kernel
def remove(m: Words, index: np.uint64, hashed: np.uint64, row: np.uint64) -> None:
    """Takes a row that is there out of an index, moving back what follows it."""
    base = m[index + INDEX_BASE]
    mask = m[index + INDEX_MASK]
    entry_word = hashed << HALF | row
    slot = hashed & mask
    while m[base + slot] != entry_word:
        slot = slot + ONE & mask
    hole = slot
    while True:
        slot = slot + ONE & mask
        other = m[base + slot]
        if other == NONE:
            break
        if slot - (high(other) & mask) & mask >= (slot - hole & mask):
            m[base + hole] = other
            hole = slot
    m[base + hole] = NONE
    m[index + INDEX_COUNT] -= ONE


@inline
def find(m: Words, key_0: np.uint64, key_1: np.uint64) -> np.uint64:
    """The row of a key, or none."""
    base = m[KEY_INDEX + INDEX_BASE]
    mask = m[KEY_INDEX + INDEX_MASK]
    hashed = hash_of(key_0, key_1)
    slot = hashed & mask
    while True:
        word = m[base + slot]
        if word == NONE:
            return NONE
        row = low(word)
        if high(word) == hashed and m[row + KEY_0] == key_0 and m[row + KEY_1] == key_1:
            return row
        slot = slot + ONE & mask


@entry
def find_row(m: Words, key_0: np.uint64, key_1: np.uint64) -> np.uint64:
    """`find` for readers."""
    return find(as_words(m), key_0, key_1)


@kernel
def add(m: Words, key_0: np.uint64, key_1: np.uint64, words: np.uint64) -> np.uint64:
    """A new row with this key, which is not there yet."""
    row = take_new(m, words)
    enter(m, row, key_0, key_1)
    return row


@entry
def add_row(m: Words, key_0: np.uint64, key_1: np.uint64, words: np.uint64) -> np.uint64:
    """`add` for the exchange's founding."""
    return add(as_words(m), key_0, key_1, words)


@kernel
def enter(m: Words, row: np.uint64, key_0: np.uint64, key_1: np.uint64) -> None:
    """Gives a row its key."""
    m[row + KEY_0] = key_0
    m[row + KEY_1] = key_1
    insert(m, KEY_INDEX, hash_of(key_0, key_1), row)


@inline
def find_order(m: Words, order_id: np.uint64) -> np.uint64:
    """The live order of this id, or none."""
    base = m[ORDER_INDEX + INDEX_BASE]
    mask = m[ORDER_INDEX + INDEX_MASK]
    hashed = hash_of_order_id(order_id)
    slot = hashed & mask
    while True:
        word = m[base + slot]
        if word == NONE:
            return NONE
        row = low(word)
        if high(word) == hashed and m[row + ORDER_ID] == order_id:
            return row
        slot = slot + ONE & mask


@inline
def place_of_order(m: Words, order_id: np.uint64) -> np.uint64:
    """Where the search for this id begins in the index."""
    return m[ORDER_INDEX + INDEX_BASE] + (hash_of_order_id(order_id) & m[ORDER_INDEX + INDEX_MASK])


@kernel
def find_label(m: Words, user: np.uint64, label_0: np.uint64, label_1: np.uint64) -> np.uint64:
    """The live order with this label of the user whose row is `user`, or none; an empty label finds none."""
    if label_0 == ZERO and label_1 == ZERO:
        return NONE
    base = m[ORDER_INDEX + INDEX_BASE]
    mask = m[ORDER_INDEX + INDEX_MASK]
    hashed = hash_of_label(user, label_0, label_1)
    slot = hashed & mask
    while True:
        word = m[base + slot]
        if word == NONE:
            return NONE
        order = low(word)
        if (
            high(word) == hashed
            and m[order + ORDER_LABEL] == label_0
            and m[order + ORDER_LABEL + ONE] == label_1
            and low(m[order + ORDER_USER_POSITION]) == user
        ):
            return order
        slot = slot + ONE & mask


@entry
def enlarge_index(m: Words, index: np.uint64) -> None:
    """Moves an index into a table of twice its size at the end of the memory, which has room for it."""
    m = as_words(m)
    base = m[index + INDEX_BASE]
    size = m[index + INDEX_MASK] + ONE
    m[index + INDEX_BASE] = take_new(m, size + size)
    m[index + INDEX_MASK] = size + size - ONE
    m[index + INDEX_COUNT] = ZERO
    slot = ZERO
    while slot < size:
        word = m[base + slot]
        if word != NONE:
            insert(m, index, high(word), word & LOW)
        slot = slot + ONE
