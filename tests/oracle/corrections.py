"""Trades that are taken back or given another price, by posting the reverse (chapter 18)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, EventKind, MarketDataKind, RejectReason, Side
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Position
from tests.oracle.guards import MONEY_END, check_lots
from tests.oracle.holds import unit_of
from tests.oracle.money import STATISTIC_MAX, move_lots, post_fee
from tests.oracle.money_commands import check_second_person, system_event
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command, Instrument
from tests.oracle.trades import Trade, TradeSide

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def find_trade(x: "OracleExchange", trade_id: int) -> Trade | None:
    """The trade, if it is remembered."""
    place = trade_id - x.trades[0].trade_id if x.trades else -1
    return x.trades[place] if 0 <= place < len(x.trades) else None


def check_trade(x: "OracleExchange", c: Command) -> Refusal:
    """A trade of this shard, not too old, not busted."""
    trade_id = x.body.trade_id
    if not x.made_id(1) <= trade_id <= x.made_id(x.trades_made):
        return RejectReason.UNKNOWN_TRADE, trade_id, 0
    trade = find_trade(x, trade_id)
    if trade is None:
        return RejectReason.TRADE_TOO_OLD, trade_id, x.trades[0].trade_id
    if trade_id <= trade.instrument.split_after:
        return RejectReason.TRADE_TOO_OLD, trade_id, trade.instrument.split_after + 1
    return (RejectReason.ALREADY_BUSTED, trade_id, 0) if trade.busted else None


def check_new_price(x: "OracleExchange", c: Command) -> Refusal:
    """A price that the instrument allows, and sums that can be counted."""
    trade, price = find_trade(x, x.body.trade_id), x.body.amount
    terms = trade.instrument.terms
    if not terms.price_min <= price <= terms.price_max:
        bound = terms.price_min if price < terms.price_min else terms.price_max
        return RejectReason.PRICE_OUT_OF_RANGE, price, bound
    if (price - terms.price_min) % terms.tick_size:
        return RejectReason.PRICE_OFF_TICK, price, terms.tick_size
    if price == trade.price:
        return RejectReason.INVALID_DEFINITION, price, 1
    for side in (Side.BUY, Side.SELL):
        account, instrument = trade.of(side).account, trade.instrument
        position = x.positions.get((account.number, instrument.number), Position())
        refused = check_lots(position, instrument, abs(position.net) + trade.quantity)
        money = abs(account.balance(instrument.currency).cash) + trade.quantity * unit_of(instrument)
        if refused or money >= MONEY_END:
            return refused or (RejectReason.AMOUNT_TOO_LARGE, money, MONEY_END)
    return None


def bust_trade(x: "OracleExchange", c: Command) -> None:
    """Take a trade back."""
    trade, reason = find_trade(x, x.body.trade_id), x.body.reason
    told = {"trade_id": trade.trade_id, "last_price": trade.price, "last_quantity": trade.quantity, "value": reason}
    system_event(x, c, EventKind.TRADE_BUSTED, instrument=trade.instrument.number, **told)
    for side in (Side.BUY, Side.SELL):
        found = trade.of(side)
        repost(x, trade, found, trade.price, -1)
        post_fee(x, found.account, trade.instrument, found.fee, sign=-1)
        tell_side(x, EventKind.TRADE_BUSTED, trade, found, fee=-found.fee.total, **told)
    trade.busted = trade.corrected = True
    if is_of_day(x, trade):
        change_day(x, trade, -trade.quantity, -trade.price * trade.quantity * trade.instrument.terms.cash_scale, -1)
    x.output.book_record(
        MarketDataKind.TRADE_BUST, trade.instrument, price=trade.price, quantity=trade.quantity,
        trade_number=trade.trade_number,
    )  # fmt: skip


def adjust_trade(x: "OracleExchange", c: Command) -> None:
    """Give a trade another price."""
    trade, price, reason = find_trade(x, x.body.trade_id), x.body.amount, x.body.reason
    told = {
        "trade_id": trade.trade_id, "price": trade.price, "last_price": price, "last_quantity": trade.quantity,
        "value": reason,
    }  # fmt: skip
    system_event(x, c, EventKind.TRADE_ADJUSTED, instrument=trade.instrument.number, **told)
    for side in (Side.BUY, Side.SELL):
        found = trade.of(side)
        repost(x, trade, found, trade.price, -1)
        repost(x, trade, found, price, 1)
        tell_side(x, EventKind.TRADE_ADJUSTED, trade, found, **told)
    difference = (price - trade.price) * trade.quantity * trade.instrument.terms.cash_scale
    trade.price, trade.corrected = price, True
    if is_of_day(x, trade):
        change_day(x, trade, 0, difference, 0)
    x.output.book_record(
        MarketDataKind.TRADE_CORRECTION, trade.instrument, price=price, quantity=trade.quantity,
        trade_number=trade.trade_number,
    )  # fmt: skip


def repost(x: "OracleExchange", trade: Trade, side: TradeSide, price: int, sign: int) -> None:
    """Post the side's lots at a price again (1), or the reverse of it (-1), its own lots before others."""
    lots = sign * (trade.quantity if side.side == Side.BUY else -trade.quantity)
    instrument, account = trade.instrument, side.account
    x.ledger.cash(account, instrument.currency, -lots * price * instrument.terms.cash_scale)
    named = trade.trade_id if sign < 0 else 0
    move_lots(x, account, instrument, lots, price, trade.trade_id, account.cost_method, named, named_first=sign < 0)


def tell_side(x: "OracleExchange", kind: EventKind, trade: Trade, side: TradeSide, **told: int) -> None:
    """Tell a side's user, and how its account stands."""
    x.output.event(
        kind, side.user, account=side.account.number, instrument=trade.instrument.number, order_id=side.order_id,
        side=side.side, **told,
    )  # fmt: skip
    position = x.position(side.account.number, trade.instrument.number)
    x.output.position(side.user, side.account, trade.instrument, position)


def is_of_day(x: "OracleExchange", trade: Trade) -> bool:
    """True if the trade was made since the instrument's day began."""
    return trade.trade_id > x.made_id(trade.instrument.day_trades_before)


def change_day(x: "OracleExchange", trade: Trade, volume: int, turnover: int, trades: int) -> None:
    """Correct the day's sums, and find its four prices anew."""
    instrument = trade.instrument
    instrument.volume = bounded(instrument.volume + volume)
    instrument.turnover = bounded(instrument.turnover + turnover)
    instrument.trades += trades
    prices = day_prices(x, instrument)
    if x.trades_made - instrument.day_trades_before > len(x.trades):
        instrument.last = prices[-1] if prices else instrument.last
    elif prices:
        instrument.open, instrument.high, instrument.low = prices[0], max(prices), min(prices)
        instrument.last = prices[-1]
    else:
        instrument.open = instrument.high = instrument.low = instrument.last = NO_PRICE


def bounded(amount: int) -> int:
    """An amount of the statistics, which do not count further."""
    return max(-STATISTIC_MAX, min(STATISTIC_MAX, amount))


def day_prices(x: "OracleExchange", instrument: Instrument) -> list[int]:
    """The present prices of the day's trades that are not busted, as far as they are remembered."""
    return [
        trade.price for trade in x.trades
        if trade.instrument is instrument and not trade.busted and is_of_day(x, trade)
    ]  # fmt: skip


CHECKS = {
    CommandKind.BUST_TRADE: (check_second_person, check_trade),
    CommandKind.ADJUST_TRADE: (check_second_person, check_trade, check_new_price),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.BUST_TRADE: bust_trade,
    CommandKind.ADJUST_TRADE: adjust_trade,
}
