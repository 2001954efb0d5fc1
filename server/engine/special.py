"""New orders that are not plain, by their terms, flags, type or self-trade mode: checked, made, set to work.

Rules: a plain LIMIT or MARKET order never comes here; what an order is when it comes is what ACCEPTED says, what it
becomes at once (slid, a limit order) is said by a RESTATED right behind it.
"""

import numpy as np

from server.engine.auction_orders import worst_price
from server.engine.bits import high, low, magnitude, mul_div
from server.engine.book import best_level, book_of, price_of
from server.engine.checks import (
    check_label,
    check_order_price,
    check_parties,
    check_quantity,
    flags_in,
    quantity_within,
    reaches,
    side_in,
    time_in_force_in,
    type_in,
)
from server.engine.events import accepted
from server.engine.extensions import extend, set_display, set_expiry
from server.engine.indicative import schedule
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_ALGORITHM_TERMS,
    C_DISPLAYED,
    C_GROUP_DECISION_MAKER,
    C_PRICE,
    C_QUANTITY,
    COMMAND_USER,
    E_FLAGS_SHIFT,
    E_LIQUIDITY_SHIFT,
    E_TYPE_SHIFT,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_TICK_SIZE,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_QUANTITY,
    ORDER_TERMS,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import (
    EXTENSION_LIMIT,
    EXTENSION_LIMITED,
    EXTENSION_LOT,
    EXTENSION_REFILLS,
    K_DISPLAY_QUANTITY,
    K_EXPIRE_TIME,
    K_LOT_TRADE_ID,
    K_MINIMUM_QUANTITY,
    MORE_ROWS,
)
from server.engine.layout_phases import INSTRUMENT_FLAGS, INSTRUMENT_PROTECTION, INSTRUMENT_TICKS, INTERRUPTED
from server.engine.layout_stops import HELD_PLACE, IN_BOOK, PARKED_PLACE, STOP_PLACE
from server.engine.link_terms import is_child
from server.engine.live_orders import register
from server.engine.money import bind, cost_of
from server.engine.money_checks import ask_lot, ask_with
from server.engine.order_events import restated, tell_stop_price
from server.engine.phase_table import TAKES_IMMEDIATE, check_phase, is_for_auction, phases_taking
from server.engine.phases import interrupt
from server.engine.price_rules import check_freshness
from server.engine.refusal import refused
from server.engine.registry import find_account, find_instrument, find_position, position_of
from server.engine.resting import place
from server.engine.risk import ASK_NEW, check_count, check_risk
from server.engine.self_trade import group_of, may_allow, mode_of
from server.engine.staying import keep_staying
from server.engine.terms_checks import check_all_terms, mode_in, number_of_terms
from server.engine.ticks import fits_ticks
from server.engine.tradable import walk
from server.engine.vocabulary import (
    BUY,
    FOK,
    FOK_NOT_FILLED,
    LIMIT,
    MARKET,
    NO_LIQUIDITY,
    NO_REASON,
    POST_ONLY,
    POST_ONLY_WOULD_TRADE,
    PRICE_OUT_OF_RANGE,
    SELL,
)
from server.engine.vocabulary_orders import (
    ALLOW,
    CONFIRMED,
    EXPIRY_PASSED,
    GTD,
    HIDDEN,
    INVALID_DISPLAY_QUANTITY,
    MARKET_TO_LIMIT,
    MINIMUM_QUANTITY_NOT_MET,
    PEGGED,
    RESTATED_SLID,
    RESTATED_TO_LIMIT,
    SELF_TRADE,
    SELF_TRADE_MODE_FORBIDDEN,
    SLIDE,
    STOP_LIMIT,
)
from server.engine.volatility import price_in_range
from server.engine.waiting import is_stop, wait
from server.engine.waiting_terms import binding_price, check_limit, check_reached, check_stop_price, equip
from server.engine.working import create, work

_LOWEST = np.int64(-(1 << 63))
_HIGHEST = np.int64((1 << 63) - 1)
_MILLION = np.int64(1_000_000)
_REFRESHES_MAX = np.int64(100)


