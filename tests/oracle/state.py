"""What the exchange knows: instruments, accounts, positions and orders, as plain objects."""

from collections import namedtuple
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import TYPE_CHECKING

import numpy as np

from server.protocol.enums import OrderFlag, OrderState, OrderType, Phase, Side, TimeInForce
from server.protocol.records import COMMAND, INSTRUMENT_RULES, NO_PRICE, ORDER_TERMS
from tests.oracle.accounts import Account, Charges, Hold
from tests.oracle.book import Book
from tests.oracle.layouts import (
    AuctionRules,
    InstrumentRules,
    InstrumentTerms,
    OrderTerms,
)

if TYPE_CHECKING:
    from tests.oracle.bands import Band
    from tests.oracle.links import Link

Command = namedtuple("Command", COMMAND.names)


# the enumeration's own & is slow
POST_ONLY, LOSE_PRIORITY, SLIDE, HIDDEN, STAYS = (
    int(flag)
    for flag in (
        OrderFlag.POST_ONLY, OrderFlag.LOSE_PRIORITY, OrderFlag.SLIDE, OrderFlag.HIDDEN, OrderFlag.STAYS,
    )
)  # fmt: skip
AUCTION_TIMES = (TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE, TimeInForce.AUCTION)
NO_TERMS = OrderTerms._make(np.zeros(1, ORDER_TERMS)[0].tolist())
NO_RULES = InstrumentRules._make(np.zeros(1, INSTRUMENT_RULES)[0].tolist())


@unique
class Where(IntEnum):
    """Where an order is; the numbers of the waiting places are those of 12.10."""

    NOWHERE = 0
    """It has just come, is meeting the other side, or has ended."""
    TRIGGERED = 1
    STOP_BOOK = 2
    PARKED = 3
    HELD = 4
    BOOK = 5
    """In a queue of a price, or in a market queue."""
    CALL = 6
    """Kept unseen until its call."""


@dataclass(eq=False, slots=True)
class Order:
    """An accepted order. `leaves` is what is still open of `quantity`."""

    order_id: int
    public_order_id: int
    user: int
    account: Account
    instrument: "Instrument"
    client_instance: int
    counter: int
    label: bytes
    side: int
    order_type: int
    time_in_force: int
    flags: int
    capacity: int
    price: int
    quantity: int
    filled: int
    self_trade_group: int
    decision_maker: int
    algorithm: int
    terms: OrderTerms = NO_TERMS
    """The ORDER_TERMS that it came with; all 0 for an order that came without."""
    self_trade_mode: int = 0
    stays: bool = False
    """It is not cancelled when its client is gone."""
    display_quantity: int = 0
    """Of an iceberg: what is shown at most; 0: no iceberg."""
    displayed: int = 0
    """Of an iceberg in the book: what is shown now."""
    expire_time_ns: int = 0
    where: "Where" = Where.NOWHERE
    stop_price: int = NO_PRICE
    offset: int = 0
    trail_ppm: int = 0
    triggered: bool = False
    link: "Link | None" = None
    hold: Hold = field(default_factory=Hold)
    charges: Charges = field(default_factory=Charges)

    @property
    def lot_trade_id(self) -> int:
        """The lot that it closes, by the trade that opened it; 0: none is named."""
        return int(self.terms.lot_trade_id)

    @property
    def leaves(self) -> int:
        """What is still open."""
        return self.quantity - self.filled

    @property
    def is_stop(self) -> bool:
        """True for an order that came as a stop of any type."""
        return self.order_type in (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)

    @property
    def is_leg(self) -> bool:
        """True for an order whose hold is its link's."""
        return self.link is not None and self.link.entry is not self

    @property
    def held(self) -> int:
        """The lots that it holds of its account by itself."""
        return 0 if self.is_leg else self.leaves

    @property
    def reserve_price(self) -> int | None:
        """The price at which it reserves; None: it reserves nothing."""
        terms = self.instrument.terms
        worst = terms.price_max if self.side == Side.BUY else terms.price_min
        if self.order_type == OrderType.MARKET:
            return worst if self.time_in_force in AUCTION_TIMES else None
        if self.order_type == OrderType.PEGGED:
            return worst if self.terms.price_cap == NO_PRICE else self.terms.price_cap
        return None if self.order_type == OrderType.MARKET_TO_LIMIT else self.price

    @property
    def is_hidden(self) -> bool:
        """True if nothing of it is ever shown."""
        return bool(self.flags & HIDDEN)

    @property
    def shown(self) -> int:
        """What others see of it in the book."""
        if self.is_hidden:
            return 0
        return self.displayed if self.display_quantity else self.leaves


