"""The life of an order's row: registered while it lives, in its account's list by ascending order_id, then freed."""

import numpy as np

from server.engine.bits import halves, high, low, set_high, set_low
from server.engine.exposure import count_live
from server.engine.extensions import drop_extension
from server.engine.kernel import Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_FIRST_LAST,
    ACCOUNT_ORDERS,
    C_LABEL,
    C_ORDER_ID,
    C_SESSION_USER,
    COMMAND_USER,
    FREE_ORDER,
    LIVE_ORDERS,
    NONE,
    ONE,
    ORDER_ACCOUNT_NEXT_PREVIOUS,
    ORDER_EXTENSION,
    ORDER_ID,
    ORDER_INDEX,
    ORDER_LABEL,
    ZERO,
)
from server.engine.layout_risk import QUOTES, RISK_IN_USE
from server.engine.memory import find_label, find_order, give_back, hash_of_label, hash_of_order_id, insert, remove
from server.engine.quote_links import unlink_quote
from server.engine.registry import account_id_of, account_of, may_trade, position_row_of, user_row_of
from server.engine.switches import WITH_ACCOUNTS
from server.engine.waiting import part


@inline
def has_label(m: Words, order: np.uint64) -> bool:
    """Whether the label is not empty."""
    return bool(m[order + ORDER_LABEL] | m[order + ORDER_LABEL + ONE] != ZERO)


@inline
def label_hash(m: Words, order: np.uint64) -> np.uint64:
    """The hash of an order's label."""
    return hash_of_label(user_row_of(m, order), m[order + ORDER_LABEL], m[order + ORDER_LABEL + ONE])


@inline
def register(m: Words, order: np.uint64) -> None:
    """An order begins to live: it can be found, and is the last of its account."""
    insert(m, ORDER_INDEX, hash_of_order_id(m[order + ORDER_ID]), order)
    if has_label(m, order):
        insert(m, ORDER_INDEX, label_hash(m, order), order)
    if WITH_ACCOUNTS:
        join_account(m, order)
    m[LIVE_ORDERS] += ONE
    if WITH_ACCOUNTS and m[RISK_IN_USE] != ZERO:
        count_live(m, order, True)


@inline
def join_account(m: Words, order: np.uint64) -> None:
    """An order is the last of its account."""
    account = account_of(m, position_row_of(m, order))
    ends = m[account + ACCOUNT_FIRST_LAST]
    last = high(ends)
    m[order + ORDER_ACCOUNT_NEXT_PREVIOUS] = halves(NONE, last)
    if last == NONE:
        m[account + ACCOUNT_FIRST_LAST] = halves(order, order)
    else:
        set_low(m, last + ORDER_ACCOUNT_NEXT_PREVIOUS, order)
        m[account + ACCOUNT_FIRST_LAST] = halves(low(ends), order)
    m[account + ACCOUNT_ORDERS] += ONE


@inline
def forget(m: Words, order: np.uint64) -> None:
    """An order no longer lives: nothing finds it, its row is free."""
    if m[QUOTES] != ZERO:
        unlink_quote(m, order)
    unregister(m, order)
    discard(m, order)


@inline
def unregister(m: Words, order: np.uint64) -> None:
    """Nothing finds an order any more; its row stays."""
    remove(m, ORDER_INDEX, hash_of_order_id(m[order + ORDER_ID]), order)
    if has_label(m, order):
        remove(m, ORDER_INDEX, label_hash(m, order), order)
    if WITH_ACCOUNTS:
        leave_account(m, order)
    m[LIVE_ORDERS] -= ONE
    if WITH_ACCOUNTS and m[RISK_IN_USE] != ZERO:
        count_live(m, order, False)


@inline
def leave_account(m: Words, order: np.uint64) -> None:
    """An order is no longer among those of its account."""
    account = account_of(m, position_row_of(m, order))
    links = m[order + ORDER_ACCOUNT_NEXT_PREVIOUS]
    after = low(links)
    before = high(links)
    if after == NONE:
        set_high(m, account + ACCOUNT_FIRST_LAST, before)
    else:
        set_high(m, after + ORDER_ACCOUNT_NEXT_PREVIOUS, before)
    if before == NONE:
        set_low(m, account + ACCOUNT_FIRST_LAST, after)
    else:
        set_low(m, before + ORDER_ACCOUNT_NEXT_PREVIOUS, after)
    m[account + ACCOUNT_ORDERS] -= ONE


@inline
def discard(m: Words, order: np.uint64) -> None:
    """Frees the row of an order that nothing finds."""
    if low(m[order + ORDER_EXTENSION]) != NONE:
        part(m, order)
        drop_extension(m, order)
    give_back(m, FREE_ORDER, order)


@kernel
def first_order_of(m: Words, account: np.uint64) -> np.uint64:
    """The live order of an account with the lowest order_id, or none."""
    return low(m[account + ACCOUNT_FIRST_LAST])


@inline
def next_order_of(m: Words, order: np.uint64) -> np.uint64:
    """The account's live order with the next higher order_id, or none."""
    return low(m[order + ORDER_ACCOUNT_NEXT_PREVIOUS])


@inline
def named_order(m: Words, c: Words, b: np.uint64) -> np.uint64:
    """The live order that a cancel or replace names, by id or else by label, if its user may trade it; or none."""
    order_id = c[b + C_ORDER_ID]
    if order_id != ZERO:
        order = find_order(m, order_id)
    else:
        order = find_label(m, m[COMMAND_USER], c[b + C_LABEL], c[b + C_LABEL + ONE])
    if order != NONE:
        account_id = account_id_of(m, position_row_of(m, order))
        if not may_trade(m, high(c[b + C_SESSION_USER]), account_id):
            return NONE
    return order
