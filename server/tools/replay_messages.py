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

LEVELS: Final = 10
PRICE_DIVISOR: Final = 10
QUANTITY_DIVISOR: Final = 1_000
BYTES_MAX: Final = 1 << 30
NUMBER_MAX: Final = 10**15
"""No number of a day is larger; it leaves room for a sum of them in 64 bits."""
DAY_NS: Final = 86_400_000_000_000

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
_FIELD = re.compile(rb"(\w[\w.\[\]]*)=(-?\w*)")
_SIDES = {BUY_CODE: Side.BUY, SELL_CODE: Side.SELL}
_LEVEL_KEYS = [
    b"%bLevel[%d].%b" % (side, level, field)
    for side in (b"Bid", b"Ask") for level in range(LEVELS) for field in (b"Price", b"Qty")
]  # fmt: skip


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
    orders, trades, snapshots = [], [], []
    symbols: set[bytes] = set()
    previous_close = 0
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        fields = dict(_FIELD.findall(line))
        try:
            kind = fields[b"MsgType"]
            symbols.add(fields[b"SecurityID"])
            if kind == ORDER_KIND:
                orders.append(_order(fields))
            elif kind == TRADE_KIND:
                trades.append(_trade(fields))
            elif kind == SNAPSHOT_KIND:
                snapshots.append(_snapshot(fields))
                previous_close = _number(fields[b"PrevClosePx"]) // PRICE_DIVISOR
        except (KeyError, ValueError) as error:
            raise DayUnreadable(f"{path}: line {number} is no message of a recorded day ({error})") from error
    if len(symbols) != 1 or not orders or not snapshots:
        raise DayUnreadable(f"{path}: wants orders and snapshots of one instrument, has {len(symbols)} instruments")
    day = RecordedDay(
        symbols.pop().decode("ascii", "replace"),
        previous_close,
        np.sort(np.array(orders, ORDERS), order="place"),
        np.sort(np.array(trades, TRADES), order="place"),
        np.array(snapshots, SNAPSHOTS),
    )
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


def _order(fields: dict[bytes, bytes]) -> tuple[int, int, int, bool, int, int, int]:
    kind = _number(fields[b"OrdType"])
    if kind not in (ADD, DELETE):
        raise ValueError(f"OrdType {kind}")
    return (
        _number(fields[b"BizIndex"]), _clock(fields[b"TransactTime"]), _number(fields[b"OrderNo"]), kind == DELETE,
        _SIDES[_number(fields[b"Side"])], _price(fields[b"Price"]), _quantity(fields[b"OrderQty"]),
    )  # fmt: skip


def _trade(fields: dict[bytes, bytes]) -> tuple[int, int, int, int, int, int, int]:
    code = _number(fields[b"ExecType"])
    return (
        _number(fields[b"BizIndex"]), _clock(fields[b"TransactTime"]), _number(fields[b"BidApplSeqNum"]),
        _number(fields[b"OfferApplSeqNum"]), NO_AGGRESSOR if code == AUCTION_CODE else _SIDES[code],
        _price(fields[b"LastPx"]), _quantity(fields[b"LastQty"]),
    )  # fmt: skip


def _snapshot(fields: dict[bytes, bytes]) -> tuple[int, int, int, NDArray[np.int64]]:
    levels = np.array([_number(fields[key]) for key in _LEVEL_KEYS], np.int64).reshape(2, LEVELS, 2)
    levels //= (PRICE_DIVISOR, QUANTITY_DIVISOR)
    time_ns = _clock(fields[b"DataTimeStamp"] + b"00")
    return time_ns, _number(fields[b"TradingPhase"]), _number(fields[b"NumTrades"]), levels


def _number(text: bytes) -> int:
    number = int(text)
    if not 0 <= number <= NUMBER_MAX:
        raise ValueError(f"number {text[:40].decode('ascii', 'replace')}")
    return number


def _price(text: bytes) -> int:
    price, rest = divmod(_number(text), PRICE_DIVISOR)
    if rest:
        raise ValueError(f"price {price * PRICE_DIVISOR + rest}")
    return price


def _quantity(text: bytes) -> int:
    quantity, rest = divmod(_number(text), QUANTITY_DIVISOR)
    if rest or not quantity:
        raise ValueError(f"quantity {quantity * QUANTITY_DIVISOR + rest}")
    return quantity


def _clock(text: bytes) -> int:
    """HHMMSScc to nanoseconds since midnight."""
    rest, hundredths = divmod(_number(text), 100)
    rest, seconds = divmod(rest, 100)
    hours, minutes = divmod(rest, 100)
    time_ns = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + hundredths * 10_000_000
    if time_ns >= DAY_NS:
        raise ValueError(f"time {int(text)}")
    return time_ns
