"""Who and what is known: users, accounts, grants, instruments, positions; found by id, made when first needed."""

import numpy as np

from server.engine.balances import enter_position, leave_position
from server.engine.bits import high, low
from server.engine.kernel import U, Words, cold, inline, kernel
from server.engine.layout import (
    COMMAND_INSTANCE,
    GRANT_ACCOUNT,
    GRANT_CHANGES,
    GRANT_NEXT,
    GRANT_RIGHTS,
    GRANT_WORDS,
    HOUSE,
    INSTANCE_ACCOUNT,
    INSTANCE_GRANT_CHANGES,
    KEY_0,
    KEY_1,
    KEY_INDEX,
    KIND_ACCOUNT,
    KIND_GRANT,
    KIND_INSTRUMENT,
    KIND_POSITION,
    KIND_SHIFT,
    KIND_USER,
    NONE,
    ONE,
    ORDER_USER_POSITION,
    POSITION_OPEN,
    POSITION_ROWS,
    POSITION_WORDS,
    USER_FIRST_GRANT,
    USER_WORDS,
    ZERO,
)
from server.engine.layout_orders import FREE_POSITION
from server.engine.layout_risk import (
    ACCOUNT_FIRST_POSITION,
    ACCOUNT_NEXT,
    FIRST_ACCOUNT,
    LAST_ACCOUNT,
    POSITION_NEXT_OF_ACCOUNT,
)
from server.engine.memory import add, enter, find, give_back, hash_of, remove, take
from server.engine.switches import WITH_ACCOUNTS
from server.engine.vocabulary import TRADE_RIGHT

_ID = (ONE << KIND_SHIFT) - ONE


@inline
def find_instrument(m: Words, instrument_id: np.uint64) -> np.uint64:
    """The row of a listed instrument, or none."""
    return find(m, KIND_INSTRUMENT | instrument_id, ZERO)


@inline
def find_account(m: Words, account_id: np.uint64) -> np.uint64:
    """The row of an open account, or none; the house is no account that a command may name."""
    return NONE if account_id == ZERO else find(m, KIND_ACCOUNT | account_id, ZERO)


@inline
def id_of(m: Words, row: np.uint64) -> np.uint64:
    """The id of a user, an account or an instrument."""
    return m[row + KEY_0] & _ID


@kernel
def user_of(m: Words, user_id: np.uint64) -> np.uint64:
    """The row of a user, made if this is the first word of it."""
    user = find(m, KIND_USER | user_id, ZERO)
    return user if user != NONE else add(m, KIND_USER | user_id, ZERO, USER_WORDS)


@inline
def may_trade(m: Words, user_id: np.uint64, account_id: np.uint64) -> bool:
    """Whether the commanding user has the TRADE right on the account; its instance remembers the last that it had."""
    if not WITH_ACCOUNTS:
        return True
    instance = m[COMMAND_INSTANCE]
    if m[instance + INSTANCE_ACCOUNT] == account_id and m[instance + INSTANCE_GRANT_CHANGES] == m[GRANT_CHANGES]:
        return True
    grant = find(m, KIND_GRANT | user_id, account_id)
    if grant == NONE or m[grant + GRANT_RIGHTS] & TRADE_RIGHT == ZERO:
        return False
    m[instance + INSTANCE_ACCOUNT] = account_id
    m[instance + INSTANCE_GRANT_CHANGES] = m[GRANT_CHANGES]
    return True


@kernel
def set_grant(m: Words, user_id: np.uint64, account_id: np.uint64, rights: np.uint64) -> None:
    """Gives a user exactly these rights on an account (0: the server)."""
    grant = find(m, KIND_GRANT | user_id, account_id)
    if grant == NONE:
        user = user_of(m, user_id)
        grant = add(m, KIND_GRANT | user_id, account_id, GRANT_WORDS)
        m[grant + GRANT_ACCOUNT] = m[HOUSE] if account_id == ZERO else find_account(m, account_id)
        m[grant + GRANT_NEXT] = m[user + USER_FIRST_GRANT]
        m[user + USER_FIRST_GRANT] = grant
    m[grant + GRANT_RIGHTS] = rights
    m[GRANT_CHANGES] += ONE


