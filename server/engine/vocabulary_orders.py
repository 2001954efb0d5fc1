"""The names of orders with terms, of groups and of self-trade prevention as unsigned words."""

from typing import Final

import numpy as np

from server.engine.kernel import U
from server.protocol.enums import (
    SELF_TRADE_SHIFT,
    CancelReason,
    CommandKind,
    EventKind,
    Link,
    MarketDataFlag,
    OrderFlag,
    OrderType,
    Peg,
    RejectReason,
    RestateReason,
    SelfTrade,
    TimeInForce,
    Trigger,
)

TERMS: Final = U(CommandKind.ORDER_TERMS)
MASS_QUOTE: Final = U(CommandKind.MASS_QUOTE)
QUOTE_ENTRY: Final = U(CommandKind.QUOTE_ENTRY)
SET_TICKS: Final = U(CommandKind.SET_TICKS)

RESTATED: Final = U(EventKind.RESTATED)
SELF_TRADE_PREVENTED: Final = U(EventKind.SELF_TRADE_PREVENTED)

UNSEEN: Final = U(MarketDataFlag.HIDDEN)
SAME_OWNER: Final = U(MarketDataFlag.SELF_TRADE)

STOP: Final = U(OrderType.STOP)
STOP_LIMIT: Final = U(OrderType.STOP_LIMIT)
TRAILING_STOP: Final = U(OrderType.TRAILING_STOP)
MARKET_TO_LIMIT: Final = U(OrderType.MARKET_TO_LIMIT)
PEGGED: Final = U(OrderType.PEGGED)
IMBALANCE_ONLY: Final = U(OrderType.IMBALANCE_ONLY)
IF_TOUCHED: Final = U(OrderType.IF_TOUCHED)

GTD: Final = U(TimeInForce.GTD)
AT_OPEN: Final = U(TimeInForce.AT_OPEN)
AT_CLOSE: Final = U(TimeInForce.AT_CLOSE)
IN_NEXT_AUCTION: Final = U(TimeInForce.AUCTION)
GOOD_AFTER_TIME: Final = U(TimeInForce.GOOD_AFTER_TIME)
CONTINUOUS_ONLY: Final = U(TimeInForce.CONTINUOUS_ONLY)

SLIDE: Final = U(OrderFlag.SLIDE)
HIDDEN: Final = U(OrderFlag.HIDDEN)
SHORT: Final = U(OrderFlag.SHORT)
SHORT_EXEMPT: Final = U(OrderFlag.SHORT_EXEMPT)
CONFIRMED: Final = U(OrderFlag.CONFIRMED)
LAST_PEG: Final = np.int64(max(Peg))
LAST_TRADE: Final = np.int64(Trigger.LAST)
LAST_TRIGGER: Final = np.int64(max(Trigger))
LAST_LINK: Final = np.int64(max(Link))
MODE_SHIFT: Final = U(SELF_TRADE_SHIFT)
MODE: Final = U(7)
STAYS: Final = U(OrderFlag.STAYS)
STAYS_BIT: Final = U(8)  # behind the mode, in a byte of an order's terms

OWN_MODE: Final = U(SelfTrade.DEFAULT)
CANCEL_NEWEST: Final = U(SelfTrade.CANCEL_NEWEST)
CANCEL_OLDEST: Final = U(SelfTrade.CANCEL_OLDEST)
CANCEL_BOTH: Final = U(SelfTrade.CANCEL_BOTH)
DECREMENT: Final = U(SelfTrade.DECREMENT)
ALLOW: Final = U(SelfTrade.ALLOW)

CANCELED_SELF_TRADE: Final = U(CancelReason.SELF_TRADE)
CANCELED_EXPIRED: Final = U(CancelReason.EXPIRED)
CANCELED_REFUSED: Final = U(CancelReason.REFUSED_BY_RISK)

RESTATED_REFRESHED: Final = U(RestateReason.REFRESHED)
RESTATED_SLID: Final = U(RestateReason.SLID)
RESTATED_SELF_TRADE: Final = U(RestateReason.SELF_TRADE)
RESTATED_TO_LIMIT: Final = U(RestateReason.MARKET_TO_LIMIT)

UNSUPPORTED_ORDER_TYPE: Final = U(RejectReason.UNSUPPORTED_ORDER_TYPE)
UNSUPPORTED_TIME_IN_FORCE: Final = U(RejectReason.UNSUPPORTED_TIME_IN_FORCE)
UNSUPPORTED_TRIGGER: Final = U(RejectReason.UNSUPPORTED_TRIGGER)
INVALID_TERMS: Final = U(RejectReason.INVALID_TERMS)
INVALID_DISPLAY_QUANTITY: Final = U(RejectReason.INVALID_DISPLAY_QUANTITY)
EXPIRY_PASSED: Final = U(RejectReason.EXPIRY_PASSED)
MINIMUM_QUANTITY_NOT_MET: Final = U(RejectReason.MINIMUM_QUANTITY_NOT_MET)
SELF_TRADE_MODE_FORBIDDEN: Final = U(RejectReason.SELF_TRADE_MODE_FORBIDDEN)
NOT_REPLACEABLE: Final = U(RejectReason.NOT_REPLACEABLE)
GROUP_REFUSED: Final = U(RejectReason.GROUP_REFUSED)
GROUP_TOO_LARGE: Final = U(RejectReason.GROUP_TOO_LARGE)
SELF_TRADE: Final = U(RejectReason.SELF_TRADE)
