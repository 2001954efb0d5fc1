"""SPLIT, DIVIDEND and RENAME: what an issuer does to all positions of an instrument.

Rules: positions change by ascending account, the house first. What a split leaves over is paid in cash by the corporate
actions account, which also takes what makes the sum of all positions zero again.
"""

import numpy as np

from server.engine.approval import check_approval
from server.engine.balances import (
    CORPORATE_ACCOUNT,
    money_of,
    move_cash,
    next_position_of_instrument,
    sort_positions,
    system_balance,
)
from server.engine.bits import high, low, magnitude, mul_div, product_high, product_reaches
from server.engine.events import command_event, position_event
from server.engine.exposure import net_changed
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    C_ACCOUNT_INSTRUMENT,
    C_SESSION_USER,
    COMMAND_USER,
    E_INSTRUMENT_SESSION,
    E_LABEL,
    E_LIMIT,
    E_QUANTITY,
    E_VALUE,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
    INSTRUMENT_HIGH,
    INSTRUMENT_LAST,
    INSTRUMENT_LOW,
    INSTRUMENT_OPEN,
    INSTRUMENT_PHASE,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_SYMBOL,
    NO_PRICE,
    NONE,
    ONE,
    POSITION_COST,
    POSITION_NET,
    POSITION_REALISED,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import (
    INSTRUMENT_SPLIT_TRADES,
    LOT_COST,
    LOT_NET,
    LOT_NEXT_PREVIOUS,
    POSITION_FIRST_LAST_LOT,
    POSITION_INCOME,
    POSITION_MARK,
    X_AMOUNT,
    X_DENOMINATOR,
    X_NAMES,
    X_NUMERATOR,
    X_SYMBOL,
)
from server.engine.lots import drop_lot
from server.engine.margin import mark_of
from server.engine.market_data import publish_top
from server.engine.money import greatest_lot_value
from server.engine.money_checks import check_realised, check_sum
from server.engine.refusal import refused
from server.engine.registry import account_id_of, find_instrument, id_of, position_of
from server.engine.vocabulary import (
    CLOSED,
    HALTED,
    INVALID_DEFINITION,
    NO_REASON,
    PHASE_FORBIDS,
    UNKNOWN_INSTRUMENT,
)
from server.engine.vocabulary_money import (
    AMOUNT_TOO_LARGE,
    CANCELED_BY_CORPORATE_ACTION,
    CORPORATE_ACTION,
    DIVIDEND,
    NO_REFERENCE_PRICE,
    RENAME,
    SPLIT,
    START_OF_DAY,
    SUSPENDED,
)
from server.engine.waiting_cancels import cancel_all

_RATIO_MAX = np.int64(1_000_000)
_DIVIDEND_MAX = np.int64(1 << 53)
_HALF_BOUND = U(1 << 61)
_BOUND = U(1 << 62)


