"""Arithmetic of history, without files: prints to ticks, ticks to bars, small bars to larger ones.

Rules: arrays in, arrays out; rows are in order of time; integers only. A bar begins at a multiple of its size since
1970, UTC, and exists only if something traded in it. `turnover` is the sum of price x quantity, in price units x
lots: multiply by the instrument's cash_scale for money.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.codec import Records
from server.protocol.enums import MarketDataFlag, MarketDataKind
from server.protocol.records import BAR_RECORD, TICK_RECORD

MINUTE_NS: Final = 60 * 10**9
DAY_NS: Final = 86_400 * 10**9


def prints_of(market_data: Records) -> Records:
    """The records of BOOK_RECORD layout that are a trade's public print."""
    is_print = (market_data["kind"] == int(MarketDataKind.EXECUTE)) & (
        (market_data["flags"] & int(MarketDataFlag.PRINT)) != 0
    )
    found: Records = market_data[is_print]
    return found


def ticks_of(prints: Records) -> Records:
    """TICK_RECORD rows; `side` is the aggressor's, in an auction (flag AUCTION) always SELL and without meaning."""
    ticks = np.zeros(len(prints), TICK_RECORD)
    for name in ("time_ns", "price", "quantity", "trade_number", "flags", "sequence"):
        ticks[name] = prints[name]
    ticks["side"] = 1 - prints["side"]
    return ticks


def corrections_of(market_data: Records) -> Records:
    """The records of BOOK_RECORD layout that take back or change a trade."""
    kinds = (int(MarketDataKind.TRADE_BUST), int(MarketDataKind.TRADE_CORRECTION))
    found: Records = market_data[np.isin(market_data["kind"], kinds)]
    return found


def correct(tick: Records, correction: np.void) -> None:
    """Marks a tick (shape (1,)) as busted, or gives it its new price. Doing it again changes nothing."""
    if correction["kind"] == MarketDataKind.TRADE_BUST:
        tick["flags"] |= np.uint8(MarketDataFlag.BUSTED)
    else:
        tick["flags"] |= np.uint8(MarketDataFlag.CORRECTED)
        tick["price"] = correction["price"]


def bars_of(ticks: Records, size_ns: int) -> Records:
    """BAR_RECORD rows of ticks in order of time, busted ones left out."""
    ticks = ticks[ticks["flags"] & np.uint8(MarketDataFlag.BUSTED) == 0]
    bars = np.zeros(0, BAR_RECORD)
    if not len(ticks):
        return bars
    begin, starts = _groups(ticks["time_ns"], size_ns)
    price, quantity = ticks["price"], ticks["quantity"]
    bars = np.zeros(len(starts), BAR_RECORD)
    bars["time_ns"] = begin
    bars["open"] = price[starts]
    bars["close"] = price[_ends(starts, len(ticks))]
    bars["high"] = np.maximum.reduceat(price, starts)
    bars["low"] = np.minimum.reduceat(price, starts)
    bars["volume"] = np.add.reduceat(quantity, starts)
    bars["turnover"] = np.add.reduceat(price * quantity, starts)
    bars["trades"] = np.diff(starts, append=len(ticks))
    return bars


def merge_bars(bars: Records, size_ns: int) -> Records:
    """Bars of `size_ns` out of smaller ones in order of time; rows of one beginning become one row."""
    if not len(bars):
        return bars
    begin, starts = _groups(bars["time_ns"], size_ns)
    merged = np.zeros(len(starts), BAR_RECORD)
    merged["time_ns"] = begin
    merged["open"] = bars["open"][starts]
    merged["close"] = bars["close"][_ends(starts, len(bars))]
    merged["high"] = np.maximum.reduceat(bars["high"], starts)
    merged["low"] = np.minimum.reduceat(bars["low"], starts)
    for name in ("volume", "turnover", "trades"):
        merged[name] = np.add.reduceat(bars[name], starts)
    return merged


def _groups(time_ns: NDArray[np.int64], size_ns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Beginning of each bar, and the row where it starts."""
    begin = time_ns - time_ns % size_ns
    starts = np.flatnonzero(np.diff(begin, prepend=begin[0] - 1))
    return begin[starts], starts


def _ends(starts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return np.append(starts[1:], count) - 1
