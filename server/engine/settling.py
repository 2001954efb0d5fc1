"""Settling a link that changed: who of its orders goes, how much the legs work for.

Rules: the steps are those of the rule book's 12.6 and 12.7, in its order. A leg that grows may trade at once; then the
link has changed again, and is settled again.
"""

import numpy as np

from server.engine.bits import low
from server.engine.book import level_of
from server.engine.cancelling import cancel
from server.engine.entering import changed_by_exchange, come_in
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    E_FLAGS_SHIFT,
    E_VALUE,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_LAST,
    LEVEL_QUANTITY,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_QUANTITY,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_stops import (
    EXTENSION_STOP_PRICE,
    HELD_PLACE,
    IN_BOOK,
    LINK_BASIS,
    LINK_BOUND,
    LINK_ENTRY,
    LINK_FILLED,
    LINK_FIRST,
    LINK_IS_CHANGED,
    LINK_LEG_CANCELED,
    LINK_SECOND,
    LINK_TRIGGERED,
    LINK_UNIT,
)
from server.engine.links import dissolve, greater_unit, unit_of
from server.engine.live_orders import forget
from server.engine.market_data import publish
from server.engine.money import bind, cost_of, side_of
from server.engine.money_checks import ask_for
from server.engine.registry import account_of, instrument_of, position_row_of, user_row_of
from server.engine.resting import leave, take_public_id
from server.engine.risk import ASK_RELEASE, check_risk
from server.engine.stop_book import reached
from server.engine.triggering import trigger
from server.engine.vocabulary import NO_REASON, REDUCE
from server.engine.vocabulary_orders import CANCELED_REFUSED
from server.engine.vocabulary_stops import CANCELED_LINKED, RESTATED_LINKED, RESTATED_RELEASED
from server.engine.waiting import has_last, is_stop, stop_waiting, type_of, wait_for_trade, where_is


@kernel
def cancel_part(
    m: Words, z: Signed, ev: Words, md: Words, reason: np.uint64, value: np.uint64, order: np.uint64
) -> None:
    """Cancels an order of a link, if it lives."""
    if order != NONE:
        e, _ = cancel(m, z, ev, md, reason, order)
        ev[e + E_VALUE] = value
        forget(m, order)


@kernel
def cancel_legs(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    reason: np.uint64,
    value: np.uint64,
    link: np.uint64,
    kept: np.uint64,
) -> None:
    """Cancels the legs that live, but not `kept`."""
    if m[link + LINK_FIRST] != kept:
        cancel_part(m, z, ev, md, reason, value, m[link + LINK_FIRST])
    if m[link + LINK_SECOND] != kept:
        cancel_part(m, z, ev, md, reason, value, m[link + LINK_SECOND])


@kernel
def settle_link(m: Words, z: Signed, ev: Words, md: Words, link: np.uint64) -> None:
    """Everything that follows for the orders of a link from what happened to one of them."""
    triggered = m[link + LINK_TRIGGERED] != NONE
    if triggered or m[link + LINK_FILLED] != ZERO:
        cancel_part(m, z, ev, md, CANCELED_LINKED, ZERO, m[link + LINK_ENTRY])
    working = z[link + LINK_BASIS] - z[link + LINK_FILLED]
    if m[link + LINK_LEG_CANCELED] != ZERO:
        cancel_legs(m, z, ev, md, CANCELED_LINKED, ZERO, link, NONE)
    elif triggered:
        cancel_legs(m, z, ev, md, CANCELED_LINKED, ZERO, link, m[link + LINK_TRIGGERED])
    if m[link + LINK_ENTRY] == NONE if m[link + LINK_BASIS] == ZERO else working == 0:
        cancel_legs(m, z, ev, md, CANCELED_LINKED, ZERO, link, NONE)
    m[link + LINK_LEG_CANCELED] = ZERO  # its own cancels are no news to it
    m[link + LINK_IS_CHANGED] = ZERO
    if working > 0 and triggered:
        shrink_to(m, z, ev, md, m[link + LINK_FIRST], working)
        shrink_to(m, z, ev, md, m[link + LINK_SECOND], working)
    elif working > 0:
        fit_legs(m, z, ev, md, link, working)
    if m[link + LINK_IS_CHANGED] == ZERO:
        end_link(m, z, link)


@kernel
def end_link(m: Words, z: Signed, link: np.uint64) -> None:
    """A link of one order or none ends; a leg that is left holds its own."""
    first = m[link + LINK_FIRST]
    second = m[link + LINK_SECOND]
    entry = m[link + LINK_ENTRY]
    if (first != NONE and second != NONE) or (entry != NONE and (first != NONE or second != NONE)):
        return
    leg = first if first != NONE else second
    if leg != NONE:
        bind(m, z, leg, -z[link + LINK_BOUND])
    dissolve(m, link)
    if leg != NONE:
        bind(m, z, leg, z[leg + ORDER_LEAVES])


@kernel
def needs_more(m: Words, z: Signed, leg: np.uint64, working: np.int64) -> bool:
    """Whether a leg, if it lives, works for less than it should."""
    return bool(leg != NONE and (where_is(m, leg) == HELD_PLACE or z[leg + ORDER_LEAVES] < working))