@kernel
def check_named(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The first checks of a corporate action: the approver, the instrument."""
    reason = check_approval(m, c, b, low(c[b + X_NAMES]), True)
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    if reason == NO_REASON and find_instrument(m, instrument_id) == NONE:
        return refused(m, UNKNOWN_INSTRUMENT, np.int64(instrument_id), np.int64(0))
    return reason


@inline
def is_of_house(m: Words, position: np.uint64) -> bool:
    """Whether a position is the house's or that of the corporate actions account: no one hears of it."""
    account_id = account_id_of(m, position)
    return bool(account_id == ZERO or account_id == CORPORATE_ACCOUNT)


@kernel
def announce(m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64) -> np.uint64:
    """CORPORATE_ACTION; returns where it begins."""
    e = command_event(m, ev, c, b, CORPORATE_ACTION, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= high(c[b + C_ACCOUNT_INSTRUMENT])
    ev[e + E_VALUE] = kind
    return e


@kernel
def check_split(m: Words, z: Signed, c: Words, b: np.uint64, instrument: np.uint64) -> np.uint64:
    """Whether a split fits every position, and has a price where something is left over."""
    new = np.int64(c[b + X_NUMERATOR])
    old = np.int64(c[b + X_DENOMINATOR])
    phase = m[instrument + INSTRUMENT_PHASE]
    if phase != CLOSED and phase != HALTED and phase != START_OF_DAY and phase != SUSPENDED:
        return refused(m, PHASE_FORBIDS, np.int64(phase), np.int64(0))
    if new < 1 or new > _RATIO_MAX:
        return refused(m, INVALID_DEFINITION, new, np.int64(1))
    if old < 1 or old > _RATIO_MAX:
        return refused(m, INVALID_DEFINITION, new, np.int64(2))
    if new == old:
        return refused(m, INVALID_DEFINITION, new, np.int64(3))
    unit = U(greatest_lot_value(z, instrument))
    uneven = False
    position = sort_positions(m, instrument)
    while position != NONE:
        net = z[position + POSITION_NET]
        if account_id_of(m, position) != CORPORATE_ACCOUNT and net != 0:
            if product_reaches(magnitude(net), U(new), _HALF_BOUND):
                return refused(m, AMOUNT_TOO_LARGE, net, np.int64(_HALF_BOUND) // new)
            lots = mul_div(net, new, old)
            if product_reaches(magnitude(lots), unit, _HALF_BOUND):
                return refused(m, AMOUNT_TOO_LARGE, lots, np.int64((_HALF_BOUND - ONE) // unit))
            uneven = uneven or lots * old != net * new
        position = next_position_of_instrument(m, position)
    return check_left_over(m, z, instrument, new, old) if uneven else NO_REASON


@kernel
def check_left_over(m: Words, z: Signed, instrument: np.uint64, new: np.int64, old: np.int64) -> np.uint64:
    """Whether there is a price for what a split leaves over, and room for the cash."""
    price = mark_of(z, instrument)
    if price == NO_PRICE:
        return refused(m, NO_REFERENCE_PRICE, np.int64(id_of(m, instrument)), np.int64(0))
    scale = m[instrument + INSTRUMENT_CASH_SCALE]
    size = magnitude(price)
    if product_reaches(size, scale, _BOUND) or product_reaches(size * scale, U(old), _BOUND):
        return refused(m, AMOUNT_TOO_LARGE, price, np.int64(_BOUND))
    position = sort_positions(m, instrument)
    while position != NONE:
        net = z[position + POSITION_NET]
        if account_id_of(m, position) != CORPORATE_ACCOUNT and mul_div(net, new, old) * old != net * new:
            reason = check_realised(m, z[position + POSITION_REALISED])
            if reason == NO_REASON:
                total = magnitude(z[money_of(m, position) + ACCOUNT_CASH]) + size * scale * U(old)
                reason = check_sum(m, total)
            if reason != NO_REASON:
                return reason
        position = next_position_of_instrument(m, position)
    return NO_REASON


@kernel
def split(m: Words, z: Signed, ev: Words, md: Words, c: Words, b: np.uint64) -> np.uint64:
    """SPLIT. Returns the reason for which it is refused, or 0."""
    reason = check_named(m, c, b)
    if reason != NO_REASON:
        return reason
    instrument = find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT]))
    reason = check_split(m, z, c, b, instrument)
    if reason != NO_REASON:
        return reason
    new = np.int64(c[b + X_NUMERATOR])
    old = np.int64(c[b + X_DENOMINATOR])
    e = announce(m, ev, c, b, SPLIT)
    ev[e + E_QUANTITY] = U(new)
    ev[e + E_LIMIT] = U(old)
    cancel_all(m, z, ev, md, instrument, CANCELED_BY_CORPORATE_ACTION)
    price = mark_of(z, instrument)
    others = np.int64(0)
    position = sort_positions(m, instrument)
    while position != NONE:
        if account_id_of(m, position) != CORPORATE_ACCOUNT and z[position + POSITION_NET] != 0:
            split_position(m, z, position, instrument, price, new, old)
            others = others + z[position + POSITION_NET]
            if not is_of_house(m, position):
                position_event(m, ev, m[COMMAND_USER], position, low(c[b + C_SESSION_USER]))
        position = next_position_of_instrument(m, position)
    balance_lots(m, z, instrument, others)
    scale_prices(m, z, instrument, new, old)
    m[instrument + INSTRUMENT_SPLIT_TRADES] = m[TRADE_IDS] + ONE
    publish_top(m, z, md, instrument)
    return NO_REASON


@kernel
def split_position(
    m: Words, z: Signed, position: np.uint64, instrument: np.uint64, price: np.int64, new: np.int64, old: np.int64
) -> None:
    """Gives a position its new lots; what is left over is paid in cash."""
    times_new = z[position + POSITION_NET] * new
    net = mul_div(z[position + POSITION_NET], new, old)
    left = times_new - net * old
    cost = z[position + POSITION_COST]
    in_lieu = np.int64(0)
    if left != 0:
        in_lieu = mul_div(left, price * z[instrument + INSTRUMENT_CASH_SCALE], new)
    out = cost if net == 0 else mul_div(cost, left, times_new)
    move_cash(m, z, position, in_lieu)
    payer = system_balance(m, CORPORATE_ACCOUNT, m[instrument + INSTRUMENT_CURRENCY])
    z[payer + ACCOUNT_CASH] -= in_lieu
    split_lots(m, z, position, new, old, out)
    z[position + POSITION_COST] = cost - out
    z[position + POSITION_REALISED] += in_lieu - out
    before = z[position + POSITION_NET]
    z[position + POSITION_NET] = net
    net_changed(m, z, position, before)


@kernel
def split_lots(m: Words, z: Signed, position: np.uint64, new: np.int64, old: np.int64, out: np.int64) -> None:
    """Scales lots so that they add up to the new net; `out` is taken from the newest that is left."""
    seen = before = carried = np.int64(0)
    newest = NONE
    lot = low(m[position + POSITION_FIRST_LAST_LOT])
    while lot != NONE:
        newer = low(m[lot + LOT_NEXT_PREVIOUS])
        seen = seen + z[lot + LOT_NET]
        after = mul_div(seen, new, old)
        z[lot + LOT_NET] = after - before
        before = after
        z[lot + LOT_COST] += carried
        carried = np.int64(0)
        if z[lot + LOT_NET] == 0:
            carried = z[lot + LOT_COST]
            drop_lot(m, position, lot)
        else:
            newest = lot
        lot = newer
    if newest != NONE:
        z[newest + LOT_COST] += carried - out


@kernel
def balance_lots(m: Words, z: Signed, instrument: np.uint64, others: np.int64) -> None:
    """Lets the corporate actions account have what makes the sum of all nets zero."""
    payer = system_balance(m, CORPORATE_ACCOUNT, m[instrument + INSTRUMENT_CURRENCY])
    if others != 0 or has_corporate_position(m, instrument):
        z[position_of(m, payer, instrument) + POSITION_NET] = -others


@kernel
def has_corporate_position(m: Words, instrument: np.uint64) -> bool:
    """Whether the corporate actions account has a position in an instrument."""
    position = sort_positions(m, instrument)
    while position != NONE:
        if account_id_of(m, position) == CORPORATE_ACCOUNT:
            return True
        position = next_position_of_instrument(m, position)
    return False


@inline
def scaled(price: np.int64, new: np.int64, old: np.int64) -> np.int64:
    """A price after a split, if there is one and it can be counted."""
    if price == NO_PRICE or product_high(magnitude(price), U(old)) >= U(new):
        return NO_PRICE
    if product_high(magnitude(price), U(old)) == ZERO and magnitude(price) * U(old) // U(new) >= _BOUND:
        return NO_PRICE
    result = mul_div(price, old, new)
    return result if magnitude(result) < _BOUND else NO_PRICE


@kernel
def scale_prices(m: Words, z: Signed, instrument: np.uint64, new: np.int64, old: np.int64) -> None:
    """Brings an instrument's prices, and its positions' marks, to what they are after a split."""
    for word in (
        INSTRUMENT_REFERENCE,
        INSTRUMENT_OPEN,
        INSTRUMENT_HIGH,
        INSTRUMENT_LOW,
        INSTRUMENT_LAST,
        INSTRUMENT_PREVIOUS_CLOSE,
    ):
        z[instrument + word] = scaled(z[instrument + word], new, old)
    position = sort_positions(m, instrument)
    while position != NONE:
        z[position + POSITION_MARK] = scaled(z[position + POSITION_MARK], new, old)
        position = next_position_of_instrument(m, position)


@kernel
def check_dividend(m: Words, z: Signed, instrument: np.uint64, amount: np.int64) -> np.uint64:
    """Whether an amount a lot can be counted for every position."""
    if amount < 1 or amount > _DIVIDEND_MAX:
        return refused(m, INVALID_DEFINITION, amount, np.int64(1))
    position = sort_positions(m, instrument)
    while position != NONE:
        net = z[position + POSITION_NET]
        if net != 0:
            if product_reaches(magnitude(net), U(amount), _HALF_BOUND):
                return refused(m, AMOUNT_TOO_LARGE, net, np.int64(_HALF_BOUND - ONE) // amount)
            total = magnitude(z[money_of(m, position) + ACCOUNT_CASH]) + magnitude(net) * U(amount)
            if total >= _BOUND:
                return refused(m, AMOUNT_TOO_LARGE, np.int64(total), np.int64(_BOUND))
        position = next_position_of_instrument(m, position)
    return NO_REASON


@kernel
def pay_dividend(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """DIVIDEND. Returns the reason for which it is refused, or 0."""
    reason = check_named(m, c, b)
    if reason != NO_REASON:
        return reason
    instrument = find_instrument(m, high(c[b + C_ACCOUNT_INSTRUMENT]))
    amount = np.int64(c[b + X_AMOUNT])
    reason = check_dividend(m, z, instrument, amount)
    if reason != NO_REASON:
        return reason
    e = announce(m, ev, c, b, DIVIDEND)
    ev[e + E_QUANTITY] = U(amount)
    position = sort_positions(m, instrument)
    while position != NONE:
        paid = z[position + POSITION_NET] * amount
        if paid != 0:
            z[position + POSITION_INCOME] += paid
            move_cash(m, z, position, paid)
            if not is_of_house(m, position):
                position_event(m, ev, m[COMMAND_USER], position, low(c[b + C_SESSION_USER]))
        position = next_position_of_instrument(m, position)
    return NO_REASON


@kernel
def rename(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """RENAME. Returns the reason for which it is refused, or 0."""
    reason = check_named(m, c, b)
    if reason != NO_REASON:
        return reason
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    if c[b + X_SYMBOL] | c[b + X_SYMBOL + ONE] == ZERO:
        return refused(m, INVALID_DEFINITION, np.int64(instrument_id), np.int64(1))
    instrument = find_instrument(m, instrument_id)
    e = announce(m, ev, c, b, RENAME)
    for word in (ZERO, ONE):
        m[instrument + INSTRUMENT_SYMBOL + word] = c[b + X_SYMBOL + word]
        ev[e + E_LABEL + word] = c[b + X_SYMBOL + word]
    return NO_REASON
