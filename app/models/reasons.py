"""Reject and cancel codes as words and sentences: the wire carries integers, a person reads this."""

from typing import Final

from server.protocol import control
from server.protocol.enums import CancelReason, Phase, RejectReason
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
}
CANCEL_WORDS: Final = {
    CancelReason.REQUESTED: "cancelled",
    CancelReason.IMMEDIATE_REMAINDER: "rest cancelled",
    CancelReason.MASS_CANCEL: "mass cancelled",
    CancelReason.SESSION_CLOSED: "session closed",
    CancelReason.END_OF_DAY: "end of day",
    CancelReason.SELF_TRADE: "own order met",
}
PHASE_WORDS: Final = {
    Phase.CLOSED: "closed",
    Phase.PRE_OPEN: "opening call",
    Phase.CONTINUOUS: "continuous",
    Phase.CLOSING_CALL: "closing call",
    Phase.HALTED: "halted",
}
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
