"""Why an order is refused: checks 7 to 28 of the rule book, in its order. Each returns the reason, or 0."""

import numpy as np

from server.engine.bits import high, low
from server.engine.book import best_level, book_of, next_level, price_of
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CREDIT_LIMIT,
    ACCOUNT_CURRENCY,
    ACCOUNT_ORDERS,
    ACCOUNT_ORDERS_MAX,
    ACCOUNT_POSITION_MAX,
    ACCOUNT_RESERVED,
    ACCOUNT_SHORT_ALLOWED,
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
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
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
    INSTRUMENT_PHASE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_QUANTITY_MAX,
    INSTRUMENT_TICK_SIZE,
    LEVEL_QUANTITY,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_ID,
    PAIR,
    POSITION_NET,
    POSITION_OPEN,
    ZERO,
)
from server.engine.memory import find_label
from server.engine.money import cost_of, reserve_of
from server.engine.refusal import refused
from server.engine.registry import may_trade
from server.engine.vocabulary import (
    BUY,
    CLOSED,
    CONTINUOUS,
    DAY,
    DUPLICATE_LABEL,
    FOK,
    FOK_NOT_FILLED,
    GTC,
    HALTED,
    INSUFFICIENT_CASH,
    INSUFFICIENT_POSITION,
    INVALID_FLAGS,
    INVALID_ORDER_TYPE,
    INVALID_SIDE,
    INVALID_TIME_IN_FORCE,
    LIMIT,
    MARKET,
    NO_LIQUIDITY,
    NO_REASON,
    NOT_PERMITTED,
    PHASE_FORBIDS,
    POSITION_LIMIT,
    POST_ONLY,
    POST_ONLY_WOULD_TRADE,
    PRICE_OFF_TICK,
    PRICE_OUT_OF_RANGE,
    QUANTITY_NOT_POSITIVE,
    QUANTITY_TOO_LARGE,
    SELL,
    TOO_MANY_ORDERS,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
)

_LOWEST = np.int64(-(1 << 63))
_HIGHEST = np.int64((1 << 63) - 1)


@inline
def side_in(c: Words, b: np.uint64) -> np.uint64:
    """The side that a command names."""
    return c[b + C_ALGORITHM_TERMS] >> C_SIDE_SHIFT & BYTE


@inline
def type_in(c: Words, b: np.uint64) -> np.uint64:
    """The order type that a command names."""
    return c[b + C_ALGORITHM_TERMS] >> C_TYPE_SHIFT & BYTE


@inline
def time_in_force_in(c: Words, b: np.uint64) -> np.uint64:
    """The time in force that a command names."""
    return c[b + C_ALGORITHM_TERMS] >> C_TIME_IN_FORCE_SHIFT & BYTE


@inline
def flags_in(c: Words, b: np.uint64) -> np.uint64:
    """The flags of a command."""
    return c[b + C_HEAD] >> C_FLAGS_SHIFT & PAIR


@inline
def works(time_in_force: np.uint64) -> bool:
    """Whether what does not trade at once stays."""
    return bool(time_in_force == DAY or time_in_force == GTC)


@inline
def collects(phase: np.uint64) -> bool:
    """Whether orders of this phase wait for an auction."""
    return bool(phase != CONTINUOUS and phase != CLOSED and phase != HALTED)


@inline
def check_flags(m: Words, flags: np.uint64, known: np.uint64) -> np.uint64:
    """Check 10 for a command that knows these bits."""
    if flags & ~known != ZERO:
        return refused(m, INVALID_FLAGS, np.int64(flags), np.int64(0))
    return NO_REASON


