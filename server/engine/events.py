"""Writing events: 24 words each, at the end of those of this batch.

Rules: every event belongs to one user and takes the next number of that user's stream; a field that the rule book
does not name is 0. The writers return where the event begins, so that a caller adds what only it knows.
"""

import numpy as np

from server.engine.bits import halves, low
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CREDIT_LIMIT,
    ACCOUNT_POSITION_MAX,
    ACCOUNT_RESERVED,
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_CAPACITY_SHIFT,
    C_CLIENT_INSTANCE,
    C_COUNTER,
    C_FLAGS_SHIFT,
    C_HEAD,
    C_LABEL,
    C_PRICE,
    C_QUANTITY,
    C_SESSION_USER,
    C_SIDE_SHIFT,
    C_TIME_IN_FORCE_SHIFT,
    C_TYPE_SHIFT,
    COMMAND_USER,
    E_CAPACITY_SHIFT,
    E_CLIENT_INSTANCE,
    E_COMMAND_SEQUENCE,
    E_COUNTER,
    E_FEE,
    E_FILLED,
    E_FLAGS_SHIFT,
    E_HEAD,
    E_INSTRUMENT_SESSION,
    E_LABEL,
    E_LAST_PRICE,
    E_LAST_QUANTITY,
    E_LEAVES,
    E_LIMIT,
    E_LIQUIDITY_SHIFT,
    E_ORDER_ID,
    E_OWN_TERMS,
    E_PRICE,
    E_PUBLIC_ID,
    E_QUANTITY,
    E_REASON_SHIFT,
    E_SEQUENCE,
    E_STATE_SHIFT,
    E_STREAM_SEQUENCE,
    E_TERMS,
    E_TIME,
    E_TIME_IN_FORCE_SHIFT,
    E_TRADE_ID,
    E_TYPE_SHIFT,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_HEAD,
    EVENT_WORDS,
    EVENTS,
    EVENTS_USED,
    HALF,
    ID_PREFIX,
    INSTRUMENT_CURRENCY,
    ONE,
    ORDER_CLIENT_INSTANCE,
    ORDER_COUNTER,
    ORDER_ID,
    ORDER_LABEL,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_PUBLIC_ID,
    ORDER_QUANTITY,
    ORDER_TERMS,
    P_CASH,
    P_COST,
    P_CREDIT_LIMIT,
    P_NET,
    P_OPEN_BUY,
    P_OPEN_SELL,
    P_POSITION_MAX,
    P_REALISED,
    P_RESERVED,
    PAIR,
    POSITION_COST,
    POSITION_NET,
    POSITION_OPEN,
    POSITION_REALISED,
    REFUSED_LIMIT,
    REFUSED_VALUE,
    SEQUENCE,
    TIME_NS,
    TRADE_IDS,
    USER_STREAM,
    ZERO,
)
from server.engine.layout_money import (
    P_CURRENCY_LOTS,
    P_FEES,
    P_INCOME,
    P_MARK,
    P_SPARE,
    POSITION_FEES,
    POSITION_INCOME,
    POSITION_LOTS,
    POSITION_MARK,
    POSITION_MONEY,
)
from server.engine.layout_risk import (
    E_REQUESTED,
    E_SCOPE,
    E_USED,
    REFUSED_BY_RISK,
    REFUSED_REQUESTED,
    REFUSED_SCOPE,
    REFUSED_USED,
)
from server.engine.registry import (
    account_id_of,
    id_of,
    instrument_id_of,
    instrument_of,
    position_row_of,
    user_row_of,
)
from server.engine.switches import WITH_EVENTS
from server.engine.vocabulary import (
    ACCEPTED,
    CANCELED,
    EXECUTED,
    POSITION,
    REJECTED,
    REPLACED,
    STATE_CANCELED,
    STATE_FILLED,
    STATE_NEW,
    STATE_PARTIALLY_FILLED,
    STATE_REJECTED,
)


