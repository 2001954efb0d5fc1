"""BUST_TRADE and ADJUST_TRADE: what was posted is posted the other way; nothing that was written is changed.

Rules: the record of the trade says what to reverse. Orders stay as they are; the day's prices are found anew from the
trades that are kept.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.balances import (
    CLEARING_ACCOUNT,
    FEES_ACCOUNT,
    REGULATORY_ACCOUNT,
    ROUNDING_ACCOUNT,
    money_of,
    system_balance,
)
from server.engine.bits import halves, high, low, magnitude
from server.engine.events import begin, clear, command_event, position_event
from server.engine.exposure import net_changed
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    E_FEE,
    E_INSTRUMENT_SESSION,
    E_LAST_PRICE,
    E_LAST_QUANTITY,
    E_ORDER_ID,
    E_PRICE,
    E_TERMS,
    E_TRADE_ID,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    HALF,
    ID_PREFIX,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
    INSTRUMENT_HIGH,
    INSTRUMENT_LAST,
    INSTRUMENT_LOW,
    INSTRUMENT_OPEN,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_TICK_SIZE,
    INSTRUMENT_TRADES,
    INSTRUMENT_TURNOVER,
    INSTRUMENT_VOLUME,
    M_LEVEL_ORDERS_TRADE_NUMBER,
    M_LEVEL_QUANTITY,
    M_PRICE,
    M_PUBLIC_ID,
    M_QUANTITY,
    NO_PRICE,
    NONE,
    ONE,
    POSITION_NET,
    POSITION_REALISED,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import (
    CORRECTIONS,
    INSTRUMENT_DAY_TRADES,
    INSTRUMENT_SPLIT_TRADES,
    POSITION_FEES,
    TRADE_ADJUSTED_FLAG,
    TRADE_BUSTED_FLAG,
    TRADE_BUY_ORDER,
    TRADE_NUMBER_FLAGS,
    TRADE_PAID,
    TRADE_POSITIONS,
    TRADE_PRICE,
    TRADE_QUANTITY,
    TRADE_SELL_ORDER,
    TRADE_USERS,
    X_AMOUNT,
    X_NAMES,
    X_REASON,
    X_TRADE_ID,
)
from server.engine.lots import book
from server.engine.market_data import begin_record
from server.engine.money import STATISTIC_MAX, greatest_lot_value
from server.engine.money_checks import check_lots, check_realised, check_sum
from server.engine.refusal import refused
from server.engine.registry import account_id_of, id_of, instrument_id_of, instrument_of
from server.engine.trades import find_trade, oldest_kept
from server.engine.vocabulary import (
    BUY,
    INVALID_DEFINITION,
    NO_REASON,
    PRICE_OFF_TICK,
    PRICE_OUT_OF_RANGE,
    SELL,
)
from server.engine.vocabulary_money import (
    ALREADY_BUSTED,
    BUST_TRADE,
    TRADE_ADJUSTED,
    TRADE_BUST,
    TRADE_BUSTED,
    TRADE_CORRECTION,
    TRADE_TOO_OLD,
    UNKNOWN_TRADE,
)

_NUMBER = U((1 << 48) - 1)


@inline
def position_in(m: Words, trade: np.uint64, side: np.uint64) -> np.uint64:
    """The row of the position of one side of a trade."""
    positions = m[trade + TRADE_POSITIONS]
    return low(positions) if side == BUY else high(positions)


@inline
def user_in(m: Words, trade: np.uint64, side: np.uint64) -> np.uint64:
    """The row of the user of one side of a trade."""
    users = m[trade + TRADE_USERS]
    return low(users) if side == BUY else high(users)


@kernel
def check_trade(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Whether the trade that a command names can still be corrected."""
    trade_id = c[b + X_TRADE_ID]
    number = trade_id & _NUMBER
    if trade_id - number != m[ID_PREFIX] or number == ZERO or number > m[TRADE_IDS]:
        return refused(m, UNKNOWN_TRADE, np.int64(trade_id), np.int64(0))
    if number < oldest_kept(m):
        return refused(m, TRADE_TOO_OLD, np.int64(trade_id), np.int64(oldest_kept(m) | m[ID_PREFIX]))
    trade = find_trade(m, number)
    after = m[instrument_of(m, position_in(m, trade, BUY)) + INSTRUMENT_SPLIT_TRADES]
    if number < after:
        return refused(m, TRADE_TOO_OLD, np.int64(trade_id), np.int64(after | m[ID_PREFIX]))
    if m[trade + TRADE_NUMBER_FLAGS] & TRADE_BUSTED_FLAG != ZERO:
        return refused(m, ALREADY_BUSTED, np.int64(trade_id), np.int64(0))
    return NO_REASON


