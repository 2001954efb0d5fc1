"""Bars from live trades and from pages of history that overlap them."""

import numpy as np

from app.state.bars import MINUTE_NS, BarSeries
from server.protocol.records import BOOK_RECORD
from tests.app.made import NOON, SECOND, bars, trades


def test_live_trades_form_bars() -> None:
    series = BarSeries(1, MINUTE_NS)
    change = series.add_trades(trades((NOON, 100, 1), (NOON + SECOND, 103, 2), (NOON + MINUTE_NS, 99, 3)))
    assert (change.appended, change.changed) == (2, False)
    first, second = series.rows
    assert [int(first[name]) for name in ("open", "high", "low", "close", "volume", "trades")] == [
        100,
        103,
        100,
        103,
        3,
        2,
    ]
    assert [int(second[name]) for name in ("time_ns", "close", "volume")] == [NOON + MINUTE_NS, 99, 3]
    change = series.add_trades(trades((NOON + MINUTE_NS + 1, 90, 1)))
    assert (change.appended, change.changed) == (0, True)
    assert int(series.rows["low"][-1]) == 90


def test_history_goes_before_and_the_fuller_bar_wins() -> None:
    series = BarSeries(1, MINUTE_NS)
    series.add_trades(trades((NOON, 100, 1)))
    change = series.add_history(bars((NOON - 2 * MINUTE_NS, 95, 4), (NOON, 101, 9)), more=True)
    assert (change.prepended, change.changed) == (1, True)
    assert series.rows["time_ns"].tolist() == [NOON - 2 * MINUTE_NS, NOON]
    assert series.rows["trades"].tolist() == [4, 9]
    assert not series.exhausted
    change = series.add_history(bars((NOON - 2 * MINUTE_NS, 95, 4)), more=False)
    assert (change.prepended, change.changed) == (0, False)
    assert series.exhausted


def test_any_split_of_the_trades_gives_the_same_bars() -> None:
    random = np.random.default_rng(5)
    rows = np.zeros(500, BOOK_RECORD)
    rows["time_ns"] = NOON + np.sort(random.integers(0, 90 * 60, 500)) * SECOND
    rows["price"], rows["quantity"] = random.integers(90, 110, 500), random.integers(1, 9, 500)
    whole, split = BarSeries(1, MINUTE_NS), BarSeries(1, MINUTE_NS)
    whole.add_trades(rows)
    place = 0
    while place < len(rows):
        step = int(random.integers(1, 40))
        split.add_trades(rows[place : place + step])
        place += step
    assert np.array_equal(whole.rows, split.rows)


def test_pages_may_be_prepended_without_end() -> None:
    series = BarSeries(1, MINUTE_NS)
    series.add_trades(trades((NOON, 100, 1)))
    for page in range(1, 40):
        last = NOON - (page - 1) * 50 * MINUTE_NS
        times = [last - back * MINUTE_NS for back in range(50, 0, -1)]
        assert series.add_history(bars(*((time_ns, 7, 1) for time_ns in times)), more=True).prepended == 50
    times_ns = series.rows["time_ns"]
    assert len(series) == 39 * 50 + 1
    assert (np.diff(times_ns) == MINUTE_NS).all()
