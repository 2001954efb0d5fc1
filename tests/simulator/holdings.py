"""What the engine holds, looked at after each turn: sums of money and lots, and whether a book is crossed.

Rules: the same sums as `tests.engine.zero_sums`, in one pass over the index of rows, because it is done thousands of
times a run; `check_slowly` compares the two now and then. Only books to which something was added can have crossed.
"""

import numpy as np

from server.engine import layout as at
from server.engine.exchange import Exchange
from server.engine.hashing_rows import ID_BITS, instrument_rows, order_rows
from server.engine.kernel import U
from server.engine.layout_money import KIND_BALANCE
from server.protocol.enums import MarketDataKind, Phase
from server.protocol.records import BOOK_RECORD
from tests.engine.zero_sums import sums_of_engine
from tests.simulator.verdict import Wrong

_ACCOUNT = at.KIND_ACCOUNT >> at.KIND_SHIFT
_BALANCE = KIND_BALANCE >> at.KIND_SHIFT
_POSITION = at.KIND_POSITION >> at.KIND_SHIFT
_GROUPS = 1 << 10
"""Currencies and instruments of a run have smaller numbers."""


def check_sums(x: Exchange) -> None:
    """Raises Wrong unless the cash of each currency and the lots of each instrument sum to zero."""
    m = x.memory
    base, size = int(m[at.KEY_INDEX + at.INDEX_BASE]), int(m[at.KEY_INDEX + at.INDEX_MASK]) + 1
    table = m[base : base + size]
    rows = table[table != 0] & at.LOW
    keys = m[rows]
    kinds = keys >> at.KIND_SHIFT
    money = m.view(np.int64)
    accounts = rows[(kinds == _ACCOUNT) & (keys & ID_BITS != 0)]
    balances = rows[kinds == _BALANCE]
    positions = rows[kinds == _POSITION]
    cash = np.zeros(_GROUPS, np.int64)
    np.add.at(cash, m[accounts + at.ACCOUNT_CURRENCY].view(np.int64), money[accounts + at.ACCOUNT_CASH])
    np.add.at(cash, m[balances + at.KEY_1].view(np.int64), money[balances + at.ACCOUNT_CASH])
    lots = np.zeros(_GROUPS, np.int64)
    np.add.at(lots, m[positions + at.KEY_1].view(np.int64), money[positions + at.POSITION_NET])
    for name, sums in (("cash of currency", cash), ("lots of instrument", lots)):
        wrong = np.flatnonzero(sums)
        if len(wrong):
            raise Wrong(f"after command {x.sequence}: {name} {int(wrong[0])} sums to {int(sums[wrong[0]])}")


def check_slowly(x: Exchange) -> None:
    """The sums as the engine's own tests take them. Raises Wrong."""
    for what in sums_of_engine(x):
        raise Wrong(f"after command {x.sequence}: {what}")


def check_books(x: Exchange, market_data: bytes) -> None:
    """`market_data`: BOOK_RECORD rows since the last look. Raises Wrong if a book that trades at once is crossed."""
    records = np.frombuffer(market_data, BOOK_RECORD)
    touched = set(records["instrument"][records["kind"] == MarketDataKind.ADD].tolist())
    if not touched:
        return
    m = x.memory
    for row in instrument_rows(m):
        number = int(m[row] & ID_BITS)
        if number in touched and m[row + at.INSTRUMENT_PHASE] == Phase.CONTINUOUS:
            _check_book(x, number, U(row))


def _check_book(x: Exchange, number: int, row: np.uint64) -> None:
    m = x.memory
    orders = order_rows(m, row)
    bids = int(m[row + at.INSTRUMENT_BOOKS + at.BOOK_ORDERS])
    if not bids or bids == len(orders):
        return
    bid, ask = (int(m.view(np.int64)[orders[place] + at.ORDER_PRICE]) for place in (0, bids))
    if bid >= ask:
        raise Wrong(f"after command {x.sequence}: the book of {number} is crossed: {bid} over {ask}")
