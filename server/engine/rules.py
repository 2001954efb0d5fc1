"""An instrument's trading rules: SET_RULES, now or from a time on, and SET_AUCTION.

Rules: fifteen numbers replace the former ones together; an order off a new tick table is cancelled.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.attended import finish
from server.engine.auction_orders import has_no_price, waiting_queue
from server.engine.bands import attend_band, begin_band, end_band, make_buckets
from server.engine.bits import high, low
from server.engine.book import best_level, book_of, first_order, next_level, next_order
from server.engine.cancelling import cancel
from server.engine.events import begin, clear, command_event
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    E_INSTRUMENT_SESSION,
    E_LIMIT,
    E_USER_ACCOUNT,
    E_VALUE,
    EVENT_WORDS,
    INSTRUMENT_PHASE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_QUANTITY_MAX,
    LOW,
    NONE,
    ONE,
    ORDER_PRICE,
    PAIR,
    SEQUENCE,
    TIME_NS,
    ZERO,
)
from server.engine.layout_orders import TIMER_RULES_EFFECTIVE
from server.engine.layout_phases import (
    A_APPROVER_VOLATILITY,
    A_EXTENSIONS,
    A_LIMIT_STATE_PAUSE,
    A_RANDOM_EXTENSION,
    A_SEED,
    FLAG_RANGE,
    INSTRUMENT_BAND_TIER,
    INSTRUMENT_CHANGE,
    INSTRUMENT_DYNAMIC,
    INSTRUMENT_EXTENSION_MS,
    INSTRUMENT_EXTENSIONS_MAX,
    INSTRUMENT_FLAGS,
    INSTRUMENT_LIMIT_STATE_MS,
    INSTRUMENT_PAUSE_MS,
    INSTRUMENT_PENDING_RULES,
    INSTRUMENT_RANDOM_MS,
    INSTRUMENT_RULED,
    INSTRUMENT_SEED,
    INSTRUMENT_STATIC,
    INSTRUMENT_TICK_TABLE,
    INSTRUMENT_TICKS,
    INSTRUMENT_VOLATILITY_MS,
    PENDING_INSTRUMENT,
    PENDING_RULES,
    R_AGE_GROUP,
    R_APPROVER_TABLE,
    R_BAND_SHIFT,
    R_COLLAR_STATIC,
    R_DYNAMIC_PROTECTION,
    R_EFFECTIVE,
    R_FEE_SCHEDULE_SHIFT,
    R_GROUP_SHIFT,
    R_LOCATE_SHIFT,
    R_MARGINS,
    R_QUANTITY_MIN,
    R_TICK_TABLE_SHIFT,
    R_VALUE_MAX,
    R_VALUE_MIN,
    RULE_NUMBERS,
)
from server.engine.live_orders import forget
from server.engine.pegs import look_at_pegs
from server.engine.pending import is_full, is_taken, let_wait, take_first
from server.engine.phase_table import trades_at_once
from server.engine.refusal import refused
from server.engine.registry import find_instrument, id_of, user_of
from server.engine.ticks import find_ticks, fits_ticks
from server.engine.vocabulary import BUY, INVALID_DEFINITION, NO_REASON, SELL, UNKNOWN_INSTRUMENT
from server.engine.vocabulary_orders import PEGGED
from server.engine.vocabulary_phases import SET_AUCTION, SET_RULES, SETTING_CHANGED, TICK_CHANGE
from server.engine.waiting import type_of
from server.engine.waiting_cancels import OFF_TICKS, cancel_waiting

_MILLION = U(1_000_000)
_TIERS = U(2)
_BAND_PRICE_LIMIT = np.int64(1 << 40)


@kernel
def instrument_named(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The instrument of a command, or none with the refusal noted."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    instrument = find_instrument(m, instrument_id)
    if instrument == NONE:
        refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    return instrument


@kernel
def setting_changed(m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64, effective: np.uint64) -> None:
    """SETTING_CHANGED of the commanding user; `effective`: when it is to be, 0: now."""
    e = command_event(m, ev, c, b, SETTING_CHANGED, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= high(c[b + C_ACCOUNT_INSTRUMENT])
    ev[e + E_VALUE] = kind
    ev[e + E_LIMIT] = effective


@kernel
def fault_in_limits(m: Words, z: Signed, c: Words, b: np.uint64, instrument: np.uint64) -> np.int64:
    """Which of the first numbers of a SET_RULES does not fit (1 to 6), or 0."""
    table = c[b + R_APPROVER_TABLE] >> R_TICK_TABLE_SHIFT & PAIR
    quantity = np.int64(c[b + R_QUANTITY_MIN])
    least = np.int64(c[b + R_VALUE_MIN])
    most = np.int64(c[b + R_VALUE_MAX])
    effective = np.int64(c[b + R_EFFECTIVE])
    if table != ZERO and find_ticks(m, table) == NONE:
        return np.int64(1)
    if quantity < 0 or quantity > z[instrument + INSTRUMENT_QUANTITY_MAX]:
        return np.int64(3)
    if least < 0:
        return np.int64(4)
    if most < 0 or (most != 0 and most < least):
        return np.int64(5)
    waits = effective > z[TIME_NS]
    if effective < 0 or (waits and is_taken(m, instrument + INSTRUMENT_PENDING_RULES, U(effective))):
        return np.int64(6)
    return np.int64(0)


@inline
def largest_price(z: Signed, instrument: np.uint64) -> np.int64:
    """The largest absolute value of a price of the instrument."""
    return max(abs(z[instrument + INSTRUMENT_PRICE_MIN]), abs(z[instrument + INSTRUMENT_PRICE_MAX]))


@kernel
def fault_in_parts(m: Words, z: Signed, c: Words, b: np.uint64, instrument: np.uint64) -> np.int64:
    """Which of the other numbers of a SET_RULES does not fit (7 to 15), or 0."""
    if low(c[b + R_COLLAR_STATIC]) > _MILLION:
        return np.int64(7)
    if high(c[b + R_COLLAR_STATIC]) > _MILLION:
        return np.int64(8)
    if low(c[b + R_DYNAMIC_PROTECTION]) > _MILLION:
        return np.int64(9)
    if high(c[b + R_DYNAMIC_PROTECTION]) > _MILLION:
        return np.int64(10)
    if low(c[b + R_MARGINS]) > _MILLION:
        return np.int64(11)
    if high(c[b + R_MARGINS]) > low(c[b + R_MARGINS]):
        return np.int64(12)
    tier = c[b + R_AGE_GROUP] >> R_BAND_SHIFT & BYTE
    if tier > _TIERS or (tier != ZERO and largest_price(z, instrument) >= _BAND_PRICE_LIMIT):
        return np.int64(13)
    if c[b + R_AGE_GROUP] >> R_LOCATE_SHIFT & BYTE > ONE:
        return np.int64(14)
    waits = c[b + R_EFFECTIVE] > m[TIME_NS]
    return np.int64(15) if waits and is_full(m, instrument + INSTRUMENT_PENDING_RULES) else np.int64(0)


@kernel
def copy_rules(m: Words, c: Words, b: np.uint64, row: np.uint64) -> None:
    """The fifteen numbers of a SET_RULES, from `row` on."""
    m[row] = c[b + R_APPROVER_TABLE] >> R_TICK_TABLE_SHIFT & PAIR
    m[row + U(1)] = c[b + R_APPROVER_TABLE] >> R_FEE_SCHEDULE_SHIFT & PAIR
    m[row + U(2)] = c[b + R_QUANTITY_MIN]
    m[row + U(3)] = c[b + R_VALUE_MIN]
    m[row + U(4)] = c[b + R_VALUE_MAX]
    m[row + U(5)] = low(c[b + R_COLLAR_STATIC])
    m[row + U(6)] = high(c[b + R_COLLAR_STATIC])
    m[row + U(7)] = low(c[b + R_DYNAMIC_PROTECTION])
    m[row + U(8)] = high(c[b + R_DYNAMIC_PROTECTION])
    m[row + U(9)] = low(c[b + R_MARGINS])
    m[row + U(10)] = high(c[b + R_MARGINS])
    m[row + U(11)] = low(c[b + R_AGE_GROUP])
    m[row + U(12)] = c[b + R_AGE_GROUP] >> R_GROUP_SHIFT & PAIR
    m[row + U(13)] = c[b + R_AGE_GROUP] >> R_BAND_SHIFT & BYTE
    m[row + U(14)] = c[b + R_AGE_GROUP] >> R_LOCATE_SHIFT & BYTE


@kernel
def set_rules(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_RULES. Returns the reason for which it is refused, or 0."""
    instrument = instrument_named(m, c, b)
    if instrument == NONE:
        return UNKNOWN_INSTRUMENT
    reason = check_approval(m, c, b, c[b + R_APPROVER_TABLE] & LOW, False)
    if reason != NO_REASON:
        return reason
    fault = fault_in_limits(m, z, c, b, instrument)
    if fault == 0:
        fault = fault_in_parts(m, z, c, b, instrument)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(id_of(m, instrument)), fault)
    effective = c[b + R_EFFECTIVE]
    if effective > m[TIME_NS]:
        setting_changed(m, ev, c, b, SET_RULES, effective)
        chain = instrument + INSTRUMENT_PENDING_RULES
        row = let_wait(m, chain, TIMER_RULES_EFFECTIVE, instrument, effective)
        copy_rules(m, c, b, row + PENDING_RULES)
        return NO_REASON
    setting_changed(m, ev, c, b, SET_RULES, ZERO)
    table = m[instrument + INSTRUMENT_TICK_TABLE]
    tier = m[instrument + INSTRUMENT_BAND_TIER]
    copy_rules(m, c, b, instrument + INSTRUMENT_TICK_TABLE)
    apply_rules(m, z, ev, md, instrument, table, tier)
    return NO_REASON


