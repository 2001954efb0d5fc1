"""What the exchange knows of accounts: balances, positions, lots, and what an order holds and has paid."""

from dataclasses import dataclass, field

from server.protocol.enums import AccountKind, CostMethod
from server.protocol.records import NO_PRICE
from tests.oracle.layouts import AccountSettings, AccountTerms

HOUSE = 0
SYSTEM_BEGIN = 16_777_200
FEES = 16_777_200
CLEARING_FEES = 16_777_201
REGULATORY_FEES = 16_777_202
ROUNDING = 16_777_203
CONVERSION = 16_777_204
CORPORATE_ACTIONS = 16_777_205
SYSTEM = (FEES, CLEARING_FEES, REGULATORY_FEES, ROUNDING, CONVERSION, CORPORATE_ACTIONS)


@dataclass(eq=False, slots=True)
class Balance:
    """What an account has of one currency, and how much of it its orders hold."""

    cash: int = 0
    reserved: int = 0
    committed: int = 0
    """What its open orders could move at the most: open quantity x unit (17.2)."""
    traded: int = 0
    """The value of its fills with a fee schedule, this month."""


@dataclass(eq=False, slots=True)
class Account:
    """One account; `terms` is None for the house and the system accounts."""

    number: int
    terms: AccountTerms | None
    settings: AccountSettings | None = None
    live_orders: int = 0
    balances: dict[int, Balance] = field(default_factory=dict)

    @property
    def currency(self) -> int:
        """The account's own currency."""
        return self.terms.currency if self.terms else 0

    def balance(self, currency: int) -> Balance:
        """The balance in a currency, made now if it is the first time that it is needed."""
        return self.balances.setdefault(currency, Balance())

    def available(self, currency: int) -> int:
        """What could be spent or reserved."""
        balance = self.balance(currency)
        return balance.cash - balance.reserved + (self.credit_limit if currency == self.currency else 0)

    def may_hold(self, currency: int) -> bool:
        """True if the account may trade in this currency."""
        return currency == self.currency or bool(self.settings and self.settings.currencies)

    @property
    def cash(self) -> int:
        """Cash in the account's own currency."""
        return self.balance(self.currency).cash

    @property
    def reserved(self) -> int:
        """What its orders hold of its own currency."""
        return self.balance(self.currency).reserved

    @property
    def firm(self) -> int:
        """The firm that it belongs to; 0: none."""
        return self.settings.firm if self.settings else 0

    @property
    def desk(self) -> int:
        """The desk that it belongs to; 0: none."""
        return self.settings.desk if self.settings else 0

    @property
    def self_trade(self) -> int:
        """Its self-trade mode; DEFAULT before it is said."""
        return self.settings.self_trade if self.settings else 0

    @property
    def self_trade_allowed(self) -> int:
        """Whether its orders may ask for the mode ALLOW."""
        return self.settings.self_trade_allowed if self.settings else 0

    @property
    def self_trade_group(self) -> int:
        """The group of those of its orders that name none."""
        return self.settings.self_trade_group if self.settings else 0

    @property
    def cost_method(self) -> int:
        """Which cost a closing trade takes out."""
        return self.settings.cost_method if self.settings else CostMethod.AVERAGE

    @property
    def keeps_named_lots(self) -> bool:
        """True if an order may name the lot that it closes."""
        return self.cost_method == CostMethod.SPECIFIC_LOT

    @property
    def on_margin(self) -> bool:
        """True if equity, not cash, must cover what the account does."""
        return bool(self.settings and self.settings.account_kind == AccountKind.MARGIN)

    @property
    def credit_limit(self) -> int:
        """How far cash may fall below zero."""
        return self.terms.credit_limit if self.terms else 0

    @property
    def position_max(self) -> int:
        """The largest position in size; 0: any."""
        return self.terms.position_max if self.terms else 0


@dataclass(eq=False, slots=True)
class Lot:
    """What is left of what one trade opened."""

    trade_id: int
    net: int
    cost: int


@dataclass(eq=False, slots=True)
class Position:
    """What an account holds of one instrument. `lots` stays empty where the account keeps an average cost."""

    net: int = 0
    cost: int = 0
    realised: int = 0
    open_buy: int = 0
    open_sell: int = 0
    fees: int = 0
    income: int = 0
    mark: int = NO_PRICE
    last_result: int = 0
    lots: list[Lot] = field(default_factory=list)


@dataclass(slots=True)
class Hold:
    """What somebody holds now: money of a balance, and quantity in a position's open_buy or open_sell."""

    money: int = 0
    quantity: int = 0
    value: int = 0
    """The size of the quantity's cost at the reserve price."""


@dataclass(eq=False, slots=True)
class Charges:
    """The fees of one order: its schedule, the exact sums in 10^-8 money units, and the trading fee charged so far."""

    schedule: int = 0
    trading: int = 0
    clearing: int = 0
    regulatory: int = 0
    charged: int = 0
