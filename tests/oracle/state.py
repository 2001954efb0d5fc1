"""What the exchange knows: instruments, accounts, positions and orders, as plain objects."""

from collections import namedtuple
from dataclasses import dataclass, field

from server.protocol.enums import OrderType, Phase, Side
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.oracle.book import Book

Command = namedtuple("Command", COMMAND.names)
InstrumentTerms = namedtuple("InstrumentTerms", LIST_INSTRUMENT.names)
AccountTerms = namedtuple("AccountTerms", OPEN_ACCOUNT.names)


@dataclass(eq=False, slots=True)
class Order:
    """An accepted order. `leaves` is what is still open of `quantity`."""

    order_id: int
    public_order_id: int
    user: int
    account: "Account"
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

    @property
    def leaves(self) -> int:
        """What is still open."""
        return self.quantity - self.filled

    @property
    def reserve(self) -> int:
        """The money that the account must keep for this order (section 1)."""
        if self.order_type != OrderType.LIMIT:
            return 0
        return max(0, cost(self.side, self.price, self.leaves, self.instrument))


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

    @property
    def number(self) -> int:
        """The instrument's id."""
        return self.terms.instrument


@dataclass(eq=False, slots=True)
class Account:
    """One account; `terms` is None for the house."""

    number: int
    terms: AccountTerms | None
    cash: int = 0
    reserved: int = 0
    live_orders: int = 0

    @property
    def credit_limit(self) -> int:
        """How far cash may fall below zero."""
        return self.terms.credit_limit if self.terms else 0

    @property
    def position_max(self) -> int:
        """The largest position in size; 0: any."""
        return self.terms.position_max if self.terms else 0


@dataclass(eq=False, slots=True)
class Position:
    """What an account holds of one instrument."""

    net: int = 0
    cost: int = 0
    realised: int = 0
    open_buy: int = 0
    open_sell: int = 0


def cost(side: int, price: int, quantity: int, instrument: Instrument) -> int:
    """Money that a purchase takes (a sale: the negative of it)."""
    amount: int = price * quantity * instrument.terms.cash_scale
    return amount if side == Side.BUY else -amount
