"""Cash by account and currency: an account's own currency lies in its row, each other in a balance row of its own.

Rules: the house's row counts all of its currencies together, its balance rows each alone; system accounts have balance
rows only. Whoever moves cash moves it twice, so that each currency sums to zero.
"""

import numpy as np

from server.engine.bits import halves, high, low, set_high, set_low
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    ACCOUNT_CASH,
    ACCOUNT_CREDIT_LIMIT,
    ACCOUNT_CURRENCY,
    ACCOUNT_POSITION_MAX,
    ACCOUNT_RESERVED,
    HOUSE,
    INSTRUMENT_CURRENCY,
    KEY_1,
    KIND_SHIFT,
    NO_PRICE,
    NONE,
    ONE,
    POSITION_ROWS,
)
from server.engine.layout_money import (
    ACCOUNT_FIRST_BALANCE,
    ACCOUNT_FIRST_POSITION,
    BALANCE_ACCOUNT,
    BALANCE_NEXT,
    BALANCE_WORDS,
    INSTRUMENT_FIRST_POSITION,
    KIND_BALANCE,
    POSITION_MARK,
    POSITION_MONEY,
    POSITION_NEXT,
    POSITIONS,
)
from server.engine.memory import add, find

FEES_ACCOUNT = U(16_777_200)
"""The first of the system accounts; no account that can be opened has its id or a higher one."""
CLEARING_ACCOUNT = U(16_777_201)
REGULATORY_ACCOUNT = U(16_777_202)
ROUNDING_ACCOUNT = U(16_777_203)
CONVERSION_ACCOUNT = U(16_777_204)
CORPORATE_ACCOUNT = U(16_777_205)
_ID = (ONE << KIND_SHIFT) - ONE


@inline
def money_of(m: Words, position: np.uint64) -> np.uint64:
    """The row where a position's cash lies: its account's or a balance's."""
    return low(m[position + POSITION_MONEY])


@kernel
def find_balance(m: Words, account: np.uint64, currency: np.uint64) -> np.uint64:
    """The row of an account's cash in a currency, or none."""
    if account != m[HOUSE] and m[account + ACCOUNT_CURRENCY] == currency:
        return account
    return find(m, KIND_BALANCE | m[account] & _ID, currency)


@kernel
def balance_of(m: Words, account: np.uint64, currency: np.uint64) -> np.uint64:
    """The row of an account's cash in a currency, made if there is none."""
    balance = find_balance(m, account, currency)
    if balance != NONE:
        return balance
    balance = add(m, KIND_BALANCE | m[account] & _ID, currency, BALANCE_WORDS)
    m[balance + BALANCE_ACCOUNT] = account
    m[balance + ACCOUNT_POSITION_MAX] = m[account + ACCOUNT_POSITION_MAX]
    before = NONE
    after = m[account + ACCOUNT_FIRST_BALANCE]
    while after != NONE and m[after + KEY_1] < currency:
        before = after
        after = m[after + BALANCE_NEXT]
    m[balance + BALANCE_NEXT] = after
    if before == NONE:
        m[account + ACCOUNT_FIRST_BALANCE] = balance
    else:
        m[before + BALANCE_NEXT] = balance
    return balance


@kernel
def system_balance(m: Words, account_id: np.uint64, currency: np.uint64) -> np.uint64:
    """The row of a system account's cash in a currency, made if there is none."""
    balance = find(m, KIND_BALANCE | account_id, currency)
    return balance if balance != NONE else add(m, KIND_BALANCE | account_id, currency, BALANCE_WORDS)


@kernel
def move_house_cash(m: Words, z: Signed, currency: np.uint64, amount: np.int64) -> None:
    """Gives the house an amount (takes it, if negative) in a currency."""
    z[balance_of(m, m[HOUSE], currency) + ACCOUNT_CASH] += amount
    z[m[HOUSE] + ACCOUNT_CASH] += amount


@kernel
def move_cash(m: Words, z: Signed, position: np.uint64, amount: np.int64) -> None:
    """Gives a position's account an amount in the instrument's currency, outside of trades."""
    if low(m[position + POSITION_ROWS]) == m[HOUSE]:
        move_house_cash(m, z, m[high(m[position + POSITION_ROWS]) + INSTRUMENT_CURRENCY], amount)
    else:
        z[money_of(m, position) + ACCOUNT_CASH] += amount


@inline
def available_in(z: Signed, money: np.uint64) -> np.int64:
    """Cash that nothing holds back, with the credit; 0 credit outside of the account's own currency."""
    return z[money + ACCOUNT_CASH] - z[money + ACCOUNT_RESERVED] + z[money + ACCOUNT_CREDIT_LIMIT]


