"""The checks of a NEW_ORDER from 7 on, in the order of 10.4 with what the other chapters put between them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import Link, OrderType, RejectReason, SelfTrade, TimeInForce, Trigger
from server.protocol.records import NO_PRICE
from tests.oracle.asking import (
    Asked,
    best_other,
    check_entry,
    incoming,
    is_at_once,
    slid_price,
    stop_price_of,
)
from tests.oracle.book import reaches
from tests.oracle.checks import check_account_open, check_instrument_listed, check_permission, check_side
from tests.oracle.link_terms import link_fits, pair_of
from tests.oracle.order_types import AUCTION_TIMES, STOP_TYPES, TERMS, TIMES, first_wrong_term, flags_fit, mode_of
from tests.oracle.phase_table import MATCHING, NO, takes
from tests.oracle.price_checks import (
    check_band,
    check_collar,
    check_display,
    check_expiry,
    check_last_price,
    check_no_price,
    check_price,
    check_quantity,
    check_stale,
    check_stop_price,
    check_value,
)
from tests.oracle.refusals import Refusal
from tests.oracle.state import POST_ONLY
from tests.oracle.stop_book import reaches_stop
from tests.oracle.would_trade import may_trade_at, resting, walk

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

OrderCheck = Callable[["OracleExchange", Asked], Refusal]
UNSUPPORTED_TYPES = (OrderType.IMBALANCE_ONLY, OrderType.IF_TOUCHED)
UNSUPPORTED_TIMES = (TimeInForce.GOOD_AFTER_TIME, TimeInForce.GOOD_AFTER_DATE, TimeInForce.CONTINUOUS_ONLY)
BASKET_TIMES = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD, *AUCTION_TIMES)
PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT)


def check_type(_: "OracleExchange", asked: Asked) -> Refusal:
    """8, 8a: a type that is known, and offered."""
    order_type = asked.command.order_type
    if order_type in UNSUPPORTED_TYPES:
        return RejectReason.UNSUPPORTED_ORDER_TYPE, order_type, 0
    return None if order_type in TIMES else (RejectReason.INVALID_ORDER_TYPE, order_type, 0)


def check_time(_: "OracleExchange", asked: Asked) -> Refusal:
    """9, 9a: a time in force that is offered, and one of the type."""
    time = asked.command.time_in_force
    if time in UNSUPPORTED_TIMES:
        return RejectReason.UNSUPPORTED_TIME_IN_FORCE, time, 0
    known = time in TIMES[asked.command.order_type]
    return None if known else (RejectReason.INVALID_TIME_IN_FORCE, time, 0)


def check_order_flags(_: "OracleExchange", asked: Asked) -> Refusal:
    """10."""
    return None if flags_fit(asked.command) else (RejectReason.INVALID_FLAGS, asked.command.flags, 0)


def check_terms(_: "OracleExchange", asked: Asked) -> Refusal:
    """10a, 10b: terms that fit the order."""
    c, terms = asked.command, asked.terms
    if c.order_type in STOP_TYPES and not asked.has_terms:
        return RejectReason.INVALID_TERMS, 0, 0
    if c.order_type in STOP_TYPES and terms.trigger in (Trigger.BID_ASK, Trigger.MARK):
        return RejectReason.UNSUPPORTED_TRIGGER, terms.trigger, 0
    wrong = first_wrong_term(c, terms, linked=link_fits(asked))
    return (RejectReason.INVALID_TERMS, TERMS.index(wrong) + 1, getattr(terms, wrong)) if wrong else None


def check_basket(_: "OracleExchange", asked: Asked) -> Refusal:
    """10c: what a basket may hold."""
    c = asked.command
    if asked.is_alone:
        return None
    if c.account != asked.basket[0].command.account:
        return RejectReason.INVALID_GROUP, asked.number, 1
    limit = c.order_type == OrderType.LIMIT and c.time_in_force in BASKET_TIMES
    fits = (limit or c.order_type in STOP_TYPES) and not c.flags & POST_ONLY
    return None if fits and not asked.terms.minimum_quantity else (RejectReason.INVALID_GROUP, asked.number, 2)


def check_mode(x: "OracleExchange", asked: Asked) -> Refusal:
    """13a: who may trade with himself."""
    mode = mode_of(asked.command.flags)
    allowed = mode != SelfTrade.ALLOW or x.accounts[asked.command.account].self_trade_allowed
    return None if allowed else (RejectReason.SELF_TRADE_MODE_FORBIDDEN, mode, 0)


def check_order_phase(x: "OracleExchange", asked: Asked) -> Refusal:
    """15: the phase takes such an order."""
    phase = x.instruments[asked.command.instrument].phase
    return (RejectReason.PHASE_FORBIDS, phase, 0) if takes(phase, asked.command, asked.terms) == NO else None


def check_expiry_to_come(_: "OracleExchange", asked: Asked) -> Refusal:
    """15a."""
    return check_expiry(asked.command, asked.terms.expire_time_ns)


def check_numbers(x: "OracleExchange", asked: Asked) -> Refusal:
    """16 to 19, and what stands behind them."""
    c, instrument = asked.command, x.instruments[asked.command.instrument]
    limit = c.order_type == OrderType.LIMIT and c.price != NO_PRICE
    checks = [
        lambda: check_quantity(instrument, c),
        lambda: check_display(c.quantity, asked.terms.display_quantity),
        lambda: check_price(x, instrument, c.price) if c.order_type in PRICED else check_no_price(c),
        lambda: check_own_stop_price(x, asked),
        lambda: check_price_cap(x, asked),
        lambda: check_last_price(instrument, c.price) if limit else None,
        lambda: check_value(instrument, c) if limit else None,
        lambda: check_collar(x, instrument, c) if limit else None,
        lambda: check_band(instrument, c.side, c.price) if limit else None,
    ]
    return next((refused for check in checks if (refused := check())), None)


def check_own_stop_price(x: "OracleExchange", asked: Asked) -> Refusal:
    """Behind 19: a stop price that is given is a valid price."""
    c, stop_price = asked.command, asked.terms.stop_price
    given = c.order_type != OrderType.TRAILING_STOP or stop_price != NO_PRICE
    is_stop = c.order_type in STOP_TYPES
    return check_stop_price(x, x.instruments[c.instrument], stop_price) if is_stop and given else None


def check_price_cap(x: "OracleExchange", asked: Asked) -> Refusal:
    """At the same place: the worst price of a peg is a valid price."""
    c, cap = asked.command, asked.terms.price_cap
    if c.order_type != OrderType.PEGGED or cap == NO_PRICE:
        return None
    wrong = check_price(x, x.instruments[c.instrument], cap)
    return (RejectReason.INVALID_TERMS, TERMS.index("price_cap") + 1, cap) if wrong else None


def check_label(x: "OracleExchange", asked: Asked) -> Refusal:
    """20: no live order of this user with the same label."""
    order = x.labelled_order(asked.command.user, asked.command.label)
    return None if order is None else (RejectReason.DUPLICATE_LABEL, order.order_id, 0)


def check_order_count(x: "OracleExchange", asked: Asked) -> Refusal:
    """22: the account may have another order."""
    account = x.accounts[asked.command.account]
    limit = account.terms.orders_max
    return (RejectReason.TOO_MANY_ORDERS, limit, limit) if account.live_orders >= limit else None


def check_stop_reached(x: "OracleExchange", asked: Asked) -> Refusal:
    """In place of 23 to 25: a stop has something to wait for."""
    c = asked.command
    if c.order_type not in STOP_TYPES or is_child(asked):
        return None
    stop_price, last = stop_price_of(x, asked), x.instruments[c.instrument].last
    if c.order_type == OrderType.TRAILING_STOP and stop_price == NO_PRICE:
        return RejectReason.NO_REFERENCE_PRICE, 0, 0
    reached = reaches_stop(c.side, stop_price, last)
    return (RejectReason.STOP_ALREADY_REACHED, stop_price, last) if reached else None


def check_other_side(x: "OracleExchange", asked: Asked) -> Refusal:
    """23 to 25b: what rests on the other side."""
    c, instrument = asked.command, x.instruments[asked.command.instrument]
    if not asked.is_alone or not is_at_once(c):
        return None
    best = best_other(instrument, c.side)
    if best is None and c.order_type in (OrderType.MARKET, OrderType.MARKET_TO_LIMIT):
        return RejectReason.NO_LIQUIDITY, 0, 0
    crosses = best is not None and c.flags & POST_ONLY and reaches(c.side, c.price, best)
    if crosses and instrument.phase in MATCHING:
        slid = slid_price(x, c)
        terms = instrument.terms
        if slid is None or not terms.price_min <= slid <= terms.price_max:
            return RejectReason.POST_ONLY_WOULD_TRADE, best, c.price
    return check_enough(x, asked)


def check_enough(x: "OracleExchange", asked: Asked) -> Refusal:
    """25 to 25b: enough rests, and enough would trade."""
    c, instrument = asked.command, x.instruments[asked.command.instrument]
    kills = c.time_in_force == TimeInForce.FOK
    wanted = c.quantity if kills else asked.terms.minimum_quantity
    if not wanted:
        return None
    may = may_trade_at(x, instrument)
    order = incoming(x, c)
    found = resting(order, may)
    if found < wanted:
        reason = RejectReason.FOK_NOT_FILLED if kills else RejectReason.MINIMUM_QUANTITY_NOT_MET
        return reason, found, wanted
    traded, _ = walk(order, may)
    return (RejectReason.SELF_TRADE, traded, wanted) if traded < wanted else None


def is_child(asked: Asked) -> bool:
    """True for an order that waits for its bracket's entry."""
    return asked.terms.link in (Link.TARGET, Link.STOP_LOSS)


