"""The closed vocabularies of the protocol as unsigned words, the form in which kernels compare them."""

from typing import Final

from server.engine.kernel import U
from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    Liquidity,
    MarketDataFlag,
    MarketDataKind,
    OrderFlag,
    OrderState,
    OrderType,
    Phase,
    RejectReason,
    Right,
    Side,
    TimeInForce,
)

NEW_ORDER: Final = U(CommandKind.NEW_ORDER)
CANCEL_ORDER: Final = U(CommandKind.CANCEL_ORDER)
REPLACE_ORDER: Final = U(CommandKind.REPLACE_ORDER)
MASS_CANCEL: Final = U(CommandKind.MASS_CANCEL)
TIME: Final = U(CommandKind.TIME)
OPEN_SESSION: Final = U(CommandKind.SESSION_OPENED)
CLOSE_SESSION: Final = U(CommandKind.SESSION_CLOSED)
LIST_INSTRUMENT: Final = U(CommandKind.LIST_INSTRUMENT)
SET_PHASE: Final = U(CommandKind.SET_PHASE)
OPEN_ACCOUNT: Final = U(CommandKind.OPEN_ACCOUNT)
ADJUST_CASH: Final = U(CommandKind.ADJUST_CASH)
ADJUST_POSITION: Final = U(CommandKind.ADJUST_POSITION)
GRANT: Final = U(CommandKind.GRANT)
SKIP: Final = U(CommandKind.SKIP)
FIRST_SERVER_KIND: Final = U(32)

ACCEPTED: Final = U(EventKind.ACCEPTED)
REJECTED: Final = U(EventKind.REJECTED)
EXECUTED: Final = U(EventKind.EXECUTED)
CANCELED: Final = U(EventKind.CANCELED)
REPLACED: Final = U(EventKind.REPLACED)
MASS_CANCELED: Final = U(EventKind.MASS_CANCELED)
POSITION: Final = U(EventKind.POSITION)
SESSION_OPENED: Final = U(EventKind.SESSION_OPENED)
SESSION_CLOSED: Final = U(EventKind.SESSION_CLOSED)
INSTRUMENT_LISTED: Final = U(EventKind.INSTRUMENT_LISTED)
PHASE_CHANGED: Final = U(EventKind.PHASE_CHANGED)
ACCOUNT_OPENED: Final = U(EventKind.ACCOUNT_OPENED)
GRANTED: Final = U(EventKind.GRANTED)

ADD: Final = U(MarketDataKind.ADD)
EXECUTE: Final = U(MarketDataKind.EXECUTE)
REDUCE: Final = U(MarketDataKind.REDUCE)
DELETE: Final = U(MarketDataKind.DELETE)
TOP: Final = U(MarketDataKind.TOP)
STATUS: Final = U(MarketDataKind.STATUS)
INDICATIVE: Final = U(MarketDataKind.INDICATIVE)
PRINT: Final = U(MarketDataFlag.PRINT)
IN_AUCTION: Final = U(MarketDataFlag.AUCTION)

BUY: Final = U(Side.BUY)
SELL: Final = U(Side.SELL)
BOTH_SIDES: Final = U(2)

LIMIT: Final = U(OrderType.LIMIT)
MARKET: Final = U(OrderType.MARKET)

DAY: Final = U(TimeInForce.DAY)
GTC: Final = U(TimeInForce.GTC)
IOC: Final = U(TimeInForce.IOC)
FOK: Final = U(TimeInForce.FOK)

POST_ONLY: Final = U(OrderFlag.POST_ONLY)
LOSE_PRIORITY: Final = U(OrderFlag.LOSE_PRIORITY)

STATE_NONE: Final = U(OrderState.NONE)
STATE_NEW: Final = U(OrderState.NEW)
STATE_PARTIALLY_FILLED: Final = U(OrderState.PARTIALLY_FILLED)
STATE_FILLED: Final = U(OrderState.FILLED)
STATE_CANCELED: Final = U(OrderState.CANCELED)
STATE_REJECTED: Final = U(OrderState.REJECTED)

