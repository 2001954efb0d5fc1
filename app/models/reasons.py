"""Reject and cancel codes as words and sentences: the wire carries integers, a person reads this."""

from typing import Final

from server.protocol import control
from server.protocol.enums import CancelReason, FaultCode, Phase, RejectReason
from server.protocol.records import NO_PRICE
from widgets.formatting import format_money, format_price, format_quantity

REJECT_WORDS: Final = {
    RejectReason.DUPLICATE: "sent twice",
    RejectReason.COUNTER_GAP: "out of sequence",
    RejectReason.SESSION_NOT_OPEN: "no open session",
    RejectReason.TOO_LATE: "arrived too late",
    RejectReason.UNKNOWN_COMMAND: "unknown command",
    RejectReason.INVALID_GROUP: "invalid group",
    RejectReason.INVALID_SIDE: "invalid side",
    RejectReason.INVALID_ORDER_TYPE: "invalid order type",
    RejectReason.INVALID_TIME_IN_FORCE: "invalid time in force",
    RejectReason.INVALID_FLAGS: "invalid instruction",
    RejectReason.UNKNOWN_INSTRUMENT: "unknown instrument",
    RejectReason.UNKNOWN_ACCOUNT: "unknown account",
    RejectReason.NOT_PERMITTED: "not permitted",
    RejectReason.UNKNOWN_ORDER: "no such live order",
    RejectReason.PHASE_FORBIDS: "not in this phase",
    RejectReason.QUANTITY_NOT_POSITIVE: "quantity not positive",
    RejectReason.QUANTITY_TOO_LARGE: "quantity too large",
    RejectReason.PRICE_OUT_OF_RANGE: "price outside range",
    RejectReason.PRICE_OFF_TICK: "price off the tick grid",
    RejectReason.DUPLICATE_LABEL: "label in use",
    RejectReason.QUANTITY_BELOW_FILLED: "quantity below filled",
    RejectReason.TOO_MANY_ORDERS: "too many live orders",
    RejectReason.NO_LIQUIDITY: "nothing to trade with",
    RejectReason.POST_ONLY_WOULD_TRADE: "post-only would trade",
    RejectReason.FOK_NOT_FILLED: "cannot fill in whole",
    RejectReason.INSUFFICIENT_CASH: "not enough buying power",
    RejectReason.INSUFFICIENT_POSITION: "nothing to sell",
    RejectReason.POSITION_LIMIT: "position limit",
    RejectReason.INVALID_DEFINITION: "invalid definition",
    RejectReason.ENGINE_FAULT: "engine fault",
    RejectReason.BUSY: "exchange busy",
    RejectReason.NOT_ENTITLED: "not entitled",
    RejectReason.UNSUPPORTED_ORDER_TYPE: "order type not offered",
    RejectReason.UNSUPPORTED_TIME_IN_FORCE: "time in force not offered",
    RejectReason.UNSUPPORTED_TRIGGER: "trigger not offered",
    RejectReason.INVALID_TERMS: "terms do not fit the order",
    RejectReason.INVALID_DISPLAY_QUANTITY: "invalid display quantity",
    RejectReason.INVALID_STOP_PRICE: "invalid stop price",
    RejectReason.STOP_ALREADY_REACHED: "stop price already reached",
    RejectReason.EXPIRY_PASSED: "already expired",
    RejectReason.MINIMUM_QUANTITY_NOT_MET: "minimum quantity not met",
    RejectReason.SELF_TRADE_MODE_FORBIDDEN: "self-trade mode not allowed",
    RejectReason.NOT_REPLACEABLE: "cannot be replaced",
    RejectReason.GROUP_REFUSED: "another order of the group was refused",
    RejectReason.GROUP_TOO_LARGE: "too many orders in the group",
    RejectReason.QUANTITY_TOO_SMALL: "quantity too small",
    RejectReason.VALUE_TOO_SMALL: "order value too small",
    RejectReason.VALUE_TOO_LARGE: "order value too large",
    RejectReason.STALE_REFERENCE_DATA: "instrument data out of date",
    RejectReason.SELF_TRADE: "would meet own order",
    RejectReason.PRICE_COLLAR: "outside the price collar",
    RejectReason.NO_REFERENCE_PRICE: "no reference price",
    RejectReason.REFERENCE_TOO_OLD: "reference price too old",
    RejectReason.PRICE_BAND: "outside the price band",
    RejectReason.INVALID_TRANSITION: "phase cannot follow",
    RejectReason.NOT_AT_LAST_PRICE: "not at the closing price",
    RejectReason.BLOCKED: "trading is blocked",
    RejectReason.REDUCE_ONLY: "may only reduce",
    RejectReason.RESTRICTED: "instrument not available",
    RejectReason.INSTRUMENT_NOT_PERMITTED: "instrument not permitted",
    RejectReason.MESSAGE_RATE: "too many messages",
    RejectReason.ORDER_QUANTITY_LIMIT: "order quantity limit",
    RejectReason.ORDER_VALUE_LIMIT: "order value limit",
    RejectReason.FAT_FINGER: "price far from the market",
    RejectReason.DUPLICATE_ORDER: "same order again",
    RejectReason.OPEN_ORDERS_LIMIT: "open orders limit",
    RejectReason.OPEN_VALUE_LIMIT: "open value limit",
    RejectReason.LONG_LIMIT: "long position limit",
    RejectReason.SHORT_LIMIT: "short position limit",
    RejectReason.GROSS_LIMIT: "gross position limit",
    RejectReason.NET_LIMIT: "net position limit",
    RejectReason.DAILY_LOSS_LIMIT: "daily loss limit",
    RejectReason.EXECUTION_THROTTLE: "algorithm stopped after repeated executions",
    RejectReason.ORDER_TO_TRADE: "order-to-trade limit",
    RejectReason.BASKET_COUNT_LIMIT: "basket has too many orders",
    RejectReason.BASKET_VALUE_LIMIT: "basket value limit",
    RejectReason.SOFT_LIMIT: "soft limit: confirm",
    RejectReason.SHORT_NOT_MARKED: "short sale not marked",
    RejectReason.NO_LOCATE: "nothing located to borrow",
    RejectReason.INSUFFICIENT_MARGIN: "not enough margin",
    RejectReason.PROTECTION_ACTIVE: "quote protection active",
    RejectReason.LIMIT_MISSING: "no limit set",
    RejectReason.APPROVAL_REQUIRED: "needs a second person",
    RejectReason.SAME_PERSON: "second person is the same",
    RejectReason.UNKNOWN_TRADE: "no such trade",
    RejectReason.TRADE_TOO_OLD: "trade too old",
    RejectReason.ALREADY_BUSTED: "trade already taken back",
    RejectReason.NO_RATE: "no exchange rate",
    RejectReason.RATE_TOO_OLD: "exchange rate too old",
    RejectReason.UNKNOWN_LOT: "no such lot",
    RejectReason.AMOUNT_TOO_LARGE: "amount too large",
    RejectReason.ALREADY_DONE: "already done",
}
CANCEL_WORDS: Final = {
    CancelReason.REQUESTED: "cancelled",
    CancelReason.IMMEDIATE_REMAINDER: "rest cancelled",
    CancelReason.MASS_CANCEL: "mass cancelled",
    CancelReason.SESSION_CLOSED: "session closed",
    CancelReason.END_OF_DAY: "end of day",
    CancelReason.SELF_TRADE: "own order met",
    CancelReason.EXPIRED: "expired",
    CancelReason.LINKED: "linked order ended",
    CancelReason.KILL_SWITCH: "kill switch",
    CancelReason.DEAD_MAN: "dead-man timer",
    CancelReason.PROTECTION: "quote protection",
    CancelReason.QUOTE_REPLACED: "quote replaced",
    CancelReason.CORPORATE_ACTION: "corporate action",
    CancelReason.TICK_CHANGE: "tick size changed",
    CancelReason.DELISTED: "delisted",
    CancelReason.AUCTION_ENDED: "auction ended",
    CancelReason.REFUSED_BY_RISK: "refused by risk",
    CancelReason.DISCONNECTED: "connection lost",
}
PHASE_WORDS: Final = {
    Phase.CLOSED: "closed",
    Phase.PRE_OPEN: "opening call",
    Phase.CONTINUOUS: "continuous",
    Phase.CLOSING_CALL: "closing call",
    Phase.HALTED: "halted",
    Phase.START_OF_DAY: "start of day",
    Phase.INTRADAY_CALL: "intraday call",
    Phase.VOLATILITY_CALL: "volatility call",
    Phase.EXTENDED_CALL: "extended call",
    Phase.TRADING_AT_LAST: "trading at last",
    Phase.LIMIT_STATE: "limit state",
    Phase.PAUSED: "trading pause",
    Phase.SUSPENDED: "suspended",
    Phase.DELISTED: "delisted",
}
RESTRICTION: Final = {
    FaultCode.DISK_FULL: "Orders are refused: the exchange's disk is full; cancels work",
    FaultCode.OVERLOADED: "Orders are refused: the exchange's disk does not keep up; cancels work",
}
"""Why an exchange that is there takes no orders."""
RESTRICTED: Final = "Orders are refused by the exchange at present; cancels work"
NO_ENTRY: Final = (
    Phase.CLOSED, Phase.START_OF_DAY, Phase.HALTED, Phase.PAUSED, Phase.SUSPENDED, Phase.DELISTED,
)  # fmt: skip
"""Phases in which no new order is taken."""
_PRICES = (RejectReason.PRICE_OUT_OF_RANGE, RejectReason.POST_ONLY_WOULD_TRADE)
_QUANTITIES = (
    RejectReason.QUANTITY_TOO_LARGE,
    RejectReason.QUANTITY_BELOW_FILLED,
    RejectReason.FOK_NOT_FILLED,
    RejectReason.INSUFFICIENT_POSITION,
    RejectReason.POSITION_LIMIT,
)