@kernel
def rules_take_effect(m: Words, z: Signed, ev: Words, md: Words, pending: np.uint64) -> None:
    """The time of waiting rules has come."""
    instrument = m[pending + PENDING_INSTRUMENT]
    user = user_of(m, ZERO)
    e = begin(m, ev, SETTING_CHANGED, ZERO, user)
    clear(ev, e, E_USER_ACCOUNT, EVENT_WORDS - ONE)
    ev[e + E_INSTRUMENT_SESSION] = id_of(m, instrument)
    ev[e + E_VALUE] = SET_RULES
    table = m[instrument + INSTRUMENT_TICK_TABLE]
    tier = m[instrument + INSTRUMENT_BAND_TIER]
    number = ZERO
    while number < RULE_NUMBERS:
        m[instrument + INSTRUMENT_TICK_TABLE + number] = m[pending + PENDING_RULES + number]
        number = number + ONE
    take_first(m, instrument + INSTRUMENT_PENDING_RULES)
    apply_rules(m, z, ev, md, instrument, table, tier)


@kernel
def apply_rules(
    m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, table: np.uint64, tier: np.uint64
) -> None:
    """What follows from new numbers; `table` and `tier` are the former ones."""
    m[instrument + INSTRUMENT_RULED] = ONE
    m[instrument + INSTRUMENT_CHANGE] = m[SEQUENCE]
    m[instrument + INSTRUMENT_FLAGS] &= ~FLAG_RANGE
    if m[instrument + INSTRUMENT_STATIC] | m[instrument + INSTRUMENT_DYNAMIC] != ZERO:
        m[instrument + INSTRUMENT_FLAGS] |= FLAG_RANGE
    new_table = m[instrument + INSTRUMENT_TICK_TABLE]
    m[instrument + INSTRUMENT_TICKS] = NONE if new_table == ZERO else find_ticks(m, new_table)
    if new_table != table:
        look_at_pegs(m, instrument)
    if new_table != ZERO and new_table != table:
        cancel_off_grid(m, z, ev, md, instrument)
        cancel_waiting(m, z, ev, md, instrument, TICK_CHANGE, OFF_TICKS)
    if m[instrument + INSTRUMENT_BAND_TIER] != ZERO:
        make_buckets(m, instrument)
    if m[instrument + INSTRUMENT_BAND_TIER] != tier and trades_at_once(m[instrument + INSTRUMENT_PHASE]):
        end_band(m, instrument)
        begin_band(m, z, md, instrument)
        attend_band(m, instrument)
    finish(m, z, md, instrument)


