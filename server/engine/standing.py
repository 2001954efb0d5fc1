"""Whether somebody may trade at all: blocks, permissions and lists, limits that must exist."""

import numpy as np

from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import HALF, NONE, ONE, TIME_NS, ZERO
from server.engine.layout_risk import (
    ASK,
    ASK_ACCOUNT,
    ASK_ALGORITHM,
    ASK_CLOSABLE,
    ASK_FLAGS,
    ASK_INSTRUMENT,
    ASK_QUANTITY,
    ASK_REDUCING,
    ASK_ROWS,
    ASK_USER,
    E_CHECK_SHIFT,
    E_SCOPE_SHIFT,
    IN_USE_REQUIRED,
    REQUIRED,
    RISK_IN_USE,
    SCOPE_BLOCK,
    SCOPE_NUMBERS,
    SCOPE_PERMISSION,
    SCOPE_PERMISSION_FROM,
    SCOPE_PERMISSION_UNTIL,
)
from server.engine.refusal import refused_of
from server.engine.registry import id_of
from server.engine.scope_rows import limit_in_force, scope_id_in, scope_id_of, scope_of, scope_word
from server.engine.vocabulary import NO_REASON
from server.engine.vocabulary_risk import (
    ACCOUNT,
    ALGORITHM,
    ALLOWED,
    BLOCK,
    BLOCK_REDUCE_ONLY,
    BLOCKED,
    INSTRUMENT_NOT_PERMITTED,
    LIMIT_MISSING,
    LISTED_ONLY,
    ORDER_TO_TRADE,
    REDUCE_ONLY,
    REDUCE_ONLY_FLAG,
    RESTRICT,
    RESTRICTED,
    WATCHED,
)

NO_PERMISSION = U(0)


@inline
def permission_in_force(m: Words, row: np.uint64) -> np.uint64:
    """1 + the Permission that a row says now, or 0."""
    until = m[row + SCOPE_PERMISSION_UNTIL]
    now = m[TIME_NS]
    if m[row + SCOPE_PERMISSION_FROM] <= now and (until == ZERO or now < until):
        return m[row + SCOPE_PERMISSION]
    return NO_PERMISSION


@kernel
def check_blocks(m: Words, z: Signed) -> np.uint64:
    """BLOCKED, then REDUCE_ONLY."""
    a = m[ASK]
    quantity = z[a + ASK_QUANTITY]
    reduce_only = NONE
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE:
            if m[row + SCOPE_BLOCK] == BLOCK:
                whom = np.int64(scope_of(m, row) << HALF | scope_id_of(m, row))
                return refused_of(m, BLOCKED, whom, np.int64(0), np.int64(0), quantity, scope_word(m, row, ZERO))
            if m[row + SCOPE_BLOCK] == BLOCK_REDUCE_ONLY and reduce_only == NONE:
                reduce_only = row
        number = number + ONE
    wanted = reduce_only != NONE or m[a + ASK_FLAGS] & REDUCE_ONLY_FLAG != ZERO
    if wanted and m[a + ASK_REDUCING] == ZERO:
        account = id_of(m, m[a + ASK_ACCOUNT]) | ACCOUNT << E_SCOPE_SHIFT
        scope = scope_word(m, reduce_only, ZERO) if reduce_only != NONE else account
        return refused_of(m, REDUCE_ONLY, quantity, z[a + ASK_CLOSABLE], np.int64(0), quantity, scope)
    return NO_REASON


@kernel
def check_permissions(m: Words) -> np.uint64:
    """RESTRICTED, then INSTRUMENT_NOT_PERMITTED; neither says by whom."""
    a = m[ASK]
    instrument_id = np.int64(id_of(m, m[a + ASK_INSTRUMENT]))
    nothing = np.int64(0)
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE and permission_in_force(m, row) == RESTRICT + ONE:
            return refused_of(m, RESTRICTED, instrument_id, nothing, nothing, nothing, ZERO)
        number = number + ONE
    number = ONE
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE and permission_in_force(m, row) == LISTED_ONLY + ONE:
            named = m[a + ASK_ROWS + number - ONE]
            said = permission_in_force(m, named) if named != NONE else NO_PERMISSION
            if said != ALLOWED + ONE and said != WATCHED + ONE:
                return refused_of(m, INSTRUMENT_NOT_PERMITTED, instrument_id, nothing, nothing, nothing, ZERO)
        number = number + ONE + ONE
    return NO_REASON


@kernel
def check_missing(m: Words, z: Signed) -> np.uint64:
    """LIMIT_MISSING: what is required of a scope and not in force."""
    if m[RISK_IN_USE] & IN_USE_REQUIRED == ZERO:
        return NO_REASON
    a = m[ASK]
    scope = ZERO
    while scope <= ALGORITHM:
        required = m[REQUIRED + scope]
        check = ONE
        while required != ZERO and check <= ORDER_TO_TRADE:
            if required >> check & ONE != ZERO and not has_limit(m, z, scope, check):
                scope_id = scope_id_in(m, scope, m[a + ASK_USER], m[a + ASK_ACCOUNT], m[a + ASK_ALGORITHM])
                word = scope_id | scope << E_SCOPE_SHIFT | check << E_CHECK_SHIFT
                nothing = np.int64(0)
                return refused_of(m, LIMIT_MISSING, np.int64(check), nothing, nothing, nothing, word)
            check = check + ONE
        scope = scope + ONE
    return NO_REASON


@kernel
def has_limit(m: Words, z: Signed, scope: np.uint64, check: np.uint64) -> bool:
    """Whether either of the ask's rows of a scope has a limit of a check in force."""
    first = m[ASK] + ASK_ROWS + scope + scope
    for row in (m[first], m[first + ONE]):
        if row != NONE and limit_in_force(m, z, row, check) != NONE:
            return True
    return False


@kernel
def first_watching(m: Words) -> np.uint64:
    """The first of the ask's rows that watches the instrument, or none."""
    a = m[ASK]
    number = ZERO
    while number < SCOPE_NUMBERS:
        row = m[a + ASK_ROWS + number]
        if row != NONE and permission_in_force(m, row) == WATCHED + ONE:
            return row
        number = number + ONE
    return NONE
