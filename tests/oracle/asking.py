"""A new order as it asks to come in: its record, its terms, its place in a basket; and what follows from them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.enums import OrderFlag, OrderType, Side
from server.protocol.records import NO_PRICE
from tests.oracle.book import reaches
from tests.oracle.layouts import OrderTerms
from tests.oracle.lots import mul_div
from tests.oracle.order_types import STOP_TYPES, mode_of
from tests.oracle.refusals import Refusal
from tests.oracle.risk import Ask, asked_by_new, check_risk
from tests.oracle.state import AUCTION_TIMES, NO_TERMS, SLIDE, Command, Instrument, Order, cost
from tests.oracle.stop_book import MILLION, protection_price, trailing_candidate
from tests.oracle.ticks import next_valid, to_grid
from tests.oracle.would_trade import Incoming, walk

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

KEPT_FLAGS = 0xFF & ~int(OrderFlag.CONFIRMED)


@dataclass(eq=False, slots=True)
class Asked:
    """A NEW_ORDER with the ORDER_TERMS behind it, if there are any."""

    command: Command
    terms: OrderTerms = NO_TERMS
    has_terms: bool = False
    number: int = 0
    """Its number in its basket, from 0."""
    basket: "list[Asked]" = field(default_factory=list)
    """All orders of its group, itself among them."""
    order: Order | None = None
    """What became of it in the first pass."""

    @property
    def is_alone(self) -> bool:
        """True if it is no part of a basket."""
        return len(self.basket) <= 1


def is_at_once(c: Command) -> bool:
    """True for an order that looks at what rests when it comes: checks 23 to 25."""
    return c.order_type not in (*STOP_TYPES, OrderType.PEGGED) and c.time_in_force not in AUCTION_TIMES


def best_other(instrument: Instrument, side: int) -> int | None:
    """The other side's best price, shown or not."""
    return instrument.book.best_price(1 - side)


def market_limit(instrument: Instrument, side: int) -> int | None:
    """The protection price of a MARKET order (10.7); None: any price is met."""
    best, ppm = best_other(instrument, side), instrument.rules.protection_ppm
    if ppm == 0 or best is None:
        return None
    reach = mul_div(abs(best), ppm, MILLION)
    if side == Side.BUY:
        return to_grid(instrument, best + reach, up=False)
    return to_grid(instrument, best - reach, up=True)


def limit_of(instrument: Instrument, c: Command) -> int | None:
    """The worst price at which a new order would trade when it comes."""
    if c.order_type == OrderType.MARKET:
        return market_limit(instrument, c.side)
    if c.order_type == OrderType.MARKET_TO_LIMIT:
        return best_other(instrument, c.side)
    return int(c.price)


def incoming(x: "OracleExchange", c: Command) -> Incoming:
    """The order as one that looks at the other side."""
    instrument = x.instruments[c.instrument]
    return Incoming(
        instrument, x.accounts[c.account], c.side, c.quantity, limit_of(instrument, c), mode_of(c.flags),
        c.self_trade_group,
    )  # fmt: skip


def slid_price(x: "OracleExchange", c: Command) -> int | None:
    """Where a sliding order goes that would trade at once; None: it stays at its price (10.9)."""
    instrument = x.instruments[c.instrument]
    best = best_other(instrument, c.side)
    if not c.flags & SLIDE or best is None or not reaches(c.side, c.price, best):
        return None
    tick, steps = instrument.terms.tick_size, x.steps_of(instrument)
    if c.side == Side.BUY:
        return next_valid(instrument, steps, best - tick, up=False)
    return next_valid(instrument, steps, best + tick, up=True)


def stop_price_of(x: "OracleExchange", asked: Asked) -> int:
    """The stop price that a stop begins with; NO_PRICE if it has none, or nothing to follow."""
    c, terms = asked.command, asked.terms
    instrument = x.instruments[c.instrument]
    if c.order_type != OrderType.TRAILING_STOP or terms.stop_price != NO_PRICE:
        return int(terms.stop_price)
    if instrument.last == NO_PRICE:
        return NO_PRICE
    return trailing_candidate(
        instrument, x.steps_of(instrument), c.side, instrument.last, terms.offset, terms.trail_ppm
    )


def working_price(x: "OracleExchange", asked: Asked) -> int:
    """The price that the order has from acceptance on; NO_PRICE if it has none."""
    c = asked.command
    instrument = x.instruments[c.instrument]
    if c.order_type in (OrderType.STOP, OrderType.TRAILING_STOP):
        return protection_price(instrument, x.steps_of(instrument), c.side, stop_price_of(x, asked))
    return int(c.price)


def price_to_reserve(x: "OracleExchange", asked: Asked) -> int | None:
    """The price at which it reserves in the end; None: a MARKET order, by what it would trade."""
    c = asked.command
    instrument = x.instruments[c.instrument]
    worst = instrument.terms.price_max if c.side == Side.BUY else instrument.terms.price_min
    if c.order_type == OrderType.MARKET:
        return worst if c.time_in_force in AUCTION_TIMES else None
    if c.order_type == OrderType.PEGGED:
        return worst if asked.terms.price_cap == NO_PRICE else int(asked.terms.price_cap)
    if c.order_type == OrderType.MARKET_TO_LIMIT:
        return best_other(instrument, c.side)
    slid = slid_price(x, c) if asked.is_alone else None
    return working_price(x, asked) if slid is None else slid


def ask_of(x: "OracleExchange", asked: Asked, released: "Order | None" = None) -> Ask:
    """What the order asks of the risk entry."""
    c = asked.command
    instrument = x.instruments[c.instrument]
    price = price_to_reserve(x, asked)
    if price is None:
        _, money = walk(incoming(x, c), lambda _: True)
        own_price = NO_PRICE
    else:
        money = cost(c.side, price, c.quantity, instrument)
        own_price = NO_PRICE if c.order_type in (OrderType.MARKET, OrderType.PEGGED) else price
    ask = asked_by_new(x, c, own_price, money, asked.terms.lot_trade_id)
    if released is not None:
        ask.released = released.hold
    return ask


def check_entry(x: "OracleExchange", asked: Asked, released: "Order | None" = None) -> Refusal:
    """26 to 28: the risk entry."""
    return check_risk(x, ask_of(x, asked, released))
