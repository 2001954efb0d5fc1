"""The one entry to the book for everything that could enlarge a risk: is it allowed, and is there money for it?

Rules: new orders, replaces, quotes, triggered stops, releases and pegs all come through `check_risk`, each leg of a
basket by itself; figures come from the positions and the holds as they are now, without what the asker itself holds.
"""

from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import TYPE_CHECKING

from server.protocol.enums import OrderFlag, RejectReason, Side
from tests.oracle.accounts import Account, Charges, Hold, Position
from tests.oracle.guards import check_cash, check_fee_per_lot, check_lots
from tests.oracle.holds import unit_of, worst_fee_of
from tests.oracle.margin import lots_at_risk, standing
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command, Instrument, Order, cost

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


@unique
class Asking(IntEnum):
    """What asks."""

    NEW = 1
    REPLACE = 2
    QUOTE = 3
    TRIGGER = 4
    RELEASE = 5
    PEG = 6


ENTRY = (Asking.NEW, Asking.REPLACE, Asking.QUOTE)
"""The kinds that come as messages of clients."""


@dataclass(slots=True)
class Ask:
    """What somebody wants to have open in the market (15.1)."""

    kind: Asking
    user: int
    account: Account
    instrument: Instrument
    side: int
    quantity: int
    """The lots that would be open."""
    price: int
    """The order's price; NO_PRICE if it has none."""
    cost: int
    """Signed cost of the quantity at the reserve price; of a MARKET order that of its sweep."""
    flags: int
    algorithm: int
    total: int = 0
    """The quantity ordered, or the new total."""
    released: Hold = field(default_factory=Hold)
    """What the order itself holds before."""
    charges: Charges = field(default_factory=Charges)
    nothing_filled: bool = True
    lot_trade_id: int = 0
    weight: int = 0
    """How many messages it counts as in the order-to-trade ratio."""

    @property
    def value(self) -> int:
        """The size of its cost."""
        return abs(self.cost)

    @property
    def confirmed(self) -> bool:
        """The sender knows what a soft limit would warn of."""
        return bool(self.flags & OrderFlag.CONFIRMED)


class Exposure:
    """What an account has of the instrument and has open, without what the asker holds."""

    def __init__(self, x: "OracleExchange", ask: Ask) -> None:
        self.position = x.positions.get((ask.account.number, ask.instrument.number), Position())
        self.net = self.position.net
        own = ask.released.quantity
        self.open_buy = self.position.open_buy - (own if ask.side == Side.BUY else 0)
        self.open_sell = self.position.open_sell - (own if ask.side == Side.SELL else 0)

    def open_same(self, side: int) -> int:
        """What is open on a side."""
        return self.open_buy if side == Side.BUY else self.open_sell

    def closable(self, side: int) -> int:
        """How much of this side would only make the position smaller."""
        held = -self.net if side == Side.BUY else self.net
        return max(0, held - self.open_same(side))


def check_risk(x: "OracleExchange", ask: Ask) -> Refusal:
    """The first reason not to let it in, or None; what passes is counted."""
    exposure = Exposure(x, ask)
    return (
        x.risk.refuses(x, ask, exposure)
        or check_amounts(x, ask, exposure)
        or check_lot(ask, exposure)
        or check_funds(x, ask, exposure)
        or check_short(exposure, ask)
        or check_position_limit(exposure, ask)
        or x.risk.refuses_short_sale(x, ask, exposure)
        or x.risk.count(x, ask)
    )


def fee_of(x: "OracleExchange", ask: Ask) -> int:
    """The most that it could have to pay in fees."""
    return worst_fee_of(x, ask.charges, ask.value, ask.quantity, first=ask.nothing_filled)


def check_amounts(x: "OracleExchange", ask: Ask, exposure: Exposure) -> Refusal:
    """17.2: every sum can be counted."""
    unit = unit_of(ask.instrument)
    lots = abs(exposure.net) + exposure.open_buy + exposure.open_sell + ask.quantity
    refused = check_fee_per_lot(x, ask.charges.schedule, ask.total)
    refused = refused or check_lots(exposure.position, ask.instrument, lots)
    if refused:
        return refused
    balance = ask.account.balance(ask.instrument.currency)
    committed = balance.committed - ask.released.quantity * unit
    return check_cash(balance, committed, ask.quantity * unit + fee_of(x, ask))