@kernel
def fit_legs(m: Words, z: Signed, ev: Words, md: Words, link: np.uint64, working: np.int64) -> None:
    """Gives the legs the quantity that they are to work for, and holds it."""
    first = m[link + LINK_FIRST]
    second = m[link + LINK_SECOND]
    if first == NONE and second == NONE:
        return
    if needs_more(m, z, first, working) or needs_more(m, z, second, working):
        reason = check_growth(m, z, ev, link, working)
        if reason != NO_REASON:
            m[link + LINK_IS_CHANGED] = ONE  # so that these cancels do not settle it once more
            cancel_legs(m, z, ev, md, CANCELED_REFUSED, reason, link, NONE)
            m[link + LINK_LEG_CANCELED] = ZERO
            m[link + LINK_IS_CHANGED] = ZERO
            return
    hold(m, z, link, working)
    fit_leg(m, z, ev, md, first, working)
    if m[link + LINK_SECOND] == second:
        fit_leg(m, z, ev, md, second, working)


@inline
def one_leg(m: Words, link: np.uint64) -> np.uint64:
    """A leg that lives: the first, else the second, else none."""
    return m[link + LINK_FIRST] if m[link + LINK_FIRST] != NONE else m[link + LINK_SECOND]


@kernel
def hold(m: Words, z: Signed, link: np.uint64, quantity: np.int64) -> None:
    """The legs, of which one lives, hold so many lots from now on, at the greater of their reserves."""
    leg = one_leg(m, link)
    bind(m, z, leg, -z[link + LINK_BOUND])
    z[link + LINK_UNIT] = greater_unit(m, z, link)
    bind(m, z, leg, quantity)


@kernel
def check_growth(m: Words, z: Signed, ev: Words, link: np.uint64, working: np.int64) -> np.uint64:
    """The risk entry for the quantity that the legs are to work for, at the price that holds more."""
    leg = one_leg(m, link)
    second = m[link + LINK_SECOND]
    if second != NONE and unit_of(m, z, second) > unit_of(m, z, leg):
        leg = second
    position = position_row_of(m, leg)
    instrument = instrument_of(m, position)
    side = side_of(m, leg)
    price = z[leg + ORDER_PRICE]
    ask_for(m, leg)
    return check_risk(
        m,
        z,
        ev,
        ASK_RELEASE,
        user_row_of(m, leg),
        position,
        account_of(m, position),
        instrument,
        side,
        m[leg + ORDER_TERMS] >> E_FLAGS_SHIFT & BYTE,
        low(m[leg + ORDER_ALGORITHM_LEVEL]),
        price,
        working,
        cost_of(side, price, working, z[instrument + INSTRUMENT_CASH_SCALE]),
        z[link + LINK_UNIT] * z[link + LINK_BOUND],
        z[link + LINK_BOUND],
    )


@kernel
def fit_leg(m: Words, z: Signed, ev: Words, md: Words, leg: np.uint64, working: np.int64) -> None:
    """Gives one leg, if it lives, its quantity: it keeps its place where that falls, loses it where it grows."""
    if leg == NONE:
        return
    leaves = z[leg + ORDER_LEAVES]
    where = where_is(m, leg)
    if where != HELD_PLACE and leaves == working:
        return
    if where != HELD_PLACE and leaves > working:
        shrink_to(m, z, ev, md, leg, working)
        return
    added = working - leaves
    if where == IN_BOOK:
        leave(m, z, md, leg)
    else:
        stop_waiting(m, leg)
    if where == HELD_PLACE:
        added = working
        z[leg + ORDER_QUANTITY] = working
    else:
        z[leg + ORDER_QUANTITY] += added
    z[leg + ORDER_LEAVES] = working
    take_public_id(m, leg)
    if not is_stop(type_of(m, leg)):
        changed_by_exchange(m, z, ev, RESTATED_RELEASED, leg, U(added))
        come_in(m, z, ev, md, leg, True)
        return
    wait_for_trade(m, z, leg)
    changed_by_exchange(m, z, ev, RESTATED_RELEASED, leg, U(added))
    instrument = instrument_of(m, position_row_of(m, leg))
    stop_price = z[extension_of(m, leg) + EXTENSION_STOP_PRICE]
    if has_last(z, instrument) and reached(side_of(m, leg), stop_price, z[instrument + INSTRUMENT_LAST]):
        trigger(m, z, ev, leg)


@kernel
def shrink_to(m: Words, z: Signed, ev: Words, md: Words, leg: np.uint64, working: np.int64) -> None:
    """Takes what is too much from a leg, if it lives, which keeps its place."""
    if leg == NONE or z[leg + ORDER_LEAVES] <= working:
        return
    went = z[leg + ORDER_LEAVES] - working
    z[leg + ORDER_QUANTITY] -= went
    z[leg + ORDER_LEAVES] -= went
    changed_by_exchange(m, z, ev, RESTATED_LINKED, leg, U(went))
    if where_is(m, leg) == IN_BOOK:
        level = level_of(m, leg)
        z[level + LEVEL_QUANTITY] -= went
        instrument = instrument_of(m, position_row_of(m, leg))
        publish(m, md, REDUCE, instrument, side_of(m, leg), leg, z[leg + ORDER_PRICE], went, level)
