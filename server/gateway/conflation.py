"""The arithmetic of the conflated lanes: which records of a batch are the newest of their kind.

Rules: pure array functions; a level is absolute (quantity and orders after the change, 0: gone), so that only the
newest of each price is needed. Auction executions print at the auction's price but change levels at the orders' own
prices, which the record does not name: the depth of such an instrument is rebuilt from the book instead.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import MarketDataFlag, MarketDataKind, Side
from server.protocol.records import BOOK_RECORD, QUOTE_RECORD, TOP_RECORD

LEVEL: Final = int(MarketDataKind.LEVEL)
_EXECUTE: Final = int(MarketDataKind.EXECUTE)
_PRINT: Final = int(MarketDataFlag.PRINT)
_AUCTION: Final = int(MarketDataFlag.AUCTION)
_ORDER_KINDS_LAST: Final = int(MarketDataKind.DELETE)
CORRECTIONS: Final = (int(MarketDataKind.TRADE_BUST), int(MarketDataKind.TRADE_CORRECTION))
"""Kinds that take back or change a trade: they travel with the trades."""
Records = NDArray[Any]


def is_order_record(kinds: Records) -> Records:
    """Mask of the order-by-order records (ADD, EXECUTE, REDUCE, DELETE)."""
    return kinds <= _ORDER_KINDS_LAST


def auction_instruments(records: Records) -> list[int]:
    """Instruments with an auction execution among these order-by-order records."""
    found: list[int] = np.unique(records["instrument"][(records["flags"] & _AUCTION) != 0]).tolist()
    return found


def newest_levels(records: Records) -> Records:
    """LEVEL rows, one for each (instrument, side, price) that these order-by-order records changed, in that order."""
    newest_first = records[::-1]
    order = np.lexsort((newest_first["price"], newest_first["side"], newest_first["instrument"]))
    rows = newest_first[order]
    first = np.ones(len(rows), bool)
    same = rows["instrument"][1:] == rows["instrument"][:-1]
    same &= rows["side"][1:] == rows["side"][:-1]
    same &= rows["price"][1:] == rows["price"][:-1]
    first[1:] = ~same
    levels = rows[first]
    levels["kind"] = LEVEL
    levels["flags"] = 0
    levels["public_order_id"] = 0
    levels["trade_number"] = 0
    levels["quantity"] = levels["level_quantity"]
    return levels


def split_by_instrument(records: Records) -> list[tuple[int, Records]]:
    """The records of each instrument, in their order; instruments ascending."""
    instruments = records["instrument"]
    first = int(instruments[0])
    if len(records) == 1 or bool((instruments == first).all()):
        return [(first, records)]
    order = np.argsort(instruments, kind="stable")
    rows = records[order]
    instruments = rows["instrument"]
    bounds = np.flatnonzero(instruments[1:] != instruments[:-1]) + 1
    parts = []
    begin = 0
    for end in [*bounds.tolist(), len(rows)]:
        parts.append((int(instruments[begin]), rows[begin:end]))
        begin = end
    return parts


def trades(prints: Records) -> Records:
    """TRADE rows of public prints: the aggressor's side, no order's id, no level."""
    rows = prints.copy()
    rows["kind"] = MarketDataKind.TRADE
    rows["side"] = Side.SELL - rows["side"]
    rows["flags"] &= ~np.uint8(MarketDataFlag.PRINT)
    rows["public_order_id"] = 0
    rows["level_quantity"] = 0
    rows["level_orders"] = 0
    return rows


def is_print(records: Records) -> Records:
    """Mask of the records that are a trade's public print."""
    mask: Records = (records["kind"] == _EXECUTE) & ((records["flags"] & _PRINT) != 0)
    return mask


def quote(top: Records, statistics: Records, last: tuple[int, int]) -> Records:
    """A QUOTE_RECORD (1,) from TOP_RECORD (1,), STATISTICS_RECORD (1,) and the last trade's (quantity, time_ns)."""
    row = np.zeros(1, QUOTE_RECORD)
    for name in TOP_RECORD.names or ():
        row[name] = top[name]
    for name in ("last_price", "volume", "open_price", "high_price", "low_price", "previous_close"):
        row[name] = statistics[name]
    row["kind"] = MarketDataKind.TOP
    row["last_quantity"], row["last_time_ns"] = last
    return row


def level_row(instrument: int, side: int, price: int, sequence: int, time_ns: int) -> Records:
    """A LEVEL row (1,) that says: this price is gone."""
    row = np.zeros(1, BOOK_RECORD)
    row["kind"] = LEVEL
    row["side"] = side
    row["instrument"] = instrument
    row["price"] = price
    row["sequence"] = sequence
    row["time_ns"] = time_ns
    return row
