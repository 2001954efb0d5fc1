"""Bars from live trades and from pages of history that overlap them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.state.bars import DAY_NS, MINUTE_NS, BarSeries, BarSize
from server.history.bar_units import begins, cut
from server.history.ticks import bars_at
from server.protocol.enums import BarUnit
from server.protocol.records import BOOK_RECORD, TICK_RECORD
from tests.app.made import NOON, SECOND, bars, trades

MINUTES = BarSize.of_time(MINUTE_NS)


def test_live_trades_form_bars() -> None:
    series = BarSeries(1, MINUTES)
    change = series.add_trades(trades((NOON, 100, 1), (NOON + SECOND, 103, 2), (NOON + MINUTE_NS, 99, 3)))
    assert (change.appended, change.tail) == (2, 2)
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
    assert (change.appended, change.tail) == (0, 1)
    assert int(series.rows["low"][-1]) == 90


def test_history_goes_before_and_the_fuller_bar_wins() -> None:
    series = BarSeries(1, MINUTES)
    series.add_trades(trades((NOON, 100, 1)))
    change = series.add_history(bars((NOON - 2 * MINUTE_NS, 95, 4), (NOON, 101, 9)), more=True)
    assert change.reloaded
    assert series.rows["time_ns"].tolist() == [NOON - 2 * MINUTE_NS, NOON]
    assert series.rows["trades"].tolist() == [4, 9]
    assert not series.exhausted
    change = series.add_history(bars((NOON - 2 * MINUTE_NS, 95, 4)), more=False)
    assert series.rows["trades"].tolist() == [4, 9]
    assert series.exhausted


def test_any_split_of_the_trades_gives_the_same_bars() -> None:
    random = np.random.default_rng(5)
    rows = np.zeros(500, BOOK_RECORD)
    rows["time_ns"] = NOON + np.sort(random.integers(0, 90 * 60, 500)) * SECOND
    rows["price"], rows["quantity"] = random.integers(90, 110, 500), random.integers(1, 9, 500)
    whole, split = BarSeries(1, MINUTES), BarSeries(1, MINUTES)
    whole.add_trades(rows)
    place = 0
    while place < len(rows):
        step = int(random.integers(1, 40))
        split.add_trades(rows[place : place + step])
        place += step
    assert np.array_equal(whole.rows, split.rows)


def test_pages_may_be_prepended_without_end() -> None:
    series = BarSeries(1, MINUTES)
    series.add_trades(trades((NOON, 100, 1)))
    for page in range(1, 40):
        last = NOON - (page - 1) * 50 * MINUTE_NS
        times = [last - back * MINUTE_NS for back in range(50, 0, -1)]
        change = series.add_history(bars(*((time_ns, 7, 1) for time_ns in times)), more=True)
        assert change.prepended == (50 if page > 1 else 0)
    times_ns = series.rows["time_ns"]
    assert len(series) == 39 * 50 + 1
    assert (np.diff(times_ns) == MINUTE_NS).all()


def ticks(rng: np.random.Generator, count: int) -> np.ndarray:
    """Numbered trades over two days, several at one time."""
    rows = np.zeros(count, TICK_RECORD)
    rows["time_ns"] = NOON + np.sort(rng.integers(0, 2 * 86_400, count)) * SECOND
    rows["price"] = 100 + np.cumsum(rng.integers(-4, 5, count))
    rows["quantity"], rows["side"] = rng.integers(1, 30, count), rng.integers(0, 2, count)
    rows["trade_number"] = 1 + np.arange(count)
    return rows


def server_bars(rows: np.ndarray, size: BarSize) -> np.ndarray:
    """The same trades as the history server makes bars of them."""
    parts = []
    days = rows["time_ns"] // DAY_NS
    if size.in_time:
        of = begins(size.unit, size.size, rows["time_ns"])
        starts = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
        made = bars_at(rows, starts)
        made["time_ns"] = of[starts]
        return made
    for day in np.unique(days):
        mine = rows[days == day]
        slices = cut(mine, size.unit, size.size)
        while True:
            try:
                next(slices)
            except StopIteration as end:
                parts.append(bars_at(mine, end.value))
                break
    return np.concatenate(parts)


SIZES = [
    BarSize(BarUnit.TIME, 5 * MINUTE_NS), BarSize(BarUnit.DAY, 1), BarSize(BarUnit.WEEK, 1), BarSize(BarUnit.MONTH, 1),
    BarSize(BarUnit.TRADES, 7), BarSize(BarUnit.VOLUME, 100), BarSize(BarUnit.RANGE, 9),
]  # fmt: skip
NAMES = ("time_ns", "open", "high", "low", "close", "volume", "buy_volume", "turnover", "trades", "first_trade")


def check_equal(series: BarSeries, wanted: np.ndarray) -> None:
    """Every bar as the server would have it."""
    for name in NAMES:
        assert series.rows[name].tolist() == wanted[name].tolist(), name


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.unit.name)
@settings(max_examples=25, deadline=None)
@given(st.integers(2, 400), st.floats(0, 1), st.floats(0, 1), st.integers(1, 60), st.integers(0, 10**6))
def test_history_and_live_trades_in_any_order_make_the_bars_of_the_server(
    size: BarSize, count: int, seen: float, told: float, page: int, seed: int
) -> None:
    """Live trades begin somewhere, the newest page was made somewhere behind that, older pages come after it."""
    rows = ticks(np.random.default_rng(seed), count)
    from_live, in_page = sorted((int(seen * (count - 1)), 1 + int(told * (count - 1))))
    in_page = max(in_page, from_live, 1)
    series = BarSeries(1, size)
    for begin in range(from_live, count, 5):
        if begin >= in_page and not series.loaded:
            newest = server_bars(rows[:in_page], size)
            series.add_history(newest[-page:], more=len(newest) > page)
        series.add_trades(rows[begin : begin + 5])
    if not series.loaded:
        newest = server_bars(rows[:in_page], size)
        series.add_history(newest[-page:], more=len(newest) > page)
    history = server_bars(rows[:in_page], size)
    while not series.exhausted:
        older = history[history["first_trade"] < series.rows["first_trade"][0]]
        series.add_history(older[-page:], more=len(older) > page)
    check_equal(series, server_bars(rows, size))


def test_pages_out_of_order_and_twice_are_no_harm() -> None:
    rows = ticks(np.random.default_rng(4), 300)
    whole = server_bars(rows, MINUTES)
    series = BarSeries(1, MINUTES)
    for first, last in ((200, 300), (100, 150), (100, 150), (0, 100), (150, 200), (250, 300), (0, 10)):
        series.add_history(whole[first:last], more=first > 0)
    assert (np.diff(series.rows["time_ns"]) > 0).all()
    check_equal(series, whole)


def test_after_a_long_gap_what_lies_before_it_is_asked_for_again() -> None:
    series = BarSeries(1, MINUTES)
    series.add_history(bars((NOON, 7, 1)), more=True)
    series.add_history(bars((NOON + 500 * MINUTE_NS, 8, 1)), more=True)
    assert series.rows["close"].tolist() == [8] and not series.exhausted


def test_a_clock_that_steps_back_forms_no_bar_of_the_past() -> None:
    series = BarSeries(1, MINUTES)
    series.add_trades(trades((NOON, 100, 1), (NOON + MINUTE_NS, 101, 1)))
    series.add_trades(trades((NOON - 90 * MINUTE_NS, 5, 1), (NOON + 1, 103, 1), first=3))
    assert series.rows["close"].tolist() == [103, 101]
    assert series.rows["high"].tolist() == [103, 101]


def test_a_page_that_does_not_come_is_told() -> None:
    series = BarSeries(1, MINUTES)
    assert series.fail_history("the disk of history has an error").failed and series.problem
    series.add_history(bars((NOON, 7, 1)), more=False)
    assert not series.problem
