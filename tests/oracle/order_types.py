"""Which times in force, flags and terms each type of order can have (10.3)."""

from collections.abc import Callable

from server.protocol.enums import SELF_TRADE_SHIFT as MODE_SHIFT
from server.protocol.enums import Link, OrderFlag, OrderType, Peg, Side, TimeInForce
from server.protocol.records import NO_PRICE
from tests.oracle.layouts import OrderTerms
from tests.oracle.state import HIDDEN, LOSE_PRIORITY, POST_ONLY, SLIDE, STAYS, Command

STAYING = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD)
AUCTION_TIMES = (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE, TimeInForce.AUCTION)
STOP_TYPES = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
TIMES: dict[int, tuple[TimeInForce, ...]] = {
    OrderType.LIMIT: (*STAYING, TimeInForce.IOC, TimeInForce.FOK, *AUCTION_TIMES),
    OrderType.MARKET: (TimeInForce.IOC, TimeInForce.FOK, *AUCTION_TIMES),
    OrderType.MARKET_TO_LIMIT: (TimeInForce.DAY, TimeInForce.GTC),
    OrderType.PEGGED: STAYING,
    **dict.fromkeys(STOP_TYPES, STAYING),
}
TERMS = (
    "stop_price", "display_quantity", "minimum_quantity", "expire_time_ns", "offset", "price_cap", "lot_trade_id",
    "trail_ppm", "peg", "trigger", "link",
)  # fmt: skip
"""The fields of ORDER_TERMS; their numbers count from 1."""

PRICE_TERMS = ("stop_price", "price_cap")
FLAGS_END = 4096
MODE_MAX = 5
SALE_FLAGS = int(OrderFlag.SHORT | OrderFlag.SHORT_EXEMPT)
SHOWING_FLAGS = POST_ONLY | SLIDE | HIDDEN


def mode_of(flags: int) -> int:
    """The self-trade mode in an order's flags."""
    return flags >> MODE_SHIFT & 7


def is_neutral(name: str, value: int) -> bool:
    """True for what an order without ORDER_TERMS has in this field."""
    return value == 0 or (name in PRICE_TERMS and value == NO_PRICE)


def flags_fit(c: Command) -> bool:
    """True if the order can have these flags (check 10)."""
    flags = c.flags
    if flags >= FLAGS_END or flags & LOSE_PRIORITY or mode_of(flags) > MODE_MAX:
        return False
    if flags & SALE_FLAGS and c.side == Side.BUY:
        return False
    if flags & STAYS and c.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        return False
    showing = flags & SHOWING_FLAGS
    if c.order_type == OrderType.PEGGED:
        return showing == HIDDEN
    if c.order_type == OrderType.LIMIT and c.time_in_force in STAYING:
        return showing in (0, POST_ONLY, POST_ONLY | SLIDE, HIDDEN)
    return showing == 0


def first_wrong_term(c: Command, terms: OrderTerms, *, linked: bool) -> str | None:
    """The first field of the terms that the order cannot have, or not with this value (check 10b).

    `linked`: the link, if there is one, fits the orders before it.
    """
    rules = allowed_terms(c, terms)
    rules["link"] = lambda value: linked or value == Link.NONE
    for name in TERMS:
        value = getattr(terms, name)
        fits = rules[name](value) if name in rules else is_neutral(name, value)
        if not fits:
            return name
    return None


def allowed_terms(c: Command, terms: OrderTerms) -> dict[str, Callable[[int], bool]]:
    """What the fields may be that the order may have; all others must be neutral."""
    allowed: dict[str, Callable[[int], bool]] = {}
    limit_that_stays = c.order_type == OrderType.LIMIT and c.time_in_force in STAYING
    if limit_that_stays and not c.flags & HIDDEN:
        allowed["display_quantity"] = lambda value: value >= 0
    if may_have_minimum(c):
        allowed["minimum_quantity"] = lambda value: 0 <= value <= max(0, c.quantity)
    if c.time_in_force == TimeInForce.GTD:
        allowed["expire_time_ns"] = lambda value: value > 0
    if c.order_type != OrderType.PEGGED:
        allowed["lot_trade_id"] = lambda _: True
    if c.order_type in STOP_TYPES:
        allowed["stop_price"] = lambda _: True
        allowed["trigger"] = lambda value: value <= 2
    if c.order_type == OrderType.TRAILING_STOP:
        allowed["offset"] = lambda value: value == 0 if terms.trail_ppm else value >= 1
        allowed["trail_ppm"] = lambda value: value < 1_000_000
    if c.order_type == OrderType.PEGGED:
        allowed["peg"] = lambda value: value in (Peg.PRIMARY, Peg.MID, Peg.MARKET)
        allowed["offset"] = lambda _: True
        allowed["price_cap"] = lambda _: True
    return allowed


def may_have_minimum(c: Command) -> bool:
    """True for an order that may ask for a least quantity at entry."""
    if c.order_type == OrderType.LIMIT:
        return c.time_in_force == TimeInForce.IOC or (c.time_in_force in STAYING and not c.flags & POST_ONLY)
    if c.order_type == OrderType.MARKET:
        return bool(c.time_in_force == TimeInForce.IOC)
    return bool(c.order_type == OrderType.MARKET_TO_LIMIT)
