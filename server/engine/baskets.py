"""Baskets: several new orders in one group, all accepted or none.

Rules: the first pass checks each order as if those before it were accepted, and holds what it binds; the second lets
them work in turn. A refusal leaves nothing behind but the counters.
"""

import numpy as np

from server.engine.attended import finish
from server.engine.basket_risk import check_basket
from server.engine.bits import halves, high, low
from server.engine.checks import flags_in, time_in_force_in, type_in, works
from server.engine.events import rejected
from server.engine.groups import end_group, kind_at, terms_behind, turn_to
from server.engine.intake import begin_client, refuse
from server.engine.kernel import Signed, Words, cold, inline
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    COMMAND_WORDS,
    NONE,
    ONE,
    ORDER_IDS,
    ORDER_LEAVES,
    ORDER_QUANTITY,
    PUBLIC_IDS,
    ZERO,
)
from server.engine.layout_orders import GROUP_ROWS, K_MINIMUM_QUANTITY
from server.engine.link_terms import check_link, forget_stop, link_named, link_order, part_orders
from server.engine.live_orders import forget, register, unregister
from server.engine.money import bind
from server.engine.refusal import refused
from server.engine.registry import (
    drop_position,
    find_account,
    find_instrument,
    find_position,
    instrument_of,
    position_of,
    position_row_of,
)
from server.engine.resting import take_public_id
from server.engine.special import check_order, make_order, set_to_work
from server.engine.terms_checks import check_all_terms, number_of_terms
from server.engine.vocabulary import INVALID_GROUP, LIMIT, NEW_ORDER, NO_REASON, POST_ONLY
from server.engine.vocabulary_orders import GROUP_REFUSED
from server.engine.vocabulary_stops import NOT_LINKED, ONE_CANCELS_OTHER
from server.engine.waiting import is_stop

_WRONG_ACCOUNT = np.int64(1)
_WRONG_TYPE = np.int64(2)


@inline
def entry_of(m: Words, number: np.uint64) -> np.uint64:
    """Where the table of a group has the row of its order of this number; the high half: it made its position."""
    return m[GROUP_ROWS] + number


@cold
def refuse_others(m: Words, ev: Words, c: Words, b: np.uint64, end: np.uint64, failed: np.uint64) -> None:
    """GROUP_REFUSED for each order that was not refused for a reason of its own (its entry is 0)."""
    at = b
    number = ZERO
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            if m[entry_of(m, number)] == ZERO:
                turn_to(m, c, at)
                reason = refused(m, GROUP_REFUSED, np.int64(failed), np.int64(0))
                rejected(m, ev, c, at, reason)
            number = number + ONE
        at = at + COMMAND_WORDS


@cold
def take_counters(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, end: np.uint64) -> bool:
    """Checks 1 to 4 of each order; says whether all passed, and refuses them if not."""
    at = b
    number = ZERO
    failed = end
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            reason = begin_client(m, z, c, at)
            m[entry_of(m, number)] = reason
            if reason != NO_REASON:
                refuse(m, z, ev, c, at, reason)
                failed = min(failed, number)
            number = number + ONE
        at = at + COMMAND_WORDS
    if failed == end:
        return True
    refuse_others(m, ev, c, b, end, failed)
    return False


@cold
def check_member(m: Words, c: Words, b: np.uint64, t: np.uint64, head: np.uint64, number: np.uint64) -> np.uint64:
    """Check 10c: what a basket asks of each of its orders."""
    if low(c[b + C_ACCOUNT_INSTRUMENT]) != low(c[head + C_ACCOUNT_INSTRUMENT]):
        return refused(m, INVALID_GROUP, np.int64(number), _WRONG_ACCOUNT)
    kind = type_in(c, b)
    fits = kind == LIMIT and works(time_in_force_in(c, b)) and flags_in(c, b) & POST_ONLY == ZERO
    if not (fits or is_stop(kind)) or number_of_terms(c, t, K_MINIMUM_QUANTITY) != 0:
        return refused(m, INVALID_GROUP, np.int64(number), _WRONG_TYPE)
    return NO_REASON


