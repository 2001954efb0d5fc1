"""Trades as the tape takes them: conditions, and which of them the user took part in."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.state.fills import FillTable
from server.protocol.enums import MarketDataFlag
from widgets.tape import AUCTION, BUSTED, HIDDEN, OWN, PRINT, SELF_TRADE

_CONDITIONS: Final = (
    (MarketDataFlag.AUCTION, AUCTION),
    (MarketDataFlag.HIDDEN, HIDDEN),
    (MarketDataFlag.SELF_TRADE, SELF_TRADE),
    (MarketDataFlag.BUSTED, BUSTED),
)


def prints_of(ticks: NDArray[np.void], fills: FillTable, instrument: int) -> NDArray[np.void]:
    """PRINT rows of TICK_RECORD rows; what one command traded is one group."""
    prints = np.zeros(len(ticks), PRINT)
    for name in ("time_ns", "price", "quantity", "side"):
        prints[name] = ticks[name]
    prints["number"], prints["group"] = ticks["trade_number"], ticks["sequence"]
    flags = np.zeros(len(ticks), np.uint8)
    for theirs, ours in _CONDITIONS:
        flags[(ticks["flags"] & theirs) != 0] |= ours
    flags[np.isin(ticks["trade_number"], own_numbers(ticks, fills, instrument))] |= OWN
    prints["flags"] = flags
    return prints


def own_numbers(ticks: NDArray[np.void], fills: FillTable, instrument: int) -> list[int]:
    """Numbers of the trades that the user took part in: those of the time, price and quantity of a fill."""
    mine = fills.rows[fills.of(instrument)]
    if not len(mine) or not len(ticks):
        return []
    keys = set(zip(*(mine[name].tolist() for name in ("time_ns", "price", "quantity")), strict=True))
    near = ticks[np.isin(ticks["time_ns"], mine["time_ns"])]
    columns = zip(*(near[name].tolist() for name in ("time_ns", "price", "quantity", "trade_number")), strict=True)
    return [number for *key, number in columns if tuple(key) in keys]
