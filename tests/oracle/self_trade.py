"""Self-trade prevention (chapter 11): whose orders do not meet, and what happens instead."""

from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, EventKind, RestateReason, SelfTrade
from tests.oracle.state import Account, Order, open_state

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def group_of(own: int, account: Account) -> int:
    """The self-trade group of an order: its own, else its account's."""
    return own or account.self_trade_group


def same_owner(first: Order, second: Order) -> bool:
    """True if the two have one owner (11.1)."""
    return first.account is second.account or shares_group(first, second)


def shares_group(first: Order, second: Order) -> bool:
    """True if both are of the same group."""
    group = group_of(first.self_trade_group, first.account)
    return group != 0 and group == group_of(second.self_trade_group, second.account)


def mode_in_force(mode: int, account: Account) -> int:
    """The mode that decides: that of the flags, else the account's, else ALLOW (11.2)."""
    return mode or account.self_trade or int(SelfTrade.ALLOW)


def prevents(taker: Order, maker: Order) -> bool:
    """True if the two must not trade."""
    return same_owner(taker, maker) and mode_in_force(taker.self_trade_mode, taker.account) != SelfTrade.ALLOW


def is_flagged(first: Order, second: Order) -> bool:
    """True for a trade of an auction that is published as a self-trade (11.4)."""
    if shares_group(first, second):
        return True
    modes = [order.self_trade_mode or order.account.self_trade for order in (first, second)]
    return first.account is second.account and any(modes)


def prevent(x: "OracleExchange", taker: Order, maker: Order) -> None:
    """Do what the taker's mode says in place of a trade."""
    mode = mode_in_force(taker.self_trade_mode, taker.account)
    quantity = min(taker.leaves, maker.leaves)
    x.output.order_event(
        EventKind.SELF_TRADE_PREVENTED, taker, state=open_state(taker), trade_id=maker.order_id,
        last_quantity=quantity, last_price=maker.price, value=mode,
    )  # fmt: skip
    if mode == SelfTrade.DECREMENT:
        lose(x, maker, quantity)
        lose(x, taker, quantity)
        return
    if mode in (SelfTrade.CANCEL_OLDEST, SelfTrade.CANCEL_BOTH):
        x.cancel(maker, CancelReason.SELF_TRADE)
    if mode in (SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH):
        x.cancel(taker, CancelReason.SELF_TRADE)


def lose(x: "OracleExchange", order: Order, quantity: int) -> None:
    """Take quantity off an order; one that has no more is cancelled."""
    if quantity == order.leaves:
        x.cancel(order, CancelReason.SELF_TRADE)
    else:
        x.reduce(order, quantity, RestateReason.SELF_TRADE)
        x.note_loss(order, quantity)
