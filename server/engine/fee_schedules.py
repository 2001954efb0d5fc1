"""SET_FEES: tiers of fee schedules. A schedule is set tier by tier and never changes once it is complete."""

import numpy as np

from server.engine.approval import check_approval
from server.engine.balances import (
    CLEARING_ACCOUNT,
    FEES_ACCOUNT,
    REGULATORY_ACCOUNT,
    ROUNDING_ACCOUNT,
    system_balance,
)
from server.engine.bits import halves, low, magnitude
from server.engine.events import command_event
from server.engine.fees import rate_of, signed_half
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    BYTE,
    E_LIMIT,
    E_QUANTITY,
    E_VALUE,
    INSTRUMENT_CURRENCY,
    NONE,
    ONE,
    PAIR,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_MONEY_TERMS,
    F_AUCTION_TERMS,
    F_CLEARING_REGULATORY,
    F_CURRENCY_SHIFT,
    F_DIGITS_SHIFT,
    F_MAKER_TAKER,
    F_MAXIMUM,
    F_MINIMUM,
    F_NAMES,
    F_PER_LOT,
    F_PER_ORDER,
    F_ROUNDING_SHIFT,
    F_SCHEDULE_SHIFT,
    F_TIER_SHIFT,
    F_TIER_VALUE,
    F_TIERS_SHIFT,
    KIND_TIER,
    TIER_ACCOUNTS,
    TIER_CLEARING_REGULATORY,
    TIER_CURRENCY,
    TIER_MAKER_TAKER,
    TIER_MAXIMUM,
    TIER_MINIMUM,
    TIER_NEXT,
    TIER_PER_LOT,
    TIER_PER_ORDER,
    TIER_TERMS,
    TIER_VALUE,
    TIER_WORDS,
    TIERS_MAXED,
    TIERS_SET,
    WORDS_OF_A_TRADE,
    WORDS_PER_TRADE,
    WORST_LOT_SIZE,
    WORST_MAXIMUM,
    WORST_MINIMUM,
    WORST_PER_LOT,
    WORST_PER_ORDER,
    WORST_RATE,
)
from server.engine.layout_phases import INSTRUMENT_FEE_SCHEDULE
from server.engine.memory import add, find
from server.engine.refusal import refused
from server.engine.vocabulary import AUCTION, INVALID_DEFINITION, MAKER, NO_REASON, TAKER
from server.engine.vocabulary_money import ALREADY_DONE, CHANGED_SETTING, HALF_EVEN, SET_FEES

_TIERS_MAX = U(8)
_DIGITS_MAX = U(8)
_RATE_MAX = np.int64(100_000_000)
_AMOUNT_MAX = U(1 << 53)
_VALUE_BOUND = np.int64(1 << 62)


@inline
def tiers_in(c: Words, b: np.uint64) -> np.uint64:
    """How many tiers the command says that its schedule has."""
    return c[b + F_AUCTION_TERMS] >> F_TIERS_SHIFT & BYTE


@inline
def tier_in(c: Words, b: np.uint64) -> np.uint64:
    """The number of the tier that the command sets."""
    return c[b + F_AUCTION_TERMS] >> F_TIER_SHIFT & BYTE


@inline
def last_tier(m: Words, first: np.uint64) -> np.uint64:
    """The tier of a schedule that was set last."""
    tier = first
    while m[tier + TIER_NEXT] != NONE:
        tier = m[tier + TIER_NEXT]
    return tier


@kernel
def differs(m: Words, c: Words, b: np.uint64, first: np.uint64) -> bool:
    """Whether what all tiers share is another than the first one's."""
    shared = BYTE << F_ROUNDING_SHIFT | BYTE << F_DIGITS_SHIFT | BYTE << F_TIERS_SHIFT
    return bool(
        (c[b + F_AUCTION_TERMS] ^ m[first + TIER_TERMS]) & shared != ZERO
        or c[b + F_NAMES] >> F_CURRENCY_SHIFT & PAIR != m[first + TIER_CURRENCY]
        or c[b + F_CLEARING_REGULATORY] != m[first + TIER_CLEARING_REGULATORY]
    )


