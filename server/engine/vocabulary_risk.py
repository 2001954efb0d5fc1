"""The vocabularies of risk as unsigned words, the form in which kernels compare them."""

from typing import Final

from server.engine.kernel import U
from server.protocol.enums import (
    BlockAction,
    CancelReason,
    Check,
    CommandKind,
    EventKind,
    FaultCode,
    MassCancelFlag,
    OrderFlag,
    Permission,
    RejectReason,
    Scope,
    SessionTerm,
)

SET_DEAD_MAN: Final = U(CommandKind.SET_DEAD_MAN)
REARM: Final = U(CommandKind.REARM)
SET_ACCOUNT: Final = U(CommandKind.SET_ACCOUNT)
SET_LIMIT: Final = U(CommandKind.SET_LIMIT)
SET_BLOCK: Final = U(CommandKind.SET_BLOCK)
SET_PERMISSION: Final = U(CommandKind.SET_PERMISSION)
SET_LOCATE: Final = U(CommandKind.SET_LOCATE)
SET_PROTECTION: Final = U(CommandKind.SET_PROTECTION)

MASS_QUOTED: Final = U(EventKind.MASS_QUOTED)
DEAD_MAN_SET: Final = U(EventKind.DEAD_MAN_SET)
CLIENT_GONE: Final = U(EventKind.CLIENT_GONE)
PROTECTION_TRIGGERED: Final = U(EventKind.PROTECTION_TRIGGERED)
PROTECTION_REARMED: Final = U(EventKind.PROTECTION_REARMED)
LIMIT_CHANGED: Final = U(EventKind.LIMIT_CHANGED)
BLOCK_CHANGED: Final = U(EventKind.BLOCK_CHANGED)
LIMIT_WARNING: Final = U(EventKind.LIMIT_WARNING)
SETTING_CHANGED: Final = U(EventKind.SETTING_CHANGED)

VENUE: Final = U(Scope.VENUE)
FIRM: Final = U(Scope.FIRM)
DESK: Final = U(Scope.DESK)
USER: Final = U(Scope.USER)
ACCOUNT: Final = U(Scope.ACCOUNT)
ALGORITHM: Final = U(Scope.ALGORITHM)

ORDER_QUANTITY: Final = U(Check.ORDER_QUANTITY)
ORDER_VALUE: Final = U(Check.ORDER_VALUE)
PRICE_DISTANCE: Final = U(Check.PRICE_DISTANCE)
MESSAGE_RATE: Final = U(Check.MESSAGE_RATE)
DUPLICATE_ORDER: Final = U(Check.DUPLICATE_ORDER)
EXECUTION_THROTTLE: Final = U(Check.EXECUTION_THROTTLE)
OPEN_ORDERS: Final = U(Check.OPEN_ORDERS)
OPEN_VALUE: Final = U(Check.OPEN_VALUE)
LONG_POSITION: Final = U(Check.LONG_POSITION)
SHORT_POSITION: Final = U(Check.SHORT_POSITION)
GROSS_POSITION: Final = U(Check.GROSS_POSITION)
NET_POSITION: Final = U(Check.NET_POSITION)
DAILY_LOSS: Final = U(Check.DAILY_LOSS)
ORDER_TO_TRADE: Final = U(Check.ORDER_TO_TRADE)
BASKET_COUNT: Final = U(Check.BASKET_COUNT)
BASKET_VALUE: Final = U(Check.BASKET_VALUE)

BLOCK_RELEASED: Final = U(BlockAction.RELEASE)
BLOCK_REDUCE_ONLY: Final = U(BlockAction.REDUCE_ONLY)
BLOCK: Final = U(BlockAction.BLOCK)
BLOCK_AND_CANCEL: Final = U(BlockAction.BLOCK_AND_CANCEL)

ALLOWED: Final = U(Permission.ALLOWED)
RESTRICT: Final = U(Permission.RESTRICTED)
WATCHED: Final = U(Permission.WATCHED)
LISTED_ONLY: Final = U(Permission.LISTED_ONLY)

