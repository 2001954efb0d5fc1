"""What is remembered of every trade, so that it can be reversed."""

from dataclasses import dataclass

from server.protocol.enums import Side
from tests.oracle.accounts import Account
from tests.oracle.fees import Fee
from tests.oracle.state import Instrument, Order

TRADES_KEPT = 1 << 17


@dataclass(eq=False, slots=True)
class TradeSide:
    """One side of a trade: whose order it was, and what it paid."""

    user: int
    account: Account
    side: int
    order_id: int
    fee: Fee


@dataclass(eq=False, slots=True)
class Trade:
    """One trade. `sides`: maker and taker, or buyer and seller in an auction. `price` is its present one."""

    trade_id: int
    trade_number: int
    instrument: Instrument
    price: int
    quantity: int
    sides: tuple[TradeSide, TradeSide]
    auction: bool
    busted: bool = False
    corrected: bool = False

    def fee_of(self, order: Order) -> int:
        """What this order's side paid for the trade."""
        return next(side.fee.total for side in self.sides if side.order_id == order.order_id)

    def of(self, side: Side) -> TradeSide:
        """The buyer's or the seller's side."""
        return next(found for found in self.sides if found.side == side)
