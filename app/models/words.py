"""Enumerations as the short words and glyphs of the blotters."""

from typing import Final

from server.protocol.enums import AtEnd, Liquidity, OrderState, OrderType, Side, TimeInForce

SIDE: Final = {Side.BUY: ("BUY", "buy", "up"), Side.SELL: ("SELL", "sell", "down")}
"""Word, tone, glyph."""
TYPE: Final = {
    OrderType.LIMIT: "LMT",
    OrderType.MARKET: "MKT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
    OrderType.TRAILING_STOP: "TRAIL",
    OrderType.MARKET_TO_LIMIT: "MTL",
    OrderType.PEGGED: "PEG",
    OrderType.IMBALANCE_ONLY: "IO",
    OrderType.IF_TOUCHED: "MIT",
}
TIME_IN_FORCE: Final = {
    TimeInForce.DAY: "DAY",
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.GTD: "GTD",
    TimeInForce.AT_OPEN: "OPG",
    TimeInForce.AT_CLOSE: "CLS",
    TimeInForce.AUCTION: "AUC",
    TimeInForce.GOOD_AFTER_TIME: "GAT",
    TimeInForce.GOOD_AFTER_DATE: "GAD",
    TimeInForce.CONTINUOUS_ONLY: "CONT",
}
LIQUIDITY: Final = {
    Liquidity.NONE: "",
    Liquidity.MAKER: "maker",
    Liquidity.TAKER: "taker",
    Liquidity.AUCTION: "auction",
}
STATE: Final = {
    OrderState.NONE: ("", "", ""),
    OrderState.NEW: ("working", "", "working"),
    OrderState.PARTIALLY_FILLED: ("part filled", "", "part_filled"),
    OrderState.FILLED: ("filled", "label", "filled"),
    OrderState.CANCELED: ("cancelled", "label", "cancelled"),
    OrderState.REJECTED: ("rejected", "label", "rejected"),
    OrderState.EXPIRED: ("expired", "label", "expired"),
    OrderState.PENDING_NEW: ("sending", "text_2", "sending"),
    OrderState.PENDING_CANCEL: ("pending cancel", "warning", "pending"),
    OrderState.PENDING_REPLACE: ("pending replace", "warning", "pending"),
    OrderState.UNKNOWN: ("UNKNOWN", "on_alarm", "unknown"),
}
"""Word, tone, glyph."""


def at_end(at_end: AtEnd, grace_ms: int) -> tuple[str, str]:
    """What becomes of the user's orders when the session ends: title and detail."""
    if at_end is AtEnd.KEEP:
        return "ORDERS STAY IF THE CONNECTION IS LOST", "nothing is cancelled for you"
    wait = f"after {grace_ms / 1000:g} s" if grace_ms else "at once"
    logoff = "at logoff too" if at_end is AtEnd.CANCEL_ALWAYS else "a logoff keeps them"
    return f"ORDERS GO {wait.upper()} IF THE CONNECTION IS LOST", f"{logoff}; orders marked to stay are kept"