REDUCE_ONLY_FLAG: Final = U(OrderFlag.REDUCE_ONLY)
SHORT_FLAG: Final = U(OrderFlag.SHORT)
SHORT_EXEMPT_FLAG: Final = U(OrderFlag.SHORT_EXEMPT)
CONFIRMED: Final = U(OrderFlag.CONFIRMED)
PRICE_RANGE: Final = U(MassCancelFlag.PRICE_RANGE)
BY_LABEL: Final = U(MassCancelFlag.BY_LABEL)
BY_ALGORITHM: Final = U(MassCancelFlag.BY_ALGORITHM)

KILL_SWITCH: Final = U(CancelReason.KILL_SWITCH)
DEAD_MAN: Final = U(CancelReason.DEAD_MAN)
DISCONNECTED: Final = U(CancelReason.DISCONNECTED)
ENDED_WITH_SESSION: Final = U(CancelReason.SESSION_CLOSED)
LOGGED_OFF: Final = U(FaultCode.LOGGED_OFF)
CANCEL_ON_DISCONNECT: Final = U(SessionTerm.CANCEL_ON_DISCONNECT)
CANCEL_ON_LOGOFF: Final = U(SessionTerm.CANCEL_ON_LOGOFF)
PROTECTION: Final = U(CancelReason.PROTECTION)
QUOTE_REPLACED: Final = U(CancelReason.QUOTE_REPLACED)

NO_REFERENCE_PRICE: Final = U(RejectReason.NO_REFERENCE_PRICE)
BLOCKED: Final = U(RejectReason.BLOCKED)
REDUCE_ONLY: Final = U(RejectReason.REDUCE_ONLY)
RESTRICTED: Final = U(RejectReason.RESTRICTED)
INSTRUMENT_NOT_PERMITTED: Final = U(RejectReason.INSTRUMENT_NOT_PERMITTED)
MESSAGE_RATE_LIMIT: Final = U(RejectReason.MESSAGE_RATE)
ORDER_QUANTITY_LIMIT: Final = U(RejectReason.ORDER_QUANTITY_LIMIT)
ORDER_VALUE_LIMIT: Final = U(RejectReason.ORDER_VALUE_LIMIT)
FAT_FINGER: Final = U(RejectReason.FAT_FINGER)
DUPLICATE_ORDER_LIMIT: Final = U(RejectReason.DUPLICATE_ORDER)
OPEN_ORDERS_LIMIT: Final = U(RejectReason.OPEN_ORDERS_LIMIT)
OPEN_VALUE_LIMIT: Final = U(RejectReason.OPEN_VALUE_LIMIT)
LONG_LIMIT: Final = U(RejectReason.LONG_LIMIT)
SHORT_LIMIT: Final = U(RejectReason.SHORT_LIMIT)
GROSS_LIMIT: Final = U(RejectReason.GROSS_LIMIT)
NET_LIMIT: Final = U(RejectReason.NET_LIMIT)
DAILY_LOSS_LIMIT: Final = U(RejectReason.DAILY_LOSS_LIMIT)
EXECUTION_THROTTLED: Final = U(RejectReason.EXECUTION_THROTTLE)
ORDER_TO_TRADE_LIMIT: Final = U(RejectReason.ORDER_TO_TRADE)
BASKET_COUNT_LIMIT: Final = U(RejectReason.BASKET_COUNT_LIMIT)
BASKET_VALUE_LIMIT: Final = U(RejectReason.BASKET_VALUE_LIMIT)
SOFT_LIMIT: Final = U(RejectReason.SOFT_LIMIT)
SHORT_NOT_MARKED: Final = U(RejectReason.SHORT_NOT_MARKED)
NO_LOCATE: Final = U(RejectReason.NO_LOCATE)
PROTECTION_ACTIVE: Final = U(RejectReason.PROTECTION_ACTIVE)
LIMIT_MISSING: Final = U(RejectReason.LIMIT_MISSING)