@inline
def begin(m: Words, ev: Words, kind: np.uint64, reason: np.uint64, user: np.uint64) -> np.uint64:
    """The head of an event of a user's row: kind, numbers, time. Returns where it begins."""
    if not WITH_EVENTS:  # nothing is counted; what seldom happens writes the rest of its event to no end
        return ZERO
    e = m[EVENTS_USED]
    number = m[EVENTS] + ONE
    stream = m[user + USER_STREAM] + ONE
    head = m[EVENT_HEAD] | kind | reason << E_REASON_SHIFT
    sequence = m[SEQUENCE]
    time_ns = m[TIME_NS]
    m[EVENTS_USED] = e + EVENT_WORDS  # all read before any is written, here and below
    m[EVENTS] = number
    m[user + USER_STREAM] = stream
    ev[e + E_HEAD] = head
    ev[e + E_SEQUENCE] = number
    ev[e + E_COMMAND_SEQUENCE] = sequence
    ev[e + E_TIME] = time_ns
    ev[e + E_STREAM_SEQUENCE] = stream
    return e


@inline
def clear(ev: Words, e: np.uint64, first: np.uint64, last: np.uint64) -> None:
    """Zeros from word `first` to word `last`."""
    word = e + first
    while word <= e + last:
        ev[word] = ZERO
        word = word + ONE


@inline
def state_of(m: Words, z: Signed, order: np.uint64) -> np.uint64:
    """The state of an order that was accepted and not cancelled."""
    if m[order + ORDER_LEAVES] == ZERO:
        return STATE_FILLED
    return STATE_NEW if m[order + ORDER_LEAVES] == m[order + ORDER_QUANTITY] else STATE_PARTIALLY_FILLED


@inline
def order_event(
    m: Words, ev: Words, kind: np.uint64, reason: np.uint64, order: np.uint64, marks: np.uint64
) -> np.uint64:
    """An event of an order as it stands, session 0; `marks` are further bits of the word of its terms."""
    if not WITH_EVENTS:
        return ZERO
    user = user_row_of(m, order)
    position = position_row_of(m, order)
    e = begin(m, ev, kind, reason, user)
    names = halves(low(id_of(m, user)), account_id_of(m, position))
    instrument_id = instrument_id_of(m, position)
    order_id = m[order + ORDER_ID]
    public_id = m[order + ORDER_PUBLIC_ID]
    client_instance = m[order + ORDER_CLIENT_INSTANCE]
    counter = m[order + ORDER_COUNTER]
    label_0 = m[order + ORDER_LABEL]
    label_1 = m[order + ORDER_LABEL + ONE]
    terms = m[order + ORDER_TERMS]
    price = m[order + ORDER_PRICE]
    quantity = m[order + ORDER_QUANTITY]
    leaves = m[order + ORDER_LEAVES]
    ev[e + E_USER_ACCOUNT] = names
    ev[e + E_INSTRUMENT_SESSION] = instrument_id
    ev[e + E_ORDER_ID] = order_id  # all read before any is written: the compiler moves several words at once
    ev[e + E_PUBLIC_ID] = public_id
    ev[e + E_CLIENT_INSTANCE] = client_instance
    ev[e + E_COUNTER] = counter
    ev[e + E_LABEL] = label_0
    ev[e + E_LABEL + ONE] = label_1
    ev[e + E_TERMS] = terms & E_OWN_TERMS | marks
    ev[e + E_PRICE] = price
    ev[e + E_QUANTITY] = quantity
    ev[e + E_LEAVES] = leaves
    ev[e + E_FILLED] = quantity - leaves
    ev[e + E_LAST_PRICE] = ZERO
    ev[e + E_LAST_QUANTITY] = ZERO
    ev[e + E_TRADE_ID] = ZERO
    ev[e + E_VALUE] = ZERO
    ev[e + E_LIMIT] = ZERO
    ev[e + E_FEE] = ZERO
    return e


@inline
def caused_by(m: Words, ev: Words, c: Words, b: np.uint64, e: np.uint64, order: np.uint64) -> None:
    """Names the command that an order event answers, unless another user than the order's sent it."""
    if not WITH_EVENTS:
        return
    if user_row_of(m, order) == m[COMMAND_USER]:
        session = low(c[b + C_SESSION_USER])
        ev[e + E_INSTRUMENT_SESSION] |= session << HALF
        ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
        ev[e + E_COUNTER] = c[b + C_COUNTER]


