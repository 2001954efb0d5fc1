"""Parts 20 to 28 of the state hash: scope rows, account terms, locates, quotes, protections, timers, day baselines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import layout_risk as risk
from server.engine.kernel import U, Words
from server.engine.layout_orders import ACCOUNT_SELF_TRADE_GROUP, TIMER_DUE

Column = NDArray[np.uint64]

_SCOPE_BITS = U(0xFF)
_ID_BITS = U((1 << 56) - 1)
_CHECKS = range(1, 17)


def words_of_risk(m: Words, scopes: Column, accounts: Column, positions: Column, users: Column, guards: Column) -> Any:
    """The words of all parts, from the rows of each kind by ascending key."""
    words: list[int] = []
    for row in scopes.tolist():
        words += words_of_scope(m, row)
    words += words_of_accounts(m, accounts)
    words += words_of_positions(m, positions, (risk.POSITION_LOCATED, risk.POSITION_LOCATED_UNTIL))
    words += words_of_quotes(m, positions)
    for row in guards.tolist():
        first = row + int(risk.PROTECTION_VOLUME_MAX)
        words += [int(m[row] & _ID_BITS), int(m[row + 1]), *m[first : first + 7].tolist()]
    for row in users.tolist():
        timer = int(m[row + int(risk.USER_DEAD_MAN)])
        words += [int(m[row] & _ID_BITS), int(m[timer + int(TIMER_DUE)])] if timer else []
    required = m[int(risk.REQUIRED) : int(risk.REQUIRED) + 6].tolist()
    words += required if any(required) else []
    words += words_of_positions(m, positions, (risk.POSITION_BASELINE,))
    for row in scopes.tolist():
        words += words_of_ring(m, row)
    return np.array(words, np.uint64)


def key_of_scope(m: Words, row: int) -> list[int]:
    """Scope, id, instrument."""
    key = int(m[row])
    return [key >> 32 & int(_SCOPE_BITS), key & int(at.LOW), int(m[row + 1])]


def words_of_scope(m: Words, row: int) -> list[int]:
    """Part 20 of one scope row."""
    first = row + int(risk.SCOPE_BLOCK)
    words = key_of_scope(m, row) + m[first : first + 4].tolist()
    for check in _CHECKS:
        limit = int(m[row + int(risk.SCOPE_LIMITS) + check])
        if limit:
            base, temporary = limit + int(risk.LIMIT_BASE), limit + int(risk.LIMIT_TEMPORARY)
            words += [check, *m[base : base + 4].tolist(), *m[temporary + 1 : temporary + 6].tolist()]
    words += [int(m[row + int(word)]) for word in (risk.SCOPE_NET, risk.SCOPE_OPEN, risk.SCOPE_OPEN + U(1))]
    words += [int(m[row + int(risk.SCOPE_GROSS)])]
    first = row + int(risk.SCOPE_VALUE)
    return words + m[first : first + 11].tolist()


def words_of_accounts(m: Words, accounts: Column) -> list[int]:
    """Part 21."""
    words: list[int] = []
    for row in accounts.tolist():
        firm_desk, settings = int(m[row + int(risk.ACCOUNT_FIRM_DESK)]), int(m[row + int(risk.ACCOUNT_SETTINGS)])
        group = int(m[row + int(ACCOUNT_SELF_TRADE_GROUP)])
        if firm_desk or settings or group:
            bytes_of = settings.to_bytes(8, "little")
            words += [int(m[row] & _ID_BITS), firm_desk & int(at.LOW), firm_desk >> 32]
            words += [int.from_bytes(bytes_of[:2], "little"), *bytes_of[2:7], group]
    return words


def words_of_positions(m: Words, positions: Column, of: tuple[np.uint64, ...]) -> list[int]:
    """Parts 22 and 27: words of positions where any is not 0."""
    chosen = [m[positions + word] for word in of]
    some = np.zeros(len(positions), bool)
    for column in chosen:
        some |= column != 0
    rows = positions[some]
    columns = [m[rows] & _ID_BITS, m[rows + at.KEY_1], *(column[some] for column in chosen)]
    return np.stack(columns, axis=1).ravel().tolist() if len(rows) else []


def words_of_quotes(m: Words, positions: Column) -> list[int]:
    """Part 23."""
    words: list[int] = []
    bids, asks = m[positions + risk.POSITION_QUOTE], m[positions + risk.POSITION_QUOTE + at.ONE]
    for row, bid, ask in zip(positions.tolist(), bids.tolist(), asks.tolist(), strict=True):
        if bid or ask:
            ids = [int(m[order + int(at.ORDER_ID)]) if order else 0 for order in (bid, ask)]
            words += [int(m[row] & _ID_BITS), int(m[row + 1]), *ids]
    return words


def words_of_ring(m: Words, row: int) -> list[int]:
    """Part 28 of one scope row."""
    ring = int(m[row + int(risk.SCOPE_RING)])
    count = int(m[ring + int(risk.RING_COUNT)]) if ring else 0
    if not count:
        return []
    size, words = int(risk.RING_SIZE), [*key_of_scope(m, row), count]
    oldest = (int(m[ring + int(risk.RING_NEXT)]) - count) % size
    for number in range(count):
        entry = ring + int(risk.RING_ENTRIES) + (oldest + number) % size * int(risk.LAST_WORDS)
        names = int(m[entry])
        words += [names & int(at.LOW), names >> 32, *m[entry + 1 : entry + 5].tolist()]
    return words