@kernel
def best_other(m: Words, instrument: np.uint64, side: np.uint64) -> np.int64:
    """The best price of the side that an order of this side would meet, shown or not; NO_PRICE if there is none."""
    book = book_of(instrument, SELL - side)
    level = best_level(m, book)
    return price_of(m, book, level) if level != NONE else NO_PRICE


@kernel
def on_grid(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, price: np.int64) -> np.int64:
    """A price within the instrument's range, rounded to a tick: a buy down, a sale up."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    if price <= lowest:
        return lowest
    if price >= z[instrument + INSTRUMENT_PRICE_MAX]:
        return z[instrument + INSTRUMENT_PRICE_MAX]
    tick_size = m[instrument + INSTRUMENT_TICK_SIZE]
    beyond = (U(price) - U(lowest)) % tick_size
    if beyond == ZERO:
        return price
    return price - np.int64(beyond) if side == BUY else price + np.int64(tick_size - beyond)


@kernel
def protection_price(m: Words, z: Signed, instrument: np.uint64, side: np.uint64) -> np.int64:
    """The worst price at which a market order of this side trades now."""
    best = best_other(m, instrument, side)
    share = np.int64(m[instrument + INSTRUMENT_PROTECTION])
    if share == 0 or best == NO_PRICE:
        return _HIGHEST if side == BUY else _LOWEST
    distance = mul_div(np.int64(magnitude(best)), share, _MILLION)
    return on_grid(m, z, instrument, side, best + distance if side == BUY else best - distance)


@cold
def price_beside(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, best: np.int64) -> np.int64:
    """The valid price of this side nearest the other side's best that does not reach it; NO_PRICE: there is none."""
    tick = np.int64(m[instrument + INSTRUMENT_TICK_SIZE])
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    ticks = m[instrument + INSTRUMENT_TICKS]
    price = best
    while True:
        if price < lowest + tick if side == BUY else price > highest - tick:
            return NO_PRICE
        price = price - tick if side == BUY else price + tick
        if ticks == NONE or fits_ticks(m, z, ticks, price):
            return price


@kernel
def working_price(m: Words, z: Signed, c: Words, b: np.uint64, instrument: np.uint64) -> np.int64:
    """The price that an order works at when it is accepted now; NO_PRICE: any, or none that is valid."""
    side = side_in(c, b)
    price = np.int64(c[b + C_PRICE])
    if type_in(c, b) == MARKET_TO_LIMIT:
        return best_other(m, instrument, side)
    if flags_in(c, b) & SLIDE != ZERO:
        best = best_other(m, instrument, side)
        if best != NO_PRICE and reaches(side, price, best):
            price = price_beside(m, z, instrument, side, best)
    return price


