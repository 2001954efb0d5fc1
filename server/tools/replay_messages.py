"""A recorded day of the Shanghai exchange, read into arrays.

The text has one message a line, `key=value` with spaces between, of one instrument; a zip holds one such file.
Rules: nothing is guessed: a line without the fields of its `MsgType` raises `DayUnreadable` with its number. Prices
become hundredths of a yuan, quantities shares, times nanoseconds since midnight.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import Side
from server.tools.replay_lines import LineTable, LineUnreadable

LEVELS: Final = 10
PRICE_DIVISOR: Final = 10
QUANTITY_DIVISOR: Final = 1_000
BYTES_MAX: Final = 1 << 30

ORDER_KIND: Final = b"192"
TRADE_KIND: Final = b"191"
SNAPSHOT_KIND: Final = b"111"
ADD, DELETE = 65, 68
BUY_CODE, SELL_CODE, AUCTION_CODE = 66, 83, 78

ORDERS: Final = np.dtype([
    ("place", "<i8"), ("time_ns", "<i8"), ("number", "<i8"), ("is_delete", "?"), ("side", "u1"),
    ("price", "<i8"), ("quantity", "<i8"),
])  # fmt: skip
"""Adds and deletes; `place` is the exchange's total order over orders and trades."""

TRADES: Final = np.dtype([
    ("place", "<i8"), ("time_ns", "<i8"), ("bid_number", "<i8"), ("ask_number", "<i8"), ("aggressor", "u1"),
    ("price", "<i8"), ("quantity", "<i8"),
])  # fmt: skip
"""Trades; `aggressor` is a `Side`, or `NO_AGGRESSOR` in an auction."""
NO_AGGRESSOR: Final = 2

SNAPSHOTS: Final = np.dtype([
    ("time_ns", "<i8"), ("phase", "<i8"), ("trades", "<i8"), ("levels", "<i8", (2, LEVELS, 2)),
])  # fmt: skip
"""Ten levels of (price, quantity), bids first; 0 where there is none. `phase` is the exchange's TradingPhase."""

Records = NDArray[np.void]
_HEAD = re.compile(rb"\sMsgType=(\w+).*?\sSecurityID=(\w+)")
_ORDER_KEYS = [b"BizIndex", b"TransactTime", b"OrderNo", b"OrdType", b"Side", b"Price", b"OrderQty"]
_TRADE_KEYS = [b"BizIndex", b"TransactTime", b"BidApplSeqNum", b"OfferApplSeqNum", b"ExecType", b"LastPx", b"LastQty"]
_SNAPSHOT_KEYS = [b"PrevClosePx", b"DataTimeStamp", b"TradingPhase", b"NumTrades"] + [
    b"%bLevel[%d].%b" % (side, level, field)
    for side in (b"Bid", b"Ask") for level in range(LEVELS) for field in (b"Price", b"Qty")
]  # fmt: skip
_KEYS = {ORDER_KIND: _ORDER_KEYS, TRADE_KIND: _TRADE_KEYS, SNAPSHOT_KIND: _SNAPSHOT_KEYS}


class DayUnreadable(Exception):
    """The file is not a recorded day; the text says what is wrong in one sentence."""


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """What the exchange published, each array in the exchange's order."""

    symbol: str
    previous_close: int
    orders: Records
    trades: Records
    snapshots: Records