@dataclass(eq=False, slots=True)
class Instrument:
    """One listed instrument, its day and its book."""

    terms: InstrumentTerms
    reference_price: int
    phase: int = Phase.CLOSED
    open: int = NO_PRICE
    high: int = NO_PRICE
    low: int = NO_PRICE
    last: int = NO_PRICE
    previous_close: int = NO_PRICE
    volume: int = 0
    turnover: int = 0
    trades: int = 0
    trade_number: int = 0
    indicative_due_ns: int = 0
    book: Book = field(default_factory=Book)
    last_top: tuple[int, ...] = (NO_PRICE, 0, 0, NO_PRICE, 0, 0)
    day_trades_before: int = 0
    """How many trades the shard had had when the instrument's day began."""
    newest_in_auction: bool = False
    """Its newest trade was made in an auction."""
    split_after: int = 0
    """The last trade of the shard before the instrument's last split; 0: it was never split."""
    rules: InstrumentRules = NO_RULES
    """The SET_RULES in force; all 0 before the first."""
    change: int = 0
    """The sequence of the command with which they took effect."""
    waiting_rules: dict[int, InstrumentRules] = field(default_factory=dict)
    """Those that are to come, by the time when they do."""
    auction_rules: AuctionRules | None = None
    """The last SET_AUCTION, if one came."""
    schedule: dict[int, int] = field(default_factory=dict)
    """Phases that are to come, by the time when they do."""
    draws: int = 0
    auction_price: int = NO_PRICE
    """The price of the last auction that traded."""
    auction_ns: int = 0
    trade_ns: int = 0
    target: int = Phase.CLOSED
    """The phase that follows the present call; CLOSED also where none is set."""
    extensions: int = 0
    market_extension: bool = False
    interrupted: bool = False
    """A trade would have been outside of the range: a volatility call begins after the order that it would have had."""
    band: "Band | None" = None
    waiting: list[Order] = field(default_factory=list)
    """Orders that are kept unseen until their call."""
    stops: tuple[list[Order], list[Order]] = field(default_factory=lambda: ([], []))
    """The stop books of both sides, in the order in which they are triggered."""
    triggered: list[Order] = field(default_factory=list)
    """Stops that were triggered and have not entered."""
    pegs: dict[int, Order] = field(default_factory=dict)
    """Its live pegs by order_id."""
    links: "list[Link]" = field(default_factory=list)
    traded_low: int = NO_PRICE
    traded_high: int = NO_PRICE
    """The lowest and the highest trade price since the last look."""

    @property
    def has_bounds(self) -> bool:
        """True if a range or a band can keep orders from trading that reach each other."""
        return bool(self.rules.static_ppm or self.rules.dynamic_ppm or self.rules.band_tier)

    @property
    def number(self) -> int:
        """The instrument's id."""
        return self.terms.instrument

    @property
    def currency(self) -> int:
        """What it is paid in."""
        return self.terms.currency


def cost(side: int, price: int, quantity: int, instrument: Instrument) -> int:
    """Money that a purchase takes (a sale: the negative of it)."""
    amount: int = price * quantity * instrument.terms.cash_scale
    return amount if side == Side.BUY else -amount


def open_state(order: Order) -> OrderState:
    """NEW or PARTIALLY_FILLED."""
    return OrderState.PARTIALLY_FILLED if order.filled else OrderState.NEW
