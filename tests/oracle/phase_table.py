"""Which phase takes which order (13.1), and which may follow which (13.2)."""

from server.protocol.enums import OrderType, Phase, TimeInForce
from tests.oracle.layouts import OrderTerms
from tests.oracle.state import POST_ONLY, Command

YES, NO, WAITS = "yes", "no", "waits"
CALLS = (Phase.PRE_OPEN, Phase.CLOSING_CALL, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL, Phase.EXTENDED_CALL)
MATCHING = (Phase.CONTINUOUS, Phase.LIMIT_STATE)

COLUMNS = ("limit", "immediate", "stop", "AT_OPEN", "AT_CLOSE", "AUCTION", "replace")
NOTHING = (NO,) * 7
OTHER_CALL = (YES, NO, YES, NO, WAITS, YES, YES)
TAKES: dict[int, tuple[str, ...]] = {
    Phase.CLOSED: NOTHING,
    Phase.START_OF_DAY: NOTHING,
    Phase.PRE_OPEN: (YES, NO, YES, YES, WAITS, YES, YES),
    Phase.CONTINUOUS: (YES, YES, YES, NO, WAITS, WAITS, YES),
    Phase.LIMIT_STATE: (YES, YES, YES, NO, WAITS, WAITS, YES),
    Phase.INTRADAY_CALL: OTHER_CALL,
    Phase.VOLATILITY_CALL: OTHER_CALL,
    Phase.EXTENDED_CALL: OTHER_CALL,
    Phase.CLOSING_CALL: (YES, NO, YES, NO, YES, YES, YES),
    Phase.TRADING_AT_LAST: (YES, NO, NO, NO, NO, NO, YES),
    Phase.HALTED: NOTHING,
    Phase.PAUSED: NOTHING,
    Phase.SUSPENDED: NOTHING,
    Phase.DELISTED: NOTHING,
}
AUCTION_COLUMNS = {
    TimeInForce.AT_OPEN: "AT_OPEN", TimeInForce.AT_CLOSE: "AT_CLOSE", TimeInForce.AUCTION: "AUCTION",
}  # fmt: skip
STOP_COLUMN_TYPES = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP, OrderType.PEGGED)
AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)

ANYWHERE = (Phase.CLOSED, Phase.HALTED, Phase.SUSPENDED, Phase.DELISTED)
OUT_OF_CALL = (Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL)
FOLLOWS: dict[int, tuple[Phase, ...]] = {
    Phase.CLOSED: (Phase.START_OF_DAY, Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL),
    Phase.START_OF_DAY: (Phase.START_OF_DAY, Phase.PRE_OPEN, Phase.CONTINUOUS),
    Phase.PRE_OPEN: (Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL),
    Phase.CONTINUOUS: (
        Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL,
        Phase.TRADING_AT_LAST,
    ),
    Phase.INTRADAY_CALL: (Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.INTRADAY_CALL),
    Phase.VOLATILITY_CALL: (*OUT_OF_CALL, Phase.TRADING_AT_LAST),
    Phase.EXTENDED_CALL: (*OUT_OF_CALL, Phase.TRADING_AT_LAST),
    Phase.CLOSING_CALL: (Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.TRADING_AT_LAST),
    Phase.TRADING_AT_LAST: (Phase.TRADING_AT_LAST,),
    Phase.LIMIT_STATE: OUT_OF_CALL,
    Phase.PAUSED: OUT_OF_CALL,
    Phase.HALTED: (Phase.PRE_OPEN, *OUT_OF_CALL),
    Phase.SUSPENDED: (Phase.START_OF_DAY, Phase.PRE_OPEN),
    Phase.DELISTED: (),
}  # fmt: skip
"""What SET_PHASE may ask for beside ANYWHERE."""


def may_follow(phase: int, asked: int) -> bool:
    """True if SET_PHASE may ask for this phase now."""
    return phase != Phase.DELISTED and (asked in ANYWHERE or asked in FOLLOWS[phase])


def column_of(c: Command, terms: OrderTerms) -> str:
    """Which kind of order it is in the eyes of the table."""
    if c.time_in_force in AUCTION_COLUMNS:
        return AUCTION_COLUMNS[c.time_in_force]
    if c.order_type in STOP_COLUMN_TYPES:
        return "stop"
    immediate = c.order_type != OrderType.LIMIT or c.time_in_force in AT_ONCE
    return "immediate" if immediate or c.flags & POST_ONLY or terms.minimum_quantity else "limit"


def takes(phase: int, c: Command, terms: OrderTerms) -> str:
    """What the phase does with a new order: YES, NO or WAITS."""
    column = column_of(c, terms)
    if phase == Phase.TRADING_AT_LAST and column == "immediate":
        plain = c.order_type == OrderType.LIMIT and c.time_in_force in AT_ONCE and not terms.minimum_quantity
        return YES if plain else NO
    return TAKES[phase][COLUMNS.index(column)]


def takes_replace(phase: int) -> bool:
    """True if orders can be replaced in the phase."""
    return TAKES[phase][COLUMNS.index("replace")] == YES
