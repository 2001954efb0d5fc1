"""What the server's own commands do: instruments, accounts, adjustments, grants."""

import numpy as np

from server.engine.balances import FEES_ACCOUNT
from server.engine.bits import high, low, magnitude, product_high
from server.engine.book import book_of
from server.engine.checks import flags_in
from server.engine.events import command_event
from server.engine.kernel import Signed, U, Words, kernel
from server.engine.layout import (
    ACCOUNT_CREDIT_LIMIT,
    ACCOUNT_CURRENCY,
    ACCOUNT_MONEY_DECIMALS,
    ACCOUNT_NAME,
    ACCOUNT_ORDERS_MAX,
    ACCOUNT_POSITION_MAX,
    ACCOUNT_SHORT_ALLOWED,
    ACCOUNT_WORDS,
    BOOK_INSTRUMENT,
    BOOK_SIDE,
    BYTE,
    C_ACCOUNT_INSTRUMENT,
    C_GROUP_DECISION_MAKER,
    DIGIT_BITS,
    E_INSTRUMENT_SESSION,
    E_LABEL,
    E_PRICE,
    E_QUANTITY,
    E_USER_ACCOUNT,
    E_VALUE,
    FIRST_INSTRUMENT,
    HALF,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_CURRENCY,
    INSTRUMENT_DEPTH,
    INSTRUMENT_HIGH,
    INSTRUMENT_LAST,
    INSTRUMENT_LOT_SIZE,
    INSTRUMENT_LOW,
    INSTRUMENT_NEXT,
    INSTRUMENT_OPEN,
    INSTRUMENT_PREVIOUS_CLOSE,
    INSTRUMENT_PRICE_DECIMALS,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_QUANTITY_DECIMALS,
    INSTRUMENT_QUANTITY_MAX,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_SYMBOL,
    INSTRUMENT_TICK_SIZE,
    INSTRUMENT_TOP,
    INSTRUMENT_WORDS,
    INSTRUMENTS,
    KIND_ACCOUNT,
    KIND_INSTRUMENT,
    L_CASH_SCALE,
    L_CURRENCY_DECIMALS,
    L_PRICE_DECIMALS_SHIFT,
    L_PRICE_MAX,
    L_PRICE_MIN,
    L_QUANTITY_DECIMALS_SHIFT,
    L_QUANTITY_MAX,
    L_REFERENCE,
    L_SYMBOL,
    L_TICK_LOT,
    NO_PRICE,
    NONE,
    O_CREDIT_LIMIT,
    O_MONEY_DECIMALS_SHIFT,
    O_NAME,
    O_ORDERS_MAX_SHIFT,
    O_POSITION_MAX,
    O_SHORT_ALLOWED_SHIFT,
    O_TERMS,
    ONE,
    PAIR,
    ZERO,
)
from server.engine.layout_money import INSTRUMENT_LOT_VALUE
from server.engine.layout_phases import INSTRUMENT_AUCTION_PRICE
from server.engine.memory import add
from server.engine.refusal import refused
from server.engine.registry import chain_account, find_account, find_instrument, id_of, set_grant
from server.engine.vocabulary import (
    ACCOUNT_OPENED,
    ALL_RIGHTS,
    BUY,
    GRANTED,
    INSTRUMENT_LISTED,
    INVALID_DEFINITION,
    NO_REASON,
    SELL,
    UNKNOWN_ACCOUNT,
)

_INSTRUMENT_ID_LIMIT = U(1 << 16)

_TICKS_LIMIT = U((1 << 32) - 1)
_NOTIONAL_MAX = U((1 << 62) - 1)
_MONEY_MAX = np.int64(1 << 61)


@kernel
def notional_fits(price: np.uint64, quantity: np.uint64, cash_scale: np.uint64) -> bool:
    """Whether the product of three sizes stays below 2^62."""
    if product_high(price, quantity) != ZERO:
        return False
    amount = price * quantity
    return bool(product_high(amount, cash_scale) == ZERO and amount * cash_scale <= _NOTIONAL_MAX)