@kernel
def rates_fit(c: Words, b: np.uint64) -> bool:
    """Whether no rate can take more than the whole value."""
    clearing = signed_half(low(c[b + F_CLEARING_REGULATORY]))
    regulatory = signed_half(c[b + F_CLEARING_REGULATORY] >> U(32))
    maker = abs(signed_half(low(c[b + F_MAKER_TAKER])))
    taker = abs(signed_half(c[b + F_MAKER_TAKER] >> U(32)))
    auction = abs(signed_half(low(c[b + F_AUCTION_TERMS])))
    return bool(clearing >= 0 and regulatory >= 0 and max(maker, taker, auction) + clearing + regulatory <= _RATE_MAX)


@kernel
def fault_in_amounts(c: Words, b: np.uint64) -> np.int64:
    """7 or 8, if an amount of a tier does not fit, or 0."""
    minimum = np.int64(c[b + F_MINIMUM])
    maximum = np.int64(c[b + F_MAXIMUM])
    for word in (F_PER_LOT, F_PER_ORDER, F_MINIMUM, F_MAXIMUM):
        if magnitude(np.int64(c[b + word])) > _AMOUNT_MAX:
            return np.int64(7)
    if minimum < 0 or maximum < 0 or (maximum != 0 and minimum > maximum):
        return np.int64(8)
    return np.int64(0)


@kernel
def fault_in_tier(m: Words, z: Signed, c: Words, b: np.uint64, schedule: np.uint64, first: np.uint64) -> np.int64:
    """Which number of a tier does not fit (1 to 8), or 0; `first`: the schedule's first tier, or none."""
    tier = tier_in(c, b)
    known = m[first + TIERS_SET] if first != NONE else ZERO
    value = np.int64(c[b + F_TIER_VALUE])
    if schedule == ZERO:
        return np.int64(1)
    if tiers_in(c, b) == ZERO or tiers_in(c, b) > _TIERS_MAX or tier >= tiers_in(c, b) or tier != known:
        return np.int64(2)
    if first != NONE and differs(m, c, b, first):
        return np.int64(3)
    if (
        c[b + F_AUCTION_TERMS] >> F_ROUNDING_SHIFT & BYTE > HALF_EVEN
        or c[b + F_AUCTION_TERMS] >> F_DIGITS_SHIFT & BYTE > _DIGITS_MAX
    ):
        return np.int64(4)
    if value >= _VALUE_BOUND or (value != 0 if first == NONE else value <= z[last_tier(m, first) + TIER_VALUE]):
        return np.int64(5)
    return fault_in_amounts(c, b) if rates_fit(c, b) else np.int64(6)