@kernel
def phases_taking_order(c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """The phases that take a new order with its terms; one with a minimum quantity has to trade at once."""
    if number_of_terms(c, t, K_MINIMUM_QUANTITY) != 0:
        return TAKES_IMMEDIATE
    return phases_taking(type_in(c, b), time_in_force_in(c, b), flags_in(c, b) & POST_ONLY != ZERO)


@kernel
def check_expiry(m: Words, expire_time_ns: np.int64) -> np.uint64:
    """Check 15a."""
    now = np.int64(m[TIME_NS])
    if expire_time_ns <= now:
        return refused(m, EXPIRY_PASSED, expire_time_ns, now)
    return NO_REASON


@kernel
def check_display(m: Words, display: np.int64, quantity: np.int64, given: bool) -> np.uint64:
    """Check 17a; one that is not `given` anew may be larger than the new total."""
    if given and display > quantity:
        return refused(m, INVALID_DISPLAY_QUANTITY, display, quantity)
    least = quantity // _REFRESHES_MAX + (1 if quantity % _REFRESHES_MAX != 0 else 0)
    if display != 0 and display < least:
        return refused(m, INVALID_DISPLAY_QUANTITY, display, least)
    return NO_REASON


@cold
def check_liquidity(
    m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, account: np.uint64, instrument: np.uint64
) -> np.uint64:
    """Checks 23 to 25b: what an order asks of the other side."""
    kind = type_in(c, b)
    side = side_in(c, b)
    quantity = np.int64(c[b + C_QUANTITY])
    price = working_price(m, z, c, b, instrument)
    best = best_other(m, instrument, side)
    for_auction = is_for_auction(time_in_force_in(c, b))
    if best == NO_PRICE and ((kind == MARKET and not for_auction) or kind == MARKET_TO_LIMIT):
        return refused(m, NO_LIQUIDITY, np.int64(0), np.int64(0))
    if flags_in(c, b) & POST_ONLY != ZERO:
        if best != NO_PRICE and (price == NO_PRICE or reaches(side, price, best)):
            return refused(m, POST_ONLY_WOULD_TRADE, best, np.int64(c[b + C_PRICE]))
        return NO_REASON
    whole = time_in_force_in(c, b) == FOK
    needed = quantity if whole else number_of_terms(c, t, K_MINIMUM_QUANTITY)
    if needed == 0:
        return NO_REASON
    limit = protection_price(m, z, instrument, side) if kind == MARKET else price
    if m[instrument + INSTRUMENT_FLAGS] != ZERO:
        limit = price_in_range(m, z, instrument, side, limit)
    rests = quantity_within(m, z, instrument, side, limit, needed)
    if rests < needed:
        return refused(m, FOK_NOT_FILLED if whole else MINIMUM_QUANTITY_NOT_MET, rests, needed)
    traded, _ = would_trade(m, z, c, b, account, instrument, limit)
    return refused(m, SELF_TRADE, traded, needed) if traded < needed else NO_REASON


@kernel
def would_trade(
    m: Words, z: Signed, c: Words, b: np.uint64, account: np.uint64, instrument: np.uint64, limit: np.int64
) -> tuple[np.int64, np.int64]:
    """(quantity, signed cost) of what a new order would trade at once within a limit."""
    group = group_of(m, low(c[b + C_GROUP_DECISION_MAKER]), account)
    mode = mode_of(m, mode_in(c, b), account)
    return walk(m, z, instrument, side_in(c, b), limit, np.int64(c[b + C_QUANTITY]), mode, account, group)


@kernel
def price_to_bind(m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, instrument: np.uint64) -> np.int64:
    """The price of a new order that the risk entry is asked for."""
    kind = type_in(c, b)
    if is_stop(kind) or kind == PEGGED:
        return binding_price(m, z, instrument, side_in(c, b), kind, np.int64(c[b + C_PRICE]), c, t)
    return working_price(m, z, c, b, instrument)


@kernel
def binding_cost(
    m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, account: np.uint64, instrument: np.uint64
) -> np.int64:
    """The signed cost that check 26 asks a new order for."""
    side = side_in(c, b)
    if type_in(c, b) == MARKET and not is_for_auction(time_in_force_in(c, b)):
        _, cost = would_trade(m, z, c, b, account, instrument, protection_price(m, z, instrument, side))
        return cost
    price = price_to_bind(m, z, c, b, t, instrument)
    if type_in(c, b) == MARKET:
        price = worst_price(z, instrument, side)
    return cost_of(side, price, np.int64(c[b + C_QUANTITY]), z[instrument + INSTRUMENT_CASH_SCALE])


@cold
def check_order(
    m: Words,
    z: Signed,
    ev: Words,
    c: Words,
    b: np.uint64,
    t: np.uint64,
    account: np.uint64,
    instrument: np.uint64,
    position: np.uint64,
    in_basket: bool,
    partner: np.uint64,
) -> np.uint64:
    """Checks 11 to 28 of a new order whose terms are known; rows may be none.

    `partner`: the row of the order before, with which it makes a pair that holds once.
    """
    reason = check_parties(m, c, b, account, instrument)
    if reason != NO_REASON:
        return reason
    mode = mode_in(c, b)
    if mode == ALLOW and not may_allow(m, account):
        return refused(m, SELF_TRADE_MODE_FORBIDDEN, np.int64(mode), np.int64(0))
    reason = check_numbers(m, z, c, b, t, instrument)
    if reason == NO_REASON:
        reason = check_label(m, c, b)
    if reason == NO_REASON:
        reason = check_count(m, account)
    if reason == NO_REASON and not is_child(c, t):
        if is_stop(type_in(c, b)):
            reason = check_reached(m, z, instrument, side_in(c, b), c, t)
        elif not in_basket:
            reason = check_liquidity(m, z, c, b, t, account, instrument)
    if reason != NO_REASON or is_child(c, t):
        return reason
    held = np.int64(0)
    own = np.int64(0)
    if partner != NONE:
        own = z[partner + ORDER_LEAVES]
        held = cost_of(side_in(c, b), z[partner + ORDER_PRICE], own, z[instrument + INSTRUMENT_CASH_SCALE])
    ask_lot(m, U(number_of_terms(c, t, K_LOT_TRADE_ID)))
    ask_with(m, partner)
    reason = check_risk(
        m,
        z,
        ev,
        ASK_NEW,
        m[COMMAND_USER],
        position,
        account,
        instrument,
        side_in(c, b),
        flags_in(c, b),
        low(c[b + C_ALGORITHM_TERMS]),
        NO_PRICE if type_in(c, b) == PEGGED else price_to_bind(m, z, c, b, t, instrument),
        np.int64(c[b + C_QUANTITY]),
        binding_cost(m, z, c, b, t, account, instrument),
        held,
        own,
    )
    ask_lot(m, ZERO)
    ask_with(m, NONE)
    return reason


@cold
def check_numbers(m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, instrument: np.uint64) -> np.uint64:
    """Checks 15 to 19 of a new order: phase, expiry, quantities, price."""
    kind = type_in(c, b)
    quantity = np.int64(c[b + C_QUANTITY])
    price = np.int64(c[b + C_PRICE])
    reason = check_freshness(m, instrument, c[b + C_DISPLAYED])
    if reason == NO_REASON:
        reason = check_phase(m, instrument, phases_taking_order(c, b, t))
    if reason == NO_REASON and time_in_force_in(c, b) == GTD:
        reason = check_expiry(m, np.int64(c[t + K_EXPIRE_TIME]))
    if reason == NO_REASON:
        reason = check_quantity(m, z, instrument, quantity)
    if reason == NO_REASON:
        reason = check_display(m, number_of_terms(c, t, K_DISPLAY_QUANTITY), quantity, True)
    if reason != NO_REASON:
        return reason
    if not is_stop(kind) and kind != PEGGED:
        return check_order_price(m, z, instrument, side_in(c, b), kind != LIMIT, price, quantity)
    if kind == STOP_LIMIT:
        reason = check_limit(m, z, instrument, price)
    elif price != NO_PRICE:
        reason = refused(m, PRICE_OUT_OF_RANGE, price, NO_PRICE)
    return reason if reason != NO_REASON else check_stop_price(m, z, instrument, c, b, t)


@cold
def make_order(
    m: Words, z: Signed, c: Words, b: np.uint64, t: np.uint64, position: np.uint64, instrument: np.uint64
) -> np.uint64:
    """The row of an accepted order with all that its terms say."""
    order = create(m, c, b, position)
    m[order + ORDER_TERMS] &= ~(CONFIRMED << E_FLAGS_SHIFT)
    keep_staying(m, c, b, order)
    mode = mode_in(c, b)
    if mode != ZERO:
        m[order + ORDER_TERMS] |= mode << E_LIQUIDITY_SHIFT
        m[extend(m, order) + EXTENSION_REFILLS] = ONE
        m[MORE_ROWS] += ONE
    if flags_in(c, b) & HIDDEN != ZERO:
        extend(m, order)
    protected = type_in(c, b) == MARKET and not is_for_auction(time_in_force_in(c, b))
    if protected and m[instrument + INSTRUMENT_PROTECTION] != ZERO:
        extension = extend(m, order)
        m[extension + EXTENSION_LIMITED] = ONE
        z[extension + EXTENSION_LIMIT] = protection_price(m, z, instrument, side_in(c, b))
    display = number_of_terms(c, t, K_DISPLAY_QUANTITY)
    if display != 0:
        set_display(m, z, order, display, z[order + ORDER_QUANTITY])
    if number_of_terms(c, t, K_LOT_TRADE_ID) != 0:
        m[extend(m, order) + EXTENSION_LOT] = c[t + K_LOT_TRADE_ID]
    if time_in_force_in(c, b) == GTD:
        set_expiry(m, z, order, np.int64(c[t + K_EXPIRE_TIME]))
    kind = type_in(c, b)
    if is_stop(kind) or kind == PEGGED:
        extend(m, order)
        equip(m, z, instrument, order, kind, c, t)
    return order


@cold
def settle_price(
    m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, order: np.uint64, instrument: np.uint64
) -> None:
    """An order that slides, or becomes a limit order, does so before it binds anything."""
    price = working_price(m, z, c, b, instrument)
    if type_in(c, b) == MARKET_TO_LIMIT:
        m[order + ORDER_TERMS] &= ~(BYTE << E_TYPE_SHIFT)
        m[order + ORDER_TERMS] |= LIMIT << E_TYPE_SHIFT
        z[order + ORDER_PRICE] = price
        restated(m, z, ev, RESTATED_TO_LIMIT, order)
    elif price != z[order + ORDER_PRICE]:
        z[order + ORDER_PRICE] = price
        restated(m, z, ev, RESTATED_SLID, order)


@kernel
def waits_where(c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """Where a new order waits until something else happens; IN_BOOK: it works at once."""
    kind = type_in(c, b)
    if is_child(c, t):
        return HELD_PLACE
    if is_stop(kind):
        return STOP_PLACE
    return PARKED_PLACE if kind == PEGGED else IN_BOOK


@cold
def set_to_work(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    c: Words,
    b: np.uint64,
    t: np.uint64,
    order: np.uint64,
    instrument: np.uint64,
    bound: bool,
) -> None:
    """ACCEPTED, and what follows from it; `bound`: reserve and open quantity are held already."""
    accepted(m, ev, c, b, order)
    tell_stop_price(m, ev, order)
    where = waits_where(c, b, t)
    if where == IN_BOOK:
        settle_price(m, z, ev, c, b, order, instrument)
    if not bound:
        bind(m, z, order, z[order + ORDER_QUANTITY])
    if where != IN_BOOK:
        register(m, order)
        wait(m, z, order, where)
        schedule(m, instrument)
        return
    if is_for_auction(time_in_force_in(c, b)):
        register(m, order)
        place(m, z, md, order)
        schedule(m, instrument)
        return
    work(m, z, ev, md, order, instrument)
    if m[INTERRUPTED] != NONE:
        interrupt(m, z, ev, md)


@cold
def enter_order(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64, t: np.uint64) -> np.uint64:
    """A new order alone, of any kind; the top of its book is still to be written. Returns why it is refused, or 0."""
    reason = check_all_terms(m, c, b, t, False)
    if reason != NO_REASON:
        return reason
    account = find_account(m, low(c[b + C_ACCOUNT_INSTRUMENT]))
    instrument = find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT]))
    position = NONE
    if account != NONE and instrument != NONE:
        position = find_position(m, low(c[b + C_ACCOUNT_INSTRUMENT]), high(c[b + C_ACCOUNT_INSTRUMENT]))
    reason = check_order(m, z, ev, c, b, t, account, instrument, position, False, NONE)
    if reason != NO_REASON:
        return reason
    if position == NONE:
        position = position_of(m, account, instrument)
    order = make_order(m, z, c, b, t, position, instrument)
    set_to_work(m, z, ev, md, c, b, t, order, instrument, False)
    return NO_REASON
