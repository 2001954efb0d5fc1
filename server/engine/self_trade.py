"""Self-trade prevention: whose orders are the same owner's, which mode decides, what happens instead of a trade.

Rules: chapter 11 of the rule book. The incoming order's mode decides; what is prevented is no trade to anybody.
"""

import numpy as np

from server.engine.bits import low
from server.engine.book import level_of
from server.engine.events import canceled, order_event, state_of
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, cold, inline
from server.engine.layout import (
    BYTE,
    E_LAST_PRICE,
    E_LAST_QUANTITY,
    E_LIQUIDITY_SHIFT,
    E_STATE_SHIFT,
    E_TRADE_ID,
    E_VALUE,
    NONE,
    ONE,
    ORDER_GROUP_DECISION_MAKER,
    ORDER_ID,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_orders import (
    ACCOUNT_SELF_TRADE,
    ACCOUNT_SELF_TRADE_GROUP,
    MORE_ROWS,
    SELF_TRADE_ALLOWED_SHIFT,
)
from server.engine.links import note_loss
from server.engine.live_orders import forget
from server.engine.market_data import publish
from server.engine.money import bind, side_of
from server.engine.order_events import restated
from server.engine.registry import account_of, instrument_of, position_row_of
from server.engine.resting import lose, take_unshown_first, withdraw
from server.engine.vocabulary import REDUCE
from server.engine.vocabulary_orders import (
    ALLOW,
    CANCEL_BOTH,
    CANCEL_NEWEST,
    CANCEL_OLDEST,
    CANCELED_SELF_TRADE,
    MODE,
    OWN_MODE,
    RESTATED_SELF_TRADE,
    SELF_TRADE_PREVENTED,
)


@cold
def set_self_trade(m: Words, account: np.uint64, mode: np.uint64, allowed: np.uint64, group: np.uint64) -> None:
    """Gives an account its mode, the right to ask for ALLOW, and its group; one that has any needs more room."""
    if m[account + ACCOUNT_SELF_TRADE] | m[account + ACCOUNT_SELF_TRADE_GROUP] != ZERO:
        m[MORE_ROWS] -= ONE
    m[account + ACCOUNT_SELF_TRADE] = mode | (ONE << SELF_TRADE_ALLOWED_SHIFT if allowed != ZERO else ZERO)
    m[account + ACCOUNT_SELF_TRADE_GROUP] = group
    if m[account + ACCOUNT_SELF_TRADE] | group != ZERO:
        m[MORE_ROWS] += ONE


@inline
def self_trade_of(m: Words, account: np.uint64) -> np.uint64:
    """The mode of an account's row."""
    return m[account + ACCOUNT_SELF_TRADE] & BYTE


@inline
def may_allow(m: Words, account: np.uint64) -> bool:
    """Whether orders of the account may ask for ALLOW."""
    return bool(m[account + ACCOUNT_SELF_TRADE] >> SELF_TRADE_ALLOWED_SHIFT != ZERO)


@inline
def group_of(m: Words, own: np.uint64, account: np.uint64) -> np.uint64:
    """The self-trade group of an order: its own, else that of its account."""
    return own if own != ZERO else m[account + ACCOUNT_SELF_TRADE_GROUP]


@inline
def mode_of(m: Words, own: np.uint64, account: np.uint64) -> np.uint64:
    """The mode in force for an order that names `own`: DEFAULT stands for its account's, and then for ALLOW."""
    mode = own if own != OWN_MODE else self_trade_of(m, account)
    return mode if mode != OWN_MODE else ALLOW


@inline
def own_mode_of(m: Words, order: np.uint64) -> np.uint64:
    """The mode that an order's flags name."""
    return m[order + ORDER_TERMS] >> E_LIQUIDITY_SHIFT & MODE


@inline
def prevents(m: Words, order: np.uint64) -> bool:
    """Whether an incoming order is kept from trading with its owner's."""
    return bool(mode_of(m, own_mode_of(m, order), account_of(m, position_row_of(m, order))) != ALLOW)


@cold
def is_of_owner(m: Words, account: np.uint64, group: np.uint64, order: np.uint64) -> bool:
    """Whether an order is of the owner that an account's row and a group stand for."""
    theirs = account_of(m, position_row_of(m, order))
    if theirs == account:
        return True
    return bool(group != ZERO and group == group_of(m, low(m[order + ORDER_GROUP_DECISION_MAKER]), theirs))


@cold
def same_owner(m: Words, a: np.uint64, b: np.uint64) -> bool:
    """Whether two orders are of the same owner."""
    account = account_of(m, position_row_of(m, a))
    return is_of_owner(m, account, group_of(m, low(m[a + ORDER_GROUP_DECISION_MAKER]), account), b)


@cold
def is_marked(m: Words, a: np.uint64, b: np.uint64) -> bool:
    """Whether the auction's trade of two orders is flagged as one of the same owner."""
    account = account_of(m, position_row_of(m, a))
    theirs = account_of(m, position_row_of(m, b))
    if account == theirs:
        modes = own_mode_of(m, a) | own_mode_of(m, b) | self_trade_of(m, account)
        if modes != OWN_MODE:
            return True
    group = group_of(m, low(m[a + ORDER_GROUP_DECISION_MAKER]), account)
    return bool(group != ZERO and group == group_of(m, low(m[b + ORDER_GROUP_DECISION_MAKER]), theirs))


@cold
def reduce_resting(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64, quantity: np.int64) -> None:
    """Takes a quantity from a resting order that has more; what is not shown goes first."""
    lose_own(m, z, order, quantity)
    went = take_unshown_first(m, z, order, quantity)
    e = restated(m, z, ev, RESTATED_SELF_TRADE, order)
    ev[e + E_LAST_QUANTITY] = U(quantity)
    if went > 0:
        instrument = instrument_of(m, position_row_of(m, order))
        publish(m, md, REDUCE, instrument, side_of(m, order), order, z[order + ORDER_PRICE], went, level_of(m, order))


@inline
def lose_own(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """What prevention takes from an order is lost to its link too."""
    if extension_of(m, order) != NONE:
        note_loss(m, z, order, quantity)


@cold
def prevent(m: Words, z: Signed, ev: Words, md: Words, taker: np.uint64, maker: np.uint64) -> bool:
    """What happens instead of a trade of two orders of one owner. Says whether the incoming one ended."""
    mode = mode_of(m, own_mode_of(m, taker), account_of(m, position_row_of(m, taker)))
    quantity = min(z[taker + ORDER_LEAVES], z[maker + ORDER_LEAVES])
    e = order_event(m, ev, SELF_TRADE_PREVENTED, ZERO, taker, state_of(m, z, taker) << E_STATE_SHIFT)
    ev[e + E_TRADE_ID] = m[maker + ORDER_ID]
    ev[e + E_LAST_QUANTITY] = U(quantity)
    ev[e + E_LAST_PRICE] = m[maker + ORDER_PRICE]
    ev[e + E_VALUE] = mode
    decrements = mode != CANCEL_NEWEST and mode != CANCEL_OLDEST and mode != CANCEL_BOTH
    taker_ends = mode == CANCEL_NEWEST or mode == CANCEL_BOTH or (decrements and quantity == z[taker + ORDER_LEAVES])
    maker_ends = mode == CANCEL_OLDEST or mode == CANCEL_BOTH or (decrements and quantity == z[maker + ORDER_LEAVES])
    if maker_ends:
        withdraw(m, z, ev, md, CANCELED_SELF_TRADE, maker)
        forget(m, maker)
    elif decrements:
        reduce_resting(m, z, ev, md, maker, quantity)
    if taker_ends:
        canceled(m, ev, CANCELED_SELF_TRADE, taker)
        bind(m, z, taker, -z[taker + ORDER_LEAVES])
    elif decrements:
        lose_own(m, z, taker, quantity)
        lose(m, z, taker, quantity)
        e = restated(m, z, ev, RESTATED_SELF_TRADE, taker)
        ev[e + E_LAST_QUANTITY] = U(quantity)
    return bool(taker_ends)
