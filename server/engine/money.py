"""Positions, cash and reservations: what an order binds, what a fill moves."""

import numpy as np

from server.engine.bits import low, mul_div
from server.engine.kernel import Signed, Words, inline
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_RESERVED,
    BYTE,
    E_TYPE_SHIFT,
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
    ONE,
    ORDER_PRICE,
    ORDER_TERMS,
    POSITION_COST,
    POSITION_NET,
    POSITION_REALISED,
    TRADE_IDS,
)
from server.engine.registry import account_of, instrument_of, open_quantity, position_row_of
from server.engine.vocabulary import BUY, LIMIT


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
def bind(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """Counts a quantity of an order as open and holds back its reserve; a negative quantity releases."""
    position = position_row_of(m, order)
    side = side_of(m, order)
    z[position + open_quantity(side)] += quantity
    if is_limit(m, order):
        instrument = instrument_of(m, position)
        price = z[order + ORDER_PRICE]
        held = reserve_of(side, price, np.int64(1), z[instrument + INSTRUMENT_CASH_SCALE])
        z[account_of(m, position) + ACCOUNT_RESERVED] += held * quantity


@inline
def post(z: Signed, position: np.uint64, account: np.uint64, signed: np.int64, unit_cash: np.int64) -> None:
    """Moves cash and position for `signed` lots (a sale is negative) at `unit_cash` a lot."""
    z[account + ACCOUNT_CASH] -= signed * unit_cash
    net = z[position + POSITION_NET]
    if net == 0 or (net > 0) == (signed > 0):
        z[position + POSITION_NET] = net + signed
        z[position + POSITION_COST] += signed * unit_cash
        return
    size = abs(net)
    closed = min(abs(signed), size)
    cost = z[position + POSITION_COST]
    out = cost if closed == size else mul_div(cost, closed, size)
    if signed > 0:
        z[position + POSITION_REALISED] -= closed * unit_cash + out
        opened = signed - closed
        net = net + closed
    else:
        z[position + POSITION_REALISED] += closed * unit_cash - out
        opened = signed + closed
        net = net - closed
    z[position + POSITION_COST] = cost - out + opened * unit_cash
    z[position + POSITION_NET] = net + opened


@inline
def settle(m: Words, z: Signed, order: np.uint64, price: np.int64, quantity: np.int64) -> None:
    """Posts a fill of an order and releases what was held back for it."""
    position = position_row_of(m, order)
    signed = quantity if side_of(m, order) == BUY else -quantity
    unit_cash = price * z[instrument_of(m, position) + INSTRUMENT_CASH_SCALE]
    post(z, position, account_of(m, position), signed, unit_cash)
    bind(m, z, order, -quantity)


@inline
def count_trade(m: Words, z: Signed, instrument: np.uint64, price: np.int64, quantity: np.int64) -> np.uint64:
    """Numbers a trade and adds it to the day of its instrument; returns the instrument's number of it."""
    m[TRADE_IDS] += ONE
    if z[instrument + INSTRUMENT_OPEN] == NO_PRICE:
        z[instrument + INSTRUMENT_OPEN] = price
        z[instrument + INSTRUMENT_HIGH] = price
        z[instrument + INSTRUMENT_LOW] = price
    z[instrument + INSTRUMENT_HIGH] = max(z[instrument + INSTRUMENT_HIGH], price)
    z[instrument + INSTRUMENT_LOW] = min(z[instrument + INSTRUMENT_LOW], price)
    z[instrument + INSTRUMENT_LAST] = price
    z[instrument + INSTRUMENT_VOLUME] += quantity
    z[instrument + INSTRUMENT_TURNOVER] += price * quantity * z[instrument + INSTRUMENT_CASH_SCALE]
    m[instrument + INSTRUMENT_TRADES] += ONE
    number = low(m[instrument + INSTRUMENT_TRADE_NUMBER] + ONE)
    m[instrument + INSTRUMENT_TRADE_NUMBER] = number
    return number
