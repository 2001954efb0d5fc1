"""Trades for the studies of volume: made ones, and those of the Shanghai day where its file is."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.state.bars import MINUTE_NS, BarSeries, BarSize
from app.studies.tape import NOBODY, PRINT, Tape
from server.protocol.enums import MarketDataFlag
from server.protocol.records import TICK_RECORD
from server.tools import replay
from server.tools.replay_messages import DayUnreadable, read_day

NAME = "sse-600519-20230207.zip"
BESIDE = Path(__file__).parents[3] / ".." / "shared" / "data"
MIDNIGHT_NS = 1_675_699_200 * 1_000_000_000


def real_day() -> Path | None:
    """Where TRADEPIT_DATA says, or beside the project."""
    try:
        path = replay.find_file(NAME, os.environ.get("TRADEPIT_DATA", str(BESIDE)))
    except DayUnreadable:
        return None
    return path if path.is_file() else None


needs_the_day = pytest.mark.skipif(
    real_day() is None, reason=f"{NAME} is neither under TRADEPIT_DATA nor in ../shared/data"
)


@cache
def shanghai_trades() -> NDArray[np.void]:
    """The day's trades as PRINT rows, numbered, in the order of the exchange."""
    path = real_day()
    assert path is not None
    told = read_day(path).trades
    rows = np.zeros(len(told), PRINT)
    rows["time_ns"] = np.maximum.accumulate(told["time_ns"]) + MIDNIGHT_NS
    for name in ("price", "quantity", "aggressor"):
        rows[name] = told[name]
    rows["trade_number"] = np.arange(1, len(told) + 1)
    return rows


def made_trades(count: int, seed: int = 1, *, price: int = 4_800) -> NDArray[np.void]:
    """PRINT rows a few seconds apart, over a few days."""
    draw = np.random.default_rng(seed)
    rows = np.zeros(count, PRINT)
    rows["time_ns"] = MIDNIGHT_NS + np.cumsum(draw.integers(0, 60_000_000_000, count))
    rows["price"] = price + np.cumsum(draw.integers(-2, 3, count))
    rows["quantity"] = draw.integers(1, 500, count)
    rows["aggressor"] = draw.choice([0, 1, NOBODY], count, p=[0.48, 0.48, 0.04])
    rows["trade_number"] = np.arange(1, count + 1)
    return rows


def bars_of(trades: NDArray[np.void], size: int | BarSize = MINUTE_NS) -> NDArray[np.void]:
    """The bars that the state makes of trades, of a size or of a length of time in ns."""
    series = BarSeries(1, size if isinstance(size, BarSize) else BarSize.of_time(size))
    series.add_trades(ticks_of(trades))
    return series.rows


def tape_of(trades: NDArray[np.void]) -> Tape:
    """A tape that holds all of them."""
    tape = Tape()
    tape.append(trades)
    tape.complete = True
    return tape


def ticks_of(trades: NDArray[np.void]) -> NDArray[np.void]:
    """As history sends them."""
    rows = np.zeros(len(trades), TICK_RECORD)
    for name in ("time_ns", "price", "quantity", "trade_number"):
        rows[name] = trades[name]
    auction = trades["aggressor"] == NOBODY
    rows["side"] = np.where(auction, 0, trades["aggressor"])
    rows["flags"] = np.where(auction, MarketDataFlag.AUCTION, 0)
    return rows