@inline
def check_terms(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Checks 7 to 10 of a new order."""
    side = side_in(c, b)
    if side > SELL:
        return refused(m, INVALID_SIDE, np.int64(side), np.int64(0))
    kind = type_in(c, b)
    if kind != LIMIT and kind != MARKET:
        return refused(m, INVALID_ORDER_TYPE, np.int64(kind), np.int64(0))
    time_in_force = time_in_force_in(c, b)
    known = time_in_force - ONE <= FOK - ONE
    if not known or (kind == MARKET and works(time_in_force)):
        return refused(m, INVALID_TIME_IN_FORCE, np.int64(time_in_force), np.int64(0))
    return check_flags(m, flags_in(c, b), POST_ONLY if works(time_in_force) else ZERO)


@inline
def check_parties(m: Words, c: Words, b: np.uint64, account: np.uint64, instrument: np.uint64) -> np.uint64:
    """Checks 11 to 13 of a new order."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    if instrument == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(high(c[b + C_ACCOUNT_INSTRUMENT])), np.int64(0))
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    user_id = high(c[b + C_SESSION_USER])
    if not may_trade(m, user_id, account_id):
        return refused(m, NOT_PERMITTED, np.int64(user_id), np.int64(account_id))
    if m[account + ACCOUNT_CURRENCY] != m[instrument + INSTRUMENT_CURRENCY]:
        theirs = np.int64(m[account + ACCOUNT_CURRENCY])
        return refused(m, NOT_PERMITTED, np.int64(m[instrument + INSTRUMENT_CURRENCY]), theirs)
    return NO_REASON


@inline
def check_phase(m: Words, instrument: np.uint64, at_once: bool) -> np.uint64:
    """Check 15; `at_once`: the order is one that only continuous trading takes."""
    phase = m[instrument + INSTRUMENT_PHASE]
    if phase == CONTINUOUS or (collects(phase) and not at_once):
        return NO_REASON
    return refused(m, PHASE_FORBIDS, np.int64(phase), np.int64(0))


@inline
def check_quantity(m: Words, z: Signed, instrument: np.uint64, quantity: np.int64) -> np.uint64:
    """Checks 16 and 17."""
    if quantity <= 0:
        return refused(m, QUANTITY_NOT_POSITIVE, quantity, np.int64(1))
    if quantity > z[instrument + INSTRUMENT_QUANTITY_MAX]:
        return refused(m, QUANTITY_TOO_LARGE, quantity, z[instrument + INSTRUMENT_QUANTITY_MAX])
    return NO_REASON


@inline
def check_price(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> np.uint64:
    """Checks 18 and 19 of a limit price."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    if price < lowest:
        return refused(m, PRICE_OUT_OF_RANGE, price, lowest)
    if price > z[instrument + INSTRUMENT_PRICE_MAX]:
        return refused(m, PRICE_OUT_OF_RANGE, price, z[instrument + INSTRUMENT_PRICE_MAX])
    tick_size = m[instrument + INSTRUMENT_TICK_SIZE]
    if tick_size != ONE and (U(price) - U(lowest)) % tick_size != ZERO:
        return refused(m, PRICE_OFF_TICK, price, np.int64(tick_size))
    return NO_REASON


@inline
def check_label(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """Check 20."""
    first = c[b + C_LABEL]
    second = c[b + C_LABEL + ONE]
    if first | second != ZERO:
        order = find_label(m, m[COMMAND_USER], first, second)
        if order != NONE:
            return refused(m, DUPLICATE_LABEL, np.int64(m[order + ORDER_ID]), np.int64(0))
    return NO_REASON


@inline
def check_count(m: Words, account: np.uint64) -> np.uint64:
    """Check 22."""
    most = m[account + ACCOUNT_ORDERS_MAX]
    if m[account + ACCOUNT_ORDERS] >= most:
        return refused(m, TOO_MANY_ORDERS, np.int64(most), np.int64(most))
    return NO_REASON


@inline
def reaches(side: np.uint64, price: np.int64, other: np.int64) -> bool:
    """Whether an order of this side and price trades with a resting price of the other side."""
    return bool(other <= price) if side == BUY else bool(other >= price)


@inline
def check_post_only(m: Words, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.uint64:
    """Check 24 of a POST_ONLY order that would take a new place in continuous trading."""
    book = book_of(instrument, SELL - side)
    level = best_level(m, book)
    if level != NONE:
        best = price_of(m, book, level)
        if reaches(side, price, best):
            return refused(m, POST_ONLY_WOULD_TRADE, best, price)
    return NO_REASON


@kernel
def quantity_within(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64, wanted: np.int64
) -> np.int64:
    """What rests on the other side within a price; stops at what is wanted."""
    book = book_of(instrument, SELL - side)
    level = best_level(m, book)
    found = np.int64(0)
    while level != NONE and found < wanted and reaches(side, price, price_of(m, book, level)):
        found = found + z[level + LEVEL_QUANTITY]
        level = next_level(m, level)
    return found


@kernel
def cost_of_sweep(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, quantity: np.int64) -> np.int64:
    """The cost of meeting the other side, best first, up to a quantity."""
    book = book_of(instrument, SELL - side)
    level = best_level(m, book)
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    cost = np.int64(0)
    while level != NONE and quantity > 0:
        taken = min(quantity, z[level + LEVEL_QUANTITY])
        cost = cost + cost_of(side, price_of(m, book, level), taken, cash_scale)
        quantity = quantity - taken
        level = next_level(m, level)
    return cost


@kernel
def check_immediate(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64, quantity: np.int64, fill_or_kill: bool
) -> np.uint64:
    """Checks 23 and 25: of a MARKET order (its price is NO_PRICE) and of a FOK."""
    if price == NO_PRICE:
        if best_level(m, book_of(instrument, SELL - side)) == NONE:
            return refused(m, NO_LIQUIDITY, np.int64(0), np.int64(0))
        price = _HIGHEST if side == BUY else _LOWEST
    if fill_or_kill:
        found = quantity_within(m, z, instrument, side, price, quantity)
        if found < quantity:
            return refused(m, FOK_NOT_FILLED, found, quantity)
    return NO_REASON


@inline
def check_cash(m: Words, z: Signed, account: np.uint64, reserve: np.int64, released: np.int64) -> np.uint64:
    """Check 26; `released`: what a replaced order held."""
    available = (
        z[account + ACCOUNT_CASH] - (z[account + ACCOUNT_RESERVED] - released) + z[account + ACCOUNT_CREDIT_LIMIT]
    )
    if reserve > available:
        return refused(m, INSUFFICIENT_CASH, reserve, available)
    return NO_REASON


@inline
def check_position(
    m: Words, z: Signed, account: np.uint64, position: np.uint64, side: np.uint64, quantity: np.int64, own: np.int64
) -> np.uint64:
    """Checks 27 and 28; `own`: what a replaced order had open; the position may be none."""
    net = z[position + POSITION_NET] if position != NONE else np.int64(0)
    opened = z[position + POSITION_OPEN + side] - own if position != NONE else np.int64(0)
    if side == SELL and m[account + ACCOUNT_SHORT_ALLOWED] == ZERO and quantity > net - opened:
        return refused(m, INSUFFICIENT_POSITION, quantity, net - opened)
    most = z[account + ACCOUNT_POSITION_MAX]
    if most > 0:
        reached = net + opened + quantity if side == BUY else opened + quantity - net
        if reached > most:
            return refused(m, POSITION_LIMIT, reached, most)
    return NO_REASON


@inline
def check_new(
    m: Words, z: Signed, c: Words, b: np.uint64, account: np.uint64, instrument: np.uint64, position: np.uint64
) -> np.uint64:
    """Checks 11 to 28 of a new order whose terms are known; rows may be none."""
    reason = check_parties(m, c, b, account, instrument)
    if reason != NO_REASON:
        return reason
    side = side_in(c, b)
    market = type_in(c, b) == MARKET
    time_in_force = time_in_force_in(c, b)
    post_only = flags_in(c, b) & POST_ONLY != ZERO
    price = np.int64(c[b + C_PRICE])
    quantity = np.int64(c[b + C_QUANTITY])
    at_once = not works(time_in_force) or post_only
    reason = check_phase(m, instrument, at_once)
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, quantity)
    if reason == NO_REASON:
        if not market:
            reason = check_price(m, z, instrument, price)
        elif price != NO_PRICE:
            reason = refused(m, PRICE_OUT_OF_RANGE, price, NO_PRICE)
    if reason == NO_REASON:
        reason = check_label(m, c, b)
    if reason == NO_REASON:
        reason = check_count(m, account)
    if reason == NO_REASON and at_once:
        if post_only:
            reason = check_post_only(m, instrument, side, price)
        else:
            reason = check_immediate(m, z, instrument, side, price, quantity, time_in_force == FOK)
    if reason != NO_REASON:
        return reason
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    if market:
        reserve = max(cost_of_sweep(m, z, instrument, side, quantity), np.int64(0))
    else:
        reserve = reserve_of(side, price, quantity, cash_scale)
    reason = check_cash(m, z, account, reserve, np.int64(0))
    if reason == NO_REASON:
        reason = check_position(m, z, account, position, side, quantity, np.int64(0))
    return reason