def check_lot(ask: Ask, exposure: Exposure) -> Refusal:
    """17.5: the lot that is named has what is to be closed."""
    if not ask.lot_trade_id or ask.kind != Asking.NEW:
        return None
    if not ask.account.keeps_named_lots:
        return RejectReason.UNKNOWN_LOT, ask.lot_trade_id, 0
    sign = -1 if ask.side == Side.BUY else 1
    lots = [sign * lot.net for lot in exposure.position.lots if lot.trade_id == ask.lot_trade_id]
    there = sum(lots_held for lots_held in lots if lots_held > 0)
    return (RejectReason.UNKNOWN_LOT, ask.lot_trade_id, there) if there < ask.quantity else None


def check_funds(x: "OracleExchange", ask: Ask, exposure: Exposure) -> Refusal:
    """26: the account can pay for it; a margin account can bear it."""
    if ask.account.on_margin:
        return check_margin(x, ask, exposure)
    reserve = max(0, ask.cost + fee_of(x, ask))
    available = ask.account.available(ask.instrument.currency) + ask.released.money
    return (RejectReason.INSUFFICIENT_CASH, reserve, available) if reserve > available else None


def check_margin(x: "OracleExchange", ask: Ask, exposure: Exposure) -> Refusal:
    """17.6: equity covers the initial margin of all that could come of it."""
    position = exposure.position
    buy = ask.quantity if ask.side == Side.BUY else 0
    sell = ask.quantity - buy
    would_be = Position(position.net, open_buy=exposure.open_buy + buy, open_sell=exposure.open_sell + sell)
    before = lots_at_risk(position.net, position.open_buy, position.open_sell)
    if lots_at_risk(would_be.net, would_be.open_buy, would_be.open_sell) <= before:
        return None
    found = standing(x, ask.account, ask.instrument, would_be, fee_of(x, ask))
    if found.refused:
        return found.refused
    if found.needed > found.equity:
        return RejectReason.INSUFFICIENT_MARGIN, found.needed, found.equity
    return None


def check_short(exposure: Exposure, ask: Ask) -> Refusal:
    """27: without leave to go short, only what is held can be offered."""
    if ask.side != Side.SELL or ask.account.terms.short_allowed:
        return None
    held = exposure.net - exposure.open_sell
    return (RejectReason.INSUFFICIENT_POSITION, ask.quantity, held) if ask.quantity > held else None


def check_position_limit(exposure: Exposure, ask: Ask) -> Refusal:
    """28: the position that could come of it."""
    limit = ask.account.position_max
    if ask.side == Side.BUY:
        size = exposure.net + exposure.open_buy + ask.quantity
    else:
        size = exposure.open_sell + ask.quantity - exposure.net
    return (RejectReason.POSITION_LIMIT, size, limit) if limit > 0 and size > limit else None


def asked_by_new(x: "OracleExchange", c: Command, price: int, signed_cost: int, lot_trade_id: int = 0) -> Ask:
    """What a NEW_ORDER asks for: `price` is that of its work, `signed_cost` what its quantity costs at the worst."""
    account, instrument = x.accounts[c.account], x.instruments[c.instrument]
    return Ask(
        Asking.NEW, c.user, account, instrument, c.side, c.quantity, price, signed_cost, c.flags, c.algorithm,
        total=c.quantity, charges=Charges(x.schedule_of(account, instrument)), lot_trade_id=lot_trade_id, weight=1,
    )  # fmt: skip


def asked_by_replace(c: Command, order: Order) -> Ask:
    """What a REPLACE_ORDER of the order asks for."""
    leaves = c.quantity - order.filled
    ask = asked_by_order(Asking.REPLACE, order, leaves, c.price, cost(order.side, c.price, leaves, order.instrument))
    ask.flags |= c.flags & OrderFlag.CONFIRMED
    ask.total, ask.weight = c.quantity, 2
    return ask


def asked_by_order(kind: Asking, order: Order, quantity: int, price: int, signed_cost: int) -> Ask:
    """What an order that lives asks for: to have `quantity` open; what it holds is given back first."""
    return Ask(
        kind, order.user, order.account, order.instrument, order.side, quantity, price, signed_cost,
        order.flags & ~OrderFlag.CONFIRMED, order.algorithm, total=order.quantity, released=order.hold,
        charges=order.charges, nothing_filled=order.filled == 0,
    )  # fmt: skip
