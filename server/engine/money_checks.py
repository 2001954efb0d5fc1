"""Whether an account can pay: amounts that no sum outgrows, named lots, cash with the worst fee, or margin.

Rules: asked at the risk entry only. Who asks for an order that lives already says which first (`ask_for`); who asks for
a new one that names a lot, or is the second leg of a pair, says so (`ask_lot`, `ask_with`) and takes it back.
"""

import numpy as np

from server.engine.balances import available_in, find_balance
from server.engine.bits import low, magnitude, product_reaches
from server.engine.fee_schedules import schedule_for
from server.engine.fees import worst_fee
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CURRENCY,
    BYTE,
    INSTRUMENT_CURRENCY,
    NONE,
    ONE,
    ORDER_EXTENSION,
    ORDER_LEAVES,
    ORDER_QUANTITY,
    POSITION_NET,
    POSITION_OPEN,
    POSITION_REALISED,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_COMMITTED,
    ACCOUNT_MONEY_TERMS,
    ASKING_LOT,
    ASKING_ORDER,
    CHARGES_HELD,
    CHARGES_TIER,
    EQUITY,
    NEEDED,
    TERMS_KIND_SHIFT,
    WORST_LOT_SIZE,
)
from server.engine.layout_orders import EXTENSION_FEE
from server.engine.layout_phases import INSTRUMENT_FEE_SCHEDULE, INSTRUMENT_RULED
from server.engine.layout_risk import ASKING_PARTNER
from server.engine.links import is_leg
from server.engine.lots import method_of, quantity_in_lots
from server.engine.margin import look_at_account, lots_at_risk, saturated
from server.engine.money import greatest_lot_value, prepare_money
from server.engine.rates import check_rate, converted
from server.engine.refusal import refused
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import BUY, INSUFFICIENT_CASH, NO_REASON
from server.engine.vocabulary_money import AMOUNT_TOO_LARGE, INSUFFICIENT_MARGIN, MARGIN, SPECIFIC_LOT, UNKNOWN_LOT

_HALF_BOUND = U(1 << 61)
_BOUND = U(1 << 62)


@inline
def ask_for(m: Words, order: np.uint64) -> None:
    """The next asking at the risk entry that is not for a new order is for this one."""
    m[ASKING_ORDER] = order


@inline
def order_asking(m: Words) -> np.uint64:
    """The order that asks, if it is not a new one."""
    return m[ASKING_ORDER]


@inline
def ask_lot(m: Words, lot_trade_id: np.uint64) -> None:
    """New orders that ask from now on name this lot (0: none)."""
    m[ASKING_LOT] = lot_trade_id


@inline
def ask_with(m: Words, partner: np.uint64) -> None:
    """New orders that ask from now on make a pair with this one (or none), and have what it holds back."""
    m[ASKING_PARTNER] = partner


