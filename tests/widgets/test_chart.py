"""The chart: nothing is lost where bars are dense, history does not move the view, ticks repaint little."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.chart import ChartView, Fills, OrderLine, PositionLine
from widgets.chart.frame import ChartFrame
from widgets.chart.spacing import dodge, spread
from widgets.chart.time_span import TimeSpan
from widgets.chart.time_ticks import time_ticks
from widgets.chart.viewport import Viewport
from widgets.gallery import market
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]
MINUTE = 60 * 10**9
SEED = 71


def walk(count: int, start_ns: int = 0) -> list[np.ndarray]:
    """Time, open, high, low, close, volume of a seeded walk."""
    rng = np.random.default_rng(SEED)
    close = 5000 + np.cumsum(rng.integers(-3, 4, count))
    opened = np.concatenate(([close[0]], close[:-1]))
    high, low = np.maximum(opened, close) + 1, np.minimum(opened, close) - 1
    return [start_ns + np.arange(count) * MINUTE, opened, high, low, close, rng.integers(1, 100, count)]


def color_count(image: QImage, color: QColor) -> int:
    """How many pixels have exactly a colour."""
    pixels = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint32)
    return int((pixels & 0xFFFFFF == color.rgb() & 0xFFFFFF).sum())


@pytest.fixture
def chart(theme: Theme, shown: Shown) -> ChartView:
    """A chart of 3,000 bars, 600 x 400."""
    view = ChartView(theme)
    shown(view, 600, 400)
    view.set_bars(*walk(3000))
    view.grab()
    return view


def test_one_spike_among_a_million_bars_is_seen(theme: Theme, shown: Shown) -> None:
    view = ChartView(theme)
    shown(view, 600, 400)
    count = 1_000_000
    flat = np.full(count, 5000)
    high = flat.copy()
    high[333_333] = 9000
    view.set_bars(np.arange(count) * MINUTE, flat, high, flat, flat, np.ones(count))
    view.set_visible_bars(count)
    columns = view._canvas.candles.columns.shown()
    assert len(columns) <= 600
    assert columns.bars[1].max() == 9000
    assert view._frame.price_high >= 9000


def test_only_visible_bars_are_touched(chart: ChartView) -> None:
    assert 0 < len(chart._canvas.candles.columns.shown()) <= 120


def test_older_history_does_not_move_the_view(chart: ChartView) -> None:
    frame = chart._frame
    before = (frame.x_first, frame.x_last, frame.price_low, frame.price_high)
    image = chart.grab().toImage()
    chart.prepend_bars(*walk(500, start_ns=-500 * MINUTE))
    assert (frame.x_first, frame.x_last, frame.price_low, frame.price_high) == before
    assert frame.bars.count == 3500
    assert chart.grab().toImage() == image


def test_older_history_is_asked_for_once_until_it_comes(chart: ChartView, qtbot: QtBot) -> None:
    asked: list[int] = []
    chart.olderHistoryNeeded.connect(asked.append)
    chart.setFocus()
    chart.set_visible_bars(2900)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert asked == [0]
    chart.prepend_bars(*walk(50, start_ns=-50 * MINUTE))
    assert asked == [0, -50 * MINUTE]
    chart.prepend_bars(*(np.empty(0) for _ in range(6)))
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert asked == [0, -50 * MINUTE]


def test_history_that_overlaps_is_cut(chart: ChartView) -> None:
    chart.prepend_bars(*walk(10, start_ns=-5 * MINUTE))
    times = chart._frame.bars.time_ns
    assert len(times) == 3005
    assert (np.diff(times) > 0).all()


def test_a_live_bar_changes_and_a_new_one_is_followed(chart: ChartView) -> None:
    frame = chart._frame
    first = frame.x_first
    last = int(frame.bars.time_ns[-1])
    chart.update_bar(last, 5000, 5010, 4990, 5005, 77)
    assert frame.bars.count == 3000 and frame.x_first == first
    chart.update_bar(last + MINUTE, 5005, 5005, 5005, 5005, 1)
    assert frame.bars.count == 3001 and frame.x_first == first + 1
    chart.update_bar(last - MINUTE, 1, 1, 1, 1, 1)
    assert frame.bars.count == 3001 and frame.bars.column("close")[-2] == 5005


def test_a_view_that_was_panned_away_stays(chart: ChartView) -> None:
    chart._moved(chart._viewport.pan, 2000)
    first = chart._frame.x_first
    chart.update_bar(int(chart._frame.bars.time_ns[-1]) + MINUTE, 5000, 5000, 5000, 5000, 1)
    assert chart._frame.x_first == first


def test_a_new_extreme_is_fitted(chart: ChartView) -> None:
    chart.update_bar(int(chart._frame.bars.time_ns[-1]), 5000, 9000, 4000, 5000, 10)
    assert chart._frame.price_high > 9000 and chart._frame.price_low < 4000


def test_a_tick_inside_of_what_is_shown_asks_for_a_strip_only(
    chart: ChartView, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[bool] = []
    monkeypatch.setattr(chart, "refresh", lambda: whole.append(True))
    bars = chart._frame.bars
    opened, high, low, close, volume = bars.columns(bars.count - 1, bars.count)[:, 0]
    chart.update_bar(int(bars.time_ns[-1]), opened, high, low, close - 1, volume)
    assert not whole


def test_rising_is_hollow_and_falling_is_filled(theme: Theme, shown: Shown) -> None:
    def pixels(opened: int, close: int, token: str) -> int:
        view = ChartView(theme)
        shown(view, 400, 300)
        count = 20
        flat = np.ones(count)
        view.set_bars(np.arange(count) * MINUTE, flat * opened, flat * 5020, flat * 4980, flat * close, flat)
        return color_count(view.grab().toImage(), theme.color(token))

    hollow, filled = pixels(4990, 5010, "up"), pixels(5010, 4990, "down")
    assert hollow > 0
    assert filled > 1.8 * hollow


def test_marks_are_drawn_in_own_colour(chart: ChartView, theme: Theme) -> None:
    before = color_count(chart.grab().toImage(), theme.color("own"))
    price = int(chart._frame.bars.column("close")[-1])
    chart.set_orders([OrderLine("k", 0, price, "500 · 412 ahead")])
    chart.set_position(PositionLine(100, price - 5.0, "+100 @ 49.95", "+5.00", "up"))
    chart.set_fills(Fills(chart._frame.bars.time_ns[-3:], np.full(3, price), np.zeros(3, np.int8)))
    assert color_count(chart.grab().toImage(), theme.color("own")) > before + 300


def test_the_cross_of_a_tag_asks_for_the_cancel(chart: ChartView, qtbot: QtBot) -> None:
    price = int(chart._frame.bars.column("close")[-1])
    chart.set_orders([OrderLine("the key", 0, price, "500")])
    chart.grab()
    rect = chart._canvas.own._tags[0].rect
    assert chart._canvas.own.cancel_key_at(rect.right() - 4, rect.center().y()) == "the key"
    assert chart._canvas.own.cancel_key_at(rect.left() + 4, rect.center().y()) is None
    scene = chart._canvas.box.mapToScene(QPointF(rect.right() - 4, rect.center().y()))
    with qtbot.waitSignal(chart.orderCancelRequested) as asked:
        qtbot.mouseClick(chart._canvas.viewport(), Qt.MouseButton.LeftButton, pos=chart._canvas.mapFromScene(scene))
    assert asked.args == ["the key"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_bars_are_no_harm(each_theme: Theme, shown: Shown, count: int) -> None:
    view = ChartView(each_theme)
    shown(view, 500, 300)
    view.set_bars(*(values[:count] for values in walk(2)))
    view.set_crosshair(100, 50)
    view.set_last_price(5000)
    view.set_watermark("DEMO")
    assert not view.grab().isNull()
    view.update_bar(10 * MINUTE, 5000, 5001, 4999, 5000, 0)
    assert not view.grab().isNull()


@pytest.mark.parametrize("size", [(1, 1), (60, 40), (3000, 60)])
def test_any_size_paints(theme: Theme, shown: Shown, size: tuple[int, int]) -> None:
    view = ChartView(theme)
    view.set_bars(*walk(300))
    shown(view, *size)
    assert not view.grab().isNull()


def test_zoom_keeps_the_last_bar_where_it_is() -> None:
    frame = ChartFrame()
    columns = walk(1000)
    frame.bars.set(columns[0], columns[1:])
    viewport = Viewport(frame.span)
    viewport.resize(800)
    before = frame.x_px_of(-1)
    viewport.zoom(3, 100)
    assert abs(frame.x_px_of(-1) - before) <= frame.bar_px
    assert viewport.follows


def test_price_ticks_stand_on_the_grid_of_the_instrument() -> None:
    frame = ChartFrame()
    frame.height = 400
    frame.set_tick_size(25)
    frame.scale.show(5_812_25.0, 5_830_00.0)
    ticks = frame.ticks()
    assert len(ticks) >= 3
    assert (ticks % 25 == 0).all()


def test_time_ticks_are_round() -> None:
    span = TimeSpan()
    span.width, span.bar_size_ns = 1200, market.BAR_NS
    span.show(-300, 0)
    columns = market.bars(300)
    span.bars.set(columns[0], list(columns[1:]))
    ticks = time_ticks(span)
    assert len(ticks.columns) >= 3 and (np.diff(ticks.columns) >= 80).all()
    assert (ticks.local_ns % ticks.step_ns == 0).all()


def test_labels_keep_their_distance_and_their_order() -> None:
    places = spread([10, 12, 14, 100], 18)
    assert places == [-6, 12, 30, 100]
    assert dodge(50, [45], 17, 20) == 62
    assert dodge(50, [45, 62], 17, 20) is None
    assert dodge(50, [], 17, 20) == 50


def test_partial_paints_give_the_same_picture_as_a_whole_one(theme: Theme, shown: Shown) -> None:
    rng = np.random.default_rng(SEED)
    view = ChartView(theme)
    shown(view, 600, 400)
    columns = walk(300)
    view.set_bars(*columns)
    view.set_orders([OrderLine(1, 0, int(columns[4][-1]) - 3, "500 · 412 ahead")])
    last = int(columns[0][-1])
    price = int(columns[4][-1])
    opened = high = low = price
    for i in range(80):
        if i % 20 == 19:
            last, opened, high, low = last + MINUTE, price, price, price
        price += int(rng.integers(-2, 3))
        high, low = max(high, price), min(low, price)
        view.update_bar(last, opened, high, low, price, 5 + i % 20)
        if i % 3:
            view.set_last_price(price)
        if i % 7 == 0:
            view.set_crosshair(50 + 5 * i, 40 + 2 * i)
        QApplication.processEvents()
    kept = view.screen().grabWindow(view.winId()).toImage()
    whole = view.grab().toImage()
    assert kept.convertToFormat(whole.format()) == whole


def test_the_wheel_zooms_time_and_on_the_axis_stretches_prices(chart: ChartView) -> None:
    def turn_wheel(x: int, y: int) -> None:
        where = QPointF(x, y)
        wheel = QWheelEvent(
            where, QPointF(chart._canvas.viewport().mapToGlobal(where.toPoint())), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(chart._canvas.viewport(), wheel)

    frame = chart._frame
    bars, prices = frame.span.x_last - frame.span.x_first, frame.price_high - frame.price_low
    turn_wheel(300, 200)
    assert frame.span.x_last - frame.span.x_first < bars
    bars, prices = frame.span.x_last - frame.span.x_first, frame.price_high - frame.price_low
    turn_wheel(590, 200)
    assert frame.span.x_last - frame.span.x_first == bars
    assert frame.price_high - frame.price_low < prices
