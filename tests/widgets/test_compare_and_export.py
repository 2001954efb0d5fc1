"""Lines beside the bars and bars in files: what is shown is what a plain loop finds, and nothing is a formula."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.chart.compare_lines import CompareLine, aligned, column_extremes, shares
from widgets.chart.export_csv import BarTable, Column, plain_figure, plain_time, safe_words, write_csv
from widgets.formatting import MINUS, format_price

TIMES = st.lists(st.integers(0, 200), unique=True, max_size=40).map(sorted)


@given(TIMES, TIMES)
def test_a_bar_shows_the_last_close_that_was_known(times: list[int], bars: list[int]) -> None:
    closes = np.array([float(time * 7 + 1) for time in times])
    found = aligned(CompareLine("X", np.array(times, np.int64), closes), np.array(bars, np.int64))
    for bar, value in zip(bars, found.tolist(), strict=True):
        before = [time for time in times if time <= bar]
        assert value == before[-1] * 7 + 1 if before else np.isnan(value)


@given(st.lists(st.one_of(st.just(np.nan), st.floats(1, 1e9)), max_size=20))
def test_shares_begin_at_one(values: list[float]) -> None:
    found = shares(np.array(values, np.float64))
    known = [value for value in values if np.isfinite(value)]
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(np.array(values, np.float64)))
    if known:
        np.testing.assert_allclose(found[np.isfinite(found)], np.array(known) / known[0])


@pytest.mark.parametrize("first", [0.0, -5.0])
def test_no_percent_of_a_price_that_is_not_above_zero(first: float) -> None:
    assert not np.isfinite(shares(np.array([np.nan, first, 7.0]))).any()


@given(st.lists(st.tuples(st.integers(0, 12), st.floats(-1e6, 1e6)), min_size=1, max_size=60))
def test_dense_lines_keep_the_extremes_of_each_column(points: list[tuple[int, float]]) -> None:
    columns = np.array(sorted(column for column, _ in points))
    values = np.array([value for _, value in points])
    shown, kept = column_extremes(columns, values)
    assert (np.diff(shown) >= 0).all()
    for column in set(columns.tolist()):
        of = kept[shown == column]
        assert (of.min(), of.max()) == (values[columns == column].min(), values[columns == column].max())


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_figures_are_those_that_are_shown_but_plain(value: int, decimals: int) -> None:
    shown = format_price(value, decimals).replace(",", "").replace(MINUS, "-")
    assert plain_figure(float(value), decimals) == shown
    assert float(plain_figure(float(value), decimals)) == pytest.approx(value / 10**decimals)
    assert plain_figure(np.nan, decimals) == ""


@given(st.integers(0, 4 * 10**18))
def test_times_read_back(time_ns: int) -> None:
    for zone in (UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")):
        text = plain_time(time_ns, zone)
        whole, _, rest = text.partition(".")
        fraction = int(rest[:9]) if rest else 0
        read = datetime.fromisoformat(whole + rest[9:] if rest else whole)
        assert int(read.timestamp()) * 10**9 + fraction == time_ns


@given(st.text(max_size=12))
def test_no_cell_is_a_formula(name: str) -> None:
    table = BarTable(np.array([0, 10**9]), [Column(name, np.array([-5.0, np.nan]), 2)])
    file = io.StringIO(newline="")
    assert write_csv(table, file) == 2
    file.seek(0)
    head, *rows = list(csv.reader(file))
    assert head[1] == safe_words(name) and not head[1].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows == [["1970-01-01T00:00:00Z", "-0.05"], ["1970-01-01T00:00:01Z", ""]]
