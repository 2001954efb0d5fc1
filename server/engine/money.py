"""Positions, cash and reservations: what an order binds, what a fill moves.

Rules: an order without an extension pays no fees, counts in its account's own currency and takes out average cost; the
one test for an extension is all that the others cost it.
"""

import numpy as np

from server.engine.attended import note_trade
from server.engine.auction_orders import worst_price
from server.engine.balances import money_of
from server.engine.bands import count_in_band
from server.engine.bits import low
from server.engine.exposure import count_fill, count_open
from server.engine.extensions import extend
from server.engine.fees import charge, worst_fee
from server.engine.kernel import Signed, Words, cold, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_RESERVED,
    BYTE,
    E_TIME_IN_FORCE_SHIFT,
    E_TYPE_SHIFT,
    ID_PREFIX,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_HIGH,
    INSTRUMENT_LAST,
    INSTRUMENT_LOW,
    INSTRUMENT_OPEN,
    INSTRUMENT_TRADE_NUMBER,
    INSTRUMENT_TRADES,
    INSTRUMENT_TURNOVER,
    INSTRUMENT_VOLUME,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_EXTENSION,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_TERMS,
    POSITION_NET,
    TIME_NS,
    TRADE_IDS,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_COMMITTED,
    CHARGES_HELD,
    CHARGES_OPEN,
    CHARGES_TIER,
    CHARGES_WORDS,
    FREE_CHARGES,
    INSTRUMENT_LOT_VALUE,
)
from server.engine.layout_orders import EXTENSION_FEE, EXTENSION_LOT
from server.engine.layout_phases import FLAG_BAND, INSTRUMENT_FLAGS, INSTRUMENT_LAST_TIME, INSTRUMENT_RULED
from server.engine.layout_risk import RISK_IN_USE
from server.engine.layout_stops import INSTRUMENT_ATTENDED
from server.engine.links import (
    holding_price,
    is_leg,
    lots_of_link,
    lots_to_bind,
    note_fill,
    unit_to_bind,
    value_to_bind,
)
from server.engine.lots import book, book_average
from server.engine.memory import take
from server.engine.phase_table import is_for_auction
from server.engine.registry import account_of, instrument_of, open_quantity, position_row_of
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import BUY, LIMIT

STATISTIC_MAX = np.int64((1 << 62) - 1)
"""Volume and turnover of a day stop there."""


@inline
def side_of(m: Words, order: np.uint64) -> np.uint64:
    """BUY or SELL."""
    return m[order + ORDER_TERMS] & BYTE


@inline
def is_limit(m: Words, order: np.uint64) -> bool:
    """Whether the order has a limit price."""
    return bool(m[order + ORDER_TERMS] >> E_TYPE_SHIFT & BYTE == LIMIT)


@inline
def cost_of(side: np.uint64, price: np.int64, quantity: np.int64, cash_scale: np.int64) -> np.int64:
    """Cash that a trade takes from this side; negative: that it brings."""
    amount = price * quantity * cash_scale
    return amount if side == BUY else -amount


@inline
def reserve_of(side: np.uint64, price: np.int64, quantity: np.int64, cash_scale: np.int64) -> np.int64:
    """What an order must hold back for this quantity."""
    return max(cost_of(side, price, quantity, cash_scale), np.int64(0))


@inline
def greatest_lot_value(z: Signed, instrument: np.uint64) -> np.int64:
    """The greatest value that a lot of an instrument can have in a trade; at least 1."""
    return z[instrument + INSTRUMENT_LOT_VALUE]


