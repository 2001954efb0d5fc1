"""What an order may say of itself: type, time in force, flags and the fields of its ORDER_TERMS. Checks 7 to 10b.

Rules: chapter 10.3 of the rule book is the table; a field that means nothing for the order has its neutral value.
"""

import numpy as np

from server.engine.checks import flags_in, side_in, time_in_force_in, type_in
from server.engine.kernel import U, Words, cold, inline, kernel
from server.engine.layout import BYTE, C_QUANTITY, LOW, NO_PRICE, NONE, ONE, ZERO
from server.engine.layout_orders import (
    K_DISPLAY_QUANTITY,
    K_EXPIRE_TIME,
    K_LINK_SHIFT,
    K_LOT_TRADE_ID,
    K_MINIMUM_QUANTITY,
    K_OFFSET,
    K_PEG_SHIFT,
    K_PRICE_CAP,
    K_STOP_PRICE,
    K_TRAIL_PEG_TRIGGER_LINK,
    K_TRIGGER_SHIFT,
)
from server.engine.phase_table import is_for_auction
from server.engine.refusal import refused
from server.engine.vocabulary import (
    DAY,
    FOK,
    GTC,
    INVALID_FLAGS,
    INVALID_ORDER_TYPE,
    INVALID_SIDE,
    INVALID_TIME_IN_FORCE,
    IOC,
    LIMIT,
    LOSE_PRIORITY,
    MARKET,
    NO_REASON,
    POST_ONLY,
    SELL,
)
from server.engine.vocabulary_orders import (
    ALLOW,
    CONTINUOUS_ONLY,
    GOOD_AFTER_TIME,
    GTD,
    HIDDEN,
    IF_TOUCHED,
    IMBALANCE_ONLY,
    IN_NEXT_AUCTION,
    INVALID_TERMS,
    LAST_LINK,
    LAST_PEG,
    LAST_TRADE,
    LAST_TRIGGER,
    MARKET_TO_LIMIT,
    MODE,
    MODE_SHIFT,
    PEGGED,
    SHORT,
    SHORT_EXEMPT,
    SLIDE,
    STAYS,
    TRAILING_STOP,
    UNSUPPORTED_ORDER_TYPE,
    UNSUPPORTED_TIME_IN_FORCE,
    UNSUPPORTED_TRIGGER,
)
from server.engine.waiting import is_stop

TERMS_STOP_PRICE = U(1)
TERMS_DISPLAY = U(2)
TERMS_MINIMUM = U(3)
TERMS_EXPIRY = U(4)
TERMS_OFFSET = U(5)
TERMS_PRICE_CAP = U(6)
TERMS_LOT = U(7)
TERMS_TRAIL = U(8)
TERMS_PEG = U(9)
TERMS_TRIGGER = U(10)
TERMS_LINK = U(11)
_FLAGS_END = U(1 << 12)
_PPM_MAX = np.int64(999_999)


@inline
def mode_in(c: Words, b: np.uint64) -> np.uint64:
    """The self-trade mode that an order names."""
    return flags_in(c, b) >> MODE_SHIFT & MODE


@inline
def byte_of_terms(c: Words, t: np.uint64, shift: np.uint64) -> np.uint64:
    """A field of one byte of ORDER_TERMS; 0 where there are none."""
    return c[t + K_TRAIL_PEG_TRIGGER_LINK] >> shift & BYTE if t != NONE else ZERO


@inline
def number_of_terms(c: Words, t: np.uint64, word: np.uint64) -> np.int64:
    """A field of a whole word of ORDER_TERMS; 0 where there are none."""
    return np.int64(c[t + word]) if t != NONE else np.int64(0)


