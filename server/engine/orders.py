"""What the four order commands do once they are allowed: new, cancel, replace, mass cancel."""

import numpy as np

from server.engine.bits import halves, high, low
from server.engine.book import level_of
from server.engine.checks import (
    check_cash,
    check_flags,
    check_new,
    check_phase,
    check_position,
    check_post_only,
    check_price,
    check_quantity,
    check_terms,
    flags_in,
    side_in,
    works,
)
from server.engine.events import (
    accepted,
    canceled,
    caused_by,
    command_event,
    position_event,
    replaced,
    terms_of,
)
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_GROUP_DECISION_MAKER,
    C_LABEL,
    C_ORDER_ID,
    C_PRICE,
    C_QUANTITY,
    C_SESSION_USER,
    COMMAND_USER,
    E_CLIENT_INSTANCE,
    E_COUNTER,
    E_FLAGS_SHIFT,
    E_INSTRUMENT_SESSION,
    E_QUANTITY,
    E_TERMS,
    E_TIME_IN_FORCE_SHIFT,
    E_USER_ACCOUNT,
    FIRST_INSTRUMENT,
    FREE_ORDER,
    HALF,
    ID_PREFIX,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_NEXT,
    INSTRUMENT_PHASE,
    LEVEL_QUANTITY,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_CLIENT_INSTANCE,
    ORDER_COUNTER,
    ORDER_GROUP_DECISION_MAKER,
    ORDER_ID,
    ORDER_IDS,
    ORDER_LABEL,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_PUBLIC_ID,
    ORDER_QUANTITY,
    ORDER_TERMS,
    ORDER_USER_POSITION,
    PUBLIC_IDS,
    ZERO,
)
from server.engine.live_orders import first_order_of, forget, next_order_of, register
from server.engine.market_data import publish, publish_top
from server.engine.matching import leave, meet, rest
from server.engine.memory import find_label, find_order, give_back, take_order
from server.engine.money import bind, reserve_of, side_of
from server.engine.refusal import refused
from server.engine.registry import (
    account_id_of,
    account_of,
    find_account,
    find_instrument,
    find_position,
    instrument_id_of,
    instrument_of,
    may_trade,
    position_of,
    position_row_of,
    user_row_of,
)
from server.engine.vocabulary import (
    BOTH_SIDES,
    CONTINUOUS,
    IMMEDIATE_REMAINDER,
    INVALID_SIDE,
    LOSE_PRIORITY,
    MASS_CANCELED,
    MASS_CANCELLATION,
    NO_REASON,
    NOT_PERMITTED,
    POST_ONLY,
    QUANTITY_BELOW_FILLED,
    REDUCE,
    REQUESTED,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
    UNKNOWN_ORDER,
)


@inline
def new_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """NEW_ORDER. Returns the reason for which it is refused, or 0."""
    reason = check_terms(m, c, b)
    if reason != NO_REASON:
        return reason
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    position = find_position(m, account_id, instrument_id)
    if position != NONE and account_id != ZERO:
        account = account_of(m, position)
        instrument = instrument_of(m, position)
    else:
        account = find_account(m, account_id)
        instrument = find_instrument(m, instrument_id)
    reason = check_new(m, z, c, b, account, instrument, position)
    if reason != NO_REASON:
        return reason
    if position == NONE:
        position = position_of(m, account, instrument)
    order = create(m, c, b, position)
    accepted(m, ev, c, b, order)
    bind(m, z, order, z[order + ORDER_QUANTITY])
    if work(m, z, ev, md, order, instrument):
        publish_top(m, z, md, instrument)
    return NO_REASON


