"""What the four order commands do once they are allowed: new, cancel, replace, mass cancel."""

import numpy as np

from server.engine.attended import finish
from server.engine.bits import high, low
from server.engine.cancelling import cancel
from server.engine.checks import (
    check_flags,
    check_new,
    flags_in,
    is_plain,
    time_in_force_in,
    type_in,
    works,
)
from server.engine.events import (
    accepted,
    caused_by,
)
from server.engine.exposure import count_message
from server.engine.groups import end_group
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ORDER_ID,
    NONE,
    ORDER_QUANTITY,
    ZERO,
)
from server.engine.layout_orders import ACCOUNT_SELF_TRADE
from server.engine.layout_phases import INSTRUMENT_PROTECTION, INTERRUPTED
from server.engine.layout_risk import RISK_IN_USE
from server.engine.live_orders import forget, named_order
from server.engine.money import bind
from server.engine.phases import interrupt
from server.engine.refusal import refused
from server.engine.registry import (
    account_of,
    find_account,
    find_instrument,
    find_position,
    instrument_of,
    position_of,
    position_row_of,
)
from server.engine.special import enter_order
from server.engine.vocabulary import (
    MARKET,
    NO_REASON,
    REQUESTED,
    UNKNOWN_ORDER,
)
from server.engine.vocabulary_orders import OWN_MODE
from server.engine.working import create, work


@inline
def new_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """NEW_ORDER. Returns the reason for which it is refused, or 0."""
    if not is_plain(c, b):
        return enter_alone(m, z, ev, md, c, b, NONE)
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    position = find_position(m, account_id, instrument_id)
    if position != NONE and account_id != ZERO:
        account = account_of(m, position)
        instrument = instrument_of(m, position)
    else:
        account = find_account(m, account_id)
        instrument = find_instrument(m, instrument_id)
    if needs_walk(m, c, b, account, instrument):
        return enter_alone(m, z, ev, md, c, b, NONE)
    reason = check_new(m, z, ev, c, b, account, instrument, position)
    if reason != NO_REASON:
        return reason
    if position == NONE:
        position = position_of(m, account, instrument)
    order = create(m, c, b, position)
    accepted(m, ev, c, b, order)
    bind(m, z, order, z[order + ORDER_QUANTITY])
    touched = work(m, z, ev, md, order, instrument)
    if m[INTERRUPTED] != NONE:
        interrupt(m, z, ev, md)
    if touched:
        finish(m, z, md, instrument)
    return NO_REASON


@inline
def needs_walk(m: Words, c: Words, b: np.uint64, account: np.uint64, instrument: np.uint64) -> bool:
    """Whether a plain order that does not rest is looked at closer: own orders, or a protection, may stop it."""
    if works(time_in_force_in(c, b)) or account == NONE or instrument == NONE:
        return False
    guarded = m[account + ACCOUNT_SELF_TRADE] & BYTE != OWN_MODE
    return bool(guarded or (type_in(c, b) == MARKET and m[instrument + INSTRUMENT_PROTECTION] != ZERO))


@cold
def enter_alone(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """A NEW_ORDER that is not plain, with the ORDER_TERMS behind it at `t`. Returns why it is refused, or 0."""
    reason = enter_order(m, z, ev, md, c, b, t)
    if reason == NO_REASON:
        end_group(m, c, t)
        finish(m, z, md, find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT])))
    return reason


@inline
def cancel_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """CANCEL_ORDER. Returns the reason for which it is refused, or 0."""
    reason = check_flags(m, flags_in(c, b), ZERO)
    if reason != NO_REASON:
        return reason
    order = named_order(m, c, b)
    if order == NONE:
        return refused(m, UNKNOWN_ORDER, np.int64(c[b + C_ORDER_ID]), np.int64(0))
    instrument = instrument_of(m, position_row_of(m, order))
    e, was_best = cancel(m, z, ev, md, REQUESTED, order)
    caused_by(m, ev, c, b, e, order)
    if m[RISK_IN_USE] != ZERO:
        count_message(m, z, order, np.int64(1), np.int64(0))
    forget(m, order)
    if was_best:
        finish(m, z, md, instrument)
    return NO_REASON
