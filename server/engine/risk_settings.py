"""SET_LIMIT, SET_BLOCK, SET_PERMISSION, SET_LOCATE: the risk desk's settings, each with its second person.

Rules: what makes anything looser needs an approver; what makes it tighter takes one person.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.bits import high, low
from server.engine.events import command_event
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_HEAD,
    E_FILLED,
    E_INSTRUMENT_SESSION,
    E_LEAVES,
    E_LIMIT,
    E_ORDER_ID,
    E_PRICE,
    E_QUANTITY,
    E_VALUE,
    LOW,
    NONE,
    ONE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_risk import (
    E_CHECK_SHIFT,
    E_REQUESTED,
    E_SCOPE,
    E_SCOPE_SHIFT,
    E_SETTING_REASON,
    IN_USE_REQUIRED,
    LIMIT_BASE,
    LIMIT_TEMPORARY,
    LIMIT_WORDS,
    PART_FROM,
    PART_HARD,
    PART_SET,
    PART_SOFT,
    PART_UNTIL,
    PART_WINDOW,
    POSITION_LOCATED,
    POSITION_LOCATED_UNTIL,
    REQUIRED,
    RING_WORDS,
    RISK_IN_USE,
    S_ACTION_SHIFT,
    S_APPROVER_SCOPE_ID,
    S_CHECK_SHIFT,
    S_EFFECTIVE,
    S_EXPIRES,
    S_GROUP_TERMS,
    S_HARD,
    S_REASON,
    S_SCOPE_SHIFT,
    S_SOFT,
    S_WINDOW,
    SCOPE_BLOCK,
    SCOPE_CHECKS,
    SCOPE_EXECUTIONS,
    SCOPE_EXECUTIONS_BEGIN,
    SCOPE_LIMITS,
    SCOPE_PERMISSION,
    SCOPE_PERMISSION_FROM,
    SCOPE_PERMISSION_UNTIL,
    SCOPE_RING,
)
from server.engine.mass_actions import cancel_scope, finish_all
from server.engine.memory import take_new
from server.engine.refusal import refused
from server.engine.registry import find_account, find_instrument, position_of
from server.engine.scope_counts import scope_row
from server.engine.scope_rows import find_scope_row, limit_in_force
from server.engine.setting_events import account_setting_event
from server.engine.standing import permission_in_force
from server.engine.vocabulary import INVALID_DEFINITION, NO_REASON, UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT
from server.engine.vocabulary_risk import (
    ACCOUNT,
    ALGORITHM,
    ALLOWED,
    BASKET_COUNT,
    BASKET_VALUE,
    BLOCK,
    BLOCK_AND_CANCEL,
    BLOCK_CHANGED,
    DAILY_LOSS,
    DESK,
    DUPLICATE_ORDER,
    EXECUTION_THROTTLE,
    FIRM,
    LIMIT_CHANGED,
    LISTED_ONLY,
    MESSAGE_RATE,
    ORDER_TO_TRADE,
    RESTRICT,
    SET_LIMIT,
    SET_PERMISSION,
    SETTING_CHANGED,
    VENUE,
)

_SET = U(0)
_REMOVE = U(1)
_REQUIRE = U(2)
_ACTION_MAX = U(3)
_NUMBER_MAX = np.int64(1 << 61)
_DUPLICATES_MAX = np.int64(16)
_RATIO_MAX = np.int64(1_000_000)


@inline
def scope_in(c: Words, b: np.uint64) -> np.uint64:
    """The scope that a setting names."""
    return c[b + S_GROUP_TERMS] >> S_SCOPE_SHIFT & BYTE


@inline
def check_in(c: Words, b: np.uint64) -> np.uint64:
    """The check that a setting names."""
    return c[b + S_GROUP_TERMS] >> S_CHECK_SHIFT & BYTE


@inline
def action_in(c: Words, b: np.uint64) -> np.uint64:
    """What a setting does."""
    return c[b + S_GROUP_TERMS] >> S_ACTION_SHIFT & BYTE


@inline
def approver_in(c: Words, b: np.uint64) -> np.uint64:
    """Who approved a setting."""
    return low(c[b + S_APPROVER_SCOPE_ID])


@inline
def scope_id_named(c: Words, b: np.uint64) -> np.uint64:
    """Whom a setting is about."""
    return high(c[b + S_APPROVER_SCOPE_ID])


@kernel
def fault_in_numbers(c: Words, b: np.uint64) -> np.int64:
    """Faults 5 and 6 of a limit that is set."""
    hard = np.int64(c[b + S_HARD])
    soft = np.int64(c[b + S_SOFT])
    window = np.int64(c[b + S_WINDOW])
    check = check_in(c, b)
    if hard < 0 or hard > _NUMBER_MAX or soft < 0 or soft > hard:
        return np.int64(5)
    if (check == DUPLICATE_ORDER and hard > _DUPLICATES_MAX) or (check == ORDER_TO_TRADE and hard > _RATIO_MAX):
        return np.int64(5)
    if check == MESSAGE_RATE or check == DUPLICATE_ORDER or check == EXECUTION_THROTTLE:
        least = np.int64(0) if check == EXECUTION_THROTTLE else np.int64(1)
        return np.int64(6) if window < least or window > _NUMBER_MAX else np.int64(0)
    return np.int64(6) if window != 0 else np.int64(0)


@kernel
def fault_in_times(m: Words, c: Words, b: np.uint64, limit: bool) -> np.int64:
    """Fault 7: of the times between which a setting holds."""
    effective = np.int64(c[b + S_EFFECTIVE])
    expires = np.int64(c[b + S_EXPIRES])
    now = np.int64(m[TIME_NS])
    if effective < 0 or expires < 0 or (expires != 0 and expires <= max(now, effective)):
        return np.int64(7)
    return np.int64(7) if limit and expires == 0 and effective > now else np.int64(0)


@kernel
def is_offered(c: Words, b: np.uint64) -> bool:
    """Whether a limit of this check can be set, or required, at this scope and instrument; fault 8 if not."""
    check = check_in(c, b)
    scope = scope_in(c, b)
    for_all = high(c[b + C_ACCOUNT_INSTRUMENT]) == ZERO
    if check == DAILY_LOSS:
        return bool(for_all and (scope == FIRM or scope == DESK or scope == ACCOUNT))
    if check == BASKET_COUNT or check == BASKET_VALUE:
        return bool(for_all and action_in(c, b) < _REQUIRE)
    return True


@kernel
def fault_in_setting(m: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.int64:
    """Which number of a setting does not fit (1 to 8), or 0."""
    scope = scope_in(c, b)
    action = action_in(c, b)
    nobody = scope_id_named(c, b) == ZERO
    for_all = high(c[b + C_ACCOUNT_INSTRUMENT]) == ZERO
    limit = kind == SET_LIMIT
    if scope > ALGORITHM:
        return np.int64(1)
    if limit and (check_in(c, b) == ZERO or check_in(c, b) > BASKET_VALUE):
        return np.int64(2)
    if action > _ACTION_MAX:
        return np.int64(3)
    if limit and action >= _REQUIRE:
        if not nobody or not for_all:
            return np.int64(4)
    elif nobody != (scope == VENUE):
        return np.int64(4)
    if limit and action == _SET:
        fault = fault_in_numbers(c, b)
        if fault != 0:
            return fault
    if (limit and action == _SET) or kind == SET_PERMISSION:
        fault = fault_in_times(m, c, b, limit)
        if fault != 0:
            return fault
    if limit and not is_offered(c, b):
        return np.int64(8)
    return np.int64(8) if kind == SET_PERMISSION and action == LISTED_ONLY and not for_all else np.int64(0)


@kernel
def check_setting(m: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """Checks 11, 12 and 29 of a setting of a scope."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    scope_id = scope_id_named(c, b)
    if instrument_id != ZERO and find_instrument(m, instrument_id) == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    if scope_in(c, b) == ACCOUNT and scope_id != ZERO and find_account(m, scope_id) == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(scope_id), np.int64(0))
    fault = fault_in_setting(m, c, b, kind)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(scope_id), fault)
    return NO_REASON


