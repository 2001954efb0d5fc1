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
from server.tools.replay_lines import LineReader

LEVELS: Final = 10
PRICE_DIVISOR: Final = 10
QUANTITY_DIVISOR: Final = 1_000
BYTES_MAX: Final = 1 << 30
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
_KIND = re.compile(rb"\sMsgType=(\d+)")
_SYMBOL = re.compile(rb"\sSecurityID=(\w+)")
_SIDES = {BUY_CODE: Side.BUY, SELL_CODE: Side.SELL}
_ORDER_KEYS = [b"BizIndex", b"TransactTime", b"OrderNo", b"OrdType", b"Side", b"Price", b"OrderQty"]
_TRADE_KEYS = [b"BizIndex", b"TransactTime", b"BidApplSeqNum", b"OfferApplSeqNum", b"ExecType", b"LastPx", b"LastQty"]
_SNAPSHOT_KEYS = [b"PrevClosePx", b"DataTimeStamp", b"TradingPhase", b"NumTrades"] + [
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
    read_order, read_trade, read_snapshot = LineReader(_ORDER_KEYS), LineReader(_TRADE_KEYS), LineReader(_SNAPSHOT_KEYS)
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        kind, symbol = _KIND.search(line), _SYMBOL.search(line)
        try:
            if kind is None or symbol is None:
                raise ValueError("it has no MsgType or no SecurityID")
            symbols.add(symbol[1])
            if kind[1] == ORDER_KIND:
                orders.append(_order(*read_order.numbers(line)))
            elif kind[1] == TRADE_KIND:
                trades.append(_trade(*read_trade.numbers(line)))
            elif kind[1] == SNAPSHOT_KIND:
                numbers = read_snapshot.numbers(line)
                previous_close = numbers[0] // PRICE_DIVISOR
                snapshots.append(_snapshot(numbers))
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


def _order(
    place: int, clock: int, number: int, kind: int, side: int, price: int, quantity: int
) -> tuple[int, int, int, bool, int, int, int]:
    if kind not in (ADD, DELETE):
        raise ValueError(f"OrdType {kind}")
    return place, _time(clock), number, kind == DELETE, _SIDES[side], _price(price), _quantity(quantity)


def _trade(
    place: int, clock: int, bid: int, ask: int, code: int, price: int, quantity: int
) -> tuple[int, int, int, int, int, int, int]:
    aggressor = NO_AGGRESSOR if code == AUCTION_CODE else _SIDES[code]
    return place, _time(clock), bid, ask, aggressor, _price(price), _quantity(quantity)


def _snapshot(numbers: tuple[int, ...]) -> tuple[int, int, int, NDArray[np.int64]]:
    _, clock, phase, trades, *levels = numbers
    quantities = np.array(levels, np.int64).reshape(2, LEVELS, 2) // (PRICE_DIVISOR, QUANTITY_DIVISOR)
    return _time(clock * 100), phase, trades, quantities


def _price(number: int) -> int:
    price, rest = divmod(number, PRICE_DIVISOR)
    if rest:
        raise ValueError(f"price {number}")
    return price


def _quantity(number: int) -> int:
    quantity, rest = divmod(number, QUANTITY_DIVISOR)
    if rest or not quantity:
        raise ValueError(f"quantity {number}")
    return quantity


def _time(clock: int) -> int:
    """HHMMSScc to nanoseconds since midnight."""
    rest, hundredths = divmod(clock, 100)
    rest, seconds = divmod(rest, 100)
    hours, minutes = divmod(rest, 100)
    time_ns = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + hundredths * 10_000_000
    if time_ns >= DAY_NS:
        raise ValueError(f"time {clock}")
    return time_ns