@cold
def hold_member(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    t: np.uint64,
    head: np.uint64,
    end: np.uint64,
    number: np.uint64,
) -> np.uint64:
    """First pass of one order: checked, and held as if it were accepted. Returns why it is refused, or 0."""
    reason = check_all_terms(m, c, b, t, number != ZERO)
    if reason == NO_REASON:
        reason = check_link(m, c, b, t, head, end)
    if reason == NO_REASON:
        reason = check_member(m, c, b, t, head, number)
    if reason != NO_REASON:
        return reason
    account = find_account(m, low(c[b + C_ACCOUNT_INSTRUMENT]))
    instrument = find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT]))
    position = NONE
    if account != NONE and instrument != NONE:
        position = find_position(m, low(c[b + C_ACCOUNT_INSTRUMENT]), high(c[b + C_ACCOUNT_INSTRUMENT]))
    before = low(m[entry_of(m, number - ONE)]) if number != ZERO else NONE
    partner = before if link_named(c, t) == ONE_CANCELS_OTHER else NONE
    reason = check_order(m, z, ev, c, b, t, account, instrument, position, True, partner)
    if reason != NO_REASON:
        return reason
    made = ZERO
    if position == NONE:
        position = position_of(m, account, instrument)
        made = ONE
    order = make_order(m, z, c, b, t, position, instrument)
    if link_named(c, t) == NOT_LINKED:
        bind(m, z, order, z[order + ORDER_QUANTITY])
    else:
        link_order(m, z, c, t, order, low(m[entry_of(m, ZERO)]), before)
    register(m, order)
    m[entry_of(m, number)] = halves(order, made)
    return NO_REASON


@cold
def let_go(m: Words, z: Signed, number: np.uint64) -> None:
    """Undoes the first pass of one order; the last one first."""
    held = m[entry_of(m, number)]
    order = low(held)
    position = position_row_of(m, order)
    part_orders(m, z, order)
    forget_stop(m, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    forget(m, order)
    m[ORDER_IDS] -= ONE
    m[PUBLIC_IDS] -= ONE
    if high(held) != ZERO:
        drop_position(m, position)
    m[entry_of(m, number)] = ZERO


@cold
def hold_all(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, end: np.uint64) -> bool:
    """The first pass; says whether every order passed, and leaves nothing of it if not."""
    at = b
    number = ZERO
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            turn_to(m, c, at)
            reason = hold_member(m, z, ev, c, at, terms_behind(c, at, end), b, end, number)
            if reason != NO_REASON:
                rejected(m, ev, c, at, reason)
                back = number
                while back != ZERO:
                    back = back - ONE
                    let_go(m, z, back)
                m[entry_of(m, number)] = ONE
                refuse_others(m, ev, c, b, end, number)
                return False
            number = number + ONE
        at = at + COMMAND_WORDS
    while number != ZERO:
        number = number - ONE
        unregister(m, low(m[entry_of(m, number)]))
        m[PUBLIC_IDS] -= ONE
    return True


@cold
def passes_on_the_total(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, end: np.uint64) -> bool:
    """What chapter 15 asks of the whole basket; the first order is refused for it."""
    turn_to(m, c, b)
    reason = check_basket(m, z, c, b, end)
    if reason == NO_REASON:
        return True
    rejected(m, ev, c, b, reason)
    m[entry_of(m, ZERO)] = ONE
    refuse_others(m, ev, c, b, end, ZERO)
    return False


@cold
def apply_basket(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, end: np.uint64) -> None:
    """A whole basket, whose shape is known."""
    if not take_counters(m, z, ev, c, b, end):
        return
    clear_entries(m, c, b, end)
    if not passes_on_the_total(m, z, ev, c, b, end) or not hold_all(m, z, ev, c, b, end):
        return
    at = b
    number = ZERO
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            turn_to(m, c, at)
            order = low(m[entry_of(m, number)])
            instrument = instrument_of(m, position_row_of(m, order))
            take_public_id(m, order)
            set_to_work(m, z, ev, md, c, at, terms_behind(c, at, end), order, instrument, True)
            number = number + ONE
        at = at + COMMAND_WORDS
    end_group(m, c, end - COMMAND_WORDS)
    publish_tops(m, z, md, c, b, end)


@cold
def clear_entries(m: Words, c: Words, b: np.uint64, end: np.uint64) -> None:
    """No order of the group is held yet."""
    number = ZERO
    while number < (end - b) // COMMAND_WORDS:
        m[entry_of(m, number)] = ZERO
        number = number + ONE


@cold
def publish_tops(m: Words, z: Signed, md: Words, c: Words, b: np.uint64, end: np.uint64) -> None:
    """TOP of each instrument of a basket, in the order of its records."""
    at = b
    while at < end:
        if kind_at(c, at) == NEW_ORDER:
            finish(m, z, md, find_instrument(m, high(c[at + C_ACCOUNT_INSTRUMENT])))
        at = at + COMMAND_WORDS
