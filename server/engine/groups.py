"""Groups: consecutive records that are applied as one command. How long one is, and whether its records fit together.

Rules: the head counts its records; those behind it have group_count 0 and the head's session and user, since a
stranger's record must never become part of it. What is no group is refused: the head alone, each stray record alone.
"""

import numpy as np

from server.engine.kernel import U, Words, cold, inline, kernel
from server.engine.layout import (
    BYTE,
    C_GROUP_COUNT_SHIFT,
    C_HEAD,
    C_SEQUENCE,
    C_SESSION_USER,
    C_TIME,
    COMMAND_WORDS,
    NONE,
    ONE,
    PAIR,
    SEQUENCE,
    TIME_NS,
    ZERO,
)
from server.engine.refusal import refused
from server.engine.vocabulary import INVALID_GROUP, NEW_ORDER, NO_REASON, REPLACE_ORDER
from server.engine.vocabulary_orders import GROUP_TOO_LARGE, MASS_QUOTE, QUOTE_ENTRY, SET_TICKS, TERMS

_RECORDS_MAX = U(1024)
_TICK_RECORDS_MAX = U(8)
_QUOTES_MAX = U(200)


@inline
def kind_at(c: Words, b: np.uint64) -> np.uint64:
    """The kind of the record that begins at `b`."""
    return c[b + C_HEAD] & BYTE


@inline
def group_count(c: Words, b: np.uint64) -> np.uint64:
    """The record's own count of its group."""
    return c[b + C_HEAD] >> C_GROUP_COUNT_SHIFT & PAIR


@cold
def records_behind(c: Words, b: np.uint64, most: np.uint64) -> np.uint64:
    """How many records that could belong to the group follow its head directly, up to a number."""
    count = ZERO
    at = b + COMMAND_WORDS
    while (
        count < most
        and at < U(c.size)
        and group_count(c, at) == ZERO
        and c[at + C_SESSION_USER] == c[b + C_SESSION_USER]
    ):
        count = count + ONE
        at = at + COMMAND_WORDS
    return count


@inline
def group_size(c: Words, b: np.uint64) -> np.uint64:
    """How many records are applied together from `b` on; 1 for what is no whole group."""
    count = group_count(c, b)
    if count <= ONE:
        return ONE
    return count if records_behind(c, b, count - ONE) == count - ONE else ONE


@inline
def is_continuation(kind: np.uint64) -> bool:
    """Whether records of this kind belong to the one before them and have no counter of their own."""
    return bool(kind == TERMS or kind == QUOTE_ENTRY)


@kernel
def check_alone(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Check 6 of a record that is applied alone."""
    count = group_count(c, b)
    if count == ONE:
        kind = kind_at(c, b)
        if kind == MASS_QUOTE or is_continuation(kind):
            return refused(m, INVALID_GROUP, np.int64(1), np.int64(0))
        return NO_REASON
    behind = records_behind(c, b, count - ONE) if count != ZERO else ZERO
    return refused(m, INVALID_GROUP, np.int64(count), np.int64(behind + ONE))


@cold
def misfit(c: Words, b: np.uint64, size: np.uint64) -> np.uint64:
    """The number, from 0, of the first record that does not fit the shape of its group; `size` if all do."""
    head = kind_at(c, b)
    if head != NEW_ORDER and head != REPLACE_ORDER and head != MASS_QUOTE and head != SET_TICKS:
        return ZERO
    number = ONE
    before = head
    while number < size:
        kind = kind_at(c, b + number * COMMAND_WORDS)
        if head == NEW_ORDER:
            fits = kind == NEW_ORDER or (kind == TERMS and before == NEW_ORDER)
        elif head == REPLACE_ORDER:
            fits = kind == TERMS and number == ONE
        elif head == MASS_QUOTE:
            fits = kind == QUOTE_ENTRY and number <= _QUOTES_MAX
        else:
            fits = kind == SET_TICKS and number < _TICK_RECORDS_MAX
        if not fits:
            return number
        before = kind
        number = number + ONE
    return size


@cold
def check_shape(m: Words, c: Words, b: np.uint64, size: np.uint64) -> np.uint64:
    """Check 6 of a whole group, the same for each of its records."""
    if size > _RECORDS_MAX:
        return refused(m, GROUP_TOO_LARGE, np.int64(size), np.int64(_RECORDS_MAX))
    wrong = misfit(c, b, size)
    return NO_REASON if wrong == size else refused(m, INVALID_GROUP, np.int64(size), np.int64(wrong))


@inline
def terms_behind(c: Words, b: np.uint64, end: np.uint64) -> np.uint64:
    """Where the ORDER_TERMS of the order at `b` begins, or none; the group ends in front of `end`."""
    at = b + COMMAND_WORDS
    return at if at < end and kind_at(c, at) == TERMS else NONE


@cold
def counts_orders(c: Words, b: np.uint64, end: np.uint64) -> np.uint64:
    """How many new orders a group has."""
    count = ZERO
    at = b
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            count = count + ONE
        at = at + COMMAND_WORDS
    return count


@inline
def turn_to(m: Words, c: Words, b: np.uint64) -> None:
    """From here on events carry the number and time of the record at `b`."""
    m[SEQUENCE] = c[b + C_SEQUENCE]
    m[TIME_NS] = c[b + C_TIME]


@inline
def end_group(m: Words, c: Words, last: np.uint64) -> None:
    """`turn_to` a group's last record; none for a command alone."""
    if last != NONE:
        turn_to(m, c, last)
