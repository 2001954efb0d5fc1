"""Bars of every unit against the obvious way, one trade after the other; pages of any sizes are one whole."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.history.bar_units import begins, longest_ns, size_sentence
from server.history.queries import Queries
from server.history.store import HistoryStore
from server.history.ticks import DAY_NS, MINUTE_NS
from server.protocol.control import GetBarSeries, GetTicks
from server.protocol.enums import BarUnit, MarketDataKind
from server.protocol.records import BOOK_RECORD, SERIES_BAR
from tests.history.pages import whole

HOUR_NS = 60 * MINUTE_NS
START_NS = 19_722 * DAY_NS + 22 * HOUR_NS
"""The last evening but two of a year, which ends on a Sunday."""
UNITS = [
    (BarUnit.TIME, 10**6), (BarUnit.TIME, 10**9), (BarUnit.TIME, 7 * 10**9), (BarUnit.TIME, 123_456_789),
    (BarUnit.TIME, MINUTE_NS), (BarUnit.TIME, 7 * MINUTE_NS), (BarUnit.TIME, 5 * HOUR_NS), (BarUnit.TIME, 2 * DAY_NS),
    (BarUnit.DAY, 1), (BarUnit.DAY, 3), (BarUnit.WEEK, 1), (BarUnit.WEEK, 2), (BarUnit.MONTH, 1), (BarUnit.MONTH, 3),
    (BarUnit.TRADES, 1), (BarUnit.TRADES, 7), (BarUnit.VOLUME, 1), (BarUnit.VOLUME, 40), (BarUnit.VOLUME, 1000),
    (BarUnit.RANGE, 1), (BarUnit.RANGE, 5), (BarUnit.RANGE, 1 << 40),
]  # fmt: skip
Trade = tuple[int, int, int, int, int, int]
"""time_ns, price, quantity, side of the aggressor, is of an auction, number."""
trade_lists = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 10**8, 3 * 10**9, MINUTE_NS, 4 * HOUR_NS, 3 * DAY_NS, 40 * DAY_NS]),
        st.integers(-9, 9),
        st.sampled_from([1, 2, 39, 40, 41, 900]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([False, False, False, False, True]),
    ),
    min_size=1,
    max_size=120,
)


def records_of(steps: list[tuple[int, int, int, bool, bool, bool]]) -> tuple[NDArray[np.void], list[Trade]]:
    """Market data of an instrument, some trades of which are taken back at the end; and the trades that count."""
    rows = np.zeros(len(steps), BOOK_RECORD)
    counted: list[Trade] = []
    busts = []
    time_ns = START_NS
    for place, (step_ns, price, quantity, is_buy, is_auction, is_busted) in enumerate(steps):
        time_ns += step_ns
        rows[place] = (
            MarketDataKind.EXECUTE, int(is_buy), 3 if is_auction else 1, 0, 1, place + 1, time_ns, 0, price, quantity,
            0, 0, place + 1,
        )  # fmt: skip
        if is_busted:
            busts.append(place)
        else:
            counted.append((time_ns, price, quantity, 0 if is_buy else 1, int(is_auction), place + 1))
    taken_back = rows[busts].copy()
    taken_back["kind"], taken_back["flags"], taken_back["sequence"] = MarketDataKind.TRADE_BUST, 0, len(steps) + 1
    taken_back["time_ns"] = time_ns
    return np.concatenate([rows, taken_back]), counted


def slow_begin(unit: BarUnit, size: int, time_ns: int) -> int:
    """Where the bar of a unit of time begins, by Python's calendar."""
    if unit == BarUnit.TIME:
        return time_ns // size * size
    day = dt.date(1970, 1, 1) + dt.timedelta(days=time_ns // DAY_NS)
    if unit == BarUnit.DAY:
        first = dt.date(1970, 1, 1) + dt.timedelta(days=(time_ns // DAY_NS) // size * size)
    elif unit == BarUnit.WEEK:
        monday = day - dt.timedelta(days=day.weekday())
        weeks = (monday - dt.date(1970, 1, 5)).days // 7
        first = monday - dt.timedelta(days=7 * (weeks % size))
    else:
        months = (day.year - 1970) * 12 + day.month - 1
        months -= months % size
        first = dt.date(1970 + months // 12, months % 12 + 1, 1)
    return (first - dt.date(1970, 1, 1)).days * DAY_NS


def slow_groups(trades: list[Trade], unit: BarUnit, size: int) -> Iterator[tuple[int, list[Trade]]]:
    """Beginning and trades of each bar."""
    held: list[Trade] = []
    begin = 0
    for trade in trades:
        time_ns, price = trade[0], trade[1]
        if unit in (BarUnit.TIME, BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH):
            is_over = bool(held) and slow_begin(unit, size, time_ns) != begin
        else:
            prices = [one[1] for one in held] + [price]
            is_over = bool(held) and (
                time_ns // DAY_NS != held[0][0] // DAY_NS
                or (unit == BarUnit.TRADES and len(held) == size)
                or (unit == BarUnit.VOLUME and sum(one[2] for one in held) >= size)
                or (unit == BarUnit.RANGE and max(prices) - min(prices) > size)
            )
        if is_over:
            yield begin, held
            held = []
        if not held:
            in_time = unit in (BarUnit.TIME, BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH)
            begin = slow_begin(unit, size, time_ns) if in_time else time_ns
        held.append(trade)
    if held:
        yield begin, held


def slow_series(trades: list[Trade], unit: BarUnit, size: int) -> NDArray[np.void]:
    """All bars, by sums over lists."""
    rows = []
    for begin, held in slow_groups(trades, unit, size):
        prices = [trade[1] for trade in held]
        bought = sum(trade[2] for trade in held if trade[3] == 0 and not trade[4])
        in_auctions = sum(trade[2] for trade in held if trade[4])
        turnover = sum(trade[1] * trade[2] for trade in held)
        volume = sum(trade[2] for trade in held)
        rows.append(
            (begin, held[-1][0], prices[0], max(prices), min(prices), prices[-1], volume, bought, in_auctions,
             turnover, len(held), held[-1][5], held[0][5], held[-1][5], (0, 0, 0))
        )  # fmt: skip
    return np.array(rows, SERIES_BAR)


def stored(directory: Path, records: NDArray[np.void], at_once: int) -> Queries:
    """A store of the records, added `at_once` at a time."""
    store = HistoryStore(directory)
    for start in range(0, len(records), at_once):
        store.add(records[start : start + at_once])
    return Queries(store)


def by_pages(queries: Queries, unit: BarUnit, size: int, count: int, *, by_time: bool) -> NDArray[np.void]:
    """All bars, page by page from the newest back."""
    pages: list[NDArray[np.void]] = []
    before_ns = before_trade = 0
    more = True
    while more:
        asked = GetBarSeries(
            instrument=1, unit=unit, size=size, before_ns=before_ns, before_trade=before_trade, count=count
        )
        page, more = whole(queries.bars(asked))
        assert len(page) or not more
        pages.insert(0, page)
        if by_time and len(page):
            before_ns = int(page["time_ns"][0])
        elif len(page):
            before_trade = int(page["first_trade"][0])
    return np.concatenate(pages)


@pytest.mark.parametrize(("unit", "size"), UNITS)
@given(steps=trade_lists, count=st.integers(1, 9), at_once=st.sampled_from([1, 5, 1000]))
def test_bars_are_those_of_the_obvious_way_however_they_are_paged(
    unit: BarUnit, size: int, steps: list[tuple[int, int, int, bool, bool, bool]], count: int, at_once: int
) -> None:
    records, trades = records_of(steps)
    expected = slow_series(trades, unit, size)
    with tempfile.TemporaryDirectory() as folder:
        queries = stored(Path(folder), records, at_once)
        page, more = whole(queries.bars(GetBarSeries(instrument=1, unit=unit, size=size, count=10_000)))
        assert (page == expected).all()
        assert len(page) == len(expected)
        assert not more
        assert (by_pages(queries, unit, size, count, by_time=False) == expected).all()
        if unit in (BarUnit.TIME, BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH):
            assert (by_pages(queries, unit, size, count, by_time=True) == expected).all()


@pytest.mark.parametrize(("unit", "size"), [(BarUnit.TIME, 7 * 10**9), (BarUnit.WEEK, 1), (BarUnit.RANGE, 5)])
@given(steps=trade_lists, before=st.integers(1, 130), before_time=st.integers(0, 120))
def test_any_cursor_gives_what_begins_before_it(
    unit: BarUnit, size: int, steps: list[tuple[int, int, int, bool, bool, bool]], before: int, before_time: int
) -> None:
    records, trades = records_of(steps)
    before_ns = int(records["time_ns"][min(before_time, len(records) - 1)])
    expected = slow_series(trades, unit, size)
    expected = expected[(expected["time_ns"] < before_ns) & (expected["first_trade"] < before)]
    with tempfile.TemporaryDirectory() as folder:
        asked = GetBarSeries(instrument=1, unit=unit, size=size, before_ns=before_ns, before_trade=before, count=9999)
        page, more = whole(stored(Path(folder), records, 1000).bars(asked))
    assert page.tobytes() == expected.tobytes()
    assert not more


@given(steps=trade_lists, count=st.integers(1, 50))
def test_trades_are_paged_by_number_exactly(steps: list[tuple[int, int, int, bool, bool, bool]], count: int) -> None:
    records, _ = records_of(steps)
    found: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        queries = stored(Path(folder), records, 1000)
        before, more = 0, True
        while more:
            page, more = whole(queries.ticks(GetTicks(instrument=1, before_trade=before, count=count)))
            assert len(page) <= count or before == 0
            found = page["trade_number"].tolist() + found
            before = int(page["trade_number"][0])
    assert found == list(range(1, len(steps) + 1))


@given(st.integers(0, 1 << 61), st.sampled_from([1, 2, 5, 53]))
def test_no_bar_is_longer_than_is_said(time_ns: int, size: int) -> None:
    for unit in (BarUnit.DAY, BarUnit.WEEK, BarUnit.MONTH):
        begin = int(begins(unit, size, np.array([time_ns]))[0])
        assert 0 <= time_ns - begin < longest_ns(unit, size) or begin < 0


@pytest.mark.parametrize(
    ("unit", "size"),
    [(0, 1), (99, 1), (-1, 1), (BarUnit.TIME, 0), (BarUnit.TIME, 10**6 - 1), (BarUnit.DAY, 367), (BarUnit.MONTH, 0),
     (BarUnit.TRADES, -1), (BarUnit.VOLUME, (1 << 62) + 1), (BarUnit.RANGE, 0)],
)  # fmt: skip
def test_what_is_no_size_has_a_sentence(unit: int, size: int) -> None:
    assert size_sentence(unit, size)