@kernel
def check_new_price(m: Words, z: Signed, instrument: np.uint64, price: np.int64, old: np.int64) -> np.uint64:
    """Whether a trade can have this price instead."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    if price < lowest or price > highest:
        return refused(m, PRICE_OUT_OF_RANGE, price, lowest if price < lowest else highest)
    tick_size = m[instrument + INSTRUMENT_TICK_SIZE]
    if (U(price) - U(lowest)) % tick_size != ZERO:
        return refused(m, PRICE_OFF_TICK, price, np.int64(tick_size))
    return refused(m, INVALID_DEFINITION, price, np.int64(1)) if price == old else NO_REASON


@kernel
def check_side(m: Words, z: Signed, position: np.uint64, quantity: np.int64) -> np.uint64:
    """Whether one side's sums have room for a correction."""
    unit = U(greatest_lot_value(z, instrument_of(m, position)))
    reason = check_lots(m, magnitude(z[position + POSITION_NET]) + U(quantity), unit)
    if reason == NO_REASON:
        reason = check_realised(m, z[position + POSITION_REALISED])
    if reason == NO_REASON:
        reason = check_sum(m, magnitude(z[money_of(m, position) + ACCOUNT_CASH]) + U(quantity) * unit)
    return reason


@kernel
def correct_trade(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """BUST_TRADE and ADJUST_TRADE. Returns the reason for which it is refused, or 0."""
    reason = check_approval(m, c, b, low(c[b + X_NAMES]), True)
    if reason == NO_REASON:
        reason = check_trade(m, c, b)
    if reason != NO_REASON:
        return reason
    trade = find_trade(m, c[b + X_TRADE_ID] & _NUMBER)
    instrument = instrument_of(m, position_in(m, trade, BUY))
    old = z[trade + TRADE_PRICE]
    new = np.int64(c[b + X_AMOUNT])
    busted = kind == BUST_TRADE
    if not busted:
        reason = check_new_price(m, z, instrument, new, old)
    for side in (BUY, SELL):
        if reason == NO_REASON:
            reason = check_side(m, z, position_in(m, trade, side), z[trade + TRADE_QUANTITY])
    if reason != NO_REASON:
        return reason
    m[CORRECTIONS] += ONE
    e = command_event(m, ev, c, b, TRADE_BUSTED if busted else TRADE_ADJUSTED, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= id_of(m, instrument)
    describe(m, z, ev, e, c, b, trade, busted)
    for side in (BUY, SELL):
        position = position_in(m, trade, side)
        repost(m, z, position, side, trade, c[b + X_TRADE_ID], new, busted)
        fee = give_back_fee(m, z, trade, position, side, instrument) if busted else np.int64(0)
        tell(m, z, ev, c, b, trade, side, fee, busted)
    m[trade + TRADE_NUMBER_FLAGS] |= TRADE_BUSTED_FLAG if busted else TRADE_ADJUSTED_FLAG
    if not busted:
        z[trade + TRADE_PRICE] = new
    if (c[b + X_TRADE_ID] & _NUMBER) > m[instrument + INSTRUMENT_DAY_TRADES]:
        correct_day(m, z, instrument, trade, old, busted)
    publish_correction(m, md, instrument, trade, TRADE_BUST if busted else TRADE_CORRECTION)
    return NO_REASON


@inline
def describe(
    m: Words, z: Signed, ev: Words, e: np.uint64, c: Words, b: np.uint64, trade: np.uint64, busted: bool
) -> None:
    """What all events of a correction say of its trade."""
    ev[e + E_TRADE_ID] = c[b + X_TRADE_ID]
    ev[e + E_LAST_QUANTITY] = m[trade + TRADE_QUANTITY]
    ev[e + E_VALUE] = low(c[b + X_REASON])
    ev[e + E_LAST_PRICE] = m[trade + TRADE_PRICE] if busted else c[b + X_AMOUNT]
    if not busted:
        ev[e + E_PRICE] = m[trade + TRADE_PRICE]


@kernel
def repost(
    m: Words,
    z: Signed,
    position: np.uint64,
    side: np.uint64,
    trade: np.uint64,
    trade_id: np.uint64,
    new: np.int64,
    busted: bool,
) -> None:
    """Posts one side of a trade the other way, and then, unless it is busted, anew at another price."""
    quantity = z[trade + TRADE_QUANTITY]
    signed = quantity if side == BUY else -quantity
    cash_scale = z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
    unit_cash = z[trade + TRADE_PRICE] * cash_scale
    money = money_of(m, position)
    z[money + ACCOUNT_CASH] += signed * unit_cash
    before = z[position + POSITION_NET]
    book(m, z, position, -signed, unit_cash, trade_id, trade_id, True)
    if not busted:
        z[money + ACCOUNT_CASH] -= signed * new * cash_scale
        book(m, z, position, signed, new * cash_scale, trade_id, ZERO, False)
    net_changed(m, z, position, before)


@kernel
def give_back_fee(
    m: Words, z: Signed, trade: np.uint64, position: np.uint64, side: np.uint64, instrument: np.uint64
) -> np.int64:
    """Gives back what one side of a trade was charged; returns how much that was."""
    paid = m[trade + TRADE_PAID]
    if paid == NONE:
        return np.int64(0)
    currency = m[instrument + INSTRUMENT_CURRENCY]
    fee = np.int64(0)
    word = paid + side * U(4)
    for account_id in (FEES_ACCOUNT, CLEARING_ACCOUNT, REGULATORY_ACCOUNT, ROUNDING_ACCOUNT):
        z[system_balance(m, account_id, currency) + ACCOUNT_CASH] -= z[word]
        fee = fee + z[word]
        word = word + ONE
    z[money_of(m, position) + ACCOUNT_CASH] += fee
    z[position + POSITION_FEES] -= fee
    return fee


@kernel
def tell(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    trade: np.uint64,
    side: np.uint64,
    fee: np.int64,
    busted: bool,
) -> None:
    """The event of one side of a correction, and its POSITION."""
    position = position_in(m, trade, side)
    user = user_in(m, trade, side)
    e = begin(m, ev, TRADE_BUSTED if busted else TRADE_ADJUSTED, ZERO, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_USER_ACCOUNT] = halves(low(id_of(m, user)), account_id_of(m, position))
    ev[e + E_INSTRUMENT_SESSION] = instrument_id_of(m, position)
    ev[e + E_ORDER_ID] = m[trade + (TRADE_BUY_ORDER if side == BUY else TRADE_SELL_ORDER)]
    ev[e + E_TERMS] = side
    ev[e + E_FEE] = U(-fee)
    describe(m, z, ev, e, c, b, trade, busted)
    position_event(m, ev, user, position, ZERO)


@kernel
def correct_day(m: Words, z: Signed, instrument: np.uint64, trade: np.uint64, old: np.int64, busted: bool) -> None:
    """Takes a correction into the statistics of the day in which its trade was made."""
    quantity = z[trade + TRADE_QUANTITY]
    change = (np.int64(0) if busted else z[trade + TRADE_PRICE]) - old
    turnover = z[instrument + INSTRUMENT_TURNOVER] + change * quantity * z[instrument + INSTRUMENT_CASH_SCALE]
    z[instrument + INSTRUMENT_TURNOVER] = max(min(turnover, STATISTIC_MAX), -STATISTIC_MAX)
    if busted:
        z[instrument + INSTRUMENT_VOLUME] -= quantity
        m[instrument + INSTRUMENT_TRADES] -= ONE
    first = m[instrument + INSTRUMENT_DAY_TRADES] + ONE
    whole = first >= oldest_kept(m)
    number = first if whole else oldest_kept(m)
    opened = highest = lowest = latest = NO_PRICE
    while number <= m[TRADE_IDS]:
        other = find_trade(m, number)
        counts = m[other + TRADE_NUMBER_FLAGS] & TRADE_BUSTED_FLAG == ZERO
        if counts and instrument_of(m, position_in(m, other, BUY)) == instrument:
            latest = z[other + TRADE_PRICE]
            if opened == NO_PRICE:
                opened = highest = lowest = latest
            highest = max(highest, latest)
            lowest = min(lowest, latest)
        number = number + ONE
    if whole:
        z[instrument + INSTRUMENT_OPEN] = opened
        z[instrument + INSTRUMENT_HIGH] = highest
        z[instrument + INSTRUMENT_LOW] = lowest
    if whole or latest != NO_PRICE:
        z[instrument + INSTRUMENT_LAST] = latest


@kernel
def publish_correction(m: Words, md: Words, instrument: np.uint64, trade: np.uint64, kind: np.uint64) -> None:
    """TRADE_BUST or TRADE_CORRECTION."""
    r = begin_record(m, md, instrument, kind)
    md[r + M_PUBLIC_ID] = ZERO
    md[r + M_PRICE] = m[trade + TRADE_PRICE]
    md[r + M_QUANTITY] = m[trade + TRADE_QUANTITY]
    md[r + M_LEVEL_QUANTITY] = ZERO
    md[r + M_LEVEL_ORDERS_TRADE_NUMBER] = m[trade + TRADE_NUMBER_FLAGS] << HALF
