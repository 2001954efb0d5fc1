"""The checks of section 2, one function each, and which of them a command meets, in their order.

A check returns (reason, value, limit) if it refuses, else None.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, OrderFlag, OrderType, Phase, RejectReason, Right, Side, TimeInForce
from server.protocol.records import NO_PRICE
from tests.oracle.book import reaches
from tests.oracle.definitions import check_account, check_cash, check_grant, check_instrument, check_position
from tests.oracle.state import Account, Command, Instrument, Position, cost

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Refusal = tuple[RejectReason, int, int] | None
Check = Callable[["OracleExchange", Command], Refusal]

CLIENT_KINDS_END = 32
CALLS = (Phase.PRE_OPEN, Phase.CLOSING_CALL)
KNOWN_KINDS = {
    CommandKind.NEW_ORDER, CommandKind.CANCEL_ORDER, CommandKind.REPLACE_ORDER, CommandKind.MASS_CANCEL,
    CommandKind.TIME, CommandKind.SESSION_OPENED, CommandKind.SESSION_CLOSED, CommandKind.LIST_INSTRUMENT,
    CommandKind.SET_PHASE, CommandKind.OPEN_ACCOUNT, CommandKind.ADJUST_CASH, CommandKind.ADJUST_POSITION,
    CommandKind.GRANT,
}  # fmt: skip


def check_duplicate(x: "OracleExchange", c: Command) -> Refusal:
    """1: the counter was seen before."""
    highest = x.counters.get((c.user, c.client_instance), 0)
    return (RejectReason.DUPLICATE, c.counter, highest) if c.counter <= highest else None


def check_gap(x: "OracleExchange", c: Command) -> Refusal:
    """2: a counter was left out."""
    expected = x.counters.get((c.user, c.client_instance), 0) + 1
    return (RejectReason.COUNTER_GAP, c.counter, expected) if c.counter > expected else None


def check_session(x: "OracleExchange", c: Command) -> Refusal:
    """3: the session must be open for the user."""
    return None if (c.session, c.user) in x.sessions else (RejectReason.SESSION_NOT_OPEN, c.session, 0)


def check_age(_: "OracleExchange", c: Command) -> Refusal:
    """4: the command is worth nothing after its time."""
    late = c.valid_until_ns != 0 and c.time_ns > c.valid_until_ns
    return (RejectReason.TOO_LATE, c.time_ns, c.valid_until_ns) if late else None


def check_kind(_: "OracleExchange", c: Command) -> Refusal:
    """5: the kind must be known."""
    return None if c.kind in KNOWN_KINDS else (RejectReason.UNKNOWN_COMMAND, c.kind, 0)


def check_group(_: "OracleExchange", c: Command) -> Refusal:
    """6: groups are of one so far."""
    return None if c.group_count == 1 else (RejectReason.INVALID_GROUP, c.group_count, 1)


def check_side(_: "OracleExchange", c: Command) -> Refusal:
    """7: the side must be known; a mass cancel may mean both."""
    known = (0, 1, 2) if c.kind == CommandKind.MASS_CANCEL else (0, 1)
    return None if c.side in known else (RejectReason.INVALID_SIDE, c.side, 0)


def check_order_type(_: "OracleExchange", c: Command) -> Refusal:
    """8: the order type must be known."""
    known = (OrderType.LIMIT, OrderType.MARKET)
    return None if c.order_type in known else (RejectReason.INVALID_ORDER_TYPE, c.order_type, 0)


def check_time_in_force(_: "OracleExchange", c: Command) -> Refusal:
    """9: the time in force must be known, and one that a MARKET order can have."""
    known = [TimeInForce.IOC, TimeInForce.FOK]
    if c.order_type == OrderType.LIMIT:
        known += [TimeInForce.DAY, TimeInForce.GTC]
    return None if c.time_in_force in known else (RejectReason.INVALID_TIME_IN_FORCE, c.time_in_force, 0)


def check_flags(_: "OracleExchange", c: Command) -> Refusal:
    """10: no flag that the command does not know."""
    known = 0
    if c.kind == CommandKind.NEW_ORDER and rests(c):
        known = int(OrderFlag.POST_ONLY)
    elif c.kind == CommandKind.REPLACE_ORDER:
        known = int(OrderFlag.LOSE_PRIORITY)
    return (RejectReason.INVALID_FLAGS, c.flags, 0) if c.flags & ~known else None


def check_instrument_listed(x: "OracleExchange", c: Command) -> Refusal:
    """11: the instrument must be listed; some commands may name none."""
    may_be_absent = c.kind in (CommandKind.MASS_CANCEL, CommandKind.SET_PHASE)
    if c.instrument in x.instruments or (may_be_absent and c.instrument == 0):
        return None
    return RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0


def check_account_open(x: "OracleExchange", c: Command) -> Refusal:
    """12: the account must be open, and not the house; a GRANT may name none."""
    if c.account == 0 and c.kind == CommandKind.GRANT:
        return None
    return None if c.account and c.account in x.accounts else (RejectReason.UNKNOWN_ACCOUNT, c.account, 0)


def check_permission(x: "OracleExchange", c: Command) -> Refusal:
    """13: the user may TRADE on the account, which has the instrument's currency."""
    if not may_trade(x, c.user, c.account):
        return RejectReason.NOT_PERMITTED, c.user, c.account
    if c.kind == CommandKind.NEW_ORDER:
        wanted, had = x.instruments[c.instrument].terms.currency, x.accounts[c.account].terms.currency
        if wanted != had:
            return RejectReason.NOT_PERMITTED, wanted, had
    return None


