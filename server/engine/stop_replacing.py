"""REPLACE_ORDER of a stop that waits: another stop price, limit, distance or total; what keeps its time.

Rules: a peg, a linked order and a stop that is triggered but has not entered are not replaceable.
"""

import numpy as np

from server.engine.bits import low
from server.engine.checks import check_quantity, flags_in
from server.engine.events import replaced
from server.engine.extensions import extension_of, set_expiry
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, cold, kernel
from server.engine.layout import (
    BYTE,
    C_DISPLAYED,
    C_PRICE,
    C_QUANTITY,
    E_FLAGS_SHIFT,
    E_TIME_IN_FORCE_SHIFT,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_LAST,
    NO_PRICE,
    NONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_ID,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_QUANTITY,
    ORDER_TERMS,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import (
    K_DISPLAY_QUANTITY,
    K_EXPIRE_TIME,
    K_MINIMUM_QUANTITY,
    K_OFFSET,
    K_STOP_PRICE,
)
from server.engine.layout_stops import (
    EXTENSION_OFFSET,
    EXTENSION_STOP_PRICE,
    EXTENSION_TRAIL_PPM,
    IN_BOOK,
    STOP_PLACE,
)
from server.engine.links import link_of
from server.engine.money import bind, cost_of, side_of
from server.engine.money_checks import ask_for
from server.engine.order_events import tell_stop_price
from server.engine.phase_table import TAKES_REPLACES, check_phase
from server.engine.price_rules import check_freshness
from server.engine.refusal import refused
from server.engine.registry import account_of, instrument_of, position_row_of, user_row_of
from server.engine.risk import ASK_REPLACE, check_risk
from server.engine.staying import keep_staying
from server.engine.stop_book import dequeue_stop, enqueue_stop, reached
from server.engine.stop_prices import protected_price
from server.engine.vocabulary import (
    LOSE_PRIORITY,
    NO_REASON,
    PRICE_OUT_OF_RANGE,
    QUANTITY_BELOW_FILLED,
)
from server.engine.vocabulary_orders import (
    CONFIRMED,
    EXPIRY_PASSED,
    GTD,
    NOT_REPLACEABLE,
    PEGGED,
    STOP_LIMIT,
    TRAILING_STOP,
    UNSUPPORTED_TRIGGER,
)
from server.engine.vocabulary_stops import (
    STOP_ALREADY_REACHED,
    TRIGGER_LAST,
    TRIGGER_MARK,
)
from server.engine.waiting import has_last, type_of, where_is
from server.engine.waiting_terms import (
    check_limit,
    check_offset,
    check_valid_stop,
    invalid,
    link_in,
    peg_in,
    trail_ppm_in,
    trigger_in,
)


@cold
def check_replaceable(m: Words, order: np.uint64) -> np.uint64:
    """Behind check 14: whether an order with an extension can be replaced at all."""
    where = where_is(m, order)
    if type_of(m, order) == PEGGED or link_of(m, order) != NONE or (where != IN_BOOK and where != STOP_PLACE):
        return refused(m, NOT_REPLACEABLE, np.int64(m[order + ORDER_ID]), np.int64(0))
    return NO_REASON


@kernel
def stop_price_after(z: Signed, c: Words, t: np.uint64, extension: np.uint64) -> np.int64:
    """The stop price that a replace asks for, or the old one."""
    given = np.int64(c[t + K_STOP_PRICE]) if t != NONE else NO_PRICE
    return given if given != NO_PRICE else z[extension + EXTENSION_STOP_PRICE]


@kernel
def offset_after(m: Words, c: Words, t: np.uint64, extension: np.uint64) -> np.uint64:
    """The distance that a replace asks for, or the old one."""
    return c[t + K_OFFSET] if t != NONE else m[extension + EXTENSION_OFFSET]


@kernel
def trail_ppm_after(m: Words, c: Words, t: np.uint64, extension: np.uint64) -> np.uint64:
    """The distance in parts per million that a replace asks for, or the old one."""
    return trail_ppm_in(c, t) if t != NONE else m[extension + EXTENSION_TRAIL_PPM]


@kernel
def price_after(m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, order: np.uint64) -> np.int64:
    """The limit or protection price that a stop has after a replace."""
    if type_of(m, order) == STOP_LIMIT:
        return np.int64(c[b + C_PRICE])
    stop_price = stop_price_after(z, c, t, extension_of(m, order))
    return protected_price(m, z, instrument_of(m, position_row_of(m, order)), side_of(m, order), stop_price)


@kernel
def check_new_terms(m: Words, c: Words, t: np.uint64, order: np.uint64) -> np.uint64:
    """Checks 10a, 10b and 15a, the terms of a replace."""
    trigger = trigger_in(c, t)
    if trigger != TRIGGER_LAST and trigger <= TRIGGER_MARK:
        return refused(m, UNSUPPORTED_TRIGGER, np.int64(trigger), np.int64(0))
    if c[t + K_DISPLAY_QUANTITY] != ZERO:
        return invalid(m, 2, c[t + K_DISPLAY_QUANTITY])
    if c[t + K_MINIMUM_QUANTITY] != ZERO:
        return invalid(m, 3, c[t + K_MINIMUM_QUANTITY])
    expires = np.int64(c[t + K_EXPIRE_TIME])
    good_till = m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE == GTD
    if expires < 0 or (expires != 0 and not good_till):
        return invalid(m, 4, c[t + K_EXPIRE_TIME])
    reason = check_offset(m, c, t, type_of(m, order))
    if reason != NO_REASON:
        return reason
    if peg_in(c, t) != ZERO:
        return invalid(m, 9, peg_in(c, t))
    if trigger != TRIGGER_LAST:
        return invalid(m, 10, trigger)
    return NO_REASON if link_in(c, t) == ZERO else invalid(m, 11, link_in(c, t))


@kernel
def check_new_numbers(m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, order: np.uint64) -> np.uint64:
    """Checks 15 to 21 of a replace of a waiting stop."""
    instrument = instrument_of(m, position_row_of(m, order))
    reason = check_freshness(m, instrument, c[b + C_DISPLAYED])
    if reason == NO_REASON:
        reason = check_phase(m, instrument, TAKES_REPLACES)
    if reason != NO_REASON:
        return reason
    if t != NONE and c[t + K_EXPIRE_TIME] != ZERO and c[t + K_EXPIRE_TIME] <= m[TIME_NS]:
        return refused(m, EXPIRY_PASSED, np.int64(c[t + K_EXPIRE_TIME]), np.int64(m[TIME_NS]))
    quantity = np.int64(c[b + C_QUANTITY])
    reason = check_quantity(m, z, instrument, quantity)
    if reason != NO_REASON:
        return reason
    price = np.int64(c[b + C_PRICE])
    if type_of(m, order) == STOP_LIMIT:
        reason = check_limit(m, z, instrument, price)
    elif price != NO_PRICE:
        reason = refused(m, PRICE_OUT_OF_RANGE, price, NO_PRICE)
    if reason != NO_REASON:
        return reason
    stop_price = stop_price_after(z, c, t, extension_of(m, order))
    reason = check_valid_stop(m, z, instrument, stop_price)
    if reason != NO_REASON:
        return reason
    filled = z[order + ORDER_QUANTITY] - z[order + ORDER_LEAVES]
    return NO_REASON if quantity > filled else refused(m, QUANTITY_BELOW_FILLED, quantity, filled)


@kernel
def check_again(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, t: np.uint64, order: np.uint64) -> np.uint64:
    """In place of checks 23 to 25, then the risk entry."""
    position = position_row_of(m, order)
    instrument = instrument_of(m, position)
    side = side_of(m, order)
    extension = extension_of(m, order)
    stop_price = stop_price_after(z, c, t, extension)
    last = z[instrument + INSTRUMENT_LAST]
    moved = stop_price != z[extension + EXTENSION_STOP_PRICE]
    if moved and has_last(z, instrument) and reached(side, stop_price, last):
        return refused(m, STOP_ALREADY_REACHED, stop_price, last)
    leaves = z[order + ORDER_LEAVES]
    leaves_after = np.int64(c[b + C_QUANTITY]) - (z[order + ORDER_QUANTITY] - leaves)
    price = price_after(m, z, c, b, t, order)
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    ask_for(m, order)
    return check_risk(
        m,
        z,
        ev,
        ASK_REPLACE,
        user_row_of(m, order),
        position,
        account_of(m, position),
        instrument,
        side,
        flags_in(c, b) & CONFIRMED | m[order + ORDER_TERMS] >> E_FLAGS_SHIFT & BYTE,
        low(m[order + ORDER_ALGORITHM_LEVEL]),
        price,
        leaves_after,
        cost_of(side, price, leaves_after, cash_scale),
        cost_of(side, z[order + ORDER_PRICE], leaves, cash_scale),
        leaves,
    )


@kernel
def keeps_time(m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, order: np.uint64) -> bool:
    """Whether a waiting stop stays before those of the same stop price that came later."""
    extension = extension_of(m, order)
    return bool(
        stop_price_after(z, c, t, extension) == z[extension + EXTENSION_STOP_PRICE]
        and offset_after(m, c, t, extension) == m[extension + EXTENSION_OFFSET]
        and trail_ppm_after(m, c, t, extension) == m[extension + EXTENSION_TRAIL_PPM]
        and (type_of(m, order) != STOP_LIMIT or c[b + C_PRICE] == m[order + ORDER_PRICE])
        and np.int64(c[b + C_QUANTITY]) <= z[order + ORDER_QUANTITY]
        and flags_in(c, b) & LOSE_PRIORITY == ZERO
    )


@cold
def replace_stop(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, t: np.uint64, order: np.uint64) -> np.uint64:
    """REPLACE_ORDER of a stop that waits, with the ORDER_TERMS behind it at `t`. Returns why it is refused, or 0."""
    reason = check_new_terms(m, c, t, order) if t != NONE else NO_REASON
    if reason == NO_REASON:
        reason = check_new_numbers(m, z, c, b, t, order)
    if reason == NO_REASON:
        reason = check_again(m, z, ev, c, b, t, order)
    if reason != NO_REASON:
        return reason
    keep_staying(m, c, b, order)
    extension = extension_of(m, order)
    price = price_after(m, z, c, b, t, order)
    stays = keeps_time(m, z, c, b, t, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    if not stays:
        dequeue_stop(m, order)
    z[extension + EXTENSION_STOP_PRICE] = stop_price_after(z, c, t, extension)
    if type_of(m, order) == TRAILING_STOP:
        m[extension + EXTENSION_OFFSET] = offset_after(m, c, t, extension)
        m[extension + EXTENSION_TRAIL_PPM] = trail_ppm_after(m, c, t, extension)
    if t != NONE and c[t + K_EXPIRE_TIME] != ZERO:
        set_expiry(m, z, order, np.int64(c[t + K_EXPIRE_TIME]))
    if not stays:
        enqueue_stop(m, z, order)
    z[order + ORDER_PRICE] = price
    z[order + ORDER_LEAVES] += np.int64(c[b + C_QUANTITY]) - z[order + ORDER_QUANTITY]
    z[order + ORDER_QUANTITY] = np.int64(c[b + C_QUANTITY])
    bind(m, z, order, z[order + ORDER_LEAVES])
    replaced(m, z, ev, c, b, order)
    tell_stop_price(m, ev, order)
    schedule(m, instrument_of(m, position_row_of(m, order)))
    return NO_REASON
