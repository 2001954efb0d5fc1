"""REPLACE_ORDER: another price, another total; what keeps the place in the queue and what loses it."""

import numpy as np

from server.engine.attended import finish
from server.engine.auction_orders import has_no_price, is_queue, line_up, worst_price
from server.engine.bits import low
from server.engine.book import level_of
from server.engine.checks import (
    check_flags,
    check_order_price,
    check_post_only,
    check_quantity,
    flags_in,
)
from server.engine.events import replaced
from server.engine.extensions import display_of, extension_of, is_hidden, set_display, set_expiry
from server.engine.groups import end_group
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, cold, inline, kernel
from server.engine.layout import (
    BYTE,
    C_DISPLAYED,
    C_ORDER_ID,
    C_PRICE,
    C_QUANTITY,
    E_FLAGS_SHIFT,
    E_TIME_IN_FORCE_SHIFT,
    E_TYPE_SHIFT,
    ID_PREFIX,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_PHASE,
    LEVEL_QUANTITY,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_PUBLIC_ID,
    ORDER_QUANTITY,
    ORDER_TERMS,
    PUBLIC_IDS,
    ZERO,
)
from server.engine.layout_orders import K_DISPLAY_QUANTITY, K_EXPIRE_TIME
from server.engine.layout_phases import INTERRUPTED
from server.engine.layout_stops import STOP_PLACE
from server.engine.live_orders import forget, named_order
from server.engine.market_data import publish
from server.engine.matching import ENDED, TRADED, UNTOUCHED, may_meet, meet
from server.engine.money import bind, cost_of, side_of
from server.engine.money_checks import ask_for
from server.engine.order_events import tell_stop_price
from server.engine.phase_table import MATCHING, TAKES_REPLACES, among, check_phase, trades_at_once
from server.engine.phases import interrupt
from server.engine.price_rules import check_freshness
from server.engine.refusal import refused
from server.engine.registry import account_of, instrument_of, position_row_of, user_row_of
from server.engine.resting import leave, rest, take_unshown_first
from server.engine.risk import ASK_REPLACE, check_risk
from server.engine.special import check_display, check_expiry
from server.engine.staying import keep_staying
from server.engine.stop_replacing import check_replaceable, replace_stop
from server.engine.terms_checks import (
    TERMS_DISPLAY,
    TERMS_EXPIRY,
    TERMS_LINK,
    TERMS_STOP_PRICE,
    is_lasting,
    is_neutral,
    number_of_terms,
    term,
)
from server.engine.vocabulary import (
    LIMIT,
    LOSE_PRIORITY,
    NO_REASON,
    POST_ONLY,
    QUANTITY_BELOW_FILLED,
    REDUCE,
    UNKNOWN_ORDER,
)
from server.engine.vocabulary_orders import CONFIRMED, GTD, INVALID_TERMS, STAYS
from server.engine.waiting import where_is
from server.engine.working import settle_aggressor


@inline
def keeps_place(m: Words, c: Words, b: np.uint64, order: np.uint64) -> bool:
    """Whether a replace leaves the order where it is: same price, no more in total, and it does not ask to lose it."""
    return bool(
        c[b + C_PRICE] == m[order + ORDER_PRICE]
        and np.int64(c[b + C_QUANTITY]) <= np.int64(m[order + ORDER_QUANTITY])
        and flags_in(c, b) & LOSE_PRIORITY == ZERO
    )


@inline
def filled_of(z: Signed, order: np.uint64) -> np.int64:
    """How much of an order has been filled."""
    return z[order + ORDER_QUANTITY] - z[order + ORDER_LEAVES]


@inline
def check_numbers(m: Words, z: Signed, c: Words, b: np.uint64, order: np.uint64) -> np.uint64:
    """Checks 15 to 19 of a replace."""
    instrument = instrument_of(m, position_row_of(m, order))
    price = np.int64(c[b + C_PRICE])
    quantity = np.int64(c[b + C_QUANTITY])
    reason = check_freshness(m, instrument, c[b + C_DISPLAYED])
    if reason == NO_REASON:
        reason = check_phase(m, instrument, TAKES_REPLACES)
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, quantity)
    if reason == NO_REASON:
        reason = check_order_price(m, z, instrument, side_of(m, order), has_no_price(m, order), price, quantity)
    return reason