@inline
def unit_value(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """What one lot of an order is worth at the price at which it reserves; 0 if it has none."""
    if low(m[order + ORDER_EXTENSION]) != NONE:
        return value_to_bind(m, z, order)
    instrument = instrument_of(m, position_row_of(m, order))
    price = np.int64(0)
    if is_limit(m, order):
        price = z[order + ORDER_PRICE]
    elif is_for_auction(m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE):
        price = worst_price(z, instrument, side_of(m, order))
    return abs(price) * z[instrument + INSTRUMENT_CASH_SCALE]


@inline
def lots_bound(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """How many lots of a live order count as open."""
    return lots_of_link(m, z, order) if low(m[order + ORDER_EXTENSION]) != NONE else z[order + ORDER_LEAVES]


@inline
def bind(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """Counts a quantity of an order as open and holds back its reserve; a negative quantity releases."""
    if low(m[order + ORDER_EXTENSION]) != NONE:
        bind_extended(m, z, order, quantity)
        return
    if not WITH_ACCOUNTS:
        return
    position = position_row_of(m, order)
    side = side_of(m, order)
    account = account_of(m, position)
    instrument = instrument_of(m, position)
    z[position + open_quantity(side)] += quantity
    z[account + ACCOUNT_COMMITTED] += greatest_lot_value(z, instrument) * quantity
    if is_limit(m, order):
        price = z[order + ORDER_PRICE]
        held = reserve_of(side, price, np.int64(1), z[instrument + INSTRUMENT_CASH_SCALE])
        z[account + ACCOUNT_RESERVED] += held * quantity
    elif is_for_auction(m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE):
        price = worst_price(z, instrument, side)
        held = reserve_of(side, price, np.int64(1), z[instrument + INSTRUMENT_CASH_SCALE])
        z[account + ACCOUNT_RESERVED] += held * quantity
    if m[RISK_IN_USE] != ZERO:
        count_open(m, z, order, side, quantity, unit_value(m, z, order))


@cold
def bind_extended(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """`bind` of an order with an extension: its money may lie in another currency, its reserve include fees."""
    position = position_row_of(m, order)
    side = side_of(m, order)
    money = money_of(m, position)
    instrument = instrument_of(m, position)
    quantity = lots_to_bind(m, z, order, quantity)
    if not WITH_ACCOUNTS:  # what the legs of a link hold is the link's own
        return
    z[position + open_quantity(side)] += quantity
    z[money + ACCOUNT_COMMITTED] += greatest_lot_value(z, instrument) * quantity
    charges = m[low(m[order + ORDER_EXTENSION]) + EXTENSION_FEE]
    if charges != NONE and not is_leg(m, order):
        z[charges + CHARGES_OPEN] += quantity
        hold(m, z, order, charges, money)
    else:
        z[money + ACCOUNT_RESERVED] += unit_to_bind(m, z, order) * quantity
    if m[RISK_IN_USE] != ZERO:
        count_open(m, z, order, side, quantity, unit_value(m, z, order))


@kernel
def hold(m: Words, z: Signed, order: np.uint64, charges: np.uint64, money: np.uint64) -> None:
    """Holds back what an order with fees could still cost, in place of what it held before."""
    needed = np.int64(0)
    lots = z[charges + CHARGES_OPEN]
    price = holding_price(m, z, order)
    if price != NO_PRICE and lots != 0:
        cash_scale = z[instrument_of(m, position_row_of(m, order)) + INSTRUMENT_CASH_SCALE]
        cost = cost_of(side_of(m, order), price, lots, cash_scale)
        needed = max(cost + worst_fee(m, z, m[charges + CHARGES_TIER], charges, abs(cost), lots), np.int64(0))
    z[money + ACCOUNT_RESERVED] += needed - z[charges + CHARGES_HELD]
    z[charges + CHARGES_HELD] = needed


@inline
def settle(
    m: Words, z: Signed, order: np.uint64, price: np.int64, quantity: np.int64, liquidity: np.uint64
) -> np.int64:
    """Posts a fill of an order and releases what was held back for it; returns its fee."""
    if low(m[order + ORDER_EXTENSION]) != NONE:
        return settle_extended(m, z, order, price, quantity, liquidity)
    if not WITH_ACCOUNTS:
        return np.int64(0)
    position = position_row_of(m, order)
    signed = quantity if side_of(m, order) == BUY else -quantity
    unit_cash = price * z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
    z[account_of(m, position) + ACCOUNT_CASH] -= signed * unit_cash
    before = z[position + POSITION_NET]
    book_average(z, position, signed, unit_cash)
    bind(m, z, order, -quantity)
    if m[RISK_IN_USE] != ZERO:
        count_fill(m, z, order, signed, before)
    return np.int64(0)


@cold
def settle_extended(
    m: Words, z: Signed, order: np.uint64, price: np.int64, quantity: np.int64, liquidity: np.uint64
) -> np.int64:
    """`settle` of an order with an extension: by its account's cost method, in the instrument's currency, with fees."""
    if not WITH_ACCOUNTS:  # its link counts it
        note_fill(m, z, order, quantity)
        bind_extended(m, z, order, -quantity)
        return np.int64(0)
    position = position_row_of(m, order)
    side = side_of(m, order)
    extension = low(m[order + ORDER_EXTENSION])
    money = money_of(m, position)
    signed = quantity if side == BUY else -quantity
    unit_cash = price * z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
    z[money + ACCOUNT_CASH] -= signed * unit_cash
    before = z[position + POSITION_NET]
    book(m, z, position, signed, unit_cash, m[TRADE_IDS] | m[ID_PREFIX], m[extension + EXTENSION_LOT], False)
    charges = m[extension + EXTENSION_FEE]
    fee = np.int64(0)
    if charges != NONE:
        value = abs(signed * unit_cash)
        fee = charge(m, z, charges, position, money, side, value, quantity, liquidity)
    note_fill(m, z, order, quantity)
    bind_extended(m, z, order, -quantity)
    if m[RISK_IN_USE] != ZERO:
        count_fill(m, z, order, signed, before)
    return fee


@kernel
def prepare_money(m: Words, order: np.uint64, first: np.uint64) -> None:
    """Gives a new order that is not plain in money its extension; `first`: the first tier of its schedule, or none."""
    extension = extend(m, order)
    if first != NONE:
        charges = take(m, FREE_CHARGES, CHARGES_WORDS)
        m[charges + CHARGES_TIER] = first
        m[extension + EXTENSION_FEE] = charges


@inline
def count_trade(m: Words, z: Signed, instrument: np.uint64, price: np.int64, quantity: np.int64) -> np.uint64:
    """Numbers a trade and adds it to the day of its instrument; returns the instrument's number of it."""
    m[TRADE_IDS] += ONE
    if m[instrument + INSTRUMENT_ATTENDED] != ZERO:
        note_trade(m, z, instrument, price)
    if m[instrument + INSTRUMENT_RULED] != ZERO and m[instrument + INSTRUMENT_FLAGS] & FLAG_BAND != ZERO:
        count_in_band(m, z, instrument, price)
    if z[instrument + INSTRUMENT_OPEN] == NO_PRICE:
        z[instrument + INSTRUMENT_OPEN] = price
        z[instrument + INSTRUMENT_HIGH] = price
        z[instrument + INSTRUMENT_LOW] = price
    z[instrument + INSTRUMENT_HIGH] = max(z[instrument + INSTRUMENT_HIGH], price)
    z[instrument + INSTRUMENT_LOW] = min(z[instrument + INSTRUMENT_LOW], price)
    z[instrument + INSTRUMENT_LAST] = price
    m[instrument + INSTRUMENT_LAST_TIME] = m[TIME_NS]
    turnover = z[instrument + INSTRUMENT_TURNOVER] + price * quantity * z[instrument + INSTRUMENT_CASH_SCALE]
    z[instrument + INSTRUMENT_VOLUME] = min(z[instrument + INSTRUMENT_VOLUME] + quantity, STATISTIC_MAX)
    z[instrument + INSTRUMENT_TURNOVER] = max(min(turnover, STATISTIC_MAX), -STATISTIC_MAX)
    m[instrument + INSTRUMENT_TRADES] += ONE
    number = low(m[instrument + INSTRUMENT_TRADE_NUMBER] + ONE)
    m[instrument + INSTRUMENT_TRADE_NUMBER] = number
    return number
