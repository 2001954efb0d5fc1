"""Tick tables: SET_TICKS, and whether a price fits the step that it belongs to.

Rules: a price belongs to the step with the largest price at or below its absolute value; a table that is set never
changes.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.events import command_event
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import BYTE, COMMAND_WORDS, E_QUANTITY, E_VALUE, LOW, NONE, ONE, PAIR, ZERO
from server.engine.layout_phases import (
    INSTRUMENT_TICKS,
    KIND_TICKS,
    TICKS_COUNT,
    TICKS_STEPS,
    TICKS_WORDS,
    X_APPROVER_TABLE,
    X_COUNT_SHIFT,
    X_STEPS,
    X_TABLE_SHIFT,
)
from server.engine.memory import add, find
from server.engine.refusal import refused
from server.engine.vocabulary import INVALID_DEFINITION, NO_REASON, PRICE_OFF_TICK
from server.engine.vocabulary_phases import SET_TICKS, SETTING_CHANGED

_STEPS_IN_RECORD = U(4)


@inline
def find_ticks(m: Words, table: np.uint64) -> np.uint64:
    """The row of a tick table, or none."""
    return find(m, KIND_TICKS | table, ZERO)


@inline
def table_in(c: Words, b: np.uint64) -> np.uint64:
    """The table that a SET_TICKS record names."""
    return c[b + X_APPROVER_TABLE] >> X_TABLE_SHIFT & PAIR


@inline
def steps_in(c: Words, b: np.uint64) -> np.uint64:
    """How many steps a SET_TICKS record has."""
    return c[b + X_APPROVER_TABLE] >> X_COUNT_SHIFT & BYTE


@kernel
def fault_in_records(m: Words, c: Words, b: np.uint64, size: np.uint64) -> np.int64:
    """Which number of the records themselves does not fit (1 to 3), or 0."""
    table = table_in(c, b)
    if table == ZERO or find_ticks(m, table) != NONE:
        return np.int64(1)
    counts_fit = True
    number = ZERO
    while number < size:
        record = b + number * COMMAND_WORDS
        if table_in(c, record) != table:
            return np.int64(2)
        if steps_in(c, record) - ONE >= _STEPS_IN_RECORD:
            counts_fit = False
        number = number + ONE
    return np.int64(0) if counts_fit else np.int64(3)


@kernel
def fault_in_step(price: np.int64, tick: np.int64, price_before: np.int64, tick_before: np.int64) -> np.int64:
    """Which number of a step does not fit (4 to 6), or 0; the first step has a tick of 0 before it."""
    if price <= price_before if tick_before != 0 else price != 0:
        return np.int64(4)
    if tick < 1:
        return np.int64(5)
    fits = price % tick == 0 and (tick_before == 0 or price % tick_before == 0)
    return np.int64(0) if fits else np.int64(6)


@kernel
def fault_in_steps(c: Words, b: np.uint64, size: np.uint64) -> np.int64:
    """Which number of the steps, one after the other, does not fit (4 to 6), or 0."""
    price_before = np.int64(0)
    tick_before = np.int64(0)
    number = ZERO
    while number < size:
        record = b + number * COMMAND_WORDS
        step = ZERO
        while step < steps_in(c, record):
            price = np.int64(c[record + X_STEPS + step + step])
            tick = np.int64(c[record + X_STEPS + step + step + ONE])
            fault = fault_in_step(price, tick, price_before, tick_before)
            if fault != 0:
                return fault
            price_before = price
            tick_before = tick
            step = step + ONE
        number = number + ONE
    return np.int64(0)


@kernel
def set_ticks(m: Words, ev: Words, c: Words, b: np.uint64, size: np.uint64) -> np.uint64:
    """SET_TICKS of `size` records. Returns the reason for which it is refused, or 0."""
    reason = check_approval(m, c, b, c[b + X_APPROVER_TABLE] & LOW, False)
    if reason != NO_REASON:
        return reason
    table = table_in(c, b)
    fault = fault_in_records(m, c, b, size)
    if fault == 0:
        fault = fault_in_steps(c, b, size)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(table), fault)
    row = add(m, KIND_TICKS | table, ZERO, TICKS_WORDS)
    count = ZERO
    number = ZERO
    while number < size:
        record = b + number * COMMAND_WORDS
        step = ZERO
        while step < steps_in(c, record):
            m[row + TICKS_STEPS + count] = c[record + X_STEPS + step + step]
            m[row + TICKS_STEPS + count + ONE] = c[record + X_STEPS + step + step + ONE]
            count = count + U(2)
            step = step + ONE
        number = number + ONE
    m[row + TICKS_COUNT] = count >> ONE
    e = command_event(m, ev, c, b, SETTING_CHANGED, ZERO)
    ev[e + E_QUANTITY] = table
    ev[e + E_VALUE] = SET_TICKS
    return NO_REASON


@kernel
def tick_at(m: Words, z: Signed, ticks: np.uint64, price: np.int64) -> np.int64:
    """The tick of the step that a price belongs to."""
    size = abs(price)
    step = ticks + TICKS_STEPS + (m[ticks + TICKS_COUNT] - ONE << ONE)
    while z[step] > size:
        step = step - U(2)
    return z[step + ONE]


@kernel
def fits_ticks(m: Words, z: Signed, ticks: np.uint64, price: np.int64) -> bool:
    """Whether a price is one that the table allows."""
    return bool(abs(price) % tick_at(m, z, ticks, price) == 0)


@kernel
def check_ticks(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.uint64:
    """Check 19 by the instrument's tick table, if it has one."""
    ticks = m[instrument + INSTRUMENT_TICKS]
    if ticks == NONE:
        return NO_REASON
    tick = tick_at(m, z, ticks, price)
    beyond = abs(price) % tick
    if beyond == 0:
        return NO_REASON
    return refused(m, PRICE_OFF_TICK, price, price - beyond if price > 0 else price - (tick - beyond))
