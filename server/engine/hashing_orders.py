"""The state hash of orders that are not plain, and of accounts with rules against self-trades: parts 10 and 11.

Rules: see `hashing`; a part with nothing in it adds no words.
"""

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.hashing_rows import ID_BITS, columns, order_rows
from server.engine.kernel import U, Words
from server.engine.layout_orders import (
    ACCOUNT_SELF_TRADE,
    ACCOUNT_SELF_TRADE_GROUP,
    EXTENSION_DISPLAY,
    EXTENSION_EXPIRE_TIME,
    EXTENSION_UNSHOWN,
    SELF_TRADE_ALLOWED_SHIFT,
)
from server.engine.vocabulary import LIMIT
from server.engine.vocabulary_orders import HIDDEN, MODE


def words_of_terms(m: Words, instruments: NDArray[np.uint64]) -> list[NDArray[np.uint64]]:
    """Part 10: what the orders in the books have that a plain one has not."""
    return [words_of_book(m, order_rows(m, instrument)) for instrument in instruments]


def words_of_book(m: Words, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Part 10 for the orders of one book."""
    terms = m[rows + at.ORDER_TERMS]
    kind = terms >> at.E_TYPE_SHIFT & at.BYTE
    mode = terms >> at.E_LIQUIDITY_SHIFT & MODE
    hidden = terms >> at.E_FLAGS_SHIFT & HIDDEN
    extensions = m[rows + at.ORDER_EXTENSION] & at.LOW
    display, unshown, expiry = (
        np.where(extensions != 0, m[extensions + word], at.ZERO)
        for word in (EXTENSION_DISPLAY, EXTENSION_UNSHOWN, EXTENSION_EXPIRE_TIME)
    )
    told = (display != 0) | (expiry != 0) | (hidden != 0) | (mode != 0) | (kind != LIMIT)
    words = (m[rows + at.ORDER_ID], kind, display, unshown, expiry, mode)
    return columns(*[column[told] for column in words])


def words_of_owners(m: Words, accounts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Part 11: the accounts with a self-trade mode, permission or group."""
    accounts = accounts[(m[accounts + ACCOUNT_SELF_TRADE] | m[accounts + ACCOUNT_SELF_TRADE_GROUP]) != 0]
    rules = m[accounts + ACCOUNT_SELF_TRADE]
    return columns(
        m[accounts] & ID_BITS,
        rules & at.BYTE,
        rules >> U(SELF_TRADE_ALLOWED_SHIFT),
        m[accounts + ACCOUNT_SELF_TRADE_GROUP],
    )