@kernel
def enter_position(m: Words, position: np.uint64, account: np.uint64, instrument: np.uint64) -> None:
    """Gives a new position its balance and its places in the lists of its account and its instrument."""
    m[position + POSITION_ROWS] = halves(account, instrument)
    m[position + POSITION_MONEY] = balance_of(m, account, m[instrument + INSTRUMENT_CURRENCY])
    m[position + POSITION_MARK] = U(NO_PRICE)
    m[POSITIONS] += ONE
    link_to_instrument(m, position, instrument)
    before = NONE
    after = m[account + ACCOUNT_FIRST_POSITION]
    while after != NONE and m[after + KEY_1] < m[position + KEY_1]:
        before = after
        after = low(m[after + POSITION_NEXT])
    set_low(m, position + POSITION_NEXT, after)
    if before == NONE:
        m[account + ACCOUNT_FIRST_POSITION] = position
    else:
        set_low(m, before + POSITION_NEXT, position)


@kernel
def leave_position(m: Words, position: np.uint64) -> None:
    """Takes a position that is forgotten out of the lists of its account and its instrument."""
    m[POSITIONS] -= ONE
    account = low(m[position + POSITION_ROWS])
    instrument = high(m[position + POSITION_ROWS])
    before = NONE
    at = m[account + ACCOUNT_FIRST_POSITION]
    while at != position:
        before = at
        at = low(m[at + POSITION_NEXT])
    if before == NONE:
        m[account + ACCOUNT_FIRST_POSITION] = low(m[position + POSITION_NEXT])
    else:
        set_low(m, before + POSITION_NEXT, low(m[position + POSITION_NEXT]))
    before = NONE
    at = m[instrument + INSTRUMENT_FIRST_POSITION]
    while at != position:
        before = at
        at = high(m[at + POSITION_NEXT])
    if before == NONE:
        m[instrument + INSTRUMENT_FIRST_POSITION] = high(m[position + POSITION_NEXT])
    else:
        set_high(m, before + POSITION_NEXT, high(m[position + POSITION_NEXT]))


@inline
def link_to_instrument(m: Words, position: np.uint64, instrument: np.uint64) -> None:
    """Puts a position in front of its instrument's others."""
    set_high(m, position + POSITION_NEXT, m[instrument + INSTRUMENT_FIRST_POSITION])
    m[instrument + INSTRUMENT_FIRST_POSITION] = position


@inline
def next_position_of_account(m: Words, position: np.uint64) -> np.uint64:
    """The same account's position in the next higher instrument, or none."""
    return low(m[position + POSITION_NEXT])


@inline
def next_position_of_instrument(m: Words, position: np.uint64) -> np.uint64:
    """The next position of the same instrument's list, or none."""
    return high(m[position + POSITION_NEXT])


@kernel
def merge_positions(m: Words, a: np.uint64, b: np.uint64) -> np.uint64:
    """Two lists of one instrument's positions by ascending account as one; returns its first."""
    first = last = NONE
    while a != NONE or b != NONE:
        from_a = b == NONE or (a != NONE and m[a] < m[b])
        taken = a if from_a else b
        if from_a:
            a = next_position_of_instrument(m, a)
        else:
            b = next_position_of_instrument(m, b)
        if last == NONE:
            first = taken
        else:
            set_high(m, last + POSITION_NEXT, taken)
        last = taken
    if last != NONE:
        set_high(m, last + POSITION_NEXT, NONE)
    return first


@kernel
def cut_positions(m: Words, first: np.uint64, count: np.uint64) -> np.uint64:
    """Ends a list behind its first `count` positions; returns what followed them."""
    taken = ONE
    while taken < count and first != NONE:
        first = next_position_of_instrument(m, first)
        taken = taken + ONE
    if first == NONE:
        return NONE
    rest = next_position_of_instrument(m, first)
    set_high(m, first + POSITION_NEXT, NONE)
    return rest


@kernel
def sort_positions(m: Words, instrument: np.uint64) -> np.uint64:
    """Brings an instrument's positions into ascending order of account; returns the first. Merges runs that double."""
    run = ONE
    first = m[instrument + INSTRUMENT_FIRST_POSITION]
    more = first != NONE
    while more:
        left = first
        first = last = NONE
        more = False
        while left != NONE:
            right = cut_positions(m, left, run)
            rest = cut_positions(m, right, run) if right != NONE else NONE
            more = more or right != NONE
            merged = merge_positions(m, left, right)
            if last == NONE:
                first = merged
            else:
                set_high(m, last + POSITION_NEXT, merged)
            last = merged
            while next_position_of_instrument(m, last) != NONE:
                last = next_position_of_instrument(m, last)
            left = rest
        run = run + run
    m[instrument + INSTRUMENT_FIRST_POSITION] = first
    return first
