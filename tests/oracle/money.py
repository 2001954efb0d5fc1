"""Posting of trades and adjustments: cash, fees, positions, cost and realised result (chapters 6 and 17)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Liquidity, Side
from tests.oracle.accounts import CLEARING_FEES, CORPORATE_ACTIONS, FEES, HOUSE, REGULATORY_FEES, ROUNDING
from tests.oracle.fees import NO_FEE, Fee, charge
from tests.oracle.lots import cost_taken_out, open_lot
from tests.oracle.state import Instrument, Order
from tests.oracle.trades import Trade, TradeSide

if TYPE_CHECKING:
    from tests.oracle.accounts import Account
    from tests.oracle.exchange import OracleExchange

STATISTIC_MAX = (1 << 62) - 1
NO_LOT = 0
UNSEEN = (HOUSE, CORPORATE_ACTIONS)
"""Accounts that hold positions and get no events."""


def post_trade(
    x: "OracleExchange", trade_id: int, orders: tuple[Order, Order], price: int, quantity: int, *, auction: bool
) -> Trade:
    """Book a trade of maker and taker, or of buyer and seller in an auction, into both accounts; remember it."""
    instrument = orders[0].instrument
    roles = (Liquidity.AUCTION, Liquidity.AUCTION) if auction else (Liquidity.MAKER, Liquidity.TAKER)
    sides = []
    for order, liquidity in zip(orders, roles, strict=True):
        lots = quantity if order.side == Side.BUY else -quantity
        post_lots(x, order.account, instrument, lots, price, trade_id, order.lot_trade_id)
        fee = charge_fill(x, order, price, quantity, liquidity)
        post_fee(x, order.account, instrument, fee)
        sides.append(TradeSide(order.user, order.account, order.side, order.order_id, fee))
    trade = Trade(
        trade_id, instrument.trade_number, instrument, price, quantity, (sides[0], sides[1]), auction=auction
    )  # fmt: skip
    x.trades.append(trade)
    instrument.newest_in_auction = auction
    return trade


def post_lots(
    x: "OracleExchange", account: "Account", instrument: Instrument, lots: int, price: int, trade_id: int,
    lot_trade_id: int,
) -> None:  # fmt: skip
    """Book lots bought (negative: sold) for cash."""
    x.ledger.cash(account, instrument.currency, -lots * price * instrument.terms.cash_scale)
    move_lots(x, account, instrument, lots, price, trade_id, account.cost_method, lot_trade_id)


def move_lots(
    x: "OracleExchange", account: "Account", instrument: Instrument, lots: int, price: int, trade_id: int,
    method: int, lot_trade_id: int, *, named_first: bool = False,
) -> None:  # fmt: skip
    """Add lots (negative: take away) at a price: first they close what is held the other way, the rest opens."""
    position = x.position(account.number, instrument.number)
    x.ledger.lots(account, instrument, lots)
    value_of_one = price * instrument.terms.cash_scale
    direction = 1 if lots > 0 else -1
    closed = min(abs(lots), abs(position.net)) if position.net * direction < 0 else 0
    opened = abs(lots) - closed
    if closed:
        out = cost_taken_out(position, method, closed, lot_trade_id, named_first=named_first)
        position.realised += -direction * closed * value_of_one - out
    if opened:
        open_lot(position, method, trade_id, direction * opened, direction * opened * value_of_one)


def adjust_lots(x: "OracleExchange", account: "Account", instrument: Instrument, lots: int, price: int) -> None:
    """Give lots (negative: take) at a cost price; no cash moves."""
    move_lots(x, account, instrument, lots, price, NO_LOT, account.cost_method, NO_LOT)
    x.ledger.give(account, instrument.currency, lots * price * instrument.terms.cash_scale)


def charge_fill(x: "OracleExchange", order: Order, price: int, quantity: int, liquidity: Liquidity) -> Fee:
    """Add a fill to the order's fees. Returns what it costs; the fill is not yet in `order.filled`."""
    if not order.charges.schedule:
        return NO_FEE
    balance = order.account.balance(order.instrument.currency)
    value = abs(price * quantity * order.instrument.terms.cash_scale)
    tiers = x.schedules.tiers[order.charges.schedule]
    fee = charge(tiers, order.charges, balance.traded, value, quantity, liquidity, first=order.filled == 0)
    balance.traded = min(STATISTIC_MAX, balance.traded + value)
    return fee


def post_fee(x: "OracleExchange", account: "Account", instrument: Instrument, fee: Fee, sign: int = 1) -> None:
    """Take (1) or give back (-1) a fee; the system accounts have the other side."""
    if fee == NO_FEE:
        return
    currency = instrument.currency
    x.position(account.number, instrument.number).fees += sign * fee.total
    x.ledger.cash(account, currency, -sign * fee.total)
    shares = {FEES: fee.trading, CLEARING_FEES: fee.clearing, REGULATORY_FEES: fee.regulatory, ROUNDING: fee.residue}
    for number, share in shares.items():
        x.ledger.transfer(x.system[number], currency, sign * share)


def post_statistics(instrument: Instrument, price: int, quantity: int, absent: int) -> None:
    """Add a trade to the day; `absent` is what a price is before the first one."""
    if instrument.open == absent:
        instrument.open = instrument.high = instrument.low = price
    instrument.high = max(instrument.high, price)
    instrument.low = min(instrument.low, price)
    instrument.last = price
    turnover = instrument.turnover + price * quantity * instrument.terms.cash_scale
    instrument.turnover = max(-STATISTIC_MAX, min(STATISTIC_MAX, turnover))
    instrument.volume = min(STATISTIC_MAX, instrument.volume + quantity)
    instrument.trades += 1
    instrument.trade_number = (instrument.trade_number + 1) % (1 << 32)