def check_order_known(x: "OracleExchange", c: Command) -> Refusal:
    """14: the order is live, and on an account that the user may TRADE."""
    order = x.named_order(c)
    if order is None or not may_trade(x, c.user, order.account.number):
        return RejectReason.UNKNOWN_ORDER, c.order_id, 0
    return None


def check_phase(x: "OracleExchange", c: Command) -> Refusal:
    """15: the phase of the instrument allows it."""
    phase = instrument_of(x, c).phase
    allowed = phase == Phase.CONTINUOUS
    if phase in CALLS:
        allowed = c.kind == CommandKind.REPLACE_ORDER or (rests(c) and not c.flags & OrderFlag.POST_ONLY)
    return None if allowed else (RejectReason.PHASE_FORBIDS, phase, 0)


def check_phase_asked(_: "OracleExchange", c: Command) -> Refusal:
    """15 of SET_PHASE: the phase must exist."""
    return None if c.side <= Phase.HALTED else (RejectReason.PHASE_FORBIDS, c.side, 0)


def check_quantity_positive(_: "OracleExchange", c: Command) -> Refusal:
    """16."""
    return None if c.quantity > 0 else (RejectReason.QUANTITY_NOT_POSITIVE, c.quantity, 1)


def check_quantity_size(x: "OracleExchange", c: Command) -> Refusal:
    """17."""
    limit = instrument_of(x, c).terms.quantity_max
    return None if c.quantity <= limit else (RejectReason.QUANTITY_TOO_LARGE, c.quantity, limit)


def check_price_range(x: "OracleExchange", c: Command) -> Refusal:
    """18: a LIMIT price within the instrument's range, none on a MARKET order."""
    terms = instrument_of(x, c).terms
    if c.kind == CommandKind.NEW_ORDER and c.order_type == OrderType.MARKET:
        return None if c.price == NO_PRICE else (RejectReason.PRICE_OUT_OF_RANGE, c.price, NO_PRICE)
    if c.price < terms.price_min:
        return RejectReason.PRICE_OUT_OF_RANGE, c.price, terms.price_min
    if c.price > terms.price_max:
        return RejectReason.PRICE_OUT_OF_RANGE, c.price, terms.price_max
    return None


def check_price_tick(x: "OracleExchange", c: Command) -> Refusal:
    """19: a LIMIT price on the tick grid."""
    terms = instrument_of(x, c).terms
    if c.price == NO_PRICE or (c.price - terms.price_min) % terms.tick_size == 0:
        return None
    return RejectReason.PRICE_OFF_TICK, c.price, terms.tick_size


