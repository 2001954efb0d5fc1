"""MASS_QUOTE: many two-sided quotes in one message, each set whole or refused whole.

Rules: an entry is judged as if the old quote of its instrument had gone already; only when both sides have passed does
the old one go and the new one come.
"""

import numpy as np

from server.engine.bits import halves, high, low
from server.engine.checks import check_flags, check_order_price, check_quantity, flags_in
from server.engine.events import accepted, command_event, refusal_words
from server.engine.exposure import count_live, count_message
from server.engine.indicative import schedule
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    ACCOUNT_CURRENCY,
    ACCOUNT_ORDERS,
    ACCOUNT_ORDERS_MAX,
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_CAPACITY_SHIFT,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_GROUP_DECISION_MAKER,
    C_SEQUENCE,
    C_TIME,
    COMMAND_USER,
    COMMAND_WORDS,
    E_CAPACITY_SHIFT,
    E_CLIENT_INSTANCE,
    E_COUNTER,
    E_FLAGS_SHIFT,
    E_INSTRUMENT_SESSION,
    E_LABEL,
    E_LEAVES,
    E_PRICE,
    E_QUANTITY,
    E_STATE_SHIFT,
    E_TERMS,
    E_TIME_IN_FORCE_SHIFT,
    E_TYPE_SHIFT,
    E_USER_ACCOUNT,
    HALF,
    ID_PREFIX,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
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
    SEQUENCE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_money import ACCOUNT_MONEY_TERMS, TERMS_CURRENCIES_SHIFT
