"""Studies, profiles and footprints as they are painted: in parts as in whole, and where they belong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from tests.widgets.test_chart import MINUTE, color_count, walk
from widgets.chart import ChartView
from widgets.chart.footprint_layer import FootprintCells, FootprintLayer
from widgets.chart.pane import Z_BARS, Z_PROFILE, Z_SERIES
from widgets.chart.profile_layer import ProfileLayer, ProfilePlot
from widgets.chart.study_layer import StudyLayer
from widgets.chart.study_legend import StudyLegend
from widgets.chart.study_plot import StudyLine, StudyPlot
from widgets.formatting import format_amount_short, format_figure
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme.load("dark")
    made.apply(qapp)
    return made


def with_pane(theme: Theme, plot: StudyPlot, count: int = 300) -> tuple[ChartView, StudyLayer]:
    """A chart with a study in a pane."""
    view = ChartView(theme)
    view.set_bars(*walk(count))
    pane = view.add_pane("study", "", height_px=120)
    layer, legend = StudyLayer(pane.frame, theme), StudyLegend(pane.frame, theme)
    layer.plots = legend.plots = [plot]
    pane.add_layer(layer, Z_SERIES)
    pane.add_layer(legend, Z_SERIES + 1)
    return view, layer


def image_of(view: ChartView) -> QImage:
    return view.grab().toImage()


def test_the_pane_is_fitted_to_what_is_in_sight(theme: Theme, shown: Shown) -> None:
    values = np.full((1, 300), np.nan)
    values[0, 100:] = np.linspace(-5, 5, 200)
    values[0, 50], values[0, 150] = 1e9, np.inf
    view, layer = with_pane(theme, StudyPlot("a", "A", [StudyLine("a")], values))
    shown(view, 600, 400)
    view.set_visible_bars(40)
    first, last = view.span.visible()
    assert layer.value_range(first, last) == (values[0, first], values[0, last - 1])
    assert layer.value_range(0, 100) == (1e9, 1e9)
    assert layer.value_range(60, 90) is None
    layer.plots[0].lines[0].style = "histogram"
    assert layer.value_range(280, 300) == (0.0, 5.0)
    layer.plots[0].lines[0].shown = False
    assert layer.value_range(first, last) is None


def test_no_spike_is_lost_where_bars_are_denser_than_pixels(theme: Theme, shown: Shown) -> None:
    values = np.zeros((1, 6_000))
    values[0, 4_321] = 100.0
    plot = StudyPlot("a", "", [StudyLine("a", grey=0)], values)
    view, _ = with_pane(theme, plot, 6_000)
    shown(view, 600, 400)
    view.set_visible_bars(6_000)
    x = view.span.x_px_of(view.span.place_of_index(4_321))
    pane = view.panes.pane("study")
    assert pane is not None
    pane.fixed = (0.0, 100.0)
    view.refresh()
    image, ink = image_of(view), theme.color("text")
    middle = pane.frame.top + pane.frame.y_px_of(50.0)
    assert QColor(image.pixel(x, middle)) == ink
    plot.values = np.zeros((1, 6_000))
    view.refresh()
    assert QColor(image_of(view).pixel(x, middle)) != ink


def test_marks_stand_under_and_over_their_bars(theme: Theme, shown: Shown) -> None:
    view = ChartView(theme)
    shown(view, 600, 400)
    columns = walk(100)
    view.set_bars(*columns)
    values = np.zeros((1, 100))
    values[0, 90], values[0, 95] = 100, -100
    layer = StudyLayer(view.panes.price.frame, theme)
    layer.plots = [StudyPlot("a", "", [StudyLine("a", "mark", 0)], values)]
    view.panes.price.add_layer(layer, Z_SERIES)
    image, ink, frame = image_of(view), theme.color("text"), view.panes.price.frame
    for index, price, offset in ((90, columns[3][90], 6), (95, columns[2][95], -6)):
        x = view.span.x_px_of(view.span.place_of_index(index))
        assert QColor(image.pixel(x, frame.y_px_of(float(price)) + offset)) == ink


@pytest.mark.parametrize("style", ["line", "dashed", "histogram", "upper"])
def test_painting_in_parts_equals_painting_the_whole(theme: Theme, shown: Shown, style: str) -> None:
    rng = np.random.default_rng(3)
    columns = walk(300)
    values = np.cumsum(rng.normal(size=(2, 400)), axis=1)
    lines = [StudyLine("a", style), StudyLine("b", "lower" if style == "upper" else "line", 2)]
    plot = StudyPlot("a", "STUDY 20", lines, values[:, :300], levels=(0.0,))
    view, _ = with_pane(theme, plot)
    view.set_bars(*columns)
    pane = view.panes.pane("study")
    assert pane is not None
    shown(view, 700, 500)
    pane.fits = False
    pane.frame.scale.show(-40.0, 40.0)
    view.refresh()
    legend = pane.layers[-1]
    assert isinstance(legend, StudyLegend)
    last, price = int(columns[0][-1]), int(columns[4][-1])
    count = 300
    for i in range(60):
        if i % 15 == 14:
            last, count = last + MINUTE, count + 1
        values[:, count - 1] += rng.normal(size=2)
        plot.values = values[:, :count]
        view.update_bar(last, price, price + 2, price - 2, price + int(rng.integers(-2, 3)), 10)
        legend.update_values()
        QApplication.processEvents()
    kept = view.screen().grabWindow(view.winId()).toImage()
    whole = image_of(view)
    assert kept.convertToFormat(whole.format()) == whole


def test_the_profile_marks_where_most_traded(theme: Theme, shown: Shown) -> None:
    view = ChartView(theme)
    shown(view, 600, 400)
    view.set_bars(*walk(100))
    frame = view.panes.price.frame
    layer = ProfileLayer(frame, theme)
    view.panes.price.add_layer(layer, Z_PROFILE)
    middle = round(frame.value_at(frame.price_px / 2))
    prices = np.arange(middle - 5, middle + 6)
    volumes = np.array([1, 2, 3, 4, 5, 60, 5, 4, 3, 2, 1])
    layer.set_plots([ProfilePlot("session profile", 1, prices, volumes, 5, 4, 6)])
    image = image_of(view)
    assert color_count(image, theme.color("hairline")) > 200
    assert QColor(image.pixel(frame.width - 60, frame.y_px_of(float(middle)))) == theme.color("label")
    layer.set_profile([], [])
    assert QColor(image_of(view).pixel(frame.width - 60, frame.y_px_of(float(middle)))) != theme.color("label")


def test_the_footprint_shows_figures_in_wide_bars_and_deltas_in_narrow_ones(theme: Theme, shown: Shown) -> None:
    view = ChartView(theme)
    shown(view, 900, 500)
    columns = walk(60)
    view.set_bars(*columns)
    asked: list[tuple[int, int, int]] = []

    def source(first: int, last: int, step: int) -> FootprintCells:
        asked.append((first, last, step))
        bar = np.arange(first, last)
        price = columns[3][bar].astype(np.int64)
        many, few = np.full(len(bar), 900), np.full(len(bar), 10)
        yes = np.ones(len(bar), np.bool_)
        return FootprintCells(bar, price, few, many, ~yes, yes, yes)

    layer = FootprintLayer(view.panes.price.frame, theme)
    layer.source, layer.deltas = source, np.full(60, 890.0)
    view.panes.price.add_layer(layer, Z_BARS + 1)
    view.set_visible_bars(8)
    assert color_count(image_of(view), theme.color("buy")) > 100
    assert asked
    wide_step = layer.row_step()
    view.set_visible_bars(40)
    image_of(view)
    assert layer.row_step() <= wide_step
    asked.clear()
    view.set_visible_bars(60)
    layer.source = source
    image = image_of(view)
    if view.span.bar_px < 14:
        assert not asked
    assert color_count(image, theme.color("buy")) > 20


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (12.5, "12.50"), (1234.0, "1,234"), (-0.01234, "\u22120.0123"), (12_345_678.0, "12.346M"),
     (-3.2e9, "\u22123.200B"), (1.5e-5, "0.0000150"), (1e30, "1.000e+30")],
)  # fmt: skip
def test_figures_of_studies(value: float, text: str) -> None:
    assert format_figure(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0, 0, "0"), (7, 0, "7"), (999, 0, "999"), (1_240, 0, "1.24k"), (35_100, 0, "35.1k"), (120_500, 0, "120k"),
     (2_060_000, 0, "2.06M"), (-1_500, 0, "\u22121.50k"), (1_250, 3, "1.25")],
)  # fmt: skip
def test_short_amounts(value: int, decimals: int, text: str) -> None:
    assert format_amount_short(value, decimals) == text