@kernel
def fault_in_listing(m: Words, c: Words, b: np.uint64) -> np.int64:
    """Which number of a listing does not fit (1 to 7), or 0."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    lowest = np.int64(c[b + L_PRICE_MIN])
    highest = np.int64(c[b + L_PRICE_MAX])
    tick_size = low(c[b + L_TICK_LOT])
    spread = U(highest) - U(lowest)
    if instrument_id == ZERO or instrument_id >= _INSTRUMENT_ID_LIMIT or find_instrument(m, instrument_id) != NONE:
        return np.int64(1)
    if lowest > highest:
        return np.int64(2)
    if tick_size == ZERO or spread // tick_size >= _TICKS_LIMIT or spread % tick_size != ZERO:
        return np.int64(3)
    if np.int64(c[b + L_QUANTITY_MAX]) < 1:
        return np.int64(4)
    if np.int64(c[b + L_CASH_SCALE]) < 1:
        return np.int64(5)
    if not notional_fits(max(magnitude(lowest), magnitude(highest)), c[b + L_QUANTITY_MAX], c[b + L_CASH_SCALE]):
        return np.int64(6)
    return np.int64(7) if high(c[b + L_TICK_LOT]) == ZERO else np.int64(0)


@kernel
def list_instrument(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """LIST_INSTRUMENT. Returns the reason for which it is refused, or 0."""
    instrument_id = high(c[b + C_ACCOUNT_INSTRUMENT])
    fault = fault_in_listing(m, c, b)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(instrument_id), fault)
    row = add(m, KIND_INSTRUMENT | instrument_id, ZERO, INSTRUMENT_WORDS)
    describe(m, z, c, b, row)
    chain(m, row)
    e = command_event(m, ev, c, b, INSTRUMENT_LISTED, ZERO)
    ev[e + E_INSTRUMENT_SESSION] |= instrument_id
    ev[e + E_LABEL] = c[b + L_SYMBOL]
    ev[e + E_LABEL + ONE] = c[b + L_SYMBOL + ONE]
    ev[e + E_PRICE] = c[b + L_REFERENCE]
    return NO_REASON


@kernel
def describe(m: Words, z: Signed, c: Words, b: np.uint64, row: np.uint64) -> None:
    """Fills the row of a new instrument; it is closed and has not traded."""
    m[row + INSTRUMENT_SYMBOL] = c[b + L_SYMBOL]
    m[row + INSTRUMENT_SYMBOL + ONE] = c[b + L_SYMBOL + ONE]
    m[row + INSTRUMENT_PRICE_MIN] = c[b + L_PRICE_MIN]
    m[row + INSTRUMENT_PRICE_MAX] = c[b + L_PRICE_MAX]
    m[row + INSTRUMENT_QUANTITY_MAX] = c[b + L_QUANTITY_MAX]
    m[row + INSTRUMENT_CASH_SCALE] = c[b + L_CASH_SCALE]
    m[row + INSTRUMENT_REFERENCE] = c[b + L_REFERENCE]
    m[row + INSTRUMENT_TICK_SIZE] = low(c[b + L_TICK_LOT])
    m[row + INSTRUMENT_LOT_SIZE] = high(c[b + L_TICK_LOT])
    decimals = c[b + L_CURRENCY_DECIMALS]
    m[row + INSTRUMENT_CURRENCY] = decimals & PAIR
    m[row + INSTRUMENT_PRICE_DECIMALS] = decimals >> L_PRICE_DECIMALS_SHIFT & BYTE
    m[row + INSTRUMENT_QUANTITY_DECIMALS] = decimals >> L_QUANTITY_DECIMALS_SHIFT & BYTE
    highest = max(abs(z[row + INSTRUMENT_PRICE_MIN]), abs(z[row + INSTRUMENT_PRICE_MAX]))
    z[row + INSTRUMENT_LOT_VALUE] = max(highest * z[row + INSTRUMENT_CASH_SCALE], np.int64(1))
    z[row + INSTRUMENT_OPEN] = NO_PRICE
    z[row + INSTRUMENT_HIGH] = NO_PRICE
    z[row + INSTRUMENT_LOW] = NO_PRICE
    z[row + INSTRUMENT_LAST] = NO_PRICE
    z[row + INSTRUMENT_PREVIOUS_CLOSE] = NO_PRICE
    z[row + INSTRUMENT_AUCTION_PRICE] = NO_PRICE
    z[row + INSTRUMENT_TOP] = NO_PRICE
    z[row + INSTRUMENT_TOP + U(2)] = NO_PRICE
    leaves = (U(c[b + L_PRICE_MAX]) - U(c[b + L_PRICE_MIN])) // low(c[b + L_TICK_LOT]) >> DIGIT_BITS
    depth = ONE
    while leaves >> depth * DIGIT_BITS != ZERO:
        depth = depth + ONE
    m[row + INSTRUMENT_DEPTH] = depth
    for side in (BUY, SELL):
        m[book_of(row, side) + BOOK_SIDE] = side
        m[book_of(row, side) + BOOK_INSTRUMENT] = row


@kernel
def chain(m: Words, row: np.uint64) -> None:
    """Puts an instrument among the others by ascending id."""
    m[INSTRUMENTS] += ONE
    before = NONE
    after = m[FIRST_INSTRUMENT]
    while after != NONE and id_of(m, after) < id_of(m, row):
        before = after
        after = m[after + INSTRUMENT_NEXT]
    m[row + INSTRUMENT_NEXT] = after
    if before == NONE:
        m[FIRST_INSTRUMENT] = row
    else:
        m[before + INSTRUMENT_NEXT] = row


@kernel
def fault_in_account(m: Words, c: Words, b: np.uint64) -> np.int64:
    """Which number of an account's terms does not fit (1 to 4), or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    credit_limit = np.int64(c[b + O_CREDIT_LIMIT])
    if account_id == ZERO or account_id >= FEES_ACCOUNT or find_account(m, account_id) != NONE:
        return np.int64(1)
    if credit_limit < 0 or credit_limit > _MONEY_MAX:
        return np.int64(2)
    if np.int64(c[b + O_POSITION_MAX]) < 0:
        return np.int64(3)
    return np.int64(4) if c[b + O_TERMS] >> O_ORDERS_MAX_SHIFT == ZERO else np.int64(0)