@inline
def check_change(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, order: np.uint64, stays: bool) -> np.uint64:
    """Checks 21 to 28 of a replace; `stays`: it keeps the place."""
    position = position_row_of(m, order)
    instrument = instrument_of(m, position)
    account = account_of(m, position)
    side = side_of(m, order)
    price = np.int64(c[b + C_PRICE])
    quantity = np.int64(c[b + C_QUANTITY])
    leaves = z[order + ORDER_LEAVES]
    filled = filled_of(z, order)
    if quantity <= filled:
        return refused(m, QUANTITY_BELOW_FILLED, quantity, filled)
    post_only = m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & POST_ONLY != ZERO
    if post_only and trades_at_once(m[instrument + INSTRUMENT_PHASE]) and not stays:
        reason = check_post_only(m, instrument, side, price)
        if reason != NO_REASON:
            return reason
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    market = has_no_price(m, order)
    worst = worst_price(z, instrument, side)
    cost = cost_of(side, worst if market else price, quantity - filled, cash_scale)
    held = cost_of(side, worst if market else z[order + ORDER_PRICE], leaves, cash_scale)
    user = user_row_of(m, order)
    flags = flags_in(c, b) & CONFIRMED | m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & BYTE
    algorithm = low(m[order + ORDER_ALGORITHM_LEVEL])
    leaves_after = quantity - filled
    ask_for(m, order)
    return check_risk(
        m,
        z,
        ev,
        ASK_REPLACE,
        user,
        position,
        account,
        instrument,
        side,
        flags,
        algorithm,
        price,
        leaves_after,
        cost,
        held,
        leaves,
    )


@kernel
def replace_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """REPLACE_ORDER, with the ORDER_TERMS behind it at `t`. Returns the reason for which it is refused, or 0."""
    reason = check_flags(m, flags_in(c, b), LOSE_PRIORITY | CONFIRMED | STAYS)
    if reason != NO_REASON:
        return reason
    order = named_order(m, c, b)
    if order == NONE:
        return refused(m, UNKNOWN_ORDER, np.int64(c[b + C_ORDER_ID]), np.int64(0))
    instrument = instrument_of(m, position_row_of(m, order))
    if t != NONE or extension_of(m, order) != NONE:
        reason = check_replaceable(m, order)
        if reason == NO_REASON:
            if where_is(m, order) == STOP_PLACE:
                reason = replace_stop(m, z, ev, c, b, t, order)
            else:
                reason = replace_apart(m, z, ev, md, c, b, t, order)
        if reason == NO_REASON:
            end_group(m, c, t)
            finish(m, z, md, instrument)
        return reason
    stays = keeps_place(m, c, b, order)
    reason = check_numbers(m, z, c, b, order)
    if reason == NO_REASON:
        reason = check_change(m, z, ev, c, b, order, stays)
    if reason != NO_REASON:
        return reason
    keep_staying(m, c, b, order)
    if stays:
        reduce(m, z, ev, md, c, b, order)
        schedule(m, instrument)
    else:
        move(m, z, ev, md, c, b, order)
    finish(m, z, md, instrument)
    return NO_REASON


@cold
def check_new_terms(m: Words, c: Words, t: np.uint64, order: np.uint64) -> np.uint64:
    """INVALID_TERMS of a replace: an order that rests can have another display_quantity, a GTD one another expiry."""
    terms = m[order + ORDER_TERMS]
    time_in_force = terms >> E_TIME_IN_FORCE_SHIFT & BYTE
    number = TERMS_STOP_PRICE
    while number <= TERMS_LINK:
        value = term(c, t, number)
        if number == TERMS_DISPLAY:
            limit_that_stays = terms >> E_TYPE_SHIFT & BYTE == LIMIT and is_lasting(time_in_force)
            fits = value == 0 or (value > 0 and limit_that_stays and not is_hidden(m, order))
        elif number == TERMS_EXPIRY:
            fits = value == 0 or (value > 0 and time_in_force == GTD)
        else:
            fits = is_neutral(number, value)
        if not fits:
            return refused(m, INVALID_TERMS, np.int64(number), value)
        number = number + ONE
    return NO_REASON


@inline
def display_after(m: Words, z: Signed, c: Words, t: np.uint64, order: np.uint64) -> np.int64:
    """The display_quantity that an order has after a replace."""
    if t != NONE:
        return np.int64(c[t + K_DISPLAY_QUANTITY])
    return display_of(m, z, order)


