"""Which cost a closing trade takes out of a position: the average, or that of lots kept one by one.

Rules: a lot is opened by one trade or adjustment and closed in parts; net and cost of a position are the sums over its
lots, which all have the sign of its net. The oldest is the first of the chain.
"""

import numpy as np

from server.engine.bits import halves, high, low, mul_div, set_high, set_low
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_ORDERS,
    BYTE,
    NONE,
    ONE,
    POSITION_COST,
    POSITION_NET,
    POSITION_REALISED,
    POSITION_ROWS,
    ZERO,
)
from server.engine.layout_money import (
    ACCOUNT_FIRST_POSITION,
    ACCOUNT_MONEY_TERMS,
    FREE_LOT,
    LOT_COST,
    LOT_NET,
    LOT_NEXT_PREVIOUS,
    LOT_TRADE_ID,
    LOT_WORDS,
    POSITION_FIRST_LAST_LOT,
    POSITION_LOTS,
    POSITION_NEXT,
    TERMS_METHOD_SHIFT,
)
from server.engine.memory import give_back, take
from server.engine.vocabulary_money import AVERAGE, LIFO, SPECIFIC_LOT


@inline
def method_of(m: Words, account: np.uint64) -> np.uint64:
    """The cost method of an account."""
    return m[account + ACCOUNT_MONEY_TERMS] >> TERMS_METHOD_SHIFT & BYTE


@inline
def book_average(z: Signed, position: np.uint64, signed: np.int64, unit_cash: np.int64) -> None:
    """Adds `signed` lots (a sale is negative) at `unit_cash` a lot; what closes takes out the average cost."""
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


@kernel
def book(
    m: Words,
    z: Signed,
    position: np.uint64,
    signed: np.int64,
    unit_cash: np.int64,
    trade_id: np.uint64,
    named: np.uint64,
    named_first: bool,
) -> None:
    """`book_average` or its like for lots. Those of trade `named` go first if the method or the caller asks."""
    method = method_of(m, low(m[position + POSITION_ROWS]))
    if method == AVERAGE:
        book_average(z, position, signed, unit_cash)
        return
    net = z[position + POSITION_NET]
    opened = signed
    if net != 0 and (net > 0) != (signed > 0):
        closed = min(abs(signed), abs(net))
        out = close_lots(m, z, position, closed, method, named, named_first or method == SPECIFIC_LOT)
        towards = closed if signed > 0 else -closed
        z[position + POSITION_REALISED] -= towards * unit_cash + out
        z[position + POSITION_COST] -= out
        z[position + POSITION_NET] += towards
        opened = signed - towards
    if opened != 0:
        add_lot(m, z, position, opened, opened * unit_cash, trade_id)
        z[position + POSITION_COST] += opened * unit_cash
        z[position + POSITION_NET] += opened


@kernel
def close_lots(
    m: Words, z: Signed, position: np.uint64, quantity: np.int64, method: np.uint64, named: np.uint64, named_first: bool
) -> np.int64:
    """Takes `quantity` out of the lots, as many as there are; returns the cost that went."""
    out = np.int64(0)
    if named_first and named != ZERO:
        lot = low(m[position + POSITION_FIRST_LAST_LOT])
        while lot != NONE and quantity > 0:
            newer = low(m[lot + LOT_NEXT_PREVIOUS])
            if m[lot + LOT_TRADE_ID] == named:
                taken = min(quantity, abs(z[lot + LOT_NET]))
                out = out + take_from_lot(m, z, position, lot, taken)
                quantity = quantity - taken
            lot = newer
    while quantity > 0:
        ends = m[position + POSITION_FIRST_LAST_LOT]
        lot = high(ends) if method == LIFO else low(ends)
        taken = min(quantity, abs(z[lot + LOT_NET]))
        out = out + take_from_lot(m, z, position, lot, taken)
        quantity = quantity - taken
    return out


@kernel
def take_from_lot(m: Words, z: Signed, position: np.uint64, lot: np.uint64, taken: np.int64) -> np.int64:
    """Closes a part of a lot, or all of it; returns the cost that went."""
    net = z[lot + LOT_NET]
    cost = z[lot + LOT_COST]
    if taken == abs(net):
        drop_lot(m, position, lot)
        return cost
    out = mul_div(cost, taken, abs(net))
    z[lot + LOT_COST] = cost - out
    z[lot + LOT_NET] = net - taken if net > 0 else net + taken
    return out


@kernel
def add_lot(m: Words, z: Signed, position: np.uint64, net: np.int64, cost: np.int64, trade_id: np.uint64) -> None:
    """A new lot, the newest of its position."""
    lot = take(m, FREE_LOT, LOT_WORDS)
    ends = m[position + POSITION_FIRST_LAST_LOT]
    last = high(ends)
    m[lot + LOT_NEXT_PREVIOUS] = halves(NONE, last)
    m[lot + LOT_TRADE_ID] = trade_id
    z[lot + LOT_NET] = net
    z[lot + LOT_COST] = cost
    if last == NONE:
        m[position + POSITION_FIRST_LAST_LOT] = halves(lot, lot)
    else:
        set_low(m, last + LOT_NEXT_PREVIOUS, lot)
        m[position + POSITION_FIRST_LAST_LOT] = halves(low(ends), lot)
    m[position + POSITION_LOTS] += ONE


@kernel
def drop_lot(m: Words, position: np.uint64, lot: np.uint64) -> None:
    """Takes a lot out of its chain and frees its row."""
    links = m[lot + LOT_NEXT_PREVIOUS]
    newer = low(links)
    older = high(links)
    if newer == NONE:
        set_high(m, position + POSITION_FIRST_LAST_LOT, older)
    else:
        set_high(m, newer + LOT_NEXT_PREVIOUS, older)
    if older == NONE:
        set_low(m, position + POSITION_FIRST_LAST_LOT, newer)
    else:
        set_low(m, older + LOT_NEXT_PREVIOUS, newer)
    m[position + POSITION_LOTS] -= ONE
    give_back(m, FREE_LOT, lot)


@kernel
def quantity_in_lots(m: Words, z: Signed, position: np.uint64, trade_id: np.uint64, long: bool) -> np.int64:
    """How much the lots of one trade hold, above 0 or (as a positive number) below."""
    found = np.int64(0)
    lot = low(m[position + POSITION_FIRST_LAST_LOT])
    while lot != NONE:
        if m[lot + LOT_TRADE_ID] == trade_id and (z[lot + LOT_NET] > 0) == long:
            found = found + abs(z[lot + LOT_NET])
        lot = low(m[lot + LOT_NEXT_PREVIOUS])
    return found


@kernel
def may_change_method(m: Words, z: Signed, account: np.uint64) -> bool:
    """Whether an account has neither a live order nor a position that is not flat."""
    if m[account + ACCOUNT_ORDERS] != ZERO:
        return False
    position = m[account + ACCOUNT_FIRST_POSITION]
    while position != NONE:
        if z[position + POSITION_NET] != 0:
            return False
        position = low(m[position + POSITION_NEXT])
    return True
