"""Arithmetic of ticks and bars against the slow and obvious way."""

import numpy as np
import pytest

from server.history.ticks import MINUTE_NS, bars_of, merge_bars, narrow, prints_of, ticks_of
from server.protocol.records import SERIES_BAR, TICK_RECORD
from tests.history.trades import INSTRUMENTS, is_print, market_data, slow_bars

SIZES_NS = [10**9, 5 * 10**9, MINUTE_NS, 7 * MINUTE_NS, 60 * MINUTE_NS, 1440 * MINUTE_NS, 123_456_789]


def test_prints_are_executions_that_say_so() -> None:
    records = market_data(1, 500)
    assert (prints_of(records) == records[is_print(records)]).all()
    assert 100 < len(prints_of(records)) < 400


def test_a_tick_names_the_aggressor() -> None:
    prints = prints_of(market_data(2, 50))
    ticks = ticks_of(prints)
    assert (ticks["side"] + prints["side"] == 1).all()
    for name in ("time_ns", "price", "quantity", "trade_number", "flags", "sequence"):
        assert (ticks[name] == prints[name]).all()


@pytest.mark.parametrize("size_ns", SIZES_NS)
def test_bars_are_those_of_the_obvious_way(size_ns: int) -> None:
    records = market_data(3, 4000)
    for instrument in INSTRUMENTS:
        ticks = ticks_of(prints_of(records[records["instrument"] == instrument]))
        assert (narrow(bars_of(ticks, size_ns)) == slow_bars(records, instrument, size_ns)).all()


@pytest.mark.parametrize("factor", [1, 2, 7, 60, 1440, 10_000])
def test_bars_of_bars_are_bars_of_ticks(factor: int) -> None:
    ticks = ticks_of(prints_of(market_data(4, 4000)))
    minutes = bars_of(ticks, MINUTE_NS)
    assert (merge_bars(minutes, factor * MINUTE_NS) == bars_of(ticks, factor * MINUTE_NS)).all()


def test_nothing_gives_nothing() -> None:
    assert len(bars_of(np.zeros(0, TICK_RECORD), MINUTE_NS)) == 0
    assert len(merge_bars(np.zeros(0, SERIES_BAR), MINUTE_NS)) == 0