def reject_word(reason: int) -> str:
    """A few words for a reject code; the number itself if a newer server sent one that is not known here."""
    return REJECT_WORDS.get(RejectReason(reason), "refused") if reason in _KNOWN else f"code {reason}"


def reject_detail(reason: int, value: int, limit: int, instrument: control.Instrument | None) -> str:
    """The offending value and the limit as a sentence part, "" where they say nothing."""
    if instrument is None or reason not in _KNOWN:
        return ""
    decimals = instrument.price_decimals
    if reason in _PRICES:
        if NO_PRICE in (value, limit):
            return ""
        return f"{format_price(value, decimals)}, the bound is {format_price(limit, decimals)}"
    if reason == RejectReason.PRICE_OFF_TICK:
        return f"{format_price(value, decimals)}, the tick is {format_price(limit, decimals)}"
    if reason in _QUANTITIES:
        lots = instrument.quantity_decimals
        return f"{format_quantity(value, lots)}, the limit is {format_quantity(limit, lots)}"
    if reason == RejectReason.INSUFFICIENT_CASH:
        money = instrument.money_decimals
        return f"needs {format_money(value, money)}, there is {format_money(limit, money)} {instrument.currency}"
    if reason == RejectReason.PHASE_FORBIDS and value in tuple(Phase):
        return f"the market is in: {PHASE_WORDS[Phase(value)]}"
    return ""


def cancel_word(reason: int) -> str:
    """A few words for a cancel code."""
    return CANCEL_WORDS[CancelReason(reason)] if reason in tuple(CancelReason) else f"cancelled, code {reason}"


_KNOWN = frozenset(int(reason) for reason in RejectReason)
