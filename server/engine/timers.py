"""Timers: what is to happen at a time, in a binary heap; setting and cancelling cost the logarithm of their number.

Rules: they fire by due time, then kind, then id; TIME alone lets them fire. The heap is enlarged between commands.
"""

import numpy as np

from server.engine.kernel import U, Words, as_words, entry, inline, kernel
from server.engine.layout import MEMORY_USED, NEXT_DUE, NONE, ONE, TIME_NS, ZERO
from server.engine.layout_orders import (
    FREE_TIMER,
    INDICATIVE_DUE,
    TIMER_DUE,
    TIMER_ID,
    TIMER_KIND,
    TIMER_PLACE,
    TIMER_SUBJECT,
    TIMER_WORDS,
    TIMERS,
    TIMERS_BASE,
    TIMERS_SIZE,
)
from server.engine.memory import give_back, take, take_new


@inline
def is_earlier(m: Words, a: np.uint64, b: np.uint64) -> bool:
    """Whether timer `a` fires before timer `b`."""
    if m[a + TIMER_DUE] != m[b + TIMER_DUE]:
        return bool(m[a + TIMER_DUE] < m[b + TIMER_DUE])
    if m[a + TIMER_KIND] != m[b + TIMER_KIND]:
        return bool(m[a + TIMER_KIND] < m[b + TIMER_KIND])
    return bool(m[a + TIMER_ID] < m[b + TIMER_ID])


@inline
def put(m: Words, place: np.uint64, timer: np.uint64) -> None:
    """Writes a timer at a place of the heap."""
    m[m[TIMERS_BASE] + place] = timer
    m[timer + TIMER_PLACE] = place


@kernel
def rise(m: Words, place: np.uint64, timer: np.uint64) -> np.uint64:
    """Moves the gap at `place` up until `timer` may stand in it; returns where that is."""
    while place != ZERO:
        above = place - ONE >> ONE
        parent = m[m[TIMERS_BASE] + above]
        if not is_earlier(m, timer, parent):
            break
        put(m, place, parent)
        place = above
    return place


@kernel
def sink(m: Words, place: np.uint64, timer: np.uint64) -> np.uint64:
    """Moves the gap at `place` down until `timer` may stand in it; returns where that is."""
    count = m[TIMERS]
    while True:
        below = place + place + ONE
        if below >= count:
            break
        child = m[m[TIMERS_BASE] + below]
        if below + ONE < count and is_earlier(m, m[m[TIMERS_BASE] + below + ONE], child):
            below = below + ONE
            child = m[m[TIMERS_BASE] + below]
        if not is_earlier(m, child, timer):
            break
        put(m, place, child)
        place = below
    return place


@inline
def note_next_due(m: Words) -> None:
    """The earlier of the first timer and the first indicative is what the loop waits for."""
    due = m[INDICATIVE_DUE]
    if m[TIMERS] != ZERO:
        first = m[m[m[TIMERS_BASE]] + TIMER_DUE]
        if due == ZERO or first < due:
            due = first
    m[NEXT_DUE] = due


@kernel
def set_timer(m: Words, kind: np.uint64, identity: np.uint64, subject: np.uint64, due_ns: np.uint64) -> np.uint64:
    """Sets a timer for `subject` (a row; order, instrument or user), whose id breaks ties; returns its row."""
    timer = take(m, FREE_TIMER, TIMER_WORDS)
    m[timer + TIMER_DUE] = due_ns
    m[timer + TIMER_KIND] = kind
    m[timer + TIMER_ID] = identity
    m[timer + TIMER_SUBJECT] = subject
    count = m[TIMERS]
    m[TIMERS] = count + ONE
    put(m, rise(m, count, timer), timer)
    note_next_due(m)
    return timer


@kernel
def cancel_timer(m: Words, timer: np.uint64) -> None:
    """Forgets a timer that is set and gives back its row."""
    place = m[timer + TIMER_PLACE]
    count = m[TIMERS] - ONE
    last = m[m[TIMERS_BASE] + count]
    m[TIMERS] = count
    if last != timer:
        at = rise(m, place, last)
        put(m, sink(m, at, last) if at == place else at, last)
    give_back(m, FREE_TIMER, timer)
    note_next_due(m)


@inline
def due_timer(m: Words) -> np.uint64:
    """The timer that fires next if its time has come, or none."""
    if m[TIMERS] == ZERO:
        return NONE
    timer = m[m[TIMERS_BASE]]
    return timer if m[timer + TIMER_DUE] <= m[TIME_NS] else NONE


@entry
def enlarge_timers(m: Words) -> None:
    """Moves the heap into a table of twice its size at the end of the memory, which has room for it."""
    m = as_words(m)
    old = m[TIMERS_BASE]
    size = m[TIMERS_SIZE]
    table = take_new(m, max(size + size, U(64)))
    place = ZERO
    while place < m[TIMERS]:
        m[table + place] = m[old + place]
        place = place + ONE
    m[TIMERS_BASE] = table
    m[TIMERS_SIZE] = m[MEMORY_USED] - table