def read_day(path: Path) -> RecordedDay:
    """Read a recorded day. Raises `DayUnreadable` if the file is missing, no such text, or of two instruments."""
    tables = {kind: LineTable(keys) for kind, keys in _KEYS.items()}
    symbols: set[bytes] = set()
    try:
        for number, line in enumerate(_text(path).splitlines(), 1):
            head = _HEAD.search(line)
            if head:
                symbols.add(head[2])
                if head[1] in tables:
                    tables[head[1]].read(line, number)
            elif line.strip():
                raise LineUnreadable(number, "it has no MsgType or no SecurityID")
        if len(symbols) != 1 or not tables[ORDER_KIND] or not tables[SNAPSHOT_KIND]:
            raise DayUnreadable(f"{path}: wants orders and snapshots of one instrument, has {len(symbols)} instruments")
        snapshots = tables[SNAPSHOT_KIND]
        day = RecordedDay(
            symbols.pop().decode("ascii", "replace"),
            int(snapshots.columns()[0][-1]) // PRICE_DIVISOR,
            np.sort(_orders(tables[ORDER_KIND]), order="place"),
            np.sort(_trades(tables[TRADE_KIND]), order="place"),
            _snapshots(snapshots),
        )
    except LineUnreadable as error:
        raise DayUnreadable(f"{path}: line {error.line} is no message of a recorded day ({error})") from error
    places = np.concatenate([day.orders["place"], day.trades["place"]])
    if len(np.unique(places)) != len(places):
        raise DayUnreadable(f"{path}: two messages have the same BizIndex")
    return day


def _text(path: Path) -> bytes:
    """The bytes of the file, or of the one file in the zip."""
    try:
        if not zipfile.is_zipfile(path):
            return path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1 or members[0].file_size > BYTES_MAX:
                raise DayUnreadable(f"{path}: wants one file of at most {BYTES_MAX} bytes in the zip")
            return archive.read(members[0])
    except OSError as error:
        raise DayUnreadable(f"{path}: {error.strerror}") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise DayUnreadable(f"{path}: the zip cannot be read: {error}") from error


def _orders(table: LineTable) -> Records:
    place, clock, number, kind, side, price, quantity = table.columns()
    table.refuse((kind != ADD) & (kind != DELETE), "an OrdType that is neither add nor delete")
    table.refuse((side != BUY_CODE) & (side != SELL_CODE), "an unknown Side")
    rows = np.zeros(len(place), ORDERS)
    rows["place"], rows["time_ns"], rows["number"] = place, _times(table, clock), number
    rows["is_delete"], rows["side"] = kind == DELETE, np.where(side == BUY_CODE, Side.BUY, Side.SELL)
    rows["price"], rows["quantity"] = _prices(table, price), _quantities(table, quantity)
    return rows


def _trades(table: LineTable) -> Records:
    place, clock, bid, ask, code, price, quantity = table.columns()
    table.refuse(~np.isin(code, (BUY_CODE, SELL_CODE, AUCTION_CODE)), "an unknown ExecType")
    rows = np.zeros(len(place), TRADES)
    rows["place"], rows["time_ns"], rows["bid_number"], rows["ask_number"] = place, _times(table, clock), bid, ask
    rows["aggressor"] = np.select([code == BUY_CODE, code == SELL_CODE], [Side.BUY, Side.SELL], NO_AGGRESSOR)
    rows["price"], rows["quantity"] = _prices(table, price), _quantities(table, quantity)
    return rows


def _snapshots(table: LineTable) -> Records:
    _, clock, phase, trades, *levels = table.columns()
    rows = np.zeros(len(clock), SNAPSHOTS)
    rows["time_ns"], rows["phase"], rows["trades"] = _times(table, clock * 100), phase, trades
    by_line = np.array(levels, np.int64).T.reshape(-1, 2, LEVELS, 2)
    rows["levels"] = by_line // (PRICE_DIVISOR, QUANTITY_DIVISOR)
    return rows


def _prices(table: LineTable, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    table.refuse(numbers % PRICE_DIVISOR != 0, "a price finer than a hundredth")
    return numbers // PRICE_DIVISOR


def _quantities(table: LineTable, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    table.refuse((numbers % QUANTITY_DIVISOR != 0) | (numbers == 0), "a quantity that is no number of shares")
    return numbers // QUANTITY_DIVISOR


def _times(table: LineTable, clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """HHMMSScc to nanoseconds since midnight."""
    hundredths = clock % 100
    seconds, minutes, hours = clock // 100 % 100, clock // 10_000 % 100, clock // 1_000_000
    table.refuse(hours >= 24, "a time beyond the day")
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + hundredths * 10_000_000