@inline
def check_lots(m: Words, lots: np.uint64, unit: np.uint64) -> np.uint64:
    """Whether so many lots stay below 2^61 in value."""
    if product_reaches(lots, unit, _HALF_BOUND):
        return refused(m, AMOUNT_TOO_LARGE, np.int64(lots), np.int64((_HALF_BOUND - ONE) // unit))
    return NO_REASON


@inline
def check_realised(m: Words, realised: np.int64) -> np.uint64:
    """Whether a realised result can still grow."""
    if magnitude(realised) >= _HALF_BOUND:
        return refused(m, AMOUNT_TOO_LARGE, realised, np.int64(_HALF_BOUND))
    return NO_REASON


@inline
def check_sum(m: Words, total: np.uint64) -> np.uint64:
    """Whether a sum of money stays below 2^62."""
    if total >= _BOUND:
        return refused(m, AMOUNT_TOO_LARGE, np.int64(total), np.int64(_BOUND))
    return NO_REASON


@inline
def check_amounts(
    m: Words,
    z: Signed,
    position: np.uint64,
    money: np.uint64,
    instrument: np.uint64,
    quantity: np.int64,
    own: np.int64,
    fee: np.int64,
) -> np.uint64:
    """Section 17.2: lots, realised result, money; position and balance may be none."""
    unit = U(greatest_lot_value(z, instrument))
    lots = U(quantity)
    if position != NONE:
        lots = lots + magnitude(z[position + POSITION_NET])
        lots = lots + U(z[position + POSITION_OPEN] + z[position + POSITION_OPEN + ONE] - own)
    reason = check_lots(m, lots, unit)
    if reason == NO_REASON and position != NONE:
        reason = check_realised(m, z[position + POSITION_REALISED])
    if reason != NO_REASON:
        return reason
    total = U(quantity) * unit + U(fee)
    if money != NONE:
        total = total + magnitude(z[money + ACCOUNT_CASH]) + m[money + ACCOUNT_COMMITTED] - U(own) * unit
    return check_sum(m, total)


@inline
def is_plain(m: Words, account: np.uint64, instrument: np.uint64) -> bool:
    """Whether an account pays no fees, keeps no lots, needs no margin and has the instrument's currency for its own."""
    return bool(
        m[account + ACCOUNT_MONEY_TERMS] == ZERO
        and (m[instrument + INSTRUMENT_RULED] == ZERO or m[instrument + INSTRUMENT_FEE_SCHEDULE] == ZERO)
        and m[account + ACCOUNT_CURRENCY] == m[instrument + INSTRUMENT_CURRENCY]
    )


@inline
def prepare(m: Words, order: np.uint64, account: np.uint64, instrument: np.uint64) -> None:
    """Gives a new order what it needs to be charged fees, to count in another currency or to keep lots."""
    if WITH_ACCOUNTS and not is_plain(m, account, instrument):
        prepare_money(m, order, schedule_for(m, account, instrument))


@inline
def check_money(
    m: Words,
    z: Signed,
    order: np.uint64,
    account: np.uint64,
    position: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    quantity: np.int64,
    cost: np.int64,
    held: np.int64,
    own: np.int64,
) -> np.uint64:
    """What an order may bind of an account's money: `quantity` lots at a signed `cost`; it binds `held`, `own` now.

    `order`: its row, or none: it is new.
    """
    special = m[ASKING_LOT] if order == NONE else low(m[order + ORDER_EXTENSION])
    if special != ZERO or not is_plain(m, account, instrument):
        return check_special(m, z, order, account, position, instrument, side, quantity, cost, held, own)
    reason = check_amounts(m, z, position, account, instrument, quantity, own, np.int64(0))
    if reason != NO_REASON:
        return reason
    reserve = max(cost, np.int64(0))
    available = available_in(z, account) + max(held, np.int64(0))
    if reserve > available:
        return refused(m, INSUFFICIENT_CASH, reserve, available)
    return NO_REASON


@cold
def check_special(
    m: Words,
    z: Signed,
    order: np.uint64,
    account: np.uint64,
    position: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    quantity: np.int64,
    cost: np.int64,
    held: np.int64,
    own: np.int64,
) -> np.uint64:
    """`check_money` of an order that may pay fees, name a lot, need margin, or count in another currency."""
    lot = m[ASKING_LOT] if order == NONE else ZERO
    charges = charges_of(m, order)
    leg = order != NONE and low(m[order + ORDER_EXTENSION]) != NONE and is_leg(m, order)
    first = m[charges + CHARGES_TIER] if charges != NONE else NONE
    total = U(quantity)
    if order == NONE:
        first = schedule_for(m, account, instrument)
    else:
        total = total + m[order + ORDER_QUANTITY] - m[order + ORDER_LEAVES]
    fee = np.int64(0)
    reason = NO_REASON
    if first != NONE:
        size = m[first + WORST_LOT_SIZE]
        if size != ZERO and product_reaches(size, total, _HALF_BOUND):
            reason = refused(m, AMOUNT_TOO_LARGE, np.int64(total), np.int64((_HALF_BOUND - ONE) // size))
        else:
            fee = worst_fee(m, z, first, charges, abs(cost), quantity) if not leg else np.int64(0)
    money = find_balance(m, account, m[instrument + INSTRUMENT_CURRENCY])
    if reason == NO_REASON:
        reason = check_amounts(m, z, position, money, instrument, quantity, own, fee)
    if reason == NO_REASON and lot != ZERO:
        reason = check_lot(m, z, account, position, side, quantity, lot)
    if reason != NO_REASON:
        return reason
    if m[account + ACCOUNT_MONEY_TERMS] >> TERMS_KIND_SHIFT & BYTE == MARGIN:
        return check_margin(m, z, account, position, instrument, side, quantity, own, fee)
    holder = charges if order != NONE else charges_of(m, m[ASKING_PARTNER])
    released = z[holder + CHARGES_HELD] if holder != NONE and not leg else max(held, np.int64(0))
    available = (available_in(z, money) if money != NONE else np.int64(0)) + released
    reserve = max(cost + fee, np.int64(0))
    if reserve > available:
        return refused(m, INSUFFICIENT_CASH, reserve, available)
    return NO_REASON


@inline
def charges_of(m: Words, order: np.uint64) -> np.uint64:
    """The row of what an order was charged, or none: it has no schedule, or there is no order."""
    if order == NONE or low(m[order + ORDER_EXTENSION]) == NONE:
        return NONE
    return m[low(m[order + ORDER_EXTENSION]) + EXTENSION_FEE]


@kernel
def check_lot(
    m: Words, z: Signed, account: np.uint64, position: np.uint64, side: np.uint64, quantity: np.int64, lot: np.uint64
) -> np.uint64:
    """Whether the lots of a trade that an order names hold its quantity."""
    found = np.int64(0)
    if position != NONE and method_of(m, account) == SPECIFIC_LOT:
        found = quantity_in_lots(m, z, position, lot, side != BUY)
    if found < quantity:
        return refused(m, UNKNOWN_LOT, np.int64(lot), found)
    return NO_REASON


@kernel
def check_margin(
    m: Words,
    z: Signed,
    account: np.uint64,
    position: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    quantity: np.int64,
    own: np.int64,
    fee: np.int64,
) -> np.uint64:
    """Whether a margin account's equity covers what it would need; an order that adds no lots at risk passes."""
    net = z[position + POSITION_NET] if position != NONE else np.int64(0)
    open_buy = z[position + POSITION_OPEN] if position != NONE else np.int64(0)
    open_sell = z[position + POSITION_OPEN + ONE] if position != NONE else np.int64(0)
    more = quantity - own
    after = (
        lots_at_risk(net, open_buy + more, open_sell) if side == BUY else lots_at_risk(net, open_buy, open_sell + more)
    )
    if after <= lots_at_risk(net, open_buy, open_sell):
        return NO_REASON
    reason = look_at_account(m, z, account, instrument, side, more, False)
    if reason != NO_REASON:
        return reason
    currency = m[instrument + INSTRUMENT_CURRENCY]
    own_currency = m[account + ACCOUNT_CURRENCY]
    if fee != 0 and currency != own_currency:
        reason = check_rate(m, z, currency, own_currency)
        if reason != NO_REASON:
            return reason
        negative, _ = converted(m, z, currency, own_currency, -fee)
        fee = -negative
    needed = saturated(z[NEEDED], fee)
    if needed > z[EQUITY]:
        return refused(m, INSUFFICIENT_MARGIN, needed, z[EQUITY])
    return NO_REASON