@kernel
def open_account(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """OPEN_ACCOUNT. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    fault = fault_in_account(m, c, b)
    if fault != 0:
        return refused(m, INVALID_DEFINITION, np.int64(account_id), fault)
    row = add(m, KIND_ACCOUNT | account_id, ZERO, ACCOUNT_WORDS)
    chain_account(m, row)
    terms = c[b + O_TERMS]
    m[row + ACCOUNT_NAME] = c[b + O_NAME]
    m[row + ACCOUNT_NAME + ONE] = c[b + O_NAME + ONE]
    m[row + ACCOUNT_CURRENCY] = terms & PAIR
    m[row + ACCOUNT_MONEY_DECIMALS] = terms >> O_MONEY_DECIMALS_SHIFT & BYTE
    m[row + ACCOUNT_SHORT_ALLOWED] = terms >> O_SHORT_ALLOWED_SHIFT & BYTE
    m[row + ACCOUNT_ORDERS_MAX] = terms >> O_ORDERS_MAX_SHIFT
    m[row + ACCOUNT_CREDIT_LIMIT] = c[b + O_CREDIT_LIMIT]
    m[row + ACCOUNT_POSITION_MAX] = c[b + O_POSITION_MAX]
    e = command_event(m, ev, c, b, ACCOUNT_OPENED, ZERO)
    ev[e + E_USER_ACCOUNT] |= account_id << HALF
    ev[e + E_LABEL] = c[b + O_NAME]
    ev[e + E_LABEL + ONE] = c[b + O_NAME + ONE]
    return NO_REASON


@kernel
def grant(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """GRANT. Returns the reason for which it is refused, or 0."""
    account_id = low(c[b + C_ACCOUNT_INSTRUMENT])
    user_id = high(c[b + C_GROUP_DECISION_MAKER])
    rights = flags_in(c, b)
    if account_id != ZERO and find_account(m, account_id) == NONE:
        return refused(m, UNKNOWN_ACCOUNT, np.int64(account_id), np.int64(0))
    if user_id == ZERO:
        return refused(m, INVALID_DEFINITION, np.int64(user_id), np.int64(1))
    if rights & ~ALL_RIGHTS != ZERO:
        return refused(m, INVALID_DEFINITION, np.int64(user_id), np.int64(2))
    set_grant(m, user_id, account_id, rights)
    e = command_event(m, ev, c, b, GRANTED, ZERO)
    ev[e + E_USER_ACCOUNT] |= account_id << HALF
    ev[e + E_QUANTITY] = rights
    ev[e + E_VALUE] = user_id
    return NO_REASON