def check_order_risk(x: "OracleExchange", asked: Asked) -> Refusal:
    """26 to 28, but for a held child; a pair's second leg releases what the first holds."""
    if is_child(asked):
        return None
    first = pair_of(asked)
    return check_entry(x, asked, first.order if first else None)


def check_stale_data(x: "OracleExchange", asked: Asked) -> Refusal:
    """Behind 13: the sender knows the present rules."""
    return check_stale(x.instruments[asked.command.instrument], asked.command)


def of_command(check: Callable[..., Refusal]) -> OrderCheck:
    """A check that looks at the command alone."""
    return lambda x, asked: check(x, asked.command)


ORDER_CHECKS: tuple[OrderCheck, ...] = (
    of_command(check_side), check_type, check_time, check_order_flags, check_terms, check_basket,
    of_command(check_instrument_listed), of_command(check_account_open), of_command(check_permission), check_mode,
    check_stale_data, check_order_phase, check_expiry_to_come, check_numbers, check_label, check_order_count,
    check_stop_reached, check_other_side, check_order_risk,
)  # fmt: skip


def refused_order(x: "OracleExchange", asked: Asked) -> Refusal:
    """The first reason not to accept the order, from check 7 on; None if there is none."""
    return next((refused for check in ORDER_CHECKS if (refused := check(x, asked))), None)
