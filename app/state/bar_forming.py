"""Bars from trades: what one trade after the other makes of bars of any unit, as the history server makes them.

Rules: a bar of trades, volume or range begins anew each day (UTC) and splits no trade; the trade that fills a bar of
volume is its last, the one that would pass the range begins the next.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.state.bar_size import DAY_NS, BarSize
from server.protocol.enums import BarUnit, MarketDataFlag, Side

BAR: Final = np.dtype([
    ("time_ns", "<i8"), ("open", "<i8"), ("high", "<i8"), ("low", "<i8"), ("close", "<i8"),
    ("volume", "<i8"), ("buy_volume", "<i8"), ("turnover", "<i8"),
    ("trades", "<u4"), ("first_trade", "<u4"), ("last_trade", "<u4"), ("spare", "<u4"),
])  # fmt: skip
"""A bar as the workstation keeps it; `first_trade` and `last_trade` are 0 where they are not known."""

SUMS: Final = ("volume", "buy_volume", "turnover", "trades")


def folded(trades: NDArray[np.void], starts: NDArray[np.int64], time_ns: NDArray[np.int64]) -> NDArray[np.void]:
    """One bar for each run of trades that begins at `starts`, with its time."""
    bars = np.zeros(len(starts), BAR)
    ends = np.append(starts[1:], len(trades)) - 1
    prices, quantities = trades["price"], trades["quantity"]
    bars["time_ns"] = time_ns
    bars["open"], bars["close"] = prices[starts], prices[ends]
    bars["high"], bars["low"] = np.maximum.reduceat(prices, starts), np.minimum.reduceat(prices, starts)
    bars["volume"] = np.add.reduceat(quantities, starts)
    bought = (trades["side"] == Side.BUY) & (trades["flags"] & np.uint8(MarketDataFlag.AUCTION) == 0)
    bars["buy_volume"] = np.add.reduceat(np.where(bought, quantities, 0), starts)
    bars["turnover"] = np.add.reduceat(prices * quantities, starts)
    bars["trades"] = ends - starts + 1
    bars["first_trade"], bars["last_trade"] = trades["trade_number"][starts], trades["trade_number"][ends]
    return bars


def in_time(trades: NDArray[np.void], size: BarSize) -> NDArray[np.void]:
    """Bars of a unit of time."""
    begins = size.begins(trades["time_ns"])
    starts = np.flatnonzero(np.concatenate([[True], begins[1:] != begins[:-1]]))
    return folded(trades, starts, begins[starts])


def room(trades: NDArray[np.void], size: BarSize, bar: np.void) -> int:
    """How many of the trades still go into a bar of trades, volume or range; the first may not be of its day."""
    same_day = trades["time_ns"] // DAY_NS == bar["time_ns"] // DAY_NS
    fitting = len(trades) if same_day.all() else int(np.argmin(same_day))
    trades = trades[:fitting]
    if not fitting:
        return 0
    if size.unit == BarUnit.TRADES:
        return min(fitting, max(size.size - int(bar["trades"]), 0))
    if size.unit == BarUnit.VOLUME:
        if bar["volume"] >= size.size:
            return 0
        filled = int(bar["volume"]) + np.cumsum(trades["quantity"]) >= size.size
        return int(np.argmax(filled)) + 1 if filled.any() else fitting
    high = np.maximum.accumulate(np.maximum(trades["price"], bar["high"]))
    low = np.minimum.accumulate(np.minimum(trades["price"], bar["low"]))
    passed = high - low > size.size
    return int(np.argmax(passed)) if passed.any() else fitting


def merge(bar: np.void, more: np.void) -> None:
    """Put trades that came after those of a bar into it."""
    bar["high"], bar["low"] = max(bar["high"], more["high"]), min(bar["low"], more["low"])
    bar["close"] = more["close"]
    for name in SUMS:
        bar[name] += more[name]
    bar["last_trade"] = max(bar["last_trade"], more["last_trade"])
