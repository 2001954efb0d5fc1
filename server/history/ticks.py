"""Arithmetic of history, without files: prints to ticks, ticks to bars, small bars to larger ones.

Rules: arrays in, arrays out; rows are in order of time; integers only. A bar exists only if something traded in it.
`turnover` is the sum of price x quantity, in price units x lots: multiply by the instrument's cash_scale for money.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.codec import Records
from server.protocol.enums import MarketDataFlag, MarketDataKind, Side
from server.protocol.records import BAR_RECORD, SERIES_BAR, TICK_RECORD

MINUTE_NS: Final = 60 * 10**9
DAY_NS: Final = 86_400 * 10**9
Places = NDArray[np.int64]
_BUSTED: Final = np.uint8(MarketDataFlag.BUSTED)
_AUCTION: Final = np.uint8(MarketDataFlag.AUCTION)
_SUMS: Final = ("volume", "buy_volume", "auction_volume", "turnover", "trades")


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


def counted(ticks: Records) -> Records:
    """The ticks that were not taken back."""
    busted = (ticks["flags"] & _BUSTED) != 0
    return ticks[~busted] if busted.any() else ticks


def bars_at(ticks: Records, starts: Places) -> Records:
    """SERIES_BAR rows: each begins at a row of `starts`, which begins with 0, and ends before the next one."""
    bars = np.zeros(len(starts), SERIES_BAR)
    if not len(starts):
        return bars
    ends = np.append(starts[1:], len(ticks)) - 1
    price, quantity = ticks["price"], ticks["quantity"]
    is_auction = (ticks["flags"] & _AUCTION) != 0
    is_buy = (ticks["side"] == int(Side.BUY)) & ~is_auction
    bars["time_ns"], bars["last_ns"] = ticks["time_ns"][starts], ticks["time_ns"][ends]
    bars["open"], bars["close"] = price[starts], price[ends]
    bars["high"], bars["low"] = np.maximum.reduceat(price, starts), np.minimum.reduceat(price, starts)
    bars["volume"] = np.add.reduceat(quantity, starts)
    bars["buy_volume"] = np.add.reduceat(quantity * is_buy, starts)
    bars["auction_volume"] = np.add.reduceat(quantity * is_auction, starts)
    bars["turnover"] = np.add.reduceat(price * quantity, starts)
    bars["trades"] = ends - starts + 1
    bars["sequence"] = ticks["sequence"][ends]
    bars["first_trade"], bars["last_trade"] = ticks["trade_number"][starts], ticks["trade_number"][ends]
    return bars


def bars_of(ticks: Records, size_ns: int) -> Records:
    """SERIES_BAR rows of `size_ns` of ticks in order of time, busted ones left out."""
    ticks = counted(ticks)
    if not len(ticks):
        return np.zeros(0, SERIES_BAR)
    time_ns = ticks["time_ns"]
    begin = time_ns - time_ns % size_ns
    starts = borders(begin)
    bars = bars_at(ticks, starts)
    bars["time_ns"] = begin[starts]
    return bars


def merge_bars(bars: Records, size_ns: int) -> Records:
    """Bars of `size_ns` out of smaller ones in order of time; rows of one beginning become one row."""
    return merge_at(bars, bars["time_ns"] - bars["time_ns"] % size_ns)


def merge_at(bars: Records, begin: Places) -> Records:
    """Bars out of smaller ones in order of time: those with one `begin` become one row, which begins there."""
    if not len(bars):
        return bars
    starts = borders(begin)
    ends = np.append(starts[1:], len(bars)) - 1
    merged = np.zeros(len(starts), SERIES_BAR)
    merged["time_ns"], merged["last_ns"] = begin[starts], bars["last_ns"][ends]
    merged["open"], merged["close"] = bars["open"][starts], bars["close"][ends]
    merged["high"] = np.maximum.reduceat(bars["high"], starts)
    merged["low"] = np.minimum.reduceat(bars["low"], starts)
    for name in _SUMS:
        merged[name] = np.add.reduceat(bars[name], starts)
    merged["sequence"] = bars["sequence"][ends]
    merged["first_trade"], merged["last_trade"] = bars["first_trade"][starts], bars["last_trade"][ends]
    return merged


def narrow(bars: Records) -> Records:
    """SERIES_BAR rows as BAR_RECORD rows, which say less."""
    rows = np.zeros(len(bars), BAR_RECORD)
    for name in BAR_RECORD.names or ():
        rows[name] = bars[name]
    return rows


def borders(values: Places) -> Places:
    """The rows, 0 among them, at which an array of at least one row goes on with another value."""
    return np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1])