from server.engine.layout_phases import INSTRUMENT_PRODUCT_GROUP, INTERRUPTED
from server.engine.layout_risk import (
    ASK,
    ASK_WEIGHT,
    ASK_WORDS,
    E_SCOPE_SHIFT,
    POSITION_QUOTE,
    PROTECTION_TRIGGERED,
    Q_BID_PRICE,
    Q_LABEL,
    RISK_IN_USE,
)
from server.engine.live_orders import discard, forget
from server.engine.mass_actions import answer, check_trader, finish_all
from server.engine.memory import find_order, take_new, take_order
from server.engine.money import bind, cost_of
from server.engine.money_checks import prepare
from server.engine.phase_table import TAKES_LIMITS, check_phase
from server.engine.phases import interrupt
from server.engine.protection import find_protection
from server.engine.quote_links import link_quote
from server.engine.refusal import refused, refused_of
from server.engine.registry import (
    account_of,
    drop_position,
    find_account,
    find_instrument,
    find_position,
    id_of,
    instrument_of,
    position_of,
)
from server.engine.resting import withdraw
from server.engine.risk import ASK_QUOTE, check_risk
from server.engine.vocabulary import (
    BUY,
    DAY,
    LIMIT,
    NO_REASON,
    NOT_PERMITTED,
    PRICE_OUT_OF_RANGE,
    REJECTED,
    SELL,
    STATE_REJECTED,
    TOO_MANY_ORDERS,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_risk import ACCOUNT, CONFIRMED, MASS_QUOTED, PROTECTION_ACTIVE, QUOTE_REPLACED
from server.engine.working import work

_TWO = ONE + ONE


@inline
def price_in(c: Words, at: np.uint64, side: np.uint64) -> np.int64:
    """The price of a side of an entry."""
    return np.int64(c[at + Q_BID_PRICE + side * _TWO])


@inline
def quantity_in(c: Words, at: np.uint64, side: np.uint64) -> np.int64:
    """The quantity of a side of an entry; 0: no such side."""
    return np.int64(c[at + Q_BID_PRICE + side * _TWO + ONE])


@inline
def old_order(m: Words, position: np.uint64, side: np.uint64) -> np.uint64:
    """The order that is a side of the quote now, or none; the position may be none."""
    return m[position + POSITION_QUOTE + side] if position != NONE else NONE


@cold
def mass_quote(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, end: np.uint64) -> np.uint64:
    """MASS_QUOTE with its entries. Returns the reason for which the head is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    reason = check_flags(m, flags_in(c, b), CONFIRMED)
    if reason == NO_REASON:
        reason = check_trader(m, c, b, account_id)
    if reason != NO_REASON:
        return reason
    account = find_account(m, account_id)
    taken = ZERO
    refusals = ZERO
    at = b + COMMAND_WORDS
    while at < end:
        m[SEQUENCE] = c[at + C_SEQUENCE]
        m[TIME_NS] = c[at + C_TIME]
        if quote_entry(m, z, ev, md, c, b, at, account):
            taken = taken + ONE
        else:
            refusals = refusals + ONE
        at = at + COMMAND_WORDS
    e = answer(m, ev, c, b, MASS_QUOTED)
    ev[e + E_USER_ACCOUNT] |= account_id << HALF
    ev[e + E_QUANTITY] = taken
    ev[e + E_LEAVES] = refusals
    finish_all(m, z, md)
    return NO_REASON


@kernel
def quote_entry(
    m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, at: np.uint64, account: np.uint64
) -> bool:
    """One entry: sets the quote of its instrument, or is refused; says whether it was taken."""
    instrument_id = high(c[at + C_ACCOUNT_INSTRUMENT])
    instrument = find_instrument(m, instrument_id)
    reason, side = check_entry(m, z, c, at, account, instrument)
    if reason == NO_REASON:
        position = find_position(m, id_of(m, account), instrument_id)
        if quantity_in(c, at, BUY) != 0 or quantity_in(c, at, SELL) != 0:
            made = position == NONE
            if made:
                position = position_of(m, account, instrument)
            reason, side = try_quote(m, z, ev, c, b, at, account, instrument, position)
            if made and reason != NO_REASON:
                drop_position(m, position)
        if reason == NO_REASON:
            replace_quote(m, z, ev, md, c, b, at, instrument, position)
            return True
    refuse_entry(m, ev, c, b, at, reason, side)
    return False


@kernel
def check_entry(
    m: Words, z: Signed, c: Words, at: np.uint64, account: np.uint64, instrument: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Steps 1 to 6 of the rule book: the reason, or 0, and the side that it is about."""
    if instrument == NONE:
        instrument_id = np.int64(high(c[at + C_ACCOUNT_INSTRUMENT]))
        return refused(m, UNKNOWN_INSTRUMENT, instrument_id, np.int64(0)), BUY
    currency = m[instrument + INSTRUMENT_CURRENCY]
    others = m[account + ACCOUNT_MONEY_TERMS] >> TERMS_CURRENCIES_SHIFT
    if currency != m[account + ACCOUNT_CURRENCY] and others == ZERO:
        return refused(m, NOT_PERMITTED, np.int64(currency), np.int64(m[account + ACCOUNT_CURRENCY])), BUY
    if quantity_in(c, at, BUY) == 0 and quantity_in(c, at, SELL) == 0:
        return NO_REASON, BUY
    reason = check_protection(m, account, instrument)
    if reason == NO_REASON:
        reason = check_phase(m, instrument, TAKES_LIMITS)
    if reason != NO_REASON:
        return reason, BUY
    for side in (BUY, SELL):
        if quantity_in(c, at, side) != 0:
            reason = check_quantity(m, z, instrument, quantity_in(c, at, side))
            if reason == NO_REASON:
                price = price_in(c, at, side)
                reason = check_order_price(m, z, instrument, side, False, price, quantity_in(c, at, side))
            if reason != NO_REASON:
                return reason, side
    return check_pair(m, c, at, account), BUY


@kernel
def check_protection(m: Words, account: np.uint64, instrument: np.uint64) -> np.uint64:
    """PROTECTION_ACTIVE."""
    group = m[instrument + INSTRUMENT_PRODUCT_GROUP]
    row = find_protection(m, id_of(m, account), group)
    if row == NONE or m[row + PROTECTION_TRIGGERED] == ZERO:
        return NO_REASON
    nothing = np.int64(0)
    scope = id_of(m, account) | ACCOUNT << E_SCOPE_SHIFT
    return refused_of(m, PROTECTION_ACTIVE, np.int64(group), nothing, nothing, nothing, scope)


@kernel
def check_pair(m: Words, c: Words, at: np.uint64, account: np.uint64) -> np.uint64:
    """Steps 5 and 6: the sides do not cross, and there may be so many orders."""
    both = quantity_in(c, at, BUY) != 0 and quantity_in(c, at, SELL) != 0
    if both and price_in(c, at, BUY) >= price_in(c, at, SELL):
        return refused(m, PRICE_OUT_OF_RANGE, price_in(c, at, BUY), price_in(c, at, SELL))
    position = find_position(m, id_of(m, account), high(c[at + C_ACCOUNT_INSTRUMENT]))
    live = m[account + ACCOUNT_ORDERS]
    for side in (BUY, SELL):
        if old_order(m, position, side) != NONE:
            live = live - ONE
        if quantity_in(c, at, side) != 0:
            live = live + ONE
    most = m[account + ACCOUNT_ORDERS_MAX]
    if live > most:
        return refused(m, TOO_MANY_ORDERS, np.int64(most), np.int64(most))
    return NO_REASON


@kernel
def try_quote(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    at: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Step 7, on books as if the old quote had gone; leaves everything as it was but what risk has counted."""
    lift_old(m, z, position, False)
    bid = NONE
    reason = NO_REASON
    side = BUY
    if quantity_in(c, at, BUY) != 0:
        reason = ask_risk(m, z, ev, c, b, at, account, instrument, position, BUY)
        if reason == NO_REASON:
            bid = draft(m, c, b, at, position, BUY)
            weigh(m, z, bid, z[bid + ORDER_LEAVES], True)
    if reason == NO_REASON and quantity_in(c, at, SELL) != 0:
        side = SELL
        reason = ask_risk(m, z, ev, c, b, at, account, instrument, position, SELL)
    if bid != NONE:
        weigh(m, z, bid, -z[bid + ORDER_LEAVES], False)
        discard(m, bid)
    lift_old(m, z, position, True)
    return reason, side


@kernel
def weigh(m: Words, z: Signed, order: np.uint64, lots: np.int64, begins: bool) -> None:
    """Puts an order on the books of money and risk, or takes it from them, without any place or event."""
    bind(m, z, order, lots)
    if m[RISK_IN_USE] != ZERO:
        count_live(m, order, begins)


@kernel
def lift_old(m: Words, z: Signed, position: np.uint64, back: bool) -> None:
    """Takes the old quote from the books of money and risk, or puts it back."""
    for side in (BUY, SELL):
        order = old_order(m, position, side)
        if order != NONE:
            lots = z[order + ORDER_LEAVES]
            weigh(m, z, order, lots if back else -lots, back)


@kernel
def ask_risk(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    at: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
    side: np.uint64,
) -> np.uint64:
    """The risk entry for one side."""
    price = price_in(c, at, side)
    quantity = quantity_in(c, at, side)
    cost = cost_of(side, price, quantity, z[instrument + INSTRUMENT_CASH_SCALE])
    if m[RISK_IN_USE] != ZERO:
        if m[ASK] == NONE:
            m[ASK] = take_new(m, ASK_WORDS)
        m[m[ASK] + ASK_WEIGHT] = _TWO if old_order(m, position, side) != NONE else ONE
    user = m[COMMAND_USER]
    algorithm = low(c[b + C_ALGORITHM_TERMS])
    nothing = np.int64(0)
    return check_risk(
        m,
        z,
        ev,
        ASK_QUOTE,
        user,
        position,
        account,
        instrument,
        side,
        flags_in(c, b),
        algorithm,
        price,
        quantity,
        cost,
        nothing,
        nothing,
    )


@kernel
def draft(m: Words, c: Words, b: np.uint64, at: np.uint64, position: np.uint64, side: np.uint64) -> np.uint64:
    """The row of a side of a quote, without ids."""
    order = take_order(m)
    terms = side | LIMIT << E_TYPE_SHIFT | DAY << E_TIME_IN_FORCE_SHIFT
    m[order + ORDER_ID] = ZERO
    m[order + ORDER_PUBLIC_ID] = ZERO
    m[order + ORDER_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    m[order + ORDER_COUNTER] = c[b + C_COUNTER]
    m[order + ORDER_LABEL] = ZERO
    m[order + ORDER_LABEL + ONE] = ZERO
    m[order + ORDER_USER_POSITION] = halves(m[COMMAND_USER], position)
    m[order + ORDER_TERMS] = terms | (c[b + C_ALGORITHM_TERMS] >> C_CAPACITY_SHIFT & BYTE) << E_CAPACITY_SHIFT
    m[order + ORDER_PRICE] = U(price_in(c, at, side))
    m[order + ORDER_QUANTITY] = U(quantity_in(c, at, side))
    m[order + ORDER_LEAVES] = U(quantity_in(c, at, side))
    m[order + ORDER_GROUP_DECISION_MAKER] = c[b + C_GROUP_DECISION_MAKER]
    m[order + ORDER_ALGORITHM_LEVEL] = low(c[b + C_ALGORITHM_TERMS])
    m[order + ORDER_EXTENSION] = NONE
    prepare(m, order, account_of(m, position), instrument_of(m, position))
    return order


@kernel
def replace_quote(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    c: Words,
    b: np.uint64,
    at: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
) -> None:
    """The old quote goes, the new one comes and trades with what it reaches."""
    for side in (BUY, SELL):
        order = old_order(m, position, side)
        if order != NONE:
            withdraw(m, z, ev, md, QUOTE_REPLACED, order)
            schedule(m, instrument)
            if m[RISK_IN_USE] != ZERO and quantity_in(c, at, side) == 0:
                count_message(m, z, order, np.int64(1), np.int64(0))
            forget(m, order)
    for side in (BUY, SELL):
        if quantity_in(c, at, side) != 0:
            order = draft(m, c, b, at, position, side)
            m[ORDER_IDS] += ONE
            m[PUBLIC_IDS] += ONE
            m[order + ORDER_ID] = m[ID_PREFIX] | m[ORDER_IDS]
            m[order + ORDER_PUBLIC_ID] = m[ID_PREFIX] | m[PUBLIC_IDS]
            order_id = m[order + ORDER_ID]
            accepted(m, ev, c, b, order)
            bind(m, z, order, z[order + ORDER_LEAVES])
            work(m, z, ev, md, order, instrument)
            if find_order(m, order_id) == order:
                link_quote(m, order)
            if m[INTERRUPTED] != NONE:
                interrupt(m, z, ev, md)


@kernel
def refuse_entry(
    m: Words, ev: Words, c: Words, b: np.uint64, at: np.uint64, reason: np.uint64, side: np.uint64
) -> None:
    """REJECTED of one entry; the next one goes on."""
    e = command_event(m, ev, c, b, REJECTED, reason)
    ev[e + E_USER_ACCOUNT] |= c[b + C_ACCOUNT_INSTRUMENT] << HALF
    ev[e + E_INSTRUMENT_SESSION] |= high(c[at + C_ACCOUNT_INSTRUMENT])
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_COUNTER] = c[b + C_COUNTER]
    ev[e + E_LABEL] = c[at + Q_LABEL]
    ev[e + E_LABEL + ONE] = c[at + Q_LABEL + ONE]
    terms = side | LIMIT << E_TYPE_SHIFT | DAY << E_TIME_IN_FORCE_SHIFT | STATE_REJECTED << E_STATE_SHIFT
    capacity = (c[b + C_ALGORITHM_TERMS] >> C_CAPACITY_SHIFT & BYTE) << E_CAPACITY_SHIFT
    ev[e + E_TERMS] = terms | capacity | (flags_in(c, b) & BYTE) << E_FLAGS_SHIFT
    ev[e + E_PRICE] = U(price_in(c, at, side))
    ev[e + E_QUANTITY] = U(quantity_in(c, at, side))
    refusal_words(m, ev, e)