def check_label(x: "OracleExchange", c: Command) -> Refusal:
    """20: no live order of this user with the same label."""
    order = x.labelled_order(c.user, c.label)
    return None if order is None else (RejectReason.DUPLICATE_LABEL, order.order_id, 0)


def check_filled(x: "OracleExchange", c: Command) -> Refusal:
    """21: a replace must leave something open."""
    filled = x.named_order(c).filled
    return (RejectReason.QUANTITY_BELOW_FILLED, c.quantity, filled) if c.quantity <= filled else None


def check_order_count(x: "OracleExchange", c: Command) -> Refusal:
    """22: the account may have another order."""
    account = x.accounts[c.account]
    limit = account.terms.orders_max
    return (RejectReason.TOO_MANY_ORDERS, limit, limit) if account.live_orders >= limit else None


def check_liquidity(x: "OracleExchange", c: Command) -> Refusal:
    """23: a MARKET order needs another side."""
    empty = x.instruments[c.instrument].book.best_price(1 - c.side) is None
    return (RejectReason.NO_LIQUIDITY, 0, 0) if empty and c.order_type == OrderType.MARKET else None


def check_post_only(x: "OracleExchange", c: Command) -> Refusal:
    """24: a POST_ONLY order that takes a place in CONTINUOUS must not trade."""
    instrument, side, flags = instrument_of(x, c), c.side, c.flags
    if c.kind == CommandKind.REPLACE_ORDER:
        order = x.named_order(c)
        side, flags = order.side, order.flags
        if keeps_place(order, c):
            return None
    best = instrument.book.best_price(1 - side)
    if not flags & OrderFlag.POST_ONLY or instrument.phase != Phase.CONTINUOUS or best is None:
        return None
    return (RejectReason.POST_ONLY_WOULD_TRADE, best, c.price) if reaches(side, c.price, best) else None


def check_fill_or_kill(x: "OracleExchange", c: Command) -> Refusal:
    """25: a FOK order needs all of its quantity within its price."""
    if c.time_in_force != TimeInForce.FOK:
        return None
    resting = sum(order.leaves for order in matches(x, c))
    return (RejectReason.FOK_NOT_FILLED, resting, c.quantity) if resting < c.quantity else None


def check_money(x: "OracleExchange", c: Command) -> Refusal:
    """26: the account can pay for it."""
    exposure = Exposure(x, c)
    if c.kind == CommandKind.NEW_ORDER and c.order_type == OrderType.MARKET:
        reserve = max(0, market_cost(x, c))
    else:
        reserve = max(0, cost(exposure.side, c.price, exposure.quantity, exposure.instrument))
    account = exposure.account
    available = account.cash - (account.reserved - exposure.own_reserve) + account.credit_limit
    return (RejectReason.INSUFFICIENT_CASH, reserve, available) if reserve > available else None


def check_short(x: "OracleExchange", c: Command) -> Refusal:
    """27: without leave to go short, only what is held can be offered."""
    exposure = Exposure(x, c)
    if exposure.side != Side.SELL or exposure.account.terms.short_allowed:
        return None
    held = exposure.position.net - exposure.open_sell
    return (RejectReason.INSUFFICIENT_POSITION, exposure.quantity, held) if exposure.quantity > held else None


def check_position_limit(x: "OracleExchange", c: Command) -> Refusal:
    """28: the position that could come of it."""
    exposure = Exposure(x, c)
    limit = exposure.account.position_max
    if exposure.side == Side.BUY:
        size = exposure.position.net + exposure.open_buy + exposure.quantity
    else:
        size = exposure.open_sell + exposure.quantity - exposure.position.net
    return (RejectReason.POSITION_LIMIT, size, limit) if limit > 0 and size > limit else None