@inline
def create(m: Words, c: Words, b: np.uint64, position: np.uint64) -> np.uint64:
    """The row of an accepted order, with its ids."""
    order = take_order(m)
    m[ORDER_IDS] += ONE
    m[PUBLIC_IDS] += ONE
    m[order + ORDER_ID] = m[ID_PREFIX] | m[ORDER_IDS]
    m[order + ORDER_PUBLIC_ID] = m[ID_PREFIX] | m[PUBLIC_IDS]
    m[order + ORDER_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    m[order + ORDER_COUNTER] = c[b + C_COUNTER]
    m[order + ORDER_LABEL] = c[b + C_LABEL]
    m[order + ORDER_LABEL + ONE] = c[b + C_LABEL + ONE]
    m[order + ORDER_USER_POSITION] = halves(m[COMMAND_USER], position)
    m[order + ORDER_TERMS] = terms_of(c[b + C_ALGORITHM_TERMS], flags_in(c, b))
    m[order + ORDER_PRICE] = c[b + C_PRICE]
    m[order + ORDER_QUANTITY] = c[b + C_QUANTITY]
    m[order + ORDER_LEAVES] = c[b + C_QUANTITY]
    m[order + ORDER_GROUP_DECISION_MAKER] = c[b + C_GROUP_DECISION_MAKER]
    m[order + ORDER_ALGORITHM_LEVEL] = low(c[b + C_ALGORITHM_TERMS])
    return order


@inline
def work(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64, instrument: np.uint64) -> bool:
    """An order just accepted meets the other side where trading is continuous; the rest stays or goes.

    Says whether the best of a side may be another now.
    """
    phase = m[instrument + INSTRUMENT_PHASE]
    traded = meet(m, z, ev, md, order) if phase == CONTINUOUS else False
    if m[order + ORDER_LEAVES] == ZERO:
        settle_aggressor(m, ev, order)
        discard(m, order)
        return True
    if works(m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE):
        register(m, order)
        at_best = rest(m, z, md, order)
        schedule(m, instrument)
        if traded:
            settle_aggressor(m, ev, order)
        return traded or at_best
    canceled(m, ev, IMMEDIATE_REMAINDER, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    if traded:
        settle_aggressor(m, ev, order)
    discard(m, order)
    return traded


@kernel
def settle_aggressor(m: Words, ev: Words, order: np.uint64) -> None:
    """The POSITION of an order that traded on arrival."""
    position_event(m, ev, user_row_of(m, order), position_row_of(m, order), ZERO)


@inline
def discard(m: Words, order: np.uint64) -> None:
    """Frees the row of an order that never rested."""
    give_back(m, FREE_ORDER, order)


@inline
def named_order(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The live order that a cancel or replace names, by id or else by label, if its user may trade it; or none."""
    order_id = c[b + C_ORDER_ID]
    if order_id != ZERO:
        order = find_order(m, order_id)
    else:
        order = find_label(m, m[COMMAND_USER], c[b + C_LABEL], c[b + C_LABEL + ONE])
    if order != NONE:
        account_id = account_id_of(m, position_row_of(m, order))
        if not may_trade(m, high(c[b + C_SESSION_USER]), account_id):
            return NONE
    return order


@inline
def cancel(m: Words, z: Signed, ev: Words, md: Words, reason: np.uint64, order: np.uint64) -> tuple[np.uint64, bool]:
    """Ends a resting order: event, reserve, place. Returns where its event begins, and whether it was a best one."""
    e = canceled(m, ev, reason, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    was_best = leave(m, z, md, order)
    schedule(m, instrument_of(m, position_row_of(m, order)))
    return e, was_best


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
    forget(m, order)
    if was_best:
        publish_top(m, z, md, instrument)
    return NO_REASON


@inline
def keeps_place(m: Words, c: Words, b: np.uint64, order: np.uint64) -> bool:
    """Whether a replace leaves the order where it is: same price, no more in total, and it does not ask to lose it."""
    return bool(
        c[b + C_PRICE] == m[order + ORDER_PRICE]
        and np.int64(c[b + C_QUANTITY]) <= np.int64(m[order + ORDER_QUANTITY])
        and flags_in(c, b) & LOSE_PRIORITY == ZERO
    )


@inline
def check_replace(m: Words, z: Signed, c: Words, b: np.uint64, order: np.uint64) -> np.uint64:
    """Checks 15 to 28 of a replace."""
    position = position_row_of(m, order)
    instrument = instrument_of(m, position)
    account = account_of(m, position)
    side = side_of(m, order)
    price = np.int64(c[b + C_PRICE])
    quantity = np.int64(c[b + C_QUANTITY])
    leaves = z[order + ORDER_LEAVES]
    filled = z[order + ORDER_QUANTITY] - leaves
    reason = check_phase(m, instrument, False)
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, quantity)
    if reason == NO_REASON:
        reason = check_price(m, z, instrument, price)
    if reason != NO_REASON:
        return reason
    if quantity <= filled:
        return refused(m, QUANTITY_BELOW_FILLED, quantity, filled)
    post_only = m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & POST_ONLY != ZERO
    if post_only and m[instrument + INSTRUMENT_PHASE] == CONTINUOUS and not keeps_place(m, c, b, order):
        reason = check_post_only(m, instrument, side, price)
        if reason != NO_REASON:
            return reason
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    released = reserve_of(side, z[order + ORDER_PRICE], leaves, cash_scale)
    reason = check_cash(m, z, account, reserve_of(side, price, quantity - filled, cash_scale), released)
    if reason == NO_REASON:
        reason = check_position(m, z, account, position, side, quantity - filled, leaves)
    return reason


@kernel
def replace_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """REPLACE_ORDER. Returns the reason for which it is refused, or 0."""
    reason = check_flags(m, flags_in(c, b), LOSE_PRIORITY)
    if reason != NO_REASON:
        return reason
    order = named_order(m, c, b)
    if order == NONE:
        return refused(m, UNKNOWN_ORDER, np.int64(c[b + C_ORDER_ID]), np.int64(0))
    reason = check_replace(m, z, c, b, order)
    if reason != NO_REASON:
        return reason
    instrument = instrument_of(m, position_row_of(m, order))
    if keeps_place(m, c, b, order):
        reduce(m, z, ev, md, c, b, order)
        schedule(m, instrument)
    else:
        move(m, z, ev, md, c, b, order)
    publish_top(m, z, md, instrument)
    return NO_REASON


@inline
def reduce(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """A replace that keeps the place: the total may shrink."""
    went = z[order + ORDER_QUANTITY] - np.int64(c[b + C_QUANTITY])
    bind(m, z, order, -went)
    level = level_of(m, order)
    z[order + ORDER_QUANTITY] -= went
    z[order + ORDER_LEAVES] -= went
    z[level + LEVEL_QUANTITY] -= went
    replaced(m, z, ev, c, b, order)
    if went > 0:
        instrument = instrument_of(m, position_row_of(m, order))
        publish(m, md, REDUCE, instrument, side_of(m, order), order, z[order + ORDER_PRICE], went, level)


@inline
def move(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """A replace that takes a new place, after meeting what the new price reaches."""
    instrument = instrument_of(m, position_row_of(m, order))
    bind(m, z, order, -z[order + ORDER_LEAVES])
    leave(m, z, md, order)
    filled = z[order + ORDER_QUANTITY] - z[order + ORDER_LEAVES]
    m[PUBLIC_IDS] += ONE
    m[order + ORDER_PUBLIC_ID] = m[ID_PREFIX] | m[PUBLIC_IDS]
    m[order + ORDER_PRICE] = c[b + C_PRICE]
    m[order + ORDER_QUANTITY] = c[b + C_QUANTITY]
    z[order + ORDER_LEAVES] = np.int64(c[b + C_QUANTITY]) - filled
    bind(m, z, order, z[order + ORDER_LEAVES])
    replaced(m, z, ev, c, b, order)
    traded = meet(m, z, ev, md, order) if m[instrument + INSTRUMENT_PHASE] == CONTINUOUS else False
    if m[order + ORDER_LEAVES] != ZERO:
        rest(m, z, md, order)
        schedule(m, instrument)
    if traded:
        settle_aggressor(m, ev, order)
    if m[order + ORDER_LEAVES] == ZERO:
        forget(m, order)


@kernel
def check_mass_cancel(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Checks 7 to 13 of a mass cancel."""
    side = side_in(c, b)
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    user_id = high(c[b + C_SESSION_USER])
    if side > BOTH_SIDES:
        return refused(m, INVALID_SIDE, np.int64(side), np.int64(0))
    reason = check_flags(m, flags_in(c, b), ZERO)
    if reason != NO_REASON:
        return reason
    if instrument_id != ZERO and find_instrument(m, instrument_id) == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    if find_account(m, account_id) == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if not may_trade(m, user_id, account_id):
        return refused(m, NOT_PERMITTED, np.int64(user_id), np.int64(account_id))
    return NO_REASON


@kernel
def mass_cancel(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """MASS_CANCEL. Returns the reason for which it is refused, or 0."""
    reason = check_mass_cancel(m, c, b)
    if reason != NO_REASON:
        return reason
    names = c[b + C_ACCOUNT_INSTRUMENT]
    wanted = high(names)
    side = side_in(c, b)
    count = ZERO
    order = first_order_of(m, find_account(m, low(names)))
    while order != NONE:
        after = next_order_of(m, order)
        instrument_id = instrument_id_of(m, position_row_of(m, order))
        if (wanted == ZERO or wanted == instrument_id) and (side == BOTH_SIDES or side == side_of(m, order)):
            cancel(m, z, ev, md, MASS_CANCELLATION, order)
            forget(m, order)
            count = count + ONE
        order = after
    e = command_event(m, ev, c, b, MASS_CANCELED, ZERO)
    ev[e + E_USER_ACCOUNT] |= names << HALF
    ev[e + E_INSTRUMENT_SESSION] |= wanted
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_COUNTER] = c[b + C_COUNTER]
    ev[e + E_TERMS] = side
    ev[e + E_QUANTITY] = count
    instrument = m[FIRST_INSTRUMENT]
    while instrument != NONE:
        publish_top(m, z, md, instrument)
        instrument = m[instrument + INSTRUMENT_NEXT]
    return NO_REASON
