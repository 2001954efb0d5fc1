"""Panes share the x axis and have values of their own; places, times and values map there and back; the mouse."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from widgets.chart import ChartView
from widgets.chart.frame import ChartFrame, PaneFrame
from widgets.chart.layer import Layer
from widgets.chart.mouse_routing import DRAWING, TOOL, MouseHandler, PlotPoint
from widgets.chart.pane_stack import PaneStack
from widgets.chart.time_span import TimeSpan
from widgets.chart.value_scale import ScaleKind, ValueScale
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]
MINUTE = 60 * 10**9


class Filled(Layer):
    """A layer that fills its pane and wants values in sight."""

    def value_range(self, first: int, last: int) -> tuple[float, float]:
        """From 20 to 80."""
        return 20.0, 80.0

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """All of it, and more: a layer is clipped to its pane."""
        painter.fillRect(QRectF(-10, -10, 5000, 5000), self.theme.color("own"))


@pytest.fixture
def chart(theme: Theme, shown: Shown) -> ChartView:
    """A chart of 500 bars with a gap of ten hours in the middle, 700 x 500."""
    view = ChartView(theme)
    view.set_bar_size(MINUTE)
    shown(view, 700, 500)
    time_ns = np.arange(500) * MINUTE
    time_ns[250:] += 600 * MINUTE
    flat = np.full(500, 5000)
    view.set_bars(time_ns, flat, flat + 9, flat - 9, flat + 2, flat)
    view.grab()
    return view


def test_a_pane_has_values_of_its_own_and_shares_the_columns(chart: ChartView, theme: Theme) -> None:
    price_height = chart.panes.price.frame.height
    pane = chart.add_pane("rsi", "RSI 14", height_px=100)
    pane.add_layer(Filled(pane.frame, theme))
    chart.refresh()
    assert pane.frame.height == 100 and chart.panes.price.frame.height == price_height - 101
    assert pane.frame.scale.low < 20 and pane.frame.scale.high > 80
    assert pane.frame.span is chart.panes.price.frame.span
    image = chart.grab().toImage()
    assert image.pixelColor(300, pane.frame.top + 50) == theme.color("own")
    assert image.pixelColor(300, pane.frame.top - 20) != theme.color("own")
    chart.remove_pane("rsi")
    assert chart.panes.price.frame.height == price_height
    assert chart.add_pane("rsi", "RSI 14", height_px=50).frame.height == 100


def test_heights_of_panes_are_kept_and_fit_into_any_plot(chart: ChartView) -> None:
    keys = ["a", "b", "c"]
    for key in keys:
        chart.add_pane(key, key, height_px=120)
    chart.panes.set_heights({"b": 60, "unknown": 77})
    assert chart.panes.heights() == {"a": 120, "b": 60, "c": 120, "unknown": 77}
    chart.resize(700, 150)
    chart.grab()
    frames = [pane.frame for pane in chart.panes]
    assert frames[0].height >= max(frame.height for frame in frames[1:])
    assert all(low.top + low.height < high.top for low, high in itertools.pairwise(frames))
    chart.panes.move("c", 1)
    assert [pane.key for pane in chart.panes] == ["price", "c", "a", "b"]


def test_a_border_is_dragged(chart: ChartView, qtbot: QtBot) -> None:
    pane = chart.add_pane("a", "A", height_px=100)
    at = pane.frame.top
    viewport = chart._canvas.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, at))
    for y in (at - 10, at - 20, at - 30):
        qtbot.mouseMove(viewport, QPoint(300, y))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, at - 30))
    assert pane.frame.height == 130


class Taker(MouseHandler):
    """Notes what it is told and takes what it is to take."""

    def __init__(self, takes: bool) -> None:
        self.takes = takes
        self.told: list[str] = []

    def press(self, at: PlotPoint) -> bool:
        """Noted."""
        self.told.append("press")
        return self.takes

    def drag(self, at: PlotPoint) -> None:
        """Noted."""
        self.told.append("drag")

    def release(self, at: PlotPoint) -> None:
        """Noted."""
        self.told.append("release")

    def cancel(self) -> None:
        """Noted."""
        self.told.append("cancel")

    def click(self, at: PlotPoint) -> bool:
        """Noted."""
        self.told.append("click")
        return self.takes


def drag(chart: ChartView, qtbot: QtBot, to_x: int, *, y: int = 200, escape: bool = False) -> None:
    """A drag of the left button from column 300."""
    viewport = chart._canvas.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, y))
    for x in np.linspace(300, to_x, 4)[1:]:
        qtbot.mouseMove(viewport, QPoint(int(x), y))
    if escape:
        qtbot.keyClick(chart, Qt.Key.Key_Escape)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(to_x, y))


def test_the_mouse_goes_to_the_first_that_takes_it(chart: ChartView, qtbot: QtBot) -> None:
    shy, bold, below = Taker(False), Taker(True), Taker(True)
    chart.mouse.add(bold, DRAWING)
    chart.mouse.add(below, DRAWING + 1)
    chart.mouse.add(shy, TOOL)
    first = chart.span.x_first
    drag(chart, qtbot, 360)
    assert shy.told == ["press"] and below.told == []
    assert bold.told[0] == "press" and bold.told[-1] == "release" and "drag" in bold.told
    assert chart.span.x_first == first


def test_a_drag_that_nobody_takes_pans(chart: ChartView, qtbot: QtBot) -> None:
    taker = Taker(True)
    chart.mouse.add(taker, TOOL)
    chart.mouse.remove(taker)
    first = chart.span.x_first
    drag(chart, qtbot, 360)
    assert chart.span.x_first < first and not taker.told


def test_escape_gives_a_drag_up(chart: ChartView, qtbot: QtBot) -> None:
    taker = Taker(True)
    chart.mouse.add(taker, TOOL)
    drag(chart, qtbot, 360, escape=True)
    assert taker.told[-1] == "cancel" and "release" not in taker.told


def test_a_point_tells_pane_time_and_value(chart: ChartView) -> None:
    pane = chart.add_pane("a", "A", height_px=100)
    pane.frame.scale.show(0, 100)
    at = chart.point_at(300, pane.frame.top + 50)
    assert at.pane is pane and at.value == 50 and at.pane_y == 50
    assert chart.span.x_px_of(at.place) == 300
    assert chart.span.time_of(at.place) == at.time_ns


@pytest.mark.parametrize("by_time", [False, True])
def test_times_map_to_places_and_back_in_gaps_and_beyond_the_ends(chart: ChartView, by_time: bool) -> None:
    span = chart.span
    span.set_by_time(by_time)
    end = int(span.bars.time_ns[-1])
    for time_ns in (-90 * MINUTE, 0, 7 * MINUTE + 11, 400 * MINUTE, end, end + 33 * MINUTE + 5):
        assert abs(span.time_of(span.place_of_time(time_ns)) - time_ns) <= 100
    for x in (0, 10, 350, 600):
        assert span.x_px_of(span.position_at(x)) == x
    in_gap = span.place_of_time(400 * MINUTE)
    left, right = span.place_of_index(249), span.place_of_index(250)
    assert left < in_gap < right
    assert right - left == pytest.approx(601 if by_time else 1)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0.01, 1e9), st.floats(1.0001, 1e6), st.integers(1, 2000), st.sampled_from(list(ScaleKind)),
    st.floats(0, 1),
)  # fmt: skip
def test_values_map_to_rows_and_back(low: float, ratio: float, height: int, kind: ScaleKind, share: float) -> None:
    scale = ValueScale(low, low * ratio, height=height)
    scale.chosen, scale.base = kind, low
    y = share * height
    assert scale.y_px_of(scale.value_at(y)) == pytest.approx(y, abs=0.51)
    ticks = scale.ticks()
    rows = scale.y_px(ticks)
    assert (np.diff(rows) <= -38).all() and len(ticks) <= height / 38 + 1
    assert scale.y_px_of(scale.high) == 0 and scale.y_px_of(scale.low) == height


def test_a_log_scale_without_positive_prices_is_linear_and_says_so() -> None:
    scale = ValueScale(-5.0, 100.0, height=210)
    scale.chosen = ScaleKind.LOG
    assert scale.kind is ScaleKind.LINEAR and "log" in scale.problem
    assert scale.y_px_of(0.0) == 200
    scale.low = 1.0
    assert scale.kind is ScaleKind.LOG and not scale.problem


def test_a_stack_without_room_is_no_harm() -> None:
    stack = PaneStack(ChartFrame(TimeSpan()), None)
    for key in "abc":
        stack.add(key, key)
    for height in (1, 5, 80, 1000):
        stack.arrange(height)
        assert all(isinstance(pane.frame, PaneFrame) and pane.frame.height >= 1 for pane in stack)