@kernel
def chain_account(m: Words, row: np.uint64) -> None:
    """Puts a new account among the others by ascending id."""
    last = m[LAST_ACCOUNT]
    if last == NONE or id_of(m, last) < id_of(m, row):
        if last == NONE:
            m[FIRST_ACCOUNT] = row
        else:
            m[last + ACCOUNT_NEXT] = row
        m[LAST_ACCOUNT] = row
        return
    before = NONE
    after = m[FIRST_ACCOUNT]
    while id_of(m, after) < id_of(m, row):
        before = after
        after = m[after + ACCOUNT_NEXT]
    m[row + ACCOUNT_NEXT] = after
    if before == NONE:
        m[FIRST_ACCOUNT] = row
    else:
        m[before + ACCOUNT_NEXT] = row


@inline
def find_position(m: Words, account_id: np.uint64, instrument_id: np.uint64) -> np.uint64:
    """The row of a position, or none."""
    return find(m, KIND_POSITION | account_id, instrument_id)


@kernel
def position_of(m: Words, account: np.uint64, instrument: np.uint64) -> np.uint64:
    """The row of the position of an account's row in an instrument's row, made if there is none."""
    account_id = id_of(m, account)
    instrument_id = id_of(m, instrument)
    position = find_position(m, account_id, instrument_id)
    if position == NONE:
        position = take(m, FREE_POSITION, POSITION_WORDS)
        enter(m, position, KIND_POSITION | account_id, instrument_id)
        enter_position(m, position, account, instrument)
        m[position + POSITION_NEXT_OF_ACCOUNT] = m[account + ACCOUNT_FIRST_POSITION]
        m[account + ACCOUNT_FIRST_POSITION] = position
    return position


@cold
def drop_position(m: Words, position: np.uint64) -> None:
    """Forgets a position that was made for an order which was then refused."""
    leave_position(m, position)
    remove(m, KEY_INDEX, hash_of(m[position + KEY_0], m[position + KEY_1]), position)
    account = account_of(m, position)
    before = m[account + ACCOUNT_FIRST_POSITION]
    if before == position:
        m[account + ACCOUNT_FIRST_POSITION] = m[position + POSITION_NEXT_OF_ACCOUNT]
    while before != position:
        after = m[before + POSITION_NEXT_OF_ACCOUNT]
        if after == position:
            m[before + POSITION_NEXT_OF_ACCOUNT] = m[position + POSITION_NEXT_OF_ACCOUNT]
        before = after
    word = ZERO
    while word < POSITION_WORDS:
        m[position + word] = ZERO
        word = word + ONE
    give_back(m, FREE_POSITION, position)


@inline
def account_of(m: Words, position: np.uint64) -> np.uint64:
    """The account's row of a position."""
    return low(m[position + POSITION_ROWS])


@inline
def instrument_of(m: Words, position: np.uint64) -> np.uint64:
    """The instrument's row of a position."""
    return high(m[position + POSITION_ROWS])


@inline
def account_id_of(m: Words, position: np.uint64) -> np.uint64:
    """The account's id of a position."""
    return low(m[position + KEY_0])


@inline
def instrument_id_of(m: Words, position: np.uint64) -> np.uint64:
    """The instrument's id of a position."""
    return m[position + KEY_1]


@inline
def user_row_of(m: Words, order: np.uint64) -> np.uint64:
    """The row of an order's user."""
    return low(m[order + ORDER_USER_POSITION])


@inline
def position_row_of(m: Words, order: np.uint64) -> np.uint64:
    """The row of the position that an order works for."""
    return high(m[order + ORDER_USER_POSITION])


@inline
def open_quantity(side: np.uint64) -> np.uint64:
    """The word of a position that counts the open quantity of a side."""
    return U(POSITION_OPEN + side)
