"""Each way to show bars: Heikin-Ashi and Renko against plain loops, live as whole, extremes in real pixels."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from widgets.chart import ChartView
from widgets.chart.break_layer import session_breaks
from widgets.chart.chart_type import ChartType
from widgets.chart.derived_bars import bricks, heikin_ashi, renko
from widgets.chart.shown_bars import ShownBars
from widgets.chart.time_label import stamp_label, tick_label
from widgets.chart.time_span import TimeSpan
from widgets.chart.time_ticks import DAY_NS, time_ticks
from widgets.chart.value_scale import ScaleKind
from widgets.chart.zone_offsets import offset_ns, offsets_ns
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]
MINUTE = 60 * 10**9
SEED = 97
prices = st.lists(st.integers(-300, 300), min_size=1, max_size=120)


def columns_of(closes: list[int]) -> np.ndarray:
    """Open, high, low, close, volume of closes."""
    close = np.array(closes, np.float64)
    opened = np.concatenate((close[:1] + 1, close[:-1]))
    return np.array([opened, np.maximum(opened, close) + 2, np.minimum(opened, close) - 1, close, np.abs(close) + 1])


@settings(max_examples=100, deadline=None)
@given(prices)
def test_heikin_ashi_as_a_loop_has_it(closes: list[int]) -> None:
    columns = columns_of(closes)
    derived = heikin_ashi(columns)
    opened = (columns[0, 0] + columns[3, 0]) / 2
    for i in range(columns.shape[1]):
        close = columns[:4, i].mean()
        assert derived[0, i] == pytest.approx(opened, rel=1e-12, abs=1e-9) and derived[3, i] == close
        assert derived[1, i] == pytest.approx(max(columns[1, i], opened, close), rel=1e-12, abs=1e-9)
        opened = (opened + close) / 2


@settings(max_examples=150, deadline=None)
@given(prices, st.sampled_from([1, 3, 10, 50]))
def test_renko_as_a_loop_has_it(closes: list[int], size: int) -> None:
    brick = int(np.floor(closes[0] / size))
    wanted = [(0, brick)]
    for place, close in enumerate(closes):
        while close >= (brick + 2) * size:
            brick += 1
            wanted.append((place, brick))
        while close <= (brick - 1) * size:
            brick -= 1
            wanted.append((place, brick))
    made, numbers = bricks(np.array(closes, np.float64), size)
    assert list(zip(made.tolist(), numbers.tolist(), strict=True)) == wanted
    columns = columns_of(closes)
    assert renko(columns, size)[1][4].sum() == pytest.approx(columns[4].sum())


@pytest.mark.parametrize("kind", [ChartType.HEIKIN_ASHI, ChartType.RENKO])
@settings(max_examples=60, deadline=None)
@given(prices, st.lists(st.tuples(st.booleans(), st.integers(-300, 300)), max_size=40), st.integers(0, 120))
def test_bars_that_came_live_and_by_page_are_as_if_whole(
    kind: ChartType, closes: list[int], live: list[tuple[bool, int]], cut: int
) -> None:
    columns = columns_of(closes)
    count = len(closes)
    cut = min(cut, count - 1)
    time_ns = np.arange(count) * MINUTE
    bars = ShownBars()
    bars.set_type(kind, 7.0)
    bars.set(time_ns[cut:], list(columns[:, cut:]))
    now = int(time_ns[-1])
    for is_new, close in live:
        now += MINUTE * is_new
        bars.put(now, [float(close), close + 1.0, close - 1.0, float(close), 5.0])
    if cut:
        bars.prepend(time_ns[:cut], list(columns[:, :cut]))
    whole = ShownBars()
    whole.set_type(kind, 7.0)
    whole.set(bars.source.time_ns, list(bars.source.columns(0, bars.source.count)))
    assert bars.store.time_ns.tolist() == whole.store.time_ns.tolist()
    np.testing.assert_allclose(
        bars.store.columns(0, bars.store.count), whole.store.columns(0, whole.store.count), rtol=1e-12, atol=1e-9
    )


@pytest.fixture
def chart(theme: Theme, shown: Shown) -> ChartView:
    """A chart of 3,000 bars of a seeded walk with a night in the middle, 640 x 400."""
    view = ChartView(theme)
    shown(view, 640, 400)
    rng = np.random.default_rng(SEED)
    close = 5000 + np.cumsum(rng.integers(-5, 6, 3000))
    opened = np.concatenate((close[:1], close[:-1]))
    time_ns = np.arange(3000) * MINUTE
    time_ns[1500:] += 900 * MINUTE
    view.set_bars(time_ns, opened, np.maximum(opened, close) + 3, np.minimum(opened, close) - 3, close, close)
    view.set_history_complete(True)
    return view


@pytest.mark.parametrize("kind", list(ChartType))
@pytest.mark.parametrize("size", [(640, 400), (140, 90), (1, 1), (1900, 300)])
def test_each_type_paints_at_any_size_and_zoom(
    chart: ChartView, each_theme: Theme, kind: ChartType, size: tuple[int, int]
) -> None:
    chart.set_theme(each_theme)
    chart.set_chart_type(kind)
    chart.resize(*size)
    for scale in ScaleKind:
        chart.set_scale(scale)
        for by_time in (False, True):
            chart.set_by_time(by_time)
            for count in (8, 400, 3000):
                chart.set_visible_bars(count)
                assert not chart.grab().isNull()


def test_a_type_is_taken_and_left_without_a_jump(chart: ChartView) -> None:
    chart.pan(-1000)
    right = chart.span.time_of(chart.span.x_last)
    for kind in (*ChartType, ChartType.CANDLES):
        chart.set_chart_type(kind)
        assert abs(chart.span.time_of(chart.span.x_last) - right) <= 60 * MINUTE
    assert chart.bars is chart.source_bars


def painted_rows(image: QImage, color: QColor, x: int, bottom: int) -> list[int]:
    """Rows of a column that have exactly a colour."""
    return [y for y in range(bottom) if image.pixelColor(x, y) == color]


@pytest.mark.parametrize("by_time", [False, True])
@pytest.mark.parametrize("shown_bars", [2990, 1800, 700])
def test_real_pixels_reach_from_the_true_low_to_the_true_high(
    chart: ChartView, theme: Theme, by_time: bool, shown_bars: int
) -> None:
    chart.set_by_time(by_time)
    chart.set_visible_bars(shown_bars)
    frame, span = chart._frame, chart.span
    image = chart.grab().toImage()
    x = span.x_px(span.places(0, chart.bars.count))
    columns = chart.bars.columns(0, chart.bars.count)
    checked = 0
    for column in range(0, span.width, 3):
        of = columns[:, x == column]
        if not of.shape[1]:
            continue
        token = "up" if of[3, -1] >= of[0, 0] else "down"
        rows = painted_rows(image, theme.color(token), column, frame.price_px)
        high, low = frame.y_px_of(of[1].max()), frame.y_px_of(of[2].min())
        if high > 42:  # the legend lies over the first rows
            assert (rows[0], rows[-1]) == (high, low)
            checked += 1
    assert checked > 30


def test_a_log_scale_says_why_it_cannot_be(chart: ChartView) -> None:
    chart.set_scale(ScaleKind.LOG)
    assert not chart._canvas.notices.sentences()
    last = int(chart.bars.time_ns[-1])
    chart.update_bar(last + MINUTE, 10, 10, -5, 0, 1)
    assert "log" in chart._canvas.notices.sentences()[0]
    assert not chart.grab().isNull()
    chart.set_scale(ScaleKind.PERCENT)
    assert chart._frame.label(chart._frame.scale.base).startswith("0.00")


@pytest.mark.parametrize("price", [0, -7, 5_000_000_000_000, 1])
def test_any_price_is_drawn(chart: ChartView, price: int) -> None:
    chart.update_bar(int(chart.bars.time_ns[-1]) + MINUTE, price, price, price, price, 1)
    chart.set_last_price(price)
    frame = chart._frame
    assert frame.price_low <= price <= frame.price_high
    assert not chart.grab().isNull()


def test_a_clock_that_steps_back_changes_nothing(chart: ChartView) -> None:
    count = chart.bars.count
    chart.update_bar(5 * MINUTE, 1, 1, 1, 1, 1)
    assert chart.bars.count == count and chart.bars.column("low").min() > 1


def test_new_bars_repaint_a_strip_where_nothing_moves(
    chart: ChartView, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    chart.set_visible_bars(2990)
    whole: list[bool] = []
    monkeypatch.setattr(chart, "refresh", lambda: whole.append(True))
    close = float(chart.bars.column("close")[-1])
    last = int(chart.bars.time_ns[-1])
    for i in range(1, 5):
        chart.update_bar(last + i * MINUTE, close, close, close, close, 1)
    assert len(whole) <= 2


def test_sessions_are_told_apart_in_the_zone_of_the_chart(chart: ChartView) -> None:
    chart.resize(1900, 400)
    chart.grab()
    chart.set_visible_bars(2990)
    span = chart.span
    in_utc = session_breaks(span).tolist()
    assert len(in_utc) == 3
    night = span.x_px_of(span.place_of_index(1500)) - round(span.bar_px / 2)
    assert night in in_utc
    chart.set_zone(ZoneInfo("Asia/Tokyo"))
    assert session_breaks(span).tolist() != in_utc


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    st.integers(10**9, 4 * 10**9), st.integers(1, 3 * 365 * 86_400),
)  # fmt: skip
def test_offsets_of_arrays_are_those_of_single_times(zone: str, begin_s: int, length_s: int) -> None:
    time_ns = np.linspace(begin_s, begin_s + length_s, 50).astype(np.int64) * 10**9
    offsets = offsets_ns(ZoneInfo(zone), time_ns)
    assert offsets.tolist() == [offset_ns(ZoneInfo(zone), int(one)) for one in time_ns]


def test_daylight_saving_moves_the_labels_not_the_bars() -> None:
    span = TimeSpan()
    span.zone, span.bar_size_ns, span.width = ZoneInfo("Europe/Berlin"), 60 * MINUTE, 900
    change = 1_774_746_000 * 10**9  # 29 March 2026, 01:00 UTC: 02:00 becomes 03:00
    time_ns = change + np.arange(-24, 24) * 60 * MINUTE
    span.bars.set(time_ns, [np.ones(48)] * 5)
    span.show(-48, 0)
    assert stamp_label(span, change - MINUTE) == "29 Mar 01:59"
    assert stamp_label(span, change) == "29 Mar 03:00"
    ticks = time_ticks(span)
    words = [tick_label(local, ticks.step_ns) for local in ticks.local_ns.tolist()]
    assert "29 Mar" in words and len(words) >= 3
    midnight = ticks.columns[words.index("29 Mar")]
    assert midnight == span.x_px_of(span.place_of_time(change - 2 * 60 * MINUTE))
    assert all(local % ticks.step_ns == 0 or local % DAY_NS < ticks.step_ns for local in ticks.local_ns.tolist())
