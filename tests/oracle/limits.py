"""The limits of chapter 15.4: for each check, what is used, what is asked for, and when it is not looked at.

Rules: a function returns (used, requested, value), None where its limit is not looked at, or a refusal of its own; the
hard number is a limit that value may equal.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import Check, RejectReason, Side
from server.protocol.records import NO_PRICE
from tests.oracle import scope_rows
from tests.oracle.day_results import loss_of_day
from tests.oracle.margin import price_of
from tests.oracle.scope_rows import Part, ScopeRow

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange
    from tests.oracle.risk import Ask, Exposure

MILLION = 1_000_000
VALUE_MAX = 1 << 62
DISTANCE_MAX = 1 << 61

Use = tuple[int, int, int] | None
Measure = Callable[["OracleExchange", "Ask", "Exposure", ScopeRow, Part], Use]

REASONS: dict[Check, RejectReason] = {
    Check.MESSAGE_RATE: RejectReason.MESSAGE_RATE,
    Check.ORDER_QUANTITY: RejectReason.ORDER_QUANTITY_LIMIT,
    Check.ORDER_VALUE: RejectReason.ORDER_VALUE_LIMIT,
    Check.PRICE_DISTANCE: RejectReason.FAT_FINGER,
    Check.DUPLICATE_ORDER: RejectReason.DUPLICATE_ORDER,
    Check.OPEN_ORDERS: RejectReason.OPEN_ORDERS_LIMIT,
    Check.OPEN_VALUE: RejectReason.OPEN_VALUE_LIMIT,
    Check.LONG_POSITION: RejectReason.LONG_LIMIT,
    Check.SHORT_POSITION: RejectReason.SHORT_LIMIT,
    Check.GROSS_POSITION: RejectReason.GROSS_LIMIT,
    Check.NET_POSITION: RejectReason.NET_LIMIT,
    Check.DAILY_LOSS: RejectReason.DAILY_LOSS_LIMIT,
    Check.EXECUTION_THROTTLE: RejectReason.EXECUTION_THROTTLE,
    Check.ORDER_TO_TRADE: RejectReason.ORDER_TO_TRADE,
    Check.BASKET_COUNT: RejectReason.BASKET_COUNT_LIMIT,
    Check.BASKET_VALUE: RejectReason.BASKET_VALUE_LIMIT,
}


def plus(used: int, requested: int) -> Use:
    """Used, requested, and their sum as the value."""
    return used, requested, used + requested


def is_reducing(ask: "Ask", exposure: "Exposure") -> bool:
    """True if all of it would only make the position smaller."""
    held = -exposure.net if ask.side == Side.BUY else exposure.net
    return ask.quantity <= held - exposure.open_same(ask.side)


def enlarges(ask: "Ask", exposure: "Exposure") -> bool:
    """True if it could make a position larger than what is open already could."""
    return ask.quantity > ask.released.quantity and not is_reducing(ask, exposure)


def message_rate(x: "OracleExchange", _ask: "Ask", _exposure: "Exposure", row: ScopeRow, limit: Part) -> Use:
    """Messages in the window."""
    return plus(0 if x.time_ns >= row.messages_begin_ns + limit.window_ns else row.messages, 1)


def order_quantity(_x: "OracleExchange", ask: "Ask", _exposure: "Exposure", _row: ScopeRow, _limit: Part) -> Use:
    """Lots of the order."""
    return plus(0, ask.quantity)


def order_value(_x: "OracleExchange", ask: "Ask", _exposure: "Exposure", _row: ScopeRow, _limit: Part) -> Use:
    """Value of the order."""
    return plus(0, ask.value)


def price_distance(_x: "OracleExchange", ask: "Ask", _exposure: "Exposure", _row: ScopeRow, _limit: Part) -> Use:
    """Distance from the reference in parts per million, rounded up."""
    if ask.price == NO_PRICE:
        return None
    reference = price_of(ask.instrument)
    distance = abs(ask.price - reference)
    if reference:
        value = min(DISTANCE_MAX, -(-distance * MILLION // abs(reference)))
    else:
        value = DISTANCE_MAX if ask.price else 0
    return reference, ask.price, value


def duplicate_order(x: "OracleExchange", ask: "Ask", _exposure: "Exposure", row: ScopeRow, limit: Part) -> Use:
    """How many of the last orders were the same, and not long ago."""
    same = (ask.account.number, ask.instrument.number, ask.side, ask.price, ask.quantity)
    return plus(sum(past[:5] == same and past[5] > x.time_ns - limit.window_ns for past in row.last_orders), 1)


def open_orders(x: "OracleExchange", _ask: "Ask", _exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """Live orders."""
    return plus(sum(1 for _ in scope_rows.orders_of(x, row)), 1)


def open_value(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """Value of what is open."""
    if ask.value <= ask.released.value or is_reducing(ask, exposure):
        return None
    return plus(min(VALUE_MAX, scope_rows.open_value(x, row) - ask.released.value), ask.value)


def long_position(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """The long position that could come of it."""
    if ask.side != Side.BUY or not enlarges(ask, exposure):
        return None
    bought = scope_rows.open_lots(x, row, Side.BUY)
    return plus(scope_rows.net(x, row) + bought - ask.released.quantity, ask.quantity)


def short_position(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """The short position that could come of it."""
    if ask.side != Side.SELL or not enlarges(ask, exposure):
        return None
    sold = scope_rows.open_lots(x, row, Side.SELL)
    return plus(sold - ask.released.quantity - scope_rows.net(x, row), ask.quantity)


def gross_position(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """All positions and all that is open, whichever way."""
    if not enlarges(ask, exposure):
        return None
    open_both = scope_rows.open_lots(x, row, Side.BUY) + scope_rows.open_lots(x, row, Side.SELL)
    return plus(scope_rows.gross(x, row) + open_both - ask.released.quantity, ask.quantity)


def net_position(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, limit: Part) -> Use:
    """The long or the short position that could come of it."""
    measure = long_position if ask.side == Side.BUY else short_position
    return measure(x, ask, exposure, row, limit)


def daily_loss(x: "OracleExchange", ask: "Ask", exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """What the day has cost."""
    return None if is_reducing(ask, exposure) else plus(loss_of_day(x, row), 0)


def execution_throttle(_x: "OracleExchange", _ask: "Ask", _exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """Executions in the window, or since it was let go on."""
    return plus(row.executions, 1)


def order_to_trade(_x: "OracleExchange", ask: "Ask", _exposure: "Exposure", row: ScopeRow, _limit: Part) -> Use:
    """Messages of the day."""
    return plus(row.day_messages, ask.weight)


TABLE: tuple[tuple[Check, Measure, str], ...] = (
    (Check.MESSAGE_RATE, message_rate, "entry"),
    (Check.ORDER_QUANTITY, order_quantity, "all"),
    (Check.ORDER_VALUE, order_value, "all"),
    (Check.PRICE_DISTANCE, price_distance, "entry"),
    (Check.DUPLICATE_ORDER, duplicate_order, "new"),
    (Check.OPEN_ORDERS, open_orders, "new, quote"),
    (Check.OPEN_VALUE, open_value, "all"),
    (Check.LONG_POSITION, long_position, "all"),
    (Check.SHORT_POSITION, short_position, "all"),
    (Check.GROSS_POSITION, gross_position, "all"),
    (Check.NET_POSITION, net_position, "all"),
    (Check.DAILY_LOSS, daily_loss, "all"),
    (Check.EXECUTION_THROTTLE, execution_throttle, "entry"),
    (Check.ORDER_TO_TRADE, order_to_trade, "entry"),
)
"""In the order in which they are looked at: check, what it measures, who is measured."""


def number_of(check: Check, row: ScopeRow, number: int) -> int:
    """The number that a value may not pass; of a ratio it grows with the trades."""
    return (number + 1) * max(row.trades, 1) if check == Check.ORDER_TO_TRADE else number
