"""Why an order is refused: checks 7 to 25 of the rule book, in its order. Each returns the reason, or 0."""

import numpy as np

from server.engine.bits import high, low
from server.engine.book import best_level, book_of, level_total, next_level, price_of
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CURRENCY,
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_DISPLAYED,
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
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_QUANTITY_MAX,
    INSTRUMENT_TICK_SIZE,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_ID,
    PAIR,
    ZERO,
)
from server.engine.layout_money import ACCOUNT_MONEY_TERMS, TERMS_CURRENCIES_SHIFT
from server.engine.layout_phases import INSTRUMENT_FLAGS, INSTRUMENT_QUANTITY_MIN, INSTRUMENT_RULED
from server.engine.memory import find_label
from server.engine.money import cost_of
from server.engine.phase_table import check_phase, phases_taking
from server.engine.price_rules import check_freshness, check_price_rules, has_price_rules
from server.engine.refusal import refused
from server.engine.registry import may_trade
from server.engine.risk import ASK_NEW, check_count, check_risk
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import (
    BUY,
    DAY,
    DUPLICATE_LABEL,
    FOK,
    FOK_NOT_FILLED,
    GTC,
    INVALID_FLAGS,
    LIMIT,
    MARKET,
    NO_LIQUIDITY,
    NO_REASON,
    NOT_PERMITTED,
    POST_ONLY,
    POST_ONLY_WOULD_TRADE,
    PRICE_OFF_TICK,
    PRICE_OUT_OF_RANGE,
    QUANTITY_NOT_POSITIVE,
    QUANTITY_TOO_LARGE,
    SELL,
    UNKNOWN_ACCOUNT,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_orders import GTD
from server.engine.vocabulary_phases import QUANTITY_TOO_SMALL
from server.engine.volatility import price_in_range

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
    """Whether what does not trade at once stays in the book."""
    return bool(time_in_force == DAY or time_in_force == GTC or time_in_force == GTD)


@inline
def check_flags(m: Words, flags: np.uint64, known: np.uint64) -> np.uint64:
    """Check 10 for a command that knows these bits."""
    if flags & ~known != ZERO:
        return refused(m, INVALID_FLAGS, np.int64(flags), np.int64(0))
    return NO_REASON


@inline
def is_plain(c: Words, b: np.uint64) -> bool:
    """Whether checks 7 to 10 find nothing in a new order but what the usual path takes.

    A LIMIT order DAY, GTC, IOC or FOK, or a MARKET order IOC or FOK, at most POST_ONLY if it stays.
    """
    kind = type_in(c, b)
    time_in_force = time_in_force_in(c, b)
    flags = flags_in(c, b)
    if side_in(c, b) > SELL or time_in_force - ONE > FOK - ONE:
        return False
    stays = works(time_in_force)
    if kind == LIMIT:
        return bool(flags == ZERO or (flags == POST_ONLY and stays))
    return bool(kind == MARKET and flags == ZERO and not stays)


@inline
def check_parties(m: Words, c: Words, b: np.uint64, account: np.uint64, instrument: np.uint64) -> np.uint64:
    """Checks 11 to 13 of a new order."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    if instrument == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(high(c[b + C_ACCOUNT_INSTRUMENT])), np.int64(0))
    if account == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if not WITH_ACCOUNTS:
        return NO_REASON
    user_id = high(c[b + C_SESSION_USER])
    if not may_trade(m, user_id, account_id):
        return refused(m, NOT_PERMITTED, np.int64(user_id), np.int64(account_id))
    currencies = m[account + ACCOUNT_MONEY_TERMS] >> TERMS_CURRENCIES_SHIFT
    if m[account + ACCOUNT_CURRENCY] != m[instrument + INSTRUMENT_CURRENCY] and currencies == ZERO:
        theirs = np.int64(m[account + ACCOUNT_CURRENCY])
        return refused(m, NOT_PERMITTED, np.int64(m[instrument + INSTRUMENT_CURRENCY]), theirs)
    return NO_REASON


@inline
def check_quantity(m: Words, z: Signed, instrument: np.uint64, quantity: np.int64) -> np.uint64:
    """Checks 16 and 17, and the least quantity."""
    if quantity <= 0:
        return refused(m, QUANTITY_NOT_POSITIVE, quantity, np.int64(1))
    if quantity > z[instrument + INSTRUMENT_QUANTITY_MAX]:
        return refused(m, QUANTITY_TOO_LARGE, quantity, z[instrument + INSTRUMENT_QUANTITY_MAX])
    if m[instrument + INSTRUMENT_RULED] != ZERO and quantity < z[instrument + INSTRUMENT_QUANTITY_MIN]:
        return refused(m, QUANTITY_TOO_SMALL, quantity, z[instrument + INSTRUMENT_QUANTITY_MIN])
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
def check_order_price(
    m: Words, z: Signed, instrument: np.uint64, side: np.uint64, market: bool, price: np.int64, quantity: np.int64
) -> np.uint64:
    """Checks 18 and 19 of a LIMIT or a MARKET order, and what the instrument's rules say of a limit price."""
    if market:
        return NO_REASON if price == NO_PRICE else refused(m, PRICE_OUT_OF_RANGE, price, NO_PRICE)
    reason = check_price(m, z, instrument, price)
    if reason == NO_REASON and has_price_rules(m, instrument):
        return check_price_rules(m, z, instrument, side, price, quantity)
    return reason


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
        found = found + level_total(m, z, level)
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
        taken = min(quantity, level_total(m, z, level))
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
        if m[instrument + INSTRUMENT_FLAGS] != ZERO:
            price = price_in_range(m, z, instrument, side, price)
        found = quantity_within(m, z, instrument, side, price, quantity)
        if found < quantity:
            return refused(m, FOK_NOT_FILLED, found, quantity)
    return NO_REASON


@inline
def check_new(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
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
    reason = check_freshness(m, instrument, c[b + C_DISPLAYED])
    if reason == NO_REASON:
        reason = check_phase(m, instrument, phases_taking(type_in(c, b), time_in_force, post_only))
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, quantity)
    if reason == NO_REASON:
        reason = check_order_price(m, z, instrument, side, market, price, quantity)
    if reason == NO_REASON:
        reason = check_label(m, c, b)
    if reason == NO_REASON:
        reason = check_count(m, account)
    if reason == NO_REASON and at_once:
        if post_only:
            reason = check_post_only(m, instrument, side, price)
        else:
            reason = check_immediate(m, z, instrument, side, price, quantity, time_in_force == FOK)
    if reason != NO_REASON or not WITH_ACCOUNTS:
        return reason
    cash_scale = z[instrument + INSTRUMENT_CASH_SCALE]
    if market:
        cost = cost_of_sweep(m, z, instrument, side, quantity)
    else:
        cost = cost_of(side, price, quantity, cash_scale)
    nothing = np.int64(0)
    user = m[COMMAND_USER]
    algorithm = low(c[b + C_ALGORITHM_TERMS])
    flags = flags_in(c, b)
    return check_risk(
        m,
        z,
        ev,
        ASK_NEW,
        user,
        position,
        account,
        instrument,
        side,
        flags,
        algorithm,
        price,
        quantity,
        cost,
        nothing,
        nothing,
    )
