"""The names of phases, auctions, volatility and instrument rules as unsigned words, and the causes of changes."""

from typing import Final

import numpy as np

from server.engine.kernel import U
from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    MarketDataKind,
    Phase,
    RejectReason,
)

SET_TICKS: Final = U(CommandKind.SET_TICKS)
SET_RULES: Final = U(CommandKind.SET_RULES)
SET_AUCTION: Final = U(CommandKind.SET_AUCTION)
SET_SCHEDULE: Final = U(CommandKind.SET_SCHEDULE)

SETTING_CHANGED: Final = U(EventKind.SETTING_CHANGED)
BAND: Final = U(MarketDataKind.BAND)

START_OF_DAY: Final = U(Phase.START_OF_DAY)
INTRADAY_CALL: Final = U(Phase.INTRADAY_CALL)
VOLATILITY_CALL: Final = U(Phase.VOLATILITY_CALL)
EXTENDED_CALL: Final = U(Phase.EXTENDED_CALL)
TRADING_AT_LAST: Final = U(Phase.TRADING_AT_LAST)
LIMIT_STATE: Final = U(Phase.LIMIT_STATE)
PAUSED: Final = U(Phase.PAUSED)
SUSPENDED: Final = U(Phase.SUSPENDED)
DELISTED: Final = U(Phase.DELISTED)

BY_SCHEDULE: Final = np.int64(-1)
BY_INTERRUPTION: Final = np.int64(-2)
BY_CALL_END: Final = np.int64(-3)
BY_PRICE_EXTENSION: Final = np.int64(-4)
BY_MARKET_ORDER_EXTENSION: Final = np.int64(-5)
BY_EXTENDED_CALL: Final = np.int64(-6)
BY_LIMIT_STATE: Final = np.int64(-7)
BY_PAUSE: Final = np.int64(-8)
BY_PAUSE_END: Final = np.int64(-9)
BY_LIMIT_STATE_END: Final = np.int64(-10)

AUCTION_ENDED: Final = U(CancelReason.AUCTION_ENDED)
TICK_CHANGE: Final = U(CancelReason.TICK_CHANGE)
CANCELED_DELISTED: Final = U(CancelReason.DELISTED)

INVALID_TRANSITION: Final = U(RejectReason.INVALID_TRANSITION)
NOT_AT_LAST_PRICE: Final = U(RejectReason.NOT_AT_LAST_PRICE)
STALE_REFERENCE_DATA: Final = U(RejectReason.STALE_REFERENCE_DATA)
QUANTITY_TOO_SMALL: Final = U(RejectReason.QUANTITY_TOO_SMALL)
VALUE_TOO_SMALL: Final = U(RejectReason.VALUE_TOO_SMALL)
VALUE_TOO_LARGE: Final = U(RejectReason.VALUE_TOO_LARGE)
PRICE_COLLAR: Final = U(RejectReason.PRICE_COLLAR)
NO_REFERENCE_PRICE: Final = U(RejectReason.NO_REFERENCE_PRICE)
REFERENCE_TOO_OLD: Final = U(RejectReason.REFERENCE_TOO_OLD)
PRICE_BAND: Final = U(RejectReason.PRICE_BAND)
