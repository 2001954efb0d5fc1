"""The names of money, fees, corrections and corporate actions as unsigned words."""

from typing import Final

from server.engine.kernel import U
from server.protocol.enums import (
    AccountKind,
    CancelReason,
    CommandKind,
    CostMethod,
    EventKind,
    MarketDataKind,
    Phase,
    PriceSource,
    RejectReason,
    Rounding,
)

SET_FEES: Final = U(CommandKind.SET_FEES)
SET_RATE: Final = U(CommandKind.SET_RATE)
CONVERT: Final = U(CommandKind.CONVERT)
ADJUST_BALANCE: Final = U(CommandKind.ADJUST_BALANCE)
BUST_TRADE: Final = U(CommandKind.BUST_TRADE)
ADJUST_TRADE: Final = U(CommandKind.ADJUST_TRADE)
SPLIT: Final = U(CommandKind.SPLIT)
DIVIDEND: Final = U(CommandKind.DIVIDEND)
RENAME: Final = U(CommandKind.RENAME)
END_DAY: Final = U(CommandKind.END_DAY)

CHANGED_SETTING: Final = U(EventKind.SETTING_CHANGED)
BALANCE: Final = U(EventKind.BALANCE)
TRADE_BUSTED: Final = U(EventKind.TRADE_BUSTED)
TRADE_ADJUSTED: Final = U(EventKind.TRADE_ADJUSTED)
CORPORATE_ACTION: Final = U(EventKind.CORPORATE_ACTION)
DAY_ENDED: Final = U(EventKind.DAY_ENDED)
DAILY_RESULT: Final = U(EventKind.DAILY_RESULT)

TRADE_BUST: Final = U(MarketDataKind.TRADE_BUST)
TRADE_CORRECTION: Final = U(MarketDataKind.TRADE_CORRECTION)

MARGIN: Final = U(AccountKind.MARGIN)
AVERAGE: Final = U(CostMethod.AVERAGE)
FIFO: Final = U(CostMethod.FIFO)
LIFO: Final = U(CostMethod.LIFO)
SPECIFIC_LOT: Final = U(CostMethod.SPECIFIC_LOT)
HALF_EVEN: Final = U(Rounding.HALF_EVEN)

FROM_AUCTION: Final = U(PriceSource.AUCTION)
FROM_LAST_TRADE: Final = U(PriceSource.LAST_TRADE)
FROM_MIDDLE: Final = U(PriceSource.MIDDLE)
FROM_PREVIOUS_CLOSE: Final = U(PriceSource.PREVIOUS_CLOSE)
FROM_OPERATOR: Final = U(PriceSource.OPERATOR)
FROM_NOTHING: Final = U(PriceSource.NONE)

START_OF_DAY: Final = U(Phase.START_OF_DAY)
SUSPENDED: Final = U(Phase.SUSPENDED)
DELISTED: Final = U(Phase.DELISTED)

CANCELED_BY_CORPORATE_ACTION: Final = U(CancelReason.CORPORATE_ACTION)

NO_REFERENCE_PRICE: Final = U(RejectReason.NO_REFERENCE_PRICE)
INSUFFICIENT_MARGIN: Final = U(RejectReason.INSUFFICIENT_MARGIN)
UNKNOWN_TRADE: Final = U(RejectReason.UNKNOWN_TRADE)
TRADE_TOO_OLD: Final = U(RejectReason.TRADE_TOO_OLD)
ALREADY_BUSTED: Final = U(RejectReason.ALREADY_BUSTED)
NO_RATE: Final = U(RejectReason.NO_RATE)
RATE_TOO_OLD: Final = U(RejectReason.RATE_TOO_OLD)
UNKNOWN_LOT: Final = U(RejectReason.UNKNOWN_LOT)
AMOUNT_TOO_LARGE: Final = U(RejectReason.AMOUNT_TOO_LARGE)
ALREADY_DONE: Final = U(RejectReason.ALREADY_DONE)
