"""The state hash: the logical state as a list of words in the rule book's order, folded with FNV-1a.

Rules: no address, no size of a table and no free row enters; so the hash is the same in the oracle, after a recovery
and however the memory has grown.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.hashing_money import money_words
from server.engine.hashing_orders import words_of_owners, words_of_terms
from server.engine.hashing_phases import instrument_words
from server.engine.hashing_presence import presence_words
from server.engine.hashing_risk import words_of_risk
from server.engine.hashing_rows import (
    ID_BITS,
    columns,
    fields,
    instrument_rows,
    order_rows,
    rows_of_kind,
    words_of_orders,
)
from server.engine.hashing_stops import waiting_words
from server.engine.kernel import U, Words, entry
from server.engine.layout_risk import KIND_PROTECTION, KIND_SCOPE

_FNV_OFFSET: Final = U(0xCBF29CE484222325)
_FNV_PRIME: Final = U(0x100000001B3)


@entry
def hash_words(words: Words) -> np.uint64:
    """FNV-1a over whole words."""
    h = _FNV_OFFSET
    for number in range(words.size):
        h = (h ^ words[U(number)]) * _FNV_PRIME
    return h


def state_words(m: Words) -> NDArray[np.uint64]:
    """The whole logical state as words."""
    instruments = instrument_rows(m)
    accounts = rows_of_kind(m, at.KIND_ACCOUNT)
    positions = rows_of_kind(m, at.KIND_POSITION)
    grants = rows_of_kind(m, at.KIND_GRANT)
    grants = grants[m[grants + at.GRANT_RIGHTS] != 0]
    users = rows_of_kind(m, at.KIND_USER)
    users = users[m[users + at.USER_STREAM] != 0]
    instances = rows_of_kind(m, at.KIND_INSTANCE)
    sessions = rows_of_kind(m, at.KIND_SESSION)
    return np.concatenate(
        [
            m[[at.SHARD, at.SEQUENCE, at.TIME_NS, at.EVENTS, at.ORDER_IDS, at.PUBLIC_IDS, at.TRADE_IDS]],
            columns(m[instruments] & ID_BITS, *fields(m, instruments, at.INSTRUMENT_SYMBOL, 23)),
            *[words_of_orders(m, order_rows(m, instrument)) for instrument in instruments],
            columns(m[accounts] & ID_BITS, *fields(m, accounts, at.ACCOUNT_NAME, 11)),
            columns(m[positions] & ID_BITS, m[positions + at.KEY_1], *fields(m, positions, at.POSITION_NET, 5)),
            columns(m[grants] & ID_BITS, m[grants + at.KEY_1], m[grants + at.GRANT_RIGHTS]),
            columns(m[users] & ID_BITS, m[users + at.USER_STREAM]),
            columns(m[instances] & ID_BITS, m[instances + at.KEY_1], m[instances + at.INSTANCE_HIGHEST]),
            columns(m[sessions] & ID_BITS, m[sessions + at.KEY_1]),
            *words_of_terms(m, instruments),
            words_of_owners(m, accounts),
            *waiting_words(m),
            *instrument_words(m),
            risk_words(m, accounts, positions, users),
            *money_words(m, accounts, positions, instruments),
            *presence_words(m),
        ]
    )


def risk_words(
    m: Words, accounts: NDArray[np.uint64], positions: NDArray[np.uint64], users: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Parts 20 to 28."""
    scopes, protections = rows_of_kind(m, KIND_SCOPE), rows_of_kind(m, KIND_PROTECTION)
    return words_of_risk(m, scopes, accounts, positions, users, protections)