class Exposure:
    """What checks 26 to 28 look at: as if a replaced order were not there."""

    def __init__(self, x: "OracleExchange", c: Command) -> None:
        self.side, self.quantity = c.side, c.quantity
        self.own_reserve = own_leaves = 0
        account_number, instrument_number = c.account, c.instrument
        if c.kind == CommandKind.REPLACE_ORDER:
            order = x.named_order(c)
            self.side, self.quantity = order.side, c.quantity - order.filled
            self.own_reserve, own_leaves = order.reserve, order.leaves
            account_number, instrument_number = order.account.number, order.instrument.number
        self.account: Account = x.accounts[account_number]
        self.instrument: Instrument = x.instruments[instrument_number]
        self.position = x.positions.get((account_number, instrument_number), Position())
        self.open_buy = self.position.open_buy - (own_leaves if self.side == Side.BUY else 0)
        self.open_sell = self.position.open_sell - (own_leaves if self.side == Side.SELL else 0)


def rests(c: Command) -> bool:
    """True for an order that may wait in the book."""
    return c.order_type == OrderType.LIMIT and c.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)


def may_trade(x: "OracleExchange", user: int, account: int) -> bool:
    """True if the user has the TRADE right on the account."""
    return bool(x.grants.get((user, account), 0) & Right.TRADE)


def instrument_of(x: "OracleExchange", c: Command) -> Instrument:
    """The instrument that a new order names, or that of the order to replace."""
    return x.named_order(c).instrument if c.kind == CommandKind.REPLACE_ORDER else x.instruments[c.instrument]


def keeps_place(order, c: Command) -> bool:
    """True if a replace only takes quantity away."""
    return c.price == order.price and c.quantity <= order.quantity and not c.flags & OrderFlag.LOSE_PRIORITY


def matches(x: "OracleExchange", c: Command) -> list:
    """The resting orders that a new order could trade with, best first."""
    found = []
    for order in x.instruments[c.instrument].book.orders(1 - c.side):
        if c.order_type == OrderType.LIMIT and not reaches(c.side, c.price, order.price):
            break
        found.append(order)
    return found


def market_cost(x: "OracleExchange", c: Command) -> int:
    """What a MARKET order would take from the account's cash."""
    total, left = 0, c.quantity
    for order in matches(x, c):
        taken = min(left, order.leaves)
        total += cost(c.side, order.price, taken, order.instrument)
        left -= taken
    return total


CLIENT: tuple[Check, ...] = (check_duplicate, check_gap, check_session, check_age, check_kind, check_group)
SERVER: tuple[Check, ...] = (check_kind, check_group)
RISK: tuple[Check, ...] = (check_money, check_short, check_position_limit)
NUMBERS: tuple[Check, ...] = (check_quantity_positive, check_quantity_size, check_price_range, check_price_tick)
CHECKS: dict[int, tuple[Check, ...]] = {
    CommandKind.NEW_ORDER: (
        *CLIENT, check_side, check_order_type, check_time_in_force, check_flags, check_instrument_listed,
        check_account_open, check_permission, check_phase, *NUMBERS, check_label, check_order_count, check_liquidity,
        check_post_only, check_fill_or_kill, *RISK,
    ),
    CommandKind.CANCEL_ORDER: (*CLIENT, check_flags, check_order_known),
    CommandKind.REPLACE_ORDER: (
        *CLIENT, check_flags, check_order_known, check_phase, *NUMBERS, check_filled, check_post_only, *RISK,
    ),
    CommandKind.MASS_CANCEL: (
        *CLIENT, check_side, check_flags, check_instrument_listed, check_account_open, check_permission,
    ),
    CommandKind.LIST_INSTRUMENT: (*SERVER, check_instrument),
    CommandKind.SET_PHASE: (*SERVER, check_instrument_listed, check_phase_asked),
    CommandKind.OPEN_ACCOUNT: (*SERVER, check_account),
    CommandKind.ADJUST_CASH: (*SERVER, check_account_open, check_cash),
    CommandKind.ADJUST_POSITION: (*SERVER, check_instrument_listed, check_account_open, check_position),
    CommandKind.GRANT: (*SERVER, check_account_open, check_grant),
}  # fmt: skip


def refusal(x: "OracleExchange", c: Command) -> Refusal:
    """The first reason not to do the command, or None."""
    for check in CHECKS.get(c.kind, CLIENT if c.kind < CLIENT_KINDS_END else SERVER):
        refused = check(x, c)
        if refused:
            return refused
    return None