@kernel
def term(c: Words, t: np.uint64, number: np.uint64) -> np.int64:
    """The field of this number of ORDER_TERMS."""
    if number == TERMS_STOP_PRICE:
        return np.int64(c[t + K_STOP_PRICE])
    if number == TERMS_DISPLAY:
        return np.int64(c[t + K_DISPLAY_QUANTITY])
    if number == TERMS_MINIMUM:
        return np.int64(c[t + K_MINIMUM_QUANTITY])
    if number == TERMS_EXPIRY:
        return np.int64(c[t + K_EXPIRE_TIME])
    if number == TERMS_OFFSET:
        return np.int64(c[t + K_OFFSET])
    if number == TERMS_PRICE_CAP:
        return np.int64(c[t + K_PRICE_CAP])
    if number == TERMS_LOT:
        return np.int64(c[t + K_LOT_TRADE_ID])
    if number == TERMS_TRAIL:
        return np.int64(c[t + K_TRAIL_PEG_TRIGGER_LINK] & LOW)
    if number == TERMS_PEG:
        return np.int64(byte_of_terms(c, t, K_PEG_SHIFT))
    if number == TERMS_TRIGGER:
        return np.int64(byte_of_terms(c, t, K_TRIGGER_SHIFT))
    return np.int64(byte_of_terms(c, t, K_LINK_SHIFT))


@inline
def is_neutral(number: np.uint64, value: np.int64) -> bool:
    """Whether a field says nothing."""
    return bool(value == 0 or (value == NO_PRICE and (number == TERMS_STOP_PRICE or number == TERMS_PRICE_CAP)))


@inline
def is_lasting(time_in_force: np.uint64) -> bool:
    """DAY, GTC or GTD: an order of any phase's book."""
    return bool(time_in_force == DAY or time_in_force == GTC or time_in_force == GTD)


@kernel
def has_life(kind: np.uint64, time_in_force: np.uint64) -> bool:
    """Whether orders of a type may have this time in force."""
    if kind == LIMIT:
        return True
    if kind == MARKET:
        return bool(time_in_force == IOC or time_in_force == FOK or is_for_auction(time_in_force))
    if kind == MARKET_TO_LIMIT:
        return bool(time_in_force == DAY or time_in_force == GTC)
    return is_lasting(time_in_force)


@kernel
def are_flags_known(kind: np.uint64, time_in_force: np.uint64, side: np.uint64, flags: np.uint64) -> bool:
    """Whether an order may have these flags."""
    if flags >= _FLAGS_END or flags & LOSE_PRIORITY != ZERO or flags >> MODE_SHIFT & MODE > ALLOW:
        return False
    if flags & STAYS != ZERO and (time_in_force == IOC or time_in_force == FOK):
        return False
    if side != SELL and flags & (SHORT | SHORT_EXEMPT) != ZERO:
        return False
    limit_that_stays = kind == LIMIT and is_lasting(time_in_force)
    if flags & HIDDEN != ZERO:
        return bool(flags & (POST_ONLY | SLIDE) == ZERO and (limit_that_stays or kind == PEGGED))
    if kind == PEGGED or (flags & SLIDE != ZERO and flags & POST_ONLY == ZERO):
        return False
    return bool(limit_that_stays or flags & POST_ONLY == ZERO)


@kernel
def is_term_allowed(kind: np.uint64, time_in_force: np.uint64, flags: np.uint64, number: np.uint64) -> bool:
    """Whether a field of ORDER_TERMS means something for such an order; its link apart."""
    if number == TERMS_STOP_PRICE or number == TERMS_TRIGGER:
        return is_stop(kind)
    if number == TERMS_DISPLAY:
        return bool(kind == LIMIT and is_lasting(time_in_force) and flags & HIDDEN == ZERO)
    if number == TERMS_MINIMUM:
        if kind == LIMIT:
            return bool(flags & POST_ONLY == ZERO and (is_lasting(time_in_force) or time_in_force == IOC))
        return bool(kind == MARKET_TO_LIMIT or (kind == MARKET and time_in_force == IOC))
    if number == TERMS_EXPIRY:
        return bool(time_in_force == GTD)
    if number == TERMS_OFFSET:
        return bool(kind == TRAILING_STOP or kind == PEGGED)
    if number == TERMS_TRAIL:
        return bool(kind == TRAILING_STOP)
    if number == TERMS_LOT:
        return bool(kind != PEGGED)
    return bool(kind == PEGGED)


