"""What a working order holds of its account: money that it may take, and quantity that it may trade.

Rules: an order holds from acceptance to its end, each part once; a change takes the old hold back first.
"""

from typing import TYPE_CHECKING

from server.protocol.enums import Side
from tests.oracle.accounts import Account, Charges, Hold, Position
from tests.oracle.fees import worst_fee
from tests.oracle.state import Instrument, Order, cost

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def unit_of(instrument: Instrument) -> int:
    """The greatest value that a lot can have; at least 1."""
    terms = instrument.terms
    return max(1, max(abs(terms.price_min), abs(terms.price_max)) * terms.cash_scale)


def held_by(x: "OracleExchange", order: Order) -> Hold:
    """What the order must hold of its account as it stands now, with the fees that it may bring."""
    price, quantity = order.reserve_price, order.held
    if price is None or not quantity:
        return Hold(0, quantity, 0)
    money = cost(order.side, price, quantity, order.instrument)
    fee = worst_fee_of(x, order.charges, abs(money), quantity, first=order.filled == 0)
    return Hold(max(0, money + fee), quantity, abs(money))


def worst_fee_of(x: "OracleExchange", charges: Charges, value: int, quantity: int, *, first: bool) -> int:
    """The most that an order could have to pay yet; 0 without a schedule."""
    if not charges.schedule:
        return 0
    return worst_fee(x.schedules.tiers[charges.schedule], charges, value, quantity, first=first)


def hold(x: "OracleExchange", order: Order, sign: int) -> None:
    """Take (1) or give back (-1) all that the order reserves and has open."""
    held = held_by(x, order) if sign > 0 else Hold()
    set_hold(x, order.hold, held, order.account, order.instrument, order.side)
    x.ledger.holders[order.order_id] = order


def set_hold(x: "OracleExchange", held: Hold, new: Hold, account: Account, instrument: Instrument, side: int) -> None:
    """Let `held` be as `new`, whatever it was before."""
    balance = account.balance(instrument.currency)
    balance.reserved += new.money - held.money
    balance.committed += (new.quantity - held.quantity) * unit_of(instrument)
    add_open(x.position(account.number, instrument.number), side, new.quantity - held.quantity)
    held.money, held.quantity, held.value = new.money, new.quantity, new.value


def add_open(position: Position, side: int, quantity: int) -> None:
    """Add to what the position's orders have open on a side."""
    if side == Side.BUY:
        position.open_buy += quantity
    else:
        position.open_sell += quantity
