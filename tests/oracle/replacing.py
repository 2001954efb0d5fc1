"""REPLACE_ORDER: its checks from 14 on, and what it changes (section 4, 10.12, 12.2, 13.4)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.protocol.enums import EventKind, OrderType, RejectReason, TimeInForce, Trigger
from server.protocol.records import NO_PRICE
from tests.oracle.book import reaches
from tests.oracle.layouts import OrderTerms
from tests.oracle.order_types import STAYING, TERMS, first_wrong_term, is_neutral
from tests.oracle.phase_table import MATCHING, takes_replace
from tests.oracle.price_checks import (
    check_band,
    check_collar,
    check_display,
    check_expiry,
    check_last_price,
    check_least_display,
    check_no_price,
    check_price,
    check_quantity,
    check_stale,
    check_stop_price,
    check_value,
)
from tests.oracle.refusals import Refusal
from tests.oracle.risk import asked_by_replace, check_risk
from tests.oracle.state import AUCTION_TIMES, LOSE_PRIORITY, NO_TERMS, POST_ONLY, STAYS, Command, Order, Where, cost
from tests.oracle.stop_book import enter_stop_book, protection_price, reaches_stop
from tests.oracle.timers import TimerKind

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


@dataclass(eq=False, slots=True)
class Change:
    """A REPLACE_ORDER, the order that it names, and what the order would be."""

    command: Command
    order: Order
    terms: OrderTerms = NO_TERMS
    has_terms: bool = False

    @property
    def waits_as_stop(self) -> bool:
        """True for a stop that is not triggered."""
        return self.order.is_stop and not self.order.triggered

    @property
    def sets_stop(self) -> bool:
        """True if it gives a stop price."""
        return self.has_terms and self.terms.stop_price != NO_PRICE

    @property
    def stop_price(self) -> int:
        """The stop price that it would have."""
        return int(self.terms.stop_price) if self.sets_stop else self.order.stop_price

    @property
    def display_quantity(self) -> int:
        """What an iceberg would show at most."""
        plain = self.has_terms and not self.waits_as_stop
        return int(self.terms.display_quantity) if plain else self.order.display_quantity

    @property
    def trail(self) -> tuple[int, int]:
        """Offset and trail_ppm that it would have."""
        if self.has_terms and self.waits_as_stop:
            return int(self.terms.offset), int(self.terms.trail_ppm)
        return self.order.offset, self.order.trail_ppm

    def price(self, x: "OracleExchange") -> int:
        """The price that it would have."""
        order = self.order
        if self.waits_as_stop and order.order_type != OrderType.STOP_LIMIT:
            return protection_price(order.instrument, x.steps_of(order.instrument), order.side, self.stop_price)
        return int(self.command.price)

    def keeps_place(self, x: "OracleExchange") -> bool:
        """True if the order only gets smaller, or another expiry."""
        c, order = self.command, self.order
        if c.flags & LOSE_PRIORITY or c.quantity > order.quantity:
            return False
        if self.waits_as_stop:
            same = (self.stop_price, self.trail) == (order.stop_price, (order.offset, order.trail_ppm))
            return same and (order.order_type != OrderType.STOP_LIMIT or c.price == order.price)
        return c.price == order.price and self.display_quantity == order.display_quantity


def refused_change(x: "OracleExchange", change: Change) -> Refusal:
    """The first reason not to replace the order, behind check 14; None if there is none."""
    checks = (
        check_replaceable, check_terms, check_phase, check_numbers, check_filled, check_would_trade, check_change_risk,
    )  # fmt: skip
    return next((refused for check in checks if (refused := check(x, change))), None)


def check_replaceable(_: "OracleExchange", change: Change) -> Refusal:
    """Pegs, linked orders and triggered stops are what they are."""
    order = change.order
    linked = order.link is not None or order.order_type == OrderType.PEGGED
    fixed = linked or order.where == Where.TRIGGERED
    return (RejectReason.NOT_REPLACEABLE, order.order_id, 0) if fixed else None


def check_terms(_: "OracleExchange", change: Change) -> Refusal:
    """10.12: which terms the order can be given."""
    terms = change.terms
    if not change.has_terms:
        return None
    if change.waits_as_stop and terms.trigger in (Trigger.BID_ASK, Trigger.MARK):
        return RejectReason.UNSUPPORTED_TRIGGER, terms.trigger, 0
    wrong = wrong_stop_term(change) if change.waits_as_stop else wrong_term(change)
    return (RejectReason.INVALID_TERMS, TERMS.index(wrong) + 1, getattr(terms, wrong)) if wrong else None


def wrong_stop_term(change: Change) -> str | None:
    """The first field that a waiting stop cannot be given."""
    order = change.order
    as_new = change.command._replace(
        order_type=order.order_type, time_in_force=order.time_in_force, side=order.side, flags=order.flags
    )
    terms = change.terms
    if order.time_in_force == TimeInForce.GTD and terms.expire_time_ns == 0:
        terms = terms._replace(expire_time_ns=order.expire_time_ns)
    if order.order_type != OrderType.TRAILING_STOP and terms.stop_price == NO_PRICE:
        terms = terms._replace(stop_price=order.stop_price)
    return first_wrong_term(as_new, terms, linked=False)


def wrong_term(change: Change) -> str | None:
    """The first field that another order cannot be given."""
    order = change.order
    shows = order.order_type == OrderType.LIMIT and order.time_in_force in STAYING and not order.is_hidden
    for name in TERMS:
        value = getattr(change.terms, name)
        fits = is_neutral(name, value)
        if name == "display_quantity" and shows:
            fits = value >= 0
        if name == "expire_time_ns" and order.time_in_force == TimeInForce.GTD:
            fits = value >= 0
        if not fits:
            return name
    return None


def check_phase(_: "OracleExchange", change: Change) -> Refusal:
    """Stale data, then 15 and 15a."""
    instrument = change.order.instrument
    stale = check_stale(instrument, change.command)
    if stale:
        return stale
    if not takes_replace(instrument.phase):
        return RejectReason.PHASE_FORBIDS, instrument.phase, 0
    return check_expiry(change.command, change.terms.expire_time_ns)


def check_numbers(x: "OracleExchange", change: Change) -> Refusal:
    """16 to 19, and what stands behind them."""
    c, order = change.command, change.order
    instrument = order.instrument
    limit = order.order_type == OrderType.LIMIT or (order.order_type == OrderType.STOP_LIMIT and order.triggered)
    priced = limit or order.order_type == OrderType.STOP_LIMIT
    checks = [
        lambda: check_quantity(instrument, c),
        lambda: check_change_display(change),
        lambda: check_price(x, instrument, c.price) if priced else check_no_price(c),
        lambda: check_stop_price(x, instrument, change.stop_price) if change.waits_as_stop else None,
        lambda: check_last_price(instrument, c.price) if limit else None,
        lambda: check_value(instrument, c) if limit else None,
        lambda: check_collar(x, instrument, c) if limit else None,
        lambda: check_band(instrument, order.side, c.price) if limit else None,
    ]
    return next((refused for check in checks if (refused := check())), None)


def check_change_display(change: Change) -> Refusal:
    """17a; what was displayed before may be more than is left now."""
    check = check_display if change.has_terms else check_least_display
    return check(change.command.quantity, change.display_quantity)


def check_filled(_: "OracleExchange", change: Change) -> Refusal:
    """21: a replace must leave something open."""
    c, filled = change.command, change.order.filled
    return (RejectReason.QUANTITY_BELOW_FILLED, c.quantity, filled) if c.quantity <= filled else None


def check_would_trade(x: "OracleExchange", change: Change) -> Refusal:
    """24 of an order that would take a new place; a stop that has another stop price waits for something."""
    order, instrument, price = change.order, change.order.instrument, change.command.price
    if change.waits_as_stop:
        moved = change.stop_price != order.stop_price
        if moved and reaches_stop(order.side, change.stop_price, instrument.last):
            return RejectReason.STOP_ALREADY_REACHED, change.stop_price, instrument.last
        return None
    best = instrument.book.best_price(1 - order.side)
    posts = order.flags & POST_ONLY and instrument.phase in MATCHING and not change.keeps_place(x)
    crosses = posts and best is not None and reaches(order.side, price, best)
    return (RejectReason.POST_ONLY_WOULD_TRADE, best, price) if crosses else None


def check_change_risk(x: "OracleExchange", change: Change) -> Refusal:
    """26 to 28, as if the order were not there."""
    c, order = change.command, change.order
    leaves, price = c.quantity - order.filled, change.price(x)
    at = order.reserve_price if order.order_type == OrderType.MARKET else price
    ask = asked_by_replace(c, order)
    ask.price, ask.cost = price, cost(order.side, at, leaves, order.instrument)
    return check_risk(x, ask)


def replace(x: "OracleExchange", change: Change, own: dict[str, int]) -> None:
    """Change an order in one step; `own`: the fields of the event that name the command."""
    order = change.order
    kept, price = change.keeps_place(x), change.price(x)
    order.stays = bool(change.command.flags & STAYS)
    if change.terms.expire_time_ns:
        order.expire_time_ns = int(change.terms.expire_time_ns)
        x.timers.set(TimerKind.EXPIRY, order.order_id, order.expire_time_ns)
    if change.waits_as_stop:
        replace_stop(x, change, price, own, kept=kept)
    elif kept:
        x.lessen(order, change.command.quantity, EventKind.REPLACED, **own)
    else:
        replace_place(x, change, price, own)
    x.want_indicative(order.instrument)


def replace_stop(x: "OracleExchange", change: Change, price: int, own: dict[str, int], *, kept: bool) -> None:
    """Change a stop that waits; it may lose its time."""
    order = change.order
    x.change_open(order, price, change.command.quantity)
    moved = (change.stop_price, change.trail)
    if not kept:
        x.leave_place(order)
        order.stop_price, (order.offset, order.trail_ppm) = moved
        enter_stop_book(order)
    x.order_stands(EventKind.REPLACED, order, **own)


def replace_place(x: "OracleExchange", change: Change, price: int, own: dict[str, int]) -> None:
    """Change an order that then takes a new place."""
    order, waited = change.order, change.order.where == Where.CALL
    x.leave_place(order)
    x.change_open(order, price, change.command.quantity)
    order.display_quantity = change.display_quantity
    order.public_order_id = x.next_place()
    x.order_stands(EventKind.REPLACED, order, **own)
    if waited:
        x.wait_for_call(order)
    elif order.time_in_force in AUCTION_TIMES:
        x.take_place(order)
    else:
        x.work(order)