@inline
def accepted(m: Words, ev: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """ACCEPTED: the order as it was when it came."""
    e = order_event(m, ev, ACCEPTED, ZERO, order, STATE_NEW << E_STATE_SHIFT)
    caused_by(m, ev, c, b, e, order)


@inline
def replaced(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """REPLACED: the order after the change."""
    e = order_event(m, ev, REPLACED, ZERO, order, state_of(m, z, order) << E_STATE_SHIFT)
    caused_by(m, ev, c, b, e, order)


@inline
def canceled(m: Words, ev: Words, reason: np.uint64, order: np.uint64) -> np.uint64:
    """CANCELED: what is left of an order goes."""
    e = order_event(m, ev, CANCELED, reason, order, STATE_CANCELED << E_STATE_SHIFT)
    if not WITH_EVENTS:
        return e
    ev[e + E_LAST_QUANTITY] = m[order + ORDER_LEAVES]
    ev[e + E_LEAVES] = ZERO
    return e


@inline
def executed(
    m: Words,
    z: Signed,
    ev: Words,
    order: np.uint64,
    liquidity: np.uint64,
    price: np.int64,
    quantity: np.int64,
    fee: np.int64,
) -> None:
    """EXECUTED: one side of the trade that was numbered last."""
    if not WITH_EVENTS:
        return
    marks = state_of(m, z, order) << E_STATE_SHIFT | liquidity << E_LIQUIDITY_SHIFT
    e = order_event(m, ev, EXECUTED, ZERO, order, marks)
    ev[e + E_LAST_PRICE] = U(price)
    ev[e + E_LAST_QUANTITY] = U(quantity)
    ev[e + E_TRADE_ID] = m[TRADE_IDS] | m[ID_PREFIX]
    ev[e + E_FEE] = U(fee)


@inline
def position_event(m: Words, ev: Words, user: np.uint64, position: np.uint64, session: np.uint64) -> None:
    """POSITION: a position and its account's money in its currency as they stand."""
    if not WITH_EVENTS:
        return
    describe_position(m, ev, begin(m, ev, POSITION, ZERO, user), user, position, session)


@inline
def describe_position(
    m: Words, ev: Words, e: np.uint64, user: np.uint64, position: np.uint64, session: np.uint64
) -> None:
    """Everything of a POSITION that begins at `e` but its head."""
    names = halves(low(id_of(m, user)), account_id_of(m, position))
    instrument_id = instrument_id_of(m, position)
    net = m[position + POSITION_NET]
    cost = m[position + POSITION_COST]
    realised = m[position + POSITION_REALISED]
    open_buy = m[position + POSITION_OPEN]
    open_sell = m[position + POSITION_OPEN + ONE]
    money = low(m[position + POSITION_MONEY])
    currency = m[instrument_of(m, position) + INSTRUMENT_CURRENCY]
    lots = m[position + POSITION_LOTS]
    fees = m[position + POSITION_FEES]
    income = m[position + POSITION_INCOME]
    mark = m[position + POSITION_MARK]
    ev[e + E_USER_ACCOUNT] = names
    ev[e + E_INSTRUMENT_SESSION] = halves(instrument_id, session)
    ev[e + P_NET] = net
    ev[e + P_COST] = cost
    ev[e + P_REALISED] = realised
    ev[e + P_OPEN_BUY] = open_buy
    ev[e + P_OPEN_SELL] = open_sell
    account_money(m, ev, e, money)
    ev[e + P_CURRENCY_LOTS] = halves(currency, lots)
    ev[e + P_FEES] = fees
    ev[e + P_INCOME] = income
    ev[e + P_MARK] = mark
    ev[e + P_SPARE] = ZERO
    ev[e + P_SPARE + ONE] = ZERO
    ev[e + P_SPARE + U(2)] = ZERO
    ev[e + P_SPARE + U(3)] = ZERO


@inline
def account_money(m: Words, ev: Words, e: np.uint64, money: np.uint64) -> None:
    """The cash and the limits of a POSITION, from an account's row or a balance's."""
    cash = m[money + ACCOUNT_CASH]
    reserved = m[money + ACCOUNT_RESERVED]
    credit_limit = m[money + ACCOUNT_CREDIT_LIMIT]
    position_max = m[money + ACCOUNT_POSITION_MAX]
    ev[e + P_CASH] = cash
    ev[e + P_RESERVED] = reserved
    ev[e + P_CREDIT_LIMIT] = credit_limit
    ev[e + P_POSITION_MAX] = position_max


@kernel
def money_event(
    m: Words, ev: Words, kind: np.uint64, account: np.uint64, money: np.uint64, currency: np.uint64, session: np.uint64
) -> None:
    """POSITION without an instrument, or BALANCE: an account's money alone, for the commanding user."""
    user = m[COMMAND_USER]
    e = begin(m, ev, kind, ZERO, user)
    ev[e + E_USER_ACCOUNT] = halves(low(id_of(m, user)), low(id_of(m, account)))
    ev[e + E_INSTRUMENT_SESSION] = halves(ZERO, session)
    clear(ev, e, P_NET, P_OPEN_SELL)
    account_money(m, ev, e, money)
    clear(ev, e, P_CURRENCY_LOTS, EVENT_WORDS - ONE)
    ev[e + P_CURRENCY_LOTS] = currency


@kernel
def command_event(m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64, reason: np.uint64) -> np.uint64:
    """An event of the commanding user with its session and no more."""
    user = m[COMMAND_USER]
    e = begin(m, ev, kind, reason, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = low(id_of(m, user))
    ev[e + E_INSTRUMENT_SESSION] = halves(ZERO, low(c[b + C_SESSION_USER]))
    return e


@kernel
def rejected(m: Words, ev: Words, c: Words, b: np.uint64, reason: np.uint64) -> np.uint64:
    """REJECTED: the command's own fields, the reason, the offending value and the limit."""
    if not WITH_EVENTS:
        return ZERO
    e = command_event(m, ev, c, b, REJECTED, reason)
    names = c[b + C_ACCOUNT_INSTRUMENT]
    terms = c[b + C_ALGORITHM_TERMS]
    ev[e + E_USER_ACCOUNT] |= names << HALF
    ev[e + E_INSTRUMENT_SESSION] |= names >> HALF
    ev[e + E_CLIENT_INSTANCE] = c[b + C_CLIENT_INSTANCE]
    ev[e + E_COUNTER] = c[b + C_COUNTER]
    ev[e + E_LABEL] = c[b + C_LABEL]
    ev[e + E_LABEL + ONE] = c[b + C_LABEL + ONE]
    ev[e + E_TERMS] = terms_of(terms, c[b + C_HEAD] >> C_FLAGS_SHIFT & PAIR) | STATE_REJECTED << E_STATE_SHIFT
    ev[e + E_PRICE] = c[b + C_PRICE]
    ev[e + E_QUANTITY] = c[b + C_QUANTITY]
    refusal_words(m, ev, e)
    return e


@kernel
def refusal_words(m: Words, ev: Words, e: np.uint64) -> None:
    """The numbers of a REJECTED: value and limit, and what a refusal by risk says more."""
    ev[e + E_VALUE] = m[REFUSED_VALUE]
    ev[e + E_LIMIT] = m[REFUSED_LIMIT]
    if m[REFUSED_BY_RISK] != ZERO:
        m[REFUSED_BY_RISK] = ZERO
        ev[e + E_USED] = m[REFUSED_USED]
        ev[e + E_REQUESTED] = m[REFUSED_REQUESTED]
        ev[e + E_SCOPE] = m[REFUSED_SCOPE]


@inline
def terms_of(terms: np.uint64, flags: np.uint64) -> np.uint64:
    """Side, type, time in force, capacity and flags of a command where an event has them."""
    return (
        (terms >> C_SIDE_SHIFT & BYTE)
        | (terms >> C_TYPE_SHIFT & BYTE) << E_TYPE_SHIFT
        | (terms >> C_TIME_IN_FORCE_SHIFT & BYTE) << E_TIME_IN_FORCE_SHIFT
        | (terms >> C_CAPACITY_SHIFT & BYTE) << E_CAPACITY_SHIFT
        | (flags & BYTE) << E_FLAGS_SHIFT
    )