@kernel
def set_fees(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SET_FEES. Returns the reason for which it is refused, or 0."""
    reason = check_approval(m, c, b, low(c[b + F_NAMES]), True)
    if reason != NO_REASON:
        return reason
    schedule = c[b + F_NAMES] >> F_SCHEDULE_SHIFT & PAIR
    first = find(m, KIND_TIER | schedule, ZERO)
    if first != NONE and is_complete(m, first):
        return refused(m, ALREADY_DONE, np.int64(schedule), np.int64(m[first + TIERS_SET]))
    fault = fault_in_tier(m, z, c, b, schedule, first)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(schedule), fault)
    tier = add(m, KIND_TIER | schedule, tier_in(c, b), TIER_WORDS)
    m[tier + TIER_TERMS] = c[b + F_AUCTION_TERMS]
    m[tier + TIER_CURRENCY] = c[b + F_NAMES] >> F_CURRENCY_SHIFT & PAIR
    m[tier + TIER_MAKER_TAKER] = c[b + F_MAKER_TAKER]
    m[tier + TIER_CLEARING_REGULATORY] = c[b + F_CLEARING_REGULATORY]
    m[tier + TIER_PER_LOT] = c[b + F_PER_LOT]
    m[tier + TIER_PER_ORDER] = c[b + F_PER_ORDER]
    m[tier + TIER_MINIMUM] = c[b + F_MINIMUM]
    m[tier + TIER_MAXIMUM] = c[b + F_MAXIMUM]
    m[tier + TIER_VALUE] = c[b + F_TIER_VALUE]
    if first == NONE:
        first = tier
        name_accounts(m, first)
    else:
        m[last_tier(m, first) + TIER_NEXT] = tier
    note_worst(m, z, first, tier)
    m[WORDS_PER_TRADE] = WORDS_OF_A_TRADE
    e = command_event(m, ev, c, b, CHANGED_SETTING, ZERO)
    ev[e + E_QUANTITY] = schedule
    ev[e + E_VALUE] = SET_FEES
    ev[e + E_LIMIT] = tier_in(c, b)
    return NO_REASON


@kernel
def name_accounts(m: Words, first: np.uint64) -> None:
    """Notes where a schedule's fees go."""
    currency = m[first + TIER_CURRENCY]
    fees = system_balance(m, FEES_ACCOUNT, currency)
    m[first + TIER_ACCOUNTS] = halves(fees, system_balance(m, CLEARING_ACCOUNT, currency))
    regulatory = system_balance(m, REGULATORY_ACCOUNT, currency)
    m[first + TIER_ACCOUNTS + ONE] = halves(regulatory, system_balance(m, ROUNDING_ACCOUNT, currency))


@kernel
def note_worst(m: Words, z: Signed, first: np.uint64, tier: np.uint64) -> None:
    """Counts a new tier in what the worst case of its schedule needs."""
    for liquidity in (MAKER, TAKER, AUCTION):
        z[first + WORST_RATE] = max(z[first + WORST_RATE], rate_of(m, tier, liquidity))
    z[first + WORST_PER_LOT] = max(z[first + WORST_PER_LOT], z[tier + TIER_PER_LOT])
    z[first + WORST_LOT_SIZE] = max(z[first + WORST_LOT_SIZE], abs(z[tier + TIER_PER_LOT]))
    z[first + WORST_PER_ORDER] = max(z[first + WORST_PER_ORDER], z[tier + TIER_PER_ORDER])
    z[first + WORST_MINIMUM] = max(z[first + WORST_MINIMUM], z[tier + TIER_MINIMUM])
    m[first + TIERS_SET] += ONE
    if z[tier + TIER_MAXIMUM] != 0:
        m[first + TIERS_MAXED] += ONE
    highest = np.int64(0)
    if m[first + TIERS_MAXED] == m[first + TIERS_SET]:
        at = first
        while at != NONE:
            highest = max(highest, z[at + TIER_MAXIMUM])
            at = m[at + TIER_NEXT]
    z[first + WORST_MAXIMUM] = highest


@inline
def is_complete(m: Words, first: np.uint64) -> bool:
    """Whether all tiers of a schedule are set."""
    return bool(m[first + TIERS_SET] == m[first + TIER_TERMS] >> F_TIERS_SHIFT & BYTE)


@kernel
def usable(m: Words, schedule: np.uint64, currency: np.uint64) -> np.uint64:
    """The first tier of a schedule that is complete and in this currency, or none."""
    if schedule == ZERO:
        return NONE
    first = find(m, KIND_TIER | schedule, ZERO)
    if first == NONE or not is_complete(m, first) or m[first + TIER_CURRENCY] != currency:
        return NONE
    return first


@kernel
def schedule_for(m: Words, account: np.uint64, instrument: np.uint64) -> np.uint64:
    """The first tier of the schedule of a new order: the account's, else the instrument's; or none."""
    currency = m[instrument + INSTRUMENT_CURRENCY]
    first = usable(m, m[account + ACCOUNT_MONEY_TERMS] & PAIR, currency)
    return first if first != NONE else usable(m, m[instrument + INSTRUMENT_FEE_SCHEDULE], currency)