MAKER: Final = U(Liquidity.MAKER)
TAKER: Final = U(Liquidity.TAKER)
AUCTION: Final = U(Liquidity.AUCTION)

CLOSED: Final = U(Phase.CLOSED)
PRE_OPEN: Final = U(Phase.PRE_OPEN)
CONTINUOUS: Final = U(Phase.CONTINUOUS)
CLOSING_CALL: Final = U(Phase.CLOSING_CALL)
HALTED: Final = U(Phase.HALTED)

TRADE_RIGHT: Final = U(Right.TRADE)
ALL_RIGHTS: Final = U(Right.VIEW | Right.TRADE | Right.OPERATE)

REQUESTED: Final = U(CancelReason.REQUESTED)
IMMEDIATE_REMAINDER: Final = U(CancelReason.IMMEDIATE_REMAINDER)
MASS_CANCELLATION: Final = U(CancelReason.MASS_CANCEL)
END_OF_DAY: Final = U(CancelReason.END_OF_DAY)

NO_REASON: Final = U(RejectReason.NONE)
DUPLICATE: Final = U(RejectReason.DUPLICATE)
COUNTER_GAP: Final = U(RejectReason.COUNTER_GAP)
SESSION_NOT_OPEN: Final = U(RejectReason.SESSION_NOT_OPEN)
TOO_LATE: Final = U(RejectReason.TOO_LATE)
UNKNOWN_COMMAND: Final = U(RejectReason.UNKNOWN_COMMAND)
INVALID_GROUP: Final = U(RejectReason.INVALID_GROUP)
INVALID_SIDE: Final = U(RejectReason.INVALID_SIDE)
INVALID_ORDER_TYPE: Final = U(RejectReason.INVALID_ORDER_TYPE)
INVALID_TIME_IN_FORCE: Final = U(RejectReason.INVALID_TIME_IN_FORCE)
INVALID_FLAGS: Final = U(RejectReason.INVALID_FLAGS)
UNKNOWN_INSTRUMENT: Final = U(RejectReason.UNKNOWN_INSTRUMENT)
UNKNOWN_ACCOUNT: Final = U(RejectReason.UNKNOWN_ACCOUNT)
NOT_PERMITTED: Final = U(RejectReason.NOT_PERMITTED)
UNKNOWN_ORDER: Final = U(RejectReason.UNKNOWN_ORDER)
PHASE_FORBIDS: Final = U(RejectReason.PHASE_FORBIDS)
QUANTITY_NOT_POSITIVE: Final = U(RejectReason.QUANTITY_NOT_POSITIVE)
QUANTITY_TOO_LARGE: Final = U(RejectReason.QUANTITY_TOO_LARGE)
PRICE_OUT_OF_RANGE: Final = U(RejectReason.PRICE_OUT_OF_RANGE)
PRICE_OFF_TICK: Final = U(RejectReason.PRICE_OFF_TICK)
DUPLICATE_LABEL: Final = U(RejectReason.DUPLICATE_LABEL)
QUANTITY_BELOW_FILLED: Final = U(RejectReason.QUANTITY_BELOW_FILLED)
TOO_MANY_ORDERS: Final = U(RejectReason.TOO_MANY_ORDERS)
NO_LIQUIDITY: Final = U(RejectReason.NO_LIQUIDITY)
POST_ONLY_WOULD_TRADE: Final = U(RejectReason.POST_ONLY_WOULD_TRADE)
FOK_NOT_FILLED: Final = U(RejectReason.FOK_NOT_FILLED)
INSUFFICIENT_CASH: Final = U(RejectReason.INSUFFICIENT_CASH)
INSUFFICIENT_POSITION: Final = U(RejectReason.INSUFFICIENT_POSITION)
POSITION_LIMIT: Final = U(RejectReason.POSITION_LIMIT)
INVALID_DEFINITION: Final = U(RejectReason.INVALID_DEFINITION)
APPROVAL_REQUIRED: Final = U(RejectReason.APPROVAL_REQUIRED)
SAME_PERSON: Final = U(RejectReason.SAME_PERSON)
ENGINE_FAULT: Final = U(RejectReason.ENGINE_FAULT)