@kernel
def is_possible(
    kind: np.uint64, time_in_force: np.uint64, number: np.uint64, value: np.int64, quantity: np.int64
) -> bool:
    """Whether a field that means something has a number that it can have."""
    if number == TERMS_DISPLAY:
        return bool(value >= 0)
    if number == TERMS_MINIMUM:
        return bool(value == 0 or (value > 0 and value <= quantity))
    if number == TERMS_EXPIRY:
        return bool(value > 0)
    if number == TERMS_PEG:
        return bool(value >= 1 and value <= LAST_PEG)
    if number == TERMS_TRIGGER:
        return bool(value == LAST_TRADE)
    if number == TERMS_LINK:
        return bool(value <= LAST_LINK)
    return True


@inline
def is_distance(number: np.uint64, value: np.int64, ppm: np.int64) -> bool:
    """Whether an amount or parts per million can be the distance of a trailing stop: one of them is it."""
    if number == TERMS_TRAIL:
        return bool(value <= _PPM_MAX)
    return bool(value > 0) if ppm == 0 else bool(value == 0)


@cold
def check_fields(m: Words, c: Words, b: np.uint64, t: np.uint64, linked: bool) -> np.uint64:
    """Checks 10a and 10b; `linked`: the order stands behind another of its group."""
    kind = type_in(c, b)
    time_in_force = time_in_force_in(c, b)
    flags = flags_in(c, b)
    quantity = np.int64(c[b + C_QUANTITY])
    if is_stop(kind):
        if t == NONE:
            return refused(m, INVALID_TERMS, np.int64(0), np.int64(0))
        trigger = term(c, t, TERMS_TRIGGER)
        if trigger != LAST_TRADE and trigger <= LAST_TRIGGER:
            return refused(m, UNSUPPORTED_TRIGGER, trigger, np.int64(0))
    number = TERMS_STOP_PRICE
    while number <= TERMS_LINK:
        value = term(c, t, number) if t != NONE else np.int64(0)
        allowed = linked if number == TERMS_LINK else is_term_allowed(kind, time_in_force, flags, number)
        if allowed and kind == TRAILING_STOP and (number == TERMS_OFFSET or number == TERMS_TRAIL):
            fits = is_distance(number, value, term(c, t, TERMS_TRAIL))
        elif allowed:
            fits = is_possible(kind, time_in_force, number, value, quantity)
        else:
            fits = is_neutral(number, value)
        if not fits:
            return refused(m, INVALID_TERMS, np.int64(number), value)
        number = number + ONE
    return NO_REASON


@cold
def check_all_terms(m: Words, c: Words, b: np.uint64, t: np.uint64, linked: bool) -> np.uint64:
    """Checks 7 to 10b of a new order whose ORDER_TERMS begin at `t`, or that has none."""
    side = side_in(c, b)
    if side > SELL:
        return refused(m, INVALID_SIDE, np.int64(side), np.int64(0))
    kind = type_in(c, b)
    if kind == IMBALANCE_ONLY or kind == IF_TOUCHED:
        return refused(m, UNSUPPORTED_ORDER_TYPE, np.int64(kind), np.int64(0))
    if kind == ZERO or kind > PEGGED:
        return refused(m, INVALID_ORDER_TYPE, np.int64(kind), np.int64(0))
    time_in_force = time_in_force_in(c, b)
    if time_in_force >= GOOD_AFTER_TIME and time_in_force <= CONTINUOUS_ONLY:
        return refused(m, UNSUPPORTED_TIME_IN_FORCE, np.int64(time_in_force), np.int64(0))
    known = time_in_force != ZERO and time_in_force <= IN_NEXT_AUCTION
    if not known or not has_life(kind, time_in_force):
        return refused(m, INVALID_TIME_IN_FORCE, np.int64(time_in_force), np.int64(0))
    flags = flags_in(c, b)
    if not are_flags_known(kind, time_in_force, side, flags):
        return refused(m, INVALID_FLAGS, np.int64(flags), np.int64(0))
    return check_fields(m, c, b, t, linked)
