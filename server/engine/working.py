"""An accepted order: its row, how it works, how it ends before it is filled."""

import numpy as np

from server.engine.attended import finish
from server.engine.bits import halves, low
from server.engine.cancelling import cancel
from server.engine.checks import flags_in, works
from server.engine.events import canceled, position_event, terms_of
from server.engine.extensions import extension_of
from server.engine.indicative import schedule
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    C_ALGORITHM_TERMS,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_GROUP_DECISION_MAKER,
    C_LABEL,
    C_PRICE,
    C_QUANTITY,
    COMMAND_USER,
    E_TIME_IN_FORCE_SHIFT,
    ID_PREFIX,
    INSTRUMENT_PHASE,
    NONE,
    ONE,
    ORDER_ALGORITHM_LEVEL,
    ORDER_CLIENT_INSTANCE,
    ORDER_COUNTER,
    ORDER_EXTENSION,
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
from server.engine.layout_orders import EXTENSION_TIMER
from server.engine.live_orders import discard, forget, register
from server.engine.matching import CHANGED, ENDED, TRADED, UNTOUCHED, may_meet, meet
from server.engine.memory import take_order
from server.engine.money import bind
from server.engine.money_checks import prepare
from server.engine.phase_table import MATCHING, among
from server.engine.registry import account_of, instrument_of, position_row_of, user_row_of
from server.engine.resting import rest
from server.engine.vocabulary import IMMEDIATE_REMAINDER
from server.engine.vocabulary_orders import CANCELED_EXPIRED


@inline
def create(m: Words, c: Words, b: np.uint64, position: np.uint64) -> np.uint64:
    """The row of an accepted order, with its ids."""
    order = take_order(m)
    number = m[ORDER_IDS] + ONE
    public_number = m[PUBLIC_IDS] + ONE
    prefix = m[ID_PREFIX]
    m[ORDER_IDS] = number
    m[PUBLIC_IDS] = public_number
    m[order + ORDER_ID] = prefix | number
    m[order + ORDER_PUBLIC_ID] = prefix | public_number
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
    m[order + ORDER_EXTENSION] = NONE
    prepare(m, order, account_of(m, position), instrument_of(m, position))
    return order


@inline
def work(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64, instrument: np.uint64) -> bool:
    """An order just accepted meets the other side where trading is continuous; the rest stays or goes.

    Says whether the best of a side may be another now.
    """
    outcome = UNTOUCHED
    if among(MATCHING, m[instrument + INSTRUMENT_PHASE]) and may_meet(m, z, instrument, order):
        outcome = meet(m, z, ev, md, order)
    traded = outcome & TRADED != ZERO
    if m[order + ORDER_LEAVES] == ZERO or outcome & ENDED != ZERO:
        if traded:
            settle_aggressor(m, ev, order)
        discard(m, order)
        return True
    if works(m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE):
        register(m, order)
        at_best = rest(m, z, md, order)
        schedule(m, instrument)
        if traded:
            settle_aggressor(m, ev, order)
        return bool(at_best or outcome & CHANGED != ZERO)
    canceled(m, ev, IMMEDIATE_REMAINDER, order)
    bind(m, z, order, -z[order + ORDER_LEAVES])
    if traded:
        settle_aggressor(m, ev, order)
    discard(m, order)
    return bool(outcome & CHANGED != ZERO)


@inline
def settle_aggressor(m: Words, ev: Words, order: np.uint64) -> None:
    """The POSITION of an order that traded on arrival."""
    position_event(m, ev, user_row_of(m, order), position_row_of(m, order), ZERO)


@kernel
def expire_order(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64) -> None:
    """The time of an order is over; its timer is gone already."""
    m[extension_of(m, order) + EXTENSION_TIMER] = NONE
    instrument = instrument_of(m, position_row_of(m, order))
    cancel(m, z, ev, md, CANCELED_EXPIRED, order)
    forget(m, order)
    finish(m, z, md, instrument)
