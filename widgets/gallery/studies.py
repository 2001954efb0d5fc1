"""Studies in all their forms: lines, bands, histograms, marks, profiles, a footprint at three widths, the picker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from widgets.chart import ChartView
from widgets.chart.footprint_layer import FootprintCells, FootprintLayer
from widgets.chart.pane import Z_BARS, Z_PROFILE, Z_SERIES
from widgets.chart.profile_layer import ProfileLayer, ProfilePlot
from widgets.chart.study_layer import StudyLayer
from widgets.chart.study_legend import StudyLegend
from widgets.chart.study_plot import StudyLine, StudyPlot
from widgets.gallery import market
from widgets.pick_list import PickRow
from widgets.study_form import FormField, FormLine, StudyDraft
from widgets.study_picker import StudyPicker
from widgets.theme import Theme

PICKS = (
    PickRow("EMA", "EMA", "Exponential Moving Average", "Overlap"),
    PickRow("BBANDS", "BBANDS", "Bollinger Bands", "Overlap"),
    PickRow("RSI", "RSI", "Relative Strength Index", "Momentum"),
    PickRow("FOOTPRINT", "FOOTPRINT", "Footprint: bid x ask at each price", "Volume and order flow"),
)
DRAFT = StudyDraft(
    "BBANDS 20 2 2: Bollinger Bands",
    (FormField("timeperiod", "Time Period", "0"), FormField("matype", "MA Type", "SMA", "", ("SMA", "EMA"))),
    (FormLine("upperband", "upper", 3), FormLine("middleband", "line", 2), FormLine("lowerband", "lower", 3)),
    own_pane=False,
)


def _moving(values: NDArray[np.float64], length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of the last `length` values, NaN before."""
    windows = np.lib.stride_tricks.sliding_window_view(values, length)
    lead = np.full(length - 1, np.nan)
    return np.concatenate([lead, windows.mean(axis=1)]), np.concatenate([lead, windows.std(axis=1)])


def _chart(theme: Theme, parent: QWidget, count: int) -> tuple[ChartView, list[NDArray[np.int64]]]:
    view = ChartView(theme, parent)
    view.set_instrument("VLTA", 2, 1)
    view.set_bar_size(market.BAR_NS)
    bars = list(market.bars(count))
    view.set_bars(*bars)
    view.set_history_complete(True)
    view.set_last_price(market.LAST)
    return view, bars


def _show(view: ChartView, theme: Theme, plots: list[StudyPlot], key: str = "") -> None:
    """Put plots over the bars, or into a pane of their own."""
    pane = view.add_pane(key, "") if key else view.panes.price
    layer, legend = StudyLayer(pane.frame, theme), StudyLegend(pane.frame, theme)
    layer.plots = legend.plots = plots
    pane.add_layer(layer, Z_SERIES)
    pane.add_layer(legend, Z_SERIES + 1)


def indicators(theme: Theme, parent: QWidget) -> ChartView:
    """Bands, marks, a line with levels, columns with two lines, and one that is still being computed."""
    view, bars = _chart(theme, parent, 400)
    close = bars[4].astype(np.float64)
    mean, spread = _moving(close, 20)
    bands = StudyPlot(
        "bands", "BBANDS 20 2 2",
        [StudyLine("upper", "upper", 3), StudyLine("middle", "line", 2), StudyLine("lower", "lower", 3)],
        np.stack([mean + 2 * spread, mean, mean - 2 * spread]),
    )  # fmt: skip
    marks = np.zeros((1, len(close)))
    marks[0, 5::23], marks[0, 9::31] = 100, -100
    fast, slow = _moving(close, 12)[0], _moving(close, 26)[0]
    signal = _moving(np.nan_to_num(fast - slow), 9)[0]
    _show(view, theme, [bands, StudyPlot("marks", "ENGULFING", [StudyLine("mark", "mark", 2)], marks)])
    lines = [StudyLine("macd"), StudyLine("signal", "dashed", 2), StudyLine("columns", "histogram", 2)]
    values = np.stack([fast - slow, signal, fast - slow - signal])
    _show(view, theme, [StudyPlot("macd", "MACD 12 26 9", lines, values, levels=(0.0,))], "macd")
    _show(view, theme, [StudyPlot("wait", "OBV", [StudyLine("real")], note="computing")], "wait")
    return view


def footprint(theme: Theme, parent: QWidget) -> ChartView:
    """Bars with what traded at each of their prices, and profiles at both sides."""
    view, bars = _chart(theme, parent, 120)
    rng = np.random.default_rng(market.SEED)
    low, high = bars[3].astype(np.int64), bars[2].astype(np.int64)

    def cells(first: int, last: int, step: int) -> FootprintCells:
        rows = [np.arange(low[bar] // step, high[bar] // step + 1) * step for bar in range(first, last)]
        bar = np.repeat(np.arange(first, last), [len(row) for row in rows])
        price = np.concatenate(rows)
        bid, ask = ((price * 37 + bar * side) % 997 * 7 % 1900 for side in (101, 57))
        largest = np.concatenate([np.arange(len(row)) == len(row) // 2 for row in rows])
        return FootprintCells(bar, price, bid, ask, bid > 3 * ask, ask > 3 * bid, largest)

    price = view.panes.price
    layer, profile = FootprintLayer(price.frame, theme), ProfileLayer(price.frame, theme)
    layer.source, layer.deltas = cells, np.rint(rng.normal(0, 900, 120))
    price.add_layer(layer, Z_BARS + 1)
    prices, volumes = market.traded_volume()
    prices, volumes = prices.astype(np.int64), volumes.astype(np.int64)
    control = int(volumes.argmax())
    area = (max(control - 9, 0), min(control + 8, len(prices) - 1))
    profile.foot_px = 30
    profile.set_plots([
        ProfilePlot("session profile", 1, prices, volumes, control, *area),
        ProfilePlot("in sight profile", 1, prices, volumes[::-1].copy(), -1, -1, -1, "left"),
    ])  # fmt: skip
    price.add_layer(profile, Z_PROFILE)
    return view


def picker(theme: Theme, parent: QWidget) -> StudyPicker:
    """The picker with a mistake in its form."""
    dialog = StudyPicker(theme, parent)
    dialog.setWindowFlags(Qt.WindowType.Widget)
    dialog.set_found(PICKS)
    dialog.set_chosen([PickRow(0, "VWAP 1 2"), PickRow(1, "BBANDS 20 2 2")], 1)
    dialog.set_draft(DRAFT)
    dialog.form.show_problem("Time Period is from 2 to 100,000, not 0.")
    return dialog


def studies(theme: Theme) -> QWidget:
    """All of them on one ground."""
    window = QWidget()
    window.resize(1920, 1080)
    indicators(theme, window).setGeometry(0, 0, 956, 536)
    for visible, place in ((8, (960, 0, 956, 536)), (30, (0, 540, 956, 272)), (110, (0, 816, 956, 260))):
        view = footprint(theme, window)
        view.setGeometry(*place)
        view.grab()  # it takes its size before the first bars are chosen
        view.set_visible_bars(visible)
    picker(theme, window).setGeometry(960, 540, 956, 536)
    return window
