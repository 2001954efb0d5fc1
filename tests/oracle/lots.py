"""Which cost a closing trade takes out of a position: the average, or that of lots kept one by one.

Rules: a lot is opened by one trade (or adjustment) and closed in parts; a position's net and cost are the sums over its
lots; all lots of a position have the sign of its net. The oldest lot is first in the list.
"""

from server.protocol.enums import CostMethod
from tests.oracle.accounts import Lot, Position


def mul_div(a: int, b: int, c: int) -> int:
    """a x b / c, exact, truncated toward zero."""
    quotient = abs(a * b) // abs(c)
    return quotient if (a * b >= 0) == (c > 0) else -quotient


def open_lot(position: Position, method: int, trade_id: int, net: int, cost: int) -> None:
    """Add lots (signed) and their cost, as a lot of its own where the method keeps lots."""
    position.net += net
    position.cost += cost
    if method != CostMethod.AVERAGE:
        position.lots.append(Lot(trade_id, net, cost))


def cost_taken_out(
    position: Position, method: int, quantity: int, lot_trade_id: int, *, named_first: bool = False
) -> int:
    """Take `quantity` lots, at most what is held, out of net and cost. Returns the cost that went.

    `named_first`: the lots of `lot_trade_id` go first, whatever the method; it is a trade that is taken back.
    """
    held = abs(position.net)
    if method == CostMethod.AVERAGE:
        out = position.cost if quantity == held else mul_div(position.cost, quantity, held)
    else:
        out = closed_lots_cost(position, lots_in_order(position, method, lot_trade_id, named_first), quantity)
    position.cost -= out
    position.net += -quantity if position.net > 0 else quantity
    return out


def closed_lots_cost(position: Position, lots: list[Lot], quantity: int) -> int:
    """Close lots for `quantity`, in the order given. Returns their cost."""
    total = 0
    for lot in lots:
        taken = min(quantity, abs(lot.net))
        out = lot.cost if taken == abs(lot.net) else mul_div(lot.cost, taken, abs(lot.net))
        lot.cost -= out
        lot.net += -taken if lot.net > 0 else taken
        total += out
        quantity -= taken
        if quantity == 0:
            break
    position.lots = [lot for lot in position.lots if lot.net]
    return total


def lots_in_order(position: Position, method: int, lot_trade_id: int, named_first: bool) -> list[Lot]:
    """The lots as they are closed: the named ones first where that counts, then oldest or newest first."""
    lots = position.lots[::-1] if method == CostMethod.LIFO else list(position.lots)
    if named_first or method == CostMethod.SPECIFIC_LOT:
        named = [lot for lot in position.lots if lot.trade_id == lot_trade_id] if lot_trade_id else []
        return named + [lot for lot in lots if lot not in named]
    return lots