@inline
def cancel_unfit(m: Words, z: Signed, ev: Words, md: Words, ticks: np.uint64, order: np.uint64) -> None:
    """Cancels an order if its limit price is none that the table allows."""
    moves = type_of(m, order) == PEGGED
    if not moves and not has_no_price(m, order) and not fits_ticks(m, z, ticks, z[order + ORDER_PRICE]):
        cancel(m, z, ev, md, TICK_CHANGE, order)
        forget(m, order)


@kernel
def cancel_off_grid(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """Cancels what a new tick table does not allow: bids, asks, best first, oldest first, then those that wait."""
    ticks = m[instrument + INSTRUMENT_TICKS]
    for side in (BUY, SELL):
        level = best_level(m, book_of(instrument, side))
        while level != NONE:
            further = next_level(m, level)
            order = first_order(m, level)
            while order != NONE:
                younger = next_order(m, order)
                cancel_unfit(m, z, ev, md, ticks, order)
                order = younger
            level = further
    order = first_order(m, waiting_queue(instrument))
    while order != NONE:
        younger = next_order(m, order)
        cancel_unfit(m, z, ev, md, ticks, order)
        order = younger


@kernel
def set_auction(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_AUCTION. Returns the reason for which it is refused, or 0."""
    instrument = instrument_named(m, c, b)
    if instrument == NONE:
        return UNKNOWN_INSTRUMENT
    reason = check_approval(m, c, b, c[b + A_APPROVER_VOLATILITY] & LOW, False)
    if reason != NO_REASON:
        return reason
    m[instrument + INSTRUMENT_RULED] = ONE
    m[instrument + INSTRUMENT_VOLATILITY_MS] = high(c[b + A_APPROVER_VOLATILITY])
    m[instrument + INSTRUMENT_RANDOM_MS] = low(c[b + A_RANDOM_EXTENSION])
    m[instrument + INSTRUMENT_EXTENSION_MS] = high(c[b + A_RANDOM_EXTENSION])
    m[instrument + INSTRUMENT_LIMIT_STATE_MS] = low(c[b + A_LIMIT_STATE_PAUSE])
    m[instrument + INSTRUMENT_PAUSE_MS] = high(c[b + A_LIMIT_STATE_PAUSE])
    m[instrument + INSTRUMENT_EXTENSIONS_MAX] = c[b + A_EXTENSIONS] & BYTE
    m[instrument + INSTRUMENT_SEED] = c[b + A_SEED]
    setting_changed(m, ev, c, b, SET_AUCTION, ZERO)
    return NO_REASON