@inline
def row_named(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The scope row of a setting, or none."""
    return find_scope_row(m, scope_in(c, b), scope_id_named(c, b), high(c[b + C_ACCOUNT_INSTRUMENT]))


@inline
def row_for(m: Words, z: Signed, c: Words, b: np.uint64) -> np.uint64:
    """The scope row of a setting, made if there is none."""
    return scope_row(m, z, scope_in(c, b), scope_id_named(c, b), high(c[b + C_ACCOUNT_INSTRUMENT]))


@kernel
def scope_event(m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """The event of a setting of a scope, in the layout RISK_REJECTION. Returns where it begins."""
    e = command_event(m, ev, c, b, kind, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= high(c[b + C_ACCOUNT_INSTRUMENT])
    ev[e + E_ORDER_ID] = approver_in(c, b)
    ev[e + E_SCOPE] = scope_id_named(c, b) | scope_in(c, b) << E_SCOPE_SHIFT
    ev[e + E_VALUE] = action_in(c, b)
    ev[e + E_SETTING_REASON] = c[b + S_REASON] & LOW
    return e


@kernel
def is_looser(m: Words, z: Signed, c: Words, b: np.uint64) -> bool:
    """Whether a SET_LIMIT makes anything looser."""
    action = action_in(c, b)
    if action != _SET:
        return bool(action != _REQUIRE)
    check = check_in(c, b)
    row = row_named(m, c, b)
    limit = m[row + SCOPE_LIMITS + check] if row != NONE else NONE
    base = limit + LIMIT_BASE
    if limit == NONE or m[base + PART_SET] == ZERO:
        if m[REQUIRED + scope_in(c, b)] >> check & ONE != ZERO:
            return True
    else:
        soft = np.int64(c[b + S_SOFT])
        before = z[base + PART_SOFT]
        if np.int64(c[b + S_HARD]) > z[base + PART_HARD] or c[b + S_WINDOW] != m[base + PART_WINDOW]:
            return True
        if before != 0 and (soft == 0 or soft > before):
            return True
    if check == EXECUTION_THROTTLE and row != NONE:
        part = limit_in_force(m, z, row, check)
        return bool(part != NONE and z[row + SCOPE_EXECUTIONS] >= z[part + PART_HARD])
    return False


@cold
def set_limit(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_LIMIT. Returns the reason for which it is refused, or 0."""
    reason = check_setting(m, c, b, SET_LIMIT)
    if reason == NO_REASON:
        reason = check_approval(m, c, b, approver_in(c, b), is_looser(m, z, c, b))
    if reason != NO_REASON:
        return reason
    before = ZERO
    action = action_in(c, b)
    if action >= _REQUIRE:
        require(m, c, b, action == _REQUIRE)
    else:
        row = row_for(m, z, c, b)
        part = limit_in_force(m, z, row, check_in(c, b))
        before = m[part + PART_HARD] if part != NONE else ZERO
        write_limit(m, c, b, row)
    e = scope_event(m, ev, c, b, LIMIT_CHANGED)
    ev[e + E_PRICE] = c[b + S_HARD]
    ev[e + E_QUANTITY] = c[b + S_SOFT]
    ev[e + E_LEAVES] = c[b + S_WINDOW]
    ev[e + E_FILLED] = c[b + S_EXPIRES]
    ev[e + E_REQUESTED] = c[b + S_EFFECTIVE]
    ev[e + E_SCOPE] |= check_in(c, b) << E_CHECK_SHIFT
    ev[e + E_LIMIT] = before
    return NO_REASON


@kernel
def require(m: Words, c: Words, b: np.uint64, required: bool) -> None:
    """From now on every ask must find a limit of the check at the scope, or need not."""
    bit = ONE << check_in(c, b)
    if required:
        m[REQUIRED + scope_in(c, b)] |= bit
    else:
        m[REQUIRED + scope_in(c, b)] &= ~bit
    some = ZERO
    for scope in range(int(ALGORITHM) + 1):
        some = some | m[REQUIRED + U(scope)]
    if some != ZERO:
        m[RISK_IN_USE] |= IN_USE_REQUIRED
    else:
        m[RISK_IN_USE] &= ~IN_USE_REQUIRED


@kernel
def write_limit(m: Words, c: Words, b: np.uint64, row: np.uint64) -> None:
    """Sets or removes a limit of a scope row."""
    check = check_in(c, b)
    limit = m[row + SCOPE_LIMITS + check]
    removed = action_in(c, b) == _REMOVE
    if limit == NONE and not removed:
        limit = take_new(m, LIMIT_WORDS)
        m[row + SCOPE_LIMITS + check] = limit
        m[row + SCOPE_CHECKS] |= ONE << check
    if check == DUPLICATE_ORDER and not removed and m[row + SCOPE_RING] == NONE:
        m[row + SCOPE_RING] = take_new(m, RING_WORDS)
    if check == EXECUTION_THROTTLE:
        m[row + SCOPE_EXECUTIONS] = ZERO
        m[row + SCOPE_EXECUTIONS_BEGIN] = ZERO
    if removed:
        word = ZERO
        while limit != NONE and word < LIMIT_WORDS:
            m[limit + word] = ZERO
            word = word + ONE
        return
    part = limit + (LIMIT_BASE if c[b + S_EXPIRES] == ZERO else LIMIT_TEMPORARY)
    m[part + PART_SET] = ONE
    m[part + PART_HARD] = c[b + S_HARD]
    m[part + PART_SOFT] = c[b + S_SOFT]
    m[part + PART_WINDOW] = c[b + S_WINDOW]
    if c[b + S_EXPIRES] != ZERO:
        m[part + PART_FROM] = c[b + S_EFFECTIVE]
        m[part + PART_UNTIL] = c[b + S_EXPIRES]


@cold
def set_block(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """SET_BLOCK. Returns the reason for which it is refused, or 0."""
    reason = check_setting(m, c, b, kind)
    if reason != NO_REASON:
        return reason
    action = action_in(c, b)
    block = min(action, BLOCK)
    row = row_named(m, c, b)
    before = m[row + SCOPE_BLOCK] if row != NONE else ZERO
    reason = check_approval(m, c, b, approver_in(c, b), bool(block < before))
    if reason != NO_REASON:
        return reason
    row = row_for(m, z, c, b)
    m[row + SCOPE_BLOCK] = block
    count = cancel_scope(m, z, ev, md, row) if action == BLOCK_AND_CANCEL else ZERO
    e = scope_event(m, ev, c, b, BLOCK_CHANGED)
    ev[e + E_QUANTITY] = count
    ev[e + E_LIMIT] = before
    finish_all(m, z, md)
    return NO_REASON


@cold
def set_permission(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """SET_PERMISSION. Returns the reason for which it is refused, or 0."""
    reason = check_setting(m, c, b, kind)
    if reason != NO_REASON:
        return reason
    action = action_in(c, b)
    row = row_named(m, c, b)
    said = permission_in_force(m, row) if row != NONE else ZERO
    stays = said == action + ONE and c[b + S_EFFECTIVE] <= m[TIME_NS]
    forbids = said == RESTRICT + ONE or said == LISTED_ONLY + ONE
    needed = action == ALLOWED or (forbids and not stays)
    reason = check_approval(m, c, b, approver_in(c, b), bool(needed))
    if reason != NO_REASON:
        return reason
    row = row_for(m, z, c, b)
    m[row + SCOPE_PERMISSION] = action + ONE
    m[row + SCOPE_PERMISSION_FROM] = c[b + S_EFFECTIVE]
    m[row + SCOPE_PERMISSION_UNTIL] = c[b + S_EXPIRES]
    e = scope_event(m, ev, c, b, SETTING_CHANGED)
    ev[e + E_PRICE] = c[b + S_EFFECTIVE]
    ev[e + E_QUANTITY] = c[b + S_EXPIRES]
    ev[e + E_LEAVES] = action
    ev[e + E_VALUE] = kind
    return NO_REASON


@cold
def set_locate(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_LOCATE. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    lots = np.int64(c[b + S_HARD])
    instrument = find_instrument(m, instrument_id)
    account = find_account(m, account_id)
    if instrument == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if lots < 0 or lots > _NUMBER_MAX:
        return refused(m, INVALID_DEFINITION, np.int64(account_id), np.int64(5))
    expires = np.int64(c[b + S_EXPIRES])
    if expires < 0 or (expires != 0 and expires <= np.int64(m[TIME_NS])) or c[b + S_EFFECTIVE] != ZERO:
        return refused(m, INVALID_DEFINITION, np.int64(account_id), np.int64(7))
    reason = check_approval(m, c, b, approver_in(c, b), False)
    if reason != NO_REASON:
        return reason
    position = position_of(m, account, instrument)
    z[position + POSITION_LOCATED] = lots
    z[position + POSITION_LOCATED_UNTIL] = expires
    e = account_setting_event(m, ev, c, b, c[b + C_HEAD] & BYTE, approver_in(c, b), True)
    ev[e + E_QUANTITY] = U(lots)
    ev[e + E_LEAVES] = U(expires)
    return NO_REASON