@cold
def check_apart(
    m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, t: np.uint64, order: np.uint64, stays: bool
) -> np.uint64:
    """Checks 15 to 28 of a replace of an order that is not plain, or with terms."""
    instrument = instrument_of(m, position_row_of(m, order))
    reason = check_new_terms(m, c, t, order) if t != NONE else NO_REASON
    if reason == NO_REASON:
        reason = check_freshness(m, instrument, c[b + C_DISPLAYED])
    if reason == NO_REASON:
        reason = check_phase(m, instrument, TAKES_REPLACES)
    if reason == NO_REASON and number_of_terms(c, t, K_EXPIRE_TIME) != 0:
        reason = check_expiry(m, number_of_terms(c, t, K_EXPIRE_TIME))
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, np.int64(c[b + C_QUANTITY]))
    if reason == NO_REASON:
        display = display_after(m, z, c, t, order)
        reason = check_display(m, display, np.int64(c[b + C_QUANTITY]), t != NONE)
    if reason == NO_REASON:
        reason = check_order_price(
            m,
            z,
            instrument,
            side_of(m, order),
            has_no_price(m, order),
            np.int64(c[b + C_PRICE]),
            np.int64(c[b + C_QUANTITY]),
        )
    if reason == NO_REASON:
        reason = check_change(m, z, ev, c, b, order, stays)
    return reason


@cold
def replace_apart(
    m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, t: np.uint64, order: np.uint64
) -> np.uint64:
    """A replace of an order that is not plain, or with terms. Returns the reason for which it is refused, or 0."""
    display = display_after(m, z, c, t, order)
    stays = keeps_place(m, c, b, order) and display == display_of(m, z, order)
    reason = check_apart(m, z, ev, c, b, t, order, stays)
    if reason != NO_REASON:
        return reason
    keep_staying(m, c, b, order)
    if number_of_terms(c, t, K_EXPIRE_TIME) != 0:
        set_expiry(m, z, order, np.int64(c[t + K_EXPIRE_TIME]))
    if stays:
        reduce_apart(m, z, ev, md, c, b, order)
        schedule(m, instrument_of(m, position_row_of(m, order)))
        return NO_REASON
    if display != 0 or display_of(m, z, order) != 0:
        set_display(m, z, order, display, np.int64(c[b + C_QUANTITY]))
    move(m, z, ev, md, c, b, order)
    return NO_REASON


@cold
def reduce_apart(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """`reduce` of an order that may not show all: what is not shown goes first."""
    went = z[order + ORDER_QUANTITY] - np.int64(c[b + C_QUANTITY])
    shown = take_unshown_first(m, z, order, went)
    replaced(m, z, ev, c, b, order)
    tell_stop_price(m, ev, order)
    if shown > 0 and not is_queue(m, level_of(m, order)):
        instrument = instrument_of(m, position_row_of(m, order))
        level = level_of(m, order)
        publish(m, md, REDUCE, instrument, side_of(m, order), order, z[order + ORDER_PRICE], shown, level)


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
    if went > 0 and not is_queue(m, level):
        instrument = instrument_of(m, position_row_of(m, order))
        publish(m, md, REDUCE, instrument, side_of(m, order), order, z[order + ORDER_PRICE], went, level)


@inline
def move(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """A replace that takes a new place, after meeting what the new price reaches."""
    instrument = instrument_of(m, position_row_of(m, order))
    bind(m, z, order, -z[order + ORDER_LEAVES])
    queue = level_of(m, order) if is_queue(m, level_of(m, order)) else NONE
    leave(m, z, md, order)
    filled = z[order + ORDER_QUANTITY] - z[order + ORDER_LEAVES]
    m[PUBLIC_IDS] += ONE
    m[order + ORDER_PUBLIC_ID] = m[ID_PREFIX] | m[PUBLIC_IDS]
    m[order + ORDER_PRICE] = c[b + C_PRICE]
    m[order + ORDER_QUANTITY] = c[b + C_QUANTITY]
    z[order + ORDER_LEAVES] = np.int64(c[b + C_QUANTITY]) - filled
    bind(m, z, order, z[order + ORDER_LEAVES])
    replaced(m, z, ev, c, b, order)
    tell_stop_price(m, ev, order)
    outcome = UNTOUCHED
    if queue == NONE and among(MATCHING, m[instrument + INSTRUMENT_PHASE]) and may_meet(m, z, instrument, order):
        outcome = meet(m, z, ev, md, order)
    rests = m[order + ORDER_LEAVES] != ZERO and outcome & ENDED == ZERO
    if queue != NONE:
        line_up(m, z, queue, order)
        schedule(m, instrument)
    elif rests:
        rest(m, z, md, order)
        schedule(m, instrument)
    if outcome & TRADED != ZERO:
        settle_aggressor(m, ev, order)
    if not rests:
        forget(m, order)
    if m[INTERRUPTED] != NONE:
        interrupt(m, z, ev, md)
